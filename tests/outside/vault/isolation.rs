//! Whoever asks, with whatever key, session, headers and cursor, sees and changes what is their own and nothing else.

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use reqwest::RequestBuilder;
use serde_json::json;

use super::house::{ACME, AGILE, Application, House, ZENITH, agile_settings, with_json};
use crate::support::{Reply, send};

const APPLICATIONS: [Application; 2] = [ACME, ZENITH];
/// Some differ in little but where one ends and the next begins.
const CONSUMERS: [&str; 4] = ["a", "ab", "b", "ab+crm"];

/// One of the applications and one of their consumers, by their places above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tenant {
    application: usize,
    consumer: usize,
}

/// What a request is let in by.
#[derive(Debug, Clone, Copy)]
enum Credential {
    Key(usize),
    Session(Tenant),
    /// The session of a tenant in which another consumer's name was written.
    Forged(Tenant, usize),
}

#[derive(Debug, Clone)]
struct Ask {
    credential: Credential,
    application_header: Option<usize>,
    consumer_header: Option<usize>,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Connections,
    Connection,
    Mapping,
    Configuration,
    Consumers {
        /// Whose cursor is sent.
        cursor: Option<usize>,
    },
    Consumer(usize),
    Mark,
    MarkConsumer(usize),
    Records,
}

struct Houses {
    house: House,
    sessions: Vec<Vec<String>>,
    cursors: Vec<String>,
}

impl Tenant {
    /// What stands in everything that belongs to it, and in nothing else.
    fn mark(self) -> String {
        format!("mark-{}-{}-end", self.application, self.consumer)
    }
}

fn every_tenant() -> impl Iterator<Item = Tenant> {
    let of = |application| (0..CONSUMERS.len()).map(move |consumer| Tenant { application, consumer });
    (0..APPLICATIONS.len()).flat_map(of)
}

impl Houses {
    async fn new() -> Self {
        let house = House::start().await;
        let mut sessions = vec![Vec::new(); APPLICATIONS.len()];
        for tenant in every_tenant() {
            let (application, consumer) = (APPLICATIONS[tenant.application], CONSUMERS[tenant.consumer]);
            let mut settings = agile_settings();
            settings["email"] = json!(format!("{}@x.example", tenant.mark()));
            let connection = json!({
                "settings": settings,
                "metadata": { "owner": tenant.mark() },
                "custom_mappings": [{ "id": "crm+companies+tier", "value": format!("$['{}']", tenant.mark()) }],
                "configuration": [{ "resource": "companies", "defaults": [{ "id": "name", "value": tenant.mark() }] }],
            });
            send(with_json(house.request(application, consumer, "PATCH", AGILE), &connection)).await.succeeded();
            let kept = json!({ "consumer_id": consumer, "metadata": { "account_name": tenant.mark() } });
            send(with_json(house.request(application, "", "POST", "/vault/consumers"), &kept)).await.succeeded();
            let session = send(with_json(house.request(application, consumer, "POST", "/vault/sessions"), &json!({})));
            let session = session.await.succeeded()["session_token"].as_str().unwrap().to_owned();
            sessions[tenant.application].push(session);
        }
        let mut cursors = Vec::new();
        for application in APPLICATIONS {
            let page = send(house.request(application, "", "GET", "/vault/consumers?limit=1")).await;
            cursors.push(page.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned());
        }
        Self { house, sessions, cursors }
    }

    fn request(&self, ask: &Ask) -> RequestBuilder {
        let path = match ask.what {
            What::Connections => "/vault/connections".to_owned(),
            What::Connection | What::Mark => AGILE.to_owned(),
            What::Mapping => "/vault/custom-mappings/crm/agile-crm/crm+companies+tier".to_owned(),
            What::Configuration => format!("{AGILE}/companies/config"),
            What::Consumers { cursor: None } => "/vault/consumers".to_owned(),
            What::Consumers { cursor: Some(of) } => format!("/vault/consumers?cursor={}", self.cursors[of]),
            What::Consumer(consumer) | What::MarkConsumer(consumer) => {
                format!("/vault/consumers/{}", CONSUMERS[consumer].replace('+', "%2B"))
            }
            What::Records => "/crm/companies?limit=1".to_owned(),
        };
        let method = if matches!(ask.what, What::Mark | What::MarkConsumer(_)) { "PATCH" } else { "GET" };
        let request = self.house.anonymous(method, &path);
        let request = match ask.credential {
            Credential::Key(application) => request.bearer_auth(APPLICATIONS[application].key),
            Credential::Session(tenant) => request
                .bearer_auth(&self.sessions[tenant.application][tenant.consumer])
                .header("x-apideck-auth-type", "JWT"),
            Credential::Forged(tenant, consumer) => {
                let own = self.sessions[tenant.application][tenant.consumer].split('.');
                let other = self.sessions[tenant.application][consumer].split('.');
                // Head and signature of the one, claims of the other.
                let parts: Vec<&str> =
                    own.zip(other).enumerate().map(|(at, (own, other))| if at == 1 { other } else { own }).collect();
                request.bearer_auth(parts.join(".")).header("x-apideck-auth-type", "JWT")
            }
        };
        let request = match ask.application_header {
            Some(application) => request.header("x-apideck-app-id", APPLICATIONS[application].id),
            None => request,
        };
        let request = match ask.consumer_header {
            Some(consumer) => request.header("x-apideck-consumer-id", CONSUMERS[consumer]),
            None => request,
        };
        match (ask.what, ask.owner()) {
            (What::Mark, Some(owner)) => with_json(request, &json!({ "metadata": { "owner": owner.mark() } })),
            (What::MarkConsumer(consumer), Some(owner)) => {
                let claimed = Tenant { consumer, ..owner };
                with_json(request, &json!({ "metadata": { "account_name": claimed.mark() } }))
            }
            (What::Mark | What::MarkConsumer(_), None) => {
                with_json(request, &json!({ "metadata": { "owner": "stranger" } }))
            }
            _ => request,
        }
    }

