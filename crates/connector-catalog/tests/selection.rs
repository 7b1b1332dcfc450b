//! Which way a list takes for the filters and the sort asked for.

mod support;

use connector_catalog::{Asked, Catalog, ListRefusal, ListWay, SettingValues};
use unified_model::Resource;

fn agile(resource: Resource, filters: &[&str], sort: Option<&str>) -> Result<ListWay, ListRefusal> {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let connector = support::definition(&catalog, "agile-crm");
    let all = connector.entity(resource).and_then(|entity| entity.all.as_ref()).expect("a list");
    all.choose(filters, sort).cloned()
}

fn path(way: &ListWay) -> String {
    let value = |hole: &connector_catalog::Hole| Some(hole.to_string().into());
    way.request.path.render(value, connector_catalog::template::verbatim).expect("every hole is filled")
}

#[test]
fn a_list_without_filters_takes_the_base_way() {
    let way = agile(Resource::Contacts, &[], None).expect("a way");
    assert_eq!((way.request.method.as_str(), path(&way).as_str()), ("GET", "/contacts"));
}

#[test]
fn a_filter_takes_the_first_way_that_carries_it() {
    let email = agile(Resource::Contacts, &["email"], None).expect("a way");
    assert_eq!(path(&email), "/contacts/search/email/{filter.email}");
    assert_eq!(email.needs, ["email"]);
    let company = agile(Resource::Contacts, &["company_id"], None).expect("a way");
    assert_eq!(path(&company), "/contacts/related/{filter.company_id}");
    let since = agile(Resource::Contacts, &["updated_since", "owner_id"], Some("updated_at")).expect("a way");
    assert_eq!(path(&since), "/filters/filter/dynamic-filter");
}

#[test]
fn a_sort_alone_takes_the_base_way_where_that_can_sort() {
    assert_eq!(path(&agile(Resource::Companies, &[], Some("name")).expect("a way")), "/contacts/companies/list");
    let contacts = agile(Resource::Contacts, &[], Some("created_at")).expect("a way");
    assert_eq!(path(&contacts), "/filters/filter/dynamic-filter");
}

#[test]
fn an_unsupported_filter_is_refused_with_what_is_supported() {
    let refusal = agile(Resource::Companies, &["name", "tag"], None).expect_err("no way");
    let supported = ["created_since", "name", "owner_id", "updated_since"].map(str::to_owned).to_vec();
    assert_eq!(refusal, ListRefusal::UnsupportedFilters { unsupported: vec!["tag".to_owned()], supported });
}

#[test]
fn filters_of_different_ways_are_refused_with_the_combinations() {
    let ListRefusal::FiltersNotTogether { asked, combinations } =
        agile(Resource::Contacts, &["phone_number", "first_name"], None).expect_err("no way")
    else {
        panic!("another refusal");
    };
    assert_eq!(asked, ["phone_number", "first_name"]);
    assert_eq!(combinations[1], ["phone_number"]);
    assert_eq!(combinations[4], ["first_name", "last_name", "owner_id", "updated_since", "created_since"]);
}

#[test]
fn a_sort_that_does_not_go_with_the_filter_is_refused_with_those_that_do() {
    let unsorted = agile(Resource::Contacts, &["company_id"], Some("created_at")).expect_err("no way");
    assert_eq!(unsorted, ListRefusal::UnsupportedSort { by: "created_at".to_owned(), supported: Vec::new() });
    // One record is in any order.
    let one = agile(Resource::Contacts, &["email"], Some("created_at")).expect("a way");
    assert_eq!(path(&one), "/contacts/search/email/{filter.email}");
    let unknown = agile(Resource::Companies, &[], Some("size")).expect_err("no way");
    let supported = ["created_at", "name", "updated_at"].map(str::to_owned).to_vec();
    assert_eq!(unknown, ListRefusal::UnsupportedSort { by: "size".to_owned(), supported });
}

#[test]
fn parameters_of_the_definition_are_reserved() {
    let acme = support::acme();
    let all = acme.entity(Resource::Companies).and_then(|entity| entity.all.as_ref()).expect("a list");
    let way = all.choose(&[], None).expect("a way");
    assert_eq!(
        way.reserved_parameters(&acme, &SettingValues::default()),
        ["name", "order", "page", "per_page", "sort", "tenant"]
    );
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let agile = support::definition(&catalog, "agile-crm");
    let contacts = agile.entity(Resource::Contacts).and_then(|entity| entity.all.as_ref()).expect("a list");
    let sorted = contacts.choose(&[], Some("created_at")).expect("a way");
    assert_eq!(
        sorted.reserved_parameters(&agile, &SettingValues::default()),
        ["cursor", "filterJson", "global_sort_key", "page_size"]
    );
}

#[test]
fn the_way_is_taken_that_leaves_the_fewest_filters_to_the_gateway() {
    let query = |filters: &[&str]| {
        let way = agile(Resource::Opportunities, filters, None).expect("a way");
        path(&way)
    };
    assert_eq!(query(&["status"]), "/opportunity");
    assert_eq!(query(&["status", "owner_id"]), "/filters/filter/dynamic-filter");
    assert_eq!(query(&["status", "company_id"]), "/contacts/{filter.company_id}/deals");
    // A search without its words is none.
    let named = agile(Resource::Contacts, &["name", "owner_id"], None).expect("a way");
    assert_eq!((path(&named).as_str(), named.needs.as_slice()), ("/search", &["name".to_owned()][..]));
}

#[test]
fn a_value_that_stands_for_several_of_the_vendors_is_left_to_the_gateway() {
    let catalog = Catalog::built_in().expect("the built-in definitions are right");
    let connector = support::definition(&catalog, "agile-crm");
    let variants = &connector.resources[&Resource::Activities];
    let tasks = variants[0].parts.iter().find(|part| part.mapping_name == "tasks").expect("tasks");
    let list = tasks.all.as_ref().expect("a list");
    let chosen = |unsendable: &[&str]| {
        let way = list.choose_for(Asked { filters: &["type"], unsendable, sort: None }).expect("a way");
        way.request.query.len()
    };
    assert_eq!((chosen(&[]), chosen(&["type"])), (3, 0), "type, criteria and owner; or nothing");
}
