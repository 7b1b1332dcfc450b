//! Requests and the holes in them: each hole must have a value where it stands.

use http::Method;

use crate::check::checker::{Checker, listed};
use crate::check::condition::is_sensitive;
use crate::file::values::{Entries, Word};
use crate::plan::template::{Hole, Root, Template, is_path_segment};
use crate::plan::{Encoding, RequestTemplate, setting_of};
use field_mapping::yaml::Placed;

/// A request as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Written<'f> {
    pub(crate) request: &'f Placed<String>,
    pub(crate) encode: Option<&'f Word<Encoding>>,
    pub(crate) query: &'f Entries<Placed<String>>,
}

/// The holes that have a value at a place, settings aside.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Holes<'h> {
    pub(crate) id: bool,
    pub(crate) parent: bool,
    pub(crate) filters: &'h [String],
    /// What of a write can be named.
    pub(crate) roots: &'h [Root],
    /// Whether a setting may be a secret: where the vendor client fills the hole, not where a request is made.
    pub(crate) secrets: bool,
}

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// A request with its fixed parameters.
pub(crate) fn request(written: Written<'_>, holes: Holes<'_>, checker: &mut Checker<'_>) -> Option<RequestTemplate> {
    let line = request_line(written.request, holes, checker);
    let encode = checker.word_or("encode", written.encode, Encoding::Json);
    let query = pairs("query", written.query, holes, checker);
    check_names(written.query, checker);
    let ((method, path), encode) = (line?, encode?);
    if encode == Encoding::Form && !carries_body(&method) {
        let place = written.encode.map_or(written.request.place, |word| word.place);
        checker.mistake(place, format!("`encode: form` needs a request with a body, and {method} has none"));
    }
    Some(RequestTemplate { method, path, query: query?, encode })
}

/// A parameter's name may be what a setting says, as a whole.
fn check_names(query: &Entries<Placed<String>>, checker: &mut Checker<'_>) {
    for (name, _) in query.iter().filter(|(name, _)| name.value.contains(['{', '}'])) {
        let setting = setting_of(&name.value).and_then(|setting| checker.setting(setting));
        if !setting.is_some_and(|setting| !is_sensitive(setting) && setting.default.is_some()) {
            let message = format!(
                "`query`: `{}` is no name of a parameter; write one, or `{{settings.<name>}}` of a setting with a default that is \
                 not sensitive",
                name.value
            );
            checker.mistake(name.place, message);
        }
    }
}

/// Whether a request of the method may have a body; some vendors refuse one on the others.
pub(crate) fn carries_body(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::DELETE)
}

fn request_line(text: &Placed<String>, holes: Holes<'_>, checker: &mut Checker<'_>) -> Option<(Method, Template)> {
    let Some((method, path)) = text.value.split_once(' ') else {
        let message = format!("`request`: `{}` needs a method and a path, as in `GET /contacts`", text.value);
        checker.mistake(text.place, message);
        return None;
    };
    let known = METHODS.into_iter().find(|known| known.as_str() == method);
    if known.is_none() {
        let allowed = listed(METHODS.iter().map(Method::as_str));
        checker.mistake(text.place, format!("`request`: `{method}` is not a method; allowed are {allowed}"));
    }
    let whole = checker.noting("request", text.place, well_formed_path(path));
    let path = template("request", &Placed { value: path.to_owned(), place: text.place }, holes, checker);
    whole?;
    Some((known?, path?))
}

fn well_formed_path(path: &str) -> Result<(), String> {
    if !path.starts_with('/') {
        return Err(format!("the path `{path}` must start with `/`"));
    }
    if path.contains(['?', '#']) {
        return Err(format!("the path `{path}` must not contain `?` or `#`; fixed parameters go under `query`"));
    }
    if path.contains(|character: char| character.is_whitespace() || character.is_control() || character == '\\') {
        return Err(format!("the path `{path}` must not contain blanks or `\\`"));
    }
    if path.contains("//") {
        return Err(format!("the path `{path}` must not contain an empty segment"));
    }
    if !path.split('/').all(is_path_segment) {
        return Err(format!("the path `{path}` must not contain `.` or `..`"));
    }
    Ok(())
}

/// Named texts with holes: headers or parameters.
pub(crate) fn pairs(
    key: &str,
    entries: &Entries<Placed<String>>,
    holes: Holes<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<(String, Template)>> {
    let compiled: Vec<Option<(String, Template)>> = entries
        .iter()
        .map(|(name, text)| {
            let template = template(&format!("{key}.{}", name.value), text, holes, checker);
            Some((checker.filled(key, name)?, template?))
        })
        .collect();
    compiled.into_iter().collect()
}

/// A text whose holes all have a value where it stands.
pub(crate) fn template(
    key: &str,
    text: &Placed<String>,
    holes: Holes<'_>,
    checker: &mut Checker<'_>,
) -> Option<Template> {
    let template = checker.noting(key, text.place, Template::parse(&text.value))?;
    if let Some(message) = template.holes().find_map(|hole| unfilled(key, hole, holes, checker)) {
        checker.mistake(text.place, message);
        return None;
    }
    Some(template)
}

/// Why a hole has no value where it stands, if it has none.
fn unfilled(key: &str, hole: &Hole, holes: Holes<'_>, checker: &Checker<'_>) -> Option<String> {
    Some(match hole {
        Hole::Setting(name) if checker.setting(name).is_some_and(|known| holes.secrets || !is_sensitive(known)) => {
            return None;
        }
        Hole::Setting(name) if checker.setting(name).is_some() => format!(
            "`{key}`: `{name}` is sensitive; only `base_url`, `auth`, `headers` and the connector's own `query` may send it"
        ),
        Hole::Setting(name) => {
            let settings = listed(checker.settings());
            format!("`{key}`: there is no setting `{name}`; the settings are {settings}")
        }
        Hole::Id if holes.id => return None,
        Hole::Parent if holes.parent => return None,
        Hole::Filter(name) if holes.filters.contains(name) => return None,
        Hole::Written(root, _) if holes.roots.contains(root) => return None,
        Hole::Index if holes.roots.contains(&Root::Item) => return None,
        Hole::Filter(name) if !holes.filters.is_empty() => {
            let filters = listed(holes.filters.iter().map(String::as_str));
            format!("`{key}`: `{{filter.{name}}}` has no value here; the filters of this request are {filters}")
        }
        Hole::Id | Hole::Parent | Hole::Filter(_) | Hole::Written(..) | Hole::Index => {
            format!("`{key}`: `{hole}` has no value here; allowed are {}", holes.allowed())
        }
    })
}

impl Holes<'_> {
    /// Where settings alone have a value, secret ones too.
    pub(crate) const SETTINGS: Self = Self { id: false, parent: false, filters: &[], roots: &[], secrets: true };

    fn allowed(self) -> String {
        let kinds = [("{id}", self.id), ("{parent}", self.parent), ("{filter.<name>}", !self.filters.is_empty())];
        let here = kinds.iter().filter(|(_, is_here)| *is_here).map(|(hole, _)| (*hole).to_owned());
        let written = self.roots.iter().map(|root| format!("{{{}.<path>}}", root.as_str()));
        let allowed: Vec<String> = here.chain(written).chain(["{settings.<name>}".to_owned()]).collect();
        listed(allowed.iter().map(String::as_str))
    }
}
