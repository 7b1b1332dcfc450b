//! The only way out to vendors: credentials, limits, locks on records, retries, deadlines, size caps and the egress guard.
//!
//! A [`VendorClient`] lives as long as the process; a [`VendorSession`] as long as one unified call, whose deadline it owns.
//! What a vendor answers comes back as it is, whatever its status; what an answer means is for connectors to say. A caller's own
//! request is relayed without being read.

mod address;
mod client;
mod clock;
mod connection;
mod credentials;
mod echoes;
mod error;
mod guard;
mod limiter;
mod memory;
mod names;
mod oauth;
mod options;
mod outgoing;
mod prepared;
mod record_lock;
mod recorder;
mod relay;
mod repeat;
mod reply;
mod request;
mod resolver;
mod session;
mod vendor_time;

pub use client::VendorClient;
pub use clock::Clock;
pub use connection::ConnectionKey;
pub use credentials::{CredentialError, CredentialSource, Credentials, FixedCredentials};
pub use echoes::Echoes;
pub use error::{VendorClientError, VendorError};
pub use memory::off_the_workers;
pub use oauth::{
    ACCESS_TOKEN, ConsentRequest, OAuthClient, REFRESH_TOKEN, Refusal, TokenError, TokenReply, TokenRequest,
};
pub use options::{ConnectorOverrides, VendorClientOptions};
pub use record_lock::{LeaseError, LockError, Locking, RecordLeases, RecordLock};
pub use recorder::{CallRecorder, RecordedAnswer, RecordedBody, RecordedCall};
pub use relay::{RelayBody, RelayError, RelayReply, RelayRequest};
pub use reply::{RateLimit, VendorReply};
pub use request::{VendorBody, VendorRequest};
pub use resolver::{Resolver, SystemResolver};
pub use session::VendorSession;
pub use vendor_time::VendorTime;
