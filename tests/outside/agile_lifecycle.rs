//! A record's life at Agile, over the stand-in vendor that keeps what it is told: created, read, changed part by part,
//! cleared, deleted, and never touched as what it is not.

use std::collections::BTreeSet;

use connector_catalog::{Catalog, coverage};
use serde_json::{Map, Value, json};
use unified_model::{Access, CanonicalSchema, Resource};

use crate::support::{Gateway, Reply};

const OWNER: &str = "5200000000000002";
const OTHER_OWNER: &str = "5200000000000003";
/// Seeded: the largest id there can be, and one that a double cannot hold.
const HUGE_COMPANY: &str = "9223372036854775783";
const INEXACT_PERSON: &str = "9007199254740993";

/// Written behind `line1` with a warning and read back there, or instead of all the others.
const READ_BACK_ELSEWHERE: [&str; 5] =
    ["addresses.line2", "addresses.line3", "addresses.line4", "addresses.line5", "addresses.string"];

/// Every canonical path that can be written, such as `emails.type`.
fn writable(resource: Resource) -> BTreeSet<String> {
    let catalog = Catalog::built_in().unwrap();
    let agile = catalog.connector(&"agile-crm".parse().unwrap()).unwrap();
    let covered = coverage(agile).into_iter().find(|covered| covered.resource == resource).unwrap();
    covered.fields.into_iter().filter(|field| field.writable).map(|field| field.field).collect()
}

/// The dotted paths of a record's members.
fn paths(record: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (name, value) in record.as_object().unwrap() {
        paths.insert(name.clone());
        for item in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
            paths.extend(item.keys().map(|member| format!("{name}.{member}")));
        }
    }
    paths
}

/// The value without members that are null.
fn dense(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().filter(|(_, own)| !own.is_null()).map(|(name, own)| (name.clone(), dense(own))).collect()
        }
        Value::Array(items) => items.iter().map(dense).collect(),
        other => other.clone(),
    }
}

/// The value without nulls, a list sorted: a partial change adds at the end.
fn in_any_order(value: &Value) -> Value {
    let mut value = dense(value);
    if let Value::Array(items) = &mut value {
        items.sort_by_key(Value::to_string);
    }
    value
}

fn warnings(reply: &Reply) -> BTreeSet<(String, String)> {
    let none = Vec::new();
    let list = reply.body["meta"]["warnings"].as_array().unwrap_or(&none);
    let text = |warning: &Value, member: &str| warning[member].as_str().unwrap_or_default().to_owned();
    list.iter().map(|warning| (text(warning, "type"), text(warning, "field"))).collect()
}

