//! The one place that decides what a caller sees of an inner crate's error. No match here ends in `_`.

use std::time::Duration;

use connection_vault::{AdminError, AuthorizeError, SessionAction, VaultError};
use connector_catalog::{Because, ConnectorDefinition, ErrorMeaning, ListRefusal, Part, PlanError};
use connectors::{Answered, ConnectorError, Contention, Failure, Progress};
use serde_json::{Map, Value, json};
use unified_model::{RequestError, Resource, UnifiedRequest};
use vendor_client::{CredentialError, RelayError, VendorError};

use crate::cursor::ForeignCursor;
use crate::error::{Class, DownstreamError, ErrorType, GatewayError};

/// The wait that a caller is told when the vendor says none.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

/// What is longer is no code.
const MOST_CODE_CHARACTERS: usize = 200;

pub(crate) fn missing_header(name: &str) -> GatewayError {
    let detail = format!("Missing header: {name}. Send it with every request.");
    GatewayError::new(ErrorType::RequestHeadersValidationError, Class::Refused, detail)
}

/// A header that cannot be used.
pub(crate) fn invalid_header(detail: impl Into<Value>) -> GatewayError {
    GatewayError::new(ErrorType::RequestHeadersValidationError, Class::Refused, detail)
}

pub(crate) fn missing_authorization() -> GatewayError {
    let detail = "Missing authentication: send `Authorization: Bearer <API key>`.";
    GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail)
}

/// The API key of an `Authorization` header.
pub(crate) fn bearer(header: &str) -> Result<&str, GatewayError> {
    let key =
        header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
    key.filter(|key| !key.is_empty()).ok_or_else(missing_authorization)
}

pub(crate) fn unknown_service(found: &str) -> GatewayError {
    let detail =
        format!("There is no connector `{}`; check x-apideck-service-id.", found.chars().take(80).collect::<String>());
    GatewayError::new(ErrorType::ConnectorNotFoundError, Class::NotFound, detail)
}

pub(crate) fn request(error: RequestError) -> GatewayError {
    match error {
        RequestError::ImpossibleId(id) => not_found(&id),
        RequestError::Invalid(violations) => {
            let detail = match violations.as_slice() {
                [one] => Value::String(format!("{}: {}", one.at, one.message)),
                several => json!({
                    "invalid": several.iter().map(|v| json!({ "at": v.at, "message": v.message })).collect::<Vec<_>>()
                }),
            };
            GatewayError::new(ErrorType::RequestValidationError, Class::Refused, detail)
        }
    }
}

impl From<RequestError> for GatewayError {
    fn from(error: RequestError) -> Self {
        request(error)
    }
}

fn not_found(id: &str) -> GatewayError {
    let detail = format!("Could not find a record with id '{id}' among the records of this resource");
    GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
}

