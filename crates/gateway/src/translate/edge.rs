//! What is refused before a request is a unified one, or beside it: addresses, headers, bodies, sessions, clients that take too
//! much.

use std::time::Duration;

use http::Method;
use unified_model::Resource;

use crate::error::{Class, ErrorType, GatewayError};

/// When a client that was refused for want of room may try again.
const SOON: Duration = Duration::from_secs(1);
/// How much of a path or a name is repeated in a message.
const MOST_PATH_CHARACTERS: usize = 200;
const MOST_NAME_CHARACTERS: usize = 80;

/// Why a request is refused at the edge. Its message is what the caller sees as `detail`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    /// No route has this path.
    #[error("There is no {method} {}; /docs lists every route.", shortened(.path, MOST_PATH_CHARACTERS))]
    NoRoute {
        /// The method.
        method: Method,
        /// The path as it was sent.
        path: String,
    },
    /// The path takes other methods.
    #[error("There is no {method} {}; this path takes {allowed}.", shortened(.path, MOST_PATH_CHARACTERS))]
    WrongMethod {
        /// The method.
        method: Method,
        /// The path as it was sent.
        path: String,
        /// The methods that it takes, as a list in words.
        allowed: String,
    },
    /// There is nothing of this kind with this name.
    #[error("There is no {kind} `{}`.", shortened(.name, MOST_NAME_CHARACTERS))]
    NothingNamed {
        /// What kind of thing.
        kind: String,
        /// Its name as it was sent.
        name: String,
    },
    /// The Connector API has no such connector.
    #[error("There is no connector `{}`; /connector/connectors lists those there are.", shortened(.0, MOST_NAME_CHARACTERS))]
    NoConnectorToShow(String),
    /// There is no such connector to connect to.
    #[error(
        "There is no connector `{}`; /connector/connectors lists those that there are.",
        shortened(.0, MOST_NAME_CHARACTERS)
    )]
    NoConnector(String),
    /// There is no such unified API.
    #[error("There is no unified API `{}` here; use `{known}`.", shortened(.name, MOST_NAME_CHARACTERS))]
    NoUnifiedApi {
        /// Its name as it was sent.
        name: String,
        /// The one that there is.
        known: &'static str,
    },
    /// There is no such resource.
    #[error(
        "There is no resource `{}` in the CRM API; /openapi.json lists those that there are.",
        shortened(.0, MOST_NAME_CHARACTERS)
    )]
    NoResource(String),
    /// The connector does not serve the resource.
    #[error("{connector} has no {resource}; it has {served}.")]
    NotServed {
        /// The connector's name.
        connector: String,
        /// The resource.
        resource: Resource,
        /// Those that it serves, as a list in words.
        served: String,
    },
    /// The consumer has not mapped this field of the application's.
    #[error("The consumer has not mapped `{0}`, so there is nothing to delete.")]
    NotMapped(String),
    /// A cursor of the Connector API that none of its lists gave.
    #[error("The cursor is none of this list; repeat the request without it to start over.")]
    ForeignCursor,
    /// A header is missing.
    #[error("Missing header: {0}. Send it with every request.")]
    MissingHeader(&'static str),
    /// A header cannot be used.
    #[error("{name}: {message}")]
    Header {
        /// Its name.
        name: &'static str,
        /// What is wrong and what would be right, without a final stop.
        message: String,
    },
    /// A session is to be used and its token is missing.
    #[error("Missing authentication: send `Authorization: Bearer <session token>`.")]
    MissingSessionToken,
    /// The session's token cannot be used.
    #[error("The session token {0}; create a session at POST /vault/sessions.")]
    SessionToken(String),
    /// A header names another application or consumer than the session is for.
    #[error("{0} is another than the session's; leave it out, or send the session's own.")]
    NotTheSessions(&'static str),
    /// A page of an origin that the application does not list uses a session.
    #[error("The page's origin is none of the application's; add it to its origins.")]
    ForeignOrigin,
    /// An operation that no session may ask for.
    #[error("A session cannot ask for this; call with the API key.")]
    NotForSessions,
    /// The session is for other unified APIs.
    #[error("The session is for other APIs; create one whose settings.unified_apis name crm.")]
    SessionOfOtherApis,
    /// The body is larger than so many bytes.
    #[error("body: larger than {0} bytes; send less")]
    BodyTooLarge(usize),
    /// The body came too slowly. Nothing of it was acted on, so it may be sent again.
    #[error("body: it came too slowly; send it again, without pauses")]
    BodyTooSlow,
    /// Line and headers of the request came too slowly.
    #[error("The request was not complete within {} seconds; send it again, without pauses.", .0.as_secs_f64())]
    HeaderTimeout(Duration),
    /// The address is longer than so many bytes.
    #[error("path and query: longer than {0} bytes; send a shorter address")]
    AddressTooLong(usize),
    /// The headers are longer than so many bytes.
    #[error("headers: longer than {0} bytes in all; send fewer or shorter ones")]
    HeadersTooLong(usize),
    /// There are as many connections as there may be, all of them with calls under way.
    #[error("The gateway serves as many connections as it may ([server] max_connections); try again soon.")]
    TooManyConnections,
    /// One client has taken as much as one client may: so many connections or calls.
    #[error(
        "This address has {0} connections or calls under way, and may have no more \
         ([server] max_connections_per_client); use the connections that there are."
    )]
    TooManyOfOneClient(usize),
    /// A request handler panicked.
    #[error("The gateway broke; its log says why.")]
    Panicked,
}

