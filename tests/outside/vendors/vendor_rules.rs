//! What vendors are documented to do with what they are told, as data. Everything else reads back as it was written.

use std::collections::BTreeSet;

use unified_model::Resource;

/// Fields that are one thing at the vendor: a change of one may move the others.
pub struct Linked {
    pub service: &'static str,
    pub resources: &'static [Resource],
    /// Sent together on create.
    pub sent: &'static [&'static str],
    /// What follows from them; each is tried alone.
    pub follow: &'static [&'static str],
}

const ANY: &str = "";
use Resource::{Activities, Companies, Contacts, Leads, Notes, Opportunities, Pipelines, Users};

/// Every group, each with its reason.
const LINKED: &[Linked] = &[
    // A name is the parts of the name.
    Linked {
        service: ANY,
        resources: &[Contacts, Leads, Users],
        sent: &["first_name", "last_name"],
        follow: &["name"],
    },
    // The name of the company that the id leads to.
    Linked {
        service: ANY,
        resources: &[Contacts, Leads, Opportunities],
        sent: &["company_id"],
        follow: &["company_name"],
    },
    Linked { service: ANY, resources: &[Leads], sent: &["owner_id"], follow: &["owner_name"] },
    Linked { service: ANY, resources: &[Contacts, Leads], sent: &["emails"], follow: &["email_domain"] },
    // One property of the vendor's holds both.
    Linked { service: "agile-crm", resources: &[Contacts], sent: &["image"], follow: &["photo_url"] },
    // The first of the persons that a deal is linked to, all of whom are its contacts.
    Linked {
        service: "agile-crm",
        resources: &[Opportunities],
        sent: &["contact_ids"],
        follow: &["primary_contact_id", "contact_id"],
    },
    // Which track and milestone it stands on decides the rest: won deals are certain, lost ones hopeless.
    Linked {
        service: "agile-crm",
        resources: &[Opportunities],
        sent: &["pipeline_id", "pipeline_stage_id"],
        follow: &["status", "win_probability", "expected_revenue", "stage_last_changed_at", "date_stage_changed"],
    },
    Linked {
        service: "agile-crm",
        resources: &[Opportunities],
        sent: &["monetary_amount", "win_probability"],
        follow: &["expected_revenue"],
    },
    // One category, by its id and by its label.
    Linked { service: "agile-crm", resources: &[Opportunities], sent: &["loss_reason_id"], follow: &["loss_reason"] },
    Linked { service: "agile-crm", resources: &[Opportunities], sent: &["source_id"], follow: &["lead_source"] },
    // A task has one time only; an event's days are those of its times.
    Linked {
        service: "agile-crm",
        resources: &[Activities],
        sent: &["activity_datetime", "start_datetime", "end_datetime"],
        follow: &["activity_date", "end_date", "duration_seconds", "duration_minutes"],
    },
    Linked { service: "agile-crm", resources: &[Activities], sent: &["owner_id"], follow: &["user_id"] },
    // Whom it is about is who attends it.
    Linked {
        service: "agile-crm",
        resources: &[Activities],
        sent: &["contact_id", "company_id", "lead_id"],
        follow: &["attendees"],
    },
    // Status and progress of a task that is done are those of one that is done.
    Linked { service: "agile-crm", resources: &[Activities], sent: &["done"], follow: &["custom_fields"] },
    Linked { service: "agile-crm", resources: &[Activities], sent: &["type"], follow: &["event_sub_type"] },
    // One contact.
    Linked {
        service: "axiomatic-crm",
        resources: &[Opportunities],
        sent: &["primary_contact_id"],
        follow: &["contact_id"],
    },
    // A stage says whether it is won, and how likely.
    Linked {
        service: "axiomatic-crm",
        resources: &[Opportunities],
        sent: &["pipeline_stage_id"],
        follow: &["status", "win_probability"],
    },
    // A note is about one record.
    Linked {
        service: "avid-crm",
        resources: &[Notes],
        sent: &["contact_id"],
        follow: &["company_id", "opportunity_id"],
    },
    // The first of the contacts that an opportunity is linked to.
    Linked {
        service: "avid-crm",
        resources: &[Opportunities],
        sent: &["contact_ids"],
        follow: &["primary_contact_id"],
    },
    // A fax is the first of the phone numbers of that type.
    Linked {
        service: "agile-crm",
        resources: &[Contacts, Companies, Leads],
        sent: &["phone_numbers"],
        follow: &["fax"],
    },
];

/// What a new record is refused without, beside what the schema and the definition's `requires` say.
const NEEDED: &[(&str, Resource, &[&str])] = &[
    // "firstName or lastName is required."
    ("teamswork-crm", Contacts, &["last_name"]),
    // One of an e-mail address and the parts of the name.
    ("hubspot", Contacts, &["last_name"]),
];

/// What stands beside a field so that the record is of the kind that has it: a field, its companion, and the companion's value.
const BESIDE: &[(&str, Resource, &str, &str, &str)] = &[
    ("agile-crm", Activities, "custom_fields", "type", "meeting"),
    ("agile-crm", Activities, "custom_fields", "start_datetime", "2026-03-02T09:00:00Z"),
    ("agile-crm", Activities, "custom_fields", "end_datetime", "2026-03-02T10:00:00Z"),
    ("agile-crm", Activities, "duration_seconds", "type", "meeting"),
    ("agile-crm", Activities, "duration_seconds", "start_datetime", "2026-03-02T09:00:00Z"),
];

