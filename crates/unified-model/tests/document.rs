//! The document itself: what the compiled schema owes to field mapping, and what `compile` refuses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use unified_model::schema::ResourceSchema;
use unified_model::{
    Access, CanonicalSchema, Format, Kind, ObjectType, Operation, Resource, UnifiedApi, document_json,
    vault_document_json,
};

fn schema(resource: Resource) -> &'static ResourceSchema {
    CanonicalSchema::built_in().resource(resource)
}

fn names(object: &ObjectType) -> Vec<&str> {
    object.properties.iter().map(|property| property.name.as_str()).collect()
}

#[test]
fn every_resource_is_there_with_its_id_first() {
    for resource in Resource::EVERY {
        let record = &schema(*resource).record;
        assert_eq!(record.name, resource.schema_name());
        assert_eq!(record.properties[0].name, "id");
        assert_eq!(record.open, *resource == Resource::Users);
    }
}

#[test]
fn members_keep_the_order_of_the_document() {
    assert_eq!(names(&schema(Resource::ListMembers).record), ["id", "object_type"]);
    assert_eq!(
        names(&schema(Resource::Notes).record),
        [
            "id",
            "title",
            "content",
            "owner_id",
            "contact_id",
            "company_id",
            "opportunity_id",
            "activity_id",
            "lead_id",
            "active",
            "custom_mappings",
            "updated_by",
            "created_by",
            "updated_at",
            "created_at",
            "pass_through",
        ]
    );
}

#[test]
fn lists_are_only_read_and_their_members_only_listed() {
    for resource in Resource::EVERY {
        let operations = match resource {
            Resource::Lists => &[Operation::All, Operation::One][..],
            Resource::ListMembers => &[Operation::All],
            _ => Operation::EVERY,
        };
        assert_eq!(schema(*resource).operations, operations, "{resource}");
    }
}

#[test]
fn filters_and_sorts_are_those_of_the_contract_and_the_newer_ones() {
    for (resource, filters, sorts) in [
        (
            Resource::Activities,
            &["company_id", "owner_id", "contact_id", "updated_since", "type"][..],
            &["created_at", "updated_at"][..],
        ),
        (
            Resource::Companies,
            &["name", "updated_since", "created_since", "status", "owner_id", "row_type_id"],
            &["created_at", "updated_at", "name"],
        ),
        (
            Resource::Notes,
            &["title", "owner_id", "updated_since", "created_since", "company_id", "contact_id", "opportunity_id"],
            &[],
        ),
        (Resource::Users, &["email", "name"], &[]),
        (Resource::Pipelines, &[], &[]),
        (Resource::Lists, &[], &[]),
        (Resource::ListMembers, &[], &[]),
        (Resource::CustomObjectSchemas, &[], &[]),
        (Resource::CustomObjects, &[], &[]),
    ] {
        assert_eq!(names(&schema(resource).filters), filters, "{resource}");
        assert_eq!(schema(resource).sorts, sorts, "{resource}");
    }
    assert!(names(&schema(Resource::Opportunities).filters).contains(&"status_id"));
}

#[test]
fn filters_beyond_the_contract_are_marked_as_ours() {
    let schemas = &document_json(UnifiedApi::Crm)["components"]["schemas"];
    for (schema, filters) in [
        ("CompaniesFilter", &["owner_id", "row_type_id", "status"][..]),
        ("LeadsFilter", &["company_id", "contact_id", "owner_id", "status"]),
        ("OpportunitiesFilter", &["pipeline_id", "pipeline_stage_id"]),
    ] {
        let properties = schemas[schema]["properties"].as_object().unwrap();
        let ours = properties.iter().filter(|(_, property)| property["x-trunkline-extension"] == true);
        let mut ours: Vec<&str> = ours.map(|(name, _)| name.as_str()).collect();
        ours.sort_unstable();
        assert_eq!(ours, filters, "{schema}");
    }
}

#[test]
fn what_a_member_is_survives_references() {
    let company = &schema(Resource::Companies).record;
    let name = company.property("name").unwrap();
    assert!(name.required && name.nullable && name.access == Access::ReadWrite);
    let deleted = company.property("deleted").unwrap();
    assert_eq!((&deleted.kind, deleted.nullable, deleted.access), (&Kind::Boolean, false, Access::ReadOnly));
    let mappings = company.property("custom_mappings").unwrap();
    assert_eq!((&mappings.kind, mappings.nullable, mappings.access), (&Kind::FreeObject, true, Access::ReadOnly));
    assert!(matches!(company.property("birthday").unwrap().kind, Kind::Text { format: Some(Format::Date), .. }));
    let currency = company.property("currency").unwrap();
    assert!(currency.nullable);
    assert!(
        matches!(&currency.kind, Kind::Text { one_of, .. } if one_of.len() == 183 && one_of[0] == "UNKNOWN_CURRENCY")
    );
    let Kind::List(custom_field) = &company.property("custom_fields").unwrap().kind else { panic!("a list") };
    let Kind::Object(custom_field) = custom_field.as_ref() else { panic!("an object") };
    assert_eq!(custom_field.any_of_required, [["id"], ["name"]]);
    assert_eq!(custom_field.property("value").unwrap().kind, Kind::Any);
    let lead = &schema(Resource::Leads).record;
    assert!(matches!(lead.property("created_at").unwrap().kind, Kind::Text { format: Some(Format::DateTime), .. }));
    let activity = &schema(Resource::Activities).record;
    let seconds = &activity.property("duration_seconds").unwrap().kind;
    assert_eq!(seconds, &Kind::Integer { minimum: Some(0), maximum: None });
}

