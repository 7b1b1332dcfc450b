//! What one call learns of its vendor beside the answers themselves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use connector_catalog::LimitHeaders;
use field_mapping::Mends;
use jiff::Timestamp;

use crate::wire::rate_limit::RateLimit;
use crate::wire::reply::VendorReply;

/// What one call learns of its vendor beside the answers themselves. A clone notes the same.
#[derive(Debug, Clone, Default)]
pub struct Observations(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    rate_limit: Option<RateLimit>,
    mends: Mends,
}

impl Observations {
    /// What the vendor said of its limits, last seen: on any answer, refusals too.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.noted().rate_limit
    }

    /// What of the vendor's answers had to be given up so that they could be read.
    #[must_use]
    pub fn mends(&self) -> Mends {
        self.noted().mends
    }

    /// Notes what an answer says, and makes its body one that every parser reads.
    pub(crate) fn saw(&self, reply: &mut VendorReply, headers: &LimitHeaders, now: Timestamp) {
        let mended = field_mapping::mend(&reply.body);
        let limit = RateLimit::of(reply, headers, now);
        let mut noted = self.noted();
        noted.rate_limit = limit.or(noted.rate_limit);
        if let Some((body, mends)) = mended {
            noted.mends += mends;
            reply.body = Bytes::from(body);
        }
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
