//! The path of a unified request: who calls, over which connection, by which plan, and what goes back.

use std::sync::Arc;

use connection_vault::{Caller, Connection, Scope, Vault, VaultError};
use connector_catalog::Plan;
use connectors::{ConnectorError, Mint, OutcomeData, Protocols, VendorOutcome};
use unified_model::{
    ApplicationId, CanonicalSchema, ConsumerId, RequestError, RequestParts, ServiceId, UnifiedRequest,
};
use vendor_client::{CallRecorder, Locking, Observations, VendorClient, VendorSession};

use crate::call_notes::CallNotes;
use crate::cursor::CursorSealer;
use crate::error::GatewayError;
use crate::response::{Raw, ResponseData, UnifiedResponse};
use crate::writes::Writes;
use crate::{redact, translate};

/// Serves unified requests. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    pub(crate) vault: Vault,
    client: VendorClient,
    pub(crate) protocols: Protocols,
    cursors: Arc<CursorSealer>,
    writes: Writes,
}

/// A call as it arrives. Empty texts count as absent.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The `x-apideck-consumer-id` header.
    pub consumer_id: Option<&'a ConsumerId>,
    /// The `x-apideck-service-id` header.
    pub service_id: Option<&'a str>,
    /// The request itself.
    pub parts: RequestParts<'a>,
}

impl Gateway {
    /// A gateway over a vault and a way out. `cursor_key` seals cursors; every node of an installation shares it.
    #[must_use]
    pub fn new(vault: Vault, client: VendorClient, cursor_key: [u8; 32]) -> Self {
        vault.set_client(client.clone());
        let cursors = Arc::new(CursorSealer::new(cursor_key));
        Self { vault, client, protocols: Protocols::new(), cursors, writes: Writes::default() }
    }

    /// The same gateway with another way to make ids, where a vendor lets its callers choose them.
    #[must_use]
    pub fn minting(self, mint: Mint) -> Self {
        Self { protocols: Protocols::minting(mint), ..self }
    }

    /// The vault behind this gateway.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// What seals the cursors of our own lists.
    #[must_use]
    pub fn cursors(&self) -> &CursorSealer {
        &self.cursors
    }

    /// Done when no write is under way, those among them that nobody waits for any more.
    pub async fn writes_finished(&self) {
        self.writes.finished().await;
    }

    /// Serves one call of `caller`, and notes what is learnt of it.
    ///
    /// # Errors
    /// Whatever the caller is to see.
    pub async fn execute(
        &self,
        caller: &Caller,
        call: Call<'_>,
        notes: &CallNotes,
    ) -> Result<UnifiedResponse, GatewayError> {
        let scope = if call.parts.operation.writes() { Scope::CrmWrite } else { Scope::CrmRead };
        caller.require(scope).map_err(translate::vault)?;
        let (consumer_id, service) = addressed(caller, call.consumer_id, call.service_id, notes)?;
        let connection = self.vault.calls().connection(caller, consumer_id, service.as_ref()).await;
        // What is wrong with the request is told before what is wrong with the connection.
        let schema = self.vault.catalog().schema();
        let request = request(schema, call.parts, connection.as_deref().ok()).map_err(translate::request)?;
        let connection = connection.map_err(translate::vault)?;
        notes.calls(&connection.connector.service_id);
        let plan = connection
            .connector
            .plan(request.resource, request.operation, &connection.settings)
            .map_err(translate::plan)?;
        let request = self.opened(request, &connection)?;
        let mut vendor = self.session(&connection, notes);
        let recorder = CallRecorder::default();
        if request.raw {
            vendor = vendor.recorded(recorder.clone());
        }
        if request.operation.writes() {
            vendor = vendor.locking(self.locking(&connection));
        }
        let observed = Observations::default();
        let outcome = self.outcome(plan, &request, vendor.observed(observed.clone())).await;
        self.note_credentials(&connection, outcome.as_ref().err()).await;
        let answer = self.answer(request, &connection, outcome, &recorder).await;
        answer.map(|answer| answer.beside(&observed)).map_err(|error| error.with_rate_limit(observed.rate_limit()))
    }

    /// Who calls, told from the `Authorization` and `x-apideck-app-id` headers.
    ///
    /// # Errors
    /// `UnauthorizedError`, or `RequestHeadersValidationError` where the application is not named.
    pub async fn caller(
        &self,
        authorization: Option<&str>,
        application_id: Option<&str>,
    ) -> Result<Caller, GatewayError> {
        let api_key = present(authorization).map(translate::bearer).transpose()?;
        let api_key = api_key.ok_or_else(translate::missing_authorization)?;
        let application_id = present(application_id).ok_or_else(|| translate::missing_header("x-apideck-app-id"))?;
        let application_id: ApplicationId =
            application_id.parse().map_err(|_| translate::vault(VaultError::Unauthorized))?;
        self.vault.api_keys().caller(api_key, &application_id).await.map_err(translate::vault)
    }

    /// A connection's way to its vendor.
    pub(crate) fn session(&self, connection: &Connection, notes: &CallNotes) -> VendorSession {
        let (connector, credentials) = (Arc::clone(&connection.connector), Arc::clone(&connection.credentials));
        let session = self.client.session(connector, connection.key.clone(), credentials);
        session.on_behalf_of(connection.application_id.clone().into()).timed(notes.vendor_time.clone())
    }