async fn create(gateway: &Gateway, resource: &str, body: &Value) -> (String, Reply) {
    let reply = gateway.post(&format!("/crm/{resource}"), body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    (reply.body["data"]["id"].as_str().unwrap().to_owned(), reply)
}

async fn read(gateway: &Gateway, resource: &str, id: &str) -> Value {
    let reply = gateway.get(&format!("/crm/{resource}/{id}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.body["data"].clone()
}

async fn change(gateway: &Gateway, resource: &str, id: &str, body: Value) -> Reply {
    let reply = gateway.patch(&format!("/crm/{resource}/{id}"), &body).await;
    assert_eq!(reply.status, 200, "{body} {}", reply.text);
    reply
}

/// A person with everything that Agile can hold, in the order that it reads back.
async fn full_contact(gateway: &Gateway) -> Value {
    let company = read(gateway, "companies", HUGE_COMPANY).await;
    json!({
        "name": "Tamsin Brackwater",
        "first_name": "Tamsin",
        "last_name": "Brackwater",
        "title": "VP, \"Special\" Projects\n🚚 \\ <b>",
        "company_id": HUGE_COMPANY,
        "company_name": company["name"],
        "owner_id": OWNER,
        "image": "https://cdn.example/face.png?a=1&b=2",
        "photo_url": "https://cdn.example/face.png?a=1&b=2",
        "fax": "+1 555 010 0143",
        "emails": [{"email": "tamsin@work.example", "type": "work"}, {"email": "tamsin@home.example", "type": "personal"}],
        "phone_numbers": [
            {"number": "+1 555 010 0141", "type": "work"},
            {"number": "+1 555 010 0142", "type": "home"},
            {"number": "+1 555 010 0144", "type": "mobile"},
            {"number": "+1 555 010 0145", "type": "primary"},
            {"number": "+1 555 010 0143", "type": "fax"},
            {"number": "+1 555 010 0146", "type": "other"},
        ],
        "addresses": [
            {"type": "office", "line1": "14 Tiller Row", "city": "Port Vell", "state": "OR", "postal_code": "97999", "country": "US"},
            {"type": "home", "line1": "Rúa do Mar, 7", "city": "Vila Serena", "country": "ES"},
            {"type": "shipping", "line1": "9 Back\\Slash \"Lane\""},
            {"type": "work", "line1": "港町1-2-3"},
        ],
        "websites": [{"url": "https://tamsin.example"}],
        "social_links": [
            {"type": "linkedin", "url": "https://linkedin.example/t"},
            {"type": "twitter", "url": "https://twitter.example/t"},
            {"type": "facebook", "url": "https://facebook.example/t"},
            {"type": "skype", "url": "tamsin.b"},
            {"type": "xing", "url": "https://xing.example/t"},
            {"type": "feed", "url": "https://feed.example/t"},
            {"type": "google_plus", "url": "https://plus.example/t"},
            {"type": "flickr", "url": "https://flickr.example/t"},
            {"type": "github", "url": "https://github.example/t"},
            {"type": "youtube", "url": "https://youtube.example/t"},
        ],
        "tags": ["Buyer", "follow_up", "Käufer"],
        "custom_fields": [
            {"id": "lead_score", "name": "lead_score", "value": 42},
            {"id": "star_value", "name": "star_value", "value": 5},
            {"id": "Newsletter", "name": "Newsletter", "value": "on"},
            {"id": "title", "name": "title", "value": "not the title"},
        ],
    })
}

fn full_company() -> Value {
    json!({
        "name": "Novaquill & \"Prime\" 翠光",
        "owner_id": OWNER,
        "image": "https://cdn.example/logo.png",
        "fax": "+1 555 010 0243",
        "emails": [{"email": "desk@novaquill.example", "type": "work"}, {"email": "boss@novaquill.example", "type": "personal"}],
        "phone_numbers": [
            {"number": "+1 555 010 0241", "type": "work"},
            {"number": "+1 555 010 0242", "type": "primary"},
            {"number": "+1 555 010 0243", "type": "fax"},
        ],
        "addresses": [
            {"type": "office", "line1": "Am Deich 3", "city": "Strandhafen", "state": "Nord", "postal_code": "99998", "country": "DE"},
        ],
        "websites": [{"url": "https://novaquill.example", "type": "primary"}, {"url": "https://blog.novaquill.example"}],
        "social_links": [{"type": "linkedin", "url": "https://linkedin.example/n"}],
        "tags": ["Carrier", "follow_up"],
        "custom_fields": [
            {"id": "lead_score", "name": "lead_score", "value": 120},
            {"id": "star_value", "name": "star_value", "value": 4},
            {"id": "Employees", "name": "Employees", "value": "240"},
            {"id": "name", "name": "name", "value": "not the name"},
        ],
    })
}

/// The members of `record` that `sent` has.
fn as_sent(record: &Value, sent: &Value) -> Value {
    let members = sent.as_object().unwrap().keys();
    dense(&members.map(|name| (name.clone(), record[name].clone())).collect::<Map<_, _>>().into())
}

#[tokio::test]
async fn a_contact_reads_back_as_it_was_created() {
    let gateway = Gateway::start().await;
    let sent = full_contact(&gateway).await;
    let (id, reply) = create(&gateway, "contacts", &sent).await;
    assert_eq!(warnings(&reply), BTreeSet::new(), "{}", reply.text);
    let record = read(&gateway, "contacts", &id).await;
    assert_eq!(as_sent(&record, &sent), dense(&sent));
    assert_eq!(record["email_domain"], "work.example");

    let mut sendable = paths(&sent);
    sendable.extend(READ_BACK_ELSEWHERE.map(str::to_owned));
    let missing: Vec<String> = writable(Resource::Contacts).difference(&sendable).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "writable, but this test never writes it");
}

#[tokio::test]
async fn a_company_reads_back_as_it_was_created() {
    let gateway = Gateway::start().await;
    let sent = full_company();
    let (id, reply) = create(&gateway, "companies", &sent).await;
    assert_eq!(warnings(&reply), BTreeSet::new(), "{}", reply.text);
    let record = read(&gateway, "companies", &id).await;
    assert_eq!(as_sent(&record, &sent), dense(&sent));

    let mut sendable = paths(&sent);
    sendable.extend(READ_BACK_ELSEWHERE.map(str::to_owned));
    let missing: Vec<String> = writable(Resource::Companies).difference(&sendable).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "writable, but this test never writes it");
}

/// A body with a value for every member that callers may write and Agile has no place for.
fn unheld(resource: Resource) -> Value {
    let all = match resource {
        Resource::Contacts => json!({
            "type": "customer", "lead_id": "1", "middle_name": "M", "prefix": "Dr", "suffix": "Jr", "department": "D",
            "language": "EN", "gender": "female", "birthday": "1990-01-01", "lead_source": "Fair", "description": "D",
            "current_balance": 1.5, "status": "new", "active": true, "email_domain": "x.example", "opportunity_ids": ["1"],
        }),
        _ => json!({
            "description": "D", "vat_number": "1", "currency": "EUR", "status": "new", "annual_revenue": "1",
            "number_of_employees": "1", "industry": "I", "ownership": "private", "sales_tax_number": "1",
            "payee_number": "1", "abn_or_tfn": "1", "abn_branch": "1", "acn": "1", "first_name": "F", "last_name": "L",
            "bank_accounts": [{"iban": "CH2989144532982975332"}], "row_type": {"id": "1", "name": "N"},
            "read_only": false, "salutation": "Ms", "birthday": "1990-01-01",
        }),
    };
    // Nothing that callers may write is forgotten here.
    let schema = CanonicalSchema::built_in().resource(resource);
    let writable = writable(resource);
    let owed: BTreeSet<&str> = schema
        .record
        .properties
        .iter()
        .filter(|property| property.access == Access::ReadWrite && !writable.contains(&property.name))
        .map(|property| property.name.as_str())
        .collect();
    assert_eq!(all.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(), owed);
    all
}

#[tokio::test]
async fn every_member_that_agile_has_no_place_for_is_warned_of() {
    let gateway = Gateway::start().await;
    for (resource, name) in [(Resource::Contacts, "contacts"), (Resource::Companies, "companies")] {
        let unheld = unheld(resource);
        let owed: BTreeSet<String> = unheld.as_object().unwrap().keys().cloned().collect();
        let mut body = unheld.clone();
        body["name"] = json!("Somebody");
        let (id, reply) = create(&gateway, name, &body).await;
        let warned = |reply: &Reply| warnings(reply).into_iter().map(|(_, field)| field).collect::<BTreeSet<String>>();
        assert_eq!(warned(&reply), owed, "{}", reply.text);

        let before = read(&gateway, name, &id).await;
        let mut body = unheld;
        body["name"] = before["name"].clone();
        let reply = change(&gateway, name, &id, body).await;
        assert_eq!(warned(&reply), owed, "{}", reply.text);
        assert_eq!(read(&gateway, name, &id).await, before);
    }
}

#[tokio::test]
async fn every_value_that_agile_keeps_in_another_form_is_warned_of() {
    let gateway = Gateway::start().await;
    let (id, reply) = create(
        &gateway,
        "contacts",
        &json!({
            "first_name": "Tamsin",
            "emails": [{"email": "TAMSIN@Work.example", "type": "billing"}, {"email": "b@work.example", "type": "secondary"}],
            "phone_numbers": [{"number": "1", "type": "assistant", "extension": "9", "country_code": "1", "area_code": "2"}],
            "addresses": [{"type": "billing", "line1": "Dock 2", "line2": "Gate B", "line5": "Bell 3", "county": "Kent"}],
            "websites": [{"url": "https://tamsin.example", "type": "work"}],
            "social_links": [{"type": "mastodon", "url": "https://social.example/@t"}],
            "custom_fields": [{"id": "Height", "value": 5}],
        }),
    )
    .await;
    let warned: BTreeSet<String> = warnings(&reply).into_iter().map(|(_, field)| field).collect();
    let owed = [
        "addresses.county",
        "addresses.line1",
        "addresses.type",
        "emails.type",
        "phone_numbers.area_code",
        "phone_numbers.country_code",
        "phone_numbers.extension",
        "phone_numbers.type",
        "social_links.type",
        "websites.type",
    ];
    assert_eq!(warned, owed.map(str::to_owned).into(), "{}", reply.text);
    let record = dense(&read(&gateway, "contacts", &id).await);
    // Agile keeps e-mail addresses in lower case.
    assert_eq!(
        record["emails"],
        json!([{"email": "tamsin@work.example", "type": "work"}, {"email": "b@work.example", "type": "personal"}])
    );
    assert_eq!(record["phone_numbers"], json!([{"number": "1", "type": "work"}]));
    assert_eq!(record["addresses"], json!([{"type": "shipping", "line1": "Dock 2, Gate B, Bell 3"}]));
    assert_eq!(record["social_links"], json!([{"type": "feed", "url": "https://social.example/@t"}]));
    assert_eq!(record["custom_fields"][2], json!({"id": "Height", "name": "Height", "value": 5}));
}

/// The members that follow from another, which is all that may move with it.
fn moves_with(field: &str) -> &'static [&'static str] {
    match field {
        "first_name" | "last_name" => &["name"],
        "name" => &["first_name", "last_name"],
        "company_id" => &["company_name"],
        "company_name" => &["company_id"],
        "image" => &["photo_url"],
        "photo_url" => &["image"],
        "fax" => &["phone_numbers"],
        "phone_numbers" => &["fax"],
        "emails" => &["email_domain"],
        _ => &[],
    }
}

