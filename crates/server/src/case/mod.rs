//! Case files: a request, the vendor exchanges that it must cause, and the reply owed. Played through the whole gateway over
//! a stand-in vendor that answers exactly what the file says.

mod compare;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use connection_vault::{
    AdminError, AuthorizeError, ImportedConnection, ImportedTokens, MasterKey, NewConnection, StoreLocation, Vault,
    VaultError, VaultOptions,
};
use connector_catalog::{Catalog, SettingInput};
use gateway::CursorSealer;
use http_body_util::BodyExt;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use tower::ServiceExt;
use unified_model::{
    ApplicationId, ConsumerId, Operation, Position, RecordId, RequestError, RequestParts, Resource, ServiceId,
    UnifiedRequest,
};
use vendor_sandbox::replay::{Exchange, Replay};

use self::compare::compare_open;
use crate::config::{Config, Connector};
use crate::http::PublicUrl;
use crate::service::{self, ServiceError};

const APPLICATION: &str = "case-app";
const API_KEY: &str = "case-api-key";
const CONSUMER: &str = "case-consumer";
const CURSOR_KEY: [u8; 32] = [7; 32];

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, as a sentence.
    pub case: String,
    /// The connector.
    pub service: ServiceId,
    /// Settings of the connection, over stand-in values for every required one.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The request.
    pub request: CaseRequest,
    /// What the vendor is to be asked, and what it answers, in order.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// Whether the vendor may be asked in another order than written: calls that are made at once have none.
    #[serde(default)]
    pub any_order: bool,
    /// What the caller is owed.
    pub reply: CaseReply,
}

/// A request to the gateway.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRequest {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// The vendor's cursor that a list goes on from. The caller's cursor around it differs from run to run, so it is sealed
    /// here and added to the query.
    pub cursor: Option<String>,
    /// The JSON body.
    pub body: Option<Value>,
}

/// The reply owed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseReply {
    /// HTTP status.
    pub status: u16,
    /// Headers that must be there, among others.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Members that the body must have. An object at the top or in `meta`, `links` and `detail` may have others; everything
    /// else must be equal. `"*"` stands for any text.
    pub body: Map<String, Value>,
}

/// How a directory of cases went.
#[derive(Debug, Default)]
pub struct Report {
    /// How many passed.
    pub passed: usize,
    /// A paragraph for each that failed.
    pub failures: Vec<String>,
}

/// Why cases cannot be played at all.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A file or directory that cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        message: String,
    },
    /// There is no case file.
    #[error("{0}: no case file (*.yaml) here")]
    NoCase(String),
}