pub(crate) fn vault(error: VaultError) -> GatewayError {
    let text = error.to_string();
    match error {
        VaultError::Unauthorized => {
            let detail =
                "The API key is unknown or revoked, or belongs to another application than x-apideck-app-id names.";
            GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail)
        }
        VaultError::MissingScope(scope) => {
            let detail = format!("The API key lacks the scope `{scope}`; call with one that has it.");
            GatewayError::new(ErrorType::ForbiddenError, Class::Forbidden, detail)
        }
        VaultError::UnknownService(service) => unknown_service(service.as_str()),
        VaultError::NoConnection { consumer_id, service } => {
            let to = service.map(|service| format!(" to {service}")).unwrap_or_default();
            let detail = format!("Consumer '{consumer_id}' has no callable connection{to}; add one first.");
            GatewayError::new(ErrorType::ConnectionNotFoundError, Class::NotFound, detail)
        }
        VaultError::Ambiguous(services) => {
            let detail = json!({
                "message": "The consumer has several connections; name one in x-apideck-service-id.",
                "candidates": services,
            });
            GatewayError::new(ErrorType::RequestHeadersValidationError, Class::Refused, detail)
        }
        VaultError::Disabled(service) => {
            let detail = format!("The connection to {service} is disabled; enable it first.");
            GatewayError::new(ErrorType::ConnectorDisabledError, Class::Forbidden, detail)
        }
        VaultError::MissingSettings { service, missing } => {
            let detail =
                json!({ "message": format!("The connection to {service} lacks settings."), "missing": missing });
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, detail)
        }
        VaultError::FieldMap { service, message } => {
            let detail = format!("The field map of the connection to {service} does not fit its connector: {message}");
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, detail)
        }
        VaultError::NotAuthorized { service, reason } => not_authorized(service.as_str(), &reason),
        VaultError::NoIntegration(service) => {
            let detail = format!("The application has no integration of {service}; its operator adds one.");
            GatewayError::new(ErrorType::IntegrationNotFoundError, Class::NotFound, detail)
        }
        VaultError::IntegrationDisabled(service) => {
            let detail = format!("The application's integration of {service} is disabled; its operator enables it.");
            GatewayError::new(ErrorType::ConnectorDisabledError, Class::Refused, detail)
        }
        VaultError::NoOauthClient(service) => no_oauth_client(service.as_str()),
        VaultError::NoConsumer(consumer_id) => {
            let detail = format!("There is no consumer `{consumer_id}`; create it, or check x-apideck-consumer-id.");
            GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
        }
        VaultError::NoMappingTarget(id) => {
            let detail = format!(
                "The application defines no custom mapping `{id}`; list those that it has at /vault/custom-mappings."
            );
            GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
        }
        VaultError::Unavailable(cause) => unavailable(&cause),
        VaultError::Store(_) | VaultError::Internal(_) | VaultError::Sealed(_) | VaultError::InUse(_) => {
            internal(&text)
        }
    }
}

/// The store is away, and the vendor was not asked.
fn unavailable(cause: &str) -> GatewayError {
    tracing::warn!(cause, "the store is not available");
    let detail = "The gateway's own store is not available at the moment, and nothing was sent to the vendor; repeat the \
                  request after Retry-After.";
    let mut error = GatewayError::new(ErrorType::ServiceUnavailableError, Class::Ours, detail);
    error.retry_after = Some(DEFAULT_RETRY_AFTER);
    error
}

/// What an administrator's change is refused for, as a caller of the Vault API sees it.
pub(crate) fn admin(error: AdminError) -> GatewayError {
    let text = error.to_string();
    let refused = |detail: Value| GatewayError::new(ErrorType::RequestValidationError, Class::Refused, detail);
    match error {
        AdminError::Vault(error) => vault(error),
        AdminError::Settings { service, problems } => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            refused(json!({ "message": format!("The settings do not fit {service}."), "settings": problems }))
        }
        AdminError::EnterAgain { service, changed, secrets } => {
            let (changed, listed) = (changed.join(", "), secrets.join(", "));
            let message = format!(
                "{changed} says where the secrets of {service} are sent: send {listed} again in the same request."
            );
            refused(json!({ "message": message, "enter_again": secrets }))
        }
        AdminError::NotAllowed(action) => not_allowed(action),
        AdminError::FieldMap { .. }
        | AdminError::Name { .. }
        | AdminError::ApplicationId(_)
        | AdminError::MappingTargetKey(_)
        | AdminError::Configuration(_)
        | AdminError::CustomMapping { .. }
        | AdminError::Session(_)
        | AdminError::Size { .. }
        | AdminError::RedirectUri(_)
        | AdminError::Origin(_)
        | AdminError::ApiKeyMalformed
        | AdminError::NoScope
        | AdminError::ApiKeyLifetime
        | AdminError::SameMasterKey => refused(text.into()),
        AdminError::ApplicationExists(_) | AdminError::ApiKeyExists | AdminError::ConnectionExists { .. } => {
            GatewayError::new(ErrorType::ConflictError, Class::Refused, text)
        }
        AdminError::UnknownApplication(_) | AdminError::UnknownApiKey(_) | AdminError::UnknownSession(_) => {
            GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, text)
        }
    }
}

/// What a session may not do.
#[must_use]
pub fn not_allowed(action: SessionAction) -> GatewayError {
    let action = action.as_str();
    let detail = format!("The session does not allow `{action}`; create one whose settings.allow_actions name it.");
    GatewayError::new(ErrorType::UnauthorizedError, Class::Forbidden, detail).with_status(403)
}

