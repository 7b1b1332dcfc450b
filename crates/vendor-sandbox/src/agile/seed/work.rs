//! What the seeded account works on: tracks, leads' categories, deals, notes, tasks and events about the seeded contacts.

use crate::agile::deals::Deal;
use crate::agile::events::Event;
use crate::agile::notes::Note;
use crate::agile::records::{Contact, Kind, Tag, User};
use crate::agile::seed::sixteen_digits;
use crate::agile::tasks::Task;
use crate::agile::tracks::Track;
use crate::values::random::SplitMix;
use crate::values::words;

const DEALS: u32 = 60;
const NOTES: u32 = 80;
const TASKS: u32 = 60;
const EVENTS: u32 = 40;
/// 2024-05-06T08:00:00Z
const FIRST_CREATION: i64 = 1_714_982_400;
const DAY: i64 = 86_400;
const QUARTER_OF_AN_HOUR: i64 = 900;

const DEFAULT_TRACK: i64 = 5_600_000_000_000_001;
const RENEWALS: i64 = 5_600_000_000_000_002;
const PARTNERS: i64 = 5_600_000_000_000_003;

/// Everything that the account works on.
pub(in crate::agile) struct Work {
    pub(in crate::agile) deals: Vec<Deal>,
    pub(in crate::agile) notes: Vec<Note>,
    pub(in crate::agile) tasks: Vec<Task>,
    pub(in crate::agile) events: Vec<Event>,
}

pub(in crate::agile) fn tracks() -> Vec<Track> {
    let track = |id, name: &str, milestones: &str| Track {
        id,
        name: name.to_owned(),
        milestones: milestones.to_owned(),
        is_default: id == DEFAULT_TRACK,
        won: None,
        lost: None,
    };
    let mut partners = track(PARTNERS, "Partners", "Intro,Trial,Signed,Dropped");
    partners.won = Some("Signed".to_owned());
    partners.lost = Some("Dropped".to_owned());
    vec![
        track(DEFAULT_TRACK, "Default", "Open,New,Prospect,Proposal,Won,Lost"),
        // Blanks after a comma are what people type.
        track(RENEWALS, "Renewals", "Due, Quoted, Agreed, Won, Lost"),
        partners,
    ]
}

pub(in crate::agile) fn work(contacts: &[Contact], users: &[User], tracks: &[Track]) -> Work {
    let mut seed = Seed { random: SplitMix::new(0x5eed_0003), contacts, users, tracks };
    let deals: Vec<Deal> = (1..=DEALS).map(|number| seed.deal(number)).collect();
    let notes = (1..=NOTES).map(|number| seed.note(number, &deals)).collect();
    let tasks = (1..=TASKS).map(|number| seed.task(number, &deals)).collect();
    let events = (1..=EVENTS).map(|number| seed.event(number, &deals)).collect();
    Work { deals, notes, tasks, events }
}

struct Seed<'a> {
    random: SplitMix,
    contacts: &'a [Contact],
    users: &'a [User],
    tracks: &'a [Track],
}

