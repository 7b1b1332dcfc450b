//! `POST filters/filter/dynamic-filter`: rules over one kind of contact, sent as JSON text inside a form.

use serde::Deserialize;
use serde_json::Value;

use crate::agile::deals::Deal;
use crate::agile::input;
use crate::agile::lists::cursor::SortOrder;
use crate::agile::lists::listing::Listing;
use crate::agile::records::{Contact, Kind, Origin};
use crate::agile::replies::{Refusal, Reply};
use crate::agile::store::Account;
use crate::exchange::VendorRequest;

const PAGE_SIZE: usize = 25;
const DAY_MILLISECONDS: i64 = 86_400_000;
/// What rules over deals call them.
const DEALS: &str = "OPPORTUNITY";

/// Answers the records that meet every one of `rules` and, where there are any, at least one of `or_rules`.
pub(in crate::agile) fn dynamic(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let form = input::form(request)?;
    let text = form.get("filterJson").ok_or_else(|| Refusal::exception("java.lang.NullPointerException"))?;
    let filter: FilterJson = serde_json::from_str(text)
        .map_err(|error| Refusal::exception(&format!("org.codehaus.jackson.JsonParseException: {error}")))?;
    let rules = compile(&filter.rules)?;
    let or_rules = compile(&filter.or_rules)?;
    let order = form.get("global_sort_key").filter(|key| !key.is_empty()).unwrap_or("-created_time");
    let listing = Listing::read(form.get("page_size"), form.get("cursor"), SortOrder::by(order))?;
    let listing = listing.or_pages_of(PAGE_SIZE).counted();
    let now = account.clock.now().saturating_mul(1000);
    let meets = |values: &dyn Fn(&str) -> Vec<String>| {
        rules.iter().all(|rule| rule.holds(&values(&rule.field), now))
            && (or_rules.is_empty() || or_rules.iter().any(|rule| rule.holds(&values(&rule.field), now)))
    };
    let contact_type = filter.contact_type.as_deref().unwrap_or("PERSON");
    if contact_type == DEALS {
        let found = account.deals.values().filter(|deal| meets(&|field| of_deal(deal, field))).collect();
        return Ok(Reply::many_or_nothing("opportunity", listing.show(account, found)));
    }
    let Some(kind) = Kind::named(contact_type) else { return Ok(Reply::Nothing) };
    let meets = |contact: &&Contact| meets(&|field| values(account, contact, field));
    let found = account.of_kind(kind).into_iter().filter(meets).collect();
    Ok(Reply::many_or_nothing("contact", listing.show(account, found)))
}

#[derive(Deserialize)]
struct FilterJson {
    #[serde(default)]
    rules: Vec<RuleJson>,
    #[serde(default)]
    or_rules: Vec<RuleJson>,
    contact_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct RuleJson {
    lhs: String,
    condition: String,
    #[serde(default)]
    rhs: Value,
    #[serde(default)]
    rhs_new: Value,
}

/// A rule that is ready to be asked.
struct Rule {
    field: String,
    test: Test,
}

/// Conditions by what they compare. Dates are in milliseconds.
enum Test {
    Equals(String),
    Differs(String),
    Contains(String),
    Lacks(String),
    StartsWith(String),
    EndsWith(String),
    IsEmpty,
    IsKnown,
    Above(i64),
    Below(i64),
    Within(i64, i64),
    /// Days before the present.
    Last(i64),
    /// Days after the present.
    Next(i64),
}

fn compile(rules: &[RuleJson]) -> Result<Vec<Rule>, Refusal> {
    rules.iter().map(|rule| Ok(Rule { field: rule.lhs.clone(), test: test(rule)? })).collect()
}

fn test(rule: &RuleJson) -> Result<Test, Refusal> {
    let text = || match &rule.rhs {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Ok(match rule.condition.as_str() {
        "ON" => on_day(number(&rule.rhs)?),
        "EQUALS" if is_date(&rule.lhs) => on_day(number(&rule.rhs)?),
        "EQUALS" | "IS" => Test::Equals(text()),
        "NOTEQUALS" | "IS_NOT" => Test::Differs(text()),
        "CONTAINS" | "MATCHES" => Test::Contains(text()),
        "NOT_CONTAINS" => Test::Lacks(text()),
        "STARTS_WITH" => Test::StartsWith(text()),
        "ENDS_WITH" => Test::EndsWith(text()),
        "IS_EMPTY" | "UNKNOWN" | "NOT_DEFINED" => Test::IsEmpty,
        "IS_NOT_EMPTY" | "KNOWN" | "DEFINED" => Test::IsKnown,
        "AFTER" | "IS_GREATER_THAN" => Test::Above(number(&rule.rhs)?),
        "BEFORE" | "IS_LESS_THAN" => Test::Below(number(&rule.rhs)?),
        "BETWEEN" | "BETWEEN_NUMBER" => Test::Within(number(&rule.rhs)?, number(&rule.rhs_new)?),
        "LAST" => Test::Last(number(&rule.rhs)?),
        "NEXT" => Test::Next(number(&rule.rhs)?),
        unknown => {
            let text = format!("java.lang.IllegalArgumentException: No enum const class CONDITION.{unknown}");
            return Err(Refusal::exception(&text));
        }
    })
}

fn number(value: &Value) -> Result<i64, Refusal> {
    match value {
        // Clients send instants with a fraction, as their clocks give them.
        Value::Number(number) => whole(number).ok_or_else(|| Refusal::not_a_number(&number.to_string())),
        Value::String(text) => text.parse().map_err(|_| Refusal::not_a_number(text)),
        other => Err(Refusal::not_a_number(&other.to_string())),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the fraction is what is cut off, and what is out of range saturates"
)]
fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))
}

