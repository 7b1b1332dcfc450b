//! The objects that an account starts with: 40 companies, 120 contacts, 5 owners.

use serde_json::{Value, json};

use super::objects::Kind;
use super::store::{Account, time};
use crate::table::{Record, record};
use crate::values::cast::{Cast, Company, Person, Upkeep};

/// Ids of the seed are far apart from each other and from those of later objects.
pub(super) const FIRST_NEW_ID: u64 = 90_000_000_000;
const FIRST_CONTACT: u64 = 70_000_000_101;
const FIRST_COMPANY: u64 = 80_000_000_201;
const FIRST_OWNER: u64 = 41_000_301;

const STAGES: [&str; 4] = ["lead", "opportunity", "customer", "subscriber"];
const INDUSTRIES: [&str; 3] = ["COMPUTER_SOFTWARE", "FOOD_PRODUCTION", "TEXTILES"];

pub(super) fn fill(account: &mut Account) {
    let cast = Cast::numbered(0x5eed_0301);
    let owner = |(place, user): (usize, &crate::values::cast::User)| {
        [id(FIRST_OWNER, place), user.first_name.to_owned(), user.last_name.to_owned(), user.email.clone()]
    };
    account.owners = cast.users.iter().enumerate().map(owner).collect();
    for (place, company) in cast.companies.iter().enumerate() {
        let id = id(FIRST_COMPANY, place);
        account.table_mut(Kind::Company).insert(&id, self::company(place, company, &id));
    }
    for (place, person) in cast.persons.iter().enumerate() {
        let own = id(FIRST_CONTACT, place);
        let employer = person.employer.map(|employer| id(FIRST_COMPANY, employer));
        let name = person.employer.map(|employer| cast.companies[employer].name.as_str());
        account.table_mut(Kind::Contact).insert(&own, contact(place, person, name, &own));
        if let Some(employer) = employer {
            account.employers.insert(own, vec![employer]);
        }
    }
}

fn id(first: u64, place: usize) -> String {
    (first + 13 * place as u64).to_string()
}

fn contact(place: usize, person: &Person, company: Option<&str>, id: &str) -> Record {
    let members = json!({
        "hs_object_id": id,
        "firstname": person.first_name,
        "lastname": person.last_name,
        "email": person.emails.first(),
        "hs_additional_emails": person.emails.get(1),
        "jobtitle": person.title,
        "phone": person.phone,
        "mobilephone": person.mobile,
        // People write what they like there, whatever company the contact is associated with.
        "company": (!place.is_multiple_of(3)).then_some(company).flatten(),
        "fax": (place % 10 == 3).then(|| format!("+1 555 013 {place:04}")),
        "website": (place % 7 == 2).then(|| format!("https://person{place}.example")),
        "city": (place % 4 == 1).then_some("Port Vell"),
        "country": (place % 4 == 1).then_some("United States"),
        "lifecyclestage": STAGES[place % 4],
        "favourite_fruit": place.is_multiple_of(5).then_some("quince"),
    });
    with_upkeep(members, person.upkeep, Kind::Contact, place)
}

fn company(place: usize, company: &Company, id: &str) -> Record {
    let [city, state, zip, _, country] = company.place;
    let members = json!({
        "hs_object_id": id,
        "name": company.name,
        "domain": company.website.as_ref().map(|_| format!("company{place}.example")),
        "website": company.website,
        "phone": company.phone,
        "address": company.street,
        "city": city,
        "state": state,
        "zip": zip,
        "country": country,
        "numberofemployees": company.employees.to_string(),
        "annualrevenue": place.is_multiple_of(3).then(|| (company.employees * 90_000).to_string()),
        "industry": (place % 4 != 3).then(|| INDUSTRIES[place % 3]),
        "description": (place % 5 == 1).then_some("Freight & \"more\"\nsince 1921"),
        "lifecyclestage": STAGES[place % 4],
        "type": place.is_multiple_of(2).then_some("PROSPECT"),
        "linkedin_company_page": (place % 6 == 4).then(|| format!("https://linkedin.example/company/{place}")),
        "hs_parent_company_id": (place % 9 == 8).then(|| self::id(FIRST_COMPANY, place - 1)),
    });
    with_upkeep(members, company.upkeep, Kind::Company, place)
}

/// One in ten belongs to nobody.
fn with_upkeep(members: Value, upkeep: Upkeep, kind: Kind, place: usize) -> Record {
    let mut record = record(members);
    record.retain(|_, value| !value.is_null());
    if place % 10 != 9 {
        record.insert("hubspot_owner_id".to_owned(), json!(id(FIRST_OWNER, upkeep.owner)));
    }
    record.insert("createdate".to_owned(), json!(time(upkeep.created)));
    record.insert(kind.changed_at().to_owned(), json!(time(upkeep.updated)));
    if place.is_multiple_of(3) {
        record.insert("notes_last_updated".to_owned(), json!(time(upkeep.updated)));
    }
    record
}
