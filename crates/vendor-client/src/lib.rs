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
mod egress;
mod error;
mod limiter;
mod oauth;
mod observations;
mod record_lock;
mod relay;
mod settings;
mod vendor_time;
mod wire;

pub use client::VendorClient;
pub use client::options::{ConnectorOverrides, VendorClientOptions};
pub use client::session::VendorSession;
pub use clock::Clock;
pub use connection::ConnectionKey;
pub use credentials::echoes::Echoes;
pub use credentials::{ACCESS_TOKEN, CredentialError, CredentialSource, Credentials, FixedCredentials, REFRESH_TOKEN};
pub use egress::resolver::{Resolver, SystemResolver};
pub use error::{RelayError, VendorClientError, VendorError};
pub use oauth::{ConsentRequest, OAuthClient, Refusal, TokenError, TokenReply, TokenRequest};
pub use observations::Observations;
pub use record_lock::{LeaseError, LockError, Locking, RecordLeases, RecordLock};
pub use relay::{RelayBody, RelayReply, RelayRequest};
pub use vendor_time::VendorTime;
pub use wire::memory::off_the_workers;
pub use wire::rate_limit::RateLimit;
pub use wire::recorder::{CallRecorder, RecordedAnswer, RecordedBody, RecordedCall};
pub use wire::reply::VendorReply;
pub use wire::request::{VendorBody, VendorRequest};
