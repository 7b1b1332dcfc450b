//! The public error taxonomy: one closed table, and the error that a caller sees.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use vendor_client::RateLimit;

macro_rules! taxonomy {
    ($($(#[doc = $doc:literal])+ $variant:ident = $status:literal, $message:literal;)+) => {
        /// Every type of error that a caller can see.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorType { $($(#[doc = $doc])+ $variant),+ }

        impl ErrorType {
            /// Every type, in the table's order.
            pub const EVERY: &'static [Self] = &[$(Self::$variant),+];

            /// The `type_name` of the body.
            #[must_use]
            pub const fn type_name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }

            /// The HTTP status, unless the case at hand sets another (`ConnectorExecutionError`).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The `message` of the body.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }

            /// What it means, for the reference page.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

taxonomy! {
    /// The request does not fit the end-point: a parameter or the body is missing or malformed.
    RequestValidationError = 400, "Invalid Params";
    /// A header is missing, or does not say enough to choose a connection.
    RequestHeadersValidationError = 400, "Invalid Params";
    /// The filter exists, but this connector cannot apply it, alone or together with the others.
    UnsupportedFiltersError = 400, "Unsupported Filters Error";
    /// The sort field exists, but this connector cannot sort by it.
    UnsupportedSortFieldError = 400, "Unsupported Sort Field Error";
    /// The cursor was altered, has expired at the vendor, or was issued for another list.
    InvalidCursorError = 400, "Invalid Cursor";
    /// The vendor answered with an error, or with something that cannot be used.
    ConnectorExecutionError = 400, "Connector Execution Error";
    /// The API key is missing, wrong or revoked, or belongs to another application.
    UnauthorizedError = 401, "Unauthorized Request";
    /// The vendor does not accept the connection's credentials.
    ConnectorCredentialsError = 401, "Connector Credentials Error";
    /// A quota is used up. This version has no quotas and never answers this; version 0.3 will, with limits on incoming requests.
    RequestLimitError = 402, "Request Limit Reached";
    /// The API key does not have the scope that the request needs, or the call came over plain HTTP to a gateway that is served by HTTPS.
    /// Not part of the contract.
    ForbiddenError = 403, "Forbidden";
    /// The connection is switched off.
    ConnectorDisabledError = 403, "Connector Disabled";
    /// There is no such route, or no such record of this resource.
    EntityNotFoundError = 404, "Entity Not Found";
    /// The integration has no OAuth client id or secret.
    OAuthCredentialsNotFoundError = 404, "OAuth Credentials Not Found";
    /// The application has no such integration.
    IntegrationNotFoundError = 404, "Integration Not Found";
    /// The consumer has no such connection.
    ConnectionNotFoundError = 404, "Connection Not Found";
    /// There is no such connector.
    ConnectorNotFoundError = 404, "Connector Not Found";
    /// The request conflicts with what is stored, or with another write to the same record.
    ConflictError = 409, "Conflict";
    /// The connection's settings are missing or cannot be used.
    ConnectionSettingsError = 422, "Connection Settings Error";
    /// The state of the resource does not allow the request.
    InvalidStateError = 422, "Invalid State";
    /// The vendor, or the connection's own limit, allows no further request for now.
    ConnectorRateLimitError = 429, "Connector Rate Limit Error";
    /// The client's address has as many connections or calls under way as one client may have.
    TooManyRequestsError = 429, "Too Many Requests";
    /// An authorisation or revocation lacks an allowed redirect address.
    OAuthRedirectUriError = 400, "OAuth Redirect URI Error";
    /// The OAuth state was altered, has expired or was used before.
    OAuthInvalidStateError = 400, "OAuth Invalid State";
    /// The vendor did not exchange the code for a token.
    OAuthCodeExchangeError = 400, "OAuth Code Exchange Error";
    /// The vendor reported an error during authorisation.
    OAuthConnectorError = 400, "OAuth Connector Error";
    /// This connector cannot page the list. Never answered: where a vendor does not page, the gateway cuts the list into pages itself.
    PaginationNotSupportedError = 400, "Pagination Not Supported";
    /// An attribute has no mapping. Never answered: a member without a mapping is left out with a warning, and a vendor's record
    /// that a mapping cannot read is a `ConnectorExecutionError`.
    MappingError = 501, "Unmapped Attribute";
    /// The connector has no mapping for the resource. Never answered: that is a `ConnectorOperationUnsupportedError` whose
    /// `detail.because` is `definition`.
    ConnectorMappingNotFoundError = 501, "Connector Mapping Not Found";
    /// The connector has no mapping for the vendor's answer. Never answered: a definition with such a gap is refused when it is
    /// loaded.
    ConnectorResponseMappingNotFoundError = 501, "Connector Response Mapping Not Found";
    /// The connector has no mapping for the operation. Never answered: that is a `ConnectorOperationUnsupportedError` whose
    /// `detail.because` is `definition`.
    ConnectorOperationMappingNotFoundError = 501, "Connector Operation Mapping Not Found";
    /// An operation of several vendor calls is not fully mapped.
    ConnectorWorkflowMappingError = 501, "Connector Workflow Mapping Error";
    /// The connector does not offer the operation on this resource. `detail.because` says whether that is the vendor's limit
    /// (`vendor`) or a gap of the definition (`definition`).
    ConnectorOperationUnsupportedError = 501, "Connector Operation Unsupported";
    /// The vendor did not answer a request of the Proxy API in time.
    ProxyTimedOutError = 504, "Proxy Timed Out";
    /// The gateway cannot serve the request for now, or its own store cannot be reached or written. Nothing was sent to the
    /// vendor: repeat the request after `Retry-After`. Not part of the contract.
    ServiceUnavailableError = 503, "Service Unavailable";
    /// Something broke in the gateway itself. Never answered once a write may have reached the vendor.
    InternalError = 500, "Internal Error";
}

/// Whose fault it is, for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The caller's or the gateway's.
    Ours,
    /// The vendor's.
    Vendor,
}

/// What kind of trouble it is, for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Credentials are missing or wrong.
    Credentials,
    /// The credentials do not allow it.
    Forbidden,
    /// Too many requests.
    RateLimited,
    /// A cursor that no longer works.
    CursorGone,
    /// There is no such thing.
    NotFound,
    /// What was sent is refused.
    Refused,
    /// The vendor's answer is not what the definition says.
    SchemaDrift,
    /// The vendor broke.
    VendorFault,
    /// The vendor was not reached.
    Unreachable,
    /// The deadline passed.
    Timeout,
    /// The gateway broke.
    Ours,
}

impl Class {
    /// The name in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Forbidden => "forbidden",
            Self::RateLimited => "rate_limited",
            Self::CursorGone => "cursor_gone",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::SchemaDrift => "schema_drift",
            Self::VendorFault => "vendor_fault",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Ours => "ours",
        }
    }
}

