//! Web pages of other origins: those that an application lists may call the Vault API with a session of it.

use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use unified_model::ApplicationId;

use crate::http::request::Http;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, x-apideck-app-id, x-apideck-auth-type, x-apideck-consumer-id, x-apideck-service-id, \
     x-apideck-unified-api",
);
const EXPOSED: HeaderValue = HeaderValue::from_static("request-id, x-apideck-request-id, retry-after");
const AN_HOUR: HeaderValue = HeaderValue::from_static("3600");

/// Whose pages may read the answer to a call.
#[derive(Debug, Default)]
pub(super) enum Readers {
    /// Nobody's: an API key is for no browser.
    #[default]
    None,
    /// Anybody's: nobody was recognised, and the answer says no more than that. Which origins applications list, it does not say.
    Any,
    /// Those of the application whose session it was.
    Of(ApplicationId),
}

/// The origin of the page that calls, as its browser says.
pub(super) fn origin(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ORIGIN).cloned()
}

/// Whether a browser asks before it calls.
pub(super) fn asks_first(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl Http {
    /// What a browser that asks first is told: the same for every page. The question does not say for which application it is, so any
    /// other answer would tell everybody which origins there are; whose pages may read an answer is decided with the answer.
    pub(super) async fn may_call(&self, origin: HeaderValue) -> Response {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        self.share(&mut response, origin, &Readers::Any).await;
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, AN_HOUR);
        response
    }

    /// Tells a browser whether its page may read the answer.
    pub(super) async fn share(&self, response: &mut Response, origin: HeaderValue, readers: &Readers) {
        let may_read = match readers {
            Readers::None => false,
            Readers::Any => true,
            Readers::Of(application) => self.lists(application, &origin).await,
        };
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("origin"));
        if may_read {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }

    /// Whether an application lists an origin, or it is our own.
    pub(super) async fn lists(&self, application: &ApplicationId, origin: &HeaderValue) -> bool {
        if *origin == self.public_url().as_str() {
            return true;
        }
        // Where the list cannot be read no page is on it; what was answered stays.
        let origins = self.vault().applications().origins().await.unwrap_or_default();
        origin.to_str().is_ok_and(|origin| origins.allow(origin, application))
    }
}
