//! An item that is kept in columns of the record: they are set, or emptied with it.

use serde_json::{Map, Value};

use crate::check::checked::{Field, Source, Spot};
use crate::file::Nulls;
use crate::path::VendorPath;
use crate::write::list::spots;
use crate::write::{Way, Writer};

impl Writer<'_> {
    pub(crate) fn columns(
        &mut self,
        field: &Field,
        source: &Source,
        item: Option<&Map<String, Value>>,
        others: &mut usize,
    ) {
        let Some(item) = item else {
            // Columns of a `slots` list are emptied with it; a constant entry of a mixed list is always there.
            if source.open_slot {
                for (member, spot) in spots(source) {
                    self.empty_columns(field, member, spot);
                    let nulls = member.nulls.unwrap_or(self.checked.nulls);
                    if self.way == Way::Patch && nulls == Nulls::Omit {
                        self.changed(&field.name, crate::write::CANNOT_CLEAR);
                    }
                }
            }
            return;
        };
        for (member, spot) in spots(source) {
            let name = format!("{}.{}", field.name, member.name);
            let Some(path) = spot.written_at() else { continue };
            match self.with_absorbed(&name, &member.name, spot, item) {
                None => self.empty_columns(field, member, spot),
                Some(value) => {
                    if let Some(vendor) = self.convert(&name, &spot.chain, &value, others) {
                        let same = self.way == Way::Over
                            && self.read(member, spot).is_some_and(|own| self.reads_alike(member, spot, own, &vendor));
                        if !same {
                            self.tree.set(&path.steps, vendor);
                        }
                    }
                }
            }
        }
        // The columns of the record are what an item is made of.
        let record = self.tree.record.clone();
        self.without_place(field, source, item, Some(&record));
    }

    /// Empties the place that a member is written to. What is then read from another place is not the list's own, and stays.
    pub(crate) fn empty_columns(&mut self, list: &Field, member: &Field, spot: &Spot) {
        let Some(written) = spot.written_at() else { return };
        self.empty_column(member, written);
        if self.way == Way::Over && spot.at.len() > 1 && self.read(member, spot).is_some() {
            let other = "the vendor has another place that it is read from, which was left as it is";
            self.changed(&format!("{}.{}", list.name, member.name), other);
        }
    }

    fn empty_column(&mut self, member: &Field, path: &VendorPath) {
        match (self.way, member.nulls.unwrap_or(self.checked.nulls)) {
            (Way::New, _) | (Way::Patch, Nulls::Omit) => (),
            (Way::Patch, Nulls::EmptyText) => self.tree.set(&path.steps, Value::from("")),
            (Way::Patch, Nulls::Send) => self.tree.set(&path.steps, Value::Null),
            (Way::Over, _) => self.clear(&member.name, member, path),
        }
    }
}
