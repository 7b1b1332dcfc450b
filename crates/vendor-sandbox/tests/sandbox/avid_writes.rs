//! Avid: rows under the caller's own ids, replaced whole, merged and deleted; and what can only be read.

use serde_json::{Value, json};

use crate::vendor::{Vendor, texts};

const ID: &str = "7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0102";
const ONE: &str = "Contacts(guid'7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0102')";

fn rows(page: &Value) -> Vec<Value> {
    page["value"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_caller_makes_the_id() {
    let vendor = Vendor::avid().await;
    let body = json!({"Id": ID.to_uppercase(), "FirstName": "Dorian", "LastName": "O'Hara", "CreatedDate": "1999-01-01T00:00:00"});
    let created = vendor.send("POST", "Contacts", &body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let created = created.value();
    assert_eq!((&created["Id"], &created["Email"]), (&json!(ID), &Value::Null));
    assert_eq!(created["CreatedDate"], "2026-01-01T00:00:01", "times are the server's, local and without a zone");
    assert_eq!(vendor.get(ONE).await, created);
    assert_eq!(vendor.send("POST", "Contacts", &body).await.status, 409);
    let nobody = "00000000-0000-0000-0000-000000000111";
    for body in [
        json!({"FirstName": "A"}),
        json!({"Id": null}),
        json!({"Id": "7"}),
        json!({"Id": nobody, "Nmae": "A"}),
        json!({"Id": nobody, "FirstName": 7}),
        json!({"Id": nobody, "MainCompanyId": nobody}),
        json!([]),
    ] {
        let refused = vendor.send("POST", "Contacts", &body).await;
        assert_eq!((refused.status, refused.value()["odata.error"].is_object()), (400, true), "{body}");
    }
    for (set, body) in [
        ("Notes", json!({"Id": nobody, "EntityId": nobody})),
        ("CustomFieldValueDates", json!({"Id": nobody, "Date": "soon"})),
        ("CustomFieldValueDates", json!({"Id": nobody, "Date": "2025-01-31T00:00:00Z"})),
    ] {
        assert_eq!(vendor.send("POST", set, &body).await.status, 400, "{set}");
    }
}

#[tokio::test]
async fn put_replaces_the_row_and_patch_only_what_is_sent() {
    let vendor = Vendor::avid().await;
    let id =
        vendor.get("Contacts?$filter=Email ne null and MainCompanyId ne null&$top=1").await["value"][0]["Id"].clone();
    let one = format!("Contacts(GUID'{}')", id.as_str().unwrap());
    let before = vendor.get(&one).await;
    let merged = vendor.send("PATCH", &one, &json!({"JobTitle": "Lead Engineer", "Fax": null})).await;
    assert_eq!((merged.status, merged.text.as_str()), (204, ""));
    let after = vendor.get(&one).await;
    assert_eq!((&after["JobTitle"], &after["Email"]), (&json!("Lead Engineer"), &before["Email"]));
    assert_eq!((&after["CreatedDate"], &after["UpdatedDate"]), (&before["CreatedDate"], &json!("2026-01-01T00:00:01")));

    assert_eq!(vendor.send("PUT", &one, &after).await.status, 204, "what GET answers can be put back");
    assert_eq!(vendor.get(&one).await["Email"], before["Email"]);
    assert_eq!(vendor.send("PUT", &one, &json!({"Id": id, "FirstName": "Only"})).await.status, 204);
    let replaced = vendor.get(&one).await;
    assert_eq!(
        (&replaced["FirstName"], &replaced["Email"], &replaced["MainCompanyId"]),
        (&json!("Only"), &Value::Null, &Value::Null)
    );
    assert_eq!(replaced["CreatedDate"], before["CreatedDate"]);

    for method in ["PUT", "PATCH", "MERGE"] {
        assert_eq!(vendor.send(method, &one, &json!({"Id": ID})).await.status, 400, "{method}");
        assert_eq!(vendor.send(method, ONE, &json!({"FirstName": "A"})).await.status, 404, "{method}");
    }
}

#[tokio::test]
async fn a_deleted_company_is_linked_from_nowhere() {
    let vendor = Vendor::avid().await;
    let companies = rows(&vendor.get("Companies?$expand=AssignedContacts,AssignedOpportunities,Notes").await);
    let company = companies.iter().find(|company| {
        ["AssignedContacts", "AssignedOpportunities", "Notes"].iter().all(|name| company[*name] != json!([]))
    });
    let id = company.unwrap()["Id"].as_str().unwrap();
    let one = format!("Companies(guid'{id}')");
    let deleted = vendor.call("DELETE", &one).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    for method in ["GET", "DELETE"] {
        let gone = vendor.call(method, &one).await;
        assert_eq!((gone.status, gone.value()["odata.error"].is_object()), (404, true));
    }
    for set in texts(&vendor.get("").await["value"], "name") {
        assert!(!vendor.get(&set).await.to_string().contains(id), "{set}");
        let second = format!("{set}?$skip=100");
        assert!(!vendor.get(&second).await["value"].to_string().contains(id), "{set}");
    }
    let person = company.unwrap()["AssignedContacts"][0]["Id"].as_str().unwrap();
    let person = vendor.get(&format!("Contacts(guid'{person}')?$expand=AssignedCompanies")).await;
    assert_eq!((&person["MainCompanyId"], &person["AssignedCompanies"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn custom_values_live_in_side_tables() {
    let vendor = Vendor::avid().await;
    let definition =
        rows(&vendor.filtered("CustomFieldDefinitions", "DisplayName eq 'Fleet size'").await.value()).remove(0);
    let company = vendor.get("Companies?$top=1").await["value"][0]["Id"].clone();
    let body = json!({"Id": ID, "CustomFieldDefinitionId": definition["Id"], "EntityId": company, "Text": "240"});
    assert_eq!(vendor.send("POST", "CustomFieldValueTexts", &body).await.status, 201);
    let one = format!("CustomFieldValueTexts(guid'{ID}')");
    assert_eq!(vendor.send("PATCH", &one, &json!({"Text": "241"})).await.status, 204);
    let expanded = vendor.get(&format!("Companies(guid'{}')?$expand=CustomFields", company.as_str().unwrap())).await;
    assert!(expanded.get("complabel43").is_none());
    let fields = expanded["CustomFields"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["Id"] == ID && field["Text"] == "241"));
    assert_eq!(vendor.call("DELETE", &one).await.status, 204);

    let date = json!({"Id": ID, "EntityId": company, "Date": "/Date(1738281600000)/"});
    assert_eq!(vendor.send("POST", "CustomFieldValueDates", &date).await.value()["Date"], "2025-01-31T00:00:00");
    let choice = rows(&vendor.get("CustomFieldDefinitionDropDownValues?$top=1").await).remove(0);
    let body = json!({"Id": ID, "EntityId": company, "DropDownValueId": choice["Id"]});
    assert_eq!(vendor.send("POST", "CustomFieldValueDropdowns", &body).await.status, 201);
    let body = json!({"Id": ID, "EntityId": company, "Number": 7.5});
    assert_eq!(vendor.send("POST", "CustomFieldValueTextNumerics", &body).await.status, 201);
    let body = json!({"Id": ID, "EntityId": company, "Text": "a\r\nb"});
    assert_eq!(vendor.send("POST", "CustomFieldValueTextMemos", &body).await.status, 201);
}

#[tokio::test]
async fn views_users_and_definitions_can_only_be_read() {
    let vendor = Vendor::avid().await;
    for set in ["CompanyViews", "ContactViews", "OpportunityViews", "Users", "CustomFieldDefinitions", "Templates"] {
        let row = vendor.get(set).await["value"][0].clone();
        let one = format!("{set}(guid'{}')", row["Id"].as_str().unwrap());
        assert_eq!(vendor.get(&one).await["Id"], row["Id"]);
        for (method, path) in [("POST", set), ("PUT", &one), ("PATCH", &one), ("DELETE", &one)] {
            let refused = vendor.send(method, path, &row).await;
            assert_eq!((refused.status, refused.value()["odata.error"].is_object()), (405, true), "{method} {path}");
        }
    }
    let view = vendor.get("OpportunityViews?$filter=CompanyName ne null&$top=1").await["value"][0].clone();
    let columns: Vec<&String> = view.as_object().unwrap().keys().collect();
    let known = [
        "CompanyBusinessCity",
        "CompanyBusinessState",
        "CompanyName",
        "Id",
        "RecordDescription",
        "UserDefined02",
        "UserDefined34",
    ];
    assert_eq!(columns, known);
    assert_eq!(vendor.call("DELETE", "Companies").await.status, 405);
}

#[tokio::test]
async fn no_input_brings_it_down() {
    let vendor = Vendor::avid().await;
    vendor.send("POST", "Contacts", &json!({"Id": ID})).await;
    let (put, link) = (format!("PUT {ONE}"), format!("PUT {ONE}/$links/AssignedUsers"));
    let unlink = format!("DELETE {ONE}/$links/AssignedUsers");
    let calls = [
        "POST Companies",
        "POST Notes",
        "POST CustomFieldValueDates",
        "GET $metadata",
        "GET Contacts(guid'%00')",
        "GET %F0%9F(guid'",
        "GET Contacts?$filter=%F0%9F%27&$top=4294967295&$skip=4294967295",
        "GET Contacts?$top=4294967295&$skip=4294967295",
        "BREW Contacts",
        put.as_str(),
        link.as_str(),
        unlink.as_str(),
    ];
    let bodies = [
        r#"{"Id":"7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0999","Date":"/Date(9223372036854775807)/"}"#,
        r#"{"Id":"7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0998","Date":"/Date()/","Text":[],"Notes":[{}],"__metadata":7}"#,
        r#"{"Id":{},"EntityId":"","UserId":7}"#,
        "<uri",
        "<uri>",
        "<uri></uri>",
        "<uri>Users(guid'</uri>",
        "<uri>http://x/Users(guid&apos;7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0998&apos;)</uri>",
    ];
    vendor.survives(&calls, &bodies).await;
}

#[tokio::test]
async fn a_tagged_row_changes_only_where_the_tag_is_still_its_own() {
    let vendor = Vendor::avid().await;
    let id = vendor.get("Contacts?$top=1").await["value"][0]["Id"].as_str().unwrap().to_owned();
    let one = format!("Contacts(guid'{id}')");
    assert!(vendor.get(&one).await.get("odata.etag").is_none(), "the guide shows no tags");
    vendor.sandbox.tag_avid_rows(true);
    let tag = vendor.get(&one).await["odata.etag"].as_str().unwrap().to_owned();
    assert!(tag.starts_with("W/\"datetime'"), "{tag}");
    let header = vendor.request("GET", &one).send().await.unwrap().headers()["etag"].clone();
    assert_eq!(header, tag.as_str());
    let change = |method: &str, tag: &str| {
        let request = vendor.request(method, &one).header("if-match", tag).header("content-type", "application/json");
        request.body(json!({"JobTitle": "CTO"}).to_string()).send()
    };
    assert_eq!(change("PATCH", "W/\"datetime'2001-01-01T00%3A00%3A00'\"").await.unwrap().status(), 412);
    assert_eq!(change("PATCH", &tag).await.unwrap().status(), 204);
    for method in ["PUT", "PATCH", "MERGE", "DELETE"] {
        assert_eq!(change(method, &tag).await.unwrap().status(), 412, "{method}");
    }
    assert_eq!(change("PATCH", "*").await.unwrap().status(), 204);
    assert_eq!(vendor.send("PATCH", &one, &json!({"JobTitle": "CEO"})).await.status, 204);
}
