//! Envelopes: what a vendor puts around its records in lists, in single answers and in bodies.

use field_mapping::VendorPath;

use crate::check::checker::Checker;
use crate::file::EnvelopeFile;
use crate::plan::{Encoding, RequestTemplate, Send};
use field_mapping::yaml::Placed;

/// The paths of a resource's envelope.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Envelope<'f> {
    item: Option<&'f Placed<String>>,
    pub(crate) record: Option<&'f Placed<String>>,
    body: Option<&'f Placed<String>>,
}

impl<'f> Envelope<'f> {
    /// The envelope as it is written, of which each path is checked once.
    pub(crate) fn of(written: Option<&'f Placed<EnvelopeFile>>, checker: &mut Checker<'_>) -> Self {
        let Some(Placed { value: EnvelopeFile { item, record, body }, place }) = written else {
            return Self::default();
        };
        if item.is_none() && record.is_none() && body.is_none() {
            checker.mistake(*place, "`envelope` is empty; allowed in it are item, record and body");
        }
        for (key, path) in [("item", item), ("record", record)] {
            if let Some(path) = path {
                checker.path(key, path);
            }
        }
        let sound = |path: &&Placed<String>| VendorPath::parse(&path.value).is_ok();
        Self { item: item.as_ref().filter(sound), record: record.as_ref().filter(sound), body: body.as_ref() }
    }

    /// The records of a list that is at `list`.
    pub(crate) fn records(self, list: VendorPath) -> VendorPath {
        let Some(item) = self.item.map(|item| item.value.strip_prefix('$').unwrap_or(&item.value)) else { return list };
        let dot = if item.is_empty() || item.starts_with(['.', '[']) { "" } else { "." };
        let each = if list.to_string().ends_with("[]") { "" } else { "[]" };
        VendorPath::parse(&format!("{list}{each}{dot}{item}")).unwrap_or(list)
    }

    /// A path in the record of a single answer.
    pub(crate) fn in_record(self, path: &str) -> String {
        match self.record.map(|record| record.value.as_str()) {
            None | Some("$") => path.to_owned(),
            Some(record) => format!("{record}.{path}"),
        }
    }

    /// The members that a step's body goes into: the step's own, else the envelope's where the body is a record or a part of one.
    pub(crate) fn wrap(
        self,
        own: Option<&Placed<String>>,
        send: &Send,
        request: &RequestTemplate,
        checker: &mut Checker<'_>,
    ) -> Option<Vec<String>> {
        let is_record = match send {
            Send::Record { .. } | Send::Changed { .. } | Send::Over { .. } => true,
            Send::Nothing | Send::Item { .. } | Send::Members(_) => false,
        };
        let (key, written) = match (own, self.body) {
            (Some(own), _) => ("wrap", own),
            (None, Some(body)) if is_record => ("body", body),
            (None, _) => return Some(Vec::new()),
        };
        if own.is_some() && *send == Send::Nothing {
            checker.mistake(written.place, "`wrap`: the request sends nothing that could go into it");
        }
        let path = checker.path(key, written)?;
        let Some(members) = path.members() else {
            let message = format!("`{key}`: a body goes into members, as in `data.attributes`, and `{path}` is a list");
            checker.mistake(written.place, message);
            return None;
        };
        if !members.is_empty() && request.encode != Encoding::Json {
            checker.mistake(
                written.place,
                format!("`{key}` needs a body of JSON, and `encode` says otherwise; write `wrap: $`"),
            );
        }
        Some(members)
    }
}