/// Changes each field alone: it has the new value, and everything else what it had. `repeated` is what clients send each time.
async fn change_each(gateway: &Gateway, resource: &str, id: &str, repeated: &Value, changes: &[(&str, Value)]) {
    for (field, value) in changes {
        let mut body = repeated.clone();
        body[*field] = value.clone();
        let before = read(gateway, resource, id).await;
        let reply = change(gateway, resource, id, body.clone()).await;
        assert_eq!(warnings(&reply), BTreeSet::new(), "{field}: {}", reply.text);
        let after = read(gateway, resource, id).await;
        let owed = if *field == "custom_fields" { merged(&before[*field], value) } else { value.clone() };
        assert_eq!(in_any_order(&after[*field]), in_any_order(&owed), "{resource}.{field}");
        only_moved(field, &before, &after);
        let seen = gateway.sandbox.requests().len();
        change(gateway, resource, id, body).await;
        let calls = gateway.sandbox.requests().split_off(seen);
        assert!(calls.iter().all(|call| call.method == "GET"), "{resource}.{field} is written again: {calls:?}");
    }
}

/// Custom fields that are not named stay as they are.
fn merged(before: &Value, sent: &Value) -> Value {
    let (before, sent) = (before.as_array().unwrap(), sent.as_array().unwrap());
    let is_named = |field: &&Value| sent.iter().any(|own| own["id"] == field["id"]);
    before.iter().filter(|field| !is_named(field)).chain(sent).cloned().collect()
}