    async fn each_has_its_own(&self) {
        for tenant in every_tenant() {
            let (application, consumer) = (APPLICATIONS[tenant.application], CONSUMERS[tenant.consumer]);
            let connection = send(self.house.request(application, consumer, "GET", AGILE)).await.succeeded();
            assert_eq!(connection["metadata"], json!({ "owner": tenant.mark() }), "{tenant:?}");
            let path = format!("/vault/consumers/{}", consumer.replace('+', "%2B"));
            let kept = send(self.house.request(application, "", "GET", &path)).await.succeeded();
            assert_eq!(kept["metadata"], json!({ "account_name": tenant.mark() }), "{tenant:?}");
        }
    }
}

impl Ask {
    /// Whose the request is, if it is anybody's: the consumer counts where the end-point is a consumer's.
    fn owner(&self) -> Option<Tenant> {
        let is_own = |tenant: Tenant| {
            self.application_header.is_none_or(|named| named == tenant.application)
                && self.consumer_header.is_none_or(|named| named == tenant.consumer)
        };
        match self.credential {
            Credential::Key(application) if self.application_header == Some(application) => {
                Some(Tenant { application, consumer: self.consumer_header.unwrap_or_default() })
            }
            Credential::Session(tenant) if is_own(tenant) && !self.is_of_the_application() => Some(tenant),
            Credential::Forged(tenant, consumer)
                if consumer == tenant.consumer && is_own(tenant) && !self.is_of_the_application() =>
            {
                Some(tenant)
            }
            Credential::Key(_) | Credential::Session(_) | Credential::Forged(..) => None,
        }
    }

    fn is_of_the_application(&self) -> bool {
        matches!(self.what, What::Consumers { .. } | What::Consumer(_) | What::MarkConsumer(_) | What::Records)
    }

    /// The marks that the answer may hold.
    fn may_see(&self, mark: Tenant) -> bool {
        let Some(owner) = self.owner() else { return false };
        match self.what {
            What::Consumers { .. } | What::Consumer(_) | What::MarkConsumer(_) => mark.application == owner.application,
            What::Connections if self.is_of_nobody() => false,
            _ => mark == owner,
        }
    }

    fn is_of_nobody(&self) -> bool {
        matches!(self.credential, Credential::Key(_)) && self.consumer_header.is_none()
    }
}

fn check(ask: &Ask, reply: &Reply) -> Result<(), TestCaseError> {
    for tenant in every_tenant() {
        let is_seen = reply.text.contains(&tenant.mark());
        prop_assert!(!is_seen || ask.may_see(tenant), "{ask:?} sees {tenant:?}: {}", reply.text);
    }
    if ask.owner().is_none() {
        prop_assert!(matches!(reply.status, 400 | 401 | 403), "{ask:?} is let in: {}", reply.text);
    }
    let is_own_page = match ask.what {
        What::Consumers { cursor } => cursor.is_none_or(|of| ask.owner().is_some_and(|owner| owner.application == of)),
        _ => true,
    };
    let is_good = ask.owner().is_some() && is_own_page && (ask.is_of_the_application() || !ask.is_of_nobody());
    if is_good && !matches!(ask.what, What::Records) {
        prop_assert_eq!(reply.status, 200, "{:?}: {}", ask, &reply.text);
    }
    Ok(())
}

fn asks() -> impl Strategy<Value = Ask> {
    let application = || 0..APPLICATIONS.len();
    let consumer = || 0..CONSUMERS.len();
    let tenant = || (application(), consumer()).prop_map(|(application, consumer)| Tenant { application, consumer });
    let credential = prop_oneof![
        3 => application().prop_map(Credential::Key),
        3 => tenant().prop_map(Credential::Session),
        1 => (tenant(), consumer()).prop_map(|(tenant, consumer)| Credential::Forged(tenant, consumer)),
    ];
    let what = prop_oneof![
        Just(What::Connections),
        Just(What::Connection),
        Just(What::Mapping),
        Just(What::Configuration),
        proptest::option::of(application()).prop_map(|cursor| What::Consumers { cursor }),
        consumer().prop_map(What::Consumer),
        Just(What::Mark),
        consumer().prop_map(What::MarkConsumer),
        Just(What::Records),
    ];
    let headers = (proptest::option::weighted(0.8, application()), proptest::option::weighted(0.8, consumer()));
    (credential, headers, what).prop_map(|(credential, (application_header, consumer_header), what)| Ask {
        credential,
        application_header,
        consumer_header,
        what,
    })
}

#[test]
fn nobody_sees_or_changes_what_is_anothers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let houses = runtime.block_on(Houses::new());
    let config = ProptestConfig {
        cases: 1000,
        rng_seed: RngSeed::Fixed(20_261_129),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&asks(), |ask| {
        let reply = runtime.block_on(send(houses.request(&ask)));
        check(&ask, &reply)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    runtime.block_on(houses.each_has_its_own());
}
