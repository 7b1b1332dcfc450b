//! Entity tags: a change that somebody else makes at the vendor's between a write's read and its write is not written over.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use vendor_sandbox::{AVID_PASSWORD, AVID_USERNAME, Fault, FaultKind, SeenRequest};

use super::{CONTACTS, call, record};
use crate::support::{Gateway, Reply, send};

const SERVICE: &str = "avid-crm";

/// A gateway whose Avid tags its rows, and one contact there.
struct Tagged {
    gateway: Gateway,
    path: String,
    /// The contact's own address at the vendor.
    row: String,
    start: usize,
}

impl Tagged {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let gateway = Gateway::demo().await;
        gateway.sandbox.tag_avid_rows(true);
        if !settings.is_empty() {
            let service = SERVICE.parse().unwrap();
            let patch = connection_vault::ConnectionPatch {
                settings: settings.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).into()))).collect(),
                ..connection_vault::ConnectionPatch::default()
            };
            let place = (server::sandbox::APPLICATION, server::sandbox::CONSUMER);
            gateway
                .vault
                .connections()
                .update(&place.0.parse().unwrap(), &place.1.parse().unwrap(), &service, patch)
                .await
                .unwrap();
        }
        let path = super::first(&gateway, SERVICE, "contacts").await;
        let row = format!("{CONTACTS}(guid'{}')", path.rsplit('/').next().unwrap());
        let start = gateway.sandbox.requests().len();
        Self { gateway, path, row, start }
    }

    /// From here on, this many reads of the contact wait for [`Sandbox::release`](vendor_sandbox::Sandbox::release).
    fn hold_reads(&self, times: u32) {
        let path_prefix = self.row["/avid-crm".len()..].to_owned();
        let method = Some("GET".to_owned());
        self.gateway.sandbox.inject(Fault { method, path_prefix, times, ..Fault::of(SERVICE, FaultKind::Held) });
    }

    fn write(&self, method: Method, body: Option<&Value>) -> JoinHandle<Reply> {
        tokio::spawn(send(call(&self.gateway, SERVICE, method, &self.path, body)))
    }

    /// What the gateway has asked of the contact.
    fn seen(&self) -> Vec<SeenRequest> {
        let all = self.gateway.sandbox.requests().split_off(self.start);
        all.into_iter().filter(|seen| self.row.ends_with(&seen.path)).collect()
    }

    /// Somebody else changes the contact once it has been read for the `nth` time.
    async fn change_after_read(&self, nth: usize, body: &Value) {
        let reads = || self.seen().iter().filter(|seen| seen.method == "GET").count();
        while reads() < nth {
            tokio::task::yield_now().await;
        }
        let address = format!("http://{}{}", self.gateway.vendors.address, self.row);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.patch(address).basic_auth(AVID_USERNAME, Some(AVID_PASSWORD));
        let request = request.header("content-type", "application/json").body(body.to_string());
        assert_eq!(request.send().await.unwrap().status(), 204);
        self.gateway.sandbox.release();
    }

    fn statuses(&self, method: &str) -> Vec<u16> {
        let seen = self.seen();
        seen.iter().filter(|seen| seen.method == method).filter_map(|seen| seen.status).collect()
    }
}

#[tokio::test]
async fn a_change_in_between_is_read_and_kept() {
    for form in ["application/json", "application/json;odata=verbose"] {
        let tagged = Tagged::start(&[("json_form", form)]).await;
        tagged.hold_reads(1);
        let write = tagged.write(Method::PATCH, Some(&json!({"title": "CTO"})));
        tagged.change_after_read(1, &json!({"Department": "Sales"})).await;
        let reply = write.await.unwrap();
        assert_eq!(reply.status, 200, "{form}: {}", reply.text);
        assert_eq!(tagged.statuses("PUT"), [412, 204], "{form}");
        let contact = record(&tagged.gateway, SERVICE, &tagged.path).await;
        assert_eq!((&contact["title"], &contact["department"]), (&json!("CTO"), &json!("Sales")), "{form}");
    }
}

#[tokio::test]
async fn a_part_is_written_over_the_version_that_was_read_too() {
    let tagged = Tagged::start(&[("update_mode", "patch")]).await;
    tagged.hold_reads(1);
    let write = tagged.write(Method::PATCH, Some(&json!({"title": "CTO"})));
    tagged.change_after_read(1, &json!({"Department": "Sales"})).await;
    let reply = write.await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text);
    // Ours, ours again, and in between somebody else's.
    assert_eq!(tagged.statuses("PATCH"), [204, 412, 204]);
}

#[tokio::test]
async fn a_second_change_in_between_is_a_conflict() {
    let tagged = Tagged::start(&[]).await;
    tagged.hold_reads(2);
    let write = tagged.write(Method::PATCH, Some(&json!({"title": "CTO"})));
    tagged.change_after_read(1, &json!({"Department": "Sales"})).await;
    tagged.change_after_read(2, &json!({"Department": "Legal"})).await;
    let reply = write.await.unwrap();
    let detail = reply.refused(409, "ConflictError");
    assert_eq!(detail["outcome"], "not_run", "{}", reply.text);
    assert_eq!(tagged.statuses("PUT"), [412, 412]);
    let contact = record(&tagged.gateway, SERVICE, &tagged.path).await;
    assert_ne!(contact["title"], "CTO");
    assert_eq!(contact["department"], "Legal");
}

#[tokio::test]
async fn without_a_change_in_between_one_write_is_enough() {
    let tagged = Tagged::start(&[]).await;
    for title in ["CTO", "CEO"] {
        let reply = tagged.write(Method::PATCH, Some(&json!({ "title": title }))).await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert_eq!(tagged.statuses("PUT"), [204, 204]);
    let body = tagged.seen().into_iter().find(|seen| seen.method == "PUT").unwrap().json.unwrap();
    assert!(body.get("odata.etag").is_none(), "the tag is no part of the record: {body}");
}
