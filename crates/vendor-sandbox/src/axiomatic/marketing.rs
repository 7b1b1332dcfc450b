//! What goes out to people: marketing lists, and e-mail through a mailbox that the entity has connected.

use serde_json::{Value, json};

use super::input;
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, VendorAnswer, VendorRequest};
use crate::members::Kind::{self, Guid, Text};
use crate::table::text;
use crate::values::guid;

/// The one marketing list of the entity.
pub(super) const LIST: &str = "90a1b2c3-0000-4000-8000-000000000701";
/// The one mailbox that is connected.
pub(super) const CONNECTION: &str = "90a1b2c3-0000-4000-8000-000000000801";
const CHANNELS: [&str; 2] = ["gmail", "outlook"];

const EMAIL: [(&str, Kind); 5] =
    [("leadId", Guid), ("connectionId", Guid), ("channel", Text), ("subject", Text), ("htmlBody", Text)];

/// `POST prospecting/add-to-marketing-list`. Of its body the page shows the list alone.
pub(super) fn add_to_list(account: &mut Account, request: &VendorRequest) -> Outcome {
    let sent = input::members(request, &[("listId", Guid)])?;
    input::required(&sent, "listId")?;
    if !text(&sent, "listId").eq_ignore_ascii_case(LIST) {
        return Err(replies::not_found("List"));
    }
    account.clock.tick();
    Ok(replies::one(200, &json!({"listId": LIST})))
}

/// `POST outbound-email`: the e-mail becomes an activity of its lead.
pub(super) fn send(account: &mut Account, request: &VendorRequest) -> Outcome {
    let sent = input::members(request, &EMAIL)?;
    for (name, _) in EMAIL {
        input::required(&sent, name)?;
    }
    input::word(&sent, "channel", &CHANNELS)?;
    account.check_links(&sent)?;
    if !text(&sent, "connectionId").eq_ignore_ascii_case(CONNECTION) {
        return Err(replies::not_found("Connection"));
    }
    let (id, mut activity) = account.first_members();
    activity.remove("updatedAt");
    activity.extend([
        ("type".to_owned(), json!("email")),
        ("subject".to_owned(), sent["subject"].clone()),
        ("body".to_owned(), sent["htmlBody"].clone()),
        ("leadId".to_owned(), json!(guid::parse(text(&sent, "leadId")))),
        ("contactId".to_owned(), Value::Null),
        ("companyId".to_owned(), Value::Null),
        ("occurredAt".to_owned(), activity["createdAt"].clone()),
        ("ownerUserId".to_owned(), json!(account.own_user_id)),
    ]);
    account.activities.insert(&id, activity.clone());
    Ok(replies::one(201, &Value::Object(activity)))
}

/// `GET outbound-email-connections`.
pub(super) fn connections() -> VendorAnswer {
    let connection = json!({"id": CONNECTION, "channel": "gmail", "email": "sales@tidewater.example"});
    replies::all("connections", vec![connection])
}