impl From<ForeignCursor> for GatewayError {
    fn from(error: ForeignCursor) -> Self {
        cursor(error)
    }
}

impl From<AdminError> for GatewayError {
    fn from(error: AdminError) -> Self {
        admin(error)
    }
}

impl From<VaultError> for GatewayError {
    fn from(error: VaultError) -> Self {
        vault(error)
    }
}

impl From<AuthorizeError> for GatewayError {
    fn from(error: AuthorizeError) -> Self {
        let text = error.to_string();
        let refused = |error_type| GatewayError::new(error_type, Class::Refused, text.clone());
        match error {
            AuthorizeError::State(_) => refused(ErrorType::OAuthInvalidStateError),
            AuthorizeError::RedirectUri(_) => refused(ErrorType::OAuthRedirectUriError),
            AuthorizeError::Exchange(_) => {
                let hint = "Authorise the connection anew; a code works once.";
                let detail = json!({ "message": text, "hint": hint });
                GatewayError::new(ErrorType::OAuthCodeExchangeError, Class::Credentials, detail).from_vendor()
            }
            AuthorizeError::Vendor { error, description } => {
                let detail = json!({ "message": text, "error": error, "error_description": description });
                GatewayError::new(ErrorType::OAuthConnectorError, Class::Credentials, detail).from_vendor()
            }
            AuthorizeError::ConfirmToken => {
                let detail = format!("{text}; it works once, and not for long: authorise the connection anew.");
                GatewayError::new(ErrorType::InvalidStateError, Class::Refused, detail)
            }
            AuthorizeError::NotOffered(_) => refused(ErrorType::InvalidStateError),
            AuthorizeError::Renewal { service, error } => unrenewed(error, service.as_str()),
            AuthorizeError::Vault(error) => vault(error),
            AuthorizeError::Admin(error) => admin(error),
        }
    }
}

fn not_authorized(service: &str, reason: &str) -> GatewayError {
    let detail = json!({
        "message": format!("The connection to {service} is not authorised: {reason}."),
        "hint": "Send the consumer to the connection's authorize_url, which GET /vault/connections answers; where it has none, \
                 correct its settings.",
    });
    GatewayError::new(ErrorType::ConnectorCredentialsError, Class::Credentials, detail)
}

fn no_oauth_client(service: &str) -> GatewayError {
    let detail =
        format!("The application's integration of {service} has no OAuth client id or secret; its operator sets both.");
    GatewayError::new(ErrorType::OAuthCredentialsNotFoundError, Class::NotFound, detail)
}

pub(crate) fn plan(error: PlanError) -> GatewayError {
    match error {
        PlanError::UnknownService(service) => unknown_service(service.as_str()),
        PlanError::Unsupported { service, resource, operation, supported, because } => {
            let offered = match supported.as_slice() {
                [] => "nothing".to_owned(),
                some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            };
            let message =
                format!("{service} does not support `{operation}` on {resource}; it supports {offered} there.");
            not_supported(&message, &because)
        }
        PlanError::NoCustomFields { service, resource } => {
            let message = format!("{service} has no way to say which fields of their own its {resource} have.");
            not_supported(&message, &Because::Definition)
        }
        PlanError::SwitchedOff { service, resource, operation, wanted } => {
            let wanted = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", or ");
            let message = format!(
                "{service} supports `{operation}` on {resource} only with other settings of the connection: {wanted}."
            );
            not_supported(&message, &Because::Definition)
        }
    }
}

/// An operation that is not there, and whose limit that is.
fn not_supported(message: &str, because: &Because) -> GatewayError {
    let mut detail = Map::from_iter([("message".to_owned(), message.into())]);
    detail.extend(said_of(because));
    GatewayError::new(ErrorType::ConnectorOperationUnsupportedError, Class::Refused, Value::Object(detail))
}

/// Whose limit it is, as `detail` says it: a vendor's with what is known of it.
fn said_of(because: &Because) -> Map<String, Value> {
    let members = match because {
        Because::Vendor { evidence, why } => json!({ "because": "vendor", "evidence": evidence, "why": why }),
        Because::Definition => json!({ "because": "definition" }),
    };
    members.as_object().cloned().unwrap_or_default()
}

