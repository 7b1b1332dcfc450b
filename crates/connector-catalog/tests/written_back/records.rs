//! Vendor records made up from what a mapping names: something at most of its places, several elements in each list, what no
//! field shows, and values in forms that the mapping does not write.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::{Just, any};
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Strategy};
use serde_json::{Map, Value, json};

/// What a mapping's file names.
#[derive(Default)]
struct Named {
    /// The paths of single values.
    values: BTreeSet<String>,
    /// Lists, and the paths in their elements.
    lists: Vec<(String, BTreeSet<String>)>,
    /// Texts that tables and tests name.
    words: BTreeSet<String>,
}

/// Records for the mapping `service/name`.
pub(crate) fn of(mapping: &str) -> BoxedStrategy<Map<String, Value>> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mappings").join(format!("{mapping}.yaml"));
    let text = std::fs::read_to_string(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    let file: Value = serde_saphyr::from_str(&text).unwrap();
    let mut named = Named::default();
    for line in file["fields"].as_object().unwrap().values() {
        named.line(line);
    }
    for table in file["converters"].as_object().into_iter().flat_map(|own| own.values()) {
        named.words.extend(table["table"].as_object().into_iter().flat_map(|rows| rows.keys().cloned()));
    }
    named.records()
}

impl Named {
    fn line(&mut self, line: &Value) {
        match line {
            Value::String(path) => drop(self.values.insert(path.clone())),
            Value::Object(keys) => {
                for sources in ["sources", "slots"] {
                    keys.get(sources).and_then(Value::as_array).into_iter().flatten().for_each(|own| self.line(own));
                }
                let item = keys.get("item").and_then(Value::as_object).into_iter().flat_map(|own| own.values());
                match keys.get("each").and_then(Value::as_str) {
                    // A list that is one text.
                    Some(list) if keys.contains_key("split") => drop(self.values.insert(list.to_owned())),
                    Some(list) => {
                        let mut inside = Self::default();
                        item.for_each(|own| inside.line(own));
                        self.words.extend(inside.words);
                        self.lists.push((list.to_owned(), inside.values));
                    }
                    None => item.for_each(|own| self.line(own)),
                }
                for at in ["at", "write"] {
                    match keys.get(at) {
                        Some(Value::String(path)) => drop(self.values.insert(path.clone())),
                        Some(Value::Array(paths)) => {
                            self.values.extend(paths.iter().filter_map(Value::as_str).map(str::to_owned));
                        }
                        _ => (),
                    }
                }
                for case in keys.get("cases").and_then(Value::as_array).into_iter().flatten() {
                    for (path, wanted) in case["when"].as_object().into_iter().flatten() {
                        self.values.insert(path.clone());
                        self.words.extend(wanted.as_str().map(str::to_owned));
                    }
                }
            }
            _ => (),
        }
    }

    fn records(self) -> BoxedStrategy<Map<String, Value>> {
        let words: Vec<String> = self.words.into_iter().collect();
        let mut parts: Vec<BoxedStrategy<Vec<(String, Value)>>> = Vec::new();
        for path in self.values {
            let value = value(&words, &path);
            let own = prop_oneof![
                1 => Just(None),
                5 => value.prop_map(Some),
            ];
            // Of a list that a path selects from, several elements may be selected.
            let times = if path.contains('[') { 0..3_usize } else { 1..2 };
            parts.push(
                vec(own, times)
                    .prop_map(move |own| own.into_iter().flatten().map(|own| (path.clone(), own)).collect())
                    .boxed(),
            );
        }
        for (list, members) in self.lists {
            let element = elements(&words, members);
            parts.push(
                vec(element, 0..4)
                    .prop_map(move |own| own.into_iter().map(|own| (format!("{list}+"), own)).collect())
                    .boxed(),
            );
        }
        let unknown = vec((select(vec!["unknown", "extra.inner", "properties.hs_unknown"]), scalar(&words)), 0..2);
        parts.push(unknown.prop_map(|own| own.into_iter().map(|(path, own)| (path.to_owned(), own)).collect()).boxed());
        let id =
            prop_oneof![Just(json!(5_100_000_000_000_101_i64)), Just(json!("7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0201"))];
        (parts, id)
            .prop_map(|(parts, id)| {
                let mut record = Value::Object(Map::new());
                for (path, value) in parts.into_iter().flatten() {
                    match path.strip_suffix('+') {
                        Some(list) => put(&mut record, &steps(list), value, true),
                        None => put(&mut record, &steps(&path), value, false),
                    }
                }
                let members = record.as_object_mut().unwrap();
                let name = if members.contains_key("Id") { "Id" } else { "id" };
                members.insert(name.to_owned(), id);
                members.clone()
            })
            .boxed()
    }
}

