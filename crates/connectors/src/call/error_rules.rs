//! Which of the definition's error rules an answer meets. An answer of success is looked into only as far as the rules need.

use connector_catalog::{ConnectorDefinition, ErrorRule};
use serde_json::Value;
use unified_model::Operation;
use vendor_client::VendorReply;

use super::top_members;

/// The first rule that the answer meets.
pub(crate) fn first_met<'c>(
    connector: &'c ConnectorDefinition,
    operation: Operation,
    step: &str,
    reply: &VendorReply,
) -> Option<&'c ErrorRule> {
    let applying = || connector.errors.iter().filter(|rule| applies(rule, operation, step, reply.status));
    let seen = seen(applying(), &reply.body);
    applying().find(|rule| meets(rule, &seen, &reply.body))
}

fn applies(rule: &ErrorRule, operation: Operation, step: &str, status: u16) -> bool {
    rule.status.is_none_or(|expected| expected.contain(status))
        && (rule.on.is_empty() || rule.on.contains(&operation))
        && (rule.steps.is_empty() || rule.steps.iter().any(|name| name == step))
}

/// What of a body the rules can see.
enum Seen {
    /// The document, or only those members at its top that rules name.
    Json(Value),
    /// It is no JSON.
    Text,
    /// No rule looks into it, or nothing that one names is in it.
    Nothing,
}

fn seen<'r>(rules: impl Iterator<Item = &'r ErrorRule>, body: &[u8]) -> Seen {
    let (mut names, mut whole) = (Vec::new(), false);
    for rule in rules {
        whole |= rule.text;
        for path in rule.has.iter().chain(rule.member.iter().map(|(path, _)| path)) {
            match path.root() {
                Some(root) => names.push(root),
                None => whole = true,
            }
        }
    }
    if whole {
        return serde_json::from_slice(body).map_or(Seen::Text, Seen::Json);
    }
    top_members::find(body, &names).map_or(Seen::Nothing, |members| Seen::Json(Value::Object(members)))
}

fn meets(rule: &ErrorRule, seen: &Seen, body: &[u8]) -> bool {
    let json = match seen {
        Seen::Json(json) => Some(json),
        Seen::Text | Seen::Nothing => None,
    };
    let at = |path: &field_mapping::VendorPath| json.and_then(|json| path.find(json));
    let has = rule.has.as_ref().is_none_or(|path| at(path).is_some_and(says_something));
    let members = rule.member.iter().all(|(path, value)| at(path).is_some_and(|found| is_same(found, value)));
    let text = !rule.text || (matches!(seen, Seen::Text) && !body.is_empty());
    let contains = rule.contains.as_ref().is_none_or(|needle| memchr::memmem::find(body, needle.as_bytes()).is_some());
    has && members && text && contains
}

/// `error: null`, `error: false`, `error: 0`, `error: ""`, `errors: []` and `errors: {}` say that there is none.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// 1 and 1.0 are one number; everything else is the same only where its type is.
fn is_same(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Number(found), Value::Number(wanted)) => found == wanted || found.as_f64() == wanted.as_f64(),
        (found, wanted) => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_only_look_like_errors_say_nothing() {
        for harmless in [json!(null), json!(false), json!(0), json!(0.0), json!(""), json!("  "), json!([]), json!({})]
        {
            assert!(!says_something(&harmless), "{harmless}");
        }
        for error in [json!(true), json!(500), json!("locked"), json!(["a"]), json!({ "code": "" })] {
            assert!(says_something(&error), "{error}");
        }
    }

    #[test]
    fn a_member_is_compared_with_its_type() {
        assert!(is_same(&json!(false), &json!(false)));
        assert!(is_same(&json!(1.0), &json!(1)));
        for (found, wanted) in [(json!("false"), json!(false)), (json!(null), json!(false)), (json!(0), json!(false))] {
            assert!(!is_same(&found, &wanted), "{found}");
        }
    }
}
