//! What a careful engineer would write by hand for Avid's contacts alone: borrowing structs, `serde_json` both ways, the same
//! clamps, no tree of values. Frozen: a faster plan may not be bought by a slower baseline.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::common::{FullName, Moment, Text, local_moment, some};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    value: Vec<VendorContact<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct VendorContact<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    first_name: Option<Text<'a>>,
    #[serde(borrow)]
    middle_name: Option<Text<'a>>,
    #[serde(borrow)]
    last_name: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    suffix: Option<Text<'a>>,
    #[serde(borrow)]
    job_title: Option<Text<'a>>,
    #[serde(borrow)]
    department: Option<Text<'a>>,
    #[serde(borrow)]
    email: Option<Text<'a>>,
    #[serde(borrow)]
    email2: Option<Text<'a>>,
    #[serde(borrow)]
    email3: Option<Text<'a>>,
    #[serde(borrow)]
    business_phone: Option<Text<'a>>,
    #[serde(borrow)]
    home_phone: Option<Text<'a>>,
    #[serde(borrow)]
    cell_phone: Option<Text<'a>>,
    #[serde(borrow)]
    fax: Option<Text<'a>>,
    #[serde(borrow)]
    website: Option<Text<'a>>,
    #[serde(borrow)]
    main_company_id: Option<Text<'a>>,
    #[serde(borrow)]
    created_date: Option<Text<'a>>,
    #[serde(borrow)]
    updated_date: Option<Text<'a>>,
    #[serde(borrow)]
    assigned_users: Vec<Linked<'a>>,
    #[serde(borrow)]
    assigned_companies: Vec<Linked<'a>>,
    #[serde(borrow)]
    assigned_opportunities: Vec<Linked<'a>>,
    #[serde(borrow)]
    addresses: Vec<VendorAddress<'a>>,
    #[serde(borrow)]
    custom_fields: Vec<VendorField<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Linked<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct VendorAddress<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    address_type: Option<Text<'a>>,
    #[serde(borrow)]
    street: Option<Text<'a>>,
    #[serde(borrow)]
    city: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    postal_code: Option<Text<'a>>,
    #[serde(borrow)]
    country: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct VendorField<'a> {
    #[serde(borrow, rename = "CustomFieldDefinitionId")]
    definition: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    value: Option<FieldValue<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FieldValue<'a> {
    #[serde(borrow)]
    Text(Text<'a>),
    Whole(i64),
    Number(f64),
    Flag(bool),
}

#[derive(Serialize)]
struct Contact<'a> {
    id: Cow<'a, str>,
    name: Option<FullName<'a>>,
    owner_id: Option<Cow<'a, str>>,
    company_id: Option<Cow<'a, str>>,
    company_name: Option<&'a str>,
    first_name: Option<&'a str>,
    middle_name: Option<&'a str>,
    last_name: Option<&'a str>,
    prefix: Option<&'a str>,
    suffix: Option<&'a str>,
    title: Option<&'a str>,
    department: Option<&'a str>,
    fax: Option<&'a str>,
    websites: Vec<Website<'a>>,
    addresses: Vec<Address<'a>>,
    phone_numbers: Vec<Phone<'a>>,
    emails: Vec<Email<'a>>,
    custom_fields: Vec<Field<'a>>,
    updated_at: Option<Moment<'a>>,
    created_at: Option<Moment<'a>>,
    opportunity_ids: Vec<&'a str>,
}

#[derive(Serialize)]
struct Website<'a> {
    url: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Address<'a> {
    id: Option<&'a str>,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    line1: Option<&'a str>,
    city: Option<&'a str>,
    state: Option<&'a str>,
    postal_code: Option<&'a str>,
    country: Option<&'a str>,
}

