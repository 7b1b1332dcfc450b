//! Servers as processes of their own: one over a file, and several over one `PostgreSQL` database, where a lease on the record
//! ends by itself when its holder is killed.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use vendor_sandbox::{AVID_PASSWORD, AVID_USERNAME, Fault, FaultKind, RunningSandbox, Sandbox};

use super::{CONTACTS, at_once, change, hold_to_replies, slow, with_body};
use crate::process::{Caller, Installation, Server, finished};
use crate::support::send;
use crate::two_servers::Schema;

const SERVICE: &str = "avid-crm";

/// An installation over a database, whose Avid is a sandbox in this process.
struct Office {
    sandbox: Sandbox,
    installation: Installation,
    api_key: String,
    _vendors: RunningSandbox,
}

impl Office {
    async fn new(database: &str, timeout_seconds: u32) -> Self {
        let sandbox = Sandbox::new();
        let vendors = sandbox.clone().start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let base_url = format!("http://{}/avid-crm/prophet/prophetwebservices/AvtProphetApi/odata", vendors.address);
        let more = format!(
            "[connectors.avid-crm]\nbase_url = \"{base_url}\"\ntimeout_seconds = {timeout_seconds}\n\
             limits = {{ requests = 10000, per_seconds = 1, concurrency = 100 }}"
        );
        let installation = Installation::new("http://127.0.0.1:1", &more);
        let configuration = std::fs::read_to_string(installation.path().join("trunkline.toml")).unwrap();
        let store = format!("{database}\"\nrecord_lease_seconds = 1\n#");
        installation.write("trunkline.toml", &configuration.replace("trunkline.sqlite", &store));
        let api_key = installation.add_application("acme");
        let username = format!("username={AVID_USERNAME}");
        let place = ["--app", "acme", "--consumer", "c-1", "--service", SERVICE];
        let settings = ["--set", &username, "--set", "password=-"];
        let arguments = [&["connections", "add"][..], &place, &settings].concat();
        finished(&mut installation.command(&arguments), AVID_PASSWORD).done();
        Self { sandbox, installation, api_key, _vendors: vendors }
    }

    fn call(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        let caller = Caller { api_key: &self.api_key, application: "acme", consumer: "c-1" };
        server.request_to(SERVICE, caller, method, path)
    }

    async fn first_contact(&self, server: &Server) -> String {
        let listed = send(self.call(server, Method::GET, "/crm/contacts?limit=1")).await;
        format!("/crm/contacts/{}", listed.body["data"][0]["id"].as_str().unwrap_or_else(|| panic!("{}", listed.text)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_updates_through_one_server_over_a_file_none_is_lost() {
    let office = Office::new("trunkline.sqlite", 60).await;
    let server = office.installation.serve();
    let path = office.first_contact(&server).await;
    let changes: Vec<_> = (0..200).map(change).collect();
    let update = |(member, _, value): &(&str, &str, String)| {
        with_body(office.call(&server, Method::PATCH, &path), &json!({ *member: value }))
    };
    let replies = at_once(changes.iter().map(update)).await;
    assert_eq!(hold_to_replies(&office.sandbox, &changes, &replies), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_updates_through_two_servers_none_is_lost() {
    let Some(schema) = Schema::new().await else { return };
    let office = Office::new(&schema.address(), 12).await;
    let servers = [office.installation.serve(), office.installation.serve()];
    let path = office.first_contact(&servers[0]).await;
    office.first_contact(&servers[1]).await;
    slow(&office.sandbox, SERVICE);
    let changes: Vec<_> = (0..200).map(change).collect();
    let update = |(number, (member, _, value)): (usize, &(&str, &str, String))| {
        with_body(office.call(&servers[number % 2], Method::PATCH, &path), &json!({ *member: value }))
    };
    let replies = at_once(changes.iter().enumerate().map(update)).await;
    let kept = hold_to_replies(&office.sandbox, &changes, &replies);
    let by_server =
        [0, 1].map(|server| replies.iter().skip(server).step_by(2).filter(|reply| reply.status == 200).count());
    assert!(kept > 0 && by_server.iter().all(|kept| *kept > 0), "both servers have their turns: {by_server:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_free_again_when_the_server_that_wrote_to_it_is_killed() {
    let Some(schema) = Schema::new().await else { return };
    let office = Office::new(&schema.address(), 20).await;
    let [killed, other] = [office.installation.serve(), office.installation.serve()];
    let path = office.first_contact(&other).await;
    let start = office.sandbox.requests().len();
    let prefix = CONTACTS["/avid-crm".len()..].to_owned();
    office.sandbox.inject(Fault { path_prefix: prefix, ..Fault::of(SERVICE, FaultKind::Held) });
    let lost = tokio::spawn(with_body(office.call(&killed, Method::PATCH, &path), &json!({"title": "lost"})).send());
    let reads = || office.sandbox.requests()[start..].iter().filter(|seen| seen.path.contains("Contacts(")).count();
    while reads() == 0 {
        tokio::task::yield_now().await;
    }
    let write = tokio::spawn(send(with_body(office.call(&other, Method::PATCH, &path), &json!({"title": "kept"}))));
    // A whole call to the other server, and it still waits.
    let listed = send(office.call(&other, Method::GET, "/crm/users?limit=1")).await;
    assert_eq!((listed.status, reads()), (200, 1), "{}", listed.text);
    drop(killed);
    assert!(lost.await.unwrap().is_err());
    let reply = write.await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text);
    let contact = send(office.call(&other, Method::GET, &path)).await;
    assert_eq!(contact.body["data"]["title"], "kept", "{}", contact.text);
}
