//! The JSON Schema of connector files, for editors; `spec/schema/connector.schema.json` is its copy.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use unified_model::{Operation, Resource};

use crate::file::{ConnectorFile, NotOfferedFile, ResourceFile};

/// The JSON Schema (draft 2020-12) of `connectors/*.yaml`.
#[must_use]
pub fn connector_json_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<ConnectorFile>().to_value();
    field_mapping::take_plain_scalars(&mut schema);
    schema
}

/// Resources by their canonical names.
pub(crate) fn resources(generator: &mut SchemaGenerator) -> Schema {
    let resource = generator.subschema_for::<ResourceFile>();
    let properties: serde_json::Map<String, Value> =
        Resource::EVERY.iter().map(|name| (name.as_str().to_owned(), resource.clone().to_value())).collect();
    json_schema!({
        "description": "Its resources, by canonical name.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": false,
        "properties": properties,
    })
}

/// What a vendor does not offer, by canonical resource.
pub(crate) fn not_offered(generator: &mut SchemaGenerator) -> Schema {
    let statements = generator.subschema_for::<Vec<NotOfferedFile>>();
    let properties: serde_json::Map<String, Value> =
        Resource::EVERY.iter().map(|name| (name.as_str().to_owned(), statements.clone().to_value())).collect();
    json_schema!({
        "description": "What the vendor itself does not offer, by canonical resource.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

/// A list of operations.
pub(crate) fn operations(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Operation::EVERY.iter().map(|operation| operation.as_str()).collect();
    json_schema!({ "description": "Only on these operations.", "type": "array", "items": { "enum": names } })
}

/// The shapes of `send`. For the schema only: the compiler reads `send` by hand, so that its messages are good.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Send")]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) enum SendShape {
    /// `nothing`, `record`, `changed` or `item`.
    Word(SendWord),
    /// Members under their own names; `id` is the record's id.
    List(Vec<String>),
    /// The whole new record, less what is dropped.
    Record {
        /// Options.
        record: RecordShape,
    },
    /// Only what changed, and the record's id.
    Changed {
        /// Options.
        changed: ChangedShape,
    },
    /// The entry that a step of `for_each` is at, less what is dropped.
    Item {
        /// Options.
        item: DropShape,
    },
    /// The current record with the changes applied.
    Over(OverShape),
    /// Members and their sources.
    Members(BTreeMap<String, SourceShape>),
}

/// What a step sends, in a word.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) enum SendWord {
    /// No body.
    Nothing,
    /// The whole new record (`add`).
    Record,
    /// Only what changed (`update`).
    Changed,
    /// The entry that the step is at (`for_each`).
    Item,
}

/// What is left out, and what is sent from another place.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) struct RecordShape {
    /// Members set from places in the same record; a path through `[]` gives a list.
    carry: Option<BTreeMap<String, String>>,
    /// Top-level members that are left out.
    drop: Option<Vec<String>>,
    /// Members and their sources, sent where the record has none of its own.
    set: Option<BTreeMap<String, SourceShape>>,
}

/// What is left out.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) struct DropShape {
    /// Top-level members that are left out.
    drop: Vec<String>,
}

/// Where the id goes, and which members do.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) struct ChangedShape {
    /// The member that carries the record's id.
    id: Option<String>,
    /// Top-level members that are left out.
    drop: Option<Vec<String>>,
    /// The only top-level members that are sent.
    only: Option<Vec<String>>,
}

/// Where an id that the vendor has given is. For the schema only.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "NewId")]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) enum NewIdShape {
    /// A path in the step's answer.
    Path(String),
    /// The address of the new record in the answer's headers (`Location`, and of `OData` `OData-EntityId` and `DataServiceId`).
    InAddress {
        /// Where the body may tell the id, which counts before the headers.
        at: Option<String>,
        /// How the address ends: `/contacts/{id}`.
        location: String,
    },
    /// The one entry of a list that an earlier step's answer lacks.
    Added {
        /// The list, in both answers.
        added_to: String,
        /// The earlier step.
        since: String,
        /// The id in the entry; without it the entry is the id.
        take: Option<String>,
    },
}

/// The current record with the changes applied.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) struct OverShape {
    /// Always `current`.
    over: CurrentShape,
    /// Members set from places in the same record, unless the change sets them; a path through `[]` gives a list.
    carry: Option<BTreeMap<String, String>>,
    /// Top-level members that are left out.
    drop: Option<Vec<String>>,
}

/// `current`.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) enum CurrentShape {
    /// The record as the vendor has it.
    Current,
}

/// Where a member of a step's body comes from.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "read by the derive alone")]
pub(crate) enum SourceShape {
    /// `id`, the member that is sent as it changed, a place such as `item.id` or `record.owner.id`, or a text with holes.
    Name(String),
    /// What changed in a top-level member.
    Changed {
        /// The member.
        changed: String,
    },
    /// Entries of a list that are new.
    AddedTo {
        /// The list.
        added_to: String,
    },
    /// Entries of a list that went away.
    RemovedFrom {
        /// The list.
        removed_from: String,
    },
    /// One value of each entry of a list as it will be.
    Each {
        /// The list: `record.stages`.
        each: String,
        /// The value in an entry.
        take: Option<String>,
        /// `last`: the entries that go away follow.
        removed: Option<String>,
    },
    /// A member of a row of a lookup.
    Lookup {
        /// The lookup's name.
        lookup: String,
        /// Where the key is in the written record.
        by: String,
        /// The row's member to send.
        take: String,
    },
    /// A fixed value.
    Const {
        /// The value.
        r#const: Value,
    },
}
