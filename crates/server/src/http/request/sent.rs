//! A request as it was sent, and as it is routed: by the method that `_method` names, at an address without variants of spelling.

use axum::extract::Request;
use http::uri::PathAndQuery;
use http::{Method, Uri};
use unified_model::RequestError;

use super::invalid;

/// What a request said before it was made ready for the router. Addresses in answers and logs are these.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    names_unknown_method: bool,
}

impl Sent {
    pub(crate) fn of(request: &Request) -> Self {
        let sent = request.extensions().get::<Self>().cloned();
        sent.unwrap_or_else(|| Self::as_routed(request))
    }

    fn as_routed(request: &Request) -> Self {
        Self { method: request.method().clone(), uri: request.uri().clone(), names_unknown_method: false }
    }

    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    pub(crate) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// # Errors
    /// `_method` names a method that it cannot stand in for.
    pub(crate) fn check_override(&self) -> Result<(), RequestError> {
        if self.names_unknown_method { Err(invalid("_method", "use GET, POST, PATCH or DELETE")) } else { Ok(()) }
    }
}

/// Makes a request ready for the router, and keeps what was sent beside it.
pub(crate) fn routed(mut request: Request) -> Request {
    let mut sent = Sent::as_routed(&request);
    match overridden(&sent.method, sent.query()) {
        Ok(Some(method)) => *request.method_mut() = method,
        Ok(None) => {}
        Err(UnknownMethod) => sent.names_unknown_method = true,
    }
    if let Some(uri) = plainly_spelt(&sent.uri) {
        *request.uri_mut() = uri;
    }
    request.extensions_mut().insert(sent);
    request
}

struct UnknownMethod;

/// `_method` stands in for methods that some web clients cannot send.
fn overridden(method: &Method, query: &str) -> Result<Option<Method>, UnknownMethod> {
    if !matches!(*method, Method::GET | Method::POST) {
        return Ok(None);
    }
    let Some(name) = query.split('&').find_map(|pair| pair.strip_prefix("_method=")) else { return Ok(None) };
    match name.to_ascii_uppercase().as_str() {
        "GET" => Ok(Some(Method::GET)),
        "POST" => Ok(Some(Method::POST)),
        "PATCH" => Ok(Some(Method::PATCH)),
        "DELETE" => Ok(Some(Method::DELETE)),
        "" | "NULL" => Ok(None),
        _ => Err(UnknownMethod),
    }
}

/// The path in the one spelling that routes have, where it was sent in another: without a final slash, and with nothing encoded
/// that needs no encoding. Encoded slashes stay, so an id may hold one.
fn plainly_spelt(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    if trimmed.len() == path.len() && !path.contains('%') {
        return None;
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(without_needless_encoding(trimmed)).ok();
    Uri::from_parts(parts).ok()
}

fn without_needless_encoding(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let byte = after.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                plain.push(char::from(byte));
                rest = &after[2..];
            }
            Some(_) => {
                plain.push('%');
                plain.push_str(&after[..2]);
                rest = &after[2..];
            }
            // A percent sign that encodes nothing stands for itself, also beside a digit that was encoded.
            None => {
                plain.push_str("%25");
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_routed_in_one_spelling() {
        for (sent, routed) in [
            ("/crm/%63ontacts", "/crm/contacts"),
            ("/crm/contacts/", "/crm/contacts"),
            ("/crm/contacts//", "/crm/contacts/"),
            ("/crm/contacts/a%2Fb%2f", "/crm/contacts/a%2Fb%2f"),
            ("/crm/contacts/%2E%7e%41", "/crm/contacts/.~A"),
            ("/crm/contacts/100%", "/crm/contacts/100%25"),
            ("/crm/contacts/%%34%31", "/crm/contacts/%2541"),
            ("/crm/contacts/%4/?a=%41", "/crm/contacts/%254"),
            ("/crm/contacts/%\u{fc}", "/crm/contacts/%25\u{fc}"),
        ] {
            let uri = Uri::try_from(sent).expect("an address");
            assert_eq!(plainly_spelt(&uri).expect("another spelling").path(), routed, "{sent}");
        }
        assert!(plainly_spelt(&Uri::from_static("/crm/contacts/a+b")).is_none());
    }
}
