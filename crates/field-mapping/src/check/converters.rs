//! Tables: rows that work both ways.

use std::sync::Arc;

use serde_json::Value;

use crate::check::Compiler;
use crate::check::layers::Entry;
use crate::file::ConverterBody;
use crate::value::convert::{Converter, Table};
use crate::value::keys::KeyTable;

impl Compiler<'_> {
    pub(super) fn tables(&mut self, entries: &[Entry<ConverterBody>]) {
        for entry in entries {
            if Converter::BUILT_IN.iter().any(|(name, _)| *name == entry.name) {
                self.wrong(&entry.place, format!("`{}` is a built-in converter; choose another name", entry.name));
                continue;
            }
            if entry.value.table.0.is_empty() {
                self.wrong(&entry.place, format!("converter `{}` needs a `table` with at least one row", entry.name));
                continue;
            }
            let table = self.table(entry);
            self.tables.insert(entry.name.clone(), Arc::new(table));
        }
    }

    fn table(&mut self, entry: &Entry<ConverterBody>) -> Table {
        let body = &entry.value;
        let mut rows = Vec::new();
        for (vendor, canonical) in &body.table.0 {
            if matches!(canonical.value, Value::Array(_) | Value::Object(_) | Value::Null) {
                let mut place = entry.place.clone();
                place.place = canonical.place;
                self.wrong(&place, format!("row `{}` must hold a text, a number, true or false", vendor.value));
                continue;
            }
            rows.push((vendor.value.clone(), canonical.value.clone()));
        }
        let numbered =
            rows.iter().enumerate().map(|(row, (vendor, _))| (vendor.as_str(), u16::try_from(row).unwrap_or(u16::MAX)));
        Table {
            name: entry.name.clone(),
            keys: KeyTable::new(numbered),
            rows: rows.clone(),
            read_other: body.read_other.as_ref().map(|value| value.value.clone()),
            read_missing: body.read_missing.as_ref().map(|value| value.value.clone()),
            write_other: body
                .write_other
                .iter()
                .flat_map(|words| words.value.0.iter().map(|word| word.value.clone()))
                .collect(),
        }
    }
}
