//! An office with servers that are killed while they do something, and what was told in it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use connection_vault::ConnectionState;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL};

use super::attempt::Operation;
use crate::killed::master_key::ROTATE;
use crate::oauth::office::{CONNECTION, Office};
use crate::process::Server;
use crate::support::send;
use crate::two_servers::Schema;

/// So many connections to Agile that a change of the master key takes several batches.
const AGILE_CONNECTIONS: usize = 150;

pub struct Bench {
    pub office: Office,
    schema: Option<Schema>,
    /// None while it is dead.
    server: Option<Server>,
    /// How long each operation takes where nobody cuts it off.
    pub spans: BTreeMap<Operation, Duration>,
    /// How many events of a type a consumer has had.
    told: BTreeMap<(String, &'static str), usize>,
}

impl Bench {
    pub async fn new(schema: Option<Schema>) -> Self {
        let database = schema.as_ref().map_or_else(|| "trunkline.sqlite".to_owned(), Schema::address);
        let office = Office::new(&database).await;
        let server = office.installation.serve();
        let path = "/vault/connections/crm/agile-crm";
        let settings = json!({ "domain": AGILE_DOMAIN, "email": AGILE_EMAIL, "api_key": AGILE_API_KEY });
        for number in 0..AGILE_CONNECTIONS {
            let request = office.request(&server, &format!("agile-{number}"), Method::PATCH, path);
            let body = json!({ "settings": settings }).to_string();
            let reply = send(request.header("content-type", "application/json").body(body)).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
        }
        Self { office, schema, server: Some(server), spans: BTreeMap::new(), told: BTreeMap::new() }
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Sends a request and kills the server in the middle of it, or once it is answered; then there is a new one. The status of the
    /// answer, if that came first.
    pub async fn killed(&mut self, operation: Operation, share: Option<f64>, request: RequestBuilder) -> Option<u16> {
        let start = Instant::now();
        let mut call = tokio::spawn(request.send());
        let answer = match share {
            None => {
                let answer = (&mut call).await.unwrap();
                self.spans.insert(operation, start.elapsed());
                self.server = None;
                answer
            }
            Some(share) => {
                sleep_until(start + self.spans[&operation].mul_f64(share));
                self.server = None;
                call.await.unwrap()
            }
        };
        self.restart().await;
        answer.ok().map(|answer| answer.status().as_u16())
    }

    /// The same for the command that changes the master key: whether it came to its end.
    pub async fn rotation_killed(&mut self, share: Option<f64>) -> bool {
        let start = Instant::now();
        let log = || std::fs::File::create(self.office.installation.path().join("rotation.log")).unwrap();
        let mut command = self.office.installation.command(&ROTATE).stdout(log()).stderr(log()).spawn().unwrap();
        let ended = match share {
            None => {
                let ended = command.wait().unwrap();
                self.spans.insert(Operation::Rotate, start.elapsed());
                Some(ended)
            }
            Some(share) => {
                sleep_until(start + self.spans[&Operation::Rotate].mul_f64(share));
                command.try_wait().unwrap()
            }
        };
        // It may have ended by itself.
        let _ = command.kill();
        command.wait().unwrap();
        self.server = None;
        self.restart().await;
        ended.is_some_and(|ended| ended.success())
    }

    async fn restart(&mut self) {
        if let Some(schema) = &self.schema {
            schema.let_exchanges_and_renewals_end().await;
        }
        self.server = Some(self.office.installation.serve());
    }

    pub async fn delete(&self, consumer: &str) {
        let reply = send(self.office.request(self.server(), consumer, Method::DELETE, CONNECTION)).await;
        assert!(matches!(reply.status, 204 | 404), "{}", reply.text);
    }

    /// How many more events of these types a consumer has had since somebody asked.
    pub async fn newly_told<const TYPES: usize>(
        &mut self,
        consumer: &str,
        types: [&'static str; TYPES],
    ) -> [usize; TYPES] {
        let vault = self.office.vault("master.key").await.unwrap();
        let events =
            vault.events().list(&"acme".parse().unwrap(), Some(&consumer.parse().unwrap()), 10_000).await.unwrap();
        types.map(|event_type| {
            let now = events.iter().filter(|told| told.event_type == event_type).count();
            now - self.told.insert((consumer.to_owned(), event_type), now).unwrap_or_default()
        })
    }

    /// No connection to Agile is lost, and their secrets open.
    pub async fn agile_is_callable(&self) {
        let listed = self
            .office
            .vault("master.key")
            .await
            .unwrap()
            .connections()
            .list(&"acme".parse().unwrap(), None)
            .await
            .unwrap();
        let agile = listed.iter().filter(|connection| connection.service_id.as_str() == "agile-crm");
        let callable = agile.filter(|connection| connection.state == ConnectionState::Callable);
        assert_eq!(callable.count(), AGILE_CONNECTIONS);
    }
}

/// The kill's moment, more exactly than the runtime's timers would have it.
fn sleep_until(moment: Instant) {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
}
