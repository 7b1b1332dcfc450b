//! Plans run against a test's vendor, page by page, without the HTTP in front.

use std::sync::Arc;

use connector_catalog::{Catalog, ConnectorDefinition, CustomMapping, JsonPath};
use connectors::{ConnectorError, CustomField, OutcomeData, Protocols, VendorOutcome};
use serde_json::Value;
use unified_model::{Operation, Position, RequestParts, Resource, UnifiedRequest, Warning};
use vendor_client::{
    ConnectionKey, ConnectorOverrides, FixedCredentials, VendorClient, VendorClientOptions, VendorSession,
};

use crate::vendor::Vendor;

const HEAD: &str = "service_id: acme
name: Acme
protocol: rest
settings: { token: { label: Token, type: password } }
base_url: https://acme.example
auth: { bearer: { token: secret } }
limits: { requests: 100000, per: 1s, concurrency: 100 }
errors: [ { status: 404, as: not_found } ]
lookups: { fields: { request: GET /fields, records: all, key: id, cache: 1h, optional: true } }
resources:
";
const COMPANIES: &str = "fields:\n  id: { at: id, as: text, mode: read }\n  name: { at: [name, label] }\n";
const TITLED: &str = "fields:\n  id: { at: id, as: text, mode: read }\n  title: subject\n";
const TASKS: &str = "fields:\n  id: { at: id, as: text, mode: read }\n  title: { at: subject, as: text }\n  type: { at: type, as: text }\n";

/// A connector and a client to a vendor on loopback.
pub(crate) struct Gateway {
    definition: Arc<ConnectorDefinition>,
    client: VendorClient,
    protocols: Protocols,
}

/// One page.
pub(crate) struct Page {
    pub(crate) ids: Vec<String>,
    pub(crate) next: Option<Position>,
    pub(crate) previous: Option<Position>,
    pub(crate) total: Option<u64>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) raw: Vec<String>,
    pub(crate) names: Vec<String>,
}

impl Gateway {
    /// A connector with these resources, as they stand in a connector file.
    pub(crate) fn to(vendor: &Vendor, resources: &str) -> Self {
        let connector = format!("{HEAD}{resources}");
        let mut files = vec![("connectors/acme.yaml", connector.as_str())];
        let mappings = [
            ("companies", "mappings/acme/companies.yaml", COMPANIES),
            ("notes", "mappings/acme/notes.yaml", TITLED),
            ("tasks", "mappings/acme/tasks.yaml", TASKS),
            ("events", "mappings/acme/events.yaml", TITLED),
        ];
        files.extend(
            mappings.iter().filter(|(name, ..)| resources.contains(name)).map(|(_, file, text)| (*file, *text)),
        );
        let catalog = Catalog::from_sources(&files).unwrap_or_else(|error| panic!("{error}"));
        let definition = Arc::clone(catalog.connectors().next().unwrap());
        let base_url = Some(format!("http://{}", vendor.address));
        let overrides = ConnectorOverrides { base_url, ..ConnectorOverrides::default() };
        let overrides = [(definition.service_id.clone(), overrides)].into();
        let client = VendorClient::new(VendorClientOptions::default(), overrides).unwrap();
        Self { definition, client, protocols: Protocols::new() }
    }

    /// The same with fields of an application's own.
    pub(crate) fn with_custom(self, resource: Resource, places: &[(&str, &str)]) -> Self {
        let custom = places.iter().map(|(key, place)| CustomMapping {
            key: (*key).to_owned(),
            place: JsonPath::parse(place).unwrap_or_else(|reason| panic!("{place}: {reason}")),
        });
        let definition = self.definition.with_custom_mappings(&[(resource, custom.collect())].into());
        Self { definition: Arc::new(definition), ..self }
    }

    fn session(&self) -> VendorSession {
        self.client.session(
            Arc::clone(&self.definition),
            ConnectionKey("one".into()),
            Arc::new(FixedCredentials::default()),
        )
    }

    pub(crate) async fn execute(
        &self,
        resource: Resource,
        operation: Operation,
        id: Option<&str>,
        query: &str,
        position: Option<Position>,
    ) -> Result<VendorOutcome, ConnectorError> {
        let settings = Arc::new(self.definition.setting_values(|_| None));
        let plan = self.definition.plan(resource, operation, &settings).unwrap();
        let parts = RequestParts { resource, operation, parent: None, id, query, body: None };
        let mut request = UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts).unwrap();
        // What a cursor carries survives being sealed.
        request.position =
            position.map(|position| serde_json::from_str(&serde_json::to_string(&position).unwrap()).unwrap());
        self.protocols.get(self.definition.protocol).execute(&plan, &request, &self.session()).await
    }

    pub(crate) async fn page(&self, resource: Resource, query: &str, position: Option<Position>) -> Page {
        let outcome = self.execute(resource, Operation::All, None, query, position).await.unwrap();
        let OutcomeData::Page { records, count, next, previous, total } = outcome.data else { panic!("no page") };
        let records: Vec<Value> = serde_json::from_slice(&records).unwrap();
        assert_eq!(records.len(), count);
        let ids = records.iter().filter_map(|record| record["id"].as_str().map(str::to_owned)).collect();
        let names = records.iter().map(|record| record["name"].as_str().unwrap_or_default().to_owned()).collect();
        let raw = outcome.exchanges.into_iter().map(|exchange| exchange.step).collect();
        Page { ids, next, previous, total, warnings: outcome.warnings, raw, names }
    }

    /// The records of one page.
    pub(crate) async fn records(&self, resource: Resource, query: &str) -> Vec<Value> {
        let outcome = self.execute(resource, Operation::All, None, query, None).await.unwrap();
        let OutcomeData::Page { records, .. } = outcome.data else { panic!("no page") };
        serde_json::from_slice(&records).unwrap()
    }

    /// One record, and what was warned about.
    pub(crate) async fn record(&self, resource: Resource, id: &str) -> (Value, Vec<Warning>) {
        let outcome = self.execute(resource, Operation::One, Some(id), "", None).await.unwrap();
        let OutcomeData::Record(record) = outcome.data else { panic!("no record") };
        (serde_json::from_slice(&record).unwrap(), outcome.warnings)
    }

    /// The fields of the account's own, with their values in a record.
    pub(crate) async fn custom_fields(
        &self,
        resource: Resource,
        id: Option<&str>,
    ) -> Result<Vec<CustomField>, ConnectorError> {
        let settings = Arc::new(self.definition.setting_values(|_| None));
        let plan = self.definition.custom_fields_plan(resource, &settings).map_err(ConnectorError::NotOffered)?;
        let id = id.map(|id| id.parse().unwrap());
        self.protocols.get(self.definition.protocol).custom_fields(&plan, id.as_ref(), &self.session()).await
    }

    /// Every page of a list, the limits taken in turn.
    pub(crate) async fn pages(&self, resource: Resource, limits: &[u16]) -> Vec<Page> {
        let (mut pages, mut position) = (Vec::new(), None);
        for limit in limits.iter().cycle() {
            let page = self.page(resource, &format!("limit={limit}"), position.take()).await;
            assert!(page.ids.len() <= usize::from(*limit), "{} records for limit {limit}", page.ids.len());
            position.clone_from(&page.next);
            pages.push(page);
            if position.is_none() {
                break;
            }
            assert!(pages.len() < 1000, "the list never ends");
        }
        pages
    }
}

/// The ids of pages, in order.
pub(crate) fn ids(pages: &[Page]) -> Vec<String> {
    pages.iter().flat_map(|page| page.ids.clone()).collect()
}
