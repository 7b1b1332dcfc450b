//! What a caller may ask beside the record: some of its fields, the vendor's own answer, and parameters passed through.

use std::collections::BTreeSet;

use connector_catalog::ListWay;
use serde_json::{Value, json};
use unified_model::{CanonicalSchema, Operation, Resource};

use super::connected::{Connected, ids};
use super::findings::Findings;
use super::values::Values;
use crate::support::Reply;

on_every_vendor!(
    fields_leaves_the_others_out_and_changes_none,
    raw_is_an_object_of_the_vendors_own,
    what_is_passed_through_reaches_the_vendor,
    what_a_definition_sends_itself_cannot_be_passed_through,
);

fn members(record: &Value) -> BTreeSet<&str> {
    record.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// What no answer may lack.
fn required(resource: Resource) -> Vec<&'static str> {
    let properties = &CanonicalSchema::built_in().resource(resource).record.properties;
    properties
        .iter()
        .filter(|property| property.required && !property.nullable)
        .map(|property| property.name.as_str())
        .collect()
}

async fn fields_leaves_the_others_out_and_changes_none(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        let whole = vendor.page(resource, "limit=5").await.body["data"].as_array().cloned().unwrap_or_default();
        let readable = covered.fields.iter().filter(|field| field.readable && !field.field.contains('.'));
        for field in readable.map(|field| field.field.as_str()) {
            let place = format!("{resource}?fields={field}");
            let page = vendor.page(resource, &format!("limit=5&fields={field}")).await;
            let some = page.body["data"].as_array().cloned().unwrap_or_default();
            findings.owe(some.len() == whole.len(), &place, || page.text.clone());
            for (some, whole) in some.iter().zip(&whole) {
                // A field that takes calls of its own is read where it is asked for by name.
                let is_same = some[field] == whole[field] || whole[field].is_null() || whole[field] == json!([]);
                findings.owe(is_same, &place, || format!("{} was {}", some[field], whole[field]));
                let always = required(resource);
                let extra: Vec<&str> =
                    members(some).into_iter().filter(|name| *name != field && !always.contains(name)).collect();
                let all_optional = extra.iter().all(|name| is_required(resource, name));
                findings.owe(all_optional, &place, || format!("answers {extra:?} too"));
            }
        }
        if let (true, Some(id)) = (vendor.offers(resource, Operation::One), ids(&whole).first()) {
            let one = vendor.get(&format!("/crm/{resource}/{id}?fields=id")).await;
            let is_narrow = one.body["data"]["id"] == **id && members(&one.body["data"]).len() <= 2;
            findings.owe(one.status == 200 && is_narrow, format!("{resource}/{id}?fields=id"), || one.text.clone());
        }
    }
    findings.none();
}

fn is_required(resource: Resource, name: &str) -> bool {
    let properties = &CanonicalSchema::built_in().resource(resource).record.properties;
    properties.iter().any(|property| property.required && property.name == name)
}

async fn raw_is_an_object_of_the_vendors_own(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.resources() {
        let resource = covered.resource;
        let values = Values::of(vendor, resource).await;
        let id = values.some_id().await;
        for &operation in &covered.operations {
            let body = || Value::Object(values.least());
            let (method, path, body) = match operation {
                Operation::All => ("GET", format!("/crm/{resource}?limit=2"), None),
                Operation::One => ("GET", format!("/crm/{resource}/{id}?"), None),
                Operation::Add => ("POST", format!("/crm/{resource}?"), Some(body())),
                Operation::Update => ("PATCH", format!("/crm/{resource}/{id}?"), Some(body())),
                Operation::Delete => ("DELETE", format!("/crm/{resource}/{id}?"), None),
            };
            let place = format!("{resource}/{operation}");
            let reply = vendor.call(method.parse().unwrap(), &format!("{path}&raw=true"), body.as_ref()).await;
            findings.owe(reply.status < 300 && reply.body["_raw"].is_object(), &place, || reply.text.clone());
            let text = reply.body["_raw"].to_string();
            let reads = matches!(operation, Operation::All | Operation::One);
            findings.owe(!reads || text.len() > 10, &place, || format!("_raw is {text}"));
        }
    }
    findings.none();
}

async fn what_is_passed_through_reaches_the_vendor(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.resources() {
        let resource = covered.resource;
        if covered.operations.contains(&Operation::All) {
            let before = vendor.calls();
            let reply = vendor.page(resource, "limit=1&pass_through[zzOwn]=a%26b").await;
            let pair = ("zzOwn".to_owned(), "a&b".to_owned());
            let told = vendor.calls_since(before).iter().any(|call| call.query.contains(&pair));
            findings.owe(told, format!("{resource}/all"), || format!("no call has zzOwn: {}", reply.text));
        }
        let values = Values::of(vendor, resource).await;
        let id = values.some_id().await;
        for operation in [Operation::Add, Operation::Update] {
            if !vendor.offers(resource, operation) {
                continue;
            }
            let place = format!("{resource}/{operation}");
            let mut body = values.everything(0);
            body.insert(
                "pass_through".to_owned(),
                json!([{ "service_id": vendor.service(), "extend_object": { "zzOwn": "a&b" } }]),
            );
            let before = vendor.calls();
            let reply = write(vendor, resource, operation, &id, &Value::Object(body.clone())).await;
            let told = vendor.calls_since(before).iter().any(|call| {
                let in_json = call.json.as_ref().is_some_and(|json| json.to_string().contains("zzOwn"));
                in_json || call.form.iter().flatten().any(|(name, _)| name == "zzOwn")
            });
            findings.owe(told, &place, || format!("no call has zzOwn: {}", reply.text));
            let other = json!([{ "service_id": vendor.service(), "operation_id": "no-such-step", "extend_object": { "zz": 1 } }]);
            body.insert("pass_through".to_owned(), other);
            let before = vendor.calls();
            let reply = write(vendor, resource, operation, &id, &Value::Object(body)).await;
            let found = (reply.status, reply.body["type_name"].as_str());
            findings.owe(found == (400, Some("RequestValidationError")), &place, || {
                format!("a step that there is none of answers {}", reply.text)
            });
            let wrote = vendor.calls_since(before).iter().any(|call| call.method != "GET");
            findings.owe(!wrote, &place, || "was written with a step that there is none of".to_owned());
        }
    }
    findings.none();
}

async fn write(vendor: &Connected, resource: Resource, operation: Operation, id: &str, body: &Value) -> Reply {
    if operation == Operation::Add { vendor.add(resource, body).await } else { vendor.update(resource, id, body).await }
}

async fn what_a_definition_sends_itself_cannot_be_passed_through(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        let lists = vendor.entities(resource).iter().filter_map(|entity| entity.all.as_ref());
        let plain: Vec<&ListWay> = lists.filter_map(|list| list.choose(&[], None).ok()).collect();
        for parameter in plain.iter().flat_map(|way| way.reserved_parameters(&vendor.definition, &vendor.settings)) {
            let reply = vendor.page(resource, &format!("pass_through[{parameter}]=1")).await;
            let found = (reply.status, reply.body["type_name"].as_str());
            let place = format!("{resource}?pass_through[{parameter}]");
            findings.owe(found == (400, Some("RequestValidationError")), place, || reply.text.clone());
        }
    }
    findings.none();
}
