//! Avid: logins, both forms of JSON, query options and what the service says about itself.

use serde_json::{Value, json};
use vendor_sandbox::{AVID_USERNAME, Fault, FaultKind};

use crate::client::read;
use crate::vendor::{Vendor, texts};

async fn ids(vendor: &Vendor, path: &str) -> Vec<String> {
    texts(&vendor.get(path).await["value"], "Id")
}

/// The names found, in the order of their ids.
async fn found(vendor: &Vendor, filter: &str) -> Vec<String> {
    let reply = vendor.filtered("Companies", filter).await;
    assert_eq!(reply.status, 200, "{filter}: {reply:?}");
    texts(&reply.value()["value"], "Name")
}

#[tokio::test]
async fn a_login_is_needed_and_paths_are_known_in_any_case() {
    let vendor = Vendor::avid().await;
    let none = read(vendor.bare("GET", "Companies")).await;
    assert_eq!((none.status, none.value()["Message"].is_string()), (401, true));
    let wrong = read(vendor.bare("GET", "Companies").basic_auth(AVID_USERNAME, Some("guess"))).await;
    assert_eq!(wrong.status, 401);
    let url =
        format!("http://{}/avid-crm/PROPHET/ProphetWebServices/avtprophetapi/OData/Users", vendor.running.address);
    let password = vendor_sandbox::AVID_PASSWORD;
    assert_eq!(read(vendor.http.get(url).basic_auth(AVID_USERNAME, Some(password))).await.status, 200);
    for path in ["Leads", "companies", "Companies(7)", "Companies(guid'7", "Companies/x/y/z", "Companies(guid'')"] {
        let lost = vendor.call("GET", path).await;
        let error = lost.value()["odata.error"]["message"]["value"].clone();
        assert!([400, 404].contains(&lost.status) && error.is_string(), "{path}: {lost:?}");
    }
}

#[tokio::test]
async fn rows_come_light_and_verbose() {
    let vendor = Vendor::avid().await;
    let path = "Contacts?$top=1&$inlinecount=allpages&$select=FullName,UpdatedDate";
    let light = vendor.get(path).await;
    assert!(light["odata.metadata"].as_str().unwrap().ends_with("/AvtProphetApi/odata/$metadata#Contacts"));
    assert_eq!(light["odata.count"], "120");
    let row = light["value"][0].as_object().unwrap();
    assert_eq!(row.keys().collect::<Vec<_>>(), ["FullName", "UpdatedDate"]);
    let time = row["UpdatedDate"].as_str().unwrap();
    assert!(time.len() == 23 && time.ends_with(".457"), "{time} has no zone");

    let verbose = read(vendor.request("GET", path).header("accept", "application/json;odata=verbose")).await;
    assert!(verbose.content_type.contains("odata=verbose"));
    let verbose = verbose.value()["d"].clone();
    assert_eq!(verbose["__count"], "120");
    let row = &verbose["results"][0];
    assert_eq!(row["__metadata"]["type"], "Prophet.Contact");
    assert!(row["UpdatedDate"].as_str().unwrap().starts_with("/Date(17"), "{row}");
    let deferred = row["AssignedUsers"]["__deferred"]["uri"].as_str().unwrap();
    assert!(deferred.ends_with("/AssignedUsers") && deferred.starts_with(row["__metadata"]["uri"].as_str().unwrap()));

    for accept in ["*/*", "application/json; odata=light", "application/json;odata=minimalmetadata"] {
        let reply = read(vendor.request("GET", path).header("accept", accept)).await;
        assert_eq!(reply.value(), light, "{accept}");
    }
}

#[tokio::test]
async fn one_row_is_bare_and_its_key_is_written_in_two_ways() {
    let vendor = Vendor::avid().await;
    let id = ids(&vendor, "Companies?$top=1").await.remove(0);
    let one = vendor.get(&format!("Companies(guid'{id}')")).await;
    assert_eq!(one["Id"], json!(id));
    assert!(one["odata.metadata"].as_str().unwrap().ends_with("#Companies/@Element"));
    assert_eq!(vendor.get(&format!("Companies(GUID'{}')", id.to_uppercase())).await, one);
    let verbose =
        vendor.request("GET", &format!("Companies(guid'{id}')")).header("accept", "application/json;odata=verbose");
    assert_eq!(read(verbose).await.value()["d"]["Name"], one["Name"]);
    let unknown = vendor.call("GET", "Companies(guid'00000000-0000-0000-0000-000000000111')").await;
    assert_eq!((unknown.status, unknown.value()["odata.error"]["message"]["lang"].as_str()), (404, Some("en-US")));
}