impl From<EdgeError> for GatewayError {
    fn from(error: EdgeError) -> Self {
        let detail = error.to_string();
        let refused = |error_type| Self::new(error_type, Class::Refused, detail.clone());
        let missing = |error_type| Self::new(error_type, Class::NotFound, detail.clone());
        match error {
            EdgeError::NoRoute { .. }
            | EdgeError::WrongMethod { .. }
            | EdgeError::NothingNamed { .. }
            | EdgeError::NoResource(_)
            | EdgeError::NotServed { .. }
            | EdgeError::NotMapped(_) => missing(ErrorType::EntityNotFoundError),
            EdgeError::NoConnectorToShow(_) | EdgeError::NoConnector(_) | EdgeError::NoUnifiedApi { .. } => {
                missing(ErrorType::ConnectorNotFoundError)
            }
            EdgeError::ForeignCursor => Self::new(ErrorType::InvalidCursorError, Class::CursorGone, detail),
            EdgeError::MissingHeader(_) | EdgeError::Header { .. } => refused(ErrorType::RequestHeadersValidationError),
            EdgeError::MissingSessionToken | EdgeError::SessionToken(_) | EdgeError::NotTheSessions(_) => {
                Self::new(ErrorType::UnauthorizedError, Class::Credentials, detail)
            }
            EdgeError::ForeignOrigin | EdgeError::NotForSessions | EdgeError::SessionOfOtherApis => {
                Self::new(ErrorType::UnauthorizedError, Class::Forbidden, detail).with_status(403)
            }
            EdgeError::BodyTooLarge(_) => refused(ErrorType::RequestValidationError).with_status(413),
            EdgeError::BodyTooSlow | EdgeError::HeaderTimeout(_) => {
                refused(ErrorType::RequestValidationError).with_status(408)
            }
            EdgeError::AddressTooLong(_) => refused(ErrorType::RequestValidationError).with_status(414),
            EdgeError::HeadersTooLong(_) => refused(ErrorType::RequestHeadersValidationError).with_status(431),
            EdgeError::TooManyConnections => full(ErrorType::ServiceUnavailableError, &detail),
            EdgeError::TooManyOfOneClient(_) => full(ErrorType::TooManyRequestsError, &detail),
            EdgeError::Panicked => Self::new(ErrorType::InternalError, Class::Ours, detail),
        }
    }
}

/// There is no room at the moment.
fn full(error_type: ErrorType, detail: &str) -> GatewayError {
    GatewayError { retry_after: Some(SOON), ..GatewayError::new(error_type, Class::RateLimited, detail) }
}

fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
