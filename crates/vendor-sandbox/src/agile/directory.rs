//! What surrounds the records: users, and the definitions of custom fields.

use serde_json::{Value, json};

use super::records::User;
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::exchange::VendorRequest;

/// `GET users`: everybody, unpaged.
pub(super) fn users(account: &Account) -> Reply {
    Reply::Many("domainUser", account.users.iter().map(full).collect())
}

/// `GET users/current-user`: whose key is in use.
pub(super) fn current_user(account: &Account) -> Reply {
    account.users.first().map_or(Reply::Nothing, |user| Reply::One("domainUser", full(user)))
}

/// `GET custom-fields/scope?scope=`: the definitions for one kind of record.
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
        "DEAL" | "LEAD" | "TASK" | "CASE" => &[],
        unknown => {
            let text = format!("java.lang.IllegalArgumentException: No enum const class SCOPE.{unknown}");
            return Err(Refusal::exception(&text));
        }
    };
    let first_id: i64 = if scope == "CONTACT" { 5_400_000_000_000_001 } else { 5_400_000_000_000_101 };
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

fn full(user: &User) -> Value {
    let mut record = user.to_json();
    record["is_admin"] = json!(user.is_admin);
    record["is_account_owner"] = json!(user.is_admin);
    record["is_disabled"] = json!(false);
    record["scopes"] = json!(["READ", "CREATE", "UPDATE", "DELETE"]);
    record
}
