//! The path of a unified request: who calls, over which connection, by which plan, and what goes back. The public error
//! taxonomy and the sealing of cursors live here; HTTP does not, but for the headers of what is passed on unread.

mod call_notes;
mod check;
mod cursor;
mod custom_fields;
mod error;
mod gateway;
mod proxy;
mod redact;
mod response;
mod translate;
mod writes;

pub use call_notes::CallNotes;
pub use connectors::CustomField;

pub use cursor::{CursorSealer, ForeignCursor};
pub use custom_fields::CustomFieldsOf;
pub use error::{Class, DownstreamError, ErrorType, GatewayError, Origin};
pub use gateway::{Call, Gateway, consumer_named};
pub use proxy::ProxyCall;
pub use response::{Raw, ResponseData, UnifiedResponse};
pub use translate::{EdgeError, not_allowed};
