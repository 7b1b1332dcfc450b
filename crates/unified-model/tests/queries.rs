//! What a query string may say, and what a caller is told about one that says it wrong.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use unified_model::{
    Direction, Filter, FilterValue, Operation, PassThroughValue, RequestError, RequestParts, Resource, UnifiedRequest,
};

fn request(resource: Resource, operation: Operation, query: &str) -> Result<UnifiedRequest, RequestError> {
    let id = matches!(operation, Operation::One | Operation::Update | Operation::Delete).then_some("1");
    let body = matches!(operation, Operation::Add | Operation::Update).then_some(&br#"{"title": "A note"}"#[..]);
    UnifiedRequest::new(
        unified_model::CanonicalSchema::built_in(),
        RequestParts { resource, operation, parent: None, id, query, body },
    )
}

fn list(query: &str) -> UnifiedRequest {
    request(Resource::Contacts, Operation::All, query).unwrap()
}

/// The violations as `at: message`.
fn refusal(resource: Resource, operation: Operation, query: &str) -> Vec<String> {
    match request(resource, operation, query) {
        Err(RequestError::Invalid(violations)) => {
            violations.into_iter().map(|violation| format!("{}: {}", violation.at, violation.message)).collect()
        }
        other => panic!("{query}: expected violations, found {other:?}"),
    }
}

fn text(field: &str, value: &str) -> Filter {
    Filter { field: field.to_owned(), value: FilterValue::Text(value.to_owned()) }
}

#[test]
fn without_a_query_the_defaults_hold() {
    let request = list("");
    assert_eq!((request.limit, request.raw, request.cursor), (20, false, None));
    assert!(request.filters.is_empty() && request.sort.is_none() && request.fields.is_none());
}

#[test]
fn brackets_may_be_percent_encoded_and_a_space_may_be_a_plus() {
    let wanted = vec![text("name", "Ann Lee & co")];
    for query in ["filter%5Bname%5D=Ann%20Lee%20%26%20co", "filter[name]=Ann+Lee+%26+co"] {
        assert_eq!(list(query).filters, wanted, "{query}");
    }
    assert_eq!(list("filter[phone_number]=%2B32%2012").filters, vec![text("phone_number", "+32 12")]);
}

#[test]
fn unset_values_of_the_old_client_libraries_count_as_absent() {
    let request = list("cursor=null&limit=null&raw=&fields=null&filter%5Bname%5D=null&sort%5Bby%5D=null&sort=null");
    assert_eq!((request.limit, request.raw, request.cursor), (20, false, None));
    assert!(request.filters.is_empty() && request.sort.is_none() && request.fields.is_none());
    assert_eq!(list("cursor=").cursor, None);
}

#[test]
fn keys_that_nobody_knows_are_ignored() {
    let request = list("_method=DELETE&utm=1&limit=5&=x&broken[=1&x[y=2&&limit=5");
    assert_eq!(request.limit, 5);
}

#[test]
fn a_limit_is_a_whole_number_from_1_to_200() {
    for (text, limit) in [("1", 1), ("200", 200), ("", 20)] {
        assert_eq!(list(&format!("limit={text}")).limit, limit);
    }
    for text in ["0", "201", "20.0", "-1", "+5", "ten", "99999999999999999999"] {
        let told = refusal(Resource::Contacts, Operation::All, &format!("limit={text}"));
        assert!(told[0].starts_with("limit: must be a whole number from 1 to 200; found `"), "{told:?}");
    }
}

#[test]
fn raw_is_true_or_false_on_every_operation() {
    for operation in Operation::EVERY {
        assert!(request(Resource::Notes, *operation, "raw=true").unwrap().raw);
        assert!(!request(Resource::Notes, *operation, "raw=false").unwrap().raw);
        assert_eq!(refusal(Resource::Notes, *operation, "raw=1"), ["raw: must be true or false; found `1`"]);
    }
}

#[test]
fn a_parameter_that_repeats_must_say_the_same() {
    assert_eq!(list("limit=5&limit=5").limit, 5);
    assert_eq!(
        refusal(Resource::Contacts, Operation::All, "limit=5&limit=6&filter[name]=a&filter[name]=b"),
        [
            "filter[name]: is given more than once with different values; send it once",
            "limit: is given more than once with different values; send it once",
        ]
    );
}

#[test]
fn filters_have_types() {
    let query = "filter[title]=Rocket&filter[monetary_amount]=75000.0&filter[status_id]=7";
    let filters = request(Resource::Opportunities, Operation::All, query).unwrap().filters;
    assert_eq!(filters[0], text("title", "Rocket"));
    assert_eq!(filters[1].value, FilterValue::Number(75000.0));
    assert_eq!(filters[2], text("status_id", "7"));
    for wrong in ["NaN", "inf", "12a", "1e999", "0x10"] {
        let told = refusal(Resource::Opportunities, Operation::All, &format!("filter[win_probability]={wrong}"));
        assert_eq!(told, [format!("filter[win_probability]: must be a number; found `{wrong}`")]);
    }
}

#[test]
fn an_instant_may_be_written_in_every_zone_and_precision() {
    let wanted = FilterValue::Instant("2020-09-30T05:43:32.120Z".parse().unwrap());
    for value in [
        "2020-09-30T05:43:32.12Z",
        "2020-09-30T05%3A43%3A32.120000000Z",
        "2020-09-30T07:43:32.12%2B02:00",
        "2020-09-30T07:43:32.120+02:00",
        "2020-09-30t03:43:32.120-02:00",
    ] {
        let filters = list(&format!("filter[updated_since]={value}")).filters;
        assert_eq!(filters[0].value, wanted, "{value}");
    }
    for value in ["2020-09-30", "2020-09-30T07:43:32", "yesterday", "1601451812", "é02:00", "€"] {
        let told = refusal(Resource::Contacts, Operation::All, &format!("filter[updated_since]={value}"));
        assert!(told[0].contains("must be a date and time with zone, such as 2020-09-30T07:43:32Z"), "{told:?}");
    }
}

#[test]
fn an_unknown_filter_is_answered_with_the_known_ones() {
    let told =
        refusal(Resource::Companies, Operation::All, "filter[nmae]=x&filter[name][like]=y&filter[created_since]=");
    assert_eq!(
        told,
        [
            "filter[name]: takes one value and no further brackets",
            "filter[nmae]: is no filter of companies, did you mean name?; there are name, updated_since, created_since, status, owner_id, row_type_id",
            "filter[created_since]: must be given a value, or left out; found ``",
        ]
    );
    assert_eq!(
        refusal(Resource::Pipelines, Operation::All, "filter[name]=x"),
        ["filter[name]: pipelines take no filters"]
    );
    assert_eq!(
        refusal(Resource::Companies, Operation::All, "filter=name&sort=name"),
        [
            "filter: must be written with brackets: filter[member]=value",
            "sort: must be written with brackets: sort[member]=value",
        ]
    );
}

#[test]
fn a_sort_has_a_known_field_and_a_direction() {
    for (query, direction) in [
        ("sort[by]=name", Direction::Ascending),
        ("sort[direction]=desc&sort[by]=name", Direction::Descending),
        ("sort%5Bby%5D=name&sort%5Bdirection%5D=asc", Direction::Ascending),
        ("sort[by]=name&sort[direction]=", Direction::Ascending),
    ] {
        let sort = list(query).sort.unwrap();
        assert_eq!((sort.by.as_str(), sort.direction), ("name", direction), "{query}");
    }
    assert_eq!(list("sort[direction]=desc").sort, None);
    assert_eq!(
        refusal(Resource::Companies, Operation::All, "sort[by]=nmae&sort[direction]=up&sort[field]=name"),
        [
            "sort[by]: must be one of created_at, updated_at, name; found `nmae`, did you mean name?",
            "sort[direction]: must be asc or desc; found `up`",
            "sort[field]: is not known; there are sort[by] and sort[direction]",
        ]
    );
    assert_eq!(refusal(Resource::Users, Operation::All, "sort[by]=name"), ["sort[by]: users cannot be sorted"]);
}

#[test]
fn fields_are_paths_that_exist() {
    let query = "fields=id%2C%20name,emails.email,id,custom_mappings.any.thing,custom_fields.value";
    let paths = list(query).fields.unwrap().paths;
    assert_eq!(paths, ["id", "name", "emails.email", "custom_mappings.any.thing", "custom_fields.value"]);
    assert_eq!(list("fields=,").fields, None);
    assert_eq!(
        refusal(Resource::Contacts, Operation::All, "fields=first_nmae,emails.emial,name.first,pass_through"),
        [
            "fields: `first_nmae` is not a member of Contact, did you mean first_name?",
            "fields: `emails.emial` is not a member of Email, did you mean email?",
            "fields: `name.first`: name has no members",
            "fields: `pass_through` is never answered",
        ]
    );
}

#[test]
fn pass_through_keeps_order_nesting_and_repeats() {
    let query = "pass_through%5Bsearch%5D=a%20b&pass_through%5Barr%5D=x&pass_through%5Bnested%5D%5Ba%5D=1\
                 &pass_through%5Barr%5D=y&pass_through%5Bnested%5D%5Bb%5D=2&pass_through%5Bnested%5D%5Bb%5D=3\
                 &pass_through[one][]=z&pass_through[empty]=";
    let one = |value: &str| PassThroughValue::Text(value.to_owned());
    let many = |values: &[&str]| PassThroughValue::List(values.iter().map(|value| (*value).to_owned()).collect());
    assert_eq!(
        list(query).pass_through_query,
        vec![
            ("search".to_owned(), one("a b")),
            ("arr".to_owned(), many(&["x", "y"])),
            (
                "nested".to_owned(),
                PassThroughValue::Nested(vec![("a".to_owned(), one("1")), ("b".to_owned(), many(&["2", "3"]))])
            ),
            ("one".to_owned(), many(&["z"])),
            ("empty".to_owned(), one("")),
        ]
    );
    for query in [
        "pass_through[a]=1&pass_through[a][b]=2",
        "pass_through[a][b]=2&pass_through[a]=1",
        "pass_through=1",
        "pass_through[]=1",
    ] {
        assert_eq!(refusal(Resource::Contacts, Operation::All, query).len(), 1, "{query}");
    }
}

#[test]
fn a_query_that_cannot_be_decoded_or_is_out_of_all_proportion_is_refused() {
    for query in ["name=%zz", "%=1", "name=%4", "a=%ff%fe", "filter[name]=%C3"] {
        let told = refusal(Resource::Contacts, Operation::All, query);
        assert!(told[0].starts_with("query: "), "{told:?}");
    }
    assert!(request(Resource::Contacts, Operation::All, &"a=1&".repeat(200)).is_ok());
    assert_eq!(
        refusal(Resource::Contacts, Operation::All, &"a=1&".repeat(201)),
        ["query: has 201 parameters; send at most 200"]
    );
    assert!(request(Resource::Contacts, Operation::All, &format!("pass_through{}=1", "[a]".repeat(8))).is_ok());
    let told = refusal(Resource::Contacts, Operation::All, &format!("pass_through{}=1", "[a]".repeat(50_000)));
    assert_eq!(told, ["pass_through: nests brackets deeper than 8"]);
}

#[test]
fn what_has_no_meaning_for_an_operation_is_ignored() {
    let query = "cursor=x&limit=999&sort[by]=nothing&filter[nothing]=1&pass_through[a]=1&raw=true";
    let one = request(Resource::Notes, Operation::One, query).unwrap();
    assert_eq!((one.limit, one.cursor, one.sort, one.raw), (20, None, None, true));
    assert!(one.filters.is_empty() && one.pass_through_query.is_empty());
    for operation in [Operation::Add, Operation::Update, Operation::Delete] {
        assert!(request(Resource::Notes, operation, &format!("{query}&fields=nothing")).is_ok());
    }
}

#[test]
fn one_contact_may_be_filtered_and_no_other_record() {
    let one = request(Resource::Contacts, Operation::One, "filter[company_id]=7&fields=id").unwrap();
    assert_eq!(one.filters, vec![text("company_id", "7")]);
    assert_eq!(one.fields.unwrap().paths, ["id"]);
    assert_eq!(refusal(Resource::Contacts, Operation::One, "filter[nothing]=7").len(), 1);
}

#[test]
fn an_impossible_id_is_told_apart() {
    for id in [Some(""), Some("a\nb"), None] {
        for operation in [Operation::One, Operation::Update, Operation::Delete] {
            let parts = RequestParts { resource: Resource::Notes, operation, parent: None, id, query: "", body: None };
            assert!(
                matches!(
                    UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts),
                    Err(RequestError::ImpossibleId(_))
                ),
                "{id:?}"
            );
        }
    }
    let parent = Some("\u{7}");
    let (resource, operation) = (Resource::ListMembers, Operation::All);
    let parts = RequestParts { resource, operation, parent, id: None, query: "", body: None };
    assert!(matches!(
        UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts),
        Err(RequestError::ImpossibleId(_))
    ));
}

#[test]
fn at_most_twenty_violations_are_told() {
    let query: String = (0..100).map(|index| format!("filter[unknown{index}]=1&")).collect::<Vec<_>>().concat();
    assert_eq!(refusal(Resource::Contacts, Operation::All, &query).len(), 20);
}
