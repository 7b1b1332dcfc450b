//! `GET /{kind}/search`: by a term, exactly or in part, and what is found in short.

use serde_json::{Value, json};

use super::items::Kind;
use super::listing::{limit, number};
use super::replies;
use super::store::Company;
use crate::exchange::{Outcome, VendorRequest};
use crate::table::{Record, text};

pub(super) fn search(company: &Company, request: &VendorRequest, kind: Kind) -> Outcome {
    let limit = limit(request)?;
    let exact = request.query("exact_match") == Some("true");
    let term = request.query("term").unwrap_or_default().to_lowercase();
    if term.chars().count() < if exact { 1 } else { 2 } {
        return Err(replies::wrong("Validation failed: term: must be at least 2 characters long"));
    }
    let organization = number(request, "organization_id")?;
    let fields = request.query("fields").map(|fields| fields.split(',').map(str::trim).collect::<Vec<_>>());
    let is_searched = |name: &str| fields.as_ref().is_none_or(|fields| fields.contains(&name));
    let is_found = |record: &&Record| {
        let own = texts(record, &is_searched);
        let fits = |own: &String| if exact { own.to_lowercase() == term } else { own.to_lowercase().contains(&term) };
        own.iter().any(fits) && organization.is_none_or(|id| record["org_id"] == id)
    };
    let skip = request.query("cursor").map_or(Some(0), |cursor| cursor.parse().ok());
    let skip: usize = skip.ok_or_else(|| replies::wrong("Validation failed: cursor: Invalid value"))?;
    let found: Vec<&Record> = company.table(kind).records().filter(is_found).collect();
    let page = found.iter().skip(skip).take(limit);
    let items: Vec<Value> =
        page.map(|record| json!({"result_score": 0.5, "item": shown(company, kind, record)})).collect();
    let next = skip + items.len();
    let next = (next < found.len()).then(|| next.to_string());
    let mut answer = json!({"success": true, "data": {"items": items}});
    answer["additional_data"] = json!({ "next_cursor": next });
    Ok(crate::exchange::VendorAnswer::json(200, &answer))
}

fn texts(record: &Record, is_searched: &impl Fn(&str) -> bool) -> Vec<String> {
    let channels = |member: &str| values(record, member);
    let mut own = Vec::new();
    if is_searched("name") {
        own.push(text(record, "name").to_owned());
    }
    if is_searched("email") {
        own.extend(channels("emails"));
    }
    if is_searched("phone") {
        own.extend(channels("phones"));
    }
    own
}

fn values(record: &Record, member: &str) -> Vec<String> {
    let channels = record.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    channels.iter().filter_map(|channel| channel["value"].as_str()).map(str::to_owned).collect()
}

fn shown(company: &Company, kind: Kind, record: &Record) -> Value {
    let owner = json!({ "id": record["owner_id"] });
    match kind {
        Kind::Person => {
            let id = record["org_id"].to_string();
            let organization = company.table(Kind::Organization).get(&id);
            json!({
                "id": record["id"],
                "type": "person",
                "name": record["name"],
                "phones": values(record, "phones"),
                "emails": values(record, "emails"),
                "visible_to": record["visible_to"],
                "owner": owner,
                "organization": organization.map(|own| json!({"id": own["id"], "name": own["name"]})),
            })
        }
        Kind::Organization => json!({
            "id": record["id"],
            "type": "organization",
            "name": record["name"],
            "address": record["address"]["value"],
            "visible_to": record["visible_to"],
            "owner": owner,
        }),
    }
}
