//! The records that an account starts with: 40 companies, 120 contacts, 60 opportunities, 80 notes, 5 users, all linked.

mod custom;

use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::avid::schema::LinkKind;
use crate::avid::store::{Account, Link};
use crate::clock::date_and_time;
use crate::table::{Record, record};
use crate::values::cast::{Cast, Upkeep};
use crate::values::guid;

pub(in crate::avid) fn fill(account: &mut Account) {
    let mut cast = Cast::numbered(0x5eed_0301);
    let departments = add_departments(account, &mut cast);
    for (number, user) in cast.users.iter().enumerate() {
        let members = json!({
            "Id": user.id,
            "FullName": user.name(),
            "FirstName": user.first_name,
            "LastName": user.last_name,
            "Email": user.email,
            "DepartmentId": departments[number % departments.len()].0,
        });
        account.insert("Users", record(members));
    }
    add_companies(account, &mut cast);
    add_contacts(account, &cast);
    add_opportunities(account, &cast, &departments);
    let activity_types = custom::fill(account, &mut cast, &departments);
    add_notes(account, &mut cast, &activity_types);
}

/// The ids of the departments and of their templates.
fn add_departments(account: &mut Account, cast: &mut Cast) -> Vec<(String, String)> {
    let departments = ["Sales", "Forschung & Entwicklung"].map(|name| {
        let (id, template) = (guid::next(&mut cast.random), guid::next(&mut cast.random));
        account.insert("Templates", record(json!({"Id": template, "Name": format!("{name} template")})));
        account.insert("Departments", record(json!({"Id": id, "Name": name, "TemplateId": template})));
        (id, template)
    });
    departments.into()
}

fn add_companies(account: &mut Account, cast: &mut Cast) {
    for (number, company) in cast.companies.iter().enumerate() {
        let contact = cast.persons.iter().find(|person| person.employer == Some(number));
        let members = json!({
            "Id": company.id,
            "Name": company.name,
            "PrimaryContactId": contact.filter(|_| number % 5 != 4).map(|person| &person.id),
            "BusinessPhone": company.phone,
            "Fax": (number % 9 == 0).then_some(""),
            "Website": company.website,
            "ExternalId": (number % 7 == 0).then(|| format!("ERP-{number:04}")),
        });
        account.insert("Companies", with_times(company.upkeep, members));
        link(account, LinkKind::EntityUser, &company.id, &cast.users[company.upkeep.owner].id);
        let [city, state, zip, country, _] = company.place;
        for kind in ["Primary", "Shipping"].iter().take(1 + number % 2) {
            let members = json!({
                "Id": guid::next(&mut cast.random),
                "EntityId": company.id,
                "AddressType": kind,
                "Street": company.street,
                "City": city,
                "State": state,
                "PostalCode": zip,
                "Country": country,
            });
            account.insert("Addresses", record(members));
        }
    }
}

fn add_contacts(account: &mut Account, cast: &Cast) {
    for (number, person) in cast.persons.iter().enumerate() {
        let members = json!({
            "Id": person.id,
            "FullName": person.name(),
            "FirstName": person.first_name,
            "MiddleName": (number % 13 == 0).then_some("Q."),
            "LastName": person.last_name,
            "Title": (number % 4 == 1).then_some("Ms."),
            "Suffix": (number % 29 == 3).then_some("Jr."),
            "JobTitle": person.title,
            "Department": (number % 6 == 0).then_some("R&D"),
            "Email": person.emails.first(),
            "Email2": person.emails.get(1),
            "Email3": Value::Null,
            "BusinessPhone": person.phone,
            "HomePhone": (number % 11 == 0).then_some(""),
            "CellPhone": person.mobile,
            "Fax": Value::Null,
            "Website": (number % 10 == 0).then(|| format!("https://person{number}.example")),
            "MainCompanyId": person.employer.map(|company| &cast.companies[company].id),
            "ExternalId": Value::Null,
        });
        account.insert("Contacts", with_times(person.upkeep, members));
        link(account, LinkKind::EntityUser, &person.id, &cast.users[person.upkeep.owner].id);
        if let Some(company) = person.employer {
            link(account, LinkKind::ContactCompany, &person.id, &cast.companies[company].id);
        }
    }
}

fn add_opportunities(account: &mut Account, cast: &Cast, departments: &[(String, String)]) {
    for (number, deal) in cast.deals.iter().enumerate() {
        let stage = ["Prospect", "Proposal", "50% agreed", "Closing", "Won", "Lost"][deal.progress % 6];
        let members = json!({
            "Id": deal.id,
            "RecordDescription": deal.name,
            "MainCompanyId": deal.company.map(|company| &cast.companies[company].id),
            "DepartmentId": departments[number % departments.len()].0,
            "UserDefined02": stage,
            "UserDefined03": deal.value.map(f64::from),
            "UserDefined10": date_and_time(deal.closes),
            "UserDefined34": Value::Null,
        });
        account.insert("Opportunities", with_times(deal.upkeep, members));
        link(account, LinkKind::EntityUser, &deal.id, &cast.users[deal.upkeep.owner].id);
        if let Some(company) = deal.company {
            link(account, LinkKind::OpportunityCompany, &deal.id, &cast.companies[company].id);
        }
        for person in &deal.persons {
            link(account, LinkKind::OpportunityContact, &deal.id, &cast.persons[*person].id);
        }
    }
}

/// Notes about contacts, companies and opportunities in turn, each with the header that the product writes.
fn add_notes(account: &mut Account, cast: &mut Cast, activity_types: &[(&str, String)]) {
    for (number, note) in cast.notes.iter().enumerate() {
        let about = match number % 3 {
            0 => &cast.persons[number % cast.persons.len()].id,
            1 => &cast.companies[number % cast.companies.len()].id,
            _ => &cast.deals[number % cast.deals.len()].id,
        };
        let user = &cast.users[note.upkeep.owner];
        let created = date_and_time(note.upkeep.created);
        let activity_type = activity_types.iter().find(|(label, _)| *label == note.subject).map(|(_, id)| id);
        let header = header(&created, &user.name(), note.subject);
        let members = json!({
            "Id": note.id,
            "UserId": user.id,
            "EntityId": about,
            "CreatedDate": format!("{created}.173"),
            "TrackId": guid::next(&mut cast.random),
            "TrackTypeId": activity_type.filter(|_| number % 10 != 9),
            "Text": if number % 8 == 7 { note.text.to_owned() } else { format!("{header}\r\n{}", note.text) },
        });
        account.insert("Notes", record(members));
    }
}

fn header(created: &str, user: &str, subject: &str) -> String {
    let time = created.parse::<DateTime>().unwrap_or_default().strftime("%-m/%-d/%Y %-I:%M %p").to_string();
    format!("----------- {time} (UTC-08:00) - Modified by: {user} ----------- {subject}")
}

fn link(account: &mut Account, kind: LinkKind, left: &str, right: &str) {
    account.link(Link { kind, left: left.to_owned(), right: right.to_owned() });
}

/// The product's own times have milliseconds.
fn with_times(upkeep: Upkeep, members: Value) -> Record {
    let mut row = record(members);
    row.insert("CreatedDate".to_owned(), json!(format!("{}.123", date_and_time(upkeep.created))));
    row.insert("UpdatedDate".to_owned(), json!(format!("{}.457", date_and_time(upkeep.updated))));
    row
}
