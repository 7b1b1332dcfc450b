//! Records by what they contain: e-mail, phone number, keyword. Everything is case-sensitive but the keyword.

use serde_json::{Value, json};

use crate::agile::input;
use crate::agile::records::{Contact, Kind};
use crate::agile::replies::{Refusal, Reply};
use crate::agile::store::Account;
use crate::exchange::VendorRequest;

/// `GET contacts/search/email/{email}`: the person who has it.
pub(in crate::agile) fn by_email(account: &Account, email: &str) -> Reply {
    one_or_nothing(account, person_with_email(account, email))
}

/// `POST contacts/search/email`: for each e-mail asked for, its person or an empty object.
pub(in crate::agile) fn by_emails(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let form = input::form(request)?;
    let emails: Option<Vec<String>> = form.get("email_ids").and_then(|text| serde_json::from_str(text).ok());
    let emails = emails.ok_or_else(|| Refusal::wrong_format("email_ids is not a list of texts"))?;
    let found = emails.iter().map(|email| person_with_email(account, email));
    Ok(Reply::Many("contact", found.map(|person| person.map_or(json!({}), |person| account.show(person))).collect()))
}

/// `GET contacts/search/phonenumber/{number}`: a person or a company, whoever was there first.
pub(in crate::agile) fn by_phone_number(account: &Account, number: &str) -> Reply {
    let mut everyone: Vec<&Contact> = account.contacts.values().collect();
    everyone.sort_by_key(|contact| (contact.created, contact.id));
    let found = everyone.into_iter().find(|contact| contact.systems("phone").any(|phone| phone == number));
    one_or_nothing(account, found)
}

/// `GET search`: no order to rely on, no cursor. All three parameters are mandatory.
pub(in crate::agile) fn by_keyword(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let mandatory = |name: &str| {
        let sent = request.parameter(name).filter(|value| !value.is_empty());
        sent.ok_or_else(|| Refusal::wrong_format(&format!("{name} is missing")))
    };
    let keyword = mandatory("q")?.to_lowercase();
    let page_size = mandatory("page_size")?;
    let page_size: usize = page_size.parse().map_err(|_| Refusal::not_a_number(&page_size))?;
    // The documentation's own example has quotation marks around the type.
    let kind = Kind::named(mandatory("type")?.trim_matches('"'));
    let kind = kind.ok_or_else(|| Refusal::wrong_format("type is none of PERSON, COMPANY and LEAD"))?;
    let found = account.of_kind(kind).into_iter().filter(|contact| mentions(account, contact, &keyword));
    let records: Vec<Value> = found.take(page_size).map(|contact| account.show(contact)).collect();
    Ok(Reply::Many("contact", records))
}

fn mentions(account: &Account, contact: &Contact, keyword: &str) -> bool {
    contact.properties.iter().any(|property| property.value.to_lowercase().contains(keyword))
        || contact.display_name().to_lowercase().contains(keyword)
        || account.company_name(contact).to_lowercase().contains(keyword)
}

/// The person who has an e-mail address.
pub(in crate::agile) fn person_with_email<'a>(account: &'a Account, email: &str) -> Option<&'a Contact> {
    let mut persons = account.of_kind(Kind::Person);
    persons.sort_by_key(|person| (person.created, person.id));
    persons.into_iter().find(|person| person.systems("email").any(|known| known == email))
}

fn one_or_nothing(account: &Account, contact: Option<&Contact>) -> Reply {
    contact.map_or(Reply::Nothing, |contact| Reply::One("contact", account.show(contact)))
}
