//! A caller of any vendor that is spoken to in JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use vendor_sandbox::{
    AVID_PASSWORD, AVID_USERNAME, AXIOMATIC_API_KEY, AXIOMATIC_ENTITY_ID, HUBSPOT_ACCESS_TOKEN, PIPEDRIVE_ACCESS_TOKEN,
    RunningSandbox, Sandbox, TEAMSWORK_KEY,
};

use crate::client::{Reply, http, read};

/// A sandbox of its own for each test, and what one of its vendors wants in each call.
pub(crate) struct Vendor {
    pub(crate) sandbox: Sandbox,
    pub(crate) running: RunningSandbox,
    pub(crate) http: Client,
    /// From the service to where paths begin.
    base: &'static str,
    header: (&'static str, String),
    query: &'static [(&'static str, &'static str)],
}

impl Vendor {
    pub(crate) async fn teamswork() -> Self {
        Self::start("teamswork-crm", ("Ocp-Apim-Subscription-Key", TEAMSWORK_KEY.to_owned()), &[]).await
    }

    pub(crate) async fn avid() -> Self {
        let basic = STANDARD.encode(format!("{AVID_USERNAME}:{AVID_PASSWORD}"));
        let base = "avid-crm/prophet/prophetwebservices/AvtProphetApi/odata";
        Self::start(base, ("Authorization", format!("Basic {basic}")), &[]).await
    }

    pub(crate) async fn axiomatic() -> Self {
        let bearer = ("Authorization", format!("Bearer {AXIOMATIC_API_KEY}"));
        Self::start("axiomatic-crm/api/crm", bearer, &[("entityId", AXIOMATIC_ENTITY_ID)]).await
    }

    pub(crate) async fn hubspot() -> Self {
        Self::start("hubspot", ("Authorization", format!("Bearer {HUBSPOT_ACCESS_TOKEN}")), &[]).await
    }

    pub(crate) async fn pipedrive() -> Self {
        let bearer = ("Authorization", format!("Bearer {PIPEDRIVE_ACCESS_TOKEN}"));
        Self::start("pipedrive/tidewater/api/v2", bearer, &[]).await
    }

    async fn start(
        base: &'static str,
        header: (&'static str, String),
        query: &'static [(&'static str, &'static str)],
    ) -> Self {
        let sandbox = Sandbox::new();
        let running = sandbox.clone().start(([127, 0, 0, 1], 0).into()).await.unwrap();
        Self { sandbox, running, http: http(), base, header, query }
    }

    /// A request with what the vendor wants in each.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let separator = if path.contains('?') { "&" } else { "?" };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(self.query).finish();
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}{separator}{query}") };
        self.bare(method, &path).header(self.header.0, &self.header.1)
    }

    /// The same caller with another token.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.header.1 = format!("Bearer {token}");
        self
    }

    /// The value of the header that the vendor wants in each request.
    pub(crate) fn authorization(&self) -> &str {
        &self.header.1
    }

    /// A request with nothing else.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("http://{}/{}/{path}", self.running.address, self.base);
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url)
    }

    pub(crate) async fn call(&self, method: &str, path: &str) -> Reply {
        read(self.request(method, path)).await
    }

    /// The value answered with 200.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = self.call("GET", path).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply.value()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        read(self.request(method, path).header(CONTENT_TYPE, "application/json").body(body.to_string())).await
    }

    /// Asks for rows that meet a filter.
    pub(crate) async fn filtered(&self, set: &str, filter: &str) -> Reply {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("$filter", filter).finish();
        self.call("GET", &format!("{set}?{query}")).await
    }

    /// Adds an Avid link with the XML that it takes.
    pub(crate) async fn link(&self, method: &str, from: &str, navigation: &str, to: &str) -> u16 {
        let uri = format!("http://{}/{}/{to}", self.running.address, self.base);
        let xml = format!(r#"<uri xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices"> {uri} </uri>"#);
        let request = self.request(method, &format!("{from}/$links/{navigation}"));
        read(request.header(CONTENT_TYPE, "application/xml").body(xml)).await.status
    }

    /// Whatever is sent, to whichever end-point, something is answered.
    pub(crate) async fn survives(&self, calls: &[&str], bodies: &[&str]) {
        let deep = "[".repeat(100_000);
        let strange = ["", "null", "{}", "{", "[]", "\u{feff}{}", "7", deep.as_str()];
        for call in calls {
            let (method, path) = call.split_once(' ').unwrap();
            for content_type in ["application/json", "application/xml", ""] {
                for body in strange.iter().chain(bodies) {
                    let request = self.request(method, path).header(CONTENT_TYPE, content_type);
                    let reply = read(request.body((*body).to_owned())).await;
                    assert!((200..500).contains(&reply.status), "{call} {body}: {reply:?}");
                }
            }
        }
        let refused = read(self.bare("GET", "").header(AUTHORIZATION, "Basic \t:")).await;
        assert!((400..500).contains(&refused.status), "{refused:?}");
    }
}

/// The texts under `member` of each record.
pub(crate) fn texts(records: &Value, member: &str) -> Vec<String> {
    let records = records.as_array().unwrap_or_else(|| panic!("no list: {records}"));
    records.iter().map(|record| record[member].as_str().unwrap_or_default().to_owned()).collect()
}