#[derive(Serialize)]
struct Phone<'a> {
    number: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Email<'a> {
    email: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Field<'a> {
    id: &'a str,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Shown<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Text(&'a str),
    Whole(i64),
    Number(f64),
    Flag(bool),
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn address<'a>(own: &'a VendorAddress<'_>) -> Option<Address<'a>> {
    let kind = some(own.address_type.as_ref()).map(|kind| match kind {
        "Primary" => "primary",
        "Shipping" => "shipping",
        _ => "other",
    });
    let address = Address {
        id: some(own.id.as_ref()),
        kind,
        line1: some(own.street.as_ref()),
        city: some(own.city.as_ref()),
        state: some(own.state.as_ref()),
        postal_code: some(own.postal_code.as_ref()),
        country: some(own.country.as_ref()),
    };
    let parts = [address.id, address.line1, address.city, address.state, address.postal_code, address.country];
    (address.kind.is_some() || parts.iter().any(Option::is_some)).then_some(address)
}

fn field<'a>(own: &'a VendorField<'_>) -> Option<Field<'a>> {
    let value = own.value.as_ref().and_then(|value| {
        Some(match value {
            FieldValue::Text(text) => Shown::Text(text.some()?),
            FieldValue::Whole(number) => Shown::Whole(*number),
            FieldValue::Number(number) => Shown::Number(*number),
            FieldValue::Flag(flag) => Shown::Flag(*flag),
        })
    });
    Some(Field { id: some(own.definition.as_ref())?, name: some(own.name.as_ref()), value })
}

fn contact<'a>(vendor: &'a VendorContact<'_>) -> Contact<'a> {
    let (first_name, last_name) = (some(vendor.first_name.as_ref()), some(vendor.last_name.as_ref()));
    let company = vendor.assigned_companies.iter().find(|own| some(own.id.as_ref()).is_some());
    let owner = vendor.assigned_users.iter().find_map(|own| some(own.id.as_ref()));
    let phones = [
        (vendor.business_phone.as_ref(), "work"),
        (vendor.home_phone.as_ref(), "home"),
        (vendor.cell_phone.as_ref(), "mobile"),
    ];
    let emails =
        [(vendor.email.as_ref(), "primary"), (vendor.email2.as_ref(), "secondary"), (vendor.email3.as_ref(), "other")];
    Contact {
        id: lower(&vendor.id.0),
        name: first_name.or(last_name).map(|_| FullName(first_name, last_name)),
        owner_id: owner.map(lower),
        company_id: some(vendor.main_company_id.as_ref()).map(lower),
        company_name: company.and_then(|own| some(own.name.as_ref())),
        first_name,
        middle_name: some(vendor.middle_name.as_ref()),
        last_name,
        prefix: some(vendor.title.as_ref()),
        suffix: some(vendor.suffix.as_ref()),
        title: some(vendor.job_title.as_ref()),
        department: some(vendor.department.as_ref()),
        fax: some(vendor.fax.as_ref()),
        websites: some(vendor.website.as_ref()).map(|url| Website { url, kind: "primary" }).into_iter().collect(),
        addresses: vendor.addresses.iter().filter_map(address).collect(),
        phone_numbers: phones
            .into_iter()
            .filter_map(|(number, kind)| Some(Phone { number: some(number)?, kind }))
            .collect(),
        emails: emails.into_iter().filter_map(|(email, kind)| Some(Email { email: some(email)?, kind })).collect(),
        custom_fields: vendor.custom_fields.iter().filter_map(field).collect(),
        updated_at: local_moment(vendor.updated_date.as_ref()),
        created_at: local_moment(vendor.created_date.as_ref()),
        opportunity_ids: vendor.assigned_opportunities.iter().filter_map(|own| some(own.id.as_ref())).collect(),
    }
}

/// Vendor bytes to canonical bytes.
pub(crate) fn read(vendor: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let page: Page<'_> = serde_json::from_slice(vendor)?;
    out.push(b'[');
    for (index, own) in page.value.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, &contact(own))?;
    }
    out.push(b']');
    Ok(())
}
