//! What a unified page has come to so far: canonical records, warnings, and the vendor's own answers.

use std::collections::BTreeMap;

use connector_catalog::ResourceDefinition;
use field_mapping::{PageFacts, ReadError, Reading};
use unified_model::{Position, UnifiedRequest, Warning};
use vendor_client::VendorReply;

use crate::call::exchange;
use crate::call::outcome::{ConnectorError, Exchange, OutcomeData, VendorOutcome};
use crate::read::records::{append, read, reading_warnings};
use crate::request::since::Bounds;

/// The name that the call has in errors and in `_raw`.
pub(crate) const STEP: &str = "all";

/// More than most canonical records take, so that a page is seldom moved while it grows.
const RECORD_BYTES: usize = 1536;

/// A page that takes more, with the vendor's own answers where they are kept, ends with a cursor for the rest.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Numbers of records, by field.
type Counts = BTreeMap<String, usize>;

/// The records of a page and what was seen on the way.
#[derive(Clone)]
pub(crate) struct Collected {
    limit: usize,
    keeps_raw: bool,
    records: Vec<u8>,
    count: usize,
    filled_in: Counts,
    too_large: Counts,
    unreadable: Counts,
    exchanges: Vec<Exchange>,
    pub(crate) warnings: Vec<Warning>,
}

impl Collected {
    pub(crate) fn new(request: &UnifiedRequest) -> Self {
        let limit = usize::from(request.limit);
        Self {
            limit,
            keeps_raw: request.raw,
            records: Vec::with_capacity(RECORD_BYTES * limit),
            count: 0,
            filled_in: BTreeMap::new(),
            too_large: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            exchanges: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// How many records are wanted still.
    pub(crate) fn wanted(&self) -> usize {
        self.limit.saturating_sub(self.count)
    }

    /// Whether the page ends here: it has as many records as were asked for, or has come to as many bytes as it may.
    pub(crate) fn is_full(&self) -> bool {
        self.count >= self.limit || self.kept_bytes() >= MOST_BYTES
    }

    fn kept_bytes(&self) -> usize {
        self.records.len() + self.exchanges.iter().map(|exchange| exchange.body.len()).sum::<usize>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Notes what an answer says beside its records.
    pub(crate) fn saw(&mut self, reply: &VendorReply) {
        if self.keeps_raw && !reply.body.is_empty() {
            let step = numbered(self.exchanges.len());
            self.exchanges.push(Exchange { step, body: reply.body.clone() });
        }
    }

    /// Keeps the answers that were fetched beside the last one.
    pub(crate) fn loaded(&mut self, exchanges: Vec<Exchange>) {
        if self.keeps_raw {
            for exchange in exchanges {
                let step = numbered(self.exchanges.len());
                self.exchanges.push(Exchange { step, ..exchange });
            }
        }
    }

    /// Maps the records of a document made of an answer, and appends them.
    pub(crate) fn take(
        &mut self,
        resource: &ResourceDefinition,
        reply: &VendorReply,
        document: &[u8],
        reading: &Reading<'_>,
    ) -> Result<PageFacts, ConnectorError> {
        self.saw(reply);
        let facts = if self.records.is_empty() {
            read(resource, document, reading, &mut self.records)
        } else {
            let mut more = Vec::new();
            let facts = read(resource, document, reading, &mut more);
            append(&mut self.records, &more);
            facts
        };
        let unusable = |error: ReadError| ConnectorError::reading(STEP, exchange::unusable(reply, error.to_string()));
        let facts = facts.map_err(unusable)?;
        self.count += facts.records;
        for (all, own) in self.counted(&facts) {
            for (field, records) in own {
                *all.entry(field.clone()).or_default() += records;
            }
        }
        Ok(facts)
    }

    /// What is counted by field, and what a document adds to it.
    fn counted<'s>(&'s mut self, facts: &'s PageFacts) -> [(&'s mut Counts, &'s Counts); 3] {
        [
            (&mut self.filled_in, &facts.filled_in),
            (&mut self.too_large, &facts.too_large),
            (&mut self.unreadable, &facts.unreadable),
        ]
    }

    /// How much there is, to go back to.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.records.len(), self.count)
    }

    /// Forgets the records of the last document, which are those of the one before.
    pub(crate) fn rewind(&mut self, (bytes, count): (usize, usize), facts: &PageFacts) {
        self.records.truncate(bytes);
        // What is appended takes the place of the closing bracket.
        if let Some(last) = self.records.last_mut() {
            *last = b']';
        }
        self.count = count;
        for (all, own) in self.counted(facts) {
            for (field, records) in own {
                if let Some(counted) = all.get_mut(field) {
                    *counted -= records;
                }
            }
            all.retain(|_, records| *records > 0);
        }
    }

    /// Leaves out what is known to be earlier than the bounds; whether there was any.
    pub(crate) fn keep(&mut self, bounds: &Bounds) -> bool {
        let Some((records, count)) = bounds.kept(&self.records) else { return false };
        (self.records, self.count) = (records, count);
        true
    }

    /// How many records there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The page as it is answered.
    pub(crate) fn outcome(mut self, next: Option<Position>, total: Option<u64>) -> VendorOutcome {
        self.warnings.extend(reading_warnings(&self.filled_in, &self.too_large, &self.unreadable));
        if self.records.is_empty() {
            self.records.extend_from_slice(b"[]");
        }
        VendorOutcome {
            data: OutcomeData::Page { records: self.records, count: self.count, next, previous: None, total },
            warnings: self.warnings,
            exchanges: self.exchanges,
        }
    }
}

/// The name of an exchange in `_raw`, where others came before it.
pub(crate) fn numbered(before: usize) -> String {
    match before {
        0 => STEP.to_owned(),
        more => format!("{STEP}-{}", more + 1),
    }
}
