//! One connection's way to its vendor for the length of one unified call.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use connector_catalog::ConnectorDefinition;
use tracing::debug;

use crate::client::Shared;
use crate::connection::prepared::Prepared;
use crate::connection::{Connection, ConnectionKey};
use crate::credentials::{CredentialError, CredentialSource, Credentials};
use crate::egress::names::on_behalf_of;
use crate::error::VendorError;
use crate::limiter::CallerNumber;
use crate::observations::Observations;
use crate::record_lock::{LockError, Locking, RecordLock};
use crate::settings::Settings;
use crate::vendor_time::VendorTime;
use crate::wire::memory::{Received, with_room};
use crate::wire::outgoing::{AnswerLimits, EncodedBody, Outgoing};
use crate::wire::recorder::{Begun, CallRecorder};
use crate::wire::repeat::wait_before_repeat;
use crate::wire::reply::VendorReply;
use crate::wire::request::{LoggedPath, VendorBody, VendorRequest};

/// What an answer may take once it is read without waiting for room.
const SMALL_TREE_BYTES: usize = 8 * 1024 * 1024;

/// How many redirects of one request are followed.
pub(crate) const MOST_REDIRECTS: usize = 3;

/// One connection's way to its vendor for the length of one unified call: it owns the deadline.
pub struct VendorSession {
    pub(crate) shared: Arc<Shared>,
    pub(crate) connector: Arc<ConnectorDefinition>,
    pub(crate) key: ConnectionKey,
    pub(crate) locking: Locking,
    pub(crate) connection: Arc<Connection>,
    pub(crate) credentials: Arc<dyn CredentialSource>,
    pub(crate) timeout: Duration,
    pub(crate) deadline: Instant,
    pub(crate) vendor_time: VendorTime,
    /// Whose turn it is where several calls share the connection's limits.
    pub(crate) caller: CallerNumber,
    /// Whose names are looked up.
    pub(crate) application: Arc<str>,
    /// What this call has received.
    pub(crate) received: Received,
    pub(crate) recorder: Option<CallRecorder>,
    pub(crate) observations: Observations,
}

impl VendorSession {
    /// The same session, which adds to `time` how long its requests are under way: up to the end of an answer that is read,
    /// up to the headers of one that is passed on. Renewing credentials does not count.
    #[must_use]
    pub fn timed(self, time: VendorTime) -> Self {
        Self { vendor_time: time, ..self }
    }

    /// The same session, which records its requests and their answers.
    #[must_use]
    pub fn recorded(self, recorder: CallRecorder) -> Self {
        Self { recorder: Some(recorder), ..self }
    }

    /// The same session, which notes in `observations` what it learns beside the answers.
    #[must_use]
    pub fn observed(self, observations: Observations) -> Self {
        Self { observations, ..self }
    }

    /// The same session, which locks records as `locking` says. Without it, those of this very connection, in this process.
    #[must_use]
    pub fn locking(self, locking: Locking) -> Self {
        Self { locking, ..self }
    }

    /// Waits for the right to read a record and write over it, of which there is one. The last quarter of the call's time is
    /// kept for the work.
    ///
    /// # Errors
    /// [`LockError::Busy`] where the time to wait has passed, [`LockError::Store`] where the store of leases failed.
    pub async fn lock(&self, record: &str) -> Result<RecordLock, LockError> {
        let clock = &self.shared.clock;
        let patience = clock.left(self.deadline).saturating_sub(self.timeout / 4);
        RecordLock::take(&self.shared.queues, &self.locking, record, clock, patience).await
    }

    /// The same session, whose host names are looked up as this application's: of each application's, so many at once.
    #[must_use]
    pub fn on_behalf_of(self, application: Arc<str>) -> Self {
        Self { application, ..self }
    }

    /// Sends a request and reads the whole answer. Safe requests are repeated as the definition says, within the deadline;
    /// any request is repeated once after a 401 for which the credential source has newer credentials.
    ///
    /// # Errors
    /// Only when there is no whole answer; an answer of any status is `Ok`. [`VendorError::Timeout`] speaks of the attempt
    /// whose outcome is unknown: one that the vendor refused with 401 does not count as sent.
    pub async fn send(&self, request: VendorRequest) -> Result<VendorReply, VendorError> {
        let mut request = request;
        let body = EncodedBody::new(std::mem::replace(&mut request.body, VendorBody::None));
        let credentials = self.before_sending(self.credentials.current()).await??;
        let reply = self.send_with(&request, &body, &credentials).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        let newer = self.before_sending(self.credentials.refresh(&credentials)).await?;
        match newer.map_err(CredentialError::after_refusal)? {
            Some(newer) => self.send_with(&request, &body, &newer).await,
            None => Ok(reply),
        }
    }

    /// An answer that takes `cost_bytes` once it is read. Where that is much, it waits until what others read leaves room for it, which
    /// it takes up for as long as anything of the answer is kept.
    ///
    /// # Errors
    /// The deadline passes before there is room.
    pub async fn with_room_to_read(&self, answer: Bytes, cost_bytes: usize) -> Result<Bytes, VendorError> {
        if cost_bytes <= SMALL_TREE_BYTES {
            return Ok(answer);
        }
        let room = self.shared.clock.within(self.deadline, self.shared.trees.room_for(cost_bytes)).await.flatten();
        room.map(|room| with_room(answer, room)).ok_or(VendorError::Timeout { sent: true })
    }

    /// The connection that this session serves, for what others remember of it.
    #[must_use]
    pub fn connection(&self) -> &ConnectionKey {
        &self.key
    }

