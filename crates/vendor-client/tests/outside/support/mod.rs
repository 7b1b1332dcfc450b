//! A connector definition made by hand, a vault of fixed credentials, names of one's own.

mod vendor;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connector_catalog::{
    Auth, ClientAuth, ConnectorDefinition, EntityTag, Limits, OAuth2, OAuthGrant, Protocol, RetryPolicy, Rotation,
    Setting, SettingInput, Template,
};
use secrecy::SecretString;
use vendor_client::{
    Clock, ConnectionKey, ConnectorOverrides, CredentialError, CredentialSource, Credentials, Resolver, VendorBody,
    VendorClient, VendorClientOptions, VendorRequest, VendorSession,
};

pub(crate) use vendor::{Play, Vendor, answer, gzip_answer};

pub(crate) const DATE: &str = "2026-01-01T00:00:00Z";

/// Everything that makes a session; tests change what they are about.
pub(crate) struct Setup {
    pub(crate) definition: ConnectorDefinition,
    pub(crate) options: VendorClientOptions,
    pub(crate) overrides: ConnectorOverrides,
    pub(crate) clock: Clock,
}

impl Setup {
    /// A connector whose base address the operator has set to a vendor on loopback.
    pub(crate) fn to(vendor: &Vendor) -> Self {
        let mut setup = Self::new();
        setup.overrides.base_url = Some(format!("http://{}/api", vendor.address));
        setup
    }

    pub(crate) fn new() -> Self {
        let clock = Clock::manual(DATE.parse().expect("date"));
        let options = VendorClientOptions { clock: clock.clone(), chance: || 0.0, ..VendorClientOptions::default() };
        Self { definition: definition(), options, overrides: ConnectorOverrides::default(), clock }
    }

    pub(crate) fn client(&self) -> VendorClient {
        let overrides = [(self.definition.service_id.clone(), self.overrides.clone())].into();
        VendorClient::new(self.options.clone(), overrides).expect("client")
    }

    pub(crate) fn session(self) -> VendorSession {
        self.session_with(vault(&[("email", "jane@acme.com"), ("api_key", "s3cret"), ("domain", "acme")]))
    }

    pub(crate) fn session_with(self, credentials: Arc<dyn CredentialSource>) -> VendorSession {
        self.client().session(Arc::new(self.definition), ConnectionKey("connection-1".into()), credentials)
    }
}

pub(crate) fn template(text: &str) -> Template {
    Template::parse(text).expect("template")
}

fn definition() -> ConnectorDefinition {
    ConnectorDefinition {
        service_id: "vendor".parse().expect("service id"),
        schema: unified_model::CanonicalSchema::built_in(),
        name: "Vendor".to_owned(),
        protocol: Protocol::Rest,
        tag_line: None,
        docs: None,
        settings: vec![setting("domain", false), setting("email", false), setting("api_key", true)],
        base_url: template("https://{settings.domain}.vendor.test/api"),
        auth: Auth::Basic { username: template("{settings.email}"), password: template("{settings.api_key}") },
        headers: vec![("Accept".to_owned(), template("application/json"))],
        query: Vec::new(),
        ids: None,
        time_zone: None,
        limits: Limits { requests: 1000, per: Duration::from_secs(1), concurrency: 100 },
        timeout: Duration::from_secs(20),
        retry: RetryPolicy {
            on: vec![429, 502, 503, 504],
            attempts: 3,
            base: Duration::from_millis(300),
            factor: 2.0,
            jitter: true,
            wait_header: Some("Retry-After".to_owned()),
        },
        errors: Vec::new(),
        error_messages: Vec::new(),
        error_codes: Vec::new(),
        entity_tag: EntityTag::WhereTold,
        check: None,
        limit_headers: connector_catalog::LimitHeaders::default(),
        lookups: BTreeMap::new(),
        resources: BTreeMap::new(),
        not_offered: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

/// Tokens for the client's own word.
pub(crate) fn client_credentials() -> OAuth2 {
    OAuth2 {
        grant: OAuthGrant::ClientCredentials,
        authorize_url: None,
        token_url: template("https://{settings.domain}.vendor.test/token"),
        revoke: None,
        scopes: Vec::new(),
        scope_separator: " ".to_owned(),
        authorize_parameters: Vec::new(),
        client_auth: ClientAuth::Basic,
        pkce: false,
        rotation: Rotation::Stays,
        grant_over: Vec::new(),
        expires_in: None,
        keep: Vec::new(),
        owner: None,
        scheme: "Bearer".to_owned(),
    }
}

pub(crate) fn setting(name: &str, sensitive: bool) -> Setting {
    Setting {
        name: name.to_owned(),
        label: name.to_owned(),
        input: SettingInput::Text,
        options: Vec::new(),
        pattern: None,
        required: true,
        sensitive,
        default: None,
        help: None,
        from_token: false,
        secrets_go_to: false,
    }
}

pub(crate) fn get(path: &str) -> VendorRequest {
    VendorRequest {
        step: "all".to_owned(),
        method: http::Method::GET,
        path: path.to_owned(),
        query: Vec::new(),
        body: VendorBody::None,
        if_match: None,
        safe: true,
    }
}

pub(crate) fn post(path: &str, json: &str) -> VendorRequest {
    VendorRequest { method: http::Method::POST, body: VendorBody::Json(json.into()), safe: false, ..get(path) }
}

pub(crate) fn credentials(settings: &[(&str, &str)]) -> Arc<Credentials> {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect();
    Arc::new(Credentials { settings })
}

/// A vault that has these settings and nothing newer.
pub(crate) fn vault(settings: &[(&str, &str)]) -> Arc<dyn CredentialSource> {
    Arc::new(Vault::new(credentials(settings), None))
}

/// A vault that counts how often it was asked for newer credentials.
pub(crate) struct Vault {
    current: Arc<Credentials>,
    newer: Option<Arc<Credentials>>,
    pub(crate) refreshes: AtomicUsize,
}

impl Vault {
    pub(crate) fn new(current: Arc<Credentials>, newer: Option<Arc<Credentials>>) -> Self {
        Self { current, newer, refreshes: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl CredentialSource for Vault {
    async fn current(&self) -> Result<Arc<Credentials>, CredentialError> {
        Ok(Arc::clone(&self.current))
    }

    async fn refresh(&self, stale: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CredentialError> {
        assert!(Arc::ptr_eq(stale, &self.current), "refreshes what was refused");
        self.refreshes.fetch_add(1, Ordering::SeqCst);
        Ok(self.newer.clone())
    }
}

/// Names whose addresses change from one question to the next; the last answer stays.
pub(crate) struct Names(Mutex<BTreeMap<String, VecDeque<Vec<IpAddr>>>>);

impl Names {
    pub(crate) fn new(host: &str, answers: &[&[&str]]) -> Arc<Self> {
        let addresses =
            answers.iter().map(|answer| answer.iter().map(|text| text.parse().expect("address")).collect()).collect();
        Arc::new(Self(Mutex::new([(host.to_owned(), addresses)].into())))
    }
}

#[async_trait]
impl Resolver for Names {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().expect("names");
        let answers = names.get_mut(host).ok_or_else(|| io::Error::other("no such host"))?;
        if answers.len() > 1 { Ok(answers.pop_front().expect("two answers")) } else { Ok(answers[0].clone()) }
    }
}
