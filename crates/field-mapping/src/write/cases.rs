//! Cases, written: the vendor's members are made what the case of the canonical value says.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::list::ListPlace;
use super::list::tree::put;
use super::{Way, Writer, shown};
use crate::check::case::{Case, Cases, Operand};
use crate::check::checked::{Body, Field};
use crate::file::{Mode, Nulls};
use crate::path::VendorPath;

impl Writer<'_> {
    pub(super) fn cases(&mut self, field: &Field, cases: &Cases, value: &Value) {
        let reads = self.case_reads(cases);
        let is_cleared = reads.is_none() && (cases.text.is_none() || self.way != Way::Patch);
        if reads.as_ref() == Some(value) || (value.is_null() && is_cleared) {
            return;
        }
        let other = cases.yields_to.iter().find(|name| self.sent.get(*name).is_some_and(|own| !own.is_null()));
        if let Some(other) = other {
            return self.changed(&field.name, format!("`{other}` is kept in the same place and was written instead"));
        }
        if value.is_null() && cases.text.is_none() {
            return self.changed(&field.name, "this vendor cannot clear it; it was left as it is");
        }
        let wanted = cases.list.iter().position(|case| case.value == *value && !case.read_only);
        let text = cases.text.as_ref().filter(|_| wanted.is_none());
        if wanted.is_none() && text.is_none() && cases.otherwise.as_ref() != Some(value) {
            let shown = shown(value);
            return self.changed(&field.name, format!("the vendor has nothing for `{shown}`; it was not written"));
        }
        let earlier = &cases.list[..wanted.unwrap_or(cases.list.len())];
        for case in earlier.iter().filter(|case| case.value != *value) {
            let stands = self.way == Way::Patch || case.holds(&self.tree.record, &self.tree.record, &self.context);
            for (path, flag) in flags(case).filter(|_| stands && self.way != Way::New) {
                self.tree.set(&path.steps, Value::from(!flag));
            }
        }
        if let Some(path) = text {
            self.text_beside_cases(&field.name, path, value);
        }
        for (path, operand) in wanted.iter().flat_map(|at| &cases.list[*at].when) {
            let own = self.tree.get(&path.steps);
            if operand.admits(own, &self.tree.record, &self.context) {
                continue;
            }
            match written(operand, &self.tree.record, self) {
                Some(vendor) => self.tree.set(&path.steps, vendor),
                None => self.tree.remove(&path.steps),
            }
        }
        if self.way != Way::Patch
            && let Some(reads) = self.case_reads(cases).filter(|reads| reads != value && !value.is_null())
        {
            let reads = shown(&reads);
            self.changed(&field.name, format!("the vendor has no way back from `{reads}`; it was left as it is"));
        }
    }

    /// A value without a case, or nothing.
    fn text_beside_cases(&mut self, name: &str, path: &VendorPath, value: &Value) {
        let cleared = match (value.is_null(), self.checked.nulls) {
            (false, _) => Some(value.clone()),
            (true, Nulls::Send) => Some(Value::Null),
            (true, Nulls::EmptyText) => Some(Value::from("")),
            (true, Nulls::Omit) => None,
        };
        match cleared {
            Some(vendor) => self.tree.set(&path.steps, vendor),
            None if self.way == Way::Over => self.tree.remove(&path.steps),
            None => self.changed(name, "this vendor cannot clear it; it was left as it is"),
        }
    }

    /// What the record reads as now. A part of a record says nothing where no case holds.
    fn case_reads(&self, cases: &Cases) -> Option<Value> {
        let record = &self.tree.record;
        if self.way == Way::Patch {
            let holds = |case: &&Case| case.holds(record, record, &self.context);
            return cases.list.iter().find(holds).map(|case| case.value.clone());
        }
        cases.read(record, record, &self.context).cloned()
    }

    /// The cases of new items: first of those that a case is for, since what they set may be what the others are read from.
    pub(super) fn items_cases(
        &mut self,
        place: ListPlace<'_>,
        items: &[(usize, &Map<String, Value>)],
        elements: &mut [Value],
    ) {
        for named in [true, false] {
            for (at, item) in items {
                if let Some(element) = elements.get_mut(*at) {
                    self.item_cases(place, item, element, named);
                }
            }
        }
    }

    /// The cases of an item: what its element, or another member of the record, then holds.
    fn item_cases(&mut self, place: ListPlace<'_>, item: &Map<String, Value>, element: &mut Value, named: bool) {
        let ListPlace { field, source, .. } = place;
        for member in source.members.iter().filter(|member| member.mode != Mode::Read) {
            let Body::Cases(cases) = &member.body else { continue };
            let Some(value) = item.get(&member.name).filter(|value| !value.is_null()) else { continue };
            let wanted = cases.list.iter().find(|case| case.value == *value && !case.read_only);
            if wanted.is_some() != named || cases.read(element, &self.tree.record, &self.context) == Some(value) {
                continue;
            }
            let mut impossible = wanted.is_none();
            for (path, operand) in wanted.iter().flat_map(|case| &case.when) {
                match operand {
                    Operand::Literals(values) => {
                        let vendor = values.first().cloned().unwrap_or_default();
                        put(element, &path.steps, vendor, &BTreeMap::new());
                    }
                    Operand::At { at, .. } => match path.find(element) {
                        Some(own) => self.tree.set(&at.steps, own.clone()),
                        None => impossible = true,
                    },
                    Operand::Lookup { .. } => impossible = true,
                }
            }
            if wanted.is_none() && cases.otherwise.as_ref() == Some(value) {
                for (path, flag) in cases.list.iter().flat_map(flags) {
                    put(element, &path.steps, Value::from(!flag), &BTreeMap::new());
                }
                impossible = cases.read(element, &self.tree.record, &self.context) != Some(value);
            }
            if impossible {
                let name = format!("{}.{}", field.name, member.name);
                let shown = shown(value);
                self.changed(&name, format!("the vendor has nothing for `{shown}` here; it was not written"));
            }
        }
    }
}

/// The members that a case wants to be true or false: what can be taken back.
fn flags(case: &Case) -> impl Iterator<Item = (&VendorPath, bool)> {
    case.when.iter().filter_map(|(path, operand)| Some((path, operand.literals()?.first()?.as_bool()?)))
}

/// The vendor's value for a condition; `None`: the member has to go.
fn written(operand: &Operand, record: &Value, writer: &Writer<'_>) -> Option<Value> {
    match operand {
        Operand::Literals(values) => values.first().filter(|value| !value.is_null()).cloned(),
        Operand::At { .. } | Operand::Lookup { .. } => operand.text(record, &writer.context).map(Value::String),
    }
}
