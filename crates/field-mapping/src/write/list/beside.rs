//! A field whose place is an element of a list that is a field too.

use serde_json::Value;

use crate::check::checked::{Body, Field, Source};
use crate::path::Test;
use crate::write::Writer;
use crate::write::list::parts;

impl Writer<'_> {
    /// The list that was sent and whose elements a field's place is one of.
    pub(crate) fn covering_list(&self, field: &Field) -> Option<String> {
        let Body::Value(spot) = &field.body else { return None };
        let (before, tests, _) = spot.written_at()?.list()?;
        let covers = |source: &Source| {
            let Some(each) = &source.each else { return false };
            let (own_before, own_tests) = parts(each);
            let excluded = |own: &Test| {
                tests.iter().any(|test| test.equal && test.member == own.member && test.value == own.value)
            };
            let within = own_tests.iter().all(|own| if own.equal { tests.contains(own) } else { !excluded(own) });
            own_before == before && within
        };
        let mut lists = self
            .checked
            .fields
            .iter()
            .filter(|other| self.sent.contains_key(&other.name) && other.mode != crate::file::Mode::Read);
        lists.find(|other| other.body.sources().iter().any(covers)).map(|other| other.name.clone())
    }

    /// A single value that is also one of a list that was written just now: the list counts.
    pub(crate) fn beside_list(&mut self, name: &str, field: &Field, value: &Value, list: &str) {
        let Body::Value(spot) = &field.body else { return };
        let Some(path) = spot.written_at() else { return };
        let vendor = if value.is_null() { None } else { self.convert(name, &spot.chain, value, &mut 0) };
        match (self.read(field, spot), vendor) {
            (Some(current), Some(vendor)) if self.reads_alike(field, spot, current, &vendor) => (),
            (None, Some(vendor)) => self.tree.set(&path.steps, vendor),
            (None, None) => (),
            (Some(_), _) => self.changed(name, format!("it is also one of `{list}`, which was written instead")),
        }
    }
}
