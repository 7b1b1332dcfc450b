//! What the vendors were asked since the last reset, for tests to look at. Never an `Authorization` value or a client's secret.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use crate::exchange::{Content, VendorRequest};

/// Enough for any test; keeps a sandbox that runs for weeks from growing.
const KEPT_REQUESTS: usize = 10_000;

/// Longer bodies that are neither JSON nor a form are cut.
const KEPT_CHARACTERS: usize = 10_000;

/// One call that a vendor has seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeenRequest {
    /// Whom it was meant for, such as `agile-crm`.
    pub service: String,
    /// The HTTP method.
    pub method: String,
    /// The path below the service, as sent: `/dev/api/contacts`.
    pub path: String,
    /// The query's pairs, decoded, in the order sent.
    pub query: Vec<(String, String)>,
    /// The decoded pairs of a form body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Vec<(String, String)>>,
    /// A JSON body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// Any other body, such as XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The status that was answered; `None` when the connection was cut instead.
    pub status: Option<u16>,
}

/// The calls seen, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(VecDeque<SeenRequest>);

impl Journal {
    pub(crate) fn record(&mut self, request: &VendorRequest, status: Option<u16>) {
        let (form, json, text) = match request.content() {
            Content::Form(pairs) => (Some(pairs.into_iter().map(shown).collect()), None, None),
            Content::Json(value) => (None, Some(value), None),
            Content::Malformed | Content::Other => {
                let text = String::from_utf8_lossy(&request.body);
                (None, None, Some(text.chars().take(KEPT_CHARACTERS).collect()))
            }
            Content::Empty => (None, None, None),
        };
        if self.0.len() == KEPT_REQUESTS {
            self.0.pop_front();
        }
        self.0.push_back(SeenRequest {
            service: request.service.clone(),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            form,
            json,
            text,
            status,
        });
    }

    pub(crate) fn entries(&self) -> Vec<SeenRequest> {
        self.0.iter().cloned().collect()
    }
}

fn shown((name, value): (String, String)) -> (String, String) {
    let value = if name == "client_secret" { "***".to_owned() } else { value };
    (name, value)
}
