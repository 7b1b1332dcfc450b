//! What a careful engineer would write by hand for Axiomatic's leads alone: borrowing structs, `serde_json` both ways, the same
//! clamps, no tree of values. Frozen: a faster plan may not be bought by a slower baseline.

use serde::{Deserialize, Serialize, Serializer};

use crate::common::{Moment, Text, moment};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    leads: Vec<VendorLead<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct VendorLead<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    company_id: Option<Text<'a>>,
    #[serde(borrow)]
    contact_id: Option<Text<'a>>,
    #[serde(borrow)]
    owner_user_id: Option<Text<'a>>,
    #[serde(borrow)]
    stage: Option<Text<'a>>,
    value: Option<f64>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    created_at: Option<Text<'a>>,
    #[serde(borrow)]
    updated_at: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Lead<'a> {
    id: &'a str,
    owner_id: Option<&'a str>,
    company_id: Option<&'a str>,
    contact_id: Option<&'a str>,
    name: &'a str,
    description: Option<&'a str>,
    monetary_amount: Option<Amount>,
    status: Option<&'a str>,
    updated_at: Option<Moment<'a>>,
    created_at: Option<Moment<'a>>,
}

struct Amount(f64);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 9e15 {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^53")]
            return serializer.serialize_i64(self.0 as i64);
        }
        serializer.serialize_f64(self.0)
    }
}

fn kept<'a>(text: Option<&'a Text<'_>>) -> Option<&'a str> {
    text.map(|text| &*text.0)
}

fn lead<'a>(vendor: &'a VendorLead<'_>) -> Lead<'a> {
    Lead {
        id: &vendor.id.0,
        owner_id: kept(vendor.owner_user_id.as_ref()),
        company_id: kept(vendor.company_id.as_ref()),
        contact_id: kept(vendor.contact_id.as_ref()),
        name: &vendor.title.0,
        description: kept(vendor.description.as_ref()),
        monetary_amount: vendor.value.map(Amount),
        status: kept(vendor.stage.as_ref()),
        updated_at: moment(vendor.updated_at.as_ref()),
        created_at: moment(vendor.created_at.as_ref()),
    }
}

/// Vendor bytes to canonical bytes.
pub(crate) fn read(vendor: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let page: Page<'_> = serde_json::from_slice(vendor)?;
    out.push(b'[');
    for (index, own) in page.leads.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, &lead(own))?;
    }
    out.push(b']');
    Ok(())
}