#[tokio::test]
async fn pages_hold_a_hundred_rows_and_lead_on() {
    let vendor = Vendor::avid().await;
    let first = vendor.get("Contacts?$orderby=CreatedDate desc&$select=Id").await;
    assert_eq!(first["value"].as_array().unwrap().len(), 100);
    let next = first["odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("http://{}/avid-crm/", vendor.running.address)) && next.contains("$skip=100"));
    let last = read(vendor.http.get(next).header("authorization", vendor.authorization())).await.value();
    assert_eq!((last["value"].as_array().unwrap().len(), last.get("odata.nextLink")), (20, None));

    assert_eq!(vendor.get("Contacts?$top=100").await.get("odata.nextLink"), None, "the caller's own page");
    let more = vendor.get("Contacts?$top=110").await;
    assert!(more["odata.nextLink"].as_str().unwrap().ends_with("$skip=100&$top=10"));
    let mut walked = Vec::new();
    for skip in [0, 50, 100, 150] {
        walked.extend(ids(&vendor, &format!("Contacts?$top=50&$skip={skip}&$orderby=LastName,FirstName desc")).await);
    }
    let count = walked.len();
    walked.sort();
    walked.dedup();
    assert_eq!((count, walked.len()), (120, 120));
    assert_eq!(vendor.call("GET", "Contacts/$count").await.text, "120");
    assert_eq!(ids(&vendor, "Contacts?$top=0").await, [""; 0]);

    let kind = FaultKind::RepeatCursor;
    vendor.sandbox.inject(Fault::of("avid-crm", kind));
    let endless = vendor.get("Contacts?$skip=100").await;
    assert!(endless["odata.nextLink"].as_str().unwrap().ends_with("/Contacts?$skip=100"));
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let vendor = Vendor::avid().await;
    assert_eq!(found(&vendor, "Name eq 'O''Hara & Sons'").await, ["O'Hara & Sons"]);
    assert_eq!(found(&vendor, "substringof('100%', Name)").await, ["100% Wolle GmbH"]);
    assert_eq!(found(&vendor, "startswith(Name,'翠光 Optics 🧪') and Website ne null").await.len(), 1);
    assert_eq!(found(&vendor, "startswith(tolower(Name), 'o''hara')").await, ["O'Hara & Sons"]);
    assert_eq!(found(&vendor, "endswith(Name, '<b>') eq true").await, ["\"Quoted\" Ltd <b>"]);
    assert_eq!(found(&vendor, "Website eq null").await.len(), 10);
    assert_eq!(found(&vendor, "Website ne null").await.len(), 30);
    assert_eq!(found(&vendor, "not (Website ne null)").await.len(), 10);
    assert_eq!(found(&vendor, "Fax eq ''").await.len(), 5, "empty is not null");
    let either = "(Name eq '100% Wolle GmbH') or Name eq 'A/B; C=D?#' and ExternalId eq 'never'";
    assert_eq!(found(&vendor, either).await, ["100% Wolle GmbH"], "and binds closer than or");
    let id = ids(&vendor, "Companies?$top=1").await.remove(0);
    for literal in [format!("guid'{id}'"), format!("GUID'{}'", id.to_uppercase()), format!("(guid'{id}')")] {
        assert_eq!(found(&vendor, &format!("Id eq {literal}")).await.len(), 1);
    }
    let (middle, all) = ("datetime'2024-01-18T00:00:00.000'", 40);
    let count = async |operator: &str| found(&vendor, &format!("CreatedDate {operator} {middle}")).await.len();
    assert_eq!(count("lt").await + count("ge").await, all);
    assert_eq!(count("le").await + count("gt").await, all);
    assert!(count("lt").await > 0 && count("gt").await > 0);
    assert_eq!(found(&vendor, "CreatedDate gt null").await, [""; 0]);
    let numbers = vendor.filtered("Opportunities", "UserDefined03 ge 500 and UserDefined03 lt 1e6").await.value();
    assert_eq!(numbers["value"].as_array().unwrap().len(), 54);
    let flags =
        vendor.filtered("CustomFieldDefinitions", "VisibleMobile eq false and VisibilityOrder le 3").await.value();
    assert_eq!(flags["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_query_that_makes_no_sense_answers_400() {
    let vendor = Vendor::avid().await;
    let deep = format!("{}true{}", "(".repeat(9_000), ")".repeat(9_000));
    for filter in [
        "",
        "Name",
        "Name eq",
        "Name eq 'open",
        "Name eq 'a' 'b'",
        "Nmae eq 'a'",
        "Name eq 5",
        "Id eq 'a'",
        "Id eq guid'7'",
        "CreatedDate gt 'x'",
        "CreatedDate gt datetime'x'",
        "CreatedDate gt datetime'2024-01-18T00:00:00Z'",
        "(Name eq 'a'",
        "Name eq 'a')",
        "Name = 'a'",
        "contains(Name,'a')",
        "substringof('a')",
        "startswith(Id,'a')",
        "Name and true",
        "not Name",
        "eq eq eq",
        "-",
        "1.2.3 eq 1",
        "Contacts/Name eq 'a'",
        "and",
        "🧪",
        "x'",
        deep.as_str(),
    ] {
        let reply = vendor.filtered("Companies", filter).await;
        assert_eq!(
            (reply.status, reply.value()["odata.error"]["message"]["value"].is_string()),
            (400, true),
            "{filter}"
        );
    }
    for query in [
        "$top=-1",
        "$top=many",
        "$skip=1.5",
        "$orderby=Nmae",
        "$orderby=Name up",
        "$inlinecount=some",
        "$expand=Name",
        "$expand=AssignedContacts/Name",
        "$expand=AssignedContacts/Notes/Contacts",
        "$select=Nmae",
        "$search=x",
        "$top=99999999999999999999",
    ] {
        assert_eq!(vendor.call("GET", &format!("Companies?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn rows_are_expanded_and_reached_by_their_relations() {
    let vendor = Vendor::avid().await;
    let one =
        vendor.get("Contacts?$filter=MainCompanyId ne null&$top=1&$expand=AssignedUsers,AssignedCompanies,Notes").await;
    let contact = &one["value"][0];
    assert_eq!(contact["AssignedCompanies"][0]["Id"], contact["MainCompanyId"]);
    assert!(contact["AssignedUsers"][0]["Email"].as_str().unwrap().ends_with("@tidewater.example"));
    assert!(contact["Notes"].is_array());
    let companies = vendor.get("Companies?$expand=AssignedContacts,AssignedOpportunities,CustomFields,Addresses").await;
    let mut kinds = [0; 4];
    for company in companies["value"].as_array().unwrap() {
        for (count, name) in
            kinds.iter_mut().zip(["AssignedContacts", "AssignedOpportunities", "CustomFields", "Addresses"])
        {
            *count += company[name].as_array().unwrap().len();
        }
        assert!(texts(&company["AssignedContacts"], "MainCompanyId").iter().all(|id| *id == company["Id"]));
    }
    assert_eq!(kinds[0], 100);
    assert!(kinds.iter().all(|count| *count > 40), "{kinds:?}");
    let id = contact["Id"].as_str().unwrap();
    let companies = vendor.get(&format!("Contacts(guid'{id}')/AssignedCompanies?$select=Id")).await;
    assert_eq!(companies["value"], json!([{"Id": contact["MainCompanyId"]}]));
    let path = format!("Contacts(guid'{id}')?$expand=AssignedUsers");
    let verbose = read(vendor.request("GET", &path).header("accept", "application/json;odata=verbose")).await.value();
    assert_eq!(verbose["d"]["AssignedUsers"]["results"][0]["Id"], contact["AssignedUsers"][0]["Id"]);
}

#[tokio::test]
async fn the_service_lists_its_sets_and_their_properties() {
    let vendor = Vendor::avid().await;
    let sets = texts(&vendor.get("").await["value"], "name");
    let metadata = vendor.call("GET", "$metadata").await;
    assert_eq!((metadata.status, metadata.content_type.as_str()), (200, "application/xml"));
    for set in &sets {
        assert!(metadata.text.contains(&format!(r#"<EntitySet Name="{set}""#)), "{set}");
        assert_eq!(vendor.call("GET", set).await.status, 200, "{set}");
    }
    assert_eq!(sets.len(), 18);
    for part in [
        r#"<Property Name="MainCompanyId" Type="Edm.Guid"/>"#,
        r#"<Property Name="UserDefined02" Type="Edm.String"/>"#,
        r#"<NavigationProperty Name="AssignedUsers""#,
    ] {
        assert!(metadata.text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn the_seed_is_consistent_and_always_the_same() {
    let (one, other) = (Vendor::avid().await, Vendor::avid().await);
    let counts = [("Companies", "40"), ("Contacts", "120"), ("Opportunities", "60"), ("Notes", "80"), ("Users", "5")];
    for (set, count) in counts {
        let path = format!("{set}?$inlinecount=allpages&$orderby=Id");
        let all = one.get(&path).await;
        assert_eq!(all["odata.count"], count, "{set}");
        assert_eq!(other.get(&path).await["value"], all["value"], "{set}");
    }
    let notes = one.get("Notes").await["value"].clone();
    let note = notes.as_array().unwrap().iter().find(|note| !note["TrackTypeId"].is_null()).unwrap();
    let label =
        one.get(&format!("CustomFieldDefinitionDropDownValues(guid'{}')", note["TrackTypeId"].as_str().unwrap())).await;
    assert!(notes.to_string().contains(&format!("----------- {}", label["Value"].as_str().unwrap())));
    for (set, name) in [("Contacts", "LastName"), ("Contacts", "HomePhone")] {
        let rows = one.get(set).await["value"].clone();
        let rows = rows.as_array().unwrap();
        assert!(rows.iter().any(|row| row[name] == Value::Null) && rows.iter().any(|row| row[name] == ""), "{name}");
    }
    let views = one.get("OpportunityViews?$filter=CompanyName ne null and CompanyBusinessCity ne null").await;
    assert!(views["value"].as_array().unwrap().len() > 30);
}
