//! What is wrong with a request itself: its record, its body, its cursor.

use serde_json::{Value, json};
use unified_model::RequestError;

use crate::cursor::ForeignCursor;
use crate::error::{Class, ErrorType, GatewayError};

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

pub(super) fn not_found(id: &str) -> GatewayError {
    let detail = format!("Could not find a record with id '{id}' among the records of this resource");
    GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
}

pub(crate) fn cursor(_: ForeignCursor) -> GatewayError {
    let detail = "The cursor was altered or belongs to another list, query, connection or consumer; \
                  repeat the request without it to start over.";
    GatewayError::new(ErrorType::InvalidCursorError, Class::CursorGone, detail)
}

impl From<ForeignCursor> for GatewayError {
    fn from(error: ForeignCursor) -> Self {
        cursor(error)
    }
}
