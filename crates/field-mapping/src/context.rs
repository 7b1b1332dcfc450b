//! What a record is read and written with beside the record itself: the vendor's tables, a time zone, a prefix of ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::path::VendorPath;

/// What a record is read and written with beside the record itself.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The tables that [`crate::Mapping::tables`] names.
    pub tables: &'a LookupTables,
    /// The zone of times that name none.
    pub zone: &'a Zone,
    /// Put before the record's own id, where several vendor entities make one list.
    pub id_prefix: &'a str,
}

impl Default for Context<'_> {
    /// No tables, UTC, no prefix.
    fn default() -> Self {
        static TABLES: LookupTables = LookupTables { tables: BTreeMap::new(), missed: Mutex::new(BTreeSet::new()) };
        static ZONE: Zone = Zone(None);
        Self { tables: &TABLES, zone: &ZONE, id_prefix: "" }
    }
}

/// More keys than a page of records can ask for in vain are not noted.
const MOST_MISSED: usize = 1000;

/// The vendor's tables by name, as one call uses them.
#[derive(Debug, Default)]
pub struct LookupTables {
    tables: BTreeMap<String, Arc<LookupTable>>,
    /// Tables and keys that were asked for and are not there.
    missed: Mutex<BTreeSet<(String, String)>>,
}

impl Clone for LookupTables {
    /// The same tables; nothing was asked of the copy yet.
    fn clone(&self) -> Self {
        Self { tables: self.tables.clone(), missed: Mutex::default() }
    }
}

impl LookupTables {
    /// Adds a table.
    pub fn insert(&mut self, name: impl Into<String>, table: Arc<LookupTable>) {
        self.tables.insert(name.into(), table);
    }

    /// A table by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&LookupTable> {
        self.tables.get(name).map(Arc::as_ref)
    }

    /// The row of a key. A key that the table lacks is noted, unless it stands for none.
    #[must_use]
    pub fn row(&self, table: &str, key: &str) -> Option<&Value> {
        let row = self.get(table)?.row(key);
        if row.is_none() && !matches!(key, "" | "0") {
            let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
            if missed.len() < MOST_MISSED {
                missed.insert((table.to_owned(), key.to_owned()));
            }
        }
        row
    }

    /// The keys that were asked for and are not there, by table. They are forgotten with this.
    #[must_use]
    pub fn take_missed(&self) -> BTreeMap<String, BTreeSet<String>> {
        let missed = std::mem::take(&mut *self.missed.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (table, key) in missed {
            by_table.entry(table).or_default().insert(key);
        }
        by_table
    }
}

/// A small table of the vendor's, its rows found by their key.
#[derive(Debug, Clone, Default)]
pub struct LookupTable {
    rows: Vec<Value>,
    key: Option<VendorPath>,
    places: HashMap<String, usize>,
}

impl LookupTable {
    /// A table whose rows are told apart by what they have at `key`. Of rows with one key the first counts.
    #[must_use]
    pub fn new(rows: Vec<Value>, key: &VendorPath) -> Self {
        let mut places = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            if let Some(key) = key.find(row).and_then(text) {
                places.entry(key).or_insert(place);
            }
        }
        Self { rows, key: Some(key.clone()), places }
    }

    /// The row of a key. Ids are numbers in one place and texts in another, so keys are compared as texts.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<&Value> {
        self.places.get(key).and_then(|place| self.rows.get(*place))
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> &[Value] {
        &self.rows
    }

    /// The key of the row that has this text at `take`, and the text as the row has it. Capitals tell rows apart only where
    /// they must.
    pub(crate) fn key_of(&self, take: &VendorPath, wanted: &str) -> Option<(Value, String)> {
        let key = self.key.as_ref()?;
        let texts = || self.rows.iter().filter_map(|row| Some((row, take.find(row).and_then(text)?)));
        let exact = texts().find(|(_, own)| own == wanted);
        let (row, own) = exact.or_else(|| texts().find(|(_, own)| own.to_lowercase() == wanted.to_lowercase()))?;
        Some((key.find(row)?.clone(), own))
    }
}

/// A scalar as keys are compared.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The zone of a vendor's times that name none.
#[derive(Debug, Clone, Default)]
pub struct Zone(Option<TimeZone>);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(None);

    /// The zone of an IANA name such as `Europe/Zurich`; `None`: there is none of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::UTC);
        }
        TimeZone::get(name).ok().map(|zone| Self(Some(zone)))
    }

    /// Seconds to add to UTC at an instant.
    pub(crate) fn offset_at(&self, seconds: i64) -> i64 {
        let Some(zone) = &self.0 else { return 0 };
        let Ok(instant) = jiff::Timestamp::from_second(seconds) else { return 0 };
        i64::from(zone.to_offset(instant).seconds())
    }

    /// What the zone's clocks show at an instant.
    #[must_use]
    pub fn clock_at(&self, instant: jiff::Timestamp) -> jiff::civil::DateTime {
        self.0.as_ref().unwrap_or(&TimeZone::UTC).to_datetime(instant)
    }

    /// The instant of a clock that shows so many seconds since 1970-01-01T00:00. A time that a change of the clock skips is
    /// taken as the earlier offset says, of a time that happens twice the first counts.
    pub(crate) fn instant_of(&self, local: i64) -> i64 {
        let Some(zone) = &self.0 else { return local };
        let Ok(wall) = jiff::Timestamp::from_second(local).map(|wall| TimeZone::UTC.to_datetime(wall)) else {
            return local;
        };
        zone.to_ambiguous_timestamp(wall).compatible().map_or(local, jiff::Timestamp::as_second)
    }
}