/// Whose limit several parts of a resource are: the vendor's where it is that of each.
fn because_of<'p>(
    connector: &ConnectorDefinition,
    resource: Resource,
    parts: impl IntoIterator<Item = Part<'p>>,
) -> Map<String, Value> {
    let reasons: Vec<Because> = parts.into_iter().map(|part| connector.because(resource, part)).collect();
    let definitions = reasons.iter().find(|reason| **reason == Because::Definition);
    said_of(definitions.or(reasons.first()).unwrap_or(&Because::Definition))
}

pub(crate) fn cursor(_: ForeignCursor) -> GatewayError {
    let detail = "The cursor was altered or belongs to another list, query, connection or consumer; \
                  repeat the request without it to start over.";
    GatewayError::new(ErrorType::InvalidCursorError, Class::CursorGone, detail)
}

/// A write whose task broke: nobody knows how far it came.
pub(crate) fn broken_write() -> ConnectorError {
    ConnectorError::Call {
        failure: Box::new(Failure::Unusable {
            status: 0,
            reason: "the gateway broke while it was writing".to_owned(),
            excerpt: String::new(),
        }),
        progress: Progress { writing: true, ..Progress::default() },
    }
}

fn internal(cause: &str) -> GatewayError {
    tracing::error!(cause, "the gateway broke");
    GatewayError::new(
        ErrorType::InternalError,
        Class::Ours,
        "The gateway broke; its log says why under this request's id.",
    )
}

pub(crate) fn connector(
    error: ConnectorError,
    request: &UnifiedRequest,
    connector: &ConnectorDefinition,
) -> GatewayError {
    match error {
        ConnectorError::NotFound(id) => not_found(id.as_str()).from_vendor(),
        ConnectorError::ForeignPosition => cursor(ForeignCursor),
        ConnectorError::BadRequest { at, message } => {
            GatewayError::new(ErrorType::RequestValidationError, Class::Refused, format!("{at}: {message}"))
        }
        ConnectorError::Conflict { contention, progress } => {
            conflict(contention, Stage::of(request, &progress), &progress, connector)
        }
        // Locks are taken before anything is written.
        ConnectorError::Store(cause) => unavailable(&cause),
        ConnectorError::Internal(cause) => internal(&cause),
        ConnectorError::NotCarried { fields } => not_carried(&fields, connector),
        ConnectorError::NotOffered(error) => plan(error),
        ConnectorError::ListRefused(refusal) => list_refused(refusal, request, connector),
        ConnectorError::Call { failure, progress } => {
            let stage = Stage::of(request, &progress);
            call(*failure, stage, &progress, connector).from_vendor()
        }
    }
}

/// Another write to the record stands in the way. A later repeat may pass, but no SDK repeats a 409 by itself.
fn conflict(
    contention: Contention,
    stage: Stage,
    progress: &Progress,
    connector: &ConnectorDefinition,
) -> GatewayError {
    let name = &connector.name;
    let said = match contention {
        Contention::Busy => {
            "Other writes to this record took all of the call's time; nothing was sent. Send the request again."
                .to_owned()
        }
        Contention::Changed => format!(
            "{name} says that somebody else changed the record while this change was being written, twice in a row. \
             Read the record and send the request again."
        ),
        Contention::LockLost => format!(
            "The record's lock ran out before {name} was sent the change, so another write may have come in between. \
             Read the record and send the request again."
        ),
    };
    let detail = Value::Object(detail(&said, stage, progress, true));
    GatewayError::new(ErrorType::ConflictError, Class::Refused, detail)
}

/// The definition has no call for a part of a write. The same request fails again, so the status is none that SDKs repeat.
fn not_carried(fields: &[String], connector: &ConnectorDefinition) -> GatewayError {
    let message = match fields {
        [] => format!("No call of {} writes what was sent; nothing was written.", connector.name),
        fields => format!("No call of {} writes {}; nothing was written.", connector.name, fields.join(", ")),
    };
    let detail = json!({ "message": message, "fields": fields, "outcome": "not_run", "because": "definition" });
    GatewayError::new(ErrorType::ConnectorWorkflowMappingError, Class::Ours, detail)
}