/// One error of the vendor's own, all members texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DownstreamError {
    /// The vendor's message.
    pub message: String,
    /// More of it.
    pub detail: String,
    /// The vendor's code, else its HTTP status.
    pub code: String,
}

/// An error as a caller sees it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}: {detail}", .error_type.type_name())]
pub struct GatewayError {
    /// Its type.
    pub error_type: ErrorType,
    /// The HTTP status.
    pub status: u16,
    /// What is said instead of the type's own message.
    pub message: Option<String>,
    /// What to change: a text or an object, never a list or null.
    pub detail: Value,
    /// The vendor's own errors; only with `ConnectorExecutionError`.
    pub downstream_errors: Vec<DownstreamError>,
    /// When a repeat makes sense.
    pub retry_after: Option<Duration>,
    /// What the vendor said of its limits.
    pub rate_limit: Option<Box<RateLimit>>,
    /// Whose fault it is.
    pub origin: Origin,
    /// What kind of trouble it is.
    pub class: Class,
}

impl GatewayError {
    /// An error of the caller's or the gateway's with the type's own status.
    #[must_use]
    pub fn new(error_type: ErrorType, class: Class, detail: impl Into<Value>) -> Self {
        Self {
            error_type,
            status: error_type.status(),
            message: None,
            detail: detail.into(),
            downstream_errors: Vec::new(),
            retry_after: None,
            rate_limit: None,
            origin: Origin::Ours,
            class,
        }
    }

    /// The same error, the vendor's doing.
    #[must_use]
    pub fn from_vendor(mut self) -> Self {
        self.origin = Origin::Vendor;
        self
    }

    /// The same error with what the vendor said of its limits.
    #[must_use]
    pub fn with_rate_limit(mut self, rate_limit: Option<RateLimit>) -> Self {
        self.rate_limit = rate_limit.map(Box::new);
        self
    }

    /// The same error with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_documented_type_and_ours() {
        assert_eq!(ErrorType::EVERY.len(), 35, "27 documented, four more of the contract, and four of ours");
    }

    #[test]
    fn every_type_says_what_it_means() {
        for error_type in ErrorType::EVERY {
            assert!(error_type.meaning().ends_with('.'), "{}", error_type.type_name());
            assert!((400..=599).contains(&error_type.status()));
        }
    }
}
