//! Holes of a step filled from the change, its item, the record's id and the connection's settings.

use std::borrow::Cow;

use connector_catalog::RequestTemplate;
use connector_catalog::template::{Hole, Root, Template, is_path_segment, percent_encoded, verbatim};
use field_mapping::VendorPath;
use serde_json::Value;
use unified_model::is_blank;

use super::change::Change;
use super::entries::Entry;
use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;

/// What fills the holes of one step.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) context: CallContext<'a>,
    pub(super) change: &'a Change,
    pub(super) item: Option<&'a Entry>,
    /// Stands for ids that only the vendor's answers will tell, while nothing has been sent yet.
    pub(super) pending: Option<&'a str>,
}

impl<'a> Places<'a> {
    /// The value at a place.
    pub(super) fn find(&self, root: Root, path: &VendorPath) -> Option<&'a Value> {
        let root = match root {
            Root::Item => self.item.map(|item| &item.value),
            other => self.change.root(other),
        };
        root.and_then(|value| path.find(value)).filter(|value| !value.is_null())
    }

    /// What fills a hole. A blank text fills none that names a record.
    fn hole(&self, hole: &Hole) -> Option<Cow<'a, str>> {
        self.value(hole).filter(|text| !(hole.names_record() && is_blank(text)))
    }

    fn value(&self, hole: &Hole) -> Option<Cow<'a, str>> {
        let pending = || self.pending.map(Cow::Borrowed);
        match hole {
            Hole::Id => self.change.id.as_ref().map(|id| Cow::Borrowed(id.as_str())).or_else(pending),
            Hole::Parent => self.context.request.parent.as_ref().map(|id| Cow::Borrowed(id.as_str())),
            Hole::Setting(name) => self.context.plan.settings().get(name).map(Cow::Borrowed),
            Hole::Index => self.item.map(|item| Cow::Owned(item.place.to_string())),
            Hole::Written(root, path) => {
                let found = self.find(*root, path).map(|value| match value {
                    Value::String(text) => Cow::Borrowed(text.as_str()),
                    other => Cow::Owned(as_text(other)),
                });
                // A new entry has no id before the step that makes it.
                found.or_else(|| pending().filter(|_| matches!(root, Root::Item | Root::Record)))
            }
            Hole::Filter(_) => None,
        }
    }

    /// A text with its holes filled; `None` where one has no value.
    pub(super) fn text(&self, template: &Template) -> Option<String> {
        template.render(|hole| self.hole(hole), verbatim).ok()
    }

    /// The same with what fills the holes percent-encoded, for texts that are part of an address.
    pub(super) fn address(&self, template: &Template) -> Option<String> {
        template.render(|hole| self.hole(hole), percent_encoded).ok()
    }

    /// The path of a request. A value that would climb it, or name no record, is refused.
    pub(super) fn path(&self, request: &RequestTemplate, step: &str) -> Result<String, ConnectorError> {
        for hole in request.path.holes() {
            if self.hole(hole).is_some_and(|value| !is_path_segment(&value)) {
                return Err(refused(hole, step, "is no id"));
            }
        }
        request.path.render_path(|hole| self.hole(hole)).map_err(|hole| refused(&hole, step, NO_VALUE))
    }

    /// The fixed parameters whose holes can all be filled. One that names a record must have a value: without it the vendor
    /// would take the request for one about every record.
    pub(super) fn query(&self, request: &RequestTemplate, step: &str) -> Result<Vec<(String, String)>, ConnectorError> {
        let mut filled = Vec::new();
        for (name, template) in &request.query {
            match template.render(|hole| self.hole(hole), verbatim) {
                Ok(text) => {
                    filled.extend(self.context.plan.settings().parameter(name).map(|name| (name.to_owned(), text)));
                }
                Err(hole) if hole.names_record() => return Err(refused(&hole, step, NO_VALUE)),
                Err(_) => {}
            }
        }
        Ok(filled)
    }
}

const NO_VALUE: &str = "has no value";

fn refused(hole: &Hole, step: &str, what: &str) -> ConnectorError {
    ConnectorError::BadRequest {
        at: format!("step `{step}`"),
        message: format!("{hole} {what} in the record, and the vendor's address needs it"),
    }
}