fn list_refused(refusal: ListRefusal, request: &UnifiedRequest, connector: &ConnectorDefinition) -> GatewayError {
    let service_id = connector.service_id.as_str();
    let on = format!("the {} resource of {}", request.resource, connector.name);
    match refusal {
        ListRefusal::UnsupportedFilters { unsupported, supported } => {
            let because = because_of(connector, request.resource, unsupported.iter().map(|name| Part::Filter(name)));
            let detail = json!({
                "context": format!("{on} cannot filter by {}", unsupported.join(", ")),
                "service_id": service_id,
                "unsupported_filters": unsupported,
                "supported_filters": supported,
            });
            let detail = beside(detail, because);
            GatewayError::new(ErrorType::UnsupportedFiltersError, Class::Refused, detail)
        }
        ListRefusal::FiltersNotTogether { asked, combinations } => {
            let detail = json!({
                "context": format!("{on} cannot filter and sort by all of this at once"),
                "service_id": service_id,
                "unsupported_filters": asked,
                "supported_combinations": combinations,
            });
            let detail = beside(detail, said_of(&Because::Definition));
            GatewayError::new(ErrorType::UnsupportedFiltersError, Class::Refused, detail)
        }
        ListRefusal::Ignored { ignored } => {
            let detail = json!({
                "context": format!(
                    "{on} did not filter by {}: it answered records that the filter excludes, so none is passed on",
                    ignored.join(", ")
                ),
                "service_id": service_id,
                "unsupported_filters": ignored,
                "because": "vendor",
                "why": "The vendor's answer shows that it does not know the parameter",
            });
            GatewayError::new(ErrorType::UnsupportedFiltersError, Class::Refused, detail)
        }
        ListRefusal::UnsupportedSort { by, supported } => {
            let because = because_of(connector, request.resource, [Part::Sort(&by)]);
            let filtered = if request.filters.is_empty() { "" } else { " beside these filters" };
            let detail = json!({
                "context": format!("{on} cannot sort by {by}{filtered}"),
                "service_id": service_id,
                "supported_sort_by": supported,
            });
            let detail = beside(detail, because);
            GatewayError::new(ErrorType::UnsupportedSortFieldError, Class::Refused, detail)
        }
    }
}

/// An object with further members.
fn beside(mut detail: Value, more: Map<String, Value>) -> Value {
    if let Value::Object(members) = &mut detail {
        members.extend(more);
    }
    detail
}

/// What is known of the vendor's data when a call fails. Decides which statuses are safe: the official SDKs repeat
/// 408, 500, 502, 503 and 504 for up to fifteen minutes, writes included.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A read failed: a repeat is safe.
    Reading,
    /// A write failed before its first writing call.
    NotRun,
    /// A writing call failed; it was the first.
    Writing,
    /// A writing call failed after others had been done.
    Partial,
    /// The same, and what had been done was taken back.
    Undone,
}

impl Stage {
    fn of(request: &UnifiedRequest, progress: &Progress) -> Self {
        match (request.operation.writes(), progress.writing, progress.completed.is_empty()) {
            (false, _, _) => Self::Reading,
            (true, false, _) => Self::NotRun,
            (true, true, true) => Self::Writing,
            (true, true, false) if progress.is_undone() => Self::Undone,
            (true, true, false) => Self::Partial,
        }
    }

    /// What a caller is told when nobody knows whether the failing call ran.
    fn outcome(self) -> Option<&'static str> {
        match self {
            Self::Reading => None,
            Self::NotRun => Some("not_run"),
            Self::Writing => Some("unknown"),
            Self::Partial => Some("partial"),
            Self::Undone => Some("undone"),
        }
    }

    /// Whether calls before the failing one were done.
    fn came_far(self) -> bool {
        matches!(self, Self::Partial | Self::Undone)
    }

    /// `status` for a read; for a write, one that no SDK repeats.
    fn status(self, status: u16) -> u16 {
        match self {
            Self::Reading => status,
            Self::NotRun | Self::Writing | Self::Partial | Self::Undone => 400,
        }
    }
}

