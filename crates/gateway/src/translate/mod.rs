//! The one place that decides what a caller sees of an inner crate's error. No match here ends in `_`.

mod connector;
mod credentials;
mod edge;
mod headers;
mod ours;
mod plan;
mod relay;
mod request;
mod stage;
mod vault;
mod vendor;

pub(crate) use connector::{check, connector};
pub use edge::EdgeError;
pub(crate) use headers::{bearer, invalid_header, missing_authorization, missing_header, unknown_service};
pub(crate) use ours::broken_write;
pub(crate) use plan::plan;
pub(crate) use relay::relay;
pub(crate) use request::{cursor, request};
pub use vault::not_allowed;
pub(crate) use vault::vault;
