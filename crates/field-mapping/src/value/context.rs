//! What a record is read and written with beside the record itself: the vendor's tables, a time zone, a prefix of ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneTransition};
use jiff::{SignedDuration, Timestamp};
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

    /// What a row is told apart by.
    #[must_use]
    pub fn key_in<'r>(&self, row: &'r Value) -> Option<&'r Value> {
        self.key.as_ref()?.find(row)
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

/// Clocks are never changed by more.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
const TICK: SignedDuration = SignedDuration::from_nanos(1);

/// What clocks show right after they were changed.
fn first_clock(change: &TimeZoneTransition<'_>) -> DateTime {
    change.offset().to_datetime(change.timestamp())
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
        let Ok(instant) = Timestamp::from_second(seconds) else { return 0 };
        i64::from(zone.to_offset(instant).seconds())
    }

    /// What the zone's clocks show at an instant.
    #[must_use]
    pub fn clock_at(&self, instant: Timestamp) -> DateTime {
        self.0.as_ref().unwrap_or(&TimeZone::UTC).to_datetime(instant)
    }

    /// The earliest time that clocks of the zone can show for an instant or for any later one, in whichever way a time without
    /// a zone is read back. A lower bound that is sent so excludes nothing that is not earlier: within the hour before clocks
    /// go back it is the time that they go back to, and within the hour after they go forward it is as if they had not.
    #[must_use]
    pub fn earliest_clock_from(&self, instant: Timestamp) -> DateTime {
        let Some(zone) = &self.0 else { return TimeZone::UTC.to_datetime(instant) };
        let is_near = |change: &TimeZoneTransition<'_>| change.timestamp().duration_since(instant).abs() < A_DAY;
        let gone_back = zone.following(instant).take_while(is_near).map(|change| first_clock(&change));
        let last = instant.checked_add(TICK).ok().and_then(|behind| zone.preceding(behind).next());
        let not_forward = last.filter(is_near).and_then(|change| {
            let before = zone.to_offset(change.timestamp().checked_sub(TICK).ok()?);
            Some(before.to_datetime(instant)).filter(|shown| *shown < first_clock(&change))
        });
        gone_back.chain(not_forward).fold(zone.to_datetime(instant), DateTime::min)
    }

    /// The last instant at which clocks of the zone show what they show at an instant.
    #[must_use]
    pub fn last_alike(&self, instant: Timestamp) -> Timestamp {
        let Some(zone) = &self.0 else { return instant };
        zone.to_ambiguous_timestamp(zone.to_datetime(instant)).later().unwrap_or(instant)
    }

    /// The instant of a clock that shows so many seconds since 1970-01-01T00:00. A time that a change of the clock skips is
    /// taken as the earlier offset says, of a time that happens twice the first counts.
    pub(crate) fn instant_of(&self, local: i64) -> i64 {
        let Some(zone) = &self.0 else { return local };
        let Ok(wall) = Timestamp::from_second(local).map(|wall| TimeZone::UTC.to_datetime(wall)) else {
            return local;
        };
        zone.to_ambiguous_timestamp(wall).compatible().map_or(local, Timestamp::as_second)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn bound(zone: &str, instant: &str) -> String {
        Zone::named(zone).unwrap().earliest_clock_from(instant.parse().unwrap()).to_string()
    }

    #[test]
    fn a_bound_before_clocks_go_back_is_what_they_go_back_to() {
        // Clocks of Los Angeles go back from 02:00 to 01:00 at 09:00Z, those of Vienna from 03:00 to 02:00 at 01:00Z.
        for (instant, shown) in [
            ("2024-11-03T07:30:00Z", "2024-11-03T00:30:00"),
            ("2024-11-03T08:00:00Z", "2024-11-03T01:00:00"),
            ("2024-11-03T08:30:00Z", "2024-11-03T01:00:00"),
            ("2024-11-03T08:59:59Z", "2024-11-03T01:00:00"),
            ("2024-11-03T09:00:00Z", "2024-11-03T01:00:00"),
            ("2024-11-03T09:30:00Z", "2024-11-03T01:30:00"),
            ("2024-11-03T10:30:00Z", "2024-11-03T02:30:00"),
        ] {
            assert_eq!(bound("America/Los_Angeles", instant), shown, "{instant}");
        }
        assert_eq!(bound("Europe/Vienna", "2024-10-27T00:45:00Z"), "2024-10-27T02:00:00");
        // Half an hour on Lord Howe Island.
        assert_eq!(bound("Australia/Lord_Howe", "2024-04-06T14:45:00Z"), "2024-04-07T01:30:00");
    }

    #[test]
    fn a_bound_after_clocks_went_forward_is_as_if_they_had_not() {
        for (instant, shown) in [
            ("2024-03-10T09:59:59Z", "2024-03-10T01:59:59"),
            ("2024-03-10T10:00:00Z", "2024-03-10T02:00:00"),
            ("2024-03-10T10:30:00Z", "2024-03-10T02:30:00"),
            ("2024-03-10T11:00:00Z", "2024-03-10T04:00:00"),
        ] {
            assert_eq!(bound("America/Los_Angeles", instant), shown, "{instant}");
        }
    }

    #[test]
    fn no_time_that_reads_as_a_later_instant_comes_before_the_bound() {
        for name in ["America/Los_Angeles", "Europe/Vienna", "Australia/Lord_Howe", "America/Santiago", "Asia/Tehran"] {
            let zone = Zone::named(name).unwrap();
            for quarter in 0..(4 * 24 * 366) {
                let instant = Timestamp::from_second(1_704_067_200 + quarter * 900).unwrap();
                let bound = zone.earliest_clock_from(instant);
                for later in (0..12).map(|ahead| instant + SignedDuration::from_mins(15 * ahead)) {
                    assert!(zone.clock_at(later) >= bound, "{name}: {later} from {instant}");
                }
                // Read back, what is before the bound is before the instant.
                let before = TimeZone::UTC.to_timestamp(bound).unwrap().as_second() - 1;
                assert!(zone.instant_of(before) < instant.as_second(), "{name}: {instant}");
            }
        }
    }

    #[test]
    fn of_a_time_that_comes_twice_the_last_is_known() {
        let zone = Zone::named("America/Los_Angeles").unwrap();
        let last = |instant: &str| zone.last_alike(instant.parse().unwrap()).to_string();
        assert_eq!(last("2024-11-03T08:30:00Z"), "2024-11-03T09:30:00Z");
        assert_eq!(last("2024-11-03T07:30:00Z"), "2024-11-03T07:30:00Z");
        assert_eq!(Zone::UTC.last_alike(Timestamp::UNIX_EPOCH), Timestamp::UNIX_EPOCH);
    }
}