fn call(failure: Failure, stage: Stage, progress: &Progress, connector: &ConnectorDefinition) -> GatewayError {
    match failure {
        Failure::Answered(answer) => answered(answer, stage, progress, connector),
        Failure::Unusable { status, reason, excerpt } => {
            let message = format!("{} gave an answer that cannot be used: {reason}", connector.name);
            let mut detail = detail(&message, stage, progress, true);
            if status != 0 {
                detail.insert("vendor_status".to_owned(), status.into());
            }
            if !excerpt.is_empty() {
                detail.insert("response".to_owned(), excerpt.clone().into());
            }
            execution(stage.status(502), Class::SchemaDrift, detail, &message, &excerpt, status)
        }
        Failure::Transport(error) => transport(error, stage, progress, connector),
    }
}

fn answered(answer: Answered, stage: Stage, progress: &Progress, connector: &ConnectorDefinition) -> GatewayError {
    let said = answer.message.clone().unwrap_or_else(|| format!("{} answered {}", connector.name, answer.status));
    match answer.meaning {
        Some(ErrorMeaning::Credentials) => credentials(&said, stage, progress),
        Some(ErrorMeaning::RateLimited) => rate_limited(&said, answer.body, answer.retry_after, stage, progress),
        Some(ErrorMeaning::Forbidden) => refused(answer, &said, Class::Forbidden, stage, progress),
        Some(ErrorMeaning::NotFound) => refused(answer, &said, Class::NotFound, stage, progress),
        Some(ErrorMeaning::CursorGone) => refused(answer, &said, Class::CursorGone, stage, progress),
        None if answer.status >= 500 || answer.status == 408 => {
            refused(answer, &said, Class::VendorFault, stage, progress)
        }
        Some(ErrorMeaning::Failed) => refused(answer, &said, Class::VendorFault, stage, progress),
        Some(ErrorMeaning::Refused) | None => refused(answer, &said, Class::Refused, stage, progress),
    }
}

fn refused(answer: Answered, said: &str, class: Class, stage: Stage, progress: &Progress) -> GatewayError {
    // A redirect is not followed, and whether the vendor did something before it sent one is not known.
    // Nor is it known of an error inside a success.
    let failed = answer.meaning == Some(ErrorMeaning::Failed);
    let doubtful = failed || matches!(answer.status, 300..=399 | 408 | 500..);
    let status = match answer.status {
        200..=299 if failed => stage.status(502),
        408 | 500..=599 => stage.status(answer.status),
        400..=499 => answer.status,
        // A redirect that was not followed, and what no status means.
        300..=399 | 600.. => stage.status(502),
        // A refusal in the words of a success.
        _ => 400,
    };
    let mut detail = detail(said, stage, progress, doubtful);
    detail.insert("vendor_status".to_owned(), answer.status.into());
    let as_text = match &answer.body {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    detail.insert("response".to_owned(), answer.body);
    let mut error = execution(status, class, detail, said, &as_text, answer.status);
    if let (Some(code), Some(told)) = (answer.code, error.downstream_errors.first_mut()) {
        told.code = code.chars().take(MOST_CODE_CHARACTERS).collect();
    }
    error.retry_after = answer.retry_after;
    error
}

fn credentials(said: &str, stage: Stage, progress: &Progress) -> GatewayError {
    let mut detail = detail(said, stage, progress, false);
    detail.insert("hint".to_owned(), "Check the connection's credentials.".into());
    GatewayError::new(ErrorType::ConnectorCredentialsError, Class::Credentials, Value::Object(detail))
}

fn rate_limited(
    context: &str,
    vendor: Value,
    retry_after: Option<Duration>,
    stage: Stage,
    progress: &Progress,
) -> GatewayError {
    let mut detail = detail(context, stage, progress, false);
    detail.insert("context".to_owned(), context.into());
    detail.insert("error".to_owned(), if vendor.is_object() { vendor } else { json!({ "message": vendor }) });
    let mut error = GatewayError::new(ErrorType::ConnectorRateLimitError, Class::RateLimited, Value::Object(detail));
    error.retry_after = Some(retry_after.unwrap_or(DEFAULT_RETRY_AFTER));
    error
}

fn transport(error: VendorError, stage: Stage, progress: &Progress, connector: &ConnectorDefinition) -> GatewayError {
    let said = error.to_string();
    let failed = |status: u16, class: Class, doubtful: bool| {
        execution(status, class, detail(&said, stage, progress, doubtful), &said, "", 0)
    };
    match error {
        VendorError::Unreachable { .. } if stage.came_far() => failed(400, Class::Unreachable, true),
        VendorError::Unreachable { .. } => failed(503, Class::Unreachable, false),
        VendorError::Forbidden { .. } | VendorError::Settings(_) => {
            let detail = detail(&said, stage, progress, false);
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, Value::Object(detail))
        }
        VendorError::Timeout { sent: false } if !stage.came_far() => failed(504, Class::Timeout, false),
        VendorError::Timeout { .. } => failed(stage.status(504), Class::Timeout, true),
        VendorError::Broken { .. } => failed(stage.status(502), Class::VendorFault, true),
        VendorError::TooLarge { .. } => failed(stage.status(502), Class::SchemaDrift, true),
        VendorError::LimiterFull { retry_after } => {
            let context = format!("the connection's own limit for {} is used up", connector.name);
            rate_limited(&context, json!({ "message": said }), Some(retry_after), stage, progress)
        }
        VendorError::Credentials(error) => without_credentials(error, stage, progress, connector),
    }
}

