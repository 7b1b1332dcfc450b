//! Fields of an application's own, and where each consumer says they stand in its vendor's records.

use serde_json::{Value, json};

use super::house::{ACME, AGILE, House, ZENITH, with_json};
use crate::support::send;

const LIST: &str = "/vault/custom-mappings/crm/agile-crm";
const TIER: &str = "/vault/custom-mappings/crm/agile-crm/crm+companies+tier";

fn unmapped() -> Value {
    json!({
        "id": "crm+companies+tier", "key": "tier", "label": "Loyalty tier", "description": "Gold or silver",
        "required": true, "custom_field": false, "consumer_id": "ada",
    })
}

fn mapped(place: &str) -> Value {
    let mut mapping = unmapped();
    mapping["value"] = json!(place);
    mapping["custom_field"] = json!(true);
    mapping
}

#[tokio::test]
async fn a_consumer_maps_a_field_changes_it_and_takes_it_away() {
    for house in House::of_every_engine().await {
        house.connect("ada").await;
        assert_eq!(house.data("ada", LIST).await, json!([unmapped()]));
        assert_eq!(house.data("ada", TIER).await, unmapped());
        let set = house.call("ada", "POST", TIER, &json!({ "value": "$.tier" })).await.succeeded();
        assert_eq!(set, mapped("$.tier"));
        let place = "$.properties[?@.name == 'Tier'].value";
        let set = house.call("ada", "PATCH", TIER, &json!({ "value": place })).await.succeeded();
        assert_eq!(set, mapped(place));
        for path in [LIST, "/vault/connections/crm/agile-crm/companies/custom-mappings"] {
            assert_eq!(house.data("ada", path).await, json!([mapped(place)]), "{path}");
        }
        let of_contacts = "/vault/connections/crm/agile-crm/contacts/custom-mappings";
        assert_eq!(house.data("ada", of_contacts).await, json!([]));
        assert_eq!(house.data("ada", AGILE).await["custom_mappings"], json!([mapped(place)]));
        // With %2B, as some clients write it.
        assert_eq!(house.data("ada", &TIER.replace('+', "%2B")).await, mapped(place));

        let gone = house.delete("ada", TIER).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
        assert_eq!(house.data("ada", LIST).await, json!([unmapped()]));
        house.delete("ada", TIER).await.refused(404, "EntityNotFoundError");
    }
}

#[tokio::test]
async fn the_connection_takes_mappings_by_id_or_in_the_order_it_shows_them() {
    let house = House::start().await;
    house.connect("ada").await;
    let of = |house: House| async move {
        let shown = house.data("ada", AGILE).await["custom_mappings"].clone();
        let values: Vec<Value> = shown.as_array().unwrap().iter().map(|one| one["value"].clone()).collect();
        (house, values)
    };
    let mappings = |mappings: Value| json!({ "custom_mappings": mappings });
    house
        .vault
        .mapping_targets()
        .keep(
            &ACME.id.parse().unwrap(),
            connection_vault::NewMappingTarget {
                resource: unified_model::Resource::Contacts,
                key: "rank",
                label: "Rank",
                description: None,
                required: false,
            },
        )
        .await
        .unwrap();
    let by_id = mappings(json!([{ "id": "crm+contacts+rank", "value": "$.rank" }]));
    house.call("ada", "PATCH", AGILE, &by_id).await.succeeded();
    let (house, values) = of(house).await;
    assert_eq!(values, [json!(null), json!("$.rank")], "what is not named stays");
    // The TypeScript SDK leaves ids out.
    let in_order = mappings(json!([{ "value": "$.a" }, { "value": "$.b" }]));
    house.call("ada", "PATCH", AGILE, &in_order).await.succeeded();
    let (house, values) = of(house).await;
    assert_eq!(values, [json!("$.a"), json!("$.b")]);
    let too_few = house.call("ada", "PATCH", AGILE, &mappings(json!([{ "value": "$.c" }]))).await;
    let detail = too_few.refused(400, "RequestValidationError").to_string();
    assert!(detail.contains("custom_mappings") && detail.contains('2'), "{detail}");
    house
        .call("ada", "PATCH", AGILE, &mappings(json!([{ "id": "crm+contacts+rank", "value": null }])))
        .await
        .succeeded();
    let (_, values) = of(house).await;
    assert_eq!(values, [json!("$.a"), json!(null)]);
}

#[tokio::test]
async fn a_place_that_is_no_json_path_is_refused_with_where() {
    let house = House::start().await;
    house.connect("ada").await;
    for (value, says) in [
        (json!("tier"), "character 1"),
        (json!("$.tier["), "character"),
        (json!(""), "character"),
        (json!(7), "value"),
        (json!(format!("${}", ".a".repeat(600))), "1000"),
    ] {
        for method in ["POST", "PATCH"] {
            let reply = house.call("ada", method, TIER, &json!({ "value": value })).await;
            let detail = reply.refused(400, "RequestValidationError").to_string();
            assert!(detail.contains(says), "{value}: {detail}");
        }
    }
    assert_eq!(house.data("ada", TIER).await, unmapped());
}

#[tokio::test]
async fn only_fields_that_the_application_defines_can_be_mapped() {
    let house = House::start().await;
    house.connect("ada").await;
    house.vault.mapping_targets().delete(&ZENITH.id.parse().unwrap(), "crm+companies+tier").await.unwrap();
    for field in ["crm+companies+nope", "tier", "crm+widgets+tier", "hris+companies+tier"] {
        let path = format!("{LIST}/{field}");
        house.get("ada", &path).await.refused(404, "EntityNotFoundError");
        for method in ["POST", "PATCH"] {
            house.call("ada", method, &path, &json!({ "value": "$.a" })).await.refused(404, "EntityNotFoundError");
        }
        house.delete("ada", &path).await.refused(404, "EntityNotFoundError");
    }
    let foreign = with_json(house.request(ZENITH, "ada", "POST", TIER), &json!({ "value": "$.a" }));
    send(foreign).await.refused(404, "EntityNotFoundError");
    // A field that is gone is shown no more, whatever was mapped to it.
    house.call("ada", "POST", TIER, &json!({ "value": "$.a" })).await.succeeded();
    house.vault.mapping_targets().delete(&ACME.id.parse().unwrap(), "crm+companies+tier").await.unwrap();
    assert_eq!(house.data("ada", LIST).await, json!([]));
    assert_eq!(house.data("ada", AGILE).await["custom_mappings"], json!([]));
}

#[tokio::test]
async fn a_mapping_needs_a_connection() {
    let house = House::start().await;
    assert_eq!(house.data("ada", LIST).await, json!([unmapped()]), "what could be mapped can be read before");
    house.call("ada", "POST", TIER, &json!({ "value": "$.a" })).await.refused(404, "ConnectionNotFoundError");
    house.delete("ada", TIER).await.refused(404, "ConnectionNotFoundError");
}
