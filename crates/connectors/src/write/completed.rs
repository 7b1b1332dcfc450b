//! Members that tell of another record in several words: when the id in one changes, the other words are those of the new record.

use connector_catalog::Completion;
use serde_json::{Map, Value};
use unified_model::answer::WarningKind;
use unified_model::{UnifiedRequest, Warning};

use super::change::Change;
use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;
use crate::lookup;

/// Completes every member whose id changes.
pub(super) async fn complete(context: CallContext<'_>, change: &mut Change) -> Result<(), ConnectorError> {
    for completion in &context.resource().completes {
        let Some(id) = new_id(completion, change) else { continue };
        let row = lookup::row(context, &completion.lookup, &id).await?;
        let member = &completion.member;
        let words = words(completion, change, row.as_ref());
        let passed = |name: &&str| passes(context.request, member, name);
        let missing: Vec<&str> = missing(completion, &words).filter(|name| !passed(name)).collect();
        if !missing.is_empty() {
            let message = format!("the vendor wants {} beside the id, which nothing here tells", missing.join(" and "));
            let field = context.resource().mapping.fields_written_to(member).first().copied().unwrap_or(member);
            change.warnings.push(Warning::about_field(WarningKind::ValueChanged, field, message));
        }
        for place in [&mut change.record, &mut change.part] {
            place[member.as_str()] = Value::Object(words.clone());
        }
    }
    Ok(())
}

/// The id in the member, where it is another one than before.
fn new_id(completion: &Completion, change: &Change) -> Option<String> {
    let id =
        |record: &Value| record.get(&completion.member)?.get(&completion.by).filter(|id| !id.is_null()).map(as_text);
    id(&change.part).filter(|new| id(&change.before).as_ref() != Some(new))
}

/// The member as it is to be sent: what was sent of it, and else what the row says. What the former record was called is not sent on.
fn words(completion: &Completion, change: &Change, row: Option<&Value>) -> Map<String, Value> {
    let of = |record: &Value| record.get(&completion.member).and_then(Value::as_object).cloned().unwrap_or_default();
    let (mut words, before) = (of(&change.part), of(&change.before));
    for name in &completion.take {
        let is_sent = words.get(name).is_some_and(|own| !own.is_null() && before.get(name) != Some(own));
        if is_sent {
            continue;
        }
        match row.and_then(|row| row.get(name)).filter(|own| !own.is_null()) {
            Some(own) => words.insert(name.clone(), own.clone()),
            None => words.remove(name),
        };
    }
    words
}

/// Whether the caller passes the word through.
fn passes(request: &UnifiedRequest, member: &str, name: &str) -> bool {
    let objects = request.pass_through.iter().filter_map(|body| body.extend_object.as_ref());
    objects.filter_map(|object| object.get(member)).any(|own| own.get(name).is_some_and(|word| !word.is_null()))
}

fn missing<'c>(completion: &'c Completion, words: &'c Map<String, Value>) -> impl Iterator<Item = &'c str> {
    completion.take.iter().filter(|name| !words.contains_key(*name)).map(String::as_str)
}
