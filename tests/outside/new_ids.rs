//! Where the id of a new record comes from: the answer's body, or else the address that its headers name.

use serde_json::json;

use crate::support::{Gateway, agile, catalog};
use crate::vendor::RawVendor;

/// Creates a contact at a vendor that answers this and whose new records have an address.
async fn created(answer: &str) -> crate::support::Reply {
    let definition = |text: String| text.replacen("new_id: id", "new_id: { at: id, location: \"/contacts/{id}\" }", 1);
    let vendor = RawVendor::start(&[answer.as_bytes()]).await;
    let address = vendor.address;
    let base_url = Some(format!("http://{address}"));
    let gateway =
        Gateway::over(catalog(&[("agile-crm", definition)]), |config| agile(config).base_url = base_url).await;
    gateway.post("/crm/contacts", &json!({ "first_name": "Ada" })).await
}

fn answer(header: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 201 Created\r\n{header}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

#[tokio::test]
async fn the_id_of_a_new_record_may_stand_in_its_address() {
    for (header, body, id) in [
        ("location: https://vendor.example/dev/api/contacts/71\r\n", "", "71"),
        ("location: /contacts/71/?fields=all\r\n", "", "71"),
        ("location: /contacts/71\r\n", r#"{"id":72}"#, "72"),
        ("location: /contacts/71\r\n", r#"{"id":null}"#, "71"),
        ("location: /elsewhere/1\r\nodata-entityid: /contacts/71\r\n", "", "71"),
    ] {
        let reply = created(&answer(header, body)).await;
        assert_eq!((reply.status, &reply.body["data"]["id"]), (201, &json!(id)), "{header}{body}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_new_record_whose_id_is_nowhere_may_have_been_made() {
    for (header, body) in [("", ""), ("location: /elsewhere/71\r\n", ""), ("location: /contacts/\r\n", "{}")] {
        let reply = created(&answer(header, body)).await;
        let detail = reply.refused(400, "ConnectorExecutionError");
        assert_eq!((&detail["outcome"], &detail["vendor_status"]), (&json!("unknown"), &json!(201)), "{}", reply.text);
    }
}
