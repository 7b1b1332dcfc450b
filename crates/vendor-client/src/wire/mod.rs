//! What goes over the wire and comes back: requests, answers, when a request is repeated, and what is recorded of both.

pub(crate) mod encodings;
pub(crate) mod memory;
pub(crate) mod outgoing;
pub(crate) mod pool;
pub(crate) mod rate_limit;
pub(crate) mod recorder;
pub(crate) mod repeat;
pub(crate) mod reply;
pub(crate) mod request;
