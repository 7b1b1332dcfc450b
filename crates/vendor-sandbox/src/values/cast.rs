//! The invented people of a vendor's account: users, companies, persons, deals and notes that know each other.

use super::guid;
use super::random::SplitMix;
use super::words;

pub(crate) const USERS: usize = 5;
const COMPANIES: usize = 40;
const PERSONS: usize = 120;
const DEALS: usize = 60;
const NOTES: usize = 80;
/// 2024-01-08T09:30:00Z
const FIRST_CREATION: i64 = 1_704_706_200;

/// Names that break what joins texts without care; the first companies bear them.
const AWKWARD_COMPANIES: [&str; 6] =
    ["O'Hara & Sons", "100% Wolle GmbH", "\"Quoted\" Ltd <b>", "A/B; C=D?#", "Señorío + Øresund", "翠光 Optics 🧪"];

/// Somebody who works with the account.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) email: String,
}

impl User {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// Whom a record belongs to, as a place among the users, and when it came and changed, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upkeep {
    pub(crate) owner: usize,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) website: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) street: &'static str,
    /// City, state, zip, country, name of the country; each may be empty.
    pub(crate) place: [&'static str; 5],
    pub(crate) employees: usize,
    pub(crate) upkeep: Upkeep,
}

#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) first_name: &'static str,
    /// `None` and empty both occur.
    pub(crate) last_name: Option<&'static str>,
    pub(crate) title: Option<&'static str>,
    pub(crate) emails: Vec<String>,
    pub(crate) phone: Option<String>,
    pub(crate) mobile: Option<String>,
    /// A place among the companies. One in six works for nobody.
    pub(crate) employer: Option<usize>,
    pub(crate) upkeep: Upkeep,
}

impl Person {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name.unwrap_or_default()).trim().to_owned()
    }
}

#[derive(Debug)]
pub(crate) struct Deal {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Places among the persons, whose employer is the deal's company.
    pub(crate) persons: Vec<usize>,
    pub(crate) company: Option<usize>,
    pub(crate) value: Option<u32>,
    /// How far it has come, from 0 to 5; 4 is won, 5 is lost.
    pub(crate) progress: usize,
    pub(crate) closes: i64,
    pub(crate) upkeep: Upkeep,
}

#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) id: String,
    pub(crate) subject: &'static str,
    pub(crate) text: &'static str,
    pub(crate) upkeep: Upkeep,
}

/// Everybody in one account, the same for the same number in every run.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) users: Vec<User>,
    pub(crate) companies: Vec<Company>,
    pub(crate) persons: Vec<Person>,
    pub(crate) deals: Vec<Deal>,
    pub(crate) notes: Vec<Note>,
    /// For whatever else the account needs.
    pub(crate) random: SplitMix,
}

impl Cast {
    pub(crate) fn numbered(number: u64) -> Self {
        let mut random = SplitMix::new(number);
        let users = words::USERS.iter().map(|[first, last]| user(&mut random, first, last)).collect();
        let companies = (0..COMPANIES).map(|place| company(&mut random, place)).collect();
        let persons: Vec<Person> = (0..PERSONS).map(|place| person(&mut random, place)).collect();
        let deals = (0..DEALS).map(|place| deal(&mut random, place, &persons)).collect();
        let notes = (0..NOTES).map(|place| note(&mut random, place)).collect();
        Self { users, companies, persons, deals, notes, random }
    }
}

fn user(random: &mut SplitMix, first_name: &'static str, last_name: &'static str) -> User {
    let email = format!("{}@tidewater.example", first_name.to_lowercase().replace(|c: char| !c.is_ascii(), "x"));
    User { id: guid::next(random), first_name, last_name, email }
}

fn company(random: &mut SplitMix, place: usize) -> Company {
    let name = match AWKWARD_COMPANIES.get(place) {
        Some(name) => (*name).to_owned(),
        // The number keeps two companies from having one name.
        None => format!("{} {} {place}", random.pick(&words::COMPANY_WORDS), random.pick(&words::COMPANY_TRADES)),
    };
    Company {
        id: guid::next(random),
        name,
        website: (place % 4 != 3).then(|| format!("https://company{place}.example")),
        phone: (place % 3 != 2).then(|| format!("+1 555 010 {place:04}")),
        street: random.pick(&words::STREETS),
        place: words::PLACES[random.below(7) as usize],
        employees: place * 7 + 1,
        upkeep: upkeep(random, place),
    }
}

fn person(random: &mut SplitMix, place: usize) -> Person {
    let last_name = match place % 17 {
        0 => Some("O'Hara"),
        7 => None,
        8 => Some(""),
        _ => Some(random.pick(&words::LAST_NAMES)),
    };
    let emails = [format!("person{place}@work.example"), format!("p.{place}+crm@mail.example")];
    Person {
        id: guid::next(random),
        first_name: random.pick(&words::FIRST_NAMES),
        last_name,
        title: (place % 5 != 4).then(|| random.pick(&words::TITLES)),
        emails: emails.into_iter().take([1, 2, 1, 0][place % 4]).collect(),
        phone: (place % 3 != 1).then(|| format!("+1 555 011 {place:04}")),
        mobile: place.is_multiple_of(4).then(|| format!("+1 555 012 {place:04}")),
        employer: (place % 6 != 5).then_some((place * 7) % COMPANIES),
        upkeep: upkeep(random, place),
    }
}

fn deal(random: &mut SplitMix, place: usize, persons: &[Person]) -> Deal {
    let lead = (place * 11) % persons.len();
    let company = persons[lead].employer;
    // Colleagues, if it is a company's deal at all.
    let colleagues = (0..persons.len()).filter(|other| company.is_some() && persons[*other].employer == company);
    let mut involved: Vec<usize> = colleagues.take(place % 3).filter(|other| *other != lead).collect();
    involved.insert(0, lead);
    let upkeep = upkeep(random, place);
    Deal {
        id: guid::next(random),
        name: format!("{} {place}", random.pick(&words::DEALS)),
        persons: involved,
        company,
        value: (place % 9 != 8).then(|| 500 * (1 + random.below(200))),
        progress: place % 6,
        closes: upkeep.created + 86_400 * (30 + i64::from(random.below(200))),
        upkeep,
    }
}

fn note(random: &mut SplitMix, place: usize) -> Note {
    let subject = random.pick(&words::CONVERSATIONS);
    Note { id: guid::next(random), subject, text: random.pick(&words::NOTES), upkeep: upkeep(random, place) }
}

/// Every fifth record is created in the same second as the one before it.
fn upkeep(random: &mut SplitMix, place: usize) -> Upkeep {
    let step = i64::try_from(place - place / 5).unwrap_or(0);
    let created = FIRST_CREATION + step * 43_261;
    let updated = if random.once_in(3) { created } else { created + 3_600 + i64::from(random.below(60 * 86_400)) };
    Upkeep { owner: random.below(5) as usize % USERS, created, updated }
}
