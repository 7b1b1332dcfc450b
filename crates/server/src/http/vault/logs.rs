//! The calls of a consumer, as they were logged.

use std::time::Duration;

use axum::response::Response;
use connection_vault::{LogFilter, LogPosition, LoggedCall, PathMatch};
use gateway::GatewayError;
use serde_json::{Value, json};
use unified_model::{RequestError, operation_summary};

use super::call::Call;
use crate::http::reply::envelope;
use crate::http::request::{Http, invalid};

const DEFAULT_LIMIT: usize = 20;

impl Http {
    pub(super) async fn logs(&self, call: &Call) -> Result<Response, GatewayError> {
        let limit = call.parameter("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT);
        let filter = filter(call)?;
        let described = format!("{filter:?}");
        let scope = ["logs", &*call.caller.application_id, call.consumer()?.as_str(), described.as_str()];
        let (cursors, cursor) = (self.gateway().cursors(), call.parameter("cursor"));
        let after = cursor.map(|cursor| cursors.open_after(&scope, cursor)).transpose()?;
        let after = after.as_deref().and_then(LogPosition::parse);
        let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let vault = self.vault();
        let mut found = vault
            .call_log()
            .list((&call.caller.application_id, call.consumer()?), &filter, after.as_ref(), wanted)
            .await?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more).map(|last| cursors.seal_after(&scope, &last.position().to_text()));
        let shown: Vec<Value> = found.iter().map(|logged| self.shown_log(logged)).collect();
        Ok(envelope::page(&shown, cursor, last.as_deref(), call.own_address(self.public_url())))
    }

    fn shown_log(&self, logged: &LoggedCall) -> Value {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let connectors = self.vault().catalog();
        let name = logged.service_id.parse().ok().and_then(|id| Some(connectors.connector(&id)?.name.clone()));
        let name = name.unwrap_or_else(|| logged.service_id.clone());
        let operation = operation_summary(&logged.operation_id).unwrap_or(&logged.operation_id);
        let base_url = self.public_url().as_str();
        json!({
            "id": logged.id,
            "api_style": "REST",
            "base_url": base_url.split_once("://").map_or(base_url, |(_, host)| host),
            "child_request": false,
            "consumer_id": logged.consumer_id,
            "duration": milliseconds(logged.vendor),
            "error_message": logged.error_type,
            "execution": u64::try_from(logged.execution.as_millis()).unwrap_or(u64::MAX),
            "has_children": false,
            "http_method": logged.http_method,
            "latency": milliseconds(logged.execution.saturating_sub(logged.vendor)),
            "operation": { "id": logged.operation_id, "name": operation },
            "parent_id": null,
            "path": logged.path,
            "sandbox": false,
            "service": { "id": logged.service_id, "name": name },
            "source_ip": null,
            "status_code": logged.status_code,
            "success": logged.status_code < 400,
            "timestamp": logged.called_at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            "unified_api": logged.unified_api,
        })
    }
}

fn filter(call: &Call) -> Result<LogFilter, RequestError> {
    let one = |name: &str| call.parameter(&format!("filter[{name}]")).map(str::to_owned);
    let every = |name: &str| call.every(&format!("filter[{name}]")).to_vec();
    let path = one("path").map(|path| match one("path_match_mode").as_deref() {
        Some("EXACT") => PathMatch::Exact(path),
        Some("STARTS_WITH") => PathMatch::StartsWith(path),
        Some("ENDS_WITH") => PathMatch::EndsWith(path),
        Some(_) | None => PathMatch::Contains(path),
    });
    let moment = |name: &str| one(name).and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let status_codes = every("status_codes").into_iter().chain(one("status_code")).map(|text| status(&text));
    let methods = every("http_methods").into_iter().chain(one("http_method"));
    let excluded = one("exclude_unified_apis").unwrap_or_default();
    Ok(LogFilter {
        service_id: one("connector_id"),
        path,
        http_methods: methods.map(|method| method.to_ascii_uppercase()).collect(),
        status_codes: status_codes.collect::<Result<_, _>>()?,
        from: moment("start_date"),
        // The end itself counts; times are kept to the millisecond. Nothing comes after the last of them.
        until: moment("end_date").and_then(|end| end.checked_add(Duration::from_millis(1)).ok()),
        excluded_apis: excluded.split(',').map(str::trim).filter(|api| !api.is_empty()).map(str::to_owned).collect(),
    })
}

/// The document says `number`, since an official SDK writes `404.0`.
fn status(text: &str) -> Result<u16, RequestError> {
    text.parse().map_err(|_| invalid("filter[status_code]", format!("must be a whole number; found `{text}`")))
}
