//! What depends on a connection's settings, and several vendor entities as one resource.

mod support;

use std::sync::Arc;

use connector_catalog::{
    Catalog, Condition, ConnectorDefinition, PagingKind, Plan, PlanError, ResourceCoverage, coverage,
};
use support::{definition, mistakes};
use unified_model::{Operation, Resource};

const HEAD: &str = r#"service_id: acme
name: Acme
protocol: rest
settings:
  token: { label: Token, type: password, required: true }
  leads_mode: { label: Leads, type: select, options: [type, tag, none], default: none }
  notes: { label: List notes, type: checkbox, default: "false" }
  time_zone: { label: Time zone, default: Europe/Zurich }
base_url: https://acme.example/v1
auth: { bearer: { token: "{settings.token}" } }
ids: "[0-9]+"
time_zone: "{settings.time_zone}"
"#;

const RESOURCES: &str = r#"resources:
  leads:
    variants:
      - when: { settings: { leads_mode: type } }
        kind: { type: lead }
        all: { request: GET /people, paging: sliced }
        one: { request: "GET /people/{id}" }
      - when: { settings: { leads_mode: tag } }
        mapping: tagged
        ids: "tag|[a-z]+"
        all: { request: GET /tagged, paging: none }
  notes:
    all: { when: { settings: { notes: "true" } }, request: GET /notes, paging: sliced }
    one: { request: "GET /notes/{id}" }
  activities:
    sequence:
      - { id_prefix: task-, mapping: tasks, all: { request: GET /tasks, paging: sliced }, one: { request: "GET /tasks/{id}" } }
      - id_prefix: event-
        mapping: events
        takes: { type: [meeting], has: [start_datetime] }
        all: { request: GET /events, paging: sliced }
        add: { request: POST /events }
"#;

const NAMED: &str = "fields:\n  id: { at: id, mode: read }\n  name: name\n";
const TITLED: &str = "fields:\n  id: { at: id, mode: read }\n  title: subject\n";

fn files(connector: &str) -> Result<Catalog, connector_catalog::CatalogError> {
    Catalog::from_sources(&[
        ("connectors/acme.yaml", connector),
        ("mappings/acme/leads.yaml", NAMED),
        ("mappings/acme/tagged.yaml", "fields:\n  id: { at: id, mode: read }\n  name: label\n"),
        ("mappings/acme/notes.yaml", TITLED),
        ("mappings/acme/tasks.yaml", TITLED),
        ("mappings/acme/events.yaml", "fields:\n  id: { at: id, mode: read }\n  title: subject\n  location: place\n"),
    ])
}

fn acme() -> Arc<ConnectorDefinition> {
    definition(&files(&format!("{HEAD}{RESOURCES}")).expect("the fixture is right"), "acme")
}

fn plan(resource: Resource, operation: Operation, given: &[(&str, &str)]) -> Result<Plan, PlanError> {
    let acme = acme();
    let value = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    acme.plan(resource, operation, &Arc::new(acme.setting_values(value)))
}

