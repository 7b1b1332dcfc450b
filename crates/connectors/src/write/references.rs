//! References: the ids of other records that a write carries. One that no record can have, or that the vendor is known not to
//! have, is refused before anything is sent. One that the vendor drops is told from its answer.

use connector_catalog::{ErrorMeaning, Pattern, Plan, ReferenceCheck, Step};
use field_mapping::Context;
use serde_json::{Map, Value};
use unified_model::answer::WarningKind;
use unified_model::{Operation, Resource, UnifiedRequest, Warning};
use vendor_client::{VendorBody, VendorReply, VendorRequest};

use super::change::Change;
use super::place::Places;
use crate::call::context::CallContext;
use crate::call::exchange;
use crate::call::ids::as_text;
use crate::call::outcome::{ConnectorError, Failure};
use crate::call::surroundings::Surroundings;
use crate::lookup;
use crate::request::filters;

/// An id that the caller sent, and the canonical field that it stands in.
#[derive(Debug, Clone, Copy)]
struct Sent<'r> {
    field: &'r str,
    id: &'r str,
}

/// Refuses what refers to nothing. What the record holds already may be sent back, whatever it is.
pub(super) async fn check(
    context: CallContext<'_>,
    change: &Change,
    surroundings: &Surroundings,
) -> Result<(), ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let warned = |field: &str| change.warnings.iter().any(|warning| warning.field.as_deref() == Some(field));
    let sent: Vec<Sent<'_>> = all(plan, request).filter(|sent| !warned(sent.field)).collect();
    let held = if sent.is_empty() { Map::new() } else { held(plan, change, surroundings.context()) };
    let news = || sent.iter().copied().filter(|sent| !holds(&held, *sent));
    // What costs nothing comes first.
    for sent in news() {
        if pattern(plan, sent.field).is_some_and(|pattern| !pattern.regex.is_match(sent.id)) {
            return Err(refused(plan, sent, "is not an id of"));
        }
    }
    for sent in news() {
        if !exists(context, sent).await? {
            return Err(refused(plan, sent, "is the id of no record of"));
        }
    }
    Ok(())
}

/// A warning for each id that went with a step and that the vendor's answer, where it is the record, does not show.
pub(super) fn dropped(places: Places<'_>, step: &Step, reply: &VendorReply, told: &[Warning]) -> Vec<Warning> {
    let CallContext { plan, request, .. } = places.context;
    let resource = plan.resource();
    let mapping = &resource.mapping;
    let carried = |field: &str| mapping.written_at(field).into_iter().any(|member| step.carries(member));
    // A value that was written in another form is known to be shown so.
    let is_told = |field: &str| told.iter().any(|warning| warning.field.as_deref() == Some(field));
    let mut sent = all(plan, request).filter(|sent| carried(sent.field) && !is_told(sent.field)).peekable();
    if sent.peek().is_none() {
        return Vec::new();
    }
    let Some(record) = answered_record(plan, places.change, reply) else { return Vec::new() };
    let shown = mapping.shown(&record, Context::default());
    let is_one = |value: &Value, id: &str| as_text(value).eq_ignore_ascii_case(id);
    // Several fields may be one list to the vendor, which shows an id in one of them.
    let beside = |field: &str, id: &str| {
        let places = mapping.written_at(field);
        shown.iter().any(|(name, value)| {
            let same_place = name == field || mapping.written_at(name).iter().any(|member| places.contains(member));
            same_place
                && value.as_array().map_or_else(|| is_one(value, id), |own| own.iter().any(|own| is_one(own, id)))
        })
    };
    let is_shown = |field: &str| resource.answers_record || shown.get(field).is_some_and(|value| !value.is_null());
    sent.filter(|sent| is_shown(sent.field) && !beside(sent.field, sent.id))
        .map(|sent| {
            let message = format!(
                "{} did not keep `{}`; its answer shows another value, or none",
                plan.connector().name,
                sent.id
            );
            Warning::about_field(WarningKind::ValueChanged, sent.field, message)
        })
        .collect()
}

