//! Whatever a caller sends stays one value: what is written is read back by a lexer that knows nothing of the writer.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

/// A word of the query language.
#[derive(Debug, Clone, PartialEq)]
enum Word {
    Name(String),
    Sign(char),
    Text(String),
    Guid(String),
    DateTime(String),
    Number(f64),
}

/// The words of a filter; `None` where it is none.
fn words(text: &str) -> Option<Vec<Word>> {
    let characters: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        match characters[at] {
            ' ' => at += 1,
            sign @ ('(' | ')' | ',') => {
                words.push(Word::Sign(sign));
                at += 1;
            }
            '\'' => words.push(Word::Text(quoted(&characters, &mut at)?)),
            first if first == '-' || first.is_ascii_digit() => {
                let start = at;
                while characters.get(at).is_some_and(|c| c.is_ascii_digit() || "+-.eE".contains(*c)) {
                    at += 1;
                }
                words.push(Word::Number(characters[start..at].iter().collect::<String>().parse().ok()?));
            }
            first if first.is_ascii_alphabetic() => {
                let start = at;
                while characters.get(at).is_some_and(char::is_ascii_alphanumeric) {
                    at += 1;
                }
                let name: String = characters[start..at].iter().collect();
                let is_literal = characters.get(at) == Some(&'\'');
                words.push(match name.as_str() {
                    "guid" if is_literal => Word::Guid(quoted(&characters, &mut at)?),
                    "datetime" if is_literal => Word::DateTime(quoted(&characters, &mut at)?),
                    _ if is_literal => return None,
                    _ => Word::Name(name),
                });
            }
            _ => return None,
        }
    }
    Some(words)
}

/// The text in quotes, in which two quotes are one.
fn quoted(characters: &[char], at: &mut usize) -> Option<String> {
    let mut text = String::new();
    *at += 1;
    loop {
        let character = *characters.get(*at)?;
        *at += 1;
        if character != '\'' {
            text.push(character);
        } else if characters.get(*at) == Some(&'\'') {
            text.push('\'');
            *at += 1;
        } else {
            return Some(text);
        }
    }
}

fn name(text: &str) -> Word {
    Word::Name(text.to_owned())
}

fn field(at: &[&str], literal: Literal) -> FilterField {
    FilterField { at: at.iter().map(|&name| name.to_owned()).collect(), literal, check: None, values_of: None }
}

/// What is sent, encoded into an address and decoded by a server.
fn through_the_address(filter: &str) -> String {
    let address: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("$filter", filter).finish();
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(address.as_bytes()).into_owned().collect();
    assert_eq!(pairs.len(), 1, "{address}");
    pairs[0].1.clone()
}

/// Texts of all kinds, those that would break out of a literal among them.
fn values() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "O'Hara",
        "'",
        "''",
        "' or 1 eq 1 or Name eq '",
        "%27",
        "50% & more",
        "a+b",
        "a#b?c=d&$top=1",
        "\u{0}\n\r\t",
        "\u{2019}\u{ff07}",
        "guid'x'",
        "💥",
        "\\'",
    ]);
    prop_oneof![any::<String>(), hostile.prop_map(str::to_owned), "[' %&+#=()a-z]{0,12}"]
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_200_930),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_text_changes_what_a_filter_means(value in values(), contains in any::<bool>()) {
        let comparison = if contains { Comparison::Contains } else { Comparison::Eq };
        let filter = FilterValue::Text(value.clone());
        let written = condition(&field(&["Name"], Literal::Text), comparison, &filter, &Zone::UTC).expect("a value");
        let text = Word::Text(value);
        let expected = if contains {
            vec![name("substringof"), Word::Sign('('), text, Word::Sign(','), name("Name"), Word::Sign(')')]
        } else {
            vec![name("Name"), name("eq"), text]
        };
        prop_assert_eq!(words(&through_the_address(&written)), Some(expected));
    }

    #[test]
    fn one_of_several_fields_has_the_value(value in values()) {
        let filter = FilterValue::Text(value.clone());
        let fields = field(&["Email", "Email2"], Literal::Text);
        let written = condition(&fields, Comparison::Eq, &filter, &Zone::UTC).expect("a value");
        let is = |at: &str| [name(at), name("eq"), Word::Text(value.clone())];
        let mut expected = vec![Word::Sign('(')];
        expected.extend(is("Email"));
        expected.push(name("or"));
        expected.extend(is("Email2"));
        expected.push(Word::Sign(')'));
        prop_assert_eq!(words(&through_the_address(&written)), Some(expected));
    }

    #[test]
    fn what_is_no_guid_matches_nothing(value in values()) {
        let filter = FilterValue::Text(value.clone());
        let written = condition(&field(&["Id"], Literal::Guid), Comparison::Eq, &filter, &Zone::UTC);
        prop_assert_eq!(written, None);
    }

    #[test]
    fn a_guid_is_itself(value in "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}") {
        let filter = FilterValue::Text(value.clone());
        let written = condition(&field(&["Id"], Literal::Guid), Comparison::Eq, &filter, &Zone::UTC).expect("a value");
        prop_assert_eq!(words(&written), Some(vec![name("Id"), name("eq"), Word::Guid(value.to_lowercase())]));
    }

    #[test]
    fn numbers_and_instants_are_one_literal_each(number in any::<f64>(), seconds in -2_000_000_000_i64..4_000_000_000) {
        let written = condition(&field(&["Worth"], Literal::Number), Comparison::Eq, &FilterValue::Number(number), &Zone::UTC);
        match written {
            None => prop_assert!(!number.is_finite()),
            Some(written) => {
                prop_assert_eq!(words(&written), Some(vec![name("Worth"), name("eq"), Word::Number(number)]));
            }
        }
        let instant = Timestamp::from_second(seconds).expect("a value");
        let written = condition(&field(&["At"], Literal::Text), Comparison::Ge, &FilterValue::Instant(instant), &Zone::UTC);
        let shown = instant.to_string().replace('Z', ".000");
        prop_assert_eq!(words(&written.expect("a value")), Some(vec![name("At"), name("ge"), Word::DateTime(shown)]));
    }
}
