//! Requests that make no sense: each is refused with the type that says why, and none brings the server down.

use std::fmt::Write as _;

use serde_json::{Value, json};
use server::sandbox::{API_KEY, APPLICATION, CONSUMER};

use crate::support::{Gateway, Reply, send_as_written};

const PARAMS: (u16, &str) = (400, "RequestValidationError");
const TOO_LARGE: (u16, &str) = (413, "RequestValidationError");
const HEADERS: (u16, &str) = (400, "RequestHeadersValidationError");
const CURSOR: (u16, &str) = (400, "InvalidCursorError");
const FILTERS: (u16, &str) = (400, "UnsupportedFiltersError");
const SORT: (u16, &str) = (400, "UnsupportedSortFieldError");
const UNAUTHORIZED: (u16, &str) = (401, "UnauthorizedError");
const NOT_FOUND: (u16, &str) = (404, "EntityNotFoundError");
const NO_CONNECTION: (u16, &str) = (404, "ConnectionNotFoundError");
const NO_CONNECTOR: (u16, &str) = (404, "ConnectorNotFoundError");
const UNSUPPORTED: (u16, &str) = (501, "ConnectorOperationUnsupportedError");

/// Any detail will do.
const ANY: &str = "";
const ONE_CONTACT: &str = "/crm/contacts/5100000000000001";

/// Queries of `GET /crm/contacts`.
const QUERIES: &[(&str, (u16, &str), &str)] = &[
    ("limit=0", PARAMS, "limit: must be a whole number from 1 to 200; found `0`"),
    ("limit=201", PARAMS, "limit: must be a whole number from 1 to 200; found `201`"),
    ("limit=abc", PARAMS, "limit: must be a whole number from 1 to 200; found `abc`"),
    ("limit=-1", PARAMS, "limit: must be a whole number from 1 to 200; found `-1`"),
    ("limit=1e3", PARAMS, "limit: must be a whole number from 1 to 200; found `1e3`"),
    ("limit=20.0", PARAMS, "limit: must be a whole number from 1 to 200; found `20.0`"),
    ("limit=%2B5", PARAMS, "limit: must be a whole number from 1 to 200; found `+5`"),
    ("limit=+5", PARAMS, "limit: must be a whole number from 1 to 200; found ` 5`"),
    ("limit=%D9%A5", PARAMS, "limit: must be a whole number from 1 to 200; found `٥`"),
    ("limit=99999999999999999999", PARAMS, ANY),
    ("limit=1&limit=2", PARAMS, "limit: is given more than once with different values; send it once"),
    ("raw=yes", PARAMS, "raw: must be true or false; found `yes`"),
    ("raw=TRUE", PARAMS, "raw: must be true or false; found `TRUE`"),
    ("raw=1", PARAMS, "raw: must be true or false; found `1`"),
    ("filter[nope]=1", PARAMS, ANY),
    ("filter%5Bnope%5D=1", PARAMS, ANY),
    ("filter[]=1", PARAMS, ANY),
    ("filter[name]=", PARAMS, "filter[name]: must be given a value, or left out; found ``"),
    ("filter=x", PARAMS, "filter: must be written with brackets: filter[member]=value"),
    ("filter[name][x]=1", PARAMS, "filter[name]: takes one value and no further brackets"),
    (
        "filter[name]=a&filter[name]=b",
        PARAMS,
        "filter[name]: is given more than once with different values; send it once",
    ),
    ("filter[updated_since]=yesterday", PARAMS, ANY),
    ("filter[updated_since]=2024-01-01", PARAMS, ANY),
    ("filter[updated_since]=2024-13-01T00:00:00Z", PARAMS, ANY),
    ("filter[updated_since]=1714989600", PARAMS, ANY),
    ("sort[by]=email", SORT, ANY),
    ("filter[owner_id]=1&sort[by]=name", SORT, ANY),
    ("sort[by]=nope", PARAMS, ANY),
    ("sort[by]=email", SORT, ANY),
    ("sort[by]=name&sort[direction]=up", PARAMS, "sort[direction]: must be asc or desc; found `up`"),
    ("sort[x]=1", PARAMS, "sort[x]: is not known; there are sort[by] and sort[direction]"),
    ("sort=name", PARAMS, "sort: must be written with brackets: sort[member]=value"),
    ("fields=nope", PARAMS, "fields: `nope` is not a member of Contact"),
    ("fields=id,emails.nope", PARAMS, ANY),
    ("fields=id.x", PARAMS, "fields: `id.x`: id has no members"),
    ("fields=pass_through", PARAMS, "fields: `pass_through` is never answered"),
    ("fields=id&fields=name", PARAMS, "fields: is given more than once with different values; send it once"),
    ("%zz", PARAMS, "query: has a % without two hexadecimal digits in `%zz`; write % as %25"),
    ("limit=%f", PARAMS, "query: has a % without two hexadecimal digits in `%f`; write % as %25"),
    ("filter[name]=100%", PARAMS, "query: has a % without two hexadecimal digits in `100%`; write % as %25"),
    ("filter[name]=%ff", PARAMS, "query: is not UTF-8 once decoded: `%ff`"),
    ("pass_through[a][b][c][d][e][f][g][h][i]=1", PARAMS, "pass_through: nests brackets deeper than 8"),
    ("pass_through=x", PARAMS, ANY),
    ("pass_through[]=x", PARAMS, ANY),
    ("pass_through[a]=1&pass_through[a][b]=2", PARAMS, ANY),
    (
        "pass_through[page_size]=5",
        PARAMS,
        "pass_through[page_size]: `page_size` is set by the gateway for this connector; leave it out",
    ),
    (
        "pass_through[cursor]=x",
        PARAMS,
        "pass_through[cursor]: `cursor` is set by the gateway for this connector; leave it out",
    ),
    ("cursor=abc", CURSOR, ANY),
    ("cursor=!!!", CURSOR, ANY),
    ("cursor=%00", CURSOR, ANY),
    ("cursor=AQ", CURSOR, ANY),
    ("cursor=em9oby1jcm06Om9mZnNldDo6MA%3D%3D", CURSOR, ANY),
    ("cursor=a&cursor=b", PARAMS, "cursor: is given more than once with different values; send it once"),
    ("_method=PUT", PARAMS, "_method: use GET, POST, PATCH or DELETE"),
    ("_method=PATCH", NOT_FOUND, "There is no PATCH /crm/contacts; this path takes GET and POST."),
    ("_method=POST", PARAMS, "body: is empty; send a JSON object"),
];