impl Seed<'_> {
    fn deal(&mut self, number: u32) -> Deal {
        let id = sixteen_digits(&mut self.random);
        // Every fifth is created in the same second as the one before it.
        let created = FIRST_CREATION + i64::from(number - u32::from(number.is_multiple_of(5))) * (DAY + 77);
        let mut deal = Deal::new(id, created, self.owner());
        let track = &self.tracks[self.below(3)];
        let milestones: Vec<&str> = track.milestones.split(',').map(str::trim).collect();
        deal.pipeline_id = track.id;
        milestones[self.below(milestones.len())].clone_into(&mut deal.milestone);
        deal.name = format!("{} {number}", self.random.pick(&words::DEALS));
        deal.expected_value = f64::from(self.random.below(90_000)) + if number.is_multiple_of(7) { 0.25 } else { 0.0 };
        deal.probability = i64::from(self.random.below(100));
        if !number.is_multiple_of(4) {
            deal.description = Some(self.random.pick(&words::NOTES).to_owned()).filter(|text| !text.is_empty());
        }
        if !number.is_multiple_of(6) {
            deal.close_date = Some((created / DAY + 30 + i64::from(self.random.below(200))) * DAY);
        }
        deal.contact_ids = self.people(number);
        if number.is_multiple_of(3) {
            deal.custom_data.push(("Sites".to_owned(), self.random.below(12).to_string()));
        }
        if number.is_multiple_of(9) {
            deal.custom_data.push(("Kickoff".to_owned(), "07/11/2024".to_owned()));
        }
        if number.is_multiple_of(5) {
            Tag::add(&mut deal.tags, vec![self.random.pick(&words::TAGS).to_owned()], created);
        }
        deal.archived = number.is_multiple_of(20);
        deal.source_id = if number.is_multiple_of(4) { 5_300_000_000_000_031 } else { 0 };
        if deal.milestone == track.lost_milestone() {
            deal.lost_reason_id = 5_300_000_000_000_041;
        }
        if number.is_multiple_of(3) {
            deal.updated = created + 5 * DAY;
            deal.milestone_changed = created + 4 * DAY;
        }
        deal.settle(Some(track), created + 4 * DAY);
        deal
    }

    /// Three in eight are about several contacts, about a deal, or about both.
    fn note(&mut self, number: u32, deals: &[Deal]) -> Note {
        let deal = &deals[self.below(deals.len())];
        let contact_ids = match number % 8 {
            0 | 1 => Vec::new(),
            2 => deal.contact_ids.clone(),
            3 => vec![self.one_of(Kind::Company)],
            4 => vec![self.one_of(Kind::Lead)],
            5 => vec![self.one_of(Kind::Person), self.one_of(Kind::Company), self.one_of(Kind::Person)],
            _ => vec![self.one_of(Kind::Person)],
        };
        let deal_ids = if matches!(number % 8, 0..=2) || contact_ids.is_empty() { vec![deal.id] } else { Vec::new() };
        let text = self.random.pick(&words::NOTES);
        Note {
            id: sixteen_digits(&mut self.random),
            subject: self.random.pick(&words::CONVERSATIONS).to_owned(),
            description: if text.is_empty() { "No answer.".to_owned() } else { text.to_owned() },
            contact_ids: without_repeats(contact_ids),
            deal_ids,
            owner_id: self.owner(),
            created: FIRST_CREATION + i64::from(number) * 40_000,
        }
    }

    fn task(&mut self, number: u32, deals: &[Deal]) -> Task {
        const KINDS: [&str; 9] =
            ["CALL", "EMAIL", "FOLLOW_UP", "MEETING", "MILESTONE", "SEND", "TWEET", "OTHER", "Site Visit"];
        let created = FIRST_CREATION + i64::from(number) * 50_000;
        let (status, progress) = match number % 4 {
            0 => ("COMPLETED", 100),
            1 => ("IN_PROGRESS", i64::from(self.random.below(99)) + 1),
            _ => ("YET_TO_START", 0),
        };
        let is_complete = status == "COMPLETED";
        Task {
            id: sixteen_digits(&mut self.random),
            subject: format!("{} {number}", self.random.pick(&words::CONVERSATIONS)),
            kind: KINDS[number as usize % KINDS.len()].to_owned(),
            priority: self.random.pick(&["HIGH", "NORMAL", "LOW"]).to_owned(),
            status: status.to_owned(),
            due: created + i64::from(self.random.below(60)) * DAY / 2,
            progress,
            is_complete,
            description: number.is_multiple_of(3).then(|| format!("Bring the plan of yard {number}.")),
            ending: None,
            contact_ids: if number.is_multiple_of(5) { Vec::new() } else { self.people(number) },
            deal_ids: if number.is_multiple_of(4) { vec![deals[self.below(deals.len())].id] } else { Vec::new() },
            notes: if number.is_multiple_of(10) { vec!["Ask for the invoice, too."] } else { Vec::new() },
            owner_id: self.owner(),
            started: if progress > 0 { created + 3_600 } else { 0 },
            completed: if is_complete { created + DAY } else { 0 },
            created,
        }
    }

    fn event(&mut self, number: u32, deals: &[Deal]) -> Event {
        let created = FIRST_CREATION + i64::from(number) * 60_000;
        let start =
            created + i64::from(self.random.below(120)) * DAY + QUARTER_OF_AN_HOUR * i64::from(self.random.below(30));
        Event {
            id: sixteen_digits(&mut self.random),
            title: format!("{} {number}", self.random.pick(&words::CONVERSATIONS)),
            start,
            end: start + QUARTER_OF_AN_HOUR * (1 + i64::from(self.random.below(8))),
            all_day: number.is_multiple_of(9),
            is_starred: number.is_multiple_of(11),
            colour: self.random.pick(&["red", "#36C", "green"]).to_owned(),
            kind: if number.is_multiple_of(8) { "WEB_APPOINTMENT" } else { "AGILE" },
            description: number.is_multiple_of(2).then(|| format!("Gate {number}, bring badges.")),
            contact_ids: if number.is_multiple_of(7) { Vec::new() } else { self.people(number) },
            deal_ids: if number.is_multiple_of(5) { vec![deals[self.below(deals.len())].id] } else { Vec::new() },
            owner_id: self.owner(),
            created,
        }
    }

    /// A person with, where there is one, the company that the person works for; now and then a lead or nobody.
    fn people(&mut self, number: u32) -> Vec<i64> {
        if number.is_multiple_of(13) {
            return Vec::new();
        }
        let person = self.one_of(if number.is_multiple_of(11) { Kind::Lead } else { Kind::Person });
        let employer = self.contacts.iter().find(|contact| contact.id == person).and_then(|contact| contact.company_id);
        let second = number.is_multiple_of(6).then(|| self.one_of(Kind::Person));
        without_repeats([Some(person), employer, second].into_iter().flatten().collect())
    }

    fn one_of(&mut self, kind: Kind) -> i64 {
        let ids: Vec<i64> = self.contacts.iter().filter(|contact| contact.kind == kind).map(|found| found.id).collect();
        ids[self.below(ids.len())]
    }

    fn owner(&mut self) -> i64 {
        self.users[self.below(self.users.len())].id
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.below(u32::try_from(limit).unwrap_or(u32::MAX)) as usize
    }
}

fn without_repeats(mut ids: Vec<i64>) -> Vec<i64> {
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    ids
}
