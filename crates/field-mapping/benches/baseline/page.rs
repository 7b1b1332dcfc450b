//! A page of Agile contacts as the vendor's documentation shows them, made from a fixed seed.

use std::fmt::Write;

/// A generator of the same numbers every time (xorshift64*).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }

    /// A GUID, as far as its looks go.
    pub(crate) fn guid(&mut self) -> String {
        let (a, b, c) = (self.below(1 << 31), self.below(1 << 31), self.below(1 << 31));
        format!("{a:08x}-{:04x}-4{:03x}-8{:03x}-{:08x}{:04x}", b >> 16, b & 0xfff, c >> 20, c & 0xfff_ffff, b & 0xffff)
    }

    /// A moment as texts say it, without zone.
    pub(crate) fn moment(&mut self) -> String {
        let (month, day) = (1 + self.below(12), 1 + self.below(28));
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        format!("2024-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }

    pub(crate) fn one_of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap_or_default()]
    }
}

pub(crate) const FIRST: [&str; 10] =
    ["Orla", "Dorian", "Zoë", "Tamsin", "Piers", "Łukasz", "Noor", "Björn", "Ines", "Mei"];
pub(crate) const LAST: [&str; 10] = [
    "Quillfeather",
    "O'Hara",
    "Brackwater",
    "Oldenmoor",
    "Müller",
    "Nakamura",
    "Sørensen",
    "Marrow",
    "Castellanos",
    "Ng",
];
pub(crate) const TITLES: [&str; 6] = [
    "Head of Procurement",
    "Buyer",
    "CTO \\\"interim\\\"",
    "Ingénieure qualité",
    "Account Manager",
    "VP Operations\\/Europe",
];
pub(crate) const COMPANIES: [&str; 6] = [
    "Larkspur Freightworks",
    "Novaquill Instruments",
    "Gannet & Søn",
    "Tidewater Yards",
    "Brücke \\\"Nord\\\" GmbH",
    "Port Vell Cranes",
];
pub(crate) const CITIES: [&str; 6] = ["Port Vell", "Malmö", "São Tomé", "Detroit", "Zürich", "Kraków"];
pub(crate) const STREETS: [&str; 4] =
    ["14 Tiller Row", "2 Quay \\\\\\\"East\\\\\\\"", "Hafenstraße 9", "100 Capstan Avenue, Suite 5"];
pub(crate) const TAGS: [&str; 6] = ["Buyer", "Spring Fair", "Renewal", "Newsletter", "VIP", "Event 2024"];

/// A page of so many contacts.
#[must_use]
pub(crate) fn contacts(records: u64) -> String {
    let mut numbers = Numbers(0x5EED_0F7A_11CE_0001);
    let mut page = String::from("[");
    for index in 0..records {
        if index > 0 {
            page.push(',');
        }
        contact(&mut page, &mut numbers, index, index + 1 == records).expect("a string takes everything");
    }
    page.push(']');
    page
}