/// Methods and targets, without a body.
const TARGETS: &[(&str, &str, (u16, &str), &str)] = &[
    ("GET", "/crm", NOT_FOUND, "There is no GET /crm; /docs lists every route."),
    ("GET", "/crm/", NOT_FOUND, ANY),
    ("GET", "/CRM/contacts", NOT_FOUND, ANY),
    ("GET", "//crm/contacts", NOT_FOUND, ANY),
    ("GET", "/crm//contacts", NOT_FOUND, ANY),
    ("GET", "/crm/contacts//", NOT_FOUND, ANY),
    ("GET", "/crm/Contacts", NOT_FOUND, ANY),
    ("GET", "/crm/widgets", NOT_FOUND, "There is no GET /crm/widgets; /docs lists every route."),
    ("GET", "/crm/list-members", NOT_FOUND, ANY),
    ("GET", "/crm/custom-objects", NOT_FOUND, ANY),
    ("GET", "/vault", NOT_FOUND, ANY),
    ("GET", "/vault/widgets", NOT_FOUND, ANY),
    ("GET", "/../etc/passwd", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/1/2", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/abc", NOT_FOUND, "Could not find a record with id 'abc' among the records of this resource"),
    ("GET", "/crm/contacts/..", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/%2e%2e", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/..%2Fusers", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/%00", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/%0d%0aX-Y:1", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/%zz", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/%ff", PARAMS, "path: percent-encoded bytes must be UTF-8"),
    ("GET", "/crm/contacts/-1", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/1%2F2", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/99999999999999999999999999", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/0", NOT_FOUND, ANY),
    ("DELETE", "/crm/contacts/abc", NOT_FOUND, ANY),
    ("GET", "/crm/contacts/1?fields=nope", PARAMS, ANY),
    ("GET", "/crm/contacts/1?raw=maybe", PARAMS, ANY),
    ("GET", "/crm/contacts/1?filter[name]=x", FILTERS, ANY),
    ("GET", "/crm/companies?filter[email]=x", PARAMS, ANY),
    ("GET", "/crm/companies?sort[by]=first_name", PARAMS, ANY),
    ("GET", "/crm/pipelines?sort[by]=name", PARAMS, "sort[by]: pipelines cannot be sorted"),
    ("GET", "/crm/lists?filter[name]=x", PARAMS, "filter[name]: lists take no filters"),
    (
        "GET",
        "/crm/opportunities?filter[monetary_amount]=much",
        PARAMS,
        "filter[monetary_amount]: must be a number; found `much`",
    ),
    ("GET", "/crm/opportunities?filter[monetary_amount]=NaN", PARAMS, ANY),
    (
        "DELETE",
        "/crm/users/1",
        UNSUPPORTED,
        "agile-crm does not support `delete` on users; it supports all, one there.",
    ),
    ("GET", "/crm/lists/1/members", UNSUPPORTED, ANY),
    ("GET", "/crm/lists//members", NOT_FOUND, ANY),
    ("GET", "/crm/custom-objects/car/9", UNSUPPORTED, ANY),
    (
        "PUT",
        ONE_CONTACT,
        NOT_FOUND,
        "There is no PUT /crm/contacts/5100000000000001; this path takes GET, PATCH and DELETE.",
    ),
    ("POST", ONE_CONTACT, NOT_FOUND, ANY),
    ("DELETE", "/crm/contacts", NOT_FOUND, ANY),
    ("PATCH", "/crm/contacts", NOT_FOUND, ANY),
    ("OPTIONS", "/crm/contacts", NOT_FOUND, ANY),
    ("TRACE", "/crm/contacts", NOT_FOUND, ANY),
    ("get", "/crm/contacts", NOT_FOUND, ANY),
    ("BREW", "/crm/contacts", NOT_FOUND, ANY),
    ("POST", "/docs", NOT_FOUND, "There is no POST /docs; /docs lists every route."),
    ("POST", "/crm/contacts", PARAMS, "body: is empty; send a JSON object"),
    ("PATCH", ONE_CONTACT, PARAMS, "body: is empty; send a JSON object"),
];

/// Bodies of `POST /crm/contacts`.
const BODIES: &[(&[u8], &str)] = &[
    (b" \n", "body: is empty; send a JSON object"),
    (b"[]", "body: must be a JSON object; found a list"),
    (b"null", "body: must be a JSON object; found null"),
    (b"\"Ada\"", "body: must be a JSON object; found the text \"Ada\""),
    (b"7", "body: must be a JSON object; found the number 7"),
    (b"{", ANY),
    (b"{\"first_name\":\"Ada\"", ANY),
    (b"{\"first_name\":\"Ada\",}", ANY),
    (b"{'first_name':'Ada'}", ANY),
    (b"{\"first_name\":\"Ada\"} {}", ANY),
    (b"{} // a comment", ANY),
    (b"{\"current_balance\":NaN}", ANY),
    (b"{\"current_balance\":1e400}", ANY),
    (b"\xef\xbb\xbf{\"first_name\":\"Ada\"}", ANY),
    (b"{\"first_name\":\"\xff\"}", ANY),
    (b"{\"first_name\":\"A\x00\"}", ANY),
    (b"{\"first_name\":\"\\ud800\"}", ANY),
    (b"\xff\xfe{\x00}\x00", ANY),
    (b"first_name=Ada", ANY),
    (b"<contact/>", ANY),
    (b"{\"first_name\":1}", "first_name: must be text; found the number 1"),
    (b"{\"first_name\":{}}", "first_name: must be text; found an object"),
    (b"{\"active\":\"yes\"}", "active: must be true or false; found the text \"yes\""),
    (b"{\"active\":1}", "active: must be true or false; found the number 1"),
    (b"{\"current_balance\":\"1.5\"}", "current_balance: must be a number; found the text \"1.5\""),
    (b"{\"tags\":\"vip\"}", "tags: must be a list; found the text \"vip\""),
    (b"{\"tags\":[1]}", "tags[0]: must be text; found the number 1"),
    (b"{\"tags\":[null]}", ANY),
    (b"{\"emails\":null}", ANY),
    (b"{\"emails\":{}}", "emails: must be a list; found an object"),
    (b"{\"emails\":[null]}", ANY),
    (b"{\"emails\":[{}]}", ANY),
    (b"{\"emails\":[{\"email\":\"a@x.example\",\"type\":\"alien\"}]}", ANY),
    (b"{\"emails\":[{\"email\":\"a@x.example\",\"kind\":\"work\"}]}", ANY),
    (b"{\"phone_numbers\":[{\"type\":\"work\"}]}", "phone_numbers[0].number: is required; add text"),
    (b"{\"custom_fields\":[{}]}", ANY),
    (b"{\"custom_fields\":[{\"id\":\"a\",\"value\":[null]}]}", ANY),
    (b"{\"type\":\"alien\"}", ANY),
    (b"{\"gender\":\"\"}", ANY),
    (b"{\"nope\":1}", "nope: is not a member of Contact"),
    (b"{\"first_nam\":\"Ada\"}", ANY),
    (b"{\"\":1}", ANY),
    (b"{\"pass_through\":{}}", "pass_through: must be a list; found an object"),
    (b"{\"pass_through\":[{}]}", "pass_through[0].service_id: is required; add text"),
    (b"{\"pass_through\":[{\"service_id\":\"agile-crm\",\"extend_object\":[]}]}", ANY),
    (b"{\"pass_through\":[{\"service_id\":\"agile-crm\",\"extend_paths\":[{\"path\":\"$.a\"}]}]}", ANY),
    (
        b"{\"first_name\":\"Ada\",\"pass_through\":[{\"service_id\":\"agile-crm\",\"extend_paths\":[{\"path\":\"a\",\"value\":1}]}]}",
        "pass_through.extend_paths[a]: a path starts with `$`; use a path to one place, such as $.properties[0].value or $['a b']",
    ),
    (
        b"{\"first_name\":\"Ada\",\"pass_through\":[{\"service_id\":\"agile-crm\",\"extend_paths\":[{\"path\":\"$..*\",\"value\":1}]}]}",
        ANY,
    ),
    (
        b"{\"first_name\":\"Ada\",\"pass_through\":[{\"service_id\":\"agile-crm\",\"operation_id\":\"x\",\"extend_object\":{}}]}",
        "pass_through.operation_id: this change runs no step `x` with a body; its steps are contact, owner",
    ),
];

/// A header, its value, and the status, type and detail owed.
type HeaderChange = (&'static str, Option<&'static [u8]>, (u16, &'static str), &'static str);

/// Headers that replace those of a good request; an empty value is sent as such, no value is left out.
const HEADER_CHANGES: &[HeaderChange] = &[
    ("authorization", None, UNAUTHORIZED, "Missing authentication: send `Authorization: Bearer <API key>`."),
    ("authorization", Some(b""), UNAUTHORIZED, "Missing authentication: send `Authorization: Bearer <API key>`."),
    ("authorization", Some(b"Bearer"), UNAUTHORIZED, ANY),
    ("authorization", Some(b"Bearer "), UNAUTHORIZED, ANY),
    ("authorization", Some(b"sandbox-key"), UNAUTHORIZED, ANY),
    ("authorization", Some(b"Basic c2FuZGJveC1rZXk="), UNAUTHORIZED, ANY),
    ("authorization", Some(b"Bearer sandbox-kex"), UNAUTHORIZED, ANY),
    ("authorization", Some(b"Bearer sandbox-key sandbox-key"), UNAUTHORIZED, ANY),
    ("authorization", Some(b"Bearer sandbox-\xff"), HEADERS, "authorization: use visible ASCII characters only"),
    ("x-apideck-app-id", None, HEADERS, "Missing header: x-apideck-app-id. Send it with every request."),
    ("x-apideck-app-id", Some(b""), HEADERS, "Missing header: x-apideck-app-id. Send it with every request."),
    ("x-apideck-app-id", Some(b"another"), UNAUTHORIZED, ANY),
    ("x-apideck-consumer-id", None, HEADERS, "Missing header: x-apideck-consumer-id. Send it with every request."),
    (
        "x-apideck-consumer-id",
        Some(b"  "),
        HEADERS,
        "Missing header: x-apideck-consumer-id. Send it with every request.",
    ),
    (
        "x-apideck-consumer-id",
        Some(b"nobody"),
        NO_CONNECTION,
        "Consumer 'nobody' has no callable connection; add one first.",
    ),
    (
        "x-apideck-consumer-id",
        Some("ä".as_bytes()),
        HEADERS,
        "x-apideck-consumer-id: use visible ASCII characters only",
    ),
    (
        "x-apideck-service-id",
        Some(b"acme-crm"),
        NO_CONNECTOR,
        "There is no connector `acme-crm`; check x-apideck-service-id.",
    ),
    ("x-apideck-service-id", Some(b"Agile CRM!"), NO_CONNECTOR, ANY),
    ("x-apideck-service-id", Some(b"agile-crm,agile-crm"), NO_CONNECTOR, ANY),
];

/// `Content-Type` and `Content-Encoding` of a body that would be good otherwise.
const CONTENT_HEADERS: &[(&str, &str)] = &[
    ("content-type: text/plain", "Content-Type: send application/json, not text/plain"),
    ("content-type: application/xml", "Content-Type: send application/json, not application/xml"),
    ("content-type: application/jsonp", "Content-Type: send application/json, not application/jsonp"),
    ("content-type: application/x-www-form-urlencoded", ANY),
    ("content-type: multipart/form-data; boundary=x", ANY),
    ("content-type: application/json; charset=latin1", ANY),
    ("content-type: application/json\r\ncontent-encoding: gzip", "Content-Encoding: send the body uncompressed"),
];

/// A request whose headers are good but for `change`.
async fn send(gateway: &Gateway, line: &str, change: Option<(&str, Option<&[u8]>)>, body: &[u8]) -> Reply {
    let mut head = format!("{line} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n").into_bytes();
    let bearer = format!("Bearer {API_KEY}");
    let length = body.len().to_string();
    let good = [
        ("authorization", bearer.as_str()),
        ("x-apideck-app-id", APPLICATION),
        ("x-apideck-consumer-id", CONSUMER),
        ("content-length", &length),
        ("content-type", "application/json"),
    ];
    let kept = good.iter().filter(|(name, _)| change.is_none_or(|(changed, _)| changed != *name));
    let mut headers: Vec<(&str, &[u8])> = kept.map(|(name, value)| (*name, value.as_bytes())).collect();
    headers.extend(change.and_then(|(name, value)| Some((name, value?))));
    for (name, value) in headers {
        head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    send_as_written(gateway.address, &head, body).await
}

/// What was refused otherwise than owed, a line each.
#[derive(Default)]
struct Surprises(String);

impl Surprises {
    fn check(&mut self, what: &str, reply: &Reply, (status, type_name): (u16, &str), detail: &str) {
        let found = (reply.status, reply.body["type_name"].as_str().unwrap_or_default());
        let detail_of = &reply.body["detail"];
        let said = detail_of.as_str().or(detail_of["message"].as_str()).unwrap_or_default();
        if found != (status, type_name) || (detail != ANY && said != detail) {
            let _ =
                writeln!(self.0, "{what}: owed {status} {type_name} {detail}\n    got {} {}", reply.status, reply.text);
        } else {
            reply.refused(status, type_name);
        }
    }

    /// None is owed, and the server still serves.
    async fn none(self, gateway: &Gateway) {
        assert!(self.0.is_empty(), "{}", self.0);
        assert_eq!(gateway.get("/crm/contacts?limit=3").await.body["data"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn malformed_queries_are_refused() {
    let (gateway, mut surprises) = (Gateway::start().await, Surprises::default());
    for (query, owed, detail) in QUERIES {
        let reply = send(&gateway, &format!("GET /crm/contacts?{query}"), None, b"").await;
        surprises.check(query, &reply, *owed, detail);
    }
    let many = vec!["a=1"; 201].join("&");
    let reply = send(&gateway, &format!("GET /crm/contacts?{many}"), None, b"").await;
    surprises.check("201 parameters", &reply, PARAMS, "query: has 201 parameters; send at most 200");
    let reply = send(&gateway, &format!("GET /crm/contacts?cursor={}", "A".repeat(10_000)), None, b"").await;
    surprises.check("a long cursor", &reply, CURSOR, ANY);
    surprises.none(&gateway).await;
}

#[tokio::test]
async fn methods_and_paths_that_mean_nothing_are_refused() {
    let (gateway, mut surprises) = (Gateway::start().await, Surprises::default());
    for (method, target, owed, detail) in TARGETS {
        let reply = send(&gateway, &format!("{method} {target}"), None, b"").await;
        surprises.check(&format!("{method} {target}"), &reply, *owed, detail);
    }
    let long = format!("GET /crm/contacts/{}", "1".repeat(1025));
    surprises.check("a long id", &send(&gateway, &long, None, b"").await, NOT_FOUND, ANY);
    surprises.none(&gateway).await;
}

#[tokio::test]
async fn malformed_bodies_are_refused_and_nothing_is_sent_to_the_vendor() {
    let (gateway, mut surprises) = (Gateway::start().await, Surprises::default());
    for (body, detail) in BODIES {
        let reply = send(&gateway, "POST /crm/contacts", None, body).await;
        surprises.check(&String::from_utf8_lossy(body), &reply, PARAMS, detail);
    }
    let deep = format!("{{\"custom_fields\":[{{\"id\":\"a\",\"value\":{}{}}}]}}", "[".repeat(200), "]".repeat(200));
    surprises.check("200 deep", &send(&gateway, "POST /crm/contacts", None, deep.as_bytes()).await, PARAMS, ANY);
    let deeper = "[".repeat(500_000);
    surprises.check("500,000 deep", &send(&gateway, "POST /crm/contacts", None, deeper.as_bytes()).await, PARAMS, ANY);
    let reply = send(&gateway, "POST /crm/companies", None, b"{}").await;
    surprises.check("no name", &reply, PARAMS, "name: is required; add text, or null");
    assert_eq!(gateway.sandbox.requests(), []);
    surprises.none(&gateway).await;
}

#[tokio::test]
async fn malformed_headers_are_refused() {
    let (gateway, mut surprises) = (Gateway::start().await, Surprises::default());
    for (name, value, owed, detail) in HEADER_CHANGES {
        let shown = format!("{name}: {}", String::from_utf8_lossy(value.unwrap_or(b"(none)")));
        let reply = send(&gateway, "GET /crm/contacts", Some((name, *value)), b"").await;
        surprises.check(&shown, &reply, *owed, detail);
    }
    for (header, detail) in CONTENT_HEADERS {
        let change = header.split_once(": ").map(|(name, value)| (name, Some(value.as_bytes())));
        let reply = send(&gateway, "POST /crm/contacts", change, b"{\"first_name\":\"Ada\"}").await;
        surprises.check(header, &reply, HEADERS, detail);
    }
    for line in ["POST /crm/contacts", "PATCH /crm/contacts/1"] {
        let reply = send(&gateway, line, Some(("content-type", None)), b"{\"first_name\":\"Ada\"}").await;
        surprises.check(line, &reply, HEADERS, "Content-Type: send application/json; the header is missing");
    }
    surprises.none(&gateway).await;
}

#[tokio::test]
async fn a_body_too_large_is_refused_in_words_however_large_it_is() {
    let (gateway, mut surprises) = (Gateway::start().await, Surprises::default());
    for size in [1024 * 1024 + 1, 4 * 1024 * 1024, 24 * 1024 * 1024] {
        let body = json!({ "description": "x".repeat(size) });
        let reply = gateway.post("/crm/contacts", &body).await;
        surprises.check(&size.to_string(), &reply, TOO_LARGE, "body: larger than 1048576 bytes; send less");
    }
    surprises.none(&gateway).await;
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_but_no_more_than_twenty() {
    let gateway = Gateway::start().await;
    let reply = gateway.get("/crm/contacts?limit=0&raw=x").await;
    let expected = json!({ "invalid": [
        { "at": "raw", "message": "must be true or false; found `x`" },
        { "at": "limit", "message": "must be a whole number from 1 to 200; found `0`" },
    ] });
    assert_eq!(*reply.refused(400, "RequestValidationError"), expected);
    let many: serde_json::Map<String, Value> = (0..500).map(|number| (format!("x{number}"), Value::Null)).collect();
    let reply = gateway.post("/crm/contacts", &Value::Object(many)).await;
    assert_eq!(reply.refused(400, "RequestValidationError")["invalid"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn of_a_repeated_member_the_last_counts() {
    let gateway = Gateway::start().await;
    let body = b"{\"first_name\":\"Ada\",\"first_name\":\"Grace\"}";
    let added = send(&gateway, "POST /crm/contacts", None, body).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let id = added.body["data"]["id"].as_str().unwrap();
    assert_eq!(gateway.get(&format!("/crm/contacts/{id}")).await.body["data"]["first_name"], "Grace");
}

/// What is no HTTP is answered below us, so there is only a status, if anything at all.
#[tokio::test]
async fn what_is_no_http_does_no_harm() {
    let gateway = Gateway::start().await;
    let huge = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(1_000_000));
    let not_http: [&[u8]; 6] = [
        b"GET\r\n\r\n",
        b"GET /crm/contacts HTTP/9.9\r\n\r\n",
        b"GET /crm/\x01 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"POST /crm/contacts HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n",
        huge.as_bytes(),
    ];
    for bytes in not_http {
        let reply = send_as_written(gateway.address, bytes, b"").await;
        assert!((400..500).contains(&reply.status) || reply.status == 505, "{}", reply.status);
    }
    Surprises::default().none(&gateway).await;
}
