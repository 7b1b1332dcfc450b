//! Data that a vendor keeps beside the records of a list: a call for each record that will be answered, several at once.

use bytes::Bytes;
use connector_catalog::{ErrorMeaning, Load, LoadAll, Plan};
use field_mapping::VendorPath;
use futures_util::future::join_all;
use serde_json::Value;
use unified_model::{CanonicalSchema, FieldSelection, RecordId, UnifiedRequest};
use vendor_client::VendorSession;

use crate::exchange::Exchange;
use crate::load;
use crate::lookup::as_text;
use crate::outcome::{ConnectorError, Failure};

/// How many calls are made at once; the connection's own limit holds besides.
const AT_ONCE: usize = 10;

/// What a list loads for each of its records.
pub(crate) struct Loading<'p> {
    loads: Vec<&'p Load>,
    id_at: Option<&'p VendorPath>,
    /// The fields that are answered, where not all of them are.
    shown: Option<FieldSelection>,
}

/// Which records of an answer are wanted: as in `Reading`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) skip: usize,
    pub(crate) take: usize,
}

impl<'p> Loading<'p> {
    /// What is loaded in any case, and what `fields` asks for.
    pub(crate) fn of(plan: &'p Plan, request: &UnifiedRequest) -> Self {
        let mapping = &plan.resource().mapping;
        let is_asked_for = |load: &Load| {
            let fields = mapping.fields_of(&load.member);
            let names = request.fields.iter().flat_map(|selection| &selection.paths);
            names.map(|path| path.split('.').next().unwrap_or(path)).any(|name| fields.contains(&name))
        };
        let is_loaded = |load: &&Load| match load.all {
            LoadAll::Never => false,
            LoadAll::OptIn => is_asked_for(load),
            LoadAll::Always => true,
        };
        let (loads, others): (Vec<&Load>, Vec<&Load>) = plan.resource().loads.iter().partition(is_loaded);
        let unknown: Vec<&str> = others.iter().flat_map(|load| mapping.fields_of(&load.member)).collect();
        Self { loads, id_at: mapping.id_at(), shown: shown(plan, request, &unknown) }
    }

    /// The fields that are answered; `None`: all. What was not loaded is left out: a null would say that there is nothing,
    /// and whoever wrote the record back would clear it.
    pub(crate) fn shown(&self) -> Option<&FieldSelection> {
        self.shown.as_ref()
    }

    /// An answer with what belongs to its wanted records in them, and the vendor's answers to that.
    pub(crate) async fn complete(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        (answer, records): (Bytes, &VendorPath),
        wanted: Wanted,
    ) -> Result<(Bytes, Vec<Exchange>), ConnectorError> {
        let (Some(id_at), false) = (self.id_at, self.loads.is_empty()) else { return Ok((answer, Vec::new())) };
        // What is no JSON is told apart where the answer is mapped.
        let Ok(mut document) = serde_json::from_slice::<Value>(&answer) else { return Ok((answer, Vec::new())) };
        let found = records.find_mut(&mut document).and_then(Value::as_array_mut);
        let Some(found) = found else { return Ok((answer, Vec::new())) };
        let kind = plan.resource().kind.as_ref();
        let of_kind = |record: &&mut Value| kind.is_none_or(|kind| kind.admits(record));
        let mut chosen: Vec<(RecordId, &mut Value)> = found
            .iter_mut()
            .skip(wanted.skip)
            .filter(of_kind)
            .take(wanted.take)
            .filter_map(|record| Some((as_text(id_at.find(record)?).parse().ok()?, record)))
            .collect();
        let mut exchanges = Vec::new();
        for several in chosen.chunks_mut(AT_ONCE) {
            let calls = several
                .iter()
                .flat_map(|(id, _)| self.loads.iter().map(move |load| load::fetch(plan, load, request, id, vendor)));
            let mut answers = join_all(calls).await.into_iter();
            for (_, record) in several {
                for answer in answers.by_ref().take(self.loads.len()) {
                    let Some((member, value, exchange)) = or_nothing(answer)? else { continue };
                    exchanges.push(exchange);
                    if let Value::Object(members) = record {
                        members.insert(member, value);
                    }
                }
            }
        }
        Ok((document.to_string().into(), exchanges))
    }
}

fn shown(plan: &Plan, request: &UnifiedRequest, unknown: &[&str]) -> Option<FieldSelection> {
    if unknown.is_empty() {
        return request.fields.clone();
    }
    let every = || {
        let schema = CanonicalSchema::built_in().resource(plan.resource().resource);
        schema.record.properties.iter().map(|property| property.name.clone()).collect()
    };
    let mut paths = request.fields.as_ref().map_or_else(every, |selection| selection.paths.clone());
    paths.retain(|path| !unknown.contains(&path.split('.').next().unwrap_or(path)));
    Some(FieldSelection { paths })
}

type Part = (String, Value, Exchange);

/// What belonged to a record that went away meanwhile is nothing.
fn or_nothing(answer: Result<Part, ConnectorError>) -> Result<Option<Part>, ConnectorError> {
    match answer {
        Ok(part) => Ok(Some(part)),
        Err(ConnectorError::Call { failure, .. }) if matches!(&*failure, Failure::Answered(answer) if answer.meaning == Some(ErrorMeaning::NotFound)) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
