//! An address that a caller wrote: on the base address's own scheme, host and port, or refused.

use std::borrow::Cow;

use url::Url;

use super::{Address, is_absolute};
use crate::error::RelayError;

impl Address {
    /// The address that `text` names: whole, or below the base address where it names no scheme. Scheme, host and port of
    /// what comes back are the base's own, whatever is written.
    pub(crate) fn of_caller(&self, text: &str) -> Result<Url, RelayError> {
        let text = &with_blanks_encoded(text);
        check_letters(text)?;
        let (path, query) = if scheme(text).is_some() {
            let (path, query) = split_query(self.after_origin(text)?);
            (if path.is_empty() { "/".to_owned() } else { path.to_owned() }, query)
        } else if text.starts_with("//") {
            return Err(self.foreign());
        } else {
            let (path, query) = split_query(text);
            (self.below(path), query)
        };
        let mut url = self.base.clone();
        url.set_path(&path);
        if url.path() != path {
            return Err(RelayError::Address(
                "has a `.` or `..` segment, or a letter in its path that must be percent-encoded",
            ));
        }
        url.set_query(query);
        Ok(url)
    }

    fn below(&self, path: &str) -> String {
        match path.strip_prefix('/').unwrap_or(path) {
            "" if path.is_empty() && self.path.is_empty() => "/".to_owned(),
            "" if path.is_empty() => self.path.clone(),
            path => format!("{}/{path}", self.path),
        }
    }

    /// What follows the origin in an address that has the base's own.
    fn after_origin<'t>(&self, text: &'t str) -> Result<&'t str, RelayError> {
        let (_, rest) = text.split_once("://").ok_or_else(|| self.foreign())?;
        let (authority, after) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let url = Url::parse(text).map_err(|_| self.foreign())?;
        // An empty user name would be dropped in reading, and a colon without a port.
        let is_plain = is_absolute(text) && !authority.contains('@');
        if is_plain && url.origin() == self.base.origin() { Ok(after) } else { Err(self.foreign()) }
    }

    fn foreign(&self) -> RelayError {
        RelayError::Foreign { allowed: self.base.origin().ascii_serialization() }
    }
}

/// The text with `%20` for each blank in its query, where vendors' guides print them: `?$filter=Name eq 'x'`. None stands at an end.
fn with_blanks_encoded(text: &str) -> Cow<'_, str> {
    match text.split_once('?') {
        Some((path, query)) if query.contains(' ') && query.trim() == query => {
            Cow::Owned(format!("{path}?{}", query.replace(' ', "%20")))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Parsers drop or replace some letters, which then would not be what was checked.
fn check_letters(text: &str) -> Result<(), RelayError> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(RelayError::Address("has a letter that must be percent-encoded"));
    }
    if text.contains('\\') {
        return Err(RelayError::Address("has a backslash; write %5C where one is meant"));
    }
    if text.contains('#') {
        return Err(RelayError::Address("has a fragment, which is never sent; write %23 where a `#` is meant"));
    }
    Ok(())
}

fn split_query(text: &str) -> (&str, Option<&str>) {
    text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)))
}

fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, RelayError> {
        let address = Address::of_operator("https://acme.vendor.example/dev/api").expect("address");
        address.of_caller(text).map(String::from)
    }

    #[test]
    fn an_address_is_whole_or_below_the_base() {
        for (written, sent) in [
            ("", "https://acme.vendor.example/dev/api"),
            ("contacts", "https://acme.vendor.example/dev/api/contacts"),
            ("/contacts/7?a=b&c=%20d", "https://acme.vendor.example/dev/api/contacts/7?a=b&c=%20d"),
            ("?a=b", "https://acme.vendor.example/dev/api?a=b"),
            (
                "/C?$filter=A eq 'b c'%20and D",
                "https://acme.vendor.example/dev/api/C?$filter=A%20eq%20%27b%20c%27%20and%20D",
            ),
            ("/", "https://acme.vendor.example/dev/api/"),
            ("/a//b", "https://acme.vendor.example/dev/api/a//b"),
            ("/https://evil.example/x", "https://acme.vendor.example/dev/api/https://evil.example/x"),
            ("/@evil.example", "https://acme.vendor.example/dev/api/@evil.example"),
            ("/a%2Fb%2e", "https://acme.vendor.example/dev/api/a%2Fb%2e"),
            ("https://acme.vendor.example", "https://acme.vendor.example/"),
            ("https://acme.vendor.example?a=b", "https://acme.vendor.example/?a=b"),
            (
                "https://acme.vendor.example/other/api?x=@evil.example",
                "https://acme.vendor.example/other/api?x=@evil.example",
            ),
            ("HTTPS://ACME.vendor.example:443/x", "https://acme.vendor.example/x"),
        ] {
            assert_eq!(read(written).as_deref(), Ok(sent), "{written}");
        }
    }

    #[test]
    fn an_address_elsewhere_is_refused_and_told_what_is_allowed() {
        let foreign = RelayError::Foreign { allowed: "https://acme.vendor.example".to_owned() };
        for text in [
            "http://acme.vendor.example/dev/api",
            "https://acme.vendor.example:8443/dev/api",
            "https://acme.vendor.example:80/",
            "https://evil.example/dev/api",
            "https://acme.vendor.example.evil.example/",
            "https://acme.vendor.example./",
            "https://vendor.example/",
            "https://%61cme.vendor.example/x",
            "https://acme.vendor.example@evil.example/",
            "https://acme.vendor.example%40evil.example/",
            "https://acme.vendor.example%2f.evil.example/",
            "https://evil.example%2facme.vendor.example/",
            "https://user:pass@acme.vendor.example/",
            "https://@acme.vendor.example/",
            "https://:@acme.vendor.example/",
            "https://acme.vendor.example:evil@example/",
            "https:/acme.vendor.example/x",
            "https:///acme.vendor.example/x",
            "https:acme.vendor.example/x",
            "https:",
            "https://",
            "//acme.vendor.example/x",
            "//evil.example/x",
            "///evil.example",
            "ftp://acme.vendor.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/plain,x",
            "https://[::1]/",
            "https://0x7f.1/",
            "https://acme.vendor.example:99999/",
        ] {
            assert_eq!(read(text), Err(foreign.clone()), "{text}");
        }
    }

    #[test]
    fn what_would_be_sent_otherwise_than_written_is_refused() {
        for text in [
            "/a/../b",
            "..",
            "/%2e%2e/b",
            "/.%2E/b",
            "/a/./b",
            "https://acme.vendor.example/dev/api/../x",
            "\\\\evil.example\\x",
            "/\\evil.example",
            "https:\\\\acme.vendor.example/x",
            "https://acme.vendor.example\\@evil.example/",
            "/a b",
            "/a\tb",
            "https://acme.vendor.example\u{ff0f}evil.example/",
            "/\u{e9}",
            "/a#b",
            "https://acme.vendor.example#@evil.example/",
            "/a\"b",
        ] {
            assert!(matches!(read(text), Err(RelayError::Address(_))), "{text:?}: {:?}", read(text));
        }
    }
}
