//! Pictures of connectors: the first letter of the name on a colour. Trademarks of vendors are not ours to serve.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use connector_catalog::ConnectorDefinition;
use gateway::EdgeError;
use http::{HeaderValue, Method, header};
use unified_model::ServiceId;

use super::with_headers;
use crate::http::reply::error;
use crate::http::request::Http;
use crate::http::request::routed::no_route;

/// White letters can be read on each of them.
const COLOURS: [&str; 8] = ["#1f4e79", "#5b2a86", "#7a3b00", "#1b5e3b", "#8a1c3c", "#2f4858", "#444a9c", "#5d4a00"];

/// `GET /pictures/{service_id}/{name}`
pub(super) async fn picture(State(http): State<Http>, Path((service, name)): Path<(String, String)>) -> Response {
    let connector = service.parse().ok().and_then(|service: ServiceId| http.vault().catalog().connector(&service));
    let size = match name.as_str() {
        "icon.svg" => Some(64),
        "logo.svg" => Some(256),
        _ => None,
    };
    match connector.zip(size) {
        Some((connector, size)) => svg(drawn(connector, size)),
        None => error::response(
            &EdgeError::into(no_route(&Method::GET, &format!("/pictures/{service}/{name}"))),
            http.public_url(),
        ),
    }
}

fn svg(picture: String) -> Response {
    let mut response = with_headers(Body::from(picture), "image/svg+xml");
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    response
}

fn drawn(connector: &ConnectorDefinition, size: u32) -> String {
    let letter = connector.name.chars().find(|letter| letter.is_alphanumeric()).unwrap_or('?').to_uppercase();
    let service = connector.service_id.as_str();
    let sum = service.bytes().fold(0_usize, |sum, byte| sum * 31 % 10_007 + usize::from(byte));
    let colour = COLOURS[sum % COLOURS.len()];
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size}\" height=\"{size}\" viewBox=\"0 0 64 64\">\
         <rect width=\"64\" height=\"64\" rx=\"12\" fill=\"{colour}\"/>\
         <text x=\"32\" y=\"44\" font-family=\"system-ui,sans-serif\" font-size=\"34\" font-weight=\"600\" \
         text-anchor=\"middle\" fill=\"#fff\">{letter}</text></svg>\n"
    )
}