#[test]
fn the_document_is_served_as_json() {
    let document = document_json(UnifiedApi::Crm);
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Trunkline CRM API");
    assert_eq!(document["paths"]["/crm/contacts/{id}"]["get"]["operationId"], "contactsOne");
    assert_eq!(document["components"]["schemas"]["WriteEnvelope"]["properties"]["meta"]["x-trunkline-extension"], true);
}

/// Every `$ref` of a document leads somewhere, those that `compile` never follows included.
#[test]
fn no_reference_leads_nowhere() {
    fn walk<'d>(value: &'d serde_json::Value, found: &mut Vec<&'d str>) {
        match value {
            serde_json::Value::Object(members) => {
                found.extend(members.get("$ref").and_then(serde_json::Value::as_str));
                members.values().for_each(|value| walk(value, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    for (document, at_least) in [(document_json(UnifiedApi::Crm), 500), (vault_document_json(), 200)] {
        let mut references = Vec::new();
        walk(&document, &mut references);
        assert!(references.len() > at_least);
        for reference in references {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}

#[test]
fn a_document_that_says_what_nobody_would_check_is_refused() {
    let note = "        title: { type: [string, \"null\"], description: Heading }\n";
    let title = |schema: &str| (note, format!("        title: {schema}\n"));
    let cases = [
        (("openapi: \"3.1.0\"", "openapi: 3.0.3".to_owned()), "expected version 3.1, found 3.0.3"),
        (("    Note:\n", "    Notes:\n".to_owned()), "components.schemas.Note: the schema is missing"),
        (("operationId: notesAll", "operationId: notesList".to_owned()), "operation notesAll is missing"),
        (title("{ type: [string, integer] }"), "type string | integer is not understood"),
        (title("{ type: text }"), "type text is not understood"),
        (title("{ description: x, minLength: 1 }"), "the type is missing"),
        (title("{ type: string, format: uuid }"), "format `uuid` with pattern `` is not understood"),
        (title("{ type: string, pattern: \"^a$\" }"), "pattern `^a$` is not understood"),
        (title("{ type: string, minimum: 1 }"), "`minimum` has no meaning for this type"),
        (title("{ type: string, minLength: -1 }"), "minLength must not be negative"),
        (title("{ type: string, multipleOf: 1 }"), "`multipleOf` is not understood"),
        (title("{ type: string, readOnly: true, writeOnly: true }"), "readOnly and writeOnly may be true, one of them"),
        (title("{ type: [string, \"null\"], enum: [a] }"), "enum must hold null exactly when the type does"),
        (title("{ type: string, enum: [1] }"), "enum may hold texts and null"),
        (title("{ type: array }"), "a list needs items"),
        (title("{ type: array, items: { type: [string, \"null\"] } }"), "items that may be null are not understood"),
        (title("{ type: object }"), "an object needs properties, or additionalProperties: true"),
        (title("{ type: object, properties: {} }"), "additionalProperties must be said"),
        (title("{ $ref: \"#/components/schemas/Nothing\" }"), "leads nowhere"),
        (title("{ $ref: \"other.yaml\" }"), "does not lead to components.schemas"),
        (title("{ $ref: \"#/components/schemas/Tags\", minLength: 1 }"), "`minLength` beside $ref is not understood"),
        (title("{ $ref: \"#/components/schemas/Note\" }"), "nested too deep, or a circle of references"),
        (title("{ type: string, type: string }"), ""),
        (title("["), ""),
        (("required: [title]", "required: [titel]".to_owned()), "required member `titel` is not among the properties"),
        (
            (
                "        by: { type: string, x-apideck-enum-id: activities.sort_by, enum: [created_at, updated_at], description: The member to sort by }",
                String::new(),
            ),
            "`by` must list",
        ),
    ];
    let document = UnifiedApi::Crm.document();
    for ((from, to), message) in cases {
        assert!(document.contains(from), "{from}");
        let error =
            CanonicalSchema::compile(UnifiedApi::Crm, &document.replacen(from, &to, 1)).unwrap_err().to_string();
        assert!(error.contains(message), "{to}: {error}");
    }
    assert!(CanonicalSchema::compile(UnifiedApi::Crm, "").is_err());
    assert!(CanonicalSchema::compile(UnifiedApi::Crm, "[]").is_err());
}
