//! A caller of the Agile sandbox.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use vendor_sandbox::{AGILE_API_KEY, AGILE_EMAIL, RunningSandbox, Sandbox};

/// A sandbox of its own for each test, and a client with the right credentials.
pub(crate) struct Agile {
    pub(crate) sandbox: Sandbox,
    pub(crate) running: RunningSandbox,
    pub(crate) http: Client,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) text: String,
}

impl Agile {
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::new();
        let running = sandbox.clone().start(([127, 0, 0, 1], 0).into()).await.unwrap();
        Self { sandbox, running, http: http() }
    }

    /// A request below `/dev/api`, with credentials, for JSON.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, path).basic_auth(AGILE_EMAIL, Some(AGILE_API_KEY)).header(ACCEPT, "application/json")
    }

    /// A request below `/dev/api` with nothing else.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("http://{}/agile-crm/dev/api/{path}", self.running.address);
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        read(self.request("GET", path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        read(self.request("DELETE", path)).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        read(self.request(method, path).header(CONTENT_TYPE, "application/json").body(body.to_string())).await
    }

    pub(crate) async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.request("POST", path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        read(request.body(body)).await
    }

    /// A person who was just created.
    pub(crate) async fn person(&self, body: &Value) -> Value {
        let reply = self.json("POST", "contacts", body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.value()
    }

    /// Every record of a form end-point, page by page.
    pub(crate) async fn walk(&self, path: &str, pairs: &[(&str, &str)]) -> Vec<Value> {
        let mut records = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.form(path, &[pairs, &[("cursor", cursor.as_str())]].concat()).await.list();
            let next = page.last().and_then(|last| last["cursor"].as_str()).map(str::to_owned);
            records.extend(page);
            match next {
                Some(next) => cursor = next,
                None => return records,
            }
        }
    }
}

impl Reply {
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn list(&self) -> Vec<Value> {
        self.value().as_array().unwrap().clone()
    }
}

/// A client that knows no certificate authority: nobody here speaks TLS, and loading them takes a test's time over.
pub(crate) fn http() -> Client {
    Client::builder().tls_certs_only([]).build().unwrap()
}

pub(crate) async fn read(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
    Reply {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default(),
        text: response.text().await.unwrap(),
    }
}

/// The values of a record's properties of that type and name.
pub(crate) fn properties(record: &Value, origin: &str, name: &str) -> Vec<String> {
    let all = record["properties"].as_array().unwrap().iter();
    all.filter(|property| property["type"] == origin && property["name"] == name)
        .map(|property| property["value"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) fn ids(records: &[Value]) -> Vec<i64> {
    records.iter().map(|record| record["id"].as_i64().unwrap()).collect()
}
