//! Which records a write locks, so that no other write changes them between its read and its last step.

use std::collections::BTreeSet;

use connector_catalog::template::{Hole, Template};
use connector_catalog::{Plan, RequestTemplate};
use unified_model::UnifiedRequest;
use vendor_client::{LockError, RecordLock, VendorSession};

use super::change::Change;
use super::choose::Call;
use super::items;
use super::place::Places;
use crate::call::context::CallContext;
use crate::call::outcome::{ConnectorError, Contention};
use crate::request::filters;

/// The records that a write has locked.
#[derive(Default)]
pub(super) struct Turns {
    locks: Vec<(String, RecordLock)>,
}

impl Turns {
    /// Locks the record that the request names.
    pub(super) async fn lock_record(&mut self, context: CallContext<'_>) -> Result<(), ConnectorError> {
        match record_of(context.plan, context.request) {
            Some(record) => self.lock(record, context.vendor).await,
            None => Ok(()),
        }
    }

    /// Locks the other records that steps read before steps write. One that the vendor has yet to give an id is nobody else's.
    pub(super) async fn lock_reads(
        &mut self,
        context: CallContext<'_>,
        calls: &[Call<'_>],
        change: &Change,
    ) -> Result<(), ConnectorError> {
        let last_write = calls.iter().rposition(|call| !call.step.is_read()).unwrap_or(0);
        let mut records = BTreeSet::new();
        for call in calls[..last_write].iter().filter(|call| call.step.is_read()) {
            for item in items(call) {
                let places = Places { context, change, item, pending: None };
                let path = places.path(&call.step.request, &call.step.id);
                records.extend(
                    path.ok().map(|path| name(&path, &told_in_query(&call.step.request, |text| places.text(text)))),
                );
            }
        }
        // All writes take them in the same order, so that no two wait for each other.
        for record in records {
            self.lock(record, context.vendor).await?;
        }
        Ok(())
    }

    async fn lock(&mut self, record: String, vendor: &VendorSession) -> Result<(), ConnectorError> {
        if self.locks.iter().any(|(locked, _)| *locked == record) {
            return Ok(());
        }
        let lock = vendor.lock(&record).await.map_err(|error| match error {
            LockError::Busy => ConnectorError::conflict(Contention::Busy),
            LockError::Store(error) => ConnectorError::Store(error.to_string()),
        })?;
        self.locks.push((record, lock));
        Ok(())
    }

    /// Whether nobody else can have written to the records since they were locked.
    pub(super) async fn are_ours(&self) -> bool {
        for (_, lock) in &self.locks {
            if !lock.is_ours().await {
                return false;
            }
        }
        true
    }

    /// Lets others write.
    pub(super) async fn end(self) {
        for (_, lock) in self.locks {
            lock.release().await;
        }
    }
}

/// What the request's record is called among locks: the address that it is read from, which resources share that are one record
/// to the vendor.
fn record_of(plan: &Plan, request: &UnifiedRequest) -> Option<String> {
    let one = plan.resource().one.as_ref()?;
    let path = filters::path(&one.request.path, plan, request).ok()?;
    let told = |template: &Template| filters::text_of(template, plan, request);
    let mut told = told_in_query(&one.request, told);
    let names_record = |template: &Template| template.holes().any(|hole| *hole == Hole::Id);
    let is_told = names_record(&one.request.path) || one.request.query.iter().any(|(_, value)| names_record(value));
    told.extend(request.id.as_ref().filter(|_| !is_told).map(ToString::to_string));
    Some(name(&path, &told))
}

/// What the query says of which record is meant, rather than of how it is shown.
fn told_in_query(request: &RequestTemplate, text: impl Fn(&Template) -> Option<String>) -> Vec<String> {
    let names = |hole: &Hole| matches!(hole, Hole::Id | Hole::Parent | Hole::Written(..) | Hole::Index);
    let telling = request.query.iter().filter(|(_, value)| value.holes().any(names));
    telling.filter_map(|(_, value)| text(value)).collect()
}

/// One name for all spellings of an id: capital letters and leading zeros make no other record, or at worst two records wait for
/// each other.
fn name(path: &str, told: &[String]) -> String {
    let spelled = |part: &str| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let part = if is_number { part.trim_start_matches('0') } else { part };
        part.to_lowercase()
    };
    let path: Vec<String> = path.split('/').map(spelled).collect();
    let told = told.iter().map(|text| spelled(text));
    std::iter::once(path.join("/")).chain(told).collect::<Vec<_>>().join("#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_id_have_one_name() {
        assert_eq!(name("/Contacts(guid'AB-1')", &[]), name("/Contacts(guid'ab-1')", &[]));
        assert_eq!(name("/contacts/007", &[]), name("/contacts/7", &[]));
        assert_eq!(name("/events", &["07".to_owned()]), name("/events", &["7".to_owned()]));
    }

    #[test]
    fn other_records_have_other_names() {
        let names = [
            name("/contacts/7", &[]),
            name("/contacts/70", &[]),
            name("/contacts/0", &[]),
            name("/deals/7", &[]),
            name("/contacts", &["7".to_owned()]),
            name("/contacts/7", &["7".to_owned()]),
        ];
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
}
