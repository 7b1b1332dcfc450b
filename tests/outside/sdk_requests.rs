//! Requests as the official SDKs for .NET and PHP write them, byte for byte. Node's and Python's run themselves (`tests/sdk`);
//! these are recorded from the sources of `apideck-libraries/sdk-csharp` and `sdk-php`, whose package registries tests do not use.
//!
//! .NET writes brackets and commas of a query as they are and instants with seven digits; PHP writes a query as a form and instants
//! with six. Both say `charset` or nothing in the type of a body, leave out members that are null, and send whole amounts as `40.0`.

use serde_json::{Value, json};
use server::sandbox::{API_KEY, APPLICATION, CONSUMER};

use crate::support::{Gateway, Reply, send_as_written};

/// How one SDK writes its requests.
struct Sdk {
    name: &'static str,
    user_agent: &'static str,
    content_type: &'static str,
    /// Contacts changed since the year 2000, the newest first, two of them, with three of their members.
    list: &'static str,
    /// Contacts with an e-mail address; `EMAIL` stands for it.
    filtered: &'static str,
    /// An at sign within a query.
    at_sign: &'static str,
}

const EVERY: [Sdk; 2] = [
    Sdk {
        name: ".NET",
        user_agent: "speakeasy-sdk/csharp 0.5.0 2.470.1 10.13.0 ApiDeckSdk",
        content_type: "application/json; charset=utf-8",
        list: "/crm/contacts?raw=false&limit=2&filter[updated_since]=2000-01-01T00:00:00.0000000Z&sort[by]=created_at\
               &sort[direction]=desc&fields=id,first_name,updated_at",
        filtered: "/crm/contacts?raw=false&limit=20&filter[email]=EMAIL",
        at_sign: "@",
    },
    Sdk {
        name: "PHP",
        user_agent: "speakeasy-sdk/php 0.7.2 2.493.8 10.13.0 apideck-libraries/sdk-php",
        content_type: "application/json",
        list: "/crm/contacts?raw=false&limit=2&filter%5Bupdated_since%5D=2000-01-01T00%3A00%3A00.000000Z\
               &sort%5Bby%5D=created_at&sort%5Bdirection%5D=desc&fields=id%2Cfirst_name%2Cupdated_at",
        filtered: "/crm/contacts?raw=false&limit=20&filter%5Bemail%5D=EMAIL",
        at_sign: "%40",
    },
];

impl Sdk {
    async fn send(&self, gateway: &Gateway, line: &str, body: Option<&str>) -> Reply {
        let mut head = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\nuser-agent: {}\r\nAuthorization: Bearer {API_KEY}\r\n\
             x-apideck-app-id: {APPLICATION}\r\nx-apideck-consumer-id: {CONSUMER}\r\nx-apideck-service-id: agile-crm\r\n\
             Connection: close\r\n",
            gateway.address, self.user_agent
        );
        if let Some(body) = body {
            head.extend(["Content-Type: ", self.content_type, "\r\nContent-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head += "\r\n";
        send_as_written(gateway.address, head.as_bytes(), body.unwrap_or_default().as_bytes()).await
    }
}

#[tokio::test]
async fn lists_are_asked_for_in_either_spelling() {
    let gateway = Gateway::start().await;
    let mut answers: Vec<Value> = Vec::new();
    for sdk in EVERY {
        let reply = sdk.send(&gateway, &format!("GET {}", sdk.list), None).await;
        assert_eq!(reply.status, 200, "{}: {}", sdk.name, reply.text);
        assert_eq!(reply.body["data"].as_array().unwrap().len(), 2, "{}: {}", sdk.name, reply.text);
        let next = reply.body["meta"]["cursors"]["next"].as_str().unwrap();
        let rest = sdk.send(&gateway, &format!("GET {}&cursor={next}", sdk.list), None).await;
        assert_eq!(rest.body["data"].as_array().unwrap().len(), 2, "{}: {}", sdk.name, rest.text);
        answers.push(json!([reply.body["data"], rest.body["data"]]));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_record_is_made_found_changed_and_removed() {
    let gateway = Gateway::start().await;
    for sdk in EVERY {
        let email = format!("{}@sdk.example", sdk.name.trim_start_matches('.').to_lowercase());
        let contact =
            json!({ "first_name": "Ada", "last_name": "Lovelace", "emails": [{ "email": email, "type": "primary" }] });
        let added = sdk.send(&gateway, "POST /crm/contacts?raw=false", Some(&contact.to_string())).await;
        assert_eq!(added.status, 201, "{}: {}", sdk.name, added.text);
        let id = added.body["data"]["id"].as_str().unwrap();
        let filtered = sdk.filtered.replace("EMAIL", &email.replace('@', sdk.at_sign));
        let found = sdk.send(&gateway, &format!("GET {filtered}"), None).await;
        assert_eq!(found.body["data"][0]["id"], id, "{}: {}", sdk.name, found.text);
        let changed = sdk.send(&gateway, &format!("PATCH /crm/contacts/{id}"), Some(r#"{"first_name":"Grace"}"#)).await;
        assert_eq!(changed.status, 200, "{}: {}", sdk.name, changed.text);
        let one = sdk.send(&gateway, &format!("GET /crm/contacts/{id}?raw=false"), None).await;
        assert_eq!(one.body["data"]["first_name"], "Grace", "{}: {}", sdk.name, one.text);
        let removed = sdk.send(&gateway, &format!("DELETE /crm/contacts/{id}?raw=false"), None).await;
        assert_eq!(removed.status, 200, "{}: {}", sdk.name, removed.text);
        let gone = sdk.send(&gateway, &format!("GET /crm/contacts/{id}"), None).await;
        gone.refused(404, "EntityNotFoundError");
    }
}

#[tokio::test]
async fn whole_amounts_are_sent_as_floats() {
    let gateway = Gateway::start().await;
    for sdk in EVERY {
        let deal = r#"{"title":"Sale","pipeline_stage_id":"New","close_date":"2030-01-31","win_probability":40.0,"monetary_amount":100.0}"#;
        let added = sdk.send(&gateway, "POST /crm/opportunities", Some(deal)).await;
        assert_eq!(added.status, 201, "{}: {}", sdk.name, added.text);
        let path = format!("GET /crm/opportunities/{}", added.body["data"]["id"].as_str().unwrap());
        let one = sdk.send(&gateway, &path, None).await;
        assert_eq!(one.body["data"]["win_probability"], 40, "{}: {}", sdk.name, one.text);
    }
}