/// An element with some of its members, and some that the mapping does not know; at times none of them, or a text of JSON.
fn elements(words: &[String], members: BTreeSet<String>) -> BoxedStrategy<Value> {
    let members: Vec<String> = members.into_iter().filter(|path| path != "$").collect();
    let values =
        members.iter().map(|path| prop_oneof![1 => Just(None), 4 => value(words, path).prop_map(Some)].boxed());
    let values: Vec<_> = values.collect();
    (values, any::<bool>(), 0..6_u8)
        .prop_map(move |(values, has_more, form)| {
            let mut element = Value::Object(Map::new());
            for (path, value) in members.iter().zip(values) {
                if let Some(value) = value {
                    put(&mut element, &steps(path), value, false);
                }
            }
            if has_more {
                element["note"] = json!("of the vendor's own");
            }
            // Some vendors keep an object inside a text, some a plain text in the same place.
            match (element.get("value").is_some_and(Value::is_object), form) {
                (true, 0) => element["value"] = json!("12 Plain Street"),
                (true, 1) | (false, _) => {}
                (true, _) => element["value"] = json!(element["value"].to_string()),
            }
            element
        })
        .boxed()
}

fn scalar(words: &[String]) -> BoxedStrategy<Value> {
    let mut texts: Vec<String> = words.to_vec();
    texts.extend(
        [
            "Orla Quill feather",
            "a@b.example",
            "+1 555 0100",
            "",
            "0",
            "12",
            "40",
            "2024-05-06",
            "2024-05-06T10:00:00",
            "2024-05-06T10:00:00.123",
            "2024-05-06T10:00:00+02:00",
            "https://own.example",
            "x, y",
            " padded ",
            "true",
            "Signed",
            "a1b2",
            "Phone call",
            "other",
            "unheard-of",
            "C0FFEE00-0000-4000-8000-000000000001",
        ]
        .map(str::to_owned),
    );
    prop_oneof![
        8 => select(texts).prop_map(Value::from),
        1 => Just(Value::Null),
        2 => (0..120_i64).prop_map(Value::from),
        1 => Just(json!(40.5)),
        1 => Just(json!(1_725_148_800)),
        1 => Just(json!(1_725_148_800_123_i64)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(json!({ "nested": 1 })),
        1 => Just(json!([])),
    ]
    .boxed()
}

/// Something that may stand at a path.
fn value(words: &[String], path: &str) -> BoxedStrategy<Value> {
    let name = path.rsplit(['.', ']']).next().unwrap_or(path);
    let is_list = matches!(name, "tags") || path.ends_with("_ids") || path == "tags";
    match name {
        _ if is_list => {
            vec(select(vec!["1", "3", "4", "VIP", "Lead"]).prop_map(Value::from), 0..4).prop_map(Value::from).boxed()
        }
        "id" | "Id" => prop_oneof![
            3 => select(vec!["1", "3", "4", "9", "12"]).prop_map(Value::from),
            2 => (1..9_i64).prop_map(Value::from),
            1 => Just(Value::Null),
        ]
        .boxed(),
        _ => scalar(words),
    }
}

/// A step of a path.
enum Step {
    Member(String),
    /// An element, or the next one, with these members.
    Element(Vec<(String, String)>),
}

fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    let mut tests: Option<Vec<(String, String)>> = None;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').unwrap();
            let test = &inner[..end];
            rest = &inner[end + 1..];
            if let Some(name) = test.strip_prefix('\'') {
                steps.push(Step::Member(name.trim_end_matches('\'').to_owned()));
                continue;
            }
            let own = tests.get_or_insert_default();
            match test.split_once("!=") {
                Some((name, "")) => own.push((name.to_owned(), "x1".to_owned())),
                Some((name, _)) => own.push((name.to_owned(), "LINKEDIN".to_owned())),
                None => own.extend(test.split_once('=').map(|(name, text)| (name.to_owned(), text.to_owned()))),
            }
        } else {
            if let Some(tests) = tests.take() {
                steps.push(Step::Element(tests));
            }
            let own = rest.trim_start_matches('.');
            let end = own.find(['.', '[']).unwrap_or(own.len());
            steps.push(Step::Member(own[..end].to_owned()));
            rest = &own[end..];
        }
    }
    steps.extend(tests.map(Step::Element));
    steps
}

/// Puts a value at a path; what a path selects from a list is a further element. `whole`: the value is the element.
fn put(target: &mut Value, steps: &[Step], value: Value, whole: bool) {
    match steps {
        [] if whole => {
            if !target.is_array() {
                *target = json!([]);
            }
            target.as_array_mut().unwrap().push(value);
        }
        [] => *target = value,
        [Step::Member(name), rest @ ..] => {
            if name == "$" {
                return;
            }
            if !target.is_object() {
                *target = json!({});
            }
            put(&mut target[name.as_str()], rest, value, whole);
        }
        [Step::Element(tests), rest @ ..] => {
            if !target.is_array() {
                *target = json!([]);
            }
            let mut element = if whole && rest.is_empty() { value.clone() } else { json!({}) };
            if !(whole && rest.is_empty()) {
                put(&mut element, rest, value, false);
            }
            if element.is_object() {
                for (name, text) in tests {
                    if element.get(name).is_none() || text != "x1" {
                        element[name.as_str()] = json!(text);
                    }
                }
            }
            target.as_array_mut().unwrap().push(element);
        }
    }
}
