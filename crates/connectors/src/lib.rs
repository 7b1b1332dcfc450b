//! The `Connector` trait and the protocols that implement it: how a plan becomes vendor calls and their answers become
//! canonical records. Never a vendor's name where a protocol's would do.

mod call;
mod check;
mod custom_fields;
mod execute;
mod lookup;
mod protocol;
mod read;
mod request;
mod write;

pub use call::context::Mint;
pub use call::outcome::{
    Answered, ConnectorError, Contention, Exchange, Failure, OutcomeData, Progress, VendorOutcome,
};
pub use check::check;
pub use custom_fields::CustomField;
pub use protocol::Protocols;
pub use protocol::connector::Connector;
pub use protocol::odata::metadata::{FieldMapProblem, check_field_map};
