//! The contacts that an account starts with: 60 companies, 250 persons, 40 leads, and 4 users, all invented and the same in
//! every run.

pub(super) mod work;

use serde_json::json;

use super::AGILE_EMAIL;
use crate::agile::records::{Contact, Kind, Property, Tag, User};
use crate::values::random::SplitMix;
use crate::values::words;

const COMPANIES: u32 = 60;
const PERSONS: u32 = 250;
const LEADS: u32 = 40;
/// 2025-01-01T00:00:00Z, after all persons.
const FIRST_LEAD: i64 = 1_735_689_600;
/// 2020-09-13T12:26:40Z
const FIRST_CREATION: i64 = 1_600_000_000;
/// The last company: close to the largest id there can be.
const HUGE_COMPANY_ID: i64 = 9_223_372_036_854_775_783;
/// The last person, in the last company: 2^53 + 1, which a double cannot hold.
const INEXACT_PERSON_ID: i64 = 9_007_199_254_740_993;
/// Where the ids of later records begin, apart from the seed's own numbers.
pub(in crate::agile) const FIRST_NUMBER_OF_NEW_IDS: u64 = 0x5eed_0002;

pub(in crate::agile) fn users() -> Vec<User> {
    let people = [
        ("Maren Tolle", AGILE_EMAIL, "+1 555 010 0001"),
        ("Ines Quay", "ines.quay@saltmarsh.example", ""),
        ("Bohuš Vlček", "bohus@saltmarsh.example", "+420 555 010 003"),
        ("Tadhg O'Fen", "tadhg.ofen@saltmarsh.example", "+353 555 010 004"),
    ];
    (1_i64..)
        .zip(people)
        .map(|(number, (name, email, phone))| User {
            id: user_id(number),
            email: email.to_owned(),
            name: name.to_owned(),
            phone: phone.to_owned(),
            is_admin: number == 1,
            is_disabled: number == 4,
        })
        .collect()
}

pub(in crate::agile) fn contacts() -> Vec<Contact> {
    let mut random = SplitMix::new(0x5eed_0001);
    let mut clock = FIRST_CREATION;
    let mut contacts: Vec<Contact> = Vec::new();
    for number in 1..=COMPANIES {
        contacts.push(company(&mut random, later(&mut clock, number), number));
    }
    for number in 1..=PERSONS {
        let created = later(&mut clock, number);
        let employer = random.below(COMPANIES + 20);
        let employer = if number == PERSONS { COMPANIES - 1 } else { employer };
        // A quarter of the persons work for nobody.
        let employer =
            contacts.get(employer as usize).filter(|contact| contact.kind == Kind::Company).map(|company| company.id);
        contacts.push(person(&mut random, created, number, employer));
    }
    contacts.extend(leads(&contacts));
    contacts
}

/// Made from numbers of their own, so that they leave the persons as they are.
fn leads(companies: &[Contact]) -> Vec<Contact> {
    let mut random = SplitMix::new(0x5eed_0004);
    let mut clock = FIRST_LEAD;
    let lead = |number: u32| {
        let created = later(&mut clock, number);
        let company = companies.get(random.below(COMPANIES) as usize).map(|company| company.id);
        let mut lead = Contact::new(sixteen_digits(&mut random), Kind::Lead, created, owner(&mut random));
        lead.company_id = company.filter(|_| number.is_multiple_of(3));
        lead.properties = names(&mut random, number);
        if !number.is_multiple_of(6) {
            lead.properties.push(Property::of_subtype("email", "work", format!("lead{number}@prospect.example")));
        }
        if number.is_multiple_of(2) {
            lead.properties.push(Property::of_subtype("phone", "mobile", phone_number(number, 7)));
        }
        if number.is_multiple_of(5) {
            lead.properties.push(address(&mut random, "office", number));
            lead.properties.push(Property::of_subtype("website", "URL", format!("https://lead{number}.example")));
            lead.properties.push(Property::custom("Badge No.", format!("L-{number:03}")));
        }
        lead.lead_source_id = if number.is_multiple_of(4) { 0 } else { 5_300_000_000_000_011 + i64::from(number % 3) };
        lead.lead_status_id = if number.is_multiple_of(2) { 5_300_000_000_000_021 } else { 5_300_000_000_000_023 };
        if number.is_multiple_of(4) {
            lead.add_tags(vec![random.pick(&words::TAGS).to_owned()], created);
        }
        touch(&mut random, &mut lead);
        lead
    };
    (1..=LEADS).map(lead).collect()
}