    /// Keeps whether the vendor took the connection's credentials, as far as an outcome says so.
    async fn note_credentials(&self, connection: &Connection, error: Option<&ConnectorError>) {
        match error {
            None => self.vault.calls().credentials_accepted(connection).await,
            Some(error) if error.refuses_credentials() => self.vault.calls().credentials_refused(connection).await,
            Some(_) => {}
        }
    }

    /// How a write locks records: for all servers, whatever became of the connection's settings meanwhile.
    fn locking(&self, connection: &Connection) -> Locking {
        let service = connection.connector.service_id.as_str();
        let account = [&*connection.application_id, &*connection.consumer_id, service].join("\n");
        Locking { account: account.into(), leases: self.vault.calls().record_leases() }
    }

    /// The request with its cursor opened into a position.
    fn opened(&self, mut request: UnifiedRequest, connection: &Connection) -> Result<UnifiedRequest, GatewayError> {
        if let Some(cursor) = &request.cursor {
            request.position = Some(self.cursors.open(cursor, &request, connection).map_err(translate::cursor)?);
        }
        Ok(request)
    }

    /// Runs the plan. A write goes on when its caller hangs up: half a write is worse than one nobody waits for.
    async fn outcome(
        &self,
        plan: Plan,
        request: &UnifiedRequest,
        vendor: VendorSession,
    ) -> Result<VendorOutcome, ConnectorError> {
        let protocol = plan.connector().protocol;
        if !request.operation.writes() {
            return self.protocols.get(protocol).execute(&plan, request, &vendor).await;
        }
        let (protocols, request) = (self.protocols.clone(), request.clone());
        let under_way = self.writes.begin();
        let task = tokio::spawn(async move {
            let _under_way = under_way;
            protocols.get(protocol).execute(&plan, &request, &vendor).await
        });
        task.await.unwrap_or_else(|broken| {
            tracing::error!(error = %broken, "a write broke off");
            Err(translate::broken_write())
        })
    }

    async fn answer(
        &self,
        request: UnifiedRequest,
        connection: &Connection,
        outcome: Result<VendorOutcome, ConnectorError>,
        recorder: &CallRecorder,
    ) -> Result<UnifiedResponse, GatewayError> {
        let mut outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                let error = redact::connector_error(error, connection).await;
                return Err(translate::connector(error, &request, &connection.connector));
            }
        };
        let raw = Raw { answers: std::mem::take(&mut outcome.exchanges), calls: recorder.take() };
        let raw = if request.raw { Some(redact::raw(raw, connection).await) } else { None };
        let mut warnings = request.warnings.clone();
        warnings.append(&mut outcome.warnings);
        let data = match outcome.data {
            OutcomeData::Page { records, count, next, previous, total } => ResponseData::Page {
                records,
                count,
                previous: previous.map(|position| self.cursors.seal(&position, &request, connection)),
                next: next.map(|position| self.cursors.seal(&position, &request, connection)),
                current: request.cursor,
                total,
            },
            OutcomeData::Record(record) => ResponseData::Record(record),
            OutcomeData::Written(id) => ResponseData::Id(id.as_str().to_owned()),
        };
        Ok(UnifiedResponse {
            service: connection.connector.service_id.clone(),
            resource: request.resource,
            operation: request.operation,
            data,
            warnings: redact::warnings(warnings, connection).await,
            raw,
            rate_limit: None,
        })
    }
}

/// The request. A new record begins with what the connection's configuration says, where the caller says nothing.
fn request(
    schema: &CanonicalSchema,
    parts: RequestParts<'_>,
    connection: Option<&Connection>,
) -> Result<UnifiedRequest, RequestError> {
    let defaults = connection.and_then(|connection| connection.configuration.get(&parts.resource));
    UnifiedRequest::completed(schema, parts, |record| {
        for default in defaults.into_iter().flatten() {
            default.apply(record);
        }
    })
}

/// The consumer that a header names, if it names one.
///
/// # Errors
/// `ConnectionNotFoundError` where nobody can be called that.
pub fn consumer_named(header: Option<&str>) -> Result<Option<ConsumerId>, GatewayError> {
    let nobody = |name: &str| {
        let consumer_id = name.chars().take(80).collect();
        translate::vault(VaultError::NoConnection { consumer_id, service: None })
    };
    present(header).map(|name| name.parse().map_err(|_| nobody(name))).transpose()
}

/// For which consumer a call is, and by which connector, where it names one.
pub(crate) fn addressed<'c>(
    caller: &Caller,
    consumer_id: Option<&'c ConsumerId>,
    service: Option<&str>,
    notes: &CallNotes,
) -> Result<(&'c ConsumerId, Option<ServiceId>), GatewayError> {
    notes.called_by(caller, consumer_id);
    let consumer_id = consumer_id.ok_or_else(|| translate::missing_header("x-apideck-consumer-id"))?;
    let service = service_id(service)?;
    if let Some(service) = &service {
        notes.calls(service);
    }
    Ok((consumer_id, service))
}

/// Official SDKs send empty header values for what is not set.
pub(crate) fn present(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

fn service_id(header: Option<&str>) -> Result<Option<ServiceId>, GatewayError> {
    present(header).map(|text| text.parse().map_err(|_| translate::unknown_service(text))).transpose()
}
