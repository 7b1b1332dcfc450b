//! What the end-points answer: replies that are yet to become JSON or XML, and refusals in the vendor's own words.

use serde_json::{Value, json};

use crate::exchange::VendorAnswer;

/// An answer of success.
#[derive(Debug)]
pub(super) enum Reply {
    /// 204: done, nothing found, or an empty list.
    Nothing,
    /// One record, with its element's name for XML.
    One(&'static str, Value),
    /// A list of records, with their element's name for XML.
    Many(&'static str, Vec<Value>),
    /// 200 with a sentence instead of a record.
    Text(String),
}

impl Reply {
    /// A list that is 204 when it is empty.
    pub(super) fn many_or_nothing(element: &'static str, records: Vec<Value>) -> Self {
        if records.is_empty() { Self::Nothing } else { Self::Many(element, records) }
    }
}

/// An answer of failure: final, whatever the caller accepts.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) VendorAnswer);

impl Refusal {
    pub(super) fn text(status: u16, text: impl Into<String>) -> Self {
        Self(VendorAnswer::text(status, text))
    }

    pub(super) fn wrong_format(what: &str) -> Self {
        Self::text(400, format!("Input is in the wrong format: {what}."))
    }

    pub(super) fn not_authenticated() -> Self {
        Self(exception(401, "authentication issue"))
    }

    pub(super) fn no_such_page() -> Self {
        Self(VendorAnswer::html(404, "<!doctype html><title>Error 404</title><h1>Error 404: Not Found</h1>"))
    }

    pub(super) fn not_this_content_type() -> Self {
        Self(VendorAnswer::html(415, "<!doctype html><title>Error 415</title><h1>Unsupported Media Type</h1>"))
    }

    /// What a page of thousands ends in, though without the minute that the vendor takes for it.
    pub(super) fn page_too_large() -> Self {
        let page = "<!doctype html><title>500 Server Error</title><h1>Error: Server Error</h1>\
                    <p>The server encountered an error. Please try again in 30 seconds.</p>";
        Self(VendorAnswer::html(500, page))
    }

    pub(super) fn not_a_number(found: &str) -> Self {
        Self::exception(&format!("java.lang.NumberFormatException: For input string: \"{found}\""))
    }

    /// An uncaught exception inside the vendor: 500, as JSON.
    pub(super) fn exception(text: &str) -> Self {
        Self(exception(500, text))
    }

    pub(super) fn no_such_contact() -> Self {
        // The vendor's spelling.
        Self::text(400, "Contact is not availabe for given id.")
    }
}

fn exception(status: u16, text: &str) -> VendorAnswer {
    VendorAnswer::json(status, &json!({"status": status.to_string(), "exception message": text}))
}
