//! A page of `TeamsWork` contacts as the stand-in shows them, made from a fixed seed.

use std::fmt::Write;

use crate::page::{FIRST, LAST, Numbers, TAGS, TITLES};

/// A page of so many contacts.
#[must_use]
pub(crate) fn contacts(records: u64) -> String {
    let mut numbers = Numbers(0x5EED_0F7A_11CE_0002);
    let mut page = String::from(r#"{"items":["#);
    for index in 0..records {
        if index > 0 {
            page.push(',');
        }
        contact(&mut page, &mut numbers, index).expect("a string takes everything");
    }
    write!(page, r#"],"itemCount":{records},"continuationToken":null,"error":false,"message":null}}"#)
        .expect("the same");
    page
}

fn contact(page: &mut String, numbers: &mut Numbers, index: u64) -> std::fmt::Result {
    let user = numbers.below(5);
    let owner = format!(
        r#"{{"id":"3f1d2c66-8a44-4d7b-9a0e-5b1c0000000{user}","name":"Inès Marrow","email":"user{user}@tidewater.example"}}"#
    );
    write!(
        page,
        r#"{{"id":"{}","createdBy":{owner},"createdOn":"{}Z","customFields":["#,
        numbers.guid(),
        numbers.moment()
    )?;
    for field in 0..numbers.below(3) {
        let comma = if field == 0 { "" } else { "," };
        let value =
            ["\"12\"", "null", "\"yes, \\\"indeed\\\"\""][usize::try_from(numbers.below(3)).unwrap_or_default()];
        write!(page, r#"{comma}{{"id":"cf_{field}","label":"Région d'achat","value":{value}}}"#)?;
    }
    write!(page, r#"],"emails":[{{"email":"contact{index}@larkspur.example","type":"work"}}"#)?;
    if numbers.below(2) == 0 {
        write!(
            page,
            r#",{{"email":"c{index}@mailbox.example","type":"{}"}}"#,
            numbers.one_of(&["other", "personal", "home"])
        )?;
    }
    let title = numbers.one_of(&TITLES);
    let (first, last) = (numbers.one_of(&FIRST), numbers.one_of(&LAST));
    let job = if numbers.below(5) == 0 { "null".to_owned() } else { format!(r#""{title}""#) };
    write!(page, r#"],"firstName":"{first}","jobTitle":{job},"lastName":"{last}","lastUpdatedBy":{owner},"#)?;
    write!(page, r#""lastUpdatedOn":"{}Z","organization":"#, numbers.moment())?;
    match numbers.below(4) {
        0 => page.push_str("null"),
        _ => write!(page, r#"{{"id":"{}","name":"{}"}}"#, numbers.guid(), numbers.one_of(&crate::page::COMPANIES))?,
    }
    write!(page, r#","owner":{owner},"phones":[{{"number":"+1 555 010 {:04}","type":"work"}}"#, numbers.below(10_000))?;
    if numbers.below(2) == 0 {
        write!(page, r#",{{"number":"+46 8 {:06}","type":"mobile"}}"#, numbers.below(1_000_000))?;
    }
    write!(page, r#"],"tags":["{}","{}"]}}"#, numbers.one_of(&TAGS), numbers.one_of(&TAGS))
}