fn property(page: &mut String, kind: &str, name: &str, subtype: Option<&str>, value: &str) -> std::fmt::Result {
    write!(page, r#"{{"type":"{kind}","name":"{name}","#)?;
    if let Some(subtype) = subtype {
        write!(page, r#""subtype":"{subtype}","#)?;
    }
    write!(page, r#""value":"{value}"}},"#)
}

fn contact(page: &mut String, numbers: &mut Numbers, index: u64, last: bool) -> std::fmt::Result {
    let id = 5_100_000_000_000_000 + index * 17;
    let created = 1_600_000_000 + numbers.below(150_000_000);
    let (first, family) = (numbers.one_of(&FIRST), numbers.one_of(&LAST));
    let domain = format!("{}.example", numbers.one_of(&["larkspur", "novaquill", "gannet", "tidewater"]));
    write!(page, r#"{{"id":{id},"type":"PERSON","created_time":{created},"#)?;
    let updated = if numbers.below(4) == 0 { 0 } else { created + numbers.below(10_000_000) };
    let contacted = if numbers.below(3) == 0 { 0 } else { created + numbers.below(9_000_000) };
    write!(
        page,
        r#""updated_time":{updated},"last_contacted":{contacted},"last_emailed":0,"last_campaign_emaild":0,"#
    )?;
    write!(
        page,
        r#""last_called":{contacted},"viewed_time":0,"viewed":{{"viewed_time":{created}000,"viewer_id":5200000000000001}},"#
    )?;
    write!(page, r#""star_value":{},"lead_score":{},"klout_score":"","#, numbers.below(6), numbers.below(100))?;
    let (tag, other) = (numbers.one_of(&TAGS), numbers.one_of(&TAGS));
    write!(page, r#""tags":["{tag}","{other}"],"tagsWithTime":["#)?;
    for (at, tag) in [tag, other].into_iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(page, r#"{comma}{{"tag":"{tag}","createdTime":{created}456,"availableCount":0,"entity_type":"tag"}}"#)?;
    }
    page.push_str(r#"],"properties":["#);
    property(page, "SYSTEM", "first_name", None, first)?;
    property(page, "SYSTEM", "last_name", None, family)?;
    property(page, "SYSTEM", "title", None, numbers.one_of(&TITLES))?;
    property(page, "SYSTEM", "company", None, numbers.one_of(&COMPANIES))?;
    property(page, "SYSTEM", "email", Some("work"), &format!("contact{index}@{domain}"))?;
    if numbers.below(2) == 0 {
        property(
            page,
            "SYSTEM",
            "email",
            Some(numbers.one_of(&["personal", "home", ""])),
            &format!("c{index}@mailbox.example"),
        )?;
    }
    property(page, "SYSTEM", "phone", Some("work"), &format!("+1 555 010 {:04}", numbers.below(10_000)))?;
    property(
        page,
        "SYSTEM",
        "phone",
        Some(numbers.one_of(&["mobile", "home", "work fax", "main"])),
        &format!("+46 8 {:06}", numbers.below(1_000_000)),
    )?;
    let (street, city) = (numbers.one_of(&STREETS), numbers.one_of(&CITIES));
    let address = format!(
        r#"{{\"address\":\"{street}\",\"city\":\"{city}\",\"state\":\"OR\",\"zip\":\"{:05}\",\"country\":\"US\",\"countryname\":\"United States\"}}"#,
        numbers.below(100_000)
    );
    property(page, "SYSTEM", "address", Some(numbers.one_of(&["office", "home", "postal"])), &address)?;
    property(page, "SYSTEM", "website", Some("URL"), &format!("https:\\/\\/{domain}\\/people\\/{index}"))?;
    if numbers.below(2) == 0 {
        property(
            page,
            "SYSTEM",
            "website",
            Some(numbers.one_of(&["LINKEDIN", "TWITTER", "FLICKR", "OTHER"])),
            &format!("https://social.example/in/{index}"),
        )?;
    }
    property(page, "CUSTOM", "Renewal Date", None, "1735689600")?;
    property(page, "CUSTOM", "title", None, "a custom title that is not the title")?;
    if numbers.below(2) == 0 {
        property(page, "CUSTOM", "Größe", None, "42,5 \\u00b5m")?;
    }
    page.pop();
    page.push_str(r#"],"campaignStatus":[],"entity_type":"contact_entity","#);
    write!(
        page,
        r#""contact_company_id":"{}","unsubscribeStatus":[],"emailBounceStatus":[],"#,
        5_100_000_000_009_000 + numbers.below(900)
    )?;
    page.push_str(r#""formId":0,"browserId":[],"lead_source_id":0,"lead_status_id":0,"is_lead_converted":false,"lead_converted_time":0,"#);
    page.push_str(r#""is_duplicate_existed":false,"trashed_time":0,"restored_time":0,"source":"manual","#);
    page.push_str(r#""is_client_import":false,"widget_properties":null,"#);
    page.push_str(r#""geo_point":{"latitude":59.32932,"longitude":18.06858},"guid":null,"forceSearch":false,"#);
    let owner = 5_200_000_000_000_000 + numbers.below(9);
    write!(
        page,
        r#""owner":{{"id":{owner},"domain":"tidewater","email":"marrow@tidewater.example","phone":"","name":"Inès Marrow","#
    )?;
    page.push_str(r#""pic":"https://cdn.example/71.png","schedule_id":"Ines","calendar_url":"https://tidewater.agilecrm.example/calendar/Ines","#);
    page.push_str(r#""calendarURL":"https://tidewater.agilecrm.example/calendar/Ines"}"#);
    if last {
        page.push_str(r#","cursor":"ClMKFgoMY3JlYXRlZF90aW1lEgYIsimulated""#);
    }
    page.push('}');
    Ok(())
}