/// Why a request of the Proxy API was not passed on, or not answered. A vendor's own answer is never an error here.
pub(crate) fn relay(error: RelayError, is_read: bool, connector: &ConnectorDefinition) -> GatewayError {
    let stage = if is_read { Stage::Reading } else { Stage::Writing };
    match error {
        RelayError::Foreign { allowed } => invalid_header(format!(
            "x-apideck-downstream-url: only {allowed} may be called through this connection; \
             send an address there, or a path below the connector's base address"
        )),
        RelayError::Address(reason) => invalid_header(format!("x-apideck-downstream-url: the address {reason}")),
        RelayError::Body => {
            GatewayError::new(ErrorType::RequestValidationError, Class::Refused, "body: it was cut off; send all of it")
        }
        RelayError::Vendor(VendorError::Timeout { sent }) => {
            let said = format!("{} did not answer in time; x-apideck-timeout says how long to wait", connector.name);
            let detail = Value::Object(detail(&said, stage, &Progress::default(), sent));
            let error = GatewayError::new(ErrorType::ProxyTimedOutError, Class::Timeout, detail);
            if sent { error.with_status(stage.status(504)).from_vendor() } else { error }
        }
        RelayError::Vendor(error) => {
            let is_vendors = is_vendors(&error);
            let error = transport(error, stage, &Progress::default(), connector);
            if is_vendors { error.from_vendor() } else { error }
        }
    }
}

/// Whether it was the vendor that failed.
fn is_vendors(error: &VendorError) -> bool {
    match error {
        VendorError::Unreachable { .. }
        | VendorError::Timeout { .. }
        | VendorError::Broken { .. }
        | VendorError::TooLarge { .. } => true,
        VendorError::Forbidden { .. }
        | VendorError::LimiterFull { .. }
        | VendorError::Settings(_)
        | VendorError::Credentials(_) => false,
    }
}

/// The access token could not be had, so no vendor was asked: a write has not run, unless steps of it ran before.
fn without_credentials(
    error: CredentialError,
    stage: Stage,
    progress: &Progress,
    connector: &ConnectorDefinition,
) -> GatewayError {
    if let CredentialError::Unavailable { cause, was_refused } = &error
        && stage != Stage::Reading
        && (*was_refused || stage.came_far())
    {
        return unavailable_midway(cause, stage, progress);
    }
    let said = detail(&error.to_string(), stage, progress, false);
    let mut error = unrenewed(error, connector.service_id.as_str());
    if let Value::Object(detail) = &mut error.detail {
        detail.extend(said.into_iter().filter(|(name, _)| name != "message"));
    }
    error
}