/// Words of the vendor's own, where not any text will do.
const VOCABULARY: &[(&str, Resource, &str, &[&str])] = &[
    ("agile-crm", Opportunities, "loss_reason", &["Too dear", "No answer"]),
    ("agile-crm", Opportunities, "lead_source", &["Campaign", "Partner"]),
    ("agile-crm", Opportunities, "status", &["won", "lost", "archived"]),
    ("axiomatic-crm", Companies, "status", &["active", "inactive"]),
    ("axiomatic-crm", Companies, "row_type.id", &["prospect", "customer", "vendor", "both"]),
    ("axiomatic-crm", Companies, "row_type.name", &["prospect", "customer", "vendor", "both"]),
    ("axiomatic-crm", Leads, "status", &["Qualified", "Won", "Lost"]),
    ("axiomatic-crm", Pipelines, "stages.value", &["open", "won", "lost"]),
];

/// What records have, but nobody may write.
const REFUSED: &[(&str, Resource, &str, &str)] = &[
    // The built-in track's own name.
    ("agile-crm", Pipelines, "name", "Default"),
    // A track alone has no stage of another one, nor a stage alone a track of its own.
    ("agile-crm", Opportunities, "pipeline_id", "5600000000000002"),
    ("agile-crm", Opportunities, "pipeline_id", "5600000000000003"),
    ("agile-crm", Opportunities, "pipeline_stage_id", "Agreed"),
    ("agile-crm", Opportunities, "pipeline_stage_id", "Trial"),
];

/// What is made inactive instead of being removed: it stays, and says so.
const KEPT: &[(&str, Resource)] = &[("axiomatic-crm", Companies)];

/// Custom fields that can be written, each with a value: of one resource, or of those that have no row of their own.
const CUSTOM_FIELDS: &[CustomFields] = &[
    ("agile-crm", Some(Activities), &[("color", "red"), ("color", "green")]),
    ("agile-crm", None, &[("Newsletter", "on & \"more\""), ("title", "not the title")]),
    ("teamswork-crm", None, &[("cf_1", "one & \"more\""), ("cf_2", "two")]),
];
type CustomFields = (&'static str, Option<Resource>, &'static [(&'static str, &'static str)]);

/// Links of which a record may have several and shows the first; it is found by each of them.
const SHOWN_IN_PART: &[(&str, Resource, &[&str])] = &[
    ("agile-crm", Activities, &["contact_id", "company_id"]),
    ("agile-crm", Notes, &["contact_id", "company_id", "opportunity_id"]),
    ("agile-crm", Opportunities, &["company_id"]),
];

/// Whether a filter may find records that show another value of the field.
pub fn is_shown_in_part(service: &str, resource: Resource, field: &str) -> bool {
    SHOWN_IN_PART.iter().any(|(own, of, fields)| *own == service && *of == resource && fields.contains(&field))
}

/// Written behind the first line of an address, with a warning, and read back there; or instead of all the others.
const ABSORBED: [&str; 5] = ["line2", "line3", "line4", "line5", "string"];

fn linked(service: &str, resource: Resource) -> impl Iterator<Item = &'static Linked> {
    LINKED
        .iter()
        .filter(move |group| (group.service == ANY || group.service == service) && group.resources.contains(&resource))
}

/// The fields that follow from others, which are not sent with them.
pub fn following(service: &str, resource: Resource) -> BTreeSet<&'static str> {
    linked(service, resource).flat_map(|group| group.follow.iter().copied()).collect()
}

/// Whether a change of `changed` may move `other`.
pub fn moves(service: &str, resource: Resource, changed: &str, other: &str) -> bool {
    let in_group = |group: &Linked, field: &str| group.sent.contains(&field) || group.follow.contains(&field);
    is_upkeep(other) || linked(service, resource).any(|group| in_group(group, changed) && in_group(group, other))
}

/// What the vendor notes of every change.
pub fn is_upkeep(field: &str) -> bool {
    ["updated_at", "last_activity_at", "updated_by"].contains(&field)
}

/// What stands beside a field that is written alone.
pub fn beside(service: &str, resource: Resource, field: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = BESIDE.iter().filter(move |(own, of, name, ..)| *own == service && *of == resource && *name == field);
    rows.map(|(.., companion, value)| (*companion, *value))
}

pub fn needed(service: &str, resource: Resource) -> &'static [&'static str] {
    NEEDED
        .iter()
        .find(|(own, of, _)| *own == service && *of == resource)
        .map(|(_, _, fields)| *fields)
        .unwrap_or_default()
}

pub fn vocabulary(service: &str, resource: Resource, path: &str) -> Option<&'static [&'static str]> {
    let row = VOCABULARY.iter().find(|(own, of, field, _)| *own == service && *of == resource && *field == path);
    row.map(|(_, _, _, words)| *words)
}

pub fn custom_fields(service: &str, resource: Resource) -> &'static [(&'static str, &'static str)] {
    let of = |row: &&CustomFields| row.0 == service && row.1.is_none_or(|own| own == resource);
    CUSTOM_FIELDS.iter().find(of).map(|row| row.2).unwrap_or_default()
}

/// Whether a deleted record stays, because the vendor only makes it inactive.
pub fn is_kept(service: &str, resource: Resource) -> bool {
    KEPT.contains(&(service, resource))
}

/// How the paths of a vendor's records begin, where its tokens are given elsewhere.
pub fn records_at(service: &str) -> &'static str {
    match service {
        "hubspot" => "/crm",
        "pipedrive" => "/tidewater",
        _ => "",
    }
}

pub fn is_refused(service: &str, resource: Resource, field: &str, value: &serde_json::Value) -> bool {
    REFUSED.contains(&(service, resource, field, value.as_str().unwrap_or_default()))
}

/// Whether a member is kept as a part of another.
pub fn is_absorbed(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, member)| ABSORBED.contains(&member))
}
