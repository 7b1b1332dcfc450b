//! A page of Axiomatic companies as the stand-in shows them, flat records all of them, made from a fixed seed.

use std::fmt::Write;

use crate::page::{COMPANIES, Numbers};

/// A page of so many companies.
#[must_use]
pub(crate) fn companies(records: u64) -> String {
    let mut numbers = Numbers(0x5EED_0F7A_11CE_0004);
    let mut page = String::from(r#"{"companies":["#);
    for index in 0..records {
        if index > 0 {
            page.push(',');
        }
        company(&mut page, &mut numbers, index).expect("a string takes everything");
    }
    write!(page, r#"],"page":1,"pageSize":200,"total":{records}}}"#).expect("the same");
    page
}

fn company(page: &mut String, numbers: &mut Numbers, index: u64) -> std::fmt::Result {
    let (created, updated) = (numbers.moment(), numbers.moment());
    let site = match numbers.below(4) {
        0 => None,
        _ => Some(format!("https://www.company{index}.example")),
    };
    write!(page, r#"{{"createdAt":"{created}.000Z","email":"#)?;
    match &site {
        Some(_) => write!(page, r#""desk@company{index}.example""#)?,
        None => page.push_str("null"),
    }
    write!(page, r#","id":"{}","name":"{} {index}","#, numbers.guid(), numbers.one_of(&COMPANIES))?;
    match numbers.below(10) {
        0 => page.push_str(r#""ownerUserId":null,"#),
        _ => write!(page, r#""ownerUserId":"90a1b2c3-0000-4000-8000-00000000000{}","#, numbers.below(9))?,
    }
    match numbers.below(6) {
        0 => page.push_str(r#""phone":null,"#),
        _ => write!(page, r#""phone":"+1 555 010 {:04}","#, numbers.below(10_000))?,
    }
    let role = numbers.one_of(&["prospect", "customer", "vendor", "both"]);
    let status = numbers.one_of(&["active", "active", "inactive"]);
    write!(page, r#""role":"{role}","status":"{status}","updatedAt":"{updated}.417Z","website":"#)?;
    match site {
        Some(site) => write!(page, r#""{site}"}}"#),
        None => write!(page, "null}}"),
    }
}

/// A page of so many leads.
#[must_use]
pub(crate) fn leads(records: u64) -> String {
    let mut numbers = Numbers(0x5EED_0F7A_11CE_0005);
    let mut page = String::from(r#"{"leads":["#);
    for index in 0..records {
        if index > 0 {
            page.push(',');
        }
        lead(&mut page, &mut numbers, index).expect("a string takes everything");
    }
    write!(page, r#"],"page":1,"total":{records}}}"#).expect("the same");
    page
}

fn lead(page: &mut String, numbers: &mut Numbers, index: u64) -> std::fmt::Result {
    let (created, updated) = (numbers.moment(), numbers.moment());
    let link = |numbers: &mut Numbers| match numbers.below(5) {
        0 => "null".to_owned(),
        _ => format!("\"{}\"", numbers.guid()),
    };
    let (company, contact) = (link(numbers), link(numbers));
    write!(page, r#"{{"companyId":{company},"contactId":{contact},"createdAt":"{created}.000Z","description":"#)?;
    match numbers.below(3) {
        0 => page.push_str("null"),
        _ => page.push_str(r#""Asks for \"two\" cranes\r\nand a quay in São Tomé""#),
    }
    let closes = numbers.moment();
    write!(page, r#","expectedCloseDate":"{}","id":"{}","#, &closes[..10], numbers.guid())?;
    let owner = link(numbers);
    let stage = numbers.one_of(&["New", "Qualified", "Proposal & \\\"terms\\\"", "Won", "Lost"]);
    write!(page, r#""ownerUserId":{owner},"stage":"{stage}","stageId":"90a1b2c3-0000-4000-8000-000000000011","#)?;
    let title = numbers.one_of(&COMPANIES);
    write!(page, r#""title":"{title} {index}","updatedAt":"{updated}.417Z","value":"#)?;
    match numbers.below(4) {
        0 => write!(page, "null}}"),
        1 => write!(page, "{}.5}}", numbers.below(100_000)),
        _ => write!(page, "{}}}", numbers.below(100_000)),
    }
}
