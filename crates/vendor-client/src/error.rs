//! Why there is no usable answer, in this crate's own words. Messages name hosts, never queries, bodies or secrets.

use std::error::Error;
use std::time::Duration;

use http::StatusCode;
use tracing::info;
use unified_model::ServiceId;

use crate::credentials::CredentialError;
use crate::egress::guard::Denied;

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// The request never reached the vendor (DNS, connection refused, TLS).
    #[error("{host} could not be reached: {reason}")]
    Unreachable {
        /// The vendor's host.
        host: String,
        /// Why, without the address's query.
        reason: String,
    },
    /// The egress guard refused the address.
    #[error("{host} may not be called: {reason}")]
    Forbidden {
        /// The host.
        host: String,
        /// Why, without its address.
        reason: String,
    },
    /// The deadline passed.
    #[error("no answer within the deadline")]
    Timeout {
        /// Whether any byte of the request may have reached the vendor.
        sent: bool,
    },
    /// The connection broke after the request may have been sent.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// The answer is larger than the cap for one, or the answers of a call larger than the cap for those.
    #[error("the vendor's answer is larger than {limit_bytes} bytes, with what came before it in this call")]
    TooLarge {
        /// The cap.
        limit_bytes: usize,
    },
    /// Our own limiter had no room within the deadline.
    #[error("the connection's own limit is used up")]
    LimiterFull {
        /// When there will be room.
        retry_after: Duration,
    },
    /// A setting that the address or the authorisation needs is missing or malformed.
    #[error("the connection's settings cannot be used: {0}")]
    Settings(String),
    /// The credentials could not be had.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
}

/// Why a request was not passed on, or got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// The address leads elsewhere.
    #[error("only {allowed} may be called")]
    Foreign {
        /// Scheme, host and port that may be called.
        allowed: String,
    },
    /// The address cannot be sent as it is written.
    #[error("the address {0}")]
    Address(&'static str),
    /// The caller's body ended before its end.
    #[error("the body was cut off")]
    Body,
    /// As for any other call.
    #[error(transparent)]
    Vendor(#[from] VendorError),
}

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorClientError {
    /// An operator's base address cannot be used.
    #[error("the base address configured for {service}: {reason}")]
    BaseUrl {
        /// The connector.
        service: ServiceId,
        /// What is wrong with it.
        reason: String,
    },
    /// The user agent cannot stand in a header.
    #[error("the user agent has characters that no header can hold")]
    UserAgent,
    /// The HTTP client cannot be set up, e.g. because the system has no certificate authorities.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

/// An answer that switches protocols is none to the request.
pub(crate) fn refuse_switch(host: &str, status: StatusCode) -> Result<(), VendorError> {
    if status.is_informational() {
        let reason = format!("it answered {} to a request that asked for no other protocol", status.as_u16());
        return Err(VendorError::Broken { host: host.to_owned(), reason });
    }
    Ok(())
}

/// What became of a request that got no whole answer. Which address a name has is for the log: a caller could map an inner network
/// with it.
pub(crate) fn failed_exchange(host: &str, error: reqwest::Error) -> VendorError {
    if let Some(denied) = causes(&error).find_map(|cause| cause.downcast_ref::<Denied>()) {
        info!(host, %denied, "the egress guard denied an address");
        return VendorError::Forbidden { host: host.to_owned(), reason: Denied::TOLD.to_owned() };
    }
    let never_sent = error.is_connect() || error.is_builder();
    let (host, reason) = (host.to_owned(), innermost(error));
    if never_sent { VendorError::Unreachable { host, reason } } else { VendorError::Broken { host, reason } }
}

/// The message of the last cause: the outer ones repeat that something failed, and reqwest's own would show the address.
pub(crate) fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    causes(&error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'e (dyn Error + 'static)| (*cause).source())
}
