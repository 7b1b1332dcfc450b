//! A connection's base address: rendered from its settings, checked so that no setting can move it elsewhere.

mod caller;

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::ops::Range;

use connector_catalog::template::percent_encoded;
use connector_catalog::{Hole, Template};
use url::{Host, Url};

use crate::egress::guard::{Denied, Guard, Trust};
use crate::error::VendorError;
use crate::settings::{Settings, no_value};

/// An address that request paths are added to.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    base: Url,
    /// The base's path without a final `/`.
    path: String,
    pub(crate) host: String,
    pub(crate) trust: Trust,
}

/// Where in a base address a setting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It begins the address: the setting is an address itself.
    Whole,
    /// Between `://` and the path.
    Host,
    /// In the path.
    Path,
}

/// A setting's value within a rendered address.
struct Filled {
    setting: String,
    place: Place,
    range: Range<usize>,
}

impl Address {
    /// The operator's own base address, to which the guard does not apply.
    pub(crate) fn of_operator(text: &str) -> Result<Self, String> {
        Self::parse(text, Trust::Operator)
    }

    /// The address that `template` and a connection's settings come to.
    pub(crate) fn of_connection(
        template: &Template,
        settings: Settings<'_>,
        guard: &Guard,
    ) -> Result<Self, VendorError> {
        let (text, filled) = render(template, settings)?;
        for part in &filled {
            check_part(part, &text, settings)?;
        }
        let mut address = Self::parse(&text, Trust::Tenant).map_err(VendorError::Settings)?;
        address.trust = match (address.base.scheme(), filled.is_empty()) {
            ("https", true) => Trust::Operator,
            ("https", false) => Trust::Tenant,
            _ if guard.allows_plain() => Trust::Plain,
            _ => return Err(unusable("the base address must start with https://")),
        };
        address.check_unmoved(&text, &filled)?;
        address.check_literal(guard)?;
        Ok(address)
    }

    fn parse(text: &str, trust: Trust) -> Result<Self, String> {
        let base = Url::parse(text).map_err(|error| format!("the base address is none: {error}"))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err("the base address must be http or https".to_owned());
        }
        if !base.username().is_empty() || base.password().is_some() || text.contains('@') {
            return Err("the base address cannot contain a user name or password".to_owned());
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err("the base address cannot contain `?` or `#`".to_owned());
        }
        if base.port() == Some(0) {
            return Err("the base address cannot have port 0".to_owned());
        }
        let host = base.host_str().unwrap_or_default().to_owned();
        let path = base.path().trim_end_matches('/').to_owned();
        Ok(Self { base, path, host, trust })
    }

    /// Parsing may read an address differently from how it was written: what a setting is in must not change by that.
    fn check_unmoved(&self, text: &str, filled: &[Filled]) -> Result<(), VendorError> {
        if filled.iter().any(|part| part.place == Place::Whole) {
            return Ok(());
        }
        let (host, path) = split(text);
        let has = |place| filled.iter().any(|part| part.place == place);
        let same_host = host.eq_ignore_ascii_case(&self.host) || literal_address(&self.base).is_some();
        if has(Place::Host) && !same_host {
            return Err(unusable("the host of the base address cannot be read as it is written"));
        }
        if has(Place::Path) && path.trim_end_matches('/') != self.path {
            return Err(unusable("the path of the base address cannot be sent as it is written"));
        }
        Ok(())
    }

    /// A literal address never passes the resolver, so it is checked here.
    fn check_literal(&self, guard: &Guard) -> Result<(), VendorError> {
        let Some(literal) = literal_address(&self.base) else { return Ok(()) };
        let forbidden = |denied: Denied| VendorError::Forbidden { host: self.host.clone(), reason: denied.to_string() };
        guard.check(self.trust, literal).map_err(forbidden)
    }

    /// The address of one request.
    pub(crate) fn url(&self, path: &str, query: &str) -> Result<Url, VendorError> {
        let mut url = self.base.clone();
        let whole = format!("{}{path}", self.path);
        if !whole.is_empty() {
            url.set_path(&whole);
            // `..` in an id would reach a different end-point, with this connection's credentials.
            if url.path() != whole || !(path.is_empty() || path.starts_with('/')) {
                return Err(unusable("the path of a request cannot be sent as it is written"));
            }
        }
        if !query.is_empty() {
            url.set_query(Some(query));
        }
        Ok(url)
    }
}

/// Renders the base address, with where each setting went.
fn render(template: &Template, settings: Settings<'_>) -> Result<(String, Vec<Filled>), VendorError> {
    let current = Cell::new("");
    let filled = RefCell::new(Vec::new());
    let names: Vec<String> = template.holes().filter_map(setting_name).collect();
    let next = Cell::new(0);
    let text = template
        .render(
            |hole| {
                let value = settings.fill(hole)?;
                current.set(names.get(next.get()).map_or("", String::as_str));
                next.set(next.get() + 1);
                Some(value)
            },
            |value, into| {
                let (place, start) = (place_after(into), into.len());
                match place {
                    Place::Whole => into.push_str(value.trim().trim_end_matches('/')),
                    Place::Host => into.push_str(value),
                    Place::Path => percent_encoded(value, into),
                }
                filled.borrow_mut().push(Filled { setting: current.get().to_owned(), place, range: start..into.len() });
            },
        )
        .map_err(|hole| no_value(&hole))?;
    Ok((text, filled.into_inner()))
}

fn setting_name(hole: &Hole) -> Option<String> {
    match hole {
        Hole::Setting(name) => Some(name.clone()),
        Hole::Id | Hole::Parent | Hole::Filter(_) | Hole::Written(..) | Hole::Index => None,
    }
}

fn place_after(text: &str) -> Place {
    match text.split_once("://") {
        _ if text.is_empty() => Place::Whole,
        Some((_, rest)) if rest.contains('/') => Place::Path,
        _ => Place::Host,
    }
}

fn check_part(part: &Filled, text: &str, settings: Settings<'_>) -> Result<(), VendorError> {
    let value = &text[part.range.clone()];
    match part.place {
        Place::Whole if is_absolute(value) => return Ok(()),
        Place::Whole => {
            return Err(VendorError::Settings(format!(
                "`{}` must be an address that starts with https://",
                part.setting
            )));
        }
        Place::Host => {}
        Place::Path => return Ok(()),
    }
    let pattern = settings.declaration(&part.setting).and_then(|setting| setting.pattern.as_ref());
    let is_whole_host = text[..part.range.start].ends_with("://")
        && matches!(text[part.range.end..].chars().next(), None | Some('/' | ':'));
    let matches = pattern.is_none_or(|pattern| pattern.regex.is_match(value));
    let may_have_dots = is_whole_host || pattern.is_some();
    if matches && value.split('.').all(is_label) && (may_have_dots || !value.contains('.')) {
        return Ok(());
    }
    Err(VendorError::Settings(format!("`{}` is not what can stand in the host of an address", part.setting)))
}

/// Parsers forgive `https:/host` and `https:///host`, which nobody means.
fn is_absolute(text: &str) -> bool {
    let rest = text.split_once("://").map(|(_, rest)| rest);
    rest.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '['))
}

fn is_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-') && !text.ends_with('-')
}

/// Host (without a port) and path, as they are written.
fn split(text: &str) -> (&str, &str) {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (authority.split_once(':').map_or(authority, |(host, _)| host), path)
}

fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

fn unusable(reason: &str) -> VendorError {
    VendorError::Settings(reason.to_owned())
}

#[cfg(test)]
mod tests;
