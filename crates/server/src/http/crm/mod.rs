//! The CRM API: one model over every connected CRM.

mod raw;
mod reply;

use axum::extract::Request;
use axum::response::Response;
use gateway::{Call, CallNotes, EdgeError, GatewayError, consumer_named};
use http::Method;
use unified_model::{Operation, RequestParts, Resource, operation_id};

use super::reply::links::OwnAddress;
use super::request::headers::{APPLICATION_ID, AUTHORIZATION, CONSUMER_ID, SERVICE_ID, text};
use super::request::log::{Incoming, LoggedOperation};
use super::request::names::Names;
use super::request::routed::{Routed, no_route};
use super::request::sent::Sent;
use super::request::{Http, body};

/// What is done with which resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) resource: Resource,
    pub(super) operation: Operation,
}

/// Answers a request below `/crm`.
pub(super) async fn answer(http: Http, routed: Routed<Target>, request: Request) -> Response {
    let incoming = Incoming::of(&request, logged(&routed));
    incoming.answered(&http, Box::pin(served(&http, routed, request, &incoming.notes))).await
}

fn logged(routed: &Routed<Target>) -> Option<LoggedOperation> {
    let Routed::To(Target { resource, operation }) = routed else { return None };
    Some(LoggedOperation {
        unified_api: resource.unified_api().as_str(),
        id: operation_id(*resource, *operation),
        service_id: "",
    })
}

async fn served(
    http: &Http,
    routed: Routed<Target>,
    request: Request,
    notes: &CallNotes,
) -> Result<Response, GatewayError> {
    let sent = Sent::of(&request);
    let (mut head, content) = request.into_parts();
    let names = Names::of(&mut head).await?;
    let target = found(routed, &sent, &head.method)?;
    let authorization = text(&head.headers, AUTHORIZATION)?;
    let application_id = text(&head.headers, APPLICATION_ID)?;
    let consumer_id = consumer_named(text(&head.headers, CONSUMER_ID)?)?;
    let (known, content) = if target.takes_body() {
        // Nobody's body is read before it is known whose it is.
        let caller = http.gateway().caller(authorization, application_id).await?;
        notes.called_by(&caller, consumer_id.as_ref());
        body::check_content_type(&head.headers)?;
        (Some(caller), Some(body::read(content, http.max_body_bytes()).await?))
    } else {
        (None, None)
    };
    let call = Call {
        consumer_id: consumer_id.as_ref(),
        service_id: text(&head.headers, SERVICE_ID)?,
        parts: RequestParts {
            resource: target.resource,
            operation: target.operation,
            parent: target.parent(&names),
            id: target.id(&names),
            query: sent.query(),
            body: content.as_deref(),
        },
    };
    let caller = match known {
        Some(caller) => caller,
        None => http.gateway().caller(authorization, application_id).await?,
    };
    let response = http.gateway().execute(&caller, call, notes).await?;
    let own = OwnAddress { public_url: http.public_url(), path: sent.path(), query: sent.query() };
    Ok(reply::response(&response, own))
}

/// What the request is for. `method` is the one that it is routed by.
fn found(routed: Routed<Target>, sent: &Sent, method: &Method) -> Result<Target, GatewayError> {
    let allowed = match routed {
        Routed::Nowhere => return Err(no_route(&sent.method, sent.path()).into()),
        Routed::To(target) => {
            sent.check_override()?;
            return Ok(target);
        }
        Routed::WrongMethod(allowed) => allowed,
    };
    sent.check_override()?;
    Err(EdgeError::WrongMethod { method: method.clone(), path: sent.path().to_owned(), allowed: listed(&allowed) }
        .into())
}

/// `GET, PATCH and DELETE`.
fn listed(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

impl Target {
    fn takes_body(self) -> bool {
        matches!(self.operation, Operation::Add | Operation::Update)
    }

    /// The list or custom object that holds the records.
    fn parent(self, names: &Names) -> Option<&str> {
        match self.resource {
            Resource::ListMembers => Some(names.get("id")),
            Resource::CustomObjects => Some(names.get("object_id")),
            _ => None,
        }
    }

    fn id(self, names: &Names) -> Option<&str> {
        match self.operation {
            Operation::One | Operation::Update | Operation::Delete => Some(names.get("id")),
            Operation::All | Operation::Add => None,
        }
    }
}
