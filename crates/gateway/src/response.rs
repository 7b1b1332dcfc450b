//! What a unified request is answered, before it is put into an envelope.

use connectors::Exchange;
use field_mapping::Mends;
use unified_model::answer::WarningKind;
use unified_model::{Operation, Resource, ServiceId, Warning};
use vendor_client::{Observations, RateLimit, RecordedCall};

/// A unified answer, before it is put into an envelope.
#[derive(Debug)]
pub struct UnifiedResponse {
    /// The connector that answered.
    pub service: ServiceId,
    /// Which resource.
    pub resource: Resource,
    /// Which operation.
    pub operation: Operation,
    /// The answer.
    pub data: ResponseData,
    /// What went less than well.
    pub warnings: Vec<Warning>,
    /// What was said to the vendor and by it; `None` unless the caller asked for it.
    pub raw: Option<Raw>,
    /// What the vendor said of its limits.
    pub rate_limit: Option<RateLimit>,
}

impl UnifiedResponse {
    /// The same with what the call learnt beside the vendor's answers.
    pub(crate) fn beside(mut self, observed: &Observations) -> Self {
        self.rate_limit = observed.rate_limit();
        let Mends { halves, numbers } = observed.mends();
        let unreadable = |message| Warning::about_call(WarningKind::ValueUnreadable, message);
        if halves > 0 {
            let message =
                format!("the vendor cut {halves} character(s) of its texts in half; U+FFFD stands in their place");
            self.warnings.push(unreadable(message));
        }
        if numbers > 0 {
            let message =
                format!("the vendor's answers hold {numbers} number(s) that are too large; they are read as null");
            self.warnings.push(unreadable(message));
        }
        self
    }
}

/// What a call and its vendor said to each other. Secrets of the connection are taken out.
#[derive(Debug)]
pub struct Raw {
    /// The vendor's answers that the records were made of, by step.
    pub answers: Vec<Exchange>,
    /// Every vendor call, in the order in which they ended.
    pub calls: Vec<RecordedCall>,
}

/// The answer's records.
#[derive(Debug)]
pub enum ResponseData {
    /// A page of a list.
    Page {
        /// A JSON array of canonical records.
        records: Vec<u8>,
        /// How many.
        count: usize,
        /// The sealed cursor of the page before.
        previous: Option<String>,
        /// The sealed cursor that led here.
        current: Option<String>,
        /// The sealed cursor of the next page.
        next: Option<String>,
        /// How many records there are in all.
        total: Option<u64>,
    },
    /// One record, as a JSON object.
    Record(Vec<u8>),
    /// The id of a record that was written or removed.
    Id(String),
}
