//! Text with typed holes: `/contacts/{id}`, `{settings.email}`. No expressions; what fills a hole is escaped for its place.

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(Hole),
}

/// What fills a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hole {
    /// `{settings.<name>}`: a setting of the connection.
    Setting(String),
    /// `{id}`: the record's id.
    Id,
    /// `{parent}`: the id of the list or custom object.
    Parent,
    /// `{filter.<name>}`: a filter's value.
    Filter(String),
}

impl Template {
    /// Parses `text`; the error says what is wrong with which hole.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').ok_or_else(|| format!("`{{` is never closed in `{text}`"))? + open;
            if open > 0 {
                parts.push(Part::Text(rest[..open].to_owned()));
            }
            parts.push(Part::Hole(Hole::parse(&rest[open + 1..close])?));
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The holes, in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// The setting that the whole of it is, where it is one.
    #[must_use]
    pub fn setting(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Hole(Hole::Setting(name))] => Some(name),
            _ => None,
        }
    }

    /// Fills every hole with `value` passed through `escape`.
    ///
    /// # Errors
    /// The first hole that has no value.
    pub fn render<'v>(
        &self,
        value: impl Fn(&Hole) -> Option<std::borrow::Cow<'v, str>>,
        escape: impl Fn(&str, &mut String),
    ) -> Result<String, Hole> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Hole(hole) => escape(&value(hole).ok_or_else(|| hole.clone())?, &mut text),
            }
        }
        Ok(text)
    }
}

impl Hole {
    fn parse(name: &str) -> Result<Self, String> {
        match name.split_once('.') {
            None if name == "id" => Ok(Self::Id),
            None if name == "parent" => Ok(Self::Parent),
            Some(("settings", setting)) if !setting.is_empty() => Ok(Self::Setting(setting.to_owned())),
            Some(("filter", filter)) if !filter.is_empty() => Ok(Self::Filter(filter.to_owned())),
            _ => Err(format!(
                "unknown hole `{{{name}}}`; allowed are {{id}}, {{parent}}, {{settings.<name>}}, {{filter.<name>}}"
            )),
        }
    }
}

impl std::fmt::Display for Hole {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Setting(name) => write!(formatter, "{{settings.{name}}}"),
            Self::Id => formatter.write_str("{id}"),
            Self::Parent => formatter.write_str("{parent}"),
            Self::Filter(name) => write!(formatter, "{{filter.{name}}}"),
        }
    }
}

/// Escapes a value for a URL path segment or query: everything but unreserved characters is percent-encoded.
pub fn percent_encoded(value: &str, into: &mut String) {
    const UNRESERVED: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    into.extend(percent_encoding::utf8_percent_encode(value, UNRESERVED));
}

/// Leaves a value as it is, for headers and forms that are encoded later.
pub fn verbatim(value: &str, into: &mut String) {
    into.push_str(value);
}
