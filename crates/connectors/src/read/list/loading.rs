//! Data that a vendor keeps beside the records of a list: a call for each record that will be answered, several at once.

use bytes::Bytes;
use connector_catalog::{ErrorMeaning, Load, LoadAll, Plan};
use field_mapping::VendorPath;
use futures_util::future::join_all;
use serde_json::Value;
use unified_model::{FieldSelection, RecordId, UnifiedRequest};

use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::{ConnectorError, Exchange, Failure};
use crate::read::load;

/// How many calls are made at once; the connection's own limit holds besides.
const AT_ONCE: usize = 10;

/// The field that holds what an application defines itself.
const CUSTOM: &str = "custom_mappings";

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
            let paths = request.fields.iter().flat_map(|selection| &selection.paths);
            paths.map(|path| beginning(path)).any(|(name, inner)| {
                let is_custom = |key: &str| name == CUSTOM && (inner.is_empty() || inner == key);
                fields.contains(&name) || mapping.custom_of(&load.member).any(is_custom)
            })
        };
        let is_loaded = |load: &&Load| match load.all {
            LoadAll::Never => false,
            LoadAll::OptIn => is_asked_for(load),
            LoadAll::Always => true,
        };
        let (loads, others): (Vec<&Load>, Vec<&Load>) = plan.resource().loads.iter().partition(is_loaded);
        let unknown = Unknown {
            fields: others.iter().flat_map(|load| mapping.fields_of(&load.member)).collect(),
            custom: others.iter().flat_map(|load| mapping.custom_of(&load.member)).collect(),
        };
        Self { loads, id_at: mapping.id_at(), shown: unknown.left_out(plan, request) }
    }

    /// The fields that are answered; `None`: all. What was not loaded is left out: a null would say that there is nothing,
    /// and whoever wrote the record back would clear it.
    pub(crate) fn shown(&self) -> Option<&FieldSelection> {
        self.shown.as_ref()
    }

    /// An answer with what belongs to its wanted records in them, and the vendor's answers to that.
    pub(crate) async fn complete(
        &self,
        context: CallContext<'_>,
        (answer, records): (Bytes, &VendorPath),
        wanted: Wanted,
    ) -> Result<(Bytes, Vec<Exchange>), ConnectorError> {
        let (Some(id_at), false) = (self.id_at, self.loads.is_empty()) else { return Ok((answer, Vec::new())) };
        // What is no JSON is told apart where the answer is mapped.
        let Ok(mut document) = serde_json::from_slice::<Value>(&answer) else { return Ok((answer, Vec::new())) };
        let found = records.elements_mut(&mut document);
        let kind = context.resource().kind.as_ref();
        let of_kind = |record: &&mut Value| kind.is_none_or(|kind| kind.admits(record));
        let mut chosen: Vec<(RecordId, &mut Value)> = found
            .into_iter()
            .skip(wanted.skip)
            .flatten()
            .filter(of_kind)
            .take(wanted.take)
            .filter_map(|record| Some((as_text(id_at.find(record)?).parse().ok()?, record)))
            .collect();
        let mut exchanges = Vec::new();
        for several in chosen.chunks_mut(AT_ONCE) {
            let calls =
                several.iter().flat_map(|(id, _)| self.loads.iter().map(move |load| load::fetch(context, load, id)));
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

/// The first two names of a path of `fields`.
fn beginning(path: &str) -> (&str, &str) {
    let mut names = path.splitn(3, '.');
    (names.next().unwrap_or_default(), names.next().unwrap_or_default())
}

/// What stands in data that was not loaded.
struct Unknown<'m> {
    fields: Vec<&'m str>,
    /// Keys of custom mappings.
    custom: Vec<&'m str>,
}

impl Unknown<'_> {
    /// The fields that are asked for, without these.
    fn left_out(&self, plan: &Plan, request: &UnifiedRequest) -> Option<FieldSelection> {
        if self.fields.is_empty() && self.custom.is_empty() {
            return request.fields.clone();
        }
        let resource = plan.resource();
        let every = || plan.schema().record.properties.iter().map(|property| property.name.clone()).collect();
        let mut paths: Vec<String> = request.fields.as_ref().map_or_else(every, |selection| selection.paths.clone());
        if !self.custom.is_empty() && paths.iter().any(|path| path == CUSTOM) {
            paths.retain(|path| path != CUSTOM);
            paths.extend(resource.mapping.custom().map(|key| format!("{CUSTOM}.{key}")));
        }
        paths.retain(|path| {
            let (name, inner) = beginning(path);
            !(self.fields.contains(&name) || (name == CUSTOM && self.custom.contains(&inner)))
        });
        Some(FieldSelection { paths })
    }
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
