//! What hangs on more than the vendor's place: tables, zones, prefixes, cases, lists that are one text.

mod common;

use common::{compiled, read_one, read_one_in, surroundings};
use field_mapping::{Context, Mapping, Zone};
use serde_json::{Map, Value, json};
use unified_model::vocabulary::Resource;

fn deals() -> Mapping {
    compiled(Resource::Opportunities, "deals.yaml", include_str!("fixtures/deals.yaml"))
}

fn tracks() -> Mapping {
    compiled(Resource::Pipelines, "tracks.yaml", include_str!("fixtures/tracks.yaml"))
}

fn tasks() -> Mapping {
    compiled(Resource::Activities, "tasks.yaml", include_str!("fixtures/tasks.yaml"))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

fn deal() -> Value {
    json!({
        "id": 5, "name": "Crane", "note": "#12 tall", "expected_value": 48000.5, "probability": 35, "pipeline_id": 7, "milestone": "Signed",
        "archived": false, "deal_source_id": 9_007_199_254_740_993_u64, "close_date": 1_730_329_200, "changed": "2024-07-01T12:00:00",
        "contacts": [{ "id": 3, "type": "COMPANY" }, { "id": 1, "type": "PERSON" }, { "id": 2, "type": "PERSON" }]
    })
}

#[test]
fn a_deal_is_read_with_its_tables_its_zone_and_its_prefix() {
    let (tables, zone) = surroundings();
    let context = Context { tables: &tables, zone: &zone, id_prefix: "deal-" };
    let expected = json!({
        "id": "deal-5", "title": "Crane", "description": "12", "monetary_amount": 48000.5, "win_probability": 35, "expected_revenue": 16800.175,
        "close_date": "2024-10-31", "stage_last_changed_at": "2024-07-01T10:00:00Z", "pipeline_id": "7", "pipeline_stage_id": "Signed",
        "status": "won", "source_id": "9007199254740993", "lead_source": "Fair", "contact_ids": ["1", "2"], "primary_contact_id": "1",
        "company_id": "3"
    });
    assert_eq!(read_one_in(&deals(), &deal(), context), expected);
    assert_eq!(deals().tables(), ["sources", "tracks"]);
}

#[test]
fn without_tables_what_they_would_say_is_null_or_what_else_says() {
    let read = read_one(&deals(), &deal());
    assert_eq!((&read["status"], &read["lead_source"]), (&json!("open"), &Value::Null));
    let mut won = deal();
    won["milestone"] = json!("Won");
    assert_eq!(read_one(&deals(), &won)["status"], "won");
}

/// What `status` becomes on the deal when it is changed alone, and the warnings.
fn status(current: &Value, status: &str) -> (Map<String, Value>, Vec<String>) {
    let (tables, zone) = surroundings();
    let context = Context { tables: &tables, zone: &zone, id_prefix: "" };
    let sent = json!({ "status": status });
    let written = deals().write_over(&object(current.clone()), &object(sent), context);
    let warnings = written.warnings.iter().map(|warning| warning.message.clone()).collect();
    (written.part, warnings)
}

#[test]
fn a_status_is_written_as_what_it_is_made_of() {
    let open = json!({ "milestone": "New", "pipeline_id": 7, "archived": false });
    assert_eq!(status(&open, "won"), (object(json!({ "milestone": "Signed" })), vec![]));
    // The track has no lost milestone of its own.
    assert_eq!(status(&open, "lost"), (object(json!({ "milestone": "Lost" })), vec![]));
    assert_eq!(status(&open, "archived"), (object(json!({ "archived": true })), vec![]));
    assert_eq!(status(&open, "open"), (Map::new(), vec![]));
    let archived = json!({ "milestone": "New", "pipeline_id": 8, "archived": true });
    assert_eq!(status(&archived, "open"), (object(json!({ "archived": false })), vec![]));
    assert_eq!(status(&archived, "won"), (object(json!({ "milestone": "Won", "archived": false })), vec![]));
    let won = json!({ "milestone": "Signed", "pipeline_id": 7, "archived": false });
    assert_eq!(
        status(&won, "open"),
        (Map::new(), vec!["the vendor has no way back from `won`; it was left as it is".to_owned()])
    );
    assert_eq!(
        status(&open, "paused"),
        (Map::new(), vec!["the vendor has nothing for `paused`; it was not written".to_owned()])
    );
}

#[test]
fn a_status_yields_to_the_stage_that_is_sent_with_it() {
    let (tables, zone) = surroundings();
    let context = Context { tables: &tables, zone: &zone, id_prefix: "" };
    let sent = json!({ "title": "t", "status": "lost", "pipeline_id": "7", "pipeline_stage_id": "Signed" });
    let written = deals().write_new(&object(sent), None, context);
    assert_eq!(Value::Object(written.record), json!({ "name": "t", "pipeline_id": "7", "milestone": "Signed" }));
    assert_eq!(written.warnings[0].message, "`pipeline_stage_id` is kept in the same place and was written instead");
    let agreeing = json!({ "title": "t", "status": "won", "pipeline_id": "7", "pipeline_stage_id": "Signed" });
    assert!(deals().write_new(&object(agreeing), None, context).warnings.is_empty());
    // The pipeline that the deal moves to says what its won stage is.
    let moved = json!({ "status": "won", "pipeline_id": "7" });
    let written = deals().write_over(&object(json!({ "milestone": "New", "pipeline_id": 8 })), &object(moved), context);
    assert_eq!(Value::Object(written.part), json!({ "milestone": "Signed", "pipeline_id": "7" }));
}

#[test]
fn a_label_is_written_as_the_key_of_its_row() {
    let (tables, zone) = surroundings();
    let context = Context { tables: &tables, zone: &zone, id_prefix: "" };
    let write =
        |source: &str| deals().write_new(&object(json!({ "title": "t", "lead_source": source })), None, context);
    assert_eq!(
        Value::Object(write("Fair").record),
        json!({ "name": "t", "deal_source_id": 9_007_199_254_740_993_u64 })
    );
    let other_capitals = write("web");
    assert_eq!(other_capitals.record["deal_source_id"], 12);
    assert_eq!(other_capitals.warnings[0].message, "the vendor calls it `Web`");
    let unknown = write("Radio");
    assert_eq!(Value::Object(unknown.record), json!({ "name": "t" }));
    assert_eq!(unknown.warnings[0].field.as_deref(), Some("lead_source"));
    assert_eq!(unknown.warnings[0].message, "the vendor's sources have no `Radio`; it was not written");
    let outdated = |source: Value| deals().outdated(&object(json!({ "lead_source": source })), context).len();
    assert_eq!((outdated(json!("Radio")), outdated(json!("Web")), outdated(Value::Null)), (1, 0, 0));
}

#[test]
fn times_without_a_zone_are_the_connections_own() {
    let (tables, zone) = surroundings();
    let context = Context { tables: &tables, zone: &zone, id_prefix: "" };
    let sent = json!({ "title": "t", "close_date": "2024-10-31", "stage_last_changed_at": "2024-07-01T10:00:00Z" });
    let written = deals().write_new(&object(sent.clone()), None, context).record;
    assert_eq!(
        Value::Object(written.clone()),
        json!({ "name": "t", "close_date": 1_730_329_200, "changed": "2024-07-01T12:00:00" })
    );
    let read = read_one_in(&deals(), &Value::Object(written), context);
    assert_eq!(
        (&read["close_date"], &read["stage_last_changed_at"]),
        (&sent["close_date"], &sent["stage_last_changed_at"])
    );
    // The hour that the clocks show twice, and the one that they skip.
    for (local, instant) in
        [("2024-10-27T02:30:00", "2024-10-27T00:30:00Z"), ("2024-03-31T02:30:00", "2024-03-31T01:30:00Z")]
    {
        let read = read_one_in(&deals(), &json!({ "name": "t", "changed": local }), context);
        assert_eq!(read["stage_last_changed_at"], instant);
    }
    assert!(Zone::named("Mars/Olympus").is_none());
}

/// What becomes of the vendor's list when this is sent for the deal.
fn people(sent: Value) -> (Value, Vec<String>) {
    let written = deals().write_over(&object(deal()), &object(sent), Context::default());
    let warnings = written.warnings.iter().filter_map(|warning| warning.field.clone()).collect();
    assert!(!written.part.contains_key("contacts"), "what is read there is written elsewhere");
    (written.part.get("contact_ids").cloned().unwrap_or_default(), warnings)
}

#[test]
fn fields_of_one_list_are_written_together_and_what_was_not_sent_stays() {
    assert_eq!(people(json!({ "company_id": "9" })), (json!(["1", "2", "9"]), vec![]));
    assert_eq!(people(json!({ "company_id": null })), (json!(["1", "2"]), vec![]));
    assert_eq!(people(json!({ "primary_contact_id": "4" })), (json!(["4", "1", "2", "3"]), vec![]));
    assert_eq!(people(json!({ "contact_ids": ["5", "2"] })), (json!(["5", "2", "3"]), vec![]));
    assert_eq!(
        people(json!({ "primary_contact_id": null })),
        (json!(["1", "2", "3"]), vec!["primary_contact_id".to_owned()])
    );
    assert_eq!(people(json!({ "title": "t" })), (Value::Null, vec![]));
}

#[test]
fn a_null_for_what_can_only_be_read_is_warned_of_where_there_is_something() {
    let write = |current: Value| {
        let written = deals().write_over(&object(current), &object(json!({ "description": null })), Context::default());
        written.warnings.into_iter().map(|warning| warning.message).collect::<Vec<_>>()
    };
    assert_eq!(write(deal()), ["`description` can only be read from this vendor and was not written"]);
    assert!(write(json!({ "name": "t" })).is_empty());
}

#[test]
fn a_shared_list_is_moved_as_little_as_can_be() {
    let mut current = object(deal());
    current.insert("contact_ids".to_owned(), json!(["3", "1", "2"]));
    let write = |sent: Value| {
        let written = deals().write_over(&current, &object(sent), Context::default());
        (written.part.get("contact_ids").cloned().unwrap_or_default(), written.removes)
    };
    assert_eq!(write(json!({ "contact_ids": ["1", "2", "7"] })), (json!(["3", "1", "2", "7"]), vec![]));
    assert_eq!(write(json!({ "company_id": "9" })), (json!(["1", "2", "9"]), vec![]));
    assert_eq!(write(json!({ "primary_contact_id": "1" })), (Value::Null, vec![]));
    // Only the whole list can say that another one is the first now.
    assert_eq!(
        write(json!({ "primary_contact_id": "4" })),
        (json!(["4", "1", "2", "3"]), vec!["contact_ids".to_owned()])
    );
    assert_eq!(write(json!({ "contact_ids": ["2", "1"] })), (json!(["2", "1", "3"]), vec!["contact_ids".to_owned()]));
}

#[test]
fn one_text_is_a_list_in_order() {
    let vendor = json!({ "id": 1, "name": "Sales", "milestones": "New, Signed,Lost,", "won_milestone": "Signed" });
    let stage = |name: &str, order: u8, value: &str, chance: Value| json!({ "id": name, "name": name, "display_order": order, "value": value, "win_probability": chance });
    let expected = json!({
        "id": "1", "name": "Sales",
        "stages": [stage("New", 0, "open", Value::Null), stage("Signed", 1, "won", json!(100)), stage("Lost", 2, "lost", json!(0))]
    });
    assert_eq!(read_one(&tracks(), &vendor), expected);
    let same = tracks().write_over(
        &object(vendor.clone()),
        &object(json!({ "stages": expected["stages"] })),
        Context::default(),
    );
    assert_eq!((same.part, same.warnings), (Map::new(), vec![]));
    let sent = json!({ "stages": [
        { "name": "Last", "display_order": 2 }, { "name": "First", "display_order": 0 }, { "name": "Done", "display_order": 1, "value": "won" }
    ] });
    let written = tracks().write_over(&object(vendor), &object(sent), Context::default());
    assert_eq!(Value::Object(written.part), json!({ "milestones": "First,Done,Last", "won_milestone": "Done" }));
    assert!(written.warnings.is_empty(), "{:?}", written.warnings);
}

#[test]
fn a_stage_is_open_where_another_one_is_won() {
    let sent =
        json!({ "name": "p", "stages": [{ "name": "Won", "value": "open" }, { "name": "Signed", "value": "won" }] });
    let written = tracks().write_new(&object(sent), None, Context::default());
    assert_eq!(written.warnings, vec![]);
    assert_eq!(
        Value::Object(written.record),
        json!({ "name": "p", "milestones": "Won,Signed", "won_milestone": "Signed" })
    );
}

#[test]
fn what_one_text_cannot_hold_is_named() {
    let sent = json!({ "name": "p", "stages": [
        { "name": "a,b" }, { "name": "One", "win_probability": 40 }, { "name": "One" }, { "display_order": 9 }
    ] });
    let written = tracks().write_new(&object(sent), None, Context::default());
    assert_eq!(Value::Object(written.record), json!({ "name": "p", "milestones": "One" }));
    let warned: Vec<(&str, &str)> =
        written.warnings.iter().map(|own| (own.field.as_deref().unwrap_or_default(), own.message.as_str())).collect();
    let expected = [
        ("stages.display_order", "only the order is kept; places are counted from 0"),
        ("stages", "`a,b` holds `,`, which parts the items; it was not written"),
        ("stages.win_probability", "`stages.win_probability` can only be read from this vendor and was not written"),
        ("stages", "two items are both `One` to this vendor; it keeps one of them"),
        ("stages", "an item has no text of its own here; it was not written"),
    ];
    let mut sorted = (warned, expected.to_vec());
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    assert_eq!(sorted.0, sorted.1);
}

#[test]
fn cases_hold_and_are_made_in_items_and_of_several_members() {
    let vendor = json!({
        "id": 1, "subject": "Call", "is_complete": true, "status": "X", "start": 1_714_989_600, "end": 1_714_993_290,
        "people": [{ "id": 1, "yes": true }, { "id": 2, "no": "1" }, { "id": 3 }]
    });
    let attendee = |id: &str, status: &str| json!({ "id": id, "name": null, "status": status });
    let expected = json!({
        "id": "1", "type": "task", "title": "Call", "done": true, "start_datetime": "2024-05-06T10:00:00Z",
        "end_datetime": "2024-05-06T11:01:30Z", "end_date": "2024-05-06", "duration_seconds": 3690, "duration_minutes": 61,
        "attendees": [attendee("1", "accepted"), attendee("2", "declined"), attendee("3", "tentative")]
    });
    assert_eq!(read_one(&tasks(), &vendor), expected);
    let sent = json!({ "done": true, "attendees": [attendee("1", "declined"), attendee("2", "accepted"), attendee("4", "tentative")] });
    let written = tasks().write_over(
        &object(json!({ "is_complete": false, "people": [{ "id": "4" }] })),
        &object(sent),
        Context::default(),
    );
    let people = json!([{ "id": "1", "no": 1 }, { "id": "2", "yes": true }, { "id": "4" }]);
    assert_eq!(Value::Object(written.part), json!({ "is_complete": true, "status": "COMPLETED", "people": people }));
    assert!(written.warnings.is_empty(), "{:?}", written.warnings);
    let undone = tasks().write_over(&object(vendor), &object(json!({ "done": false })), Context::default());
    assert_eq!((Value::Object(undone.part), undone.warnings), (json!({ "is_complete": false }), vec![]));
}

#[test]
fn a_text_beside_cases_is_what_no_case_says() {
    let text = "nulls: send\nfields:\n  id: { at: id, mode: read }\n  name: name\n  \
                status: { cases: [{ value: archived, when: { archived: true } }], at: state }\n";
    let leads = compiled(Resource::Leads, "leads.yaml", text);
    let read = |vendor: Value| read_one(&leads, &vendor)["status"].clone();
    assert_eq!(read(json!({ "id": 1, "state": "New", "archived": false })), "New");
    assert_eq!(read(json!({ "id": 1, "state": "New", "archived": true })), "archived");
    assert_eq!((read(json!({ "id": 1, "state": "" })), read(json!({ "id": 1 }))), (Value::Null, Value::Null));

    let new = |status: &str| leads.write_new(&object(json!({ "status": status })), None, Context::default()).record;
    assert_eq!(Value::Object(new("Contacted")), json!({ "state": "Contacted" }));
    assert_eq!(Value::Object(new("archived")), json!({ "archived": true }));
    let patch = |status: Value| leads.write_patch(&object(json!({ "status": status })), Context::default()).record;
    assert_eq!(Value::Object(patch(json!("Contacted"))), json!({ "state": "Contacted", "archived": false }));
    assert_eq!(Value::Object(patch(json!("archived"))), json!({ "archived": true }));
    assert_eq!(Value::Object(patch(Value::Null)), json!({ "state": null, "archived": false }));

    let current = object(json!({ "id": 1, "state": "New", "archived": true }));
    let over = |status: Value| leads.write_over(&current, &object(json!({ "status": status })), Context::default());
    assert_eq!(Value::Object(over(json!("archived")).part), json!({}));
    assert_eq!(Value::Object(over(json!("New")).part), json!({ "archived": false }));
    let cleared = over(Value::Null);
    assert_eq!((Value::Object(cleared.part), cleared.warnings), (json!({ "state": null, "archived": false }), vec![]));
}

#[test]
fn what_is_lost_and_what_works_both_ways_is_known() {
    let losses = |mapping: &Mapping| mapping.losses().iter().map(ToString::to_string).collect::<Vec<_>>();
    let expected = [
        "deals.yaml:15:3: `status`: `open` is what is left and is written only by undoing a flag",
        "deals.yaml:23:3: `lead_source` is written only where a row of `sources` has it",
    ];
    assert_eq!(losses(&deals()), expected);
    let expected = ["tracks.yaml:4:3: `stages` cannot hold a text with `,`"];
    assert_eq!(losses(&tracks())[..1], expected);
    let works = |mapping: &Mapping, field: &str| {
        let row = mapping.coverage().into_iter().find(|row| row.field == field).expect("a field");
        (row.readable, row.writable)
    };
    let both = ["status", "lead_source", "contact_ids", "primary_contact_id", "company_id", "close_date"];
    assert!(both.iter().all(|field| works(&deals(), field) == (true, true)));
    assert!(["description", "expected_revenue"].iter().all(|field| works(&deals(), field) == (true, false)));
    assert!(
        ["stages", "stages.name", "stages.display_order", "stages.value"]
            .iter()
            .all(|field| works(&tracks(), field) == (true, true))
    );
    assert!(["stages.id", "stages.win_probability"].iter().all(|field| works(&tracks(), field) == (true, false)));
    assert_eq!(works(&tracks(), "stages.archived"), (false, false));
    assert_eq!((works(&tasks(), "done"), works(&tasks(), "duration_seconds")), ((true, true), (true, false)));
}