/// An id as the vendor makes them: sixteen digits, below 2^53, in no order.
pub(in crate::agile) fn sixteen_digits(random: &mut SplitMix) -> i64 {
    let spread = random.next() % 2_000_000_000_000_000;
    4_500_000_000_000_000 + i64::try_from(spread).unwrap_or(0)
}

fn user_id(number: i64) -> i64 {
    5_200_000_000_000_000 + number
}

/// Every fifth record is created in the same second as the one before it.
fn later(clock: &mut i64, number: u32) -> i64 {
    if !number.is_multiple_of(5) {
        *clock += 86_400 / 2 + i64::from(number) * 61;
    }
    *clock
}

fn company(random: &mut SplitMix, created: i64, number: u32) -> Contact {
    let id = sixteen_digits(random);
    let id = if number == COMPANIES { HUGE_COMPANY_ID } else { id };
    let mut company = Contact::new(id, Kind::Company, created, owner(random));
    let name = format!("{} {}", random.pick(&words::COMPANY_WORDS), random.pick(&words::COMPANY_TRADES));
    // The number keeps two companies from having one name, by which persons are linked to them.
    let name = if number.is_multiple_of(3) { format!("{name} {number}") } else { format!("{name} No. {number}") };
    company.properties.push(Property::system("name", name));
    if !number.is_multiple_of(4) {
        company.properties.push(Property::system("url", format!("https://company{number}.example")));
    }
    if number.is_multiple_of(2) {
        company.properties.push(Property::system("email", format!("desk@company{number}.example")));
        company.properties.push(Property::system("phone", phone_number(number, 9)));
    }
    if number.is_multiple_of(3) {
        company.properties.push(address(random, "office", number));
        company.properties.push(Property::of_subtype(
            "website",
            "LINKEDIN",
            format!("https://social.example/c/{number}"),
        ));
        company.properties.push(Property::custom("Employees", (number * 7).to_string()));
    }
    if number.is_multiple_of(7) {
        company.properties.push(Property::system("image", format!("https://cdn.example/logo/{number}.png")));
        company.properties.push(Property::custom("Region", ""));
        company.properties.push(Property::of_subtype("phone", "work fax", phone_number(number, 8)));
    }
    touch(random, &mut company);
    company
}

fn person(random: &mut SplitMix, created: i64, number: u32, employer: Option<i64>) -> Contact {
    let id = sixteen_digits(random);
    let id = if number == PERSONS { INEXACT_PERSON_ID } else { id };
    let mut person = Contact::new(id, Kind::Person, created, owner(random));
    person.company_id = employer;
    person.properties = [names(random, number), means_of_contact(random, number), customs(random, number)].concat();
    person.lead_score = if number.is_multiple_of(3) { i64::from(random.below(120)) } else { 0 };
    person.star_value = if number.is_multiple_of(4) { i64::from(random.below(6)) } else { 0 };
    for _ in 0..random.below(4) {
        person.add_tags(vec![random.pick(&words::TAGS).to_owned()], created);
    }
    touch(random, &mut person);
    person
}

fn names(random: &mut SplitMix, number: u32) -> Vec<Property> {
    let mut properties = vec![Property::system("first_name", random.pick(&words::FIRST_NAMES))];
    // Some have no last name, some an empty one.
    match number % 17 {
        0 => {}
        1 => properties.push(Property::system("last_name", "")),
        _ => properties.push(Property::system("last_name", random.pick(&words::LAST_NAMES))),
    }
    match number % 5 {
        0 => {}
        1 => properties.push(Property::system("title", "")),
        _ => properties.push(Property::system("title", random.pick(&words::TITLES))),
    }
    if number.is_multiple_of(11) {
        properties.push(Property::system("image", format!("https://cdn.example/face/{number}.png")));
    }
    properties
}

