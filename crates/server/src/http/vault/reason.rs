//! Why a change is refused, in the error's `message`: connect pages show that member alone.

use gateway::GatewayError;
use serde_json::Value;

/// The same error, with the reason as its message where the caller can do something about it.
pub(super) fn told(error: GatewayError) -> GatewayError {
    if error.status >= 500 {
        return error;
    }
    let message = reason(&error.detail).or(error.message);
    GatewayError { message, ..error }
}

/// The text of a `detail`; of an object its `message`, and what is wrong with each setting.
pub(super) fn reason(detail: &Value) -> Option<String> {
    if let Some(text) = detail.as_str() {
        return Some(text.to_owned()).filter(|text| !text.is_empty());
    }
    let texts =
        |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let settings: Vec<String> = texts(&detail["settings"]);
    match (detail["message"].as_str(), settings.as_slice()) {
        (Some(message), []) => Some(message.to_owned()),
        (Some(message), settings) => Some(format!("{message} {}", settings.join("; "))),
        (None, []) => None,
        (None, settings) => Some(settings.join("; ")),
    }
}
