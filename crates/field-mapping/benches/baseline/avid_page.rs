//! A page of Avid contacts as the stand-in shows them in the light form, rows that belong to them expanded and tenants' own
//! fields with their names, made from a fixed seed.

use std::fmt::Write;

use crate::page::{CITIES, COMPANIES, FIRST, LAST, Numbers, TITLES};

/// A page of so many contacts.
#[must_use]
pub(crate) fn contacts(records: u64) -> String {
    let mut numbers = Numbers(0x5EED_0F7A_11CE_0003);
    let mut page = String::from(r#"{"odata.count":""#);
    write!(page, r#"{records}","odata.metadata":"https://avid.example/odata/$metadata#Contacts","value":["#)
        .expect("a string takes everything");
    for index in 0..records {
        if index > 0 {
            page.push(',');
        }
        contact(&mut page, &mut numbers, index).expect("the same");
    }
    page.push_str("]}");
    page
}

/// The text in quotes, or null as often as it is said.
fn or_null(numbers: &mut Numbers, nulls: u64, text: &str) -> String {
    if numbers.below(10) < nulls { "null".to_owned() } else { format!("\"{text}\"") }
}

fn contact(page: &mut String, numbers: &mut Numbers, index: u64) -> std::fmt::Result {
    let id = numbers.guid();
    write!(page, r#"{{"Addresses":["#)?;
    for place in 0..numbers.below(3) {
        let comma = if place == 0 { "" } else { "," };
        let kind = ["Primary", "Shipping"][usize::try_from(place).unwrap_or_default()];
        let (own, city) = (numbers.guid(), numbers.one_of(&CITIES));
        write!(
            page,
            r#"{comma}{{"AddressType":"{kind}","City":"{city}","Country":"US","EntityId":"{id}","Id":"{own}","#
        )?;
        let street = numbers.one_of(&["14 Tiller Row", "Hafenstraße 9", "100 \\\"Capstan\\\" Avenue"]);
        write!(page, r#""PostalCode":"{:05}","State":"OR","Street":"{street}"}}"#, numbers.below(100_000))?;
    }
    let (company, company_name) = (numbers.guid(), numbers.one_of(&COMPANIES));
    write!(
        page,
        r#"],"AssignedCompanies":[{{"BusinessPhone":"+1 555 0100","CreatedDate":"2023-03-04T05:06:07.123","ExternalId":null,"Fax":null,"Id":"{company}","Name":"{company_name}","PrimaryContactId":"{id}","UpdatedDate":"2023-03-04T05:06:07.457","Website":null}}],"AssignedOpportunities":["#
    )?;
    for deal in 0..numbers.below(2) {
        let comma = if deal == 0 { "" } else { "," };
        write!(
            page,
            r#"{comma}{{"CreatedDate":"2023-03-04T05:06:07.123","Id":"{}","RecordDescription":"Crane","UserDefined03":48000.5}}"#,
            numbers.guid()
        )?;
    }
    write!(
        page,
        r#"],"AssignedUsers":[{{"DepartmentId":"{}","Email":"marrow@tidewater.example","FirstName":"Inès","FullName":"Inès Marrow","Id":"{}","LastName":"Marrow"}}],"#,
        numbers.guid(),
        numbers.guid()
    )?;
    let (phone, cell) =
        (format!("+1 555 010 {:04}", numbers.below(10_000)), format!("+46 8 {:06}", numbers.below(1_000_000)));
    write!(page, r#""BusinessPhone":{},"CellPhone":{},"#, or_null(numbers, 2, &phone), or_null(numbers, 4, &cell))?;
    write!(page, r#""CreatedDate":"{}.123","CustomFields":["#, numbers.moment())?;
    for field in 0..numbers.below(4) {
        let comma = if field == 0 { "" } else { "," };
        let value = numbers.one_of(&[r#""SMB""#, "12", "12.5", r#""O'Hara \"group\"""#, "null"]);
        write!(
            page,
            r#"{comma}{{"CustomFieldDefinitionId":"{}","EntityId":"{id}","Id":"{}","name":"Favourite snack","value":{value}}}"#,
            numbers.guid(),
            numbers.guid()
        )?;
    }
    let (first, last) = (numbers.one_of(&FIRST), numbers.one_of(&LAST));
    write!(page, r#"],"Department":{},"#, or_null(numbers, 7, "R&D"))?;
    write!(page, r#""Email":"contact{index}@larkspur.example","#)?;
    let second = or_null(numbers, 5, &format!("c{index}@mailbox.example"));
    write!(page, r#""Email2":{second},"Email3":null,"ExternalId":null,"Fax":null,"FirstName":"{first}","#)?;
    write!(page, r#""FullName":"{first} {last}","HomePhone":{},"Id":"{id}","#, or_null(numbers, 8, ""))?;
    let title = numbers.one_of(&TITLES);
    write!(page, r#""JobTitle":{},"LastName":"{last}","MainCompanyId":"{company}","#, or_null(numbers, 2, title))?;
    write!(page, r#""MiddleName":{},"Suffix":null,"#, or_null(numbers, 8, "Q."))?;
    write!(page, r#""Title":{},"UpdatedDate":"{}.457","#, or_null(numbers, 7, "Ms."), numbers.moment())?;
    write!(page, r#""Website":{}}}"#, or_null(numbers, 8, &format!("https://person{index}.example")))
}
