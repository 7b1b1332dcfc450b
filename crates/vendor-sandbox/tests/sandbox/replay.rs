//! The fake vendor that plays a case file.

use serde_json::{Value, json};
use vendor_sandbox::replay::{Exchange, Replay, RunningReplay};

use crate::client::{Reply, read};

fn exchanges(file: Value) -> Vec<Exchange> {
    serde_json::from_value(file).unwrap()
}

async fn call(replay: &RunningReplay, method: &str, path: &str, content_type: &str, body: &str) -> Reply {
    let url = format!("http://{}{path}", replay.address);
    let request = reqwest::Client::new().request(method.parse().unwrap(), url).header("content-type", content_type);
    read(request.header("x-trace", "7").body(body.to_owned())).await
}

#[tokio::test]
async fn exchanges_are_played_in_their_order() {
    let replay = Replay::start(
        exchanges(json!([
            {"expect": {"method": "GET", "path": "/contacts", "query": {"a": 1, "b": "x y"}, "headers": {"X-Trace": "7"}},
             "answer": {"json": [{"id": 9_007_199_254_740_993_i64}]}},
            {"expect": {"method": "POST", "path": "/contacts", "json": {"name": "A"}},
             "answer": {"status": 400, "headers": {"x-more": "yes", "content-type": "text/html"}, "text": "no"}},
            {"expect": {"method": "POST", "path": "/list", "query": [["b", "1"], ["b", "2"]], "form": {"q": "é"}}},
            {"expect": {"method": "POST", "path": "/text", "text": "<a/>"}, "answer": {"status": 204}},
        ])),
        "/dev/api",
    )
    .await
    .unwrap();
    let list = call(&replay, "GET", "/dev/api/contacts?b=x+y&a=1", "", "").await;
    assert_eq!((list.content_type.as_str(), list.text.as_str()), ("application/json", "[{\"id\":9007199254740993}]"));
    let refused = call(&replay, "POST", "/dev/api/contacts", "application/json", "{ \"name\":\"A\" }").await;
    assert_eq!((refused.status, refused.content_type.as_str(), refused.text.as_str()), (400, "text/html", "no"));
    assert_eq!(call(&replay, "POST", "/dev/api/list?b=2&b=1", "", "q=%C3%A9").await.status, 200);
    assert_eq!(call(&replay, "POST", "/dev/api/text", "", "<a/>").await.status, 204);
    assert_eq!(replay.finish().await, Ok(()));
}

#[tokio::test]
async fn an_unexpected_call_answers_599_and_says_what_differs() {
    let file = json!([{"expect": {"method": "POST", "path": "/a", "query": {"p": "1"}, "headers": {"x-key": "k"},
        "json": {"list": [{"id": 1}], "name": "A"}}}]);
    let replay = Replay::start(exchanges(file), "").await.unwrap();
    let refused = call(&replay, "PUT", "/b?p=2", "", r#"{"list": [{"id": "1"}], "extra": 0}"#).await;
    assert_eq!(refused.status, 599);
    let expected = "unexpected request: PUT /b\n  exchange 1 expects POST /a:\n    method: expected `POST`, found `PUT`\n    \
                    path: expected `/a`, found `/b`\n    query: `p=1` was not sent\n    query: `p=2` was not expected\n    \
                    header x-key: expected `k`, not sent\n    json.list[0].id: expected `1`, found `\"1\"`\n    \
                    json.name: expected `\"A\"`, not sent\n    json.extra: `0` was not expected";
    assert_eq!(refused.text, expected);
    let complaints = replay.finish().await.unwrap_err();
    assert_eq!(complaints, [expected, "exchange 1 never came: POST /a"]);
}

#[tokio::test]
async fn order_matters_unless_it_is_said_not_to() {
    let file = json!([{"expect": {"method": "GET", "path": "/a"}}, {"expect": {"method": "GET", "path": "/b"}}]);
    let strict = Replay::start(exchanges(file.clone()), "").await.unwrap();
    assert_eq!(call(&strict, "GET", "/b", "", "").await.status, 599);
    assert_eq!(strict.finish().await.unwrap_err().len(), 3);
    let loose = Replay::start_in_any_order(exchanges(file), "").await.unwrap();
    assert_eq!(call(&loose, "GET", "/b", "", "").await.status, 200);
    assert_eq!(call(&loose, "GET", "/a", "", "").await.status, 200);
    let again = call(&loose, "GET", "/a", "", "").await;
    assert!(again.text.ends_with("every exchange has been played"), "{}", again.text);
    assert_eq!(loose.finish().await.unwrap_err().len(), 1);
}

#[test]
fn a_case_file_with_an_unknown_key_is_refused() {
    let wrong = [
        json!({"expect": {"method": "GET", "path": "/", "body": {}}}),
        json!({"expect": {"method": "GET", "path": "/"}, "answer": {"code": 200}}),
        json!({"expect": {"method": "GET", "path": "/", "query": {"a": [1]}}}),
        json!({"expect": {"method": "GET"}}),
    ];
    for exchange in wrong {
        assert!(serde_json::from_value::<Exchange>(exchange.clone()).is_err(), "{exchange}");
    }
}
