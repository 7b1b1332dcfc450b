//! What is written reads back: at once, one field at a time, cleared, and as it was read; and what cannot is warned of.

use std::collections::{BTreeMap, BTreeSet};

use connector_catalog::ResourceDefinition;
use serde_json::{Map, Value, json};
use unified_model::{Operation, Resource};
use vendor_sandbox::{Fault, FaultKind};

use super::compare::{dense, is_kept, is_nothing};
use super::connected::Connected;
use super::findings::Findings;
use super::values::Values;
use super::vendor_rules;

on_every_vendor!(
    a_record_reads_back_as_it_was_created,
    a_record_has_the_id_that_the_vendor_gives_it,
    each_field_changes_alone,
    null_clears_or_is_warned_of,
    what_a_vendor_cannot_hold_is_warned_of,
    every_seeded_record_survives_being_written_back,
    a_deleted_record_is_gone,
);

/// Creates a record; a refusal is a finding.
async fn create(
    vendor: &Connected,
    resource: Resource,
    body: &Map<String, Value>,
    findings: &Findings,
) -> Option<(String, BTreeSet<String>)> {
    let body = Value::Object(body.clone());
    let reply = vendor.add(resource, &body).await;
    let id = reply.id().filter(|_| reply.status == 201);
    // One value of several that make up for what the vendor takes no record without may not be enough.
    if reply.status == 400 && reply.text.contains("takes no record without it") {
        return None;
    }
    findings.owe(id.is_some(), format!("{resource}/add"), || format!("{}, when sent {body}", reply.refusal()));
    Some((id?, reply.warned()))
}

/// The paths of a value: `emails`, `emails.type`.
fn paths(name: &str, value: &Value) -> BTreeSet<String> {
    let items = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    let members = items.into_iter().filter_map(Value::as_object).flat_map(|members| members.keys());
    members.map(|member| format!("{name}.{member}")).chain([name.to_owned()]).collect()
}

async fn a_record_reads_back_as_it_was_created(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::Add) {
        let resource = covered.resource;
        let values = Values::of(vendor, resource).await;
        let mut exact: BTreeSet<String> = BTreeSet::new();
        let mut bodies: Vec<Map<String, Value>> = (0..values.rounds()).map(|round| values.everything(round)).collect();
        for follower in vendor_rules::following(vendor.service(), resource) {
            let Some(property) = values.writable().find(|property| property.name == follower) else { continue };
            for value in values.candidates(property) {
                bodies.push(values.alone(follower, value));
            }
        }
        for body in bodies {
            let Some((id, warned)) = create(vendor, resource, &body, &findings).await else { continue };
            let Some(record) = vendor.read(resource, &id).await else {
                findings.add(format!("{resource}/{id}"), "was created and is not there");
                continue;
            };
            for (name, sent) in body.iter().filter(|(name, _)| !warned.contains(*name)) {
                if is_kept(name, sent, &record[name], &warned) {
                    exact.extend(paths(name, sent).difference(&warned).cloned());
                } else {
                    findings
                        .add(format!("{resource}/{name}"), format!("{sent} reads back as {}, unwarned", record[name]));
                }
            }
        }
        for field in covered.fields.iter().filter(|field| field.writable && !exact.contains(&field.field)) {
            let absorbed = vendor_rules::is_absorbed(&field.field);
            findings.owe(absorbed, format!("{resource}/{}", field.field), || {
                "is called writable, and no value of it was ever kept".to_owned()
            });
        }
    }
    findings.none();
}

/// The vendor takes none of the ids that are proposed to it: the record, and what belongs to it, is found under its own.
async fn a_record_has_the_id_that_the_vendor_gives_it(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::Add) {
        let resource = covered.resource;
        let values = Values::of(vendor, resource).await;
        let body = values.everything(0);
        let path_prefix = vendor_rules::records_at(vendor.service()).to_owned();
        let method = Some("POST".to_owned());
        vendor.gateway.sandbox.inject(Fault { method, path_prefix, ..Fault::of(vendor.service(), FaultKind::OwnId) });
        let Some((id, warned)) = create(vendor, resource, &body, &findings).await else { continue };
        let Some(record) = vendor.read(resource, &id).await else {
            findings.add(format!("{resource}/{id}"), "was created and is not there");
            continue;
        };
        for (name, sent) in body.iter().filter(|(name, _)| !warned.contains(*name)) {
            findings.owe(is_kept(name, sent, &record[name], &warned), format!("{resource}/{name}"), || {
                format!("{sent} reads back as {}, unwarned", record[name])
            });
        }
    }
    findings.none();
}