/// Every id that the caller sent in a field that the mapping writes.
fn all<'r>(plan: &'r Plan, request: &'r UnifiedRequest) -> impl Iterator<Item = Sent<'r>> {
    let resource = plan.resource();
    let properties = &plan.schema().record.properties;
    let references = properties.iter().filter(|property| property.name != "id" && property.holds_ids());
    references.filter(|property| !resource.mapping.written_at(&property.name).is_empty()).flat_map(|property| {
        let field = property.name.as_str();
        let several = request.body.get(field).map_or(&[] as &[Value], |value| match value {
            Value::Array(ids) => ids.as_slice(),
            one => std::slice::from_ref(one),
        });
        several.iter().filter_map(Value::as_str).map(move |id| Sent { field, id })
    })
}

/// What an id of the records that a field refers to looks like, where the definition says so.
fn pattern<'p>(plan: &'p Plan, field: &str) -> Option<&'p Pattern> {
    let connector = plan.connector();
    let variants = connector.resources.get(&Resource::referred_to(field)?);
    let variant = variants.and_then(|variants| variants.iter().find(|variant| variant.when.holds(plan.settings())));
    match variant.map(|variant| variant.parts.as_slice()) {
        None => connector.ids.as_ref(),
        Some([entity]) => entity.ids.as_ref(),
        // An id of a sequence begins with the prefix of its entity.
        Some(_) => None,
    }
}

/// Whether the vendor has the record, as far as the definition lets us know before the write.
async fn exists(context: CallContext<'_>, sent: Sent<'_>) -> Result<bool, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let reference = plan.resource().references.iter().find(|reference| reference.field == sent.field);
    match reference.map(|reference| &reference.check) {
        None => Ok(true),
        Some(ReferenceCheck::Lookup(table)) => lookup::has(context, table, sent.id).await,
        Some(ReferenceCheck::Request(template)) => {
            let Ok(id) = sent.id.parse() else { return Ok(false) };
            let of_record = UnifiedRequest { id: Some(id), ..request.clone() };
            let step = format!("check-{}", sent.field.replace('_', "-"));
            let path = filters::path(&template.path, plan, &of_record)
                .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in {step}")))?;
            let query = filters::parameters(&template.query, plan, &of_record);
            let method = template.method.clone();
            let call = VendorRequest {
                step: step.clone(),
                method,
                path,
                query,
                body: VendorBody::None,
                if_match: None,
                safe: true,
            };
            match exchange::call(context, Operation::One, call).await {
                Ok(_) => Ok(true),
                Err(Failure::Answered(answer)) if answer.meaning == Some(ErrorMeaning::NotFound) => Ok(false),
                Err(failure) => Err(ConnectorError::reading(&step, failure)),
            }
        }
    }
}

/// The record as it is, where it is known.
fn held(plan: &Plan, change: &Change, context: Context<'_>) -> Map<String, Value> {
    match &change.before {
        Value::Object(before) if !before.is_empty() => plan.resource().mapping.shown(before, context),
        _ => Map::new(),
    }
}

/// Whether the record refers to it already.
fn holds(held: &Map<String, Value>, sent: Sent<'_>) -> bool {
    match held.get(sent.field) {
        Some(Value::Array(ids)) => ids.iter().any(|id| as_text(id).eq_ignore_ascii_case(sent.id)),
        Some(id) => as_text(id).eq_ignore_ascii_case(sent.id),
        None => false,
    }
}

fn refused(plan: &Plan, sent: Sent<'_>, why: &str) -> ConnectorError {
    let id: String = sent.id.chars().take(60).collect();
    let message = format!("`{id}` {why} {}; nothing was written", plan.connector().name);
    ConnectorError::BadRequest { at: sent.field.to_owned(), message }
}

/// The record in an answer: where a single one is read from, else the whole. It must be the one that was written and, where the
/// definition does not say that answers are records, show more of it than the id.
fn answered_record(plan: &Plan, change: &Change, reply: &VendorReply) -> Option<Map<String, Value>> {
    let resource = plan.resource();
    let document: Value = serde_json::from_slice(&reply.body).ok()?;
    let at = resource.one.as_ref().filter(|one| one.pick.is_none()).and_then(|one| one.record.find(&document));
    let record = at.unwrap_or(&document);
    let id_at = resource.mapping.id_at()?;
    let is_it = as_text(id_at.find(record)?).eq_ignore_ascii_case(change.id.as_ref()?.as_str());
    let shows_more = || {
        let mut changed = change.changed_members();
        changed.any(|member| id_at.root() != Some(member) && record.get(member).is_some())
    };
    if is_it && (resource.answers_record || shows_more()) { record.as_object().cloned() } else { None }
}
