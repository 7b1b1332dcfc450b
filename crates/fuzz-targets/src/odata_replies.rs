//! Answers of an `OData` service in all their forms, from the wire to canonical records.
//!
//! The first line is `<resource> <operation> <status>`, the rest is the answer; with `forms` as the operation, a JSON list of
//! records that is answered in every form.

use std::sync::LazyLock;

use connector_catalog::{Catalog, ConnectorDefinition, Protocol};
use connectors::{ConnectorError, OutcomeData, Protocols, VendorOutcome};
use serde_json::{Value, json};
use unified_model::{CanonicalSchema, Operation, Position, RequestParts, Resource, UnifiedRequest, check_output};

use crate::input::{Input, chosen};
use crate::vendor::{Answer, Vendor};

pub(crate) const SERVICE: &str = "avid-crm";
const RESOURCES: [Resource; 5] =
    [Resource::Companies, Resource::Contacts, Resource::Opportunities, Resource::Notes, Resource::Users];
const STATUSES: [&str; 10] = ["200", "201", "204", "304", "400", "401", "404", "412", "429", "500"];
const ID: &str = "7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0101";
/// A page is never longer than what was asked for.
const LIMIT: usize = 7;

/// The tables that records are read with.
const TABLES: &[(&str, &str)] = &[
    (
        "/CustomFieldDefinitions",
        r#"{"value":[{"Id":"d1","DisplayName":"Size","EntityType":"Contact","FieldType":"Text"},
            {"Id":"d2","DisplayName":"Segment","EntityType":"Company","FieldType":"Dropdown"}]}"#,
    ),
    ("/CustomFieldDefinitionDropDownValues", r#"{"value":[{"Id":"v1","CustomFieldDefinitionId":"d2","Value":"SMB"}]}"#),
    ("/Departments", r#"{"value":[{"Id":"p1","Name":"Sales"}]}"#),
];

/// What only one of the forms has, or what means something else in it.
const OF_ONE_FORM: [&str; 8] = ["/Date(", "\\/Date", "__", "results", "odata", "@", "\\u", "\"d\""];

/// An answer becomes records of the schema or an error, and every form of it the same.
pub fn odata_replies(data: &[u8]) {
    let mut input = Input::new(data);
    let mut words = input.line().split(' ');
    let mut word = || words.next().unwrap_or_default();
    let resource = *chosen(&RESOURCES, word(), |resource| resource.as_str());
    let operation = *chosen(&["all", "one", "forms"], word(), |operation| operation);
    let status = chosen(&STATUSES, word(), |status| status).parse().expect("a status");
    match operation {
        "all" => drop(answered(resource, Operation::All, status, input.bytes().to_vec())),
        "one" => drop(answered(resource, Operation::One, status, input.bytes().to_vec())),
        _ => in_every_form(resource, input.text().unwrap_or_default()),
    }
}

pub(crate) struct OdataVendor {
    pub(crate) vendor: Vendor,
    pub(crate) connector: std::sync::Arc<ConnectorDefinition>,
    protocols: Protocols,
}

/// The targets run side by side where they are replayed, so each has a vendor of its own.
static VENDOR: LazyLock<OdataVendor> = LazyLock::new(OdataVendor::new);

impl OdataVendor {
    /// A vendor, whose tables are asked for once.
    pub(crate) fn new() -> Self {
        let catalog = Catalog::built_in().expect("the definitions compile; a test holds it");
        let service = SERVICE.parse().expect("a service id");
        let connector = catalog.connector(&service).expect("it is built in").clone();
        assert_eq!(connector.protocol, Protocol::Odata);
        Self { vendor: Vendor::of(&catalog, TABLES), connector, protocols: Protocols::new() }
    }

    /// Carries out a request; `None`: the request itself is refused.
    pub(crate) fn execute(
        &self,
        resource: Resource,
        operation: Operation,
        query: &str,
    ) -> Option<Result<VendorOutcome, ConnectorError>> {
        let id = (operation == Operation::One).then_some(ID);
        let request = UnifiedRequest::new(
            CanonicalSchema::built_in(),
            RequestParts { resource, operation, parent: None, id, query, body: None },
        )
        .ok()?;
        let settings = std::sync::Arc::new(self.connector.setting_values(|_| None));
        let plan = self.connector.plan(resource, operation, &settings).ok()?;
        let session = self.vendor.session(&self.connector, &[("username", "ada"), ("password", "a secret")]);
        Some(self.vendor.run(self.protocols.get(Protocol::Odata).execute(&plan, &request, &session)))
    }
}

/// The records of an answer, or `None` where it is refused.
fn answered(resource: Resource, operation: Operation, status: u16, body: Vec<u8>) -> Option<(Value, Option<u64>)> {
    let vendor = &VENDOR;
    vendor.vendor.answers(Answer { status, retry_after: None, body });
    let query = if operation == Operation::All { format!("limit={LIMIT}") } else { String::new() };
    let outcome = vendor.execute(resource, operation, &query).expect("the request is right");
    match outcome {
        Ok(outcome) => Some(check(resource, outcome)),
        Err(ConnectorError::Internal(reason)) => panic!("{reason}"),
        Err(_) => None,
    }
}

fn check(resource: Resource, outcome: VendorOutcome) -> (Value, Option<u64>) {
    let schema = &CanonicalSchema::built_in().resource(resource).record;
    match outcome.data {
        OutcomeData::Page { records, count, next, previous, total } => {
            let read: Value = serde_json::from_slice(&records).expect("canonical JSON");
            let records = read.as_array().expect("a list");
            assert_eq!(records.len(), count);
            assert!(count <= LIMIT, "{count} records");
            for record in records {
                assert_eq!(check_output(record, schema), [], "{record}");
            }
            for position in [next, previous].into_iter().flatten() {
                let text = serde_json::to_string(&position).expect("a position is texts and numbers");
                assert_eq!(serde_json::from_str::<Position>(&text).expect("the same position"), position);
            }
            (read, total)
        }
        OutcomeData::Record(record) => {
            let record: Value = serde_json::from_slice(&record).expect("canonical JSON");
            assert_eq!(check_output(&record, schema), [], "{record}");
            let id = record["id"].as_str().expect("a record has an id");
            assert!(id.eq_ignore_ascii_case(ID), "`{id}` was not asked for");
            (record, None)
        }
        OutcomeData::Written(_) => panic!("nothing was written"),
    }
}

/// A list in the light form, in those of versions 2, 1 and 4, and with what may stand beside it, has the same records.
fn in_every_form(resource: Resource, text: &str) {
    let Ok(Value::Array(rows)) = serde_json::from_str::<Value>(text) else { return };
    if OF_ONE_FORM.iter().any(|word| text.contains(word)) {
        return;
    }
    let total = rows.len();
    let forms = [
        json!({ "odata.metadata": "m", "value": rows, "odata.count": total }),
        json!({ "d": { "results": rows, "__count": total.to_string() } }),
        json!({ "d": { "__metadata": { "uri": "u" }, "results": rows, "__count": total } }),
        json!({ "@odata.context": "c", "@odata.count": total, "value": rows }),
        json!({ "@context": "c", "@count": total, "value": rows }),
    ];
    let [light, others @ ..] = forms.map(|form| answered(resource, Operation::All, 200, form.to_string().into_bytes()));
    for other in others {
        assert_eq!(other, light);
    }
    let bare = answered(resource, Operation::All, 200, json!({ "d": rows }).to_string().into_bytes());
    assert_eq!(bare.map(|(records, _)| records), light.map(|(records, _)| records));
}