/// A record to change: made for it, or a seeded one where the vendor makes none.
async fn subject(vendor: &Connected, values: &Values<'_>, findings: &Findings) -> Option<String> {
    let resource = values.resource;
    if vendor.offers(resource, Operation::Add) {
        return Some(create(vendor, resource, &values.everything(0), findings).await?.0);
    }
    vendor.first(resource).await
}

async fn each_field_changes_alone(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::Update) {
        let resource = covered.resource;
        let values = Values::of(vendor, resource).await;
        for property in values.writable() {
            let field = property.name.as_str();
            let Some(id) = subject(vendor, &values, &findings).await else { break };
            let Some(mut before) = vendor.read(resource, &id).await else { continue };
            // The value that it has comes last, so that the first change is one.
            for value in values.candidates(property).into_iter().rev() {
                let place = format!("{resource}/{field}");
                let reply = vendor.update(resource, &id, &json!({ field: value })).await;
                if reply.status != 200 {
                    findings.add(place, format!("{}, when changed to {value}", reply.refusal()));
                    continue;
                }
                let Some(after) = vendor.read(resource, &id).await else {
                    findings.add(place, "the changed record is not there");
                    break;
                };
                let warned = reply.warned();
                let kept = warned.contains(field) || is_kept(field, &value, &after[field], &warned);
                findings.owe(kept, &place, || format!("{value} reads back as {}, unwarned", after[field]));
                only_moved(vendor, resource, field, &before, &after, &findings);
                before = after;
            }
        }
    }
    findings.none();
}

fn only_moved(vendor: &Connected, resource: Resource, field: &str, before: &Value, after: &Value, findings: &Findings) {
    for (name, own) in before.as_object().into_iter().flatten() {
        let may_move = name == field || vendor_rules::moves(vendor.service(), resource, field, name);
        findings.owe(may_move || *own == after[name], format!("{resource}/{field}"), || {
            format!("moved `{name}`: {own} became {}", after[name])
        });
    }
}

async fn null_clears_or_is_warned_of(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::Update) {
        let resource = covered.resource;
        let values = Values::of(vendor, resource).await;
        for property in values.writable().filter(|property| property.nullable && !property.required) {
            let field = property.name.as_str();
            let Some(id) = subject(vendor, &values, &findings).await else { break };
            let Some(before) = vendor.read(resource, &id).await else { continue };
            let place = format!("{resource}/{field}");
            let reply = vendor.update(resource, &id, &json!({ field: null })).await;
            // What the vendor takes no record without cannot be cleared, and that is said before it is asked.
            let is_needed = is_needed(vendor, resource, field);
            if reply.status != 200 {
                let is_said = is_needed && reply.body["type_name"] == "RequestValidationError";
                findings.owe(is_said, place, || format!("{}, when sent null", reply.refusal()));
                continue;
            }
            let Some(after) = vendor.read(resource, &id).await else {
                findings.add(place, "the cleared record is not there");
                continue;
            };
            let warned = reply.warned().contains(field);
            findings.owe(warned || is_nothing(&after[field]) || is_always_there(field, &after), &place, || {
                format!("null leaves {}, unwarned", after[field])
            });
            only_moved(vendor, resource, field, &before, &after, &findings);
        }
    }
    findings.none();
}

fn is_needed(vendor: &Connected, resource: Resource, field: &str) -> bool {
    let mut requires = vendor.entities(resource).iter().flat_map(|entity| &entity.requires);
    requires.any(|requirement| requirement.fields.iter().any(|own| own == field))
}

/// Custom fields that every record has keep their places, empty or not.
fn is_always_there(field: &str, after: &Value) -> bool {
    field == "custom_fields" && after[field].is_array()
}

