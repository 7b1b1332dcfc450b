//! What a careful engineer would write by hand for Axiomatic's companies alone: borrowing structs, `serde_json` both ways, the
//! same clamps, no tree of values. Frozen: a faster plan may not be bought by a slower baseline.

use serde::{Deserialize, Serialize};

use crate::common::{Moment, Text, moment, some};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    companies: Vec<VendorCompany<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct VendorCompany<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    role: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    owner_user_id: Option<Text<'a>>,
    #[serde(borrow)]
    website: Option<Text<'a>>,
    #[serde(borrow)]
    phone: Option<Text<'a>>,
    #[serde(borrow)]
    email: Option<Text<'a>>,
    #[serde(borrow)]
    created_at: Option<Text<'a>>,
    #[serde(borrow)]
    updated_at: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Company<'a> {
    id: &'a str,
    name: Option<&'a str>,
    owner_id: Option<&'a str>,
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row_type: Option<RowType<'a>>,
    websites: Vec<Website<'a>>,
    phone_numbers: Vec<Phone<'a>>,
    emails: Vec<Email<'a>>,
    updated_at: Option<Moment<'a>>,
    created_at: Option<Moment<'a>>,
}

#[derive(Serialize)]
struct RowType<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Website<'a> {
    url: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
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

fn kept<'a>(text: Option<&'a Text<'_>>) -> Option<&'a str> {
    text.map(|text| &*text.0)
}

fn company<'a>(vendor: &'a VendorCompany<'_>) -> Company<'a> {
    Company {
        id: &vendor.id.0,
        name: kept(vendor.name.as_ref()),
        owner_id: kept(vendor.owner_user_id.as_ref()),
        status: kept(vendor.status.as_ref()),
        row_type: kept(vendor.role.as_ref()).map(|role| RowType { id: role, name: role }),
        websites: some(vendor.website.as_ref()).map(|url| Website { url, kind: "primary" }).into_iter().collect(),
        phone_numbers: some(vendor.phone.as_ref()).map(|number| Phone { number, kind: "work" }).into_iter().collect(),
        emails: some(vendor.email.as_ref()).map(|email| Email { email, kind: "work" }).into_iter().collect(),
        updated_at: moment(vendor.updated_at.as_ref()),
        created_at: moment(vendor.created_at.as_ref()),
    }
}

/// Vendor bytes to canonical bytes.
pub(crate) fn read(vendor: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let page: Page<'_> = serde_json::from_slice(vendor)?;
    out.push(b'[');
    for (index, own) in page.companies.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, &company(own))?;
    }
    out.push(b']');
    Ok(())
}
