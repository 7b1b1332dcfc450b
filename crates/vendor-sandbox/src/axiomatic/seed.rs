//! The records that an entity starts with: 40 companies, 120 contacts, 60 leads in 5 stages, 80 activities, 30 tasks.

use serde_json::{Value, json};

use super::stages::Stage;
use super::store::{Account, time};
use crate::clock::date_and_time;
use crate::table::{Record, Table, record};
use crate::values::cast::{Cast, Upkeep};
use crate::values::guid;

const TASKS: usize = 30;
/// Where the ids of later records begin, apart from the seed's own numbers.
pub(super) const FIRST_NUMBER_OF_NEW_IDS: u64 = 0x5eed_0202;

pub(super) fn fill(account: &mut Account) {
    let mut cast = Cast::numbered(0x5eed_0201);
    account.own_user_id.clone_from(&cast.users[0].id);
    account.stages = stages();
    add_companies(&cast, &mut account.companies);
    add_contacts(&cast, &mut account.contacts);
    add_memberships(&mut cast, &mut account.memberships);
    add_leads(&cast, &account.stages, &mut account.leads);
    add_activities(&cast, &mut account.activities);
    add_tasks(&mut cast, &mut account.tasks);
}

fn stages() -> Vec<Stage> {
    let stages = [
        ("New", "open", 10, "slate", "new"),
        ("Qualified", "open", 40, "blue", "qualified"),
        ("Proposal & \"terms\"", "open", 60, "amber", "proposal"),
        ("Won", "won", 100, "green", "won"),
        ("Lost", "lost", 0, "red", "lost"),
    ];
    (0x11..)
        .zip(stages)
        .map(|(number, (name, kind, probability, color, system_key))| Stage {
            id: format!("90a1b2c3-0000-4000-8000-{number:012x}"),
            name: name.to_owned(),
            kind: kind.to_owned(),
            probability,
            color: Some(color.to_owned()),
            system_key: Some(system_key),
        })
        .collect()
}

fn add_companies(cast: &Cast, companies: &mut Table) {
    for (number, company) in cast.companies.iter().enumerate() {
        let members = json!({
            "id": company.id,
            "name": company.name,
            "role": (["prospect", "customer", "vendor", "both"][number % 4]),
            "status": if number % 8 == 7 { "inactive" } else { "active" },
            "ownerUserId": (number % 10 != 9).then(|| &cast.users[company.upkeep.owner].id),
            "website": company.website,
            "phone": company.phone,
            "email": company.website.as_ref().map(|_| format!("desk@company{number}.example")),
        });
        companies.insert(&company.id, with_times(company.upkeep, members));
    }
}

fn add_contacts(cast: &Cast, contacts: &mut Table) {
    for person in &cast.persons {
        let members = json!({
            "id": person.id,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "email": person.emails.first(),
            "phone": person.phone,
            "title": person.title,
            "ownerUserId": cast.users[person.upkeep.owner].id,
        });
        contacts.insert(&person.id, with_times(person.upkeep, members));
    }
}

/// Every tenth of those who work somewhere works for a second company too.
fn add_memberships(cast: &mut Cast, memberships: &mut Table) {
    for (number, person) in cast.persons.iter().enumerate() {
        let Some(employer) = person.employer else { continue };
        let second = (number % 10 == 0).then_some((employer + 1) % cast.companies.len());
        for company in [Some(employer), second].into_iter().flatten() {
            let id = guid::next(&mut cast.random);
            let members = json!({
                "id": id,
                "contactId": person.id,
                "companyId": cast.companies[company].id,
                "title": person.title,
                "isPrimary": company == employer,
            });
            memberships.insert(&id, with_times(person.upkeep, members));
        }
    }
}

fn add_leads(cast: &Cast, stages: &[Stage], leads: &mut Table) {
    for deal in &cast.deals {
        let members = json!({
            "id": deal.id,
            "title": deal.name,
            "stageId": stages[deal.progress % stages.len()].id,
            "companyId": deal.company.map(|company| &cast.companies[company].id),
            "contactId": deal.persons.first().map(|person| &cast.persons[*person].id),
            "ownerUserId": cast.users[deal.upkeep.owner].id,
            "value": deal.value,
            "expectedCloseDate": date_and_time(deal.closes)[..10],
            "description": (deal.progress == 1).then_some(""),
        });
        leads.insert(&deal.id, with_times(deal.upkeep, members));
    }
}

fn add_activities(cast: &Cast, activities: &mut Table) {
    for (number, note) in cast.notes.iter().enumerate() {
        let deal = &cast.deals[number % cast.deals.len()];
        let members = json!({
            "id": note.id,
            "type": (["call", "email", "meeting", "note"][number % 4]),
            "subject": note.subject,
            "body": (number % 5 != 4).then_some(note.text),
            "leadId": (number % 6 != 5).then_some(&deal.id),
            "contactId": deal.persons.first().map(|person| &cast.persons[*person].id),
            "companyId": deal.company.map(|company| &cast.companies[company].id),
            "occurredAt": time(note.upkeep.created),
            "ownerUserId": cast.users[note.upkeep.owner].id,
        });
        let mut activity = with_times(note.upkeep, members);
        activity.remove("updatedAt");
        activities.insert(&note.id, activity);
    }
}

fn add_tasks(cast: &mut Cast, tasks: &mut Table) {
    for deal in cast.deals.iter().take(TASKS) {
        let id = guid::next(&mut cast.random);
        let members = json!({
            "id": id,
            "title": format!("Prepare {}", deal.name),
            "status": if deal.progress < 3 { "open" } else { "done" },
            "dueAt": time(deal.closes),
            "leadId": deal.id,
            "ownerUserId": cast.users[deal.upkeep.owner].id,
        });
        tasks.insert(&id, with_times(deal.upkeep, members));
    }
}

fn with_times(upkeep: Upkeep, members: Value) -> Record {
    let mut record = record(members);
    record.insert("createdAt".to_owned(), time(upkeep.created));
    record.insert("updatedAt".to_owned(), time(upkeep.updated));
    record
}
