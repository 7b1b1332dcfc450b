//! The body of a request: whether it may be read, and how it is.

use axum::body::Body;
use gateway::{EdgeError, GatewayError};
use http::{HeaderMap, header};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::headers::{text, unusable};
use super::invalid;

const CONTENT_TYPE: &str = "content-type";

/// The body came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("nothing more of the body came in time")]
pub(crate) struct ClientTooSlow;

impl ClientTooSlow {
    /// Whether a body failed for it.
    pub(crate) fn caused(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut causes = std::iter::successors(Some(error), |error| error.source());
        causes.any(<dyn std::error::Error>::is::<Self>)
    }
}

/// A whole body of so many bytes at most.
///
/// # Errors
/// It is larger, came too slowly or was cut off.
pub(crate) async fn read(body: Body, most: usize) -> Result<Vec<u8>, GatewayError> {
    if body.size_hint().lower() > most as u64 {
        return Err(EdgeError::BodyTooLarge(most).into());
    }
    match Limited::new(body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.is::<LengthLimitError>() => Err(EdgeError::BodyTooLarge(most).into()),
        Err(error) if ClientTooSlow::caused(&*error) => Err(EdgeError::BodyTooSlow.into()),
        Err(_) => Err(invalid("body", "it was cut off; send all of it").into()),
    }
}

/// A body is JSON in UTF-8; a client that says otherwise is told, rather than misread.
///
/// # Errors
/// [`EdgeError::Header`].
pub(crate) fn check_content_type(headers: &HeaderMap) -> Result<(), EdgeError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(unusable("Content-Encoding", "send the body uncompressed"));
    }
    let Some(content_type) = text(headers, CONTENT_TYPE)?.filter(|value| !value.is_empty()) else {
        return if has_body(headers) {
            Err(unusable("Content-Type", "send application/json; the header is missing"))
        } else {
            Ok(())
        };
    };
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    let is_json = kind.trim().eq_ignore_ascii_case("application/json");
    if !is_json || charset.is_some_and(|charset| charset != "utf-8") {
        return Err(unusable("Content-Type", format!("send application/json, not {content_type}")));
    }
    Ok(())
}

/// Whether a request announces a body.
fn has_body(headers: &HeaderMap) -> bool {
    let has_length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    has_length || headers.contains_key(header::TRANSFER_ENCODING)
}
