//! What a vendor answered, and why there was no answer.

use std::time::Duration;

use connector_catalog::{ConnectorDefinition, ErrorMeaning};
use connectors::{Answered, Failure};
use serde_json::{Value, json};
use vendor_client::{CredentialError, VendorError};

use super::credentials::unrenewed;
use super::ours::DEFAULT_RETRY_AFTER;
use super::stage::{NOTHING, Reached, Shown, Stage, execution};
use crate::error::{Class, ErrorType, GatewayError};

/// What is longer is no code.
const MOST_CODE_CHARACTERS: usize = 200;

pub(super) fn call(failure: Failure, reached: Reached<'_>, connector: &ConnectorDefinition) -> GatewayError {
    match failure {
        Failure::Answered(answer) => answered(answer, reached, connector),
        Failure::Unusable { status, reason, excerpt } => {
            let message = format!("{} gave an answer that cannot be used: {reason}", connector.name);
            let mut detail = reached.detail(&message, true);
            if status != 0 {
                detail.insert("vendor_status".to_owned(), status.into());
            }
            if !excerpt.is_empty() {
                detail.insert("response".to_owned(), excerpt.clone().into());
            }
            execution(reached.stage.status(502), Class::SchemaDrift, detail, Shown { text: &excerpt, status })
        }
        Failure::Transport(error) => transport(error, reached, connector),
    }
}

fn answered(answer: Answered, reached: Reached<'_>, connector: &ConnectorDefinition) -> GatewayError {
    let said = answer.message.clone().unwrap_or_else(|| format!("{} answered {}", connector.name, answer.status));
    match answer.meaning {
        Some(ErrorMeaning::Credentials) => credentials(&said, reached),
        Some(ErrorMeaning::RateLimited) => rate_limited(&said, answer.body, answer.retry_after, reached),
        Some(ErrorMeaning::Forbidden) => refused(answer, &said, Class::Forbidden, reached),
        Some(ErrorMeaning::NotFound) => refused(answer, &said, Class::NotFound, reached),
        Some(ErrorMeaning::CursorGone) => refused(answer, &said, Class::CursorGone, reached),
        None if answer.status >= 500 || answer.status == 408 => refused(answer, &said, Class::VendorFault, reached),
        Some(ErrorMeaning::Failed) => refused(answer, &said, Class::VendorFault, reached),
        Some(ErrorMeaning::Refused) | None => refused(answer, &said, Class::Refused, reached),
    }
}

fn refused(answer: Answered, said: &str, class: Class, reached: Reached<'_>) -> GatewayError {
    // A redirect is not followed, and whether the vendor did something before it sent one is not known.
    // Nor is it known of an error inside a success.
    let failed = answer.meaning == Some(ErrorMeaning::Failed);
    let doubtful = failed || matches!(answer.status, 300..=399 | 408 | 500..);
    let status = match answer.status {
        200..=299 if failed => reached.stage.status(502),
        408 | 500..=599 => reached.stage.status(answer.status),
        400..=499 => answer.status,
        // A redirect that was not followed, and what no status means.
        300..=399 | 600.. => reached.stage.status(502),
        // A refusal in the words of a success.
        0..=299 => 400,
    };
    let mut detail = reached.detail(said, doubtful);
    detail.insert("vendor_status".to_owned(), answer.status.into());
    let as_text = match &answer.body {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    detail.insert("response".to_owned(), answer.body);
    let mut error = execution(status, class, detail, Shown { text: &as_text, status: answer.status });
    if let (Some(code), Some(told)) = (answer.code, error.downstream_errors.first_mut()) {
        told.code = code.chars().take(MOST_CODE_CHARACTERS).collect();
    }
    error.retry_after = answer.retry_after;
    error
}

fn credentials(said: &str, reached: Reached<'_>) -> GatewayError {
    let mut detail = reached.detail(said, false);
    detail.insert("hint".to_owned(), "Check the connection's credentials.".into());
    GatewayError::new(ErrorType::ConnectorCredentialsError, Class::Credentials, Value::Object(detail))
}

fn rate_limited(context: &str, vendor: Value, retry_after: Option<Duration>, reached: Reached<'_>) -> GatewayError {
    let mut detail = reached.detail(context, false);
    detail.insert("context".to_owned(), context.into());
    detail.insert("error".to_owned(), if vendor.is_object() { vendor } else { json!({ "message": vendor }) });
    let mut error = GatewayError::new(ErrorType::ConnectorRateLimitError, Class::RateLimited, Value::Object(detail));
    error.retry_after = Some(retry_after.unwrap_or(DEFAULT_RETRY_AFTER));
    error
}

pub(super) fn transport(error: VendorError, reached: Reached<'_>, connector: &ConnectorDefinition) -> GatewayError {
    let said = error.to_string();
    let failed =
        |status: u16, class: Class, doubtful: bool| execution(status, class, reached.detail(&said, doubtful), NOTHING);
    match error {
        VendorError::Unreachable { .. } if reached.stage.came_far() => failed(400, Class::Unreachable, true),
        VendorError::Unreachable { .. } => failed(503, Class::Unreachable, false),
        VendorError::Forbidden { .. } | VendorError::Settings(_) => {
            let detail = reached.detail(&said, false);
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, Value::Object(detail))
        }
        VendorError::Timeout { sent: false } if !reached.stage.came_far() => failed(504, Class::Timeout, false),
        VendorError::Timeout { .. } => failed(reached.stage.status(504), Class::Timeout, true),
        VendorError::Broken { .. } => failed(reached.stage.status(502), Class::VendorFault, true),
        VendorError::TooLarge { .. } => failed(reached.stage.status(502), Class::SchemaDrift, true),
        VendorError::LimiterFull { retry_after } => {
            let context = format!("the connection's own limit for {} is used up", connector.name);
            rate_limited(&context, json!({ "message": said }), Some(retry_after), reached)
        }
        VendorError::Credentials(error) => without_credentials(error, reached, connector),
    }
}

/// The access token could not be had, so no vendor was asked: a write has not run, unless steps of it ran before.
fn without_credentials(error: CredentialError, reached: Reached<'_>, connector: &ConnectorDefinition) -> GatewayError {
    if let CredentialError::Unavailable { cause, was_refused } = &error
        && reached.stage != Stage::Reading
        && (*was_refused || reached.stage.came_far())
    {
        return unavailable_midway(cause, reached);
    }
    let said = reached.detail(&error.to_string(), false);
    let mut error = unrenewed(error, connector.service_id.as_str());
    if let Value::Object(detail) = &mut error.detail {
        detail.extend(said.into_iter().filter(|(name, _)| name != "message"));
    }
    error
}

/// The store was lost while a write was under way. What the vendor refused last has not run.
fn unavailable_midway(cause: &str, reached: Reached<'_>) -> GatewayError {
    tracing::warn!(cause, "the store is not available");
    let said = "the gateway's own store became unavailable before the write was done";
    let stage = if reached.stage.came_far() { reached.stage } else { Stage::NotRun };
    let reached = Reached { stage, ..reached };
    execution(400, Class::Ours, reached.detail(said, true), NOTHING)
}