    /// The address that request paths are added to, for protocols that name records by their whole address.
    ///
    /// # Errors
    /// The settings come to no address that may be called.
    pub async fn base_address(&self) -> Result<String, VendorError> {
        let credentials = self.before_sending(self.credentials.current()).await??;
        Ok(self.prepared(&credentials)?.address.url("", "")?.as_str().trim_end_matches('/').to_owned())
    }

    /// The value of a setting that is not secret; `None` where it has none or is sensitive. Only declared settings have a
    /// value here: what a vault adds on its own (an access token) is always secret.
    pub async fn setting(&self, name: &str) -> Option<String> {
        let credentials = self.before_sending(self.credentials.current()).await.ok()?.ok()?;
        let settings = Settings { declared: &self.connector.settings, credentials: &credentials };
        let is_shown = settings.declaration(name).is_some_and(|setting| !setting.sensitive);
        if is_shown { settings.value(name).map(str::to_owned) } else { None }
    }

    /// Sends with one set of credentials, as often as the definition says.
    async fn send_with(
        &self,
        request: &VendorRequest,
        body: &EncodedBody,
        credentials: &Arc<Credentials>,
    ) -> Result<VendorReply, VendorError> {
        let outgoing = Outgoing::new(request, body, self.prepared(credentials)?)?;
        let mut attempt = 1;
        loop {
            let outcome = self.follow(request, &outgoing, attempt).await;
            let Some(wait) = self.wait_before_repeat(request, attempt, &outcome) else { return outcome };
            drop(outcome);
            self.shared.clock.sleep(wait).await;
            attempt += 1;
        }
    }

    fn wait_before_repeat(
        &self,
        request: &VendorRequest,
        attempt: u32,
        outcome: &Result<VendorReply, VendorError>,
    ) -> Option<Duration> {
        if !request.safe {
            return None;
        }
        let clock = &self.shared.clock;
        let wait = wait_before_repeat(&self.connector.retry, attempt, outcome, clock.timestamp(), self.shared.chance)?;
        (wait < clock.left(self.deadline)).then_some(wait)
    }

    /// One attempt. Redirects of a safe request are followed while they stay with the same scheme, host and port.
    async fn follow(
        &self,
        request: &VendorRequest,
        outgoing: &Outgoing,
        attempt: u32,
    ) -> Result<VendorReply, VendorError> {
        let mut reply = self.exchange(request, outgoing, attempt).await?;
        if !request.safe {
            return Ok(reply);
        }
        let mut next = outgoing.redirected(&reply);
        for _ in 0..MOST_REDIRECTS {
            let Some(hop) = next else { break };
            reply = self.exchange(request, &hop, attempt).await?;
            next = hop.redirected(&reply);
        }
        Ok(reply)
    }

    /// One request and its answer, within the connection's limits and the deadline.
    async fn exchange(
        &self,
        request: &VendorRequest,
        outgoing: &Outgoing,
        attempt: u32,
    ) -> Result<VendorReply, VendorError> {
        let _permit = self.connection.limiter.admit(self.caller, self.deadline).await?;
        let clock = &self.shared.clock;
        let start = clock.now();
        if start >= self.deadline {
            return Err(VendorError::Timeout { sent: false });
        }
        let recording = self
            .recorder
            .as_ref()
            .map(|recorder| (recorder, Begun::new(request, outgoing, attempt, clock.timestamp())));
        let under_way = self.vendor_time.begin(clock);
        let pool = self.shared.pool(outgoing.prepared.address.trust);
        let limits = self.answer_limits();
        let exchange = outgoing.exchange(pool, &limits);
        let exchange = on_behalf_of(Arc::clone(&self.application), exchange);
        let mut outcome =
            clock.within(self.deadline, exchange).await.unwrap_or(Err(VendorError::Timeout { sent: true }));
        drop(under_way);
        if let Ok(reply) = &mut outcome {
            self.observations.saw(reply, &self.connector.limit_headers, clock.timestamp());
        }
        let duration = clock.now() - start;
        if let Some((recorder, begun)) = recording {
            recorder.ended(begun, duration, &outcome);
        }
        debug!(
            service = self.connector.service_id.as_str(),
            step = request.step,
            method = request.method.as_str(),
            path = %LoggedPath(outgoing.url.path()),
            status = outcome.as_ref().ok().map(|reply| reply.status),
            error = outcome.as_ref().err().map(tracing::field::display),
            duration_ms = duration.as_secs_f64() * 1000.0,
            attempt,
            "vendor call"
        );
        outcome
    }

    fn answer_limits(&self) -> AnswerLimits<'_> {
        AnswerLimits {
            answer_bytes: self.shared.max_answer_bytes,
            call_bytes: self.shared.max_call_bytes,
            received: &self.received,
            memory: &self.shared.memory,
        }
    }

    pub(crate) fn prepared(&self, credentials: &Arc<Credentials>) -> Result<Arc<Prepared>, VendorError> {
        let render = || self.shared.prepare(&self.connector, credentials);
        self.connection.prepared(&self.connector, credentials, render)
    }

    /// Work that the deadline covers although nothing has been sent yet.
    pub(crate) async fn before_sending<F: Future>(&self, work: F) -> Result<F::Output, VendorError> {
        self.shared.clock.within(self.deadline, work).await.ok_or(VendorError::Timeout { sent: false })
    }
}

impl fmt::Debug for VendorSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VendorSession").field("service", &self.connector.service_id).finish_non_exhaustive()
    }
}
