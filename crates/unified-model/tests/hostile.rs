//! Whatever arrives, the constructor answers: with a request or with what is wrong, never with a panic.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use unified_model::{Operation, RequestError, RequestParts, Resource, UnifiedRequest};

/// Queries made of the pieces that queries are made of, in any order.
fn query() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "filter",
        "sort",
        "pass_through",
        "fields",
        "limit",
        "cursor",
        "raw",
        "by",
        "name",
        "updated_since",
        "[",
        "]",
        "[]",
        "=",
        "&",
        "%",
        "%5B",
        "%5D",
        "%ff",
        "%e2%82",
        "+",
        ",",
        ".",
        "null",
        "true",
        "20",
        "2020-09-30T07:43:32Z",
        "é",
        "\0",
    ];
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => pieces, 1 => any::<String>()]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"emails\":",
        "\"type\":",
        "\"id\":",
        "\"custom_fields\":",
        "\"pass_through\":",
        "\"stages\":",
        "\"duration_seconds\":",
        "null",
        "true",
        "-0.0",
        "1e308",
        "18446744073709551616",
        "\"x\"",
        "\\ud800",
        " ",
    ];
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..40)
        .prop_map(|pieces| format!("{{{}}}", pieces.concat()).into_bytes());
    prop_oneof![4 => pieces, 1 => any::<Vec<u8>>()]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_200_930),
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_makes_the_constructor_panic(
        resource in prop::sample::select(Resource::EVERY),
        operation in prop::sample::select(Operation::EVERY),
        id in prop::option::of(any::<String>()),
        query in query(),
        body in body(),
    ) {
        let id = id.as_deref();
        let parts = RequestParts { resource, operation, parent: id, id, query: &query, body: Some(&body) };
        match UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts) {
            Ok(request) => prop_assert!((1..=200).contains(&request.limit)),
            Err(RequestError::Invalid(violations)) => prop_assert!((1..=20).contains(&violations.len())),
            Err(RequestError::ImpossibleId(_)) => {}
        }
    }
}