fn only_moved(field: &str, before: &Value, after: &Value) {
    for (name, own) in before.as_object().unwrap() {
        let may_move = name == field || name == "updated_at" || moves_with(field).contains(&name.as_str());
        assert!(may_move || *own == after[name], "{field} moved {name}: {own} became {}", after[name]);
    }
}

/// Every top-level field that can be written is among the changes.
fn assert_complete(resource: Resource, changes: &[(&str, Value)]) {
    let tried: BTreeSet<String> = changes.iter().map(|(field, _)| (*field).to_owned()).collect();
    let owed: BTreeSet<String> = writable(resource).into_iter().filter(|path| !path.contains('.')).collect();
    assert_eq!(tried, owed);
}

#[tokio::test]
async fn each_field_of_a_contact_changes_alone() {
    let gateway = Gateway::start().await;
    let (id, _) = create(&gateway, "contacts", &full_contact(&gateway).await).await;
    let company = gateway.get("/crm/companies?limit=1").await.body["data"][0].clone();
    let changes = [
        ("title", json!("Buyer")),
        ("first_name", json!("Zoë")),
        ("last_name", json!("O'Thistle")),
        ("name", json!("Jean-Luc de la Brise")),
        ("company_id", company["id"].clone()),
        ("company_name", json!("Brand-new Company")),
        ("owner_id", json!(OTHER_OWNER)),
        ("image", json!("https://cdn.example/2.png")),
        ("photo_url", json!("https://cdn.example/3.png")),
        ("fax", json!("+1 555 010 0999")),
        (
            "emails",
            json!([{"email": "tamsin@work.example", "type": "work"}, {"email": "new@home.example", "type": "personal"}]),
        ),
        ("emails", json!([{"email": "new@home.example", "type": "personal"}])),
        ("phone_numbers", json!([{"number": "1", "type": "work"}, {"number": "2", "type": "fax"}])),
        (
            "phone_numbers",
            json!([{"number": "3", "type": "work"}, {"number": "4", "type": "mobile"}, {"number": "2", "type": "fax"}]),
        ),
        ("addresses", json!([{"type": "home", "line1": "Moved", "city": "Saltby"}])),
        ("websites", json!([{"url": "https://other.example"}])),
        ("social_links", json!([{"type": "github", "url": "https://github.example/other"}])),
        ("tags", json!(["Buyer", "Renewal 2026"])),
        (
            "custom_fields",
            json!([
                {"id": "lead_score", "name": "lead_score", "value": 1},
                {"id": "star_value", "name": "star_value", "value": 0},
                {"id": "Newsletter", "name": "Newsletter", "value": "off"},
            ]),
        ),
    ];
    change_each(&gateway, "contacts", &id, &json!({}), &changes).await;
    assert_complete(Resource::Contacts, &changes);
}

