//! The records that an instance starts with: 40 organizations, 120 contacts, 30 leads, 30 opportunities, 5 users inside them.

use serde_json::{Value, json};

use super::forms::Forms;
use super::kinds::Kind;
use super::pipelines;
use super::store::Account;
use crate::clock::date_and_time;
use crate::table::{Record, record};
use crate::values::cast::{Cast, Company, Deal, Person, Upkeep};

/// Where the ids of later records begin, apart from the seed's own numbers.
pub(super) const FIRST_NUMBER_OF_NEW_IDS: u64 = 0x5eed_0102;

pub(super) fn fill(account: &mut Account) {
    let cast = Cast::numbered(0x5eed_0101);
    account.forms = Forms::alike(&[("cf_1", "Sites"), ("cf_2", "Région d'achat"), ("cf_3", "Renewal")]);
    for company in &cast.companies {
        account.table_mut(Kind::Organization).insert(&company.id, organization(&cast, company));
    }
    account.users = (0..cast.users.len()).map(|place| embedded(&cast, place)).collect();
    for person in &cast.persons {
        account.table_mut(Kind::Contact).insert(&person.id, contact(&cast, person));
    }
    for (number, deal) in cast.deals.iter().enumerate() {
        // Each half of the deals has every progress in it.
        if number < cast.deals.len() / 2 {
            account.table_mut(Kind::Lead).insert(&deal.id, lead(&cast, deal));
        } else {
            account.table_mut(Kind::Opportunity).insert(&deal.id, opportunity(&cast, deal));
        }
    }
}

fn organization(cast: &Cast, company: &Company) -> Record {
    let [city, state, zip, country, _] = company.place;
    with_upkeep(
        cast,
        company.upkeep,
        json!({
            "id": company.id,
            "name": company.name,
            "website": company.website,
            "phone": company.phone,
            "address": {"street": company.street, "city": city, "state": state, "zip": zip, "country": country},
            "tags": &["Partner", "Éte"][..company.employees % 3],
            "customFields": [{"id": "cf_1", "label": "Sites", "value": company.employees.to_string()}],
        }),
    )
}

fn contact(cast: &Cast, person: &Person) -> Record {
    let emails: Vec<Value> = person
        .emails
        .iter()
        .zip(["work", "other"])
        .map(|(email, kind)| json!({"email": email, "type": kind}))
        .collect();
    let phones: Vec<Value> = [(&person.phone, "work"), (&person.mobile, "mobile")]
        .into_iter()
        .filter_map(|(phone, kind)| phone.as_ref().map(|number| json!({"number": number, "type": kind})))
        .collect();
    with_upkeep(
        cast,
        person.upkeep,
        json!({
            "id": person.id,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "jobTitle": person.title,
            "emails": emails,
            "phones": phones,
            "organization": company_id(cast, person.employer),
            "tags": &["Webinar"][..person.emails.len() % 2],
            "customFields": [],
        }),
    )
}

fn lead(cast: &Cast, deal: &Deal) -> Record {
    let status = ["New", "Contacted", "Qualified", "Unqualified"][deal.progress % 4];
    let members = json!({
        "id": deal.id,
        "name": deal.name,
        "status": status,
        "archived": deal.progress == 5,
        "value": deal.value,
        "currency": "USD",
        "emails": [],
        "phones": [],
        "contact": deal.persons.first().map(|person| &cast.persons[*person].id),
        "organization": company_id(cast, deal.company),
        "tags": &["Webinar", "100% \"hot\""][..deal.progress % 3],
        "customFields": [{"id": "cf_2", "label": "Région d'achat", "value": Value::Null}],
    });
    with_upkeep(cast, deal.upkeep, members)
}

fn opportunity(cast: &Cast, deal: &Deal) -> Record {
    let (pipeline, stage) = pipelines::places().nth(deal.progress % 5).unwrap_or_default();
    let status = ["Open", "Open", "Open", "Open", "Won", "Lost"][deal.progress % 6];
    let probability = [10, 25, 60, 90, 100, 0][deal.progress % 6];
    let members = json!({
        "id": deal.id,
        "name": deal.name,
        "status": status,
        "value": deal.value,
        "currency": if deal.value.is_some() { Some("EUR") } else { None },
        "probability": probability,
        "expectedCloseDate": date_and_time(deal.closes)[..10],
        "pipeline": pipeline,
        "stage": stage,
        "contacts": deal.persons.iter().map(|person| &cast.persons[*person].id).collect::<Vec<_>>(),
        "organization": company_id(cast, deal.company),
        "tags": [],
        "customFields": [{"id": "cf_3", "label": "Renewal", "value": "yes"}],
    });
    with_upkeep(cast, deal.upkeep, members)
}

/// A user as records show one.
fn embedded(cast: &Cast, place: usize) -> Value {
    let user = &cast.users[place];
    json!({"id": user.id, "name": user.name(), "email": user.email})
}

fn company_id(cast: &Cast, place: Option<usize>) -> Option<&str> {
    place.map(|place| cast.companies[place].id.as_str())
}

fn with_upkeep(cast: &Cast, upkeep: Upkeep, members: Value) -> Record {
    let owner = embedded(cast, upkeep.owner);
    let mut record = record(members);
    record.extend([
        ("owner".to_owned(), owner.clone()),
        ("createdBy".to_owned(), owner.clone()),
        ("lastUpdatedBy".to_owned(), owner),
        ("createdOn".to_owned(), json!(format!("{}Z", date_and_time(upkeep.created)))),
        ("lastUpdatedOn".to_owned(), json!(format!("{}Z", date_and_time(upkeep.updated)))),
    ]);
    record
}
