//! What connectors ask for. `Debug` shows neither query values nor bodies.

use std::fmt;

/// A request to a vendor.
#[derive(Clone)]
pub struct VendorRequest {
    /// The step that it belongs to.
    pub step: String,
    /// The method.
    pub method: http::Method,
    /// The path below the base address, already percent-encoded, starting with `/`. A path that would not be sent exactly
    /// as it is written (`/contacts/..`) is refused.
    pub path: String,
    /// Query parameters, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: VendorBody,
    /// The version that the record must still have, as the vendor told it.
    pub if_match: Option<http::HeaderValue>,
    /// Whether repeating it can change nothing (GET, or a POST that only searches).
    pub safe: bool,
}

/// The body of a vendor request.
#[derive(Clone)]
pub enum VendorBody {
    /// None.
    None,
    /// JSON text.
    Json(Vec<u8>),
    /// XML text.
    Xml(Vec<u8>),
    /// Form members, not yet encoded.
    Form(Vec<(String, String)>),
}

impl fmt::Debug for VendorRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<&str> = self.query.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("VendorRequest")
            .field("step", &self.step)
            .field("method", &self.method)
            .field("path", &LoggedPath(&self.path))
            .field("query", &parameters)
            .field("body", &self.body)
            .field("if_match", &self.if_match)
            .field("safe", &self.safe)
            .finish()
    }
}

impl fmt::Debug for VendorBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Json(text) => write!(formatter, "Json({} bytes)", text.len()),
            Self::Xml(text) => write!(formatter, "Xml({} bytes)", text.len()),
            Self::Form(members) => write!(formatter, "Form({} members)", members.len()),
        }
    }
}

/// A path as logs may show it. A segment with an escape or an `@` may be a person's address or name: it becomes `*`.
pub(crate) struct LoggedPath<'p>(pub(crate) &'p str);

impl fmt::Display for LoggedPath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in self.0.split('/').skip(1) {
            let shown = if segment.contains(['%', '@']) { "*" } else { segment };
            write!(formatter, "/{shown}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for LoggedPath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_person() {
        let request = VendorRequest {
            step: "all".to_owned(),
            method: http::Method::POST,
            path: "/contacts/search/email/jane%40acme.com".to_owned(),
            query: vec![("q".to_owned(), "jane".to_owned())],
            body: VendorBody::Json(b"{\"name\":\"jane\"}".to_vec()),
            if_match: None,
            safe: true,
        };
        let shown = format!("{request:?}");
        assert!(!shown.contains("jane"), "{shown}");
        assert!(shown.contains("/contacts/search/email/*"), "{shown}");
    }
}
