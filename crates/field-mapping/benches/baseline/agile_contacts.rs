//! What a careful engineer would write by hand for Agile's contacts alone: borrowing structs, `serde_json` both ways, the
//! same clamps, no tree of values. Frozen: a faster plan may not be bought by a slower baseline.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

/// Text that borrows where JSON did not escape it.
#[derive(Deserialize, Default)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct VendorContact<'a> {
    id: u64,
    #[serde(borrow, default)]
    properties: Vec<Property<'a>>,
    #[serde(borrow, default)]
    tags: Option<Vec<Text<'a>>>,
    #[serde(default)]
    owner: Option<Owner>,
    #[serde(borrow, default)]
    contact_company_id: Option<Text<'a>>,
    #[serde(default)]
    lead_score: Option<i64>,
    #[serde(default)]
    star_value: Option<i64>,
    #[serde(default)]
    last_contacted: i64,
    #[serde(default)]
    created_time: i64,
    #[serde(default)]
    updated_time: i64,
}

#[derive(Deserialize)]
struct Owner {
    id: u64,
}

#[derive(Deserialize)]
struct Property<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    subtype: Option<Text<'a>>,
    #[serde(borrow, default)]
    value: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct VendorAddress<'a> {
    #[serde(borrow)]
    address: Option<Text<'a>>,
    #[serde(borrow)]
    city: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    zip: Option<Text<'a>>,
    #[serde(borrow)]
    country: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Contact<'a> {
    id: Digits,
    name: Option<Name<'a>>,
    owner_id: Option<Digits>,
    company_id: Option<&'a str>,
    company_name: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    title: Option<&'a str>,
    image: Option<&'a str>,
    photo_url: Option<&'a str>,
    fax: Option<&'a str>,
    websites: Vec<Website<'a>>,
    addresses: Vec<Address<'a>>,
    social_links: Vec<SocialLink<'a>>,
    phone_numbers: Vec<Phone<'a>>,
    emails: Vec<Email<'a>>,
    email_domain: Option<&'a str>,
    custom_fields: Vec<CustomField<'a>>,
    tags: Option<Vec<&'a str>>,
    last_activity_at: Option<Instant>,
    updated_at: Option<Instant>,
    created_at: Option<Instant>,
}

#[derive(Serialize)]
struct Website<'a> {
    url: &'a str,
}

#[derive(Serialize)]
struct Address<'a> {
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    string: Option<&'a str>,
    line1: Option<Cow<'a, str>>,
    city: Option<Cow<'a, str>>,
    state: Option<Cow<'a, str>>,
    postal_code: Option<Cow<'a, str>>,
    country: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct SocialLink<'a> {
    url: &'a str,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
}

#[derive(Serialize)]
struct Phone<'a> {
    number: &'a str,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
}

#[derive(Serialize)]
struct Email<'a> {
    email: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct CustomField<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<CustomValue<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum CustomValue<'a> {
    Number(i64),
    Text(&'a str),
}

/// An id as text.
struct Digits(u64);

impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(itoa::Buffer::new().format(self.0))
    }
}

struct Name<'a>(Option<&'a str>, Option<&'a str>);

impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Some(first), Some(last)) => serializer.collect_str(&format_args!("{first} {last}")),
            (Some(only), None) | (None, Some(only)) => serializer.serialize_str(only),
            (None, None) => serializer.serialize_none(),
        }
    }
}

struct Instant(i64);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = *b"0000-00-00T00:00:00Z";
        let days = self.0.div_euclid(86_400) + 719_468;
        let clock = self.0.rem_euclid(86_400);
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let parts = [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day_of_year - (153 * month_index + 2) / 5 + 1),
            (11, clock / 3600),
            (14, clock / 60 % 60),
            (17, clock % 60),
        ];
        for (at, value) in parts {
            text[at] = b'0' + u8::try_from(value / 10).unwrap_or_default();
            text[at + 1] = b'0' + u8::try_from(value % 10).unwrap_or_default();
        }
        serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

fn instant(seconds: i64) -> Option<Instant> {
    match seconds {
        0 => None,
        seconds if seconds > 100_000_000_000 => Some(Instant(seconds / 1000)),
        seconds => Some(Instant(seconds)),
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn some_of(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    text.map(|text| text.0).filter(|text| !text.is_empty())
}

fn phone_type(subtype: &str) -> Option<&'static str> {
    Some(match subtype {
        "" => return None,
        "work" | "office" => "work",
        "home" => "home",
        "mobile" => "mobile",
        "main" => "primary",
        "work fax" | "home fax" | "workFax" | "homeFax" => "fax",
        _ => "other",
    })
}

fn address_type(subtype: &str) -> Option<&'static str> {
    Some(match subtype {
        "" => return None,
        "home" => "home",
        "office" => "office",
        "postal" => "shipping",
        "work" => "work",
        _ => "other",
    })
}

