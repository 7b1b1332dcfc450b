//! Every end-point that knows its caller, once, with input that is good.

/// An operation of `spec/vault.yaml`.
pub(super) struct Endpoint {
    pub(super) id: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// A good body; empty where none is taken.
    pub(super) body: &'static str,
    /// Whether a consumer has to be named.
    pub(super) of_a_consumer: bool,
    /// Whether a session may ask for it.
    pub(super) for_sessions: bool,
    /// Whether a body may be left out.
    pub(super) may_be_empty: bool,
}

const fn endpoint(id: &'static str, method: &'static str, path: &'static str, body: &'static str) -> Endpoint {
    Endpoint { id, method, path, body, of_a_consumer: true, for_sessions: true, may_be_empty: false }
}

impl Endpoint {
    const fn of_the_application(self) -> Self {
        Self { of_a_consumer: false, for_sessions: false, ..self }
    }

    const fn without_a_consumer(self) -> Self {
        Self { of_a_consumer: false, ..self }
    }

    const fn not_for_sessions(self) -> Self {
        Self { for_sessions: false, ..self }
    }

    const fn which_may_be_empty(self) -> Self {
        Self { may_be_empty: true, ..self }
    }

    /// Whether the path names a unified API and a connector.
    pub(super) fn names_a_connector(&self) -> bool {
        self.path.contains("/crm/")
    }

    /// Whether the path names a resource.
    pub(super) fn names_a_resource(&self) -> bool {
        self.path.contains("/companies/")
    }
}

/// Those whose caller the link tells, which `links` is about.
pub(super) const LINKED: [&str; 3] = ["connectionsAuthorize", "connectionsCallback", "connectionsRevoke"];

#[rustfmt::skip]
pub(super) const ENDPOINTS: &[Endpoint] = &[
    endpoint("consumersAdd", "POST", "/vault/consumers", r#"{"consumer_id":"new"}"#).of_the_application(),
    endpoint("consumersAll", "GET", "/vault/consumers", "").of_the_application(),
    endpoint("consumersOne", "GET", "/vault/consumers/ada", "").of_the_application(),
    endpoint("consumersUpdate", "PATCH", "/vault/consumers/ada", r#"{"metadata":{"email":"x"}}"#).of_the_application(),
    endpoint("consumersDelete", "DELETE", "/vault/consumers/ada", "").of_the_application(),
    endpoint("connectionsAll", "GET", "/vault/connections", "").without_a_consumer(),
    endpoint("connectionsOne", "GET", "/vault/connections/crm/agile-crm", ""),
    endpoint("connectionsAdd", "POST", "/vault/connections/crm/avid-crm", "{}"),
    endpoint("connectionsUpdate", "PATCH", "/vault/connections/crm/agile-crm", r#"{"enabled":false}"#),
    endpoint("connectionsDelete", "DELETE", "/vault/connections/crm/agile-crm", ""),
    endpoint("connectionsImport", "POST", "/vault/connections/crm/quay-crm/import", r#"{"credentials":{"access_token":"a"}}"#).not_for_sessions(),
    endpoint("connectionsToken", "POST", "/vault/connections/crm/quay-crm/token", "{}").which_may_be_empty(),
    endpoint("validateConnectionState", "POST", "/vault/connections/crm/agile-crm/validate", "{}").which_may_be_empty(),
    endpoint("connectionsConfirm", "POST", "/vault/connections/crm/quay-crm/confirm", r#"{"confirm_token":"c"}"#),
    endpoint("createCallbackState", "POST", "/vault/connections/crm/quay-crm/callback-state", "{}").which_may_be_empty(),
    endpoint("connectionSettingsAll", "GET", "/vault/connections/crm/agile-crm/companies/config", ""),
    endpoint("connectionSettingsUpdate", "PATCH", "/vault/connections/crm/agile-crm/companies/config", r#"{"configuration":[]}"#),
    endpoint("connectionsSchema", "GET", "/vault/connections/crm/agile-crm/companies/schema", ""),
    endpoint("connectionsExample", "GET", "/vault/connections/crm/agile-crm/companies/example", ""),
    endpoint("customFieldsAll", "GET", "/vault/connections/crm/agile-crm/companies/custom-fields", ""),
    endpoint("connectionCustomMappingsAll", "GET", "/vault/connections/crm/agile-crm/companies/custom-mappings", ""),
    endpoint("customMappingsAll", "GET", "/vault/custom-mappings/crm/agile-crm", ""),
    endpoint("customMappingsOne", "GET", "/vault/custom-mappings/crm/agile-crm/crm+companies+tier", ""),
    endpoint("customMappingsAdd", "POST", "/vault/custom-mappings/crm/agile-crm/crm+companies+tier", r#"{"value":"$.a"}"#),
    endpoint("customMappingsUpdate", "PATCH", "/vault/custom-mappings/crm/agile-crm/crm+companies+tier", r#"{"value":"$.a"}"#),
    endpoint("customMappingsDelete", "DELETE", "/vault/custom-mappings/crm/agile-crm/crm+companies+tier", ""),
    endpoint("logsAll", "GET", "/vault/logs", ""),
    endpoint("sessionsCreate", "POST", "/vault/sessions", "{}").not_for_sessions().which_may_be_empty(),
];
