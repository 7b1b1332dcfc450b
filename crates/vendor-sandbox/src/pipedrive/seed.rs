//! What companies start with: 40 organizations and 120 persons in the one, 2 and 5 in the other.

use serde_json::{Value, json};

use super::authorization::PIPEDRIVE_COMPANY;
use super::items::{ADDRESS, CUSTOM_FIELDS, Kind};
use super::store::{Company, time};
use crate::table::{Record, record};
use crate::values::cast::{self, Cast, Person, Upkeep};

/// Ids of the seed are below those of later items.
pub(super) const FIRST_NEW_ID: u64 = 900_000;
const FIRST_USER: u64 = 24_400_001;
const FIRST_ORGANIZATION: u64 = 5_001;
const FIRST_PERSON: u64 = 70_001;

const LABELS: [&str; 4] = ["work", "home", "mobile", "other"];

pub(super) fn fill(company: &mut Company) {
    let is_large = company.domain == PIPEDRIVE_COMPANY;
    let (number, organizations, persons) = if is_large { (0x5eed_0401, 40, 120) } else { (0x5eed_0402, 2, 5) };
    let cast = Cast::numbered(number);
    company.users = (0..cast.users.len()).map(|place| id(FIRST_USER, place)).collect();
    for (place, one) in cast.companies.iter().enumerate().take(organizations) {
        let id = id(FIRST_ORGANIZATION, place);
        company.table_mut(Kind::Organization).insert(&id.to_string(), organization(place, one, id));
    }
    for (place, one) in cast.persons.iter().enumerate().take(persons) {
        let id = id(FIRST_PERSON, place);
        let employer = one.employer.filter(|employer| *employer < organizations);
        company.table_mut(Kind::Person).insert(&id.to_string(), person(place, one, employer, id));
    }
}

fn id(first: u64, place: usize) -> u64 {
    first + 7 * place as u64
}

fn person(place: usize, person: &Person, employer: Option<usize>, id: u64) -> Record {
    let channels = |values: Vec<&String>| -> Vec<Value> {
        let labelled = values.into_iter().zip(LABELS.iter().cycle().skip(place % 4)).enumerate();
        labelled.map(|(at, (value, label))| json!({"value": value, "primary": at == 0, "label": label})).collect()
    };
    let last_name = person.last_name.filter(|name| !name.is_empty());
    let members = json!({
        "id": id,
        "name": person.name(),
        "first_name": person.first_name,
        "last_name": last_name,
        "org_id": employer.map(|employer| self::id(FIRST_ORGANIZATION, employer)),
        "emails": channels(person.emails.iter().collect()),
        "phones": channels(person.phone.iter().chain(&person.mobile).collect()),
        "label_ids": &[1, 2][..place % 3],
        "picture_id": Value::Null,
    });
    with_upkeep(members, person.upkeep, place)
}

fn organization(place: usize, company: &cast::Company, id: u64) -> Record {
    let [city, state, zip, _, country] = company.place;
    let text = |part: &'static str| Some(part).filter(|part| !part.is_empty());
    let parts = [("route", text(company.street)), ("locality", text(city)), ("admin_area_level_1", text(state))];
    let parts = parts.into_iter().chain([("postal_code", text(zip)), ("country", text(country))]);
    let mut address: Record = ADDRESS.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    address.extend(parts.map(|(name, part)| (name.to_owned(), json!(part))));
    let lines = [company.street, city, country];
    let whole: Vec<&str> = lines.into_iter().filter(|part| !part.is_empty()).collect();
    address.insert("value".to_owned(), json!(whole.join(", ")));
    let members = json!({
        "id": id,
        "name": company.name,
        // One in five has none.
        "address": (place % 5 != 4).then_some(address),
        "label_ids": &[5][..place % 2],
    });
    with_upkeep(members, company.upkeep, place)
}

fn with_upkeep(members: Value, upkeep: Upkeep, place: usize) -> Record {
    let mut record = record(members);
    let [text, number, choices] = CUSTOM_FIELDS;
    let custom_fields = json!({
        text: place.is_multiple_of(3).then_some("quince & \"plum\""),
        number: place.is_multiple_of(2).then_some(place),
        choices: place.is_multiple_of(4).then_some([11, 12]),
    });
    record.extend([
        ("owner_id".to_owned(), json!(id(FIRST_USER, upkeep.owner))),
        ("add_time".to_owned(), time(upkeep.created)),
        ("update_time".to_owned(), time(upkeep.updated)),
        ("visible_to".to_owned(), json!(3)),
        ("is_deleted".to_owned(), json!(false)),
        ("custom_fields".to_owned(), custom_fields),
    ]);
    record
}
