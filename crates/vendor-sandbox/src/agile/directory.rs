//! What surrounds the records: users, categories, and the definitions of custom fields.

use serde_json::json;

use super::records::User;
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::exchange::VendorRequest;

/// `GET users`: everybody, unpaged.
pub(super) fn users(account: &Account) -> Reply {
    Reply::Many("domainUser", account.users.iter().map(User::full).collect())
}

/// `GET users/current-user`: whose key is in use.
pub(super) fn current_user(account: &Account) -> Reply {
    account.users.first().map_or(Reply::Nothing, |user| Reply::One("domainUser", user.full()))
}

/// `GET categories?entity_type=`: what `lead_source_id` and its like point to. Seen in the vendor's own pages only.
pub(super) fn categories(request: &VendorRequest) -> Result<Reply, Refusal> {
    let entity_type = request.query("entity_type").unwrap_or_default();
    let (first_id, labels): (i64, &[&str]) = match entity_type {
        "LEAD_SOURCE" => (5_300_000_000_000_011, &["Web", "Fair", "Referral"]),
        "LEAD_STATUS" => (5_300_000_000_000_021, &["New", "Converted", "Nurturing"]),
        "DEAL_SOURCE" => (5_300_000_000_000_031, &["Campaign", "Partner"]),
        "DEAL_LOST_REASON" => (5_300_000_000_000_041, &["Too dear", "No answer"]),
        unknown => {
            let text = format!("java.lang.IllegalArgumentException: No enum const class EntityType.{unknown}");
            return Err(Refusal::exception(&text));
        }
    };
    let category = |(id, label): (i64, &&str)| {
        let mut category = json!({"id": id, "label": label, "entity_type": entity_type});
        if entity_type == "LEAD_STATUS" {
            category["is_conversion_flag"] = json!(*label == "Converted");
        }
        category
    };
    Ok(Reply::Many("category", (first_id..).zip(labels).map(category).collect()))
}

/// `GET custom-fields/scope?scope=` and `GET custom-fields/scope/position?scope=`: the definitions for one kind of record, which
/// stand in the order of their positions either way.
pub(super) fn custom_fields(request: &VendorRequest) -> Result<Reply, Refusal> {
    let scope = request.parameter("scope").unwrap_or_default();
    let fields: &[(&str, &str, &str)] = match scope.as_str() {
        "CONTACT" => &[
            ("DATE", "Renewal Date", ""),
            ("CHECKBOX", "Newsletter", ""),
            ("TEXT", "Badge No.", ""),
            ("LIST", "Favourite Fruit", "lemon;plum;quince"),
            ("TEXT", "title", ""),
        ],
        "COMPANY" => &[("NUMBER", "Employees", ""), ("TEXT", "Region", "")],
        "DEAL" => &[("NUMBER", "Sites", ""), ("DATE", "Kickoff", "")],
        "LEAD" => &[("TEXT", "Badge No.", "")],
        "TASK" | "CASE" => &[],
        unknown => {
            let text = format!("java.lang.IllegalArgumentException: No enum const class SCOPE.{unknown}");
            return Err(Refusal::exception(&text));
        }
    };
    let first_id: i64 = match scope.as_str() {
        "CONTACT" => 5_400_000_000_000_001,
        "COMPANY" => 5_400_000_000_000_101,
        _ => 5_400_000_000_000_201,
    };
    let numbered = (1_i64..).zip(fields);
    let definition = |(position, (kind, label, data)): (i64, &(&str, &str, &str))| {
        json!({
            "id": first_id + position - 1,
            "field_type": kind,
            "field_label": label,
            "field_data": data,
            "is_required": false,
            "searchable": true,
            "scope": scope,
            "position": position,
        })
    };
    Ok(Reply::Many("customFieldDef", numbered.map(definition).collect()))
}
