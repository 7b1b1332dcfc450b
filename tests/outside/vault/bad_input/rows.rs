//! What is wrong at one end-point, a row a case: the operation, who asks, the request line, the body, and what is owed.

use super::*;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// Acme for a consumer.
    Acme(&'static str),
    /// Zenith for a consumer of the same name.
    Zenith(&'static str),
    /// Ada's browser with this session.
    Session(&'static str),
}

use By::{Acme, Session, Zenith};

pub(super) type Row = (&'static str, By, &'static str, &'static str, Owed, &'static str);

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // Consumers.
    ("consumersAdd", Acme(""), "POST /vault/consumers", "{}", PARAMS, "consumer_id required"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":7}"#, PARAMS, "consumer_id text"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":null}"#, PARAMS, "consumer_id null"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":""}"#, PARAMS, "consumer_id character"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":" ada "}"#, PARAMS, "consumer id space"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":"a\nb"}"#, PARAMS, "consumer id printable"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":"{long}"}"#, PARAMS, "consumer_id 255"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":"new","metadata":"x"}"#, PARAMS, "metadata object"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":"new","metadata":{"email":7}}"#, PARAMS, "metadata.email text"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":"new","metadat":{}}"#, PARAMS, "metadat metadata"),
    ("consumersAdd", Acme(""), "POST /vault/consumers", r#"{"consumer_id":"new","metadata":{"image":"{huge}{huge}{huge}"}}"#, PARAMS, "metadata 16384 bytes"),
    ("consumersAll", Acme(""), "GET /vault/consumers?limit=0", "", PARAMS, "limit 1 200"),
    ("consumersAll", Acme(""), "GET /vault/consumers?limit=201", "", PARAMS, "limit 1 200"),
    ("consumersAll", Acme(""), "GET /vault/consumers?limit=ten", "", PARAMS, "limit `ten`"),
    ("consumersAll", Acme(""), "GET /vault/consumers?filter[name]=a", "", PARAMS, "filter[name] consumer_id"),
    ("consumersAll", Acme(""), "GET /vault/consumers?cursor=x", "", CURSOR, "cursor without"),
    ("consumersAll", Acme(""), "GET /vault/consumers?cursor={cursor}", "", CURSOR, "cursor without"),
    ("consumersAll", Acme(""), "GET /vault/consumers?filter[consumer_id]=a-&cursor={altered_cursor}", "", CURSOR, "cursor altered"),
    ("consumersAll", Zenith(""), "GET /vault/consumers?filter[consumer_id]=a-&cursor={cursor}", "", CURSOR, "cursor another"),
    ("consumersOne", Acme(""), "GET /vault/consumers/nobody", "", NOT_FOUND, "`nobody`"),
    ("consumersOne", Acme(""), "GET /vault/consumers/%20ada", "", NOT_FOUND, "consumer create"),
    ("consumersOne", Acme(""), "GET /vault/consumers/{long}", "", NOT_FOUND, "consumer create"),
    ("consumersOne", Zenith(""), "GET /vault/consumers/a-1", "", NOT_FOUND, "`a-1`"),
    ("consumersUpdate", Acme(""), "PATCH /vault/consumers/nobody", "{}", NOT_FOUND, "`nobody`"),
    ("consumersUpdate", Zenith(""), "PATCH /vault/consumers/a-1", r#"{"metadata":{"email":"x"}}"#, NOT_FOUND, "`a-1`"),
    ("consumersUpdate", Acme(""), "PATCH /vault/consumers/ada", r#"{"metadata":[]}"#, PARAMS, "metadata object"),
    ("consumersUpdate", Acme(""), "PATCH /vault/consumers/ada", r#"{"metadata":{"image":{}}}"#, PARAMS, "metadata.image text"),
    ("consumersDelete", Acme(""), "DELETE /vault/consumers/nobody", "", NOT_FOUND, "`nobody`"),
    ("consumersDelete", Zenith(""), "DELETE /vault/consumers/a-1", "", NOT_FOUND, "`a-1`"),
    // Connections.
    ("connectionsAll", Acme("ada"), "GET /vault/connections?configured=yes", "", PARAMS, "configured true false"),
    ("connectionsAll", Acme("{long}"), "GET /vault/connections", "", NOT_FOUND, "consumer x-apideck-consumer-id"),
    ("connectionsOne", Acme("{long}"), "GET /vault/connections/crm/agile-crm", "", NOT_FOUND, "consumer x-apideck-consumer-id"),
    ("connectionsOne", Zenith("ada"), "DELETE /vault/connections/crm/agile-crm", "", NO_CONNECTION, "ada agile-crm"),
    ("connectionsAdd", Acme("ada"), "POST /vault/connections/crm/agile-crm", "{}", CONFLICT, "ada agile-crm already"),
    ("connectionsAdd", Acme("{long}"), "POST /vault/connections/crm/agile-crm", "{}", PARAMS, "consumer id 255"),
    ("connectionsAdd", Acme("ada"), "POST /vault/connections/crm/avid-crm", r#"{"enabled":"yes"}"#, PARAMS, "enabled true false"),
    ("connectionsAdd", Acme("ada"), "POST /vault/connections/crm/avid-crm", r#"{"settings":{"nope":"x"}}"#, PARAMS, "`nope` username password"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"enabled":null}"#, PARAMS, "enabled null"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":[]}"#, PARAMS, "settings object"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"domain":{}}}"#, PARAMS, "settings.domain text"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"domain":"a.b"}}"#, PARAMS, "`domain` match"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"email":"x","nope":"y"}}"#, PARAMS, "`email` `nope`"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"api_key":"a\nb"}}"#, PARAMS, "`api_key` one line"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"leads_mode":"x"}}"#, PARAMS, "`leads_mode` tag type"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"notes_fan_out":"perhaps"}}"#, PARAMS, "`notes_fan_out` true false"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"time_zone":"Mars"}}"#, PARAMS, "`time_zone` IANA"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"settings":{"oauth.access_token":"x"}}"#, PARAMS, "`oauth.access_token`"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/quay-crm", r#"{"settings":{"home":"https://evil.example"}}"#, PARAMS, "`home` token"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"metadata":7}"#, PARAMS, "metadata object"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"metadata":{"a":"{huge}{huge}{huge}"}}"#, PARAMS, "metadata 16384 bytes"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"configuration":{}}"#, PARAMS, "configuration list"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"configuration":[{"defaults":[]}]}"#, PARAMS, "configuration resource"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"configuration":[{"resource":"widgets","defaults":[]}]}"#, PARAMS, "configuration resource contacts"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"configuration":[{"resource":"lists","defaults":[]}]}"#, PARAMS, "`lists`"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"custom_mappings":[{"id":"crm+companies+nope","value":"$.a"}]}"#, NOT_FOUND, "crm+companies+nope"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"custom_mappings":[{"id":"crm+companies+tier","value":"a.b"}]}"#, PARAMS, "crm+companies+tier character 1"),
    ("connectionsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm", r#"{"custom_mappings":[{"value":"$.a"},{"value":"$.b"}]}"#, PARAMS, "custom_mappings id order"),
    ("connectionsUpdate", Session("tied_session"), "PATCH /vault/connections/crm/agile-crm", r#"{"enabled":false}"#, FORBIDDEN, "`disable` allow_actions"),
    ("connectionsDelete", Session("tied_session"), "DELETE /vault/connections/crm/agile-crm", "", FORBIDDEN, "`delete` allow_actions"),
    ("connectionsDelete", Acme("ada"), "DELETE /vault/connections/crm/avid-crm", "", NO_CONNECTION, "ada avid-crm"),
    ("connectionsDelete", Acme("bob"), "DELETE /vault/connections/crm/agile-crm", "", NO_CONNECTION, "bob agile-crm"),
    ("connectionsDelete", Zenith("ada"), "DELETE /vault/connections/crm/agile-crm", "", NO_CONNECTION, "ada agile-crm"),
    ("connectionsDelete", Acme("{long}"), "DELETE /vault/connections/crm/agile-crm", "", NO_CONNECTION, "agile-crm add"),
    // Tokens.
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/quay-crm/import", r#"{"credentials":{}}"#, PARAMS, "credentials access_token refresh_token"),
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/quay-crm/import", r#"{"credentials":{"access_token":7}}"#, PARAMS, "credentials.access_token text"),
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/quay-crm/import", r#"{"credentials":{"access_token":"a\nb"}}"#, PARAMS, "credentials.access_token"),
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/quay-crm/import", r#"{"credentials":{"access_token":"a","issued_at":"yesterday"}}"#, PARAMS, "credentials.issued_at date"),
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/quay-crm/import", r#"{"credentials":{"access_token":"a","expires_in":-1}}"#, PARAMS, "credentials.expires_in 0"),
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/quay-crm/import", r#"{"credentials":{"access_token":"a","expires_in":"soon"}}"#, PARAMS, "credentials.expires_in number"),
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/quay-crm/import", r#"{"settings":{"nope":"x"}}"#, PARAMS, "`nope`"),
    ("connectionsImport", Acme("ada"), "POST /vault/connections/crm/agile-crm/import", r#"{"credentials":{"access_token":"a"}}"#, INVALID_STATE, "agile-crm settings"),
    ("connectionsImport", Acme("{long}"), "POST /vault/connections/crm/quay-crm/import", r#"{"credentials":{"access_token":"a"}}"#, PARAMS, "consumer id"),
    ("connectionsToken", Acme("ada"), "POST /vault/connections/crm/quay-crm/token", "{}", INVALID_STATE, "quay-crm authorize_url"),
    ("connectionsToken", Acme("ada"), "POST /vault/connections/crm/agile-crm/token", "{}", INVALID_STATE, "agile-crm no tokens"),
    ("validateConnectionState", Acme("bob"), "POST /vault/connections/crm/agile-crm/validate", "{}", NO_CONNECTION, "bob agile-crm"),
    ("validateConnectionState", Zenith("ada"), "POST /vault/connections/crm/quay-crm/validate", "{}", NO_CONNECTION, "ada quay-crm"),
    ("connectionsConfirm", Acme("bob"), "POST /vault/connections/crm/quay-crm/confirm", "{}", PARAMS, "confirm_token required"),
    ("connectionsConfirm", Acme("bob"), "POST /vault/connections/crm/quay-crm/confirm", r#"{"confirm_token":7}"#, PARAMS, "confirm_token text"),
    ("connectionsConfirm", Acme("bob"), "POST /vault/connections/crm/quay-crm/confirm", r#"{"confirm_token":"guess"}"#, INVALID_STATE, "confirm_token authorise"),
    ("connectionsConfirm", Acme("bob"), "POST /vault/connections/crm/quay-crm/confirm", r#"{"confirm_token":"{expired_confirm}"}"#, INVALID_STATE, "confirm_token expired"),
    ("connectionsConfirm", Acme("bob"), "POST /vault/connections/crm/quay-crm/confirm", r#"{"confirm_token":"{cyds_confirm}"}"#, INVALID_STATE, "confirm_token"),
    ("connectionsConfirm", Zenith("cyd"), "POST /vault/connections/crm/quay-crm/confirm", r#"{"confirm_token":"{cyds_confirm}"}"#, INVALID_STATE, "confirm_token"),
    ("connectionsConfirm", Acme("cyd"), "POST /vault/connections/crm/agile-crm/confirm", r#"{"confirm_token":"{cyds_confirm}"}"#, INVALID_STATE, "confirm_token"),
    ("createCallbackState", Acme("ada"), "POST /vault/connections/crm/quay-crm/callback-state", r#"{"redirect_uri":7}"#, PARAMS, "redirect_uri text"),
    ("createCallbackState", Acme("ada"), "POST /vault/connections/crm/quay-crm/callback-state", r#"{"redirect_uri":"https://evil.example/"}"#, REDIRECT, "redirect_uri allows"),
    ("createCallbackState", Session("tied_session"), "POST /vault/connections/crm/quay-crm/callback-state", "{}", FORBIDDEN, "`reauthorize` allow_actions"),
    ("createCallbackState", Acme("ada"), "POST /vault/connections/crm/agile-crm/callback-state", "{}", INVALID_STATE, "agile-crm settings"),
    // Configuration.
    ("connectionSettingsAll", Acme("{long}"), "GET /vault/connections/crm/agile-crm/companies/config", "", NOT_FOUND, "consumer"),
    ("connectionSettingsUpdate", Acme("bob"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"companies","defaults":[]}]}"#, NO_CONNECTION, "bob agile-crm"),
    ("connectionSettingsUpdate", Zenith("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"companies","defaults":[]}]}"#, NO_CONNECTION, "ada agile-crm"),
    ("connectionSettingsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"contacts","defaults":[]}]}"#, PARAMS, "resource companies"),
    ("connectionSettingsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"companies","defaults":[{"id":"name","value":7}]}]}"#, PARAMS, "name text"),
    ("connectionSettingsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"companies","defaults":[{"id":"name"}]}]}"#, PARAMS, "defaults[0].value required"),
    ("connectionSettingsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"companies","defaults":[{"value":"x"}]}]}"#, PARAMS, "defaults[0].id required"),
    ("connectionSettingsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"companies","defaults":[{"id":"created_at","value":"x"}]}]}"#, PARAMS, "`created_at` vendor"),
    ("connectionSettingsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[{"resource":"companies","defaults":[{"id":"name","value":"{huge}{huge}{huge}"}]}]}"#, PARAMS, "configuration 16384 bytes"),
    ("connectionSettingsUpdate", Acme("ada"), "PATCH /vault/connections/crm/agile-crm/companies/config", r#"{"enabled":false}"#, PARAMS, "configuration required"),
    // Custom mappings.
    ("connectionsSchema", Acme("{long}"), "GET /vault/connections/crm/agile-crm/companies/schema", "", NOT_FOUND, "consumer"),
    ("connectionsExample", Acme("{long}"), "GET /vault/connections/crm/agile-crm/companies/example", "", NOT_FOUND, "consumer"),
    ("customFieldsAll", Acme("ada"), "GET /vault/connections/crm/agile-crm/companies/custom-fields?resource_id=1", "", NOT_FOUND, "'1'"),
    ("customFieldsAll", Acme("ada"), "GET /vault/connections/crm/agile-crm/companies/custom-fields?resource_id=x", "", NOT_FOUND, "'x'"),
    ("customFieldsAll", Acme("bob"), "GET /vault/connections/crm/agile-crm/companies/custom-fields", "", NO_CONNECTION, "'bob' agile-crm"),
    ("customFieldsAll", Acme("{long}"), "GET /vault/connections/crm/agile-crm/companies/custom-fields", "", NO_CONNECTION, "agile-crm add"),
    ("customFieldsAll", Zenith("ada"), "GET /vault/connections/crm/agile-crm/companies/custom-fields", "", NO_CONNECTION, "'ada' agile-crm"),
    ("connectionCustomMappingsAll", Acme("{long}"), "GET /vault/connections/crm/agile-crm/companies/custom-mappings", "", NOT_FOUND, "consumer"),
    ("customMappingsAll", Acme("{long}"), "GET /vault/custom-mappings/crm/agile-crm", "", NOT_FOUND, "consumer"),
    ("customMappingsOne", Acme("ada"), "GET /vault/custom-mappings/crm/agile-crm/crm+companies+nope", "", NOT_FOUND, "crm+companies+nope /vault/custom-mappings"),
    ("customMappingsOne", Acme("ada"), "GET /vault/custom-mappings/crm/quay-crm/crm+companies+tier", "", NOT_FOUND, "crm+companies+tier"),
    ("customMappingsAdd", Acme("ada"), "POST /vault/custom-mappings/crm/agile-crm/tier", r#"{"value":"$.a"}"#, NOT_FOUND, "`tier` /vault/custom-mappings"),
    ("customMappingsAdd", Acme("ada"), "POST /vault/custom-mappings/crm/agile-crm/crm+companies+tier", "{}", PARAMS, "value required"),
    ("customMappingsAdd", Acme("ada"), "POST /vault/custom-mappings/crm/agile-crm/crm+companies+tier", r#"{"value":null}"#, PARAMS, "value null"),
    ("customMappingsAdd", Acme("ada"), "POST /vault/custom-mappings/crm/agile-crm/crm+companies+tier", r#"{"value":"$.a[?"}"#, PARAMS, "JSONPath character"),
    ("customMappingsAdd", Acme("ada"), "POST /vault/custom-mappings/crm/quay-crm/crm+companies+tier", r#"{"value":"$.a"}"#, NOT_FOUND, "crm+companies+tier"),
    ("customMappingsAdd", Acme("bob"), "POST /vault/custom-mappings/crm/agile-crm/crm+companies+tier", r#"{"value":"$.a"}"#, NO_CONNECTION, "bob agile-crm"),
    ("customMappingsUpdate", Zenith("ada"), "PATCH /vault/custom-mappings/crm/agile-crm/crm+companies+tier", r#"{"value":"$.a"}"#, NO_CONNECTION, "ada agile-crm"),
    ("customMappingsUpdate", Acme("ada"), "PATCH /vault/custom-mappings/crm/agile-crm/crm+companies+tier", r#"{"value":"tier"}"#, PARAMS, "JSONPath character"),
    ("customMappingsDelete", Acme("ada"), "DELETE /vault/custom-mappings/crm/agile-crm/crm+companies+tier", "", NOT_FOUND, "crm+companies+tier mapped"),
    ("customMappingsDelete", Acme("ada"), "DELETE /vault/custom-mappings/crm/agile-crm/crm+companies+nope", "", NOT_FOUND, "crm+companies+nope"),
    ("customMappingsDelete", Acme("bob"), "DELETE /vault/custom-mappings/crm/agile-crm/crm+companies+tier", "", NO_CONNECTION, "bob agile-crm"),
    // Sessions.
    ("logsAll", Acme("ada"), "GET /vault/logs?limit=0", "", PARAMS, "limit 1 200"),
    ("logsAll", Acme("ada"), "GET /vault/logs?cursor=x", "", CURSOR, "cursor"),
    ("logsAll", Acme("ada"), "GET /vault/logs?filter[start_date]=soon", "", PARAMS, "start_date date"),
    ("logsAll", Acme("ada"), "GET /vault/logs?filter[status_code]=404.5", "", PARAMS, "status_code whole number 404.5"),
    ("sessionsCreate", Acme("{long}"), "POST /vault/sessions", "{}", PARAMS, "consumer id 255"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":[]}"#, PARAMS, "settings object"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"session_length":"8d"}}"#, PARAMS, "session_length 1m 1w"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"session_length":"0s"}}"#, PARAMS, "session_length 1m 1w"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"session_length":"-1h"}}"#, PARAMS, "session_length 1m 1w"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"session_length":"soon"}}"#, PARAMS, "session_length 1m 1w"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"session_length":"1y"}}"#, PARAMS, "session_length 1m 1w"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"session_length":3600}}"#, PARAMS, "session_length text"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"allow_actions":["destroy"]}}"#, PARAMS, "allow_actions delete disable"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"allow_actions":"delete"}}"#, PARAMS, "allow_actions list"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"settings":{"show_logs":"no"}}"#, PARAMS, "show_logs true false"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"redirect_uri":"https://evil.example/"}"#, REDIRECT, "redirect_uri allows"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"redirect_uri":"nowhere"}"#, REDIRECT, "redirect_uri allows"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"theme":{"logo":"{huge}"}}"#, PARAMS, "theme bytes"),
    ("sessionsCreate", Acme("ada"), "POST /vault/sessions", r#"{"consumer_metadata":{"email":7}}"#, PARAMS, "consumer_metadata.email text"),
];

#[tokio::test]
async fn every_row_is_refused_as_it_says() {
    let (mut setting, mut surprises) = (Setting::new().await, Surprises::default());
    setting.names.insert("long", "L".repeat(300));
    setting.names.insert("huge", "x".repeat(8000));
    for (operation, by, line, body, owed, says) in ROWS {
        let (method, path) = line.split_once(' ').unwrap();
        let path = setting.filled(path);
        let request = match by {
            Acme(consumer) => setting.house.request(ACME, &setting.filled(consumer), method, &path),
            Zenith(consumer) => setting.house.request(ZENITH, consumer, method, &path),
            Session(name) => setting.in_session(name, method, &path),
        };
        let request = if body.is_empty() {
            request
        } else {
            request.header("content-type", "application/json").body(setting.filled(body))
        };
        surprises.check(&format!("{operation} by {by:?}: {line} {body}"), &send(request).await, *owed, says);
    }
    surprises.none();
    setting.is_unchanged().await;
}