#[tokio::test]
async fn each_field_of_a_company_changes_alone() {
    let gateway = Gateway::start().await;
    let (id, _) = create(&gateway, "companies", &full_company()).await;
    let changes = [
        ("name", json!("Gannet Optics")),
        ("owner_id", json!(OTHER_OWNER)),
        ("image", json!("https://cdn.example/2.png")),
        ("fax", json!("+1 555 010 0999")),
        ("emails", json!([{"email": "new@novaquill.example", "type": "personal"}])),
        ("phone_numbers", json!([{"number": "1", "type": "mobile"}, {"number": "2", "type": "fax"}])),
        ("addresses", json!([])),
        ("websites", json!([{"url": "https://novaquill.example", "type": "primary"}])),
        ("social_links", json!([{"type": "xing", "url": "https://xing.example/n"}])),
        ("tags", json!(["Carrier", "Japan"])),
        ("custom_fields", json!([{"id": "Region", "name": "Region", "value": "North"}])),
    ];
    // Clients repeat the required member, null meaning that it is not sent.
    change_each(&gateway, "companies", &id, &json!({"name": null}), &changes).await;
    assert_complete(Resource::Companies, &changes);
}

#[tokio::test]
async fn null_and_the_empty_list_clear() {
    let gateway = Gateway::start().await;
    for field in ["title", "last_name", "company_id", "company_name", "image", "photo_url", "fax", "tags"] {
        let (id, _) = create(&gateway, "contacts", &unique(full_contact(&gateway).await, field)).await;
        let before = read(&gateway, "contacts", &id).await;
        let reply = change(&gateway, "contacts", &id, json!({ field: null })).await;
        assert_eq!(warnings(&reply), BTreeSet::new(), "{field}: {}", reply.text);
        let after = read(&gateway, "contacts", &id).await;
        assert!(after[field].is_null() || after[field] == json!([]), "{field}: {}", after[field]);
        only_moved(field, &before, &after);
    }
    let (id, _) = create(&gateway, "contacts", &unique(full_contact(&gateway).await, "lists")).await;
    for field in ["emails", "phone_numbers", "addresses", "websites", "social_links", "tags"] {
        change(&gateway, "contacts", &id, json!({ field: [] })).await;
        assert_eq!(read(&gateway, "contacts", &id).await[field], json!([]), "{field}");
    }
    // Custom fields are cleared one by one: an empty list names none of them.
    let before = read(&gateway, "contacts", &id).await["custom_fields"].clone();
    let reply = change(&gateway, "contacts", &id, json!({"custom_fields": []})).await;
    assert_eq!(warnings(&reply), [("value_changed".to_owned(), "custom_fields".to_owned())].into());
    assert_eq!(read(&gateway, "contacts", &id).await["custom_fields"], before);
    let nothing = |field: &Value| json!({"id": field["id"], "value": null});
    let cleared: Vec<Value> = before.as_array().unwrap().iter().map(nothing).collect();
    change(&gateway, "contacts", &id, json!({"custom_fields": cleared})).await;
    let left = read(&gateway, "contacts", &id).await["custom_fields"].clone();
    assert_eq!(left.as_array().unwrap().len(), 2, "the score and the stars are every contact's: {left}");
}

/// The same record with e-mail addresses that nobody else has, since Agile lets no two persons share one.
fn unique(mut contact: Value, of: &str) -> Value {
    contact["emails"] = json!([{"email": format!("{of}@work.example"), "type": "work"}]);
    contact
}

