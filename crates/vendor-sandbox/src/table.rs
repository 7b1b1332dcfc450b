//! Records by id, in the order of their creation.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

/// A record as its vendor stores it: other records stand in it by their ids.
pub(crate) type Record = Map<String, Value>;

/// The records of one kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    rows: BTreeMap<u64, Record>,
    places: HashMap<String, u64>,
    next_place: u64,
}

impl Table {
    /// Adds a record at the end; one that has the id already is replaced where it stands.
    pub(crate) fn insert(&mut self, id: &str, record: Record) {
        let place = *self.places.entry(id.to_owned()).or_insert(self.next_place);
        self.next_place = self.next_place.max(place + 1);
        self.rows.insert(place, record);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Record> {
        self.rows.get(self.places.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Record> {
        self.rows.get_mut(self.places.get(id)?)
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.places.contains_key(id)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Record> {
        self.rows.remove(&self.places.remove(id)?)
    }

    /// Oldest first.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.rows.values()
    }

    pub(crate) fn records_mut(&mut self) -> impl Iterator<Item = &mut Record> {
        self.rows.values_mut()
    }

    /// Removes the records that have `value` under `member`.
    pub(crate) fn remove_where(&mut self, member: &str, value: &str) {
        self.rows.retain(|_, record| text(record, member) != value);
        let rows = &self.rows;
        self.places.retain(|_, place| rows.contains_key(place));
    }

    /// Sets `member` to null wherever it is `value`.
    pub(crate) fn unlink(&mut self, member: &str, value: &str) {
        for record in self.records_mut().filter(|record| text(record, member) == value) {
            record.insert(member.to_owned(), Value::Null);
        }
    }
}

/// The text under `member`; empty when there is none.
pub(crate) fn text<'a>(record: &'a Record, member: &str) -> &'a str {
    record.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// The members of a JSON object; none of any other value.
pub(crate) fn record(value: Value) -> Record {
    match value {
        Value::Object(members) => members,
        _ => Record::new(),
    }
}
