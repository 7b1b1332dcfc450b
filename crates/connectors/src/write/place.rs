//! Holes of a step filled from the change, its item, the record's id and the connection's settings.

use std::borrow::Cow;

use connector_catalog::template::{Hole, Template, percent_encoded, verbatim};
use connector_catalog::{Plan, RequestTemplate};
use field_mapping::VendorPath;
use serde_json::Value;
use unified_model::UnifiedRequest;

use super::change::Change;
use super::entries::Entry;
use crate::lookup::as_text;
use crate::outcome::ConnectorError;
use connector_catalog::template::Root;

/// What fills the holes of one step.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) plan: &'a Plan,
    pub(super) request: &'a UnifiedRequest,
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

    fn hole(&self, hole: &Hole) -> Option<Cow<'a, str>> {
        let pending = || self.pending.map(Cow::Borrowed);
        match hole {
            Hole::Id => self.change.id.as_ref().map(|id| Cow::Borrowed(id.as_str())).or_else(pending),
            Hole::Parent => self.request.parent.as_ref().map(|id| Cow::Borrowed(id.as_str())),
            Hole::Setting(name) => self.plan.settings().get(name).map(Cow::Borrowed),
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

    /// The path of a request. A value that would climb it is refused.
    pub(super) fn path(&self, request: &RequestTemplate, step: &str) -> Result<String, ConnectorError> {
        let refused = |hole: &Hole, what: &str| ConnectorError::BadRequest {
            at: format!("step `{step}`"),
            message: format!("{hole} {what} in the record, and the vendor's address needs it"),
        };
        for hole in request.path.holes() {
            if self.hole(hole).is_some_and(|value| matches!(&*value, "." | "..")) {
                return Err(refused(hole, "is no id"));
            }
        }
        request.path.render(|hole| self.hole(hole), percent_encoded).map_err(|hole| refused(&hole, "has no value"))
    }

    /// The fixed parameters whose holes can all be filled.
    pub(super) fn query(&self, request: &RequestTemplate) -> Vec<(String, String)> {
        let filled = |(name, template): &(String, Template)| Some((name.clone(), self.text(template)?));
        request.query.iter().filter_map(filled).collect()
    }
}