fn wanted(result: Result<Plan, PlanError>) -> Vec<String> {
    match result {
        Err(PlanError::SwitchedOff { wanted, .. }) => wanted.iter().map(Condition::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_resource_is_served_as_the_settings_say() {
    let typed = plan(Resource::Leads, Operation::All, &[("leads_mode", "type")]).expect("a plan");
    assert_eq!(typed.resource().mapping_name, "leads");
    assert!(typed.resource().kind.is_some());
    let tagged = plan(Resource::Leads, Operation::All, &[("leads_mode", "tag")]).expect("a plan");
    assert_eq!(tagged.resource().mapping_name, "tagged");
    assert!(tagged.resource().ids.as_ref().expect("its own ids").regex.is_match("abc"));
    assert!(!typed.resource().ids.as_ref().expect("the connector's ids").regex.is_match("abc"));
}

#[test]
fn what_settings_switch_off_names_the_settings_that_switch_it_on() {
    let by_default = wanted(plan(Resource::Leads, Operation::All, &[]));
    assert_eq!(by_default, ["`leads_mode: type`", "`leads_mode: tag`"]);
    let in_another_variant = wanted(plan(Resource::Leads, Operation::One, &[("leads_mode", "tag")]));
    assert_eq!(in_another_variant, ["`leads_mode: type`"]);
    assert_eq!(wanted(plan(Resource::Notes, Operation::All, &[])), ["`notes: true`"]);
    assert!(plan(Resource::Notes, Operation::All, &[("notes", "true")]).is_ok());
    assert!(plan(Resource::Notes, Operation::One, &[]).is_ok());
}

#[test]
fn what_no_setting_switches_on_is_unsupported() {
    let unsupported = plan(Resource::Notes, Operation::Add, &[]).expect_err("no plan");
    assert!(matches!(unsupported, PlanError::Unsupported { supported, .. } if supported == [Operation::One]));
}

#[test]
fn a_sequence_offers_what_any_of_its_entities_does() {
    let list = plan(Resource::Activities, Operation::All, &[]).expect("a plan");
    assert!(list.is_sequence());
    assert_eq!(list.parts().map(|part| part.resource().id_prefix.clone()).collect::<Vec<_>>(), ["task-", "event-"]);
    let add = plan(Resource::Activities, Operation::Add, &[]).expect("a plan");
    assert_eq!(add.parts().map(|part| part.is_offered()).collect::<Vec<_>>(), [false, true]);
    assert!(plan(Resource::Activities, Operation::Delete, &[]).is_err());
}

#[test]
fn an_entity_takes_the_new_records_that_it_says() {
    let takes = &acme().resources[&Resource::Activities][0].parts[1].takes;
    let accepts = |body: serde_json::Value| takes.accepts(body.as_object().expect("an object"));
    assert!(accepts(serde_json::json!({ "type": "meeting", "start_datetime": "2026-01-01T00:00:00Z" })));
    assert!(!accepts(serde_json::json!({ "type": "meeting", "start_datetime": null })));
    assert!(!accepts(serde_json::json!({ "type": "call", "start_datetime": "2026-01-01T00:00:00Z" })));
}

#[test]
fn coverage_lists_every_variant_with_its_condition() {
    let covered = coverage(&acme());
    let of = |resource| covered.iter().filter(move |covered| covered.resource == resource).collect::<Vec<_>>();
    let shown = |covered: &ResourceCoverage| (covered.when.to_string(), covered.operations.clone());
    assert_eq!(
        of(Resource::Leads).into_iter().map(shown).collect::<Vec<_>>(),
        [
            ("`leads_mode: type`".to_owned(), vec![Operation::All, Operation::One]),
            ("`leads_mode: tag`".to_owned(), vec![Operation::All]),
        ]
    );
    let notes = of(Resource::Notes)[0];
    assert_eq!(notes.conditions.len(), 1);
    assert_eq!(
        (notes.conditions[0].0, notes.conditions[0].1.to_string()),
        (Operation::All, "`notes: true`".to_owned())
    );
    let activities = of(Resource::Activities)[0];
    assert_eq!(activities.operations, [Operation::All, Operation::One, Operation::Add]);
    assert_eq!(activities.paging, Some(PagingKind::Sequence));
    assert!(activities.fields.iter().any(|line| line.field == "location" && line.readable));
}

#[test]
fn a_field_map_reaches_every_variant() {
    let catalog = files(&format!("{HEAD}{RESOURCES}")).expect("the fixture is right");
    let lines = [("title".to_owned(), "headline".to_owned())].into();
    let acme = catalog.with_field_map(&"acme".parse().expect("an id"), &[(Resource::Leads, lines)].into());
    let acme = acme.expect("it fits");
    let title = |line: &connector_catalog::FieldCoverage| line.field == "title" && line.readable;
    for variant in &acme.resources[&Resource::Leads] {
        assert!(variant.parts[0].mapping.coverage().iter().any(title));
    }
}

#[test]
fn the_zone_is_a_setting_with_a_default() {
    let plan = plan(Resource::Notes, Operation::One, &[]).expect("a plan");
    assert_eq!(plan.settings().get("time_zone"), Some("Europe/Zurich"));
    assert_eq!(plan.settings().get("token"), None, "what is secret decides nothing");
}

#[test]
fn mistakes_are_named_with_their_places() {
    let cases = [
        ("options: [type, tag, none], ", "", 6, "`type: select` needs `options`, the values that it takes"),
        ("default: none", "default: some", 6, "`default: some`: allowed are type, tag, none"),
        (
            "type: checkbox",
            "type: checkbox, options: [on]",
            7,
            "`options`: a checkbox is true or false; it has no others",
        ),
        ("default: \"false\"", "default: \"no\"", 7, "`default: no`: allowed are true, false"),
        (
            "\"{settings.time_zone}\"",
            "Mars/Olympus",
            12,
            "`time_zone`: there is no zone `Mars/Olympus`; write an IANA name or `{settings.<name>}`",
        ),
        (
            "leads_mode: type }",
            "leads_mode: kind }",
            16,
            "`when`: `leads_mode` is never `kind`; allowed are type, tag, none",
        ),
        (
            "leads_mode: tag }",
            "mode: tag }",
            20,
            "`when`: there is no setting `mode`; the settings are token, leads_mode, notes, time_zone",
        ),
        ("notes: \"true\" }", "token: \"true\" }", 25, "`when`: `token` is sensitive; nothing may depend on it"),
        ("id_prefix: event-", "id_prefix: task-x", 30, "`id_prefix`: `task-x` begins like another one"),
        (
            "        mapping: tagged\n",
            "        mapping: taged\n",
            21,
            "`taged` has no mapping; write mappings/acme/taged.yaml",
        ),
        (
            "    variants:\n",
            "    kind: { a: b }\n    variants:\n",
            17,
            "`variants`: nothing but `when` may stand beside it; write the rest in each",
        ),
        ("start_datetime]", "begin]", 32, "`takes`: activities have no field `begin`"),
    ];
    for (from, to, line, expected) in cases {
        let text = format!("{HEAD}{RESOURCES}");
        assert!(text.contains(from), "{from}");
        let found = mistakes(files(&text.replacen(from, to, 1)));
        let place = format!("connectors/acme.yaml:{line}:");
        let is_named = |found: &String| found.starts_with(&place) && found.ends_with(&format!(": {expected}"));
        assert!(found.iter().any(is_named), "{from:?} -> {to:?}: {found:#?}");
    }
}