fn means_of_contact(random: &mut SplitMix, number: u32) -> Vec<Property> {
    let mut properties = Vec::new();
    if !number.is_multiple_of(23) {
        properties.push(Property::of_subtype("email", "work", format!("person{number}@work.example")));
    }
    if number.is_multiple_of(3) {
        properties.push(Property::of_subtype("email", "personal", format!("person{number}@home.example")));
    }
    // The web pages can hold two of one subtype, which edit-properties cannot tell apart.
    if number.is_multiple_of(10) {
        properties.push(Property::of_subtype("email", "work", format!("person{number}+second@work.example")));
    }
    if number.is_multiple_of(15) {
        properties.push(Property::system("email", format!("person{number}@plain.example")));
    }
    for (kind, subtype) in (0..).zip(words::PHONES) {
        if random.once_in(4) {
            properties.push(Property::of_subtype("phone", subtype, phone_number(number, kind)));
        }
    }
    for subtype in words::WEBSITES {
        if random.once_in(9) {
            let page = format!("https://{}.example/person{number}?a=1&b=2", subtype.to_lowercase().replace('_', "-"));
            properties.push(Property::of_subtype("website", subtype, page));
        }
    }
    for subtype in words::ADDRESSES {
        if random.once_in(3) {
            properties.push(address(random, subtype, number));
        }
    }
    if number == 40 {
        properties.retain(|property| !property.is_system("address"));
        properties.push(Property::of_subtype("address", "home", "14 Tiller Row, Port Vell (never was JSON)"));
    }
    properties
}

fn customs(random: &mut SplitMix, number: u32) -> Vec<Property> {
    let mut properties = Vec::new();
    if number.is_multiple_of(4) {
        properties.push(Property::custom("Renewal Date", (1_735_689_600 + i64::from(number) * 86_400).to_string()));
    }
    if number.is_multiple_of(6) {
        properties.push(Property::custom("Newsletter", if number.is_multiple_of(12) { "on" } else { "off" }));
    }
    if number.is_multiple_of(9) {
        properties.push(Property::custom("Badge No.", format!("B-{number:04}")));
        properties.push(Property::custom("Favourite Fruit", random.pick(&words::FRUIT)));
    }
    // Not the SYSTEM property of that name.
    if number % 50 == 7 {
        properties.push(Property::custom("title", "a custom field that is called title"));
    }
    properties
}

fn address(random: &mut SplitMix, subtype: &str, number: u32) -> Property {
    let [city, state, zip, country, country_name] = words::PLACES[random.below(7) as usize];
    let mut address = json!({
        "address": random.pick(&words::STREETS),
        "city": city,
        "state": state,
        "zip": zip,
        "country": country,
        "countryname": country_name,
    });
    if number.is_multiple_of(8)
        && let Some(members) = address.as_object_mut()
    {
        members.retain(|_, value| value != "");
    }
    Property::of_subtype("address", subtype, address.to_string())
}

fn phone_number(number: u32, kind: u32) -> String {
    format!("+1 555 01{kind} {number:04}")
}

fn owner(random: &mut SplitMix) -> i64 {
    user_id(1 + i64::from(random.below(4)))
}

/// Three in eight were changed later, one in five was ever spoken to.
fn touch(random: &mut SplitMix, contact: &mut Contact) {
    contact.source = if random.once_in(3) { "api" } else { "manual" };
    if random.below(8) < 3 {
        contact.updated = contact.created + 3_600 + i64::from(random.below(90 * 86_400));
    }
    if random.once_in(5) {
        contact.last_contacted = contact.created + 7_200 + i64::from(random.below(9_000));
        contact.last_emailed = contact.last_contacted;
    }
    if random.once_in(9) {
        contact.last_called = contact.created + 1_800;
    }
    let milliseconds = i64::from(random.below(1000));
    contact.tags.iter_mut().for_each(|tag: &mut Tag| tag.created_milliseconds += milliseconds);
}