/// The store was lost while a write was under way. What the vendor refused last has not run.
fn unavailable_midway(cause: &str, stage: Stage, progress: &Progress) -> GatewayError {
    tracing::warn!(cause, "the store is not available");
    let said = "the gateway's own store became unavailable before the write was done";
    let stage = if stage.came_far() { stage } else { Stage::NotRun };
    execution(400, Class::Ours, detail(said, stage, progress, true), said, "", 0)
}

/// Why there is no access token.
fn unrenewed(error: CredentialError, service: &str) -> GatewayError {
    let said = error.to_string();
    match error {
        CredentialError::Missing(missing) => {
            let message = format!("The connection to {service} lacks settings.");
            let detail = json!({ "message": message, "missing": missing });
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, detail)
        }
        CredentialError::Unreadable(cause) | CredentialError::Store(cause) => internal(&cause),
        CredentialError::Unavailable { cause, .. } => unavailable(&cause),
        CredentialError::NotAuthorized(reason) => not_authorized(service, &reason),
        CredentialError::RefreshFailed { reason, expires_at, retry_after } => {
            let wait = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
            let detail = json!({
                "type": "refresh_token_connector_error",
                "message": said,
                "debug": {
                    "reason": reason,
                    "credentials_expire_at_ms": expires_at.map(jiff::Timestamp::as_millisecond),
                    "retry_after_ms": wait,
                    "cooldown_remaining_ms": wait,
                },
            });
            let mut error = GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail);
            error.retry_after = Some(retry_after);
            error
        }
        CredentialError::RefreshLimited { retry_after } => {
            let detail = json!({ "message": said, "context": said, "error": { "message": said } });
            let mut error = GatewayError::new(ErrorType::ConnectorRateLimitError, Class::RateLimited, detail);
            error.retry_after = Some(retry_after);
            error
        }
        CredentialError::NoOauthClient => no_oauth_client(service),
    }
}

/// What every failed vendor call says: the message, and for a write how far it came. `doubtful`: whether the failing call
/// itself may have run.
fn detail(message: &str, stage: Stage, progress: &Progress, doubtful: bool) -> Map<String, Value> {
    let mut detail = Map::new();
    detail.insert("message".to_owned(), message.into());
    if let Some(outcome) = stage.outcome().filter(|_| doubtful || stage.came_far()) {
        detail.insert("outcome".to_owned(), outcome.into());
    }
    if stage != Stage::Reading && !progress.failed.is_empty() {
        detail.insert("failed_step".to_owned(), progress.failed.clone().into());
        detail.insert("completed_steps".to_owned(), progress.completed.clone().into());
        if !progress.undone.is_empty() {
            detail.insert("undone_steps".to_owned(), progress.undone.clone().into());
        }
    }
    if let Some(id) = &progress.created {
        detail.insert("created_id".to_owned(), id.as_str().into());
    }
    detail
}

fn execution(
    status: u16,
    class: Class,
    detail: Map<String, Value>,
    message: &str,
    response: &str,
    vendor_status: u16,
) -> GatewayError {
    let mut error =
        GatewayError::new(ErrorType::ConnectorExecutionError, class, Value::Object(detail)).with_status(status);
    error.downstream_errors.push(DownstreamError {
        message: message.to_owned(),
        detail: response.chars().take(1024).collect(),
        code: if vendor_status == 0 { class.as_str().to_owned() } else { vendor_status.to_string() },
    });
    error
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use unified_model::{Operation, RequestParts, Resource, UnifiedRequest};

    use super::*;

    #[test]
    fn a_write_that_broke_in_the_gateway_is_never_answered_with_a_status_that_sdks_repeat() {
        let body = br#"{"first_name":"Ada"}"#;
        let (resource, operation) = (Resource::Contacts, Operation::Add);
        let parts = RequestParts { resource, operation, parent: None, id: None, query: "", body: Some(body) };
        let request = UnifiedRequest::new(parts).unwrap();
        let catalog = connector_catalog::Catalog::built_in().unwrap();
        let error = connector(broken_write(), &request, catalog.connectors().next().unwrap());
        assert_eq!((error.error_type, error.status), (ErrorType::ConnectorExecutionError, 400));
        assert_eq!(error.detail["outcome"], "unknown");
    }
}
