//! Lower bounds of time, for vendors that compare with times of their own zone: never later than what was asked for.

use connector_catalog::ListWay;
use field_mapping::{Literal, Zone};
use jiff::civil::DateTime;
use jiff::{Timestamp, civil};
use serde::Deserialize;
use serde_json::value::RawValue;
use unified_model::{Filter, FilterValue};

use crate::call::context::CallContext;

/// What a bound is in the vendor's zone, where its field holds times or days of that.
pub(crate) fn clock(instant: Timestamp, holds: Literal, zone: &Zone) -> DateTime {
    let clock = zone.earliest_clock_from(instant);
    match holds {
        Literal::Date => clock.date().to_datetime(civil::Time::midnight()),
        Literal::Text | Literal::Guid | Literal::Number | Literal::LocalTime => clock,
    }
}

/// A bound as a template sends it: the instant itself, unless the mapping says that the field holds something else.
pub(crate) fn text(instant: Timestamp, holds: Literal, zone: &Zone) -> String {
    match holds {
        Literal::LocalTime => clock(instant, holds, zone).to_string(),
        Literal::Date => clock(instant, holds, zone).date().to_string(),
        Literal::Text | Literal::Guid | Literal::Number => instant.to_string(),
    }
}

/// Bounds that had to be sent earlier than asked for, because clocks are changed near them.
pub(crate) struct Bounds {
    zone: Zone,
    updated: Option<Timestamp>,
    created: Option<Timestamp>,
}

/// The times of a canonical record.
#[derive(Deserialize)]
struct Times<'r> {
    updated_at: Option<&'r str>,
    created_at: Option<&'r str>,
}

impl Bounds {
    /// `None`: the vendor compares exactly.
    pub(crate) fn of(context: CallContext<'_>, way: &ListWay) -> Option<Self> {
        let CallContext { plan, request, .. } = context;
        let instants: Vec<(&Filter, Timestamp)> = request
            .filters
            .iter()
            .filter_map(|filter| match &filter.value {
                FilterValue::Instant(instant) => Some((filter, *instant)),
                FilterValue::Text(_) | FilterValue::Number(_) => None,
            })
            .collect();
        if instants.is_empty() {
            return None;
        }
        let zone = plan.zone();
        let compares_local_times = way.rules.is_some() && context.dialect.conventions().compares_local_times;
        let is_local = |filter: &Filter| {
            let holds = plan.resource().mapping.filter(&filter.field).map(|field| field.literal);
            holds == Some(Literal::LocalTime) || (compares_local_times && holds != Some(Literal::Date))
        };
        let widened = |name: &str| {
            let (filter, instant) = instants.iter().find(|(filter, _)| filter.field == name)?;
            let is_wider = zone.earliest_clock_from(*instant) != zone.clock_at(*instant);
            (is_wider && is_local(filter)).then_some(*instant)
        };
        let (updated, created) = (widened("updated_since"), widened("created_since"));
        (updated.is_some() || created.is_some()).then_some(Self { zone, updated, created })
    }

    /// The canonical records that are not known to be earlier; `None`: all of them. A time that comes twice may be the later
    /// one, and one that is not answered may be anything.
    pub(crate) fn kept(&self, records: &[u8]) -> Option<(Vec<u8>, usize)> {
        let all: Vec<&RawValue> = serde_json::from_slice(records).ok()?;
        let kept: Vec<&RawValue> = all.iter().copied().filter(|record| self.admits(record)).collect();
        if kept.len() == all.len() {
            return None;
        }
        Some((serde_json::to_vec(&kept).ok()?, kept.len()))
    }

    fn admits(&self, record: &RawValue) -> bool {
        let Ok(times) = serde_json::from_str::<Times<'_>>(record.get()) else { return true };
        let is_late = |bound: Option<Timestamp>, time: Option<&str>| {
            bound
                .zip(time.and_then(|time| time.parse().ok()))
                .is_none_or(|(bound, time)| self.zone.last_alike(time) >= bound)
        };
        is_late(self.updated, times.updated_at) && is_late(self.created, times.created_at)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_bound_is_written_as_the_field_holds_it() {
        let zone = Zone::named("America/Los_Angeles").unwrap();
        let instant = "2024-11-03T08:30:00.5Z".parse().unwrap();
        let written = |holds| text(instant, holds, &zone);
        assert_eq!(written(Literal::Text), "2024-11-03T08:30:00.5Z");
        assert_eq!(written(Literal::LocalTime), "2024-11-03T01:00:00");
        assert_eq!(written(Literal::Date), "2024-11-03");
        let instant = "2024-05-07T03:00:00Z".parse().unwrap();
        assert_eq!(text(instant, Literal::Date, &zone), "2024-05-06");
        assert_eq!(text(instant, Literal::LocalTime, &zone), "2024-05-06T20:00:00");
    }

    #[test]
    fn what_is_known_to_be_earlier_is_left_out() {
        let zone = Zone::named("America/Los_Angeles").unwrap();
        let bounds = Bounds { zone, updated: Some("2024-03-10T10:30:00Z".parse().unwrap()), created: None };
        let records = br#"[{"id":"1","updated_at":"2024-03-10T10:15:00Z"},{"id":"2","updated_at":"2024-03-10T10:30:00Z"},{"id":"3","updated_at":null},{"id":"4"}]"#;
        let (kept, count) = bounds.kept(records).unwrap();
        assert!(count == 3 && kept.starts_with(br#"[{"id":"2","#), "{}", String::from_utf8_lossy(&kept));
        assert_eq!(bounds.kept(&kept), None);
        // Of a time that comes twice nobody knows which it was.
        let bounds = Bounds { updated: Some("2024-11-03T08:30:00Z".parse().unwrap()), ..bounds };
        assert_eq!(bounds.kept(br#"[{"id":"1","updated_at":"2024-11-03T08:10:00Z"}]"#), None);
    }
}