/// The whole day, in UTC.
fn on_day(milliseconds: i64) -> Test {
    let start = milliseconds.saturating_sub(milliseconds.rem_euclid(DAY_MILLISECONDS));
    Test::Within(start, start.saturating_add(DAY_MILLISECONDS - 1))
}

fn is_date(field: &str) -> bool {
    matches!(field, "created_time" | "updated_time" | "last_contacted" | "last_emailed" | "last_called")
}

impl Rule {
    /// A field with several values meets a rule when one of them does; the negative ones must hold for all.
    fn holds(&self, values: &[String], now: i64) -> bool {
        let any = |check: &dyn Fn(&str) -> bool| values.iter().any(|value| check(value));
        let any_number = |check: &dyn Fn(i64) -> bool| any(&|value| value.parse().is_ok_and(check));
        match &self.test {
            Test::Equals(text) => any(&|value| value == text),
            Test::Differs(text) => !any(&|value| value == text),
            Test::Contains(text) => any(&|value| value.contains(text.as_str())),
            Test::Lacks(text) => !any(&|value| value.contains(text.as_str())),
            Test::StartsWith(text) => any(&|value| value.starts_with(text.as_str())),
            Test::EndsWith(text) => any(&|value| value.ends_with(text.as_str())),
            Test::IsEmpty => !any(&|value| !value.is_empty()),
            Test::IsKnown => any(&|value| !value.is_empty()),
            Test::Above(limit) => any_number(&|number| number > *limit),
            Test::Below(limit) => any_number(&|number| number < *limit),
            Test::Within(from, to) => any_number(&|number| (*from..=*to).contains(&number)),
            Test::Last(days) => any_number(&|number| (now.saturating_sub(span(*days))..=now).contains(&number)),
            Test::Next(days) => any_number(&|number| (now..=now.saturating_add(span(*days))).contains(&number)),
        }
    }
}

fn span(days: i64) -> i64 {
    days.saturating_mul(DAY_MILLISECONDS)
}

/// What a rule over deals stands for, as text.
fn of_deal(deal: &Deal, field: &str) -> Vec<String> {
    let milliseconds = |seconds: i64| vec![seconds.saturating_mul(1000).to_string()];
    match field {
        "created_time" => milliseconds(deal.created),
        "updated_time" => milliseconds(deal.updated),
        "close_date" => deal.close_date.map(milliseconds).unwrap_or_default(),
        "name" => vec![deal.name.clone()],
        "owner_id" => vec![deal.owner_id.to_string()],
        "pipeline_id" => vec![deal.pipeline_id.to_string()],
        "milestone" => vec![deal.milestone.clone()],
        "probability" => vec![deal.probability.to_string()],
        "archived" => vec![deal.archived.to_string()],
        "tags" => deal.tags.iter().map(|tag| tag.name.clone()).collect(),
        label => deal.custom_data.iter().filter(|(name, _)| name == label).map(|(_, value)| value.clone()).collect(),
    }
}

/// Everything that a rule's left side stands for, as text.
fn values(account: &Account, contact: &Contact, field: &str) -> Vec<String> {
    let milliseconds = |seconds: i64| vec![seconds.saturating_mul(1000).to_string()];
    match field {
        "created_time" => milliseconds(contact.created),
        "updated_time" => milliseconds(contact.updated),
        "last_contacted" => milliseconds(contact.last_contacted),
        "last_emailed" => milliseconds(contact.last_emailed),
        "last_called" => milliseconds(contact.last_called),
        "lead_score" => vec![contact.lead_score.to_string()],
        "star_value" => vec![contact.star_value.to_string()],
        "owner_id" => vec![contact.owner_id.to_string()],
        "contact_company_id" => contact.company_id.iter().map(i64::to_string).collect(),
        "tags" => contact.tags.iter().map(|tag| tag.name.clone()).collect(),
        "name" => vec![contact.display_name()],
        "company" => vec![account.company_name(contact).to_owned()],
        "first_name" | "last_name" | "email" | "phone" | "title" | "website" | "url" => {
            contact.systems(field).map(str::to_owned).collect()
        }
        label => {
            let custom = contact.properties.iter().filter(|property| property.origin == Origin::Custom);
            custom.filter(|property| property.name == label).map(|property| property.value.clone()).collect()
        }
    }
}
