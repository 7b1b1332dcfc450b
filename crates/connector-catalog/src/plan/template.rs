//! Text with typed holes: `/contacts/{id}`, `{settings.email}`. No expressions; what fills a hole is escaped for its place.

use field_mapping::VendorPath;

use crate::plan::holes::{Piece, pieces};

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
    /// `{changed.<path>}`, `{record.<path>}`, `{before.<path>}`, `{item.<path>}`: a place in what is written.
    Written(Root, VendorPath),
    /// `{item.index}`: the position of the entry that a step of `for_each` is at.
    Index,
}

/// Whether a text can stand for one segment of a path. A dot segment would climb it: a request with `..` in the place of an id
/// would reach another end-point, with the connection's credentials.
#[must_use]
pub fn is_path_segment(text: &str) -> bool {
    !matches!(text, "." | "..")
}

/// What of a write a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// Only what changed; of a new record all of it.
    Changed,
    /// The whole vendor record as it will be.
    Record,
    /// The vendor record before the change.
    Before,
    /// The entry that a step of `for_each` is at.
    Item,
}

impl Root {
    const EVERY: [Self; 4] = [Self::Changed, Self::Record, Self::Before, Self::Item];

    /// Its word in templates and sources.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Record => "record",
            Self::Before => "before",
            Self::Item => "item",
        }
    }

    /// A root and the place below it: `item`, `item.id`, `record.stages[].id`; `None` where the text begins with no root.
    pub(crate) fn split(text: &str) -> Option<Result<(Self, VendorPath), String>> {
        let root = Self::EVERY.into_iter().find(|root| {
            let rest = text.strip_prefix(root.as_str());
            rest.is_some_and(|rest| rest.starts_with(['.', '[']) || (rest.is_empty() && *root == Self::Item))
        })?;
        let rest = &text[root.as_str().len()..];
        let path = if rest.is_empty() { "$" } else { rest.strip_prefix('.').unwrap_or(rest) };
        Some(VendorPath::parse(path).map(|path| (root, path)))
    }
}

impl Template {
    /// Parses `text`; the error says what is wrong with which hole.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = pieces(text).map(|piece| match piece? {
            Piece::Text(text) => Ok(Part::Text(text.to_owned())),
            Piece::Hole(name) => Hole::parse(name).map(Part::Hole),
        });
        Ok(Self { parts: parts.collect::<Result<_, _>>()? })
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
        if let [Part::Hole(hole)] = self.parts.as_slice() { hole.setting() } else { None }
    }

    /// Fills the holes of a path: percent-encoded, and never with a blank value, which would address another record, or all.
    ///
    /// # Errors
    /// The first hole that has no value, or a blank one.
    pub fn render_path<'v>(&self, value: impl Fn(&Hole) -> Option<std::borrow::Cow<'v, str>>) -> Result<String, Hole> {
        self.render(|hole| value(hole).filter(|text| !unified_model::is_blank(text)), percent_encoded)
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
    /// The setting that fills it, where it is one.
    #[must_use]
    pub fn setting(&self) -> Option<&str> {
        if let Self::Setting(name) = self { Some(name) } else { None }
    }

    /// Whether what fills it names a record: `{id}`, `{parent}`, or a member that is called an id (`id`, `owner.Id`, `companyId`,
    /// `contact_ids[0]`).
    #[must_use]
    pub fn names_record(&self) -> bool {
        match self {
            Self::Id | Self::Parent => true,
            Self::Filter(name) => name.ends_with("_id"),
            Self::Written(_, path) => {
                let text = path.to_string();
                let member = text.trim_end_matches(']').trim_end_matches(|index: char| index.is_ascii_digit());
                let member = member.trim_end_matches('[').rsplit(['.', ']']).next().unwrap_or_default();
                let endings = ["_id", "_ids", "Id", "Ids", "ID"];
                member == "id" || endings.iter().any(|ending| member.ends_with(ending))
            }
            Self::Setting(_) | Self::Index => false,
        }
    }

    fn parse(name: &str) -> Result<Self, String> {
        if name == "item.index" {
            return Ok(Self::Index);
        }
        if let Some(place) = Root::split(name) {
            return place.map(|(root, path)| Self::Written(root, path));
        }
        match name.split_once('.') {
            None if name == "id" => Ok(Self::Id),
            None if name == "parent" => Ok(Self::Parent),
            Some(("settings", setting)) if !setting.is_empty() => Ok(Self::Setting(setting.to_owned())),
            Some(("filter", filter)) if !filter.is_empty() => Ok(Self::Filter(filter.to_owned())),
            _ => Err(format!(
                "unknown hole `{{{name}}}`; known are {{id}}, {{parent}}, {{settings.<name>}}, {{filter.<name>}}, \
                 {{changed.<path>}}, {{record.<path>}}, {{before.<path>}}, {{item.<path>}}, {{item.index}}"
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
            Self::Written(root, path) => match (root, path.to_string().as_str()) {
                (Root::Item, "$") => formatter.write_str("{item}"),
                (root, path) => write!(formatter, "{{{}.{path}}}", root.as_str()),
            },
            Self::Index => formatter.write_str("{item.index}"),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_hole_is_shown_as_it_can_be_written() {
        for hole in [
            "{id}",
            "{settings.a}",
            "{filter.b}",
            "{item}",
            "{item.index}",
            "{item.id}",
            "{record.$}",
            "{before.a[b=c].d}",
        ] {
            let template = Template::parse(hole).unwrap();
            assert_eq!(template.holes().map(ToString::to_string).collect::<Vec<_>>(), [hole]);
        }
        let whole = Template::parse("{item.$}").unwrap();
        assert_eq!(whole.holes().map(ToString::to_string).collect::<Vec<_>>(), ["{item}"]);
    }
}
