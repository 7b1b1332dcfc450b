//! A running gateway over the sandbox, and a client that speaks its headers.

use reqwest::Method;
use serde_json::Value;
use server::sandbox::{API_KEY, APPLICATION, CONSUMER, DemoGateway};
use vendor_sandbox::Sandbox;

/// A gateway that serves until it is dropped.
pub struct Gateway {
    pub address: std::net::SocketAddr,
    pub sandbox: Sandbox,
    pub vault: connection_vault::Vault,
    _vendors: vendor_sandbox::RunningSandbox,
    serving: tokio::task::JoinHandle<()>,
    client: reqwest::Client,
}

/// A reply, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Gateway {
    pub async fn start() -> Self {
        let demo = DemoGateway::start(0).await.unwrap();
        let address = demo.service.address;
        let service = demo.service;
        let serving = tokio::spawn(async move { service.run(std::future::pending()).await.unwrap() });
        Self {
            address,
            sandbox: demo.sandbox,
            vault: demo.vault,
            _vendors: demo.vendors,
            serving,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// A request with the demo application's headers; `path` starts with `/`.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path)
            .bearer_auth(API_KEY)
            .header("x-apideck-app-id", APPLICATION)
            .header("x-apideck-consumer-id", CONSUMER)
    }

    /// A request without any header.
    pub fn anonymous(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::POST, path).header("content-type", "application/json").body(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::PATCH, path).header("content-type", "application/json").body(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        send(self.request(Method::DELETE, path)).await
    }

    /// Every record of a list, by following `meta.cursors.next`; `query` without cursor.
    pub async fn list(&self, resource: &str, query: &str) -> Vec<Value> {
        let mut records = Vec::new();
        let mut path = format!("/crm/{resource}?{query}");
        for _ in 0..1000 {
            let page = self.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.text);
            records.extend(page.body["data"].as_array().unwrap().iter().cloned());
            match page.body["meta"]["cursors"]["next"].as_str() {
                Some(cursor) => path = format!("/crm/{resource}?{query}&cursor={cursor}"),
                None => return records,
            }
        }
        panic!("the list has no end");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub async fn send(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status, headers, text, body }
}

impl Reply {
    /// Asserts an error of this status and type, with all six keys and a `detail` that the SDKs can read.
    #[track_caller]
    pub fn refused(&self, status: u16, type_name: &str) -> &Value {
        assert_eq!((self.status, self.body["type_name"].as_str()), (status, Some(type_name)), "{}", self.text);
        assert_eq!(self.body["status_code"], status);
        for key in ["error", "message", "ref"] {
            assert!(self.body[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {}", self.text);
        }
        let detail = &self.body["detail"];
        assert!(detail.is_string() || detail.is_object(), "detail: {}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        detail
    }
}
