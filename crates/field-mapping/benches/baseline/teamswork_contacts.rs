//! What a careful engineer would write by hand for `TeamsWork`'s contacts alone: borrowing structs, `serde_json` both ways, the
//! same clamps, no tree of values. Frozen: a faster plan may not be bought by a slower baseline.

use serde::{Deserialize, Serialize};

use crate::common::{FullName, Moment, Text, moment, some};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    items: Vec<VendorContact<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct VendorContact<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    first_name: Option<Text<'a>>,
    #[serde(borrow)]
    last_name: Option<Text<'a>>,
    #[serde(borrow)]
    job_title: Option<Text<'a>>,
    #[serde(borrow)]
    owner: Option<Reference<'a>>,
    #[serde(borrow)]
    organization: Option<Reference<'a>>,
    #[serde(borrow)]
    emails: Vec<VendorEmail<'a>>,
    #[serde(borrow)]
    phones: Vec<VendorPhone<'a>>,
    #[serde(borrow)]
    tags: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    custom_fields: Vec<VendorField<'a>>,
    #[serde(borrow)]
    created_on: Option<Text<'a>>,
    #[serde(borrow)]
    last_updated_on: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct VendorEmail<'a> {
    #[serde(borrow, default)]
    email: Option<Text<'a>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct VendorPhone<'a> {
    #[serde(borrow, default)]
    number: Option<Text<'a>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct VendorField<'a> {
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    label: Option<Text<'a>>,
    #[serde(borrow, default)]
    value: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Contact<'a> {
    id: &'a str,
    name: Option<FullName<'a>>,
    owner_id: Option<&'a str>,
    company_id: Option<&'a str>,
    company_name: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    title: Option<&'a str>,
    phone_numbers: Vec<Phone<'a>>,
    emails: Vec<Email<'a>>,
    email_domain: Option<&'a str>,
    custom_fields: Vec<Field<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<&'a str>>,
    updated_at: Option<Moment<'a>>,
    created_at: Option<Moment<'a>>,
}

#[derive(Serialize)]
struct Phone<'a> {
    number: &'a str,
    #[serde(rename = "type")]
    kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Email<'a> {
    email: &'a str,
    #[serde(rename = "type")]
    kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Field<'a> {
    id: &'a str,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

fn email_type(kind: &str) -> &str {
    match kind {
        "primary" | "secondary" | "work" | "personal" | "billing" => kind,
        _ => "other",
    }
}

fn phone_type(kind: &str) -> &str {
    match kind {
        "primary" | "secondary" | "home" | "work" | "office" | "mobile" | "assistant" | "fax" | "direct-dial-in"
        | "personal" | "billing" => kind,
        _ => "other",
    }
}

fn contact<'a>(vendor: &'a VendorContact<'_>) -> Contact<'a> {
    let (first_name, last_name) = (some(vendor.first_name.as_ref()), some(vendor.last_name.as_ref()));
    let organization = vendor.organization.as_ref();
    let emails: Vec<Email<'a>> = vendor
        .emails
        .iter()
        .filter_map(|own| {
            Some(Email { email: some(own.email.as_ref())?, kind: some(own.kind.as_ref()).map(email_type) })
        })
        .collect();
    let phone = |own: &'a VendorPhone<'_>| {
        Some(Phone { number: some(own.number.as_ref())?, kind: some(own.kind.as_ref()).map(phone_type) })
    };
    let field = |own: &'a VendorField<'_>| {
        Some(Field { id: some(own.id.as_ref())?, name: some(own.label.as_ref()), value: some(own.value.as_ref()) })
    };
    Contact {
        id: &vendor.id.0,
        name: first_name.or(last_name).map(|_| FullName(first_name, last_name)),
        owner_id: vendor.owner.as_ref().and_then(|owner| some(owner.id.as_ref())),
        company_id: organization.and_then(|own| some(own.id.as_ref())),
        company_name: organization.and_then(|own| some(own.name.as_ref())),
        first_name,
        last_name,
        title: some(vendor.job_title.as_ref()),
        phone_numbers: vendor.phones.iter().filter_map(phone).collect(),
        email_domain: emails.first().and_then(|own| Some(own.email.rsplit_once('@')?.1)).filter(|own| !own.is_empty()),
        emails,
        custom_fields: vendor.custom_fields.iter().filter_map(field).collect(),
        tags: vendor.tags.as_ref().map(|tags| tags.iter().filter_map(Text::some).collect()),
        updated_at: moment(vendor.last_updated_on.as_ref()),
        created_at: moment(vendor.created_on.as_ref()),
    }
}

/// Vendor bytes to canonical bytes.
pub(crate) fn read(vendor: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let page: Page<'_> = serde_json::from_slice(vendor)?;
    out.push(b'[');
    for (index, own) in page.items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, &contact(own))?;
    }
    out.push(b']');
    Ok(())
}