/// Why a case could not be set up.
#[derive(Debug, thiserror::Error)]
enum SetUpError {
    #[error("there is no connector `{0}`")]
    UnknownService(ServiceId),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Authorize(#[from] AuthorizeError),
    #[error("only a list goes on from a cursor: {0}")]
    NoList(String),
    #[error(transparent)]
    List(#[from] RequestError),
    #[error("the stand-in vendor cannot listen: {0}")]
    Replay(#[from] std::io::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] axum::http::Error),
}

/// Plays a case file, or every case file below a directory, in order of their names.
pub async fn play_all(place: &Path, catalog: &Catalog) -> Result<Report, CaseError> {
    let mut report = Report::default();
    for file in files(place)? {
        match play_file(&file, catalog).await? {
            Ok(()) => report.passed += 1,
            Err(why) => report.failures.push(format!("{}: {why}", file.display())),
        }
    }
    Ok(report)
}

/// Returns a case file, or every case file below a directory, in order of their names.
///
/// # Errors
/// Fails where a file or directory cannot be read, and where there is no case file.
pub fn files(place: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let mut files = Vec::new();
    collect(place, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(CaseError::NoCase(place.display().to_string()));
    }
    Ok(files)
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<(), CaseError> {
    let unreadable =
        |error: std::io::Error| CaseError::Unreadable { path: place.display().to_string(), message: error.to_string() };
    if !place.is_dir() {
        place.metadata().map_err(unreadable)?;
        files.push(place.to_owned());
        return Ok(());
    }
    for entry in place.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

/// Plays the case in a file; the inner error is a paragraph that says what differs.
///
/// # Errors
/// Fails where the file cannot be read.
pub async fn play_file(file: &Path, catalog: &Catalog) -> Result<Result<(), String>, CaseError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| CaseError::Unreadable { path: file.display().to_string(), message: error.to_string() })?;
    Ok(match serde_saphyr::from_str::<Case>(&text) {
        Ok(case) => play(case, catalog).await,
        Err(error) => Err(format!("this is no case file: {error}")),
    })
}

/// Plays one case; the error is a paragraph that says what differs.
pub async fn play(case: Case, catalog: &Catalog) -> Result<(), String> {
    let title = case.case.clone();
    let differences = match differences(case, catalog).await {
        Ok(differences) => differences,
        Err(error) => vec![error.to_string()],
    };
    if differences.is_empty() { Ok(()) } else { Err(format!("{title}\n  {}", differences.join("\n  "))) }
}

async fn differences(case: Case, catalog: &Catalog) -> Result<Vec<String>, SetUpError> {
    let replay = if case.any_order {
        Replay::start_in_any_order(case.exchanges, "").await?
    } else {
        Replay::start(case.exchanges, "").await?
    };
    let vault = vault(&case.service, case.settings, catalog).await?;
    let path = match case.request.cursor {
        Some(cursor) => continued(&case.request.path, cursor, &case.service, &vault).await?,
        None => case.request.path,
    };
    let router = router(&case.service, replay.address, vault)?;
    let body = case.request.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = Request::builder()
        .method(case.request.method.as_str())
        .uri(path)
        .header("authorization", format!("Bearer {API_KEY}"))
        .header("x-apideck-app-id", APPLICATION)
        .header("x-apideck-consumer-id", CONSUMER)
        .header("content-type", "application/json")
        .body(body)?;
    let Ok(response) = router.oneshot(request).await;
    let mut differences = Vec::new();
    if response.status().as_u16() != case.reply.status {
        differences.push(format!("status: owed {}, got {}", case.reply.status, response.status().as_u16()));
    }
    for (name, owed) in &case.reply.headers {
        let found = response.headers().get(name).and_then(|value| value.to_str().ok());
        if found != Some(owed) {
            differences.push(format!("header {name}: owed {owed}, got {}", found.unwrap_or("none")));
        }
    }
    let bytes = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(found) => compare_open("", &Value::Object(case.reply.body), &found, &mut differences),
        Err(error) => differences.push(format!("the reply is not JSON: {error}")),
    }
    if let Err(mismatches) = replay.finish().await {
        differences.extend(mismatches.into_iter().map(|mismatch| format!("vendor: {mismatch}")));
    }
    Ok(differences)
}

/// A vault with one connection, to the case's connector; its access token, if it uses one, is `case`.
async fn vault(
    service: &ServiceId,
    settings: BTreeMap<String, String>,
    catalog: &Catalog,
) -> Result<Vault, SetUpError> {
    let connector = catalog.connector(service).ok_or_else(|| SetUpError::UnknownService(service.clone()))?;
    let mut new = NewConnection::new(&application(), &consumer(), service.clone());
    for setting in connector.settings.iter().filter(|setting| setting.required) {
        let stand_in = match setting.input {
            SettingInput::Email => "case@vendor.example",
            SettingInput::Url => "https://vendor.example",
            SettingInput::Text | SettingInput::Password | SettingInput::Select | SettingInput::Checkbox => {
                setting.options.first().map_or("case", String::as_str)
            }
        };
        new.settings.insert(setting.name.clone(), SecretString::from(stand_in));
    }
    new.settings.extend(settings.into_iter().map(|(name, value)| (name, SecretString::from(value))));

    let key = MasterKey::generate().map_err(ServiceError::from)?;
    let vault = Vault::open(VaultOptions::new(StoreLocation::Memory), key, Arc::new(catalog.clone())).await?;
    vault.applications().add(&application(), "Cases").await?;
    vault.api_keys().add_chosen(&application(), &SecretString::from(API_KEY)).await?;
    vault.connections().add(new).await?;
    if connector.auth.oauth2().is_some() {
        let token = Some(SecretString::from("case"));
        let tokens = ImportedTokens { access_token: token, refresh_token: None, issued_at: None, expires_in: None };
        let caller = vault.api_keys().caller(API_KEY, &application()).await?;
        vault
            .authorisations()
            .import(
                &caller,
                &consumer(),
                service,
                ImportedConnection { tokens: Some(tokens), ..ImportedConnection::default() },
            )
            .await?;
    }
    Ok(vault)
}

/// The path of a list that goes on from the vendor's cursor.
async fn continued(path: &str, cursor: String, service: &ServiceId, vault: &Vault) -> Result<String, SetUpError> {
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let resource: Resource =
        place.trim_start_matches("/crm/").parse().map_err(|_| SetUpError::NoList(path.to_owned()))?;
    let parts = RequestParts { resource, operation: Operation::All, parent: None, id: None, query, body: None };
    let request = UnifiedRequest::new(vault.catalog().schema(), parts)?;
    let caller = vault.api_keys().caller(API_KEY, &application()).await?;
    let connection = vault.calls().connection(&caller, &consumer(), Some(service)).await?;
    let sealed = CursorSealer::new(CURSOR_KEY).seal(&Position::Cursor(cursor), &request, &connection);
    Ok(format!("{place}?{query}&cursor={sealed}"))
}

fn router(service: &ServiceId, vendor: SocketAddr, vault: Vault) -> Result<axum::Router, SetUpError> {
    let mut config = Config::default();
    let vendor = Connector { base_url: Some(format!("http://{vendor}")), ..Connector::default() };
    config.connectors.insert(service.clone(), vendor);
    let gateway = service::gateway(&config, vault, CURSOR_KEY)?.minting(minted_id);
    Ok(crate::http::router(gateway, PublicUrl::new("http://gateway.example"), config.server.max_body_bytes))
}

/// The id of every record whose id is ours to choose.
fn minted_id() -> RecordId {
    "c0ffee00-0000-4000-8000-000000000001".parse().expect("a constant that is a possible id")
}

fn application() -> ApplicationId {
    APPLICATION.parse().expect("a constant that is a possible id")
}

fn consumer() -> ConsumerId {
    CONSUMER.parse().expect("a constant that is a possible id")
}
