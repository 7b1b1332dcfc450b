//! What the definitions of this repository say.

mod support;

use connector_catalog::{Catalog, ErrorMeaning, MemberSource, PagingKind, Send, coverage};
use unified_model::{Operation, Resource};

#[test]
fn agile_offers_every_operation_on_all_but_users() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let agile = support::definition(&catalog, "agile-crm");
    let offered: Vec<_> = coverage(&agile).into_iter().map(|covered| (covered.resource, covered.operations)).collect();
    let (users, others): (Vec<_>, Vec<_>) = offered.into_iter().partition(|(resource, _)| *resource == Resource::Users);
    assert!(users.iter().all(|(_, operations)| !operations.contains(&Operation::Add)));
    assert!(others.len() >= 4 && others.iter().all(|(_, operations)| *operations == Operation::EVERY));
}

#[test]
fn coverage_is_derived_from_the_definition() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let agile = support::definition(&catalog, "agile-crm");
    let covered = coverage(&agile);
    let companies = covered.iter().find(|covered| covered.resource == Resource::Companies).expect("companies");
    assert_eq!(companies.filters, ["name", "owner_id", "updated_since", "created_since"]);
    assert_eq!(companies.sorts, ["created_at", "updated_at", "name"]);
    assert_eq!(companies.paging, Some(PagingKind::Cursor));
    assert!(companies.fields.iter().any(|line| line.field == "name" && line.readable && line.writable));
}

#[test]
fn agile_reads_the_record_before_it_changes_or_removes_it() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let agile = support::definition(&catalog, "agile-crm");
    for resource in [Resource::Contacts, Resource::Companies] {
        let definition = agile.entity(resource).expect("a resource");
        assert!(!definition.add.as_ref().expect("add").reads_current);
        assert!(definition.update.as_ref().expect("update").reads_current);
        assert!(definition.delete.as_ref().expect("delete").reads_current);
    }
}

#[test]
fn agile_sets_another_owner_after_the_record_exists() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let agile = support::definition(&catalog, "agile-crm");
    let add = agile.entity(Resource::Contacts).and_then(|entity| entity.add.as_ref()).expect("add");
    let steps = &add.alternatives[0].steps;
    assert_eq!(steps[0].send, Send::Record { carry: Vec::new(), drop: vec!["owner".to_owned()], set: Vec::new() });
    assert!(steps[0].new_id.is_some() && !steps[0].optional);
    assert!(steps[1].optional);
    let Send::Members(members) = &steps[1].send else { panic!("not members") };
    assert!(
        matches!(&members[0], (name, MemberSource::Lookup { table, .. }) if name == "owner_email" && table == "users")
    );
    assert_eq!(members[1], ("contact_id".to_owned(), MemberSource::Id));
}

#[test]
fn agile_errors_keep_their_order() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let agile = support::definition(&catalog, "agile-crm");
    let first = &agile.errors[0];
    assert_eq!((first.status, first.meaning), ("204".parse().ok(), ErrorMeaning::NotFound));
    assert_eq!(first.on, [Operation::One, Operation::Update]);
    assert!(agile.errors.iter().any(|rule| rule.meaning == ErrorMeaning::CursorGone));
}

#[test]
fn an_id_is_matched_as_a_whole() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let agile = support::definition(&catalog, "agile-crm");
    let ids = agile.ids.as_ref().expect("a pattern");
    assert!(ids.regex.is_match("5100000000000101"));
    assert!(!ids.regex.is_match("51a") && !ids.regex.is_match("51\n") && !ids.regex.is_match(""));
}

#[test]
fn every_known_loss_of_a_built_in_mapping_names_its_place() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    assert!(catalog.lint().iter().all(|loss| loss.file.starts_with("mappings/") && loss.line > 0));
}

#[test]
fn of_a_lookups_rows_only_what_the_definition_uses_is_kept() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    for (service, table, used) in [
        ("agile-crm", "users", &["email", "id"][..]),
        ("agile-crm", "tracks", &["id", "isDefault", "lost_milestone", "milestones", "won_milestone"]),
        ("avid-crm", "custom_fields", &["DisplayName", "EntityType", "FieldType", "Id", "TemplateId"]),
        ("avid-crm", "choices", &["CustomFieldDefinitionId", "Id", "Value"]),
        ("axiomatic-crm", "stages", &["defaultProbabilityPct", "id", "kind"]),
    ] {
        let lookup = &support::definition(&catalog, service).lookups[table];
        let members: Vec<&str> = lookup.members.iter().flatten().map(String::as_str).collect();
        assert_eq!(members, used, "{service}: {table}");
        let row = serde_json::json!({ "id": 1, "Id": 2, "remarks": "x".repeat(100) });
        assert!(lookup.kept(&row).get("remarks").is_none());
    }
}