#[tokio::test]
async fn an_owner_cannot_be_cleared_and_that_is_said() {
    let gateway = Gateway::start().await;
    let reply = change(&gateway, "contacts", INEXACT_PERSON, json!({"owner_id": null})).await;
    assert_eq!(warnings(&reply), [("value_changed".to_owned(), "owner_id".to_owned())].into());
    assert!(read(&gateway, "contacts", INEXACT_PERSON).await["owner_id"].is_string());
}

#[tokio::test]
async fn every_seeded_record_survives_being_written_back() {
    let gateway = Gateway::start().await;
    for resource in ["contacts", "companies"] {
        for record in gateway.list(resource, "limit=200").await {
            let id = record["id"].as_str().unwrap();
            let seen = gateway.sandbox.requests().len();
            change(&gateway, resource, id, record.clone()).await;
            let calls = gateway.sandbox.requests().split_off(seen);
            assert!(calls.iter().all(|call| call.method == "GET"), "{record} was written back by {calls:?}");
            assert_eq!(read(&gateway, resource, id).await, record);
        }
    }
}

#[tokio::test]
async fn a_deleted_record_is_gone() {
    let gateway = Gateway::start().await;
    for (resource, body) in [("contacts", full_contact(&gateway).await), ("companies", full_company())] {
        let (id, _) = create(&gateway, resource, &body).await;
        let path = format!("/crm/{resource}/{id}");
        let reply = gateway.delete(&path).await;
        assert_eq!((reply.status, &reply.body["data"]["id"]), (200, &json!(id)));
        gateway.get(&path).await.refused(404, "EntityNotFoundError");
        gateway.patch(&path, &json!({"name": "Nobody"})).await.refused(404, "EntityNotFoundError");
        gateway.delete(&path).await.refused(404, "EntityNotFoundError");
    }
}

#[tokio::test]
async fn a_record_is_not_touched_as_what_it_is_not() {
    let gateway = Gateway::start().await;
    for (own, id, other) in [("companies", HUGE_COMPANY, "contacts"), ("contacts", INEXACT_PERSON, "companies")] {
        let before = read(&gateway, own, id).await;
        let seen = gateway.sandbox.requests().len();
        let path = format!("/crm/{other}/{id}");
        gateway.get(&path).await.refused(404, "EntityNotFoundError");
        gateway.patch(&path, &json!({"name": "Changed", "tags": []})).await.refused(404, "EntityNotFoundError");
        gateway.delete(&path).await.refused(404, "EntityNotFoundError");
        let calls = gateway.sandbox.requests().split_off(seen);
        assert!(calls.iter().all(|call| call.method == "GET"), "{calls:?}");
        assert_eq!(read(&gateway, own, id).await, before);
    }
}

#[tokio::test]
async fn ids_of_64_bits_survive_every_operation() {
    let gateway = Gateway::start().await;
    let person = read(&gateway, "contacts", INEXACT_PERSON).await;
    assert_eq!((&person["id"], &person["company_id"]), (&json!(INEXACT_PERSON), &json!(HUGE_COMPANY)));
    let of_company = gateway.list("contacts", &format!("filter[company_id]={HUGE_COMPANY}")).await;
    assert!(of_company.contains(&person));
    for (resource, id) in [("contacts", INEXACT_PERSON), ("companies", HUGE_COMPANY)] {
        let listed = gateway.list(resource, "limit=200&fields=id").await;
        assert!(listed.iter().any(|record| record["id"] == id));
        let reply =
            change(&gateway, resource, id, json!({"name": "Still Here", "image": "https://cdn.example/1.png"})).await;
        assert_eq!(reply.body["data"]["id"], id);
        // A whole record too: something goes away.
        change(&gateway, resource, id, json!({"name": "Still Here", "image": null})).await;
        let after = read(&gateway, resource, id).await;
        assert_eq!((&after["id"], &after["name"], &after["image"]), (&json!(id), &json!("Still Here"), &Value::Null));
    }
    assert_eq!(read(&gateway, "contacts", INEXACT_PERSON).await["company_id"], HUGE_COMPANY);
    for (resource, id) in [("contacts", INEXACT_PERSON), ("companies", HUGE_COMPANY)] {
        let reply = gateway.delete(&format!("/crm/{resource}/{id}")).await;
        assert_eq!((reply.status, &reply.body["data"]["id"]), (200, &json!(id)));
    }
}