async fn what_a_vendor_cannot_hold_is_warned_of(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.resources() {
        let resource = covered.resource;
        for (operation, place) in [(Operation::Add, "add"), (Operation::Update, "update")] {
            if !vendor.offers(resource, operation) {
                continue;
            }
            // An e-mail address may be one record's alone.
            vendor.gateway.sandbox.reset();
            let values = Values::of(vendor, resource).await;
            let mut unheld = values.unwritable_members();
            for property in values.not_writable() {
                if let Some(value) = values.any(property) {
                    unheld.insert(property.name.clone(), (BTreeSet::from([property.name.clone()]), value));
                }
            }
            let mut body = values.least();
            let mut owed = BTreeSet::new();
            for (name, (fields, value)) in &unheld {
                if !body.contains_key(name) {
                    body.insert(name.clone(), value.clone());
                    owed.extend(fields.iter().cloned());
                }
            }
            let body = Value::Object(body);
            let reply = if operation == Operation::Add {
                vendor.add(resource, &body).await
            } else if let Some(id) = subject(vendor, &values, &findings).await {
                vendor.update(resource, &id, &body).await
            } else {
                continue;
            };
            let place = format!("{resource}/{place}");
            if reply.status >= 300 {
                findings.add(place, format!("{}, when sent {body}", reply.refusal()));
                continue;
            }
            let warned = reply.warned();
            let record = vendor.read(resource, &reply.id().unwrap_or_default()).await.unwrap_or_default();
            for field in owed.iter().filter(|field| !warned.contains(*field)) {
                // What every record of the vendor has is not lost.
                let is_so_anyway = is_kept(field, &body[field], &record[field], &warned);
                findings.owe(is_so_anyway && body[field] == record[field], &place, || {
                    format!("`{field}` is not writable, was sent and is not warned of")
                });
            }
        }
    }
    findings.none();
}

async fn every_seeded_record_survives_being_written_back(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::Update) {
        let resource = covered.resource;
        // Some can be changed where they cannot be listed.
        if !vendor.offers(resource, Operation::All) {
            continue;
        }
        let records = vendor.list(resource, "limit=200").await;
        let step = records.len().div_ceil(25).max(1);
        for record in records.iter().step_by(step) {
            let id = record["id"].as_str().unwrap();
            let before = vendor.read(resource, id).await.unwrap_or_default();
            let calls = vendor.calls();
            let reply = vendor.update(resource, id, record).await;
            let place = format!("{resource}/{id}");
            // Where the record is read before it is written, nothing that differs is found, so nothing is sent.
            let reads_first = |entity: &ResourceDefinition| entity.update.as_ref().is_none_or(|own| own.reads_current);
            if vendor.entities(resource).iter().all(reads_first) {
                let sent = vendor.calls_since(calls).into_iter().filter(|call| call.method != "GET");
                let sent: Vec<String> = sent.map(|call| format!("{call:?}")).collect();
                findings.owe(sent.is_empty(), &place, || format!("{record} written back sends {sent:?}"));
            }
            if reply.status != 200 {
                findings.add(place, format!("{}, when written back: {record}", reply.refusal()));
                continue;
            }
            let after = vendor.read(resource, id).await.unwrap_or_default();
            let changed: BTreeMap<&String, (&Value, &Value)> = before
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, own)| !vendor_rules::is_upkeep(name) && dense(own) != dense(&after[*name]))
                .filter(|(name, own)| !(is_nothing(own) && is_nothing(&after[*name])))
                .map(|(name, own)| (name, (own, &after[name])))
                .collect();
            findings.owe(changed.is_empty(), place, || format!("written back, it changed: {changed:?}"));
        }
    }
    findings.none();
}

async fn a_deleted_record_is_gone(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::Delete) {
        let resource = covered.resource;
        let values = Values::of(vendor, resource).await;
        let Some(id) = subject(vendor, &values, &findings).await else { continue };
        let reply = vendor.delete(resource, &id).await;
        let owed = (200, Some(id.clone()));
        findings.owe((reply.status, reply.id()) == owed, format!("{resource}/delete"), || reply.text.clone());
        if vendor_rules::is_kept(vendor.service(), resource) {
            let status = vendor.one(resource, &id).await.body["data"]["status"].clone();
            findings.owe(status == "inactive", format!("{resource}/one"), || format!("a deleted record is {status}"));
            continue;
        }
        if vendor.offers(resource, Operation::All) {
            let left = vendor.list(resource, "limit=200").await;
            findings.owe(left.iter().all(|record| record["id"] != *id), format!("{resource}/all"), || {
                format!("{id} was deleted and is still listed")
            });
        }
        let again = [
            (Operation::One, vendor.one(resource, &id).await),
            (Operation::Update, vendor.update(resource, &id, &Value::Object(values.least())).await),
            (Operation::Delete, vendor.delete(resource, &id).await),
        ];
        for (operation, reply) in again.into_iter().filter(|(operation, _)| vendor.offers(resource, *operation)) {
            let found = (reply.status, reply.body["type_name"].as_str());
            findings.owe(found == (404, Some("EntityNotFoundError")), format!("{resource}/{operation}"), || {
                format!("of a deleted record answers {}", reply.text)
            });
        }
    }
    findings.none();
}
