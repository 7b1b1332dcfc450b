//! Every legal way to write the same answer gives the same records, and what no record can hold costs that value alone.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::{Value, json};

use crate::support::Gateway;
use crate::vendor::{RawVendor, json as json_answer};

/// A company of Agile's, with a letter that charsets differ in.
const COMPANY: &str =
    r#"{"id":5,"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"Zürich € Ltd"}]}"#;

fn bytes(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn read(answer: &[u8], path: &str) -> crate::support::Reply {
    let vendor = RawVendor::start(&[answer]).await;
    Gateway::over_vendor(vendor.address).await.get(path).await
}

#[tokio::test]
async fn an_answer_reads_the_same_however_it_is_encoded() {
    let utf16: Vec<u8> = COMPANY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = COMPANY.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let windows: Vec<u8> = COMPANY
        .chars()
        .map(|letter| match letter {
            '€' => 0x80,
            other => u8::try_from(u32::from(other)).unwrap(),
        })
        .collect();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(COMPANY.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(COMPANY.as_bytes()).unwrap();
    let zlib = zlib.finish().unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(COMPANY.as_bytes()).unwrap();
    let raw = raw.finish().unwrap();
    let ways: [(&str, &[u8]); 14] = [
        ("content-type: application/json\r\n", COMPANY.as_bytes()),
        ("", COMPANY.as_bytes()),
        ("content-type: application/json\r\n", &["\u{feff}".as_bytes(), COMPANY.as_bytes()].concat()),
        ("content-type: application/json; charset=utf-8\r\ncontent-encoding: identity\r\n", COMPANY.as_bytes()),
        ("content-type: application/json; charset=windows-1252\r\n", &windows),
        ("content-type: application/json; charset=\"ISO-8859-1\"\r\n", &windows),
        ("content-type: application/json; charset=utf-16\r\n", &[b"\xff\xfe".as_slice(), &utf16].concat()),
        ("content-type: application/json; charset=utf-16be\r\n", &big),
        ("content-type: application/json\r\n", &utf16),
        ("content-encoding: gzip\r\n", &gzip),
        ("content-encoding: X-GZIP\r\n", &gzip),
        ("content-encoding: GZip, identity\r\n", &gzip),
        ("content-encoding: deflate\r\n", &zlib),
        ("content-encoding: deflate\r\n", &raw),
    ];
    for (headers, body) in ways {
        let reply = read(&bytes(headers, body), "/crm/companies/5").await;
        assert_eq!(reply.body["data"]["name"], "Zürich € Ltd", "{headers}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_body_that_does_not_decompress_or_grows_too_large_is_no_answer() {
    let mut bomb = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1024 * 1024];
    (0..64).for_each(|_| bomb.write_all(&zeros).unwrap());
    let bomb = bomb.finish().unwrap();
    for body in [&b"\x78\x9cnothing"[..], b"{}", &bomb] {
        read(&bytes("content-encoding: deflate\r\n", body), "/crm/companies/5")
            .await
            .refused(502, "ConnectorExecutionError");
    }
}

#[tokio::test]
async fn half_a_character_costs_that_character_and_the_caller_is_told() {
    let page = r#"[{"id":1,"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"Ada"}]},
        {"id":2,"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"Bob \ud83d"}]},
        {"id":3,"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"\udc00\ud83d"}]}]"#;
    for raw in ["", "?raw=true"] {
        let reply = read(&json_answer(page), &format!("/crm/companies{raw}")).await;
        let names: Vec<&Value> =
            reply.body["data"].as_array().unwrap().iter().map(|company| &company["name"]).collect();
        assert_eq!(names, ["Ada", "Bob \u{fffd}", "\u{fffd}\u{fffd}"], "{}", reply.text);
        assert_eq!(reply.body["meta"]["warnings"][0]["type"], "value_unreadable", "{}", reply.text);
    }
    let one = r#"{"id":2,"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"Bob \ud83d"}]}"#;
    let reply = read(&json_answer(one), "/crm/companies/2").await;
    assert_eq!(reply.body["data"]["name"], "Bob \u{fffd}", "{}", reply.text);
    let vendor = RawVendor::start(&[&json_answer(one)]).await;
    let added = Gateway::over_vendor(vendor.address).await.post("/crm/companies", &json!({ "name": "Bob" })).await;
    assert_eq!((added.status, &added.body["data"]["id"]), (201, &json!("2")), "{}", added.text);
}

#[tokio::test]
async fn a_number_that_nothing_holds_costs_that_number_and_ids_stay_exact() {
    let page = r#"[{"id":1,"star_value":1e400,"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"Ada"}]},
        {"id":18446744073709551617,"unknown":[-1e999],"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"Bob"}]},
        {"id":123456789012345678901234567890,"type":"COMPANY","properties":[{"type":"SYSTEM","name":"name","value":"Eve"}]}]"#;
    let reply = read(&json_answer(page), "/crm/companies").await;
    let ids: Vec<&Value> = reply.body["data"].as_array().unwrap().iter().map(|company| &company["id"]).collect();
    assert_eq!(ids, ["1", "18446744073709551617", "123456789012345678901234567890"], "{}", reply.text);
    assert_eq!(reply.body["meta"]["warnings"][0]["type"], "value_unreadable", "{}", reply.text);
    let vendor = RawVendor::start(&[&json_answer(r#"{"id":18446744073709551617,"type":"COMPANY"}"#)]).await;
    let added = Gateway::over_vendor(vendor.address).await.post("/crm/companies", &json!({ "name": "Bob" })).await;
    assert_eq!((added.status, &added.body["data"]["id"]), (201, &json!("18446744073709551617")), "{}", added.text);
}

#[tokio::test]
async fn what_cannot_be_read_as_its_type_is_null_with_a_warning() {
    let deal = |more: &str| format!(r#"{{"id":5,"name":"D","milestone":"Open","pipeline_id":1{more}}}"#);
    for (more, field, expected, is_lost) in [
        (r#","close_date":253402214400"#, "close_date", json!("9999-12-31"), false),
        (r#","close_date":1714989600"#, "close_date", json!("2024-05-06"), false),
        (r#","close_date":1714989600123"#, "close_date", json!("2024-05-06"), false),
        (r#","close_date":-99999999999999999"#, "close_date", Value::Null, true),
        (r#","close_date":"soon""#, "close_date", Value::Null, true),
        (r#","close_date":"""#, "close_date", Value::Null, false),
        (r#","close_date":null"#, "close_date", Value::Null, false),
        (r#","expected_value":"1,234.50""#, "monetary_amount", Value::Null, true),
        (r#","expected_value":"1234.50""#, "monetary_amount", json!(1234.5), false),
        (r#","expected_value":"NaN""#, "monetary_amount", Value::Null, true),
        (r#","expected_value":"1e999""#, "monetary_amount", Value::Null, true),
        (r#","expected_value":[1]"#, "monetary_amount", Value::Null, true),
        (r#","probability":"high""#, "win_probability", Value::Null, true),
    ] {
        let answers = [json_answer("[]"), json_answer("[]"), json_answer("[]"), json_answer(&deal(more))];
        let answers: Vec<&[u8]> = answers.iter().map(Vec::as_slice).collect();
        let vendor = RawVendor::start(&answers).await;
        let reply =
            Gateway::over_vendor(vendor.address).await.get(&format!("/crm/opportunities/5?fields=id,{field}")).await;
        assert_eq!(reply.body["data"][field], expected, "{more}: {}", reply.text);
        let warned = reply.body["meta"]["warnings"].as_array().into_iter().flatten();
        let warned =
            warned.filter(|warning| warning["type"] == "value_unreadable" && warning["field"] == field).count();
        assert_eq!(warned, usize::from(is_lost), "{more}: {}", reply.text);
    }
}