fn social_type(subtype: &str) -> Option<&'static str> {
    Some(match subtype {
        "" => return None,
        "LINKEDIN" => "linkedin",
        "TWITTER" => "twitter",
        "FACEBOOK" => "facebook",
        "SKYPE" => "skype",
        "XING" => "xing",
        "FEED" => "feed",
        "GOOGLE_PLUS" => "google_plus",
        "FLICKR" => "flickr",
        "GITHUB" => "github",
        "YOUTUBE" => "youtube",
        _ => "other",
    })
}

fn email_type(subtype: &str, first: bool) -> &'static str {
    match subtype {
        "work" => "work",
        "personal" => "personal",
        "" if first => "primary",
        _ => "other",
    }
}

fn contact<'a>(vendor: &'a VendorContact<'_>) -> Contact<'a> {
    let mut contact = Contact {
        id: Digits(vendor.id),
        name: None,
        owner_id: vendor.owner.as_ref().map(|owner| Digits(owner.id)),
        company_id: vendor.contact_company_id.as_ref().and_then(|id| some(&id.0)),
        company_name: None,
        first_name: None,
        last_name: None,
        title: None,
        image: None,
        photo_url: None,
        fax: None,
        websites: Vec::new(),
        addresses: Vec::new(),
        social_links: Vec::new(),
        phone_numbers: Vec::new(),
        emails: Vec::new(),
        email_domain: None,
        custom_fields: Vec::with_capacity(4),
        tags: vendor.tags.as_ref().map(|tags| tags.iter().filter_map(|tag| some(&tag.0)).collect()),
        last_activity_at: instant(vendor.last_contacted),
        updated_at: instant(vendor.updated_time),
        created_at: instant(vendor.created_time),
    };
    let scores = [("lead_score", vendor.lead_score), ("star_value", vendor.star_value)];
    for (id, number) in scores {
        if let Some(number) = number {
            contact.custom_fields.push(CustomField { id, name: id, value: Some(CustomValue::Number(number)) });
        }
    }
    let mut home_fax = None;
    for property in &vendor.properties {
        property_of(&mut contact, &mut home_fax, property);
    }
    contact.fax = contact.fax.or(home_fax);
    contact.photo_url = contact.image;
    contact.email_domain = contact.emails.first().and_then(|email| some(email.email.rsplit_once('@')?.1));
    contact.name = contact.first_name.or(contact.last_name).map(|_| Name(contact.first_name, contact.last_name));
    contact
}

fn property_of<'a>(contact: &mut Contact<'a>, home_fax: &mut Option<&'a str>, property: &'a Property<'_>) {
    let value = some(&property.value.0);
    let subtype = property.subtype.as_ref().map(|subtype| &*subtype.0).unwrap_or_default();
    let system = property.kind.0 != "CUSTOM";
    if !system && let Some(name) = some(&property.name.0) {
        contact.custom_fields.push(CustomField { id: name, name, value: value.map(CustomValue::Text) });
    }
    match (&*property.name.0, value) {
        ("first_name", _) if system => contact.first_name = contact.first_name.or(value),
        ("last_name", _) if system => contact.last_name = contact.last_name.or(value),
        ("title", _) if system => contact.title = contact.title.or(value),
        ("company", _) if system => contact.company_name = contact.company_name.or(value),
        ("image", _) if system => contact.image = contact.image.or(value),
        ("email", Some(email)) if system => {
            let kind = email_type(subtype, contact.emails.is_empty());
            contact.emails.push(Email { email, kind });
        }
        ("phone", Some(number)) if system => {
            match subtype {
                "work fax" => contact.fax = contact.fax.or(value),
                "home fax" => *home_fax = home_fax.or(value),
                _ => (),
            }
            contact.phone_numbers.push(Phone { number, kind: phone_type(subtype) });
        }
        ("website", Some(url)) if system && subtype == "URL" => contact.websites.push(Website { url }),
        ("website", Some(url)) if system => contact.social_links.push(SocialLink { url, kind: social_type(subtype) }),
        ("address", _) if system => contact.addresses.extend(address(subtype, &property.value.0)),
        _ => (),
    }
}

fn address<'a>(subtype: &str, text: &'a str) -> Option<Address<'a>> {
    let (vendor, string) = match serde_json::from_str::<VendorAddress<'a>>(text) {
        Ok(vendor) => (vendor, None),
        Err(_) => (VendorAddress::default(), some(text)),
    };
    let address = Address {
        kind: address_type(subtype),
        string,
        line1: some_of(vendor.address),
        city: some_of(vendor.city),
        state: some_of(vendor.state),
        postal_code: some_of(vendor.zip),
        country: some_of(vendor.country),
    };
    let known = address.kind.is_some()
        || address.string.is_some()
        || [&address.line1, &address.city, &address.state, &address.postal_code, &address.country]
            .iter()
            .any(|part| part.is_some());
    known.then_some(address)
}

/// Vendor bytes to canonical bytes.
pub(crate) fn read(vendor: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let vendor: Vec<VendorContact<'_>> = serde_json::from_slice(vendor)?;
    out.push(b'[');
    for (index, own) in vendor.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, &contact(own))?;
    }
    out.push(b']');
    Ok(())
}
