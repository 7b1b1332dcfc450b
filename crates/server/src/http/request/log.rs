//! Requests as they are answered and logged: each has one line in the log, and a row in the log of calls where the application was
//! recognised.

use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use connection_vault::LoggedCall;
use gateway::{CallNotes, GatewayError};
use unified_model::ServiceId;

use super::Http;
use super::headers::{identify, new_request_id};
use super::sent::Sent;
use crate::http::reply::error;

/// The operation that a request is for, as the log of calls names it.
#[derive(Debug)]
pub(crate) struct LoggedOperation {
    pub(crate) unified_api: &'static str,
    pub(crate) id: String,
    /// What it is logged under where no connector is known; may be empty.
    pub(crate) service_id: &'static str,
}

/// A request on its way to an answer.
pub(crate) struct Incoming {
    /// The id that its answer carries.
    id: String,
    sent: Sent,
    operation: Option<LoggedOperation>,
    started: Instant,
    called_at: jiff::Timestamp,
    pub(crate) notes: CallNotes,
}

impl Incoming {
    /// A request that arrives now; `operation`: what it is for, if it is for anything that the log of calls names.
    pub(crate) fn of(request: &Request, operation: Option<LoggedOperation>) -> Self {
        Self {
            id: new_request_id(),
            sent: Sent::of(request),
            operation,
            started: Instant::now(),
            called_at: jiff::Timestamp::now(),
            notes: CallNotes::default(),
        }
    }

    /// Answers the request, with an id that its log line has too, and has it logged.
    pub(crate) async fn answered(
        &self,
        http: &Http,
        answer: impl Future<Output = Result<Response, GatewayError>>,
    ) -> Response {
        self.answered_as(http, answer, |error| error::response(error, http.public_url())).await
    }

    /// The same, where an error has a form of its own.
    pub(crate) async fn answered_as(
        &self,
        http: &Http,
        answer: impl Future<Output = Result<Response, GatewayError>>,
        refused: impl FnOnce(&GatewayError) -> Response,
    ) -> Response {
        let answered = answer.await;
        let (status_code, error_type) = match &answered {
            Ok(response) => (response.status().as_u16(), None),
            Err(error) => (error.status, Some(error.error_type.type_name())),
        };
        self.record(http, status_code, error_type);
        self.tell(&answered);
        let mut response = answered.unwrap_or_else(|error| refused(&error));
        identify(&mut response, &self.id);
        response
    }

    /// Writes the request's line in the log.
    fn tell(&self, answered: &Result<Response, GatewayError>) {
        let (method, path, request_id) = (&self.sent.method, self.path(), self.id.as_str());
        let micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        match answered {
            Ok(response) => {
                tracing::debug!(%method, path, request_id, status = response.status().as_u16(), micros, "served");
            }
            Err(error) => {
                tracing::info!(
                    %method, path, request_id, status = error.status, error_type = error.error_type.type_name(),
                    origin = ?error.origin, class = error.class.as_str(), micros, "refused"
                );
            }
        }
    }

    /// Hands the request to the log of calls.
    fn record(&self, http: &Http, status_code: u16, error_type: Option<&'static str>) {
        let Some((caller, consumer_id)) = self.notes.party() else { return };
        let Some(operation) = &self.operation else { return };
        let service = self.notes.service().map_or(operation.service_id, ServiceId::as_str);
        http.vault().call_log().record(LoggedCall {
            id: self.id.clone(),
            application_id: caller.application_id.clone(),
            consumer_id: consumer_id.cloned(),
            unified_api: operation.unified_api.to_owned(),
            service_id: service.to_owned(),
            operation_id: operation.id.clone(),
            http_method: self.sent.method.to_string(),
            path: self.path().to_owned(),
            status_code,
            error_type: error_type.map(str::to_owned),
            execution: self.started.elapsed(),
            vendor: self.notes.vendor_time(),
            called_at: self.called_at,
        });
    }

    /// The path as logs may show it: what a caller asks a vendor for may name a person.
    fn path(&self) -> &str {
        let path = self.sent.path();
        if path.starts_with("/proxy/") { "/proxy/*" } else { path }
    }
}
