//! A value that must be one of those that a row of a vendor's table lists, such as a stage of a pipeline. What differs in
//! capitals is written as the vendor has it; what is none of them is refused before anything is sent.

use connector_catalog::OneOf;
use field_mapping::LookupTable;
use serde_json::Value;
use unified_model::Warning;
use unified_model::answer::WarningKind;

use super::change::Change;
use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;
use crate::lookup;

/// Holds every such value of the record to the vendor's values.
pub(super) async fn settle(context: CallContext<'_>, change: &mut Change) -> Result<(), ConnectorError> {
    for listed in &context.resource().one_of {
        if is_at_stake(listed, change) {
            settle_one(context, listed, change).await?;
        }
    }
    Ok(())
}

/// Whether the write says something about the value, or about the row that lists it.
fn is_at_stake(listed: &OneOf, change: &Change) -> bool {
    let row_is_known = change.is_new || !change.before.as_object().is_none_or(serde_json::Map::is_empty);
    let names = |member: &str| change.changed_members().any(|own| own == member);
    let row_changes = listed.by.root().is_some_and(names);
    let lacks_value = change.is_new && listed.new_is_first;
    row_changes || lacks_value || (names(&listed.member) && row_is_known)
}

async fn settle_one(context: CallContext<'_>, listed: &OneOf, change: &mut Change) -> Result<(), ConnectorError> {
    let (kept, _) = lookup::table(context, &listed.lookup).await?;
    let Some(values) = values(listed, &kept, &change.record) else { return Ok(()) };
    let sent = text_at(&change.record, &listed.member);
    let Some(sent) = sent else {
        if let Some(first) = values.first().filter(|_| change.is_new && listed.new_is_first) {
            change.put(&listed.member, Value::String(first.clone()));
        }
        return Ok(());
    };
    if values.contains(&sent) {
        return Ok(());
    }
    if let Some(own) = only_alike(&values, &sent) {
        take(context, listed, change, own.clone());
        return Ok(());
    }
    // Values are added: what a kept row lacks may be in a fresh one.
    let fresh = lookup::fresh(context, &listed.lookup).await?;
    let values = self::values(listed, &fresh, &change.record).unwrap_or(values);
    if values.contains(&sent) {
        return Ok(());
    }
    let Some(own) = only_alike(&values, &sent) else {
        return Err(refused(context, listed, &sent, &values));
    };
    take(context, listed, change, own.clone());
    Ok(())
}

/// The values of the record's row; `None` where there is no such row, or it lists nothing.
fn values(listed: &OneOf, table: &LookupTable, record: &Value) -> Option<Vec<String>> {
    let key = listed.by.find(record).map(as_text).filter(|key| !matches!(key.as_str(), "" | "0" | "null"));
    let is_meant = |row: &&Value| {
        listed.without.iter().all(|(at, value)| at.find(row).is_some_and(|own| as_text(own) == as_text(value)))
    };
    let row = match key {
        Some(key) => table.row(&key),
        None => table.rows().iter().find(is_meant),
    };
    let found = listed.of.find(row?)?;
    let texts: Vec<String> = match (found, &listed.split) {
        (Value::String(text), Some(split)) => text.split(split.as_str()).map(str::to_owned).collect(),
        (Value::Array(texts), _) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return None,
    };
    let texts: Vec<String> =
        texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    (!texts.is_empty()).then_some(texts)
}

fn text_at(record: &Value, member: &str) -> Option<String> {
    record.get(member).filter(|own| !own.is_null()).map(as_text).filter(|text| !text.is_empty())
}

/// The one value that differs in capitals and blanks alone.
fn only_alike<'v>(values: &'v [String], sent: &str) -> Option<&'v String> {
    let mut alike = values.iter().filter(|own| own.to_lowercase() == sent.trim().to_lowercase());
    match (alike.next(), alike.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// The vendor's own form of a value, of which the caller is told.
fn take(context: CallContext<'_>, listed: &OneOf, change: &mut Change, own: String) {
    let message = format!("{} calls it `{own}`", context.connector().name);
    change.warnings.push(Warning::about_field(WarningKind::ValueChanged, field(context, listed), message));
    change.put(&listed.member, Value::String(own));
}

fn refused(context: CallContext<'_>, listed: &OneOf, sent: &str, values: &[String]) -> ConnectorError {
    let shown: String = sent.chars().take(60).collect();
    let (vendor, allowed) = (&context.connector().name, values.join(", "));
    let message = format!("{vendor} has no `{shown}` there; allowed are {allowed}; nothing was written");
    ConnectorError::BadRequest { at: field(context, listed), message }
}

/// The field that the caller sent: the field's own, else another one that is written to the same member.
fn field(context: CallContext<'_>, listed: &OneOf) -> String {
    let is_sent = |name: &&str| context.request.body.get(*name).is_some_and(|own| !own.is_null());
    let fields = context.resource().mapping.fields_written_to(&listed.member);
    let own = std::iter::once(listed.field.as_str()).chain(fields).find(is_sent);
    own.unwrap_or(&listed.field).to_owned()
}
