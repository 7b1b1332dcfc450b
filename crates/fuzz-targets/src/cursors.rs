//! Cursors: what a caller sends as one, and what a list seals.
//!
//! The first line is `open`, `position` or `after`, the second is the query of the list; the rest is a cursor, a position as
//! JSON, or the last name of a list.

use std::sync::{Arc, LazyLock};

use connection_vault::{Configuration, Connection};
use connector_catalog::Catalog;
use gateway::CursorSealer;
use unified_model::{Operation, Position, RequestParts, Resource, UnifiedRequest};
use vendor_client::{ConnectionKey, FixedCredentials};

use crate::input::{Input, chosen};

/// No position is nested as deep; deeper ones are no JSON once they are in a cursor.
const DEEPEST: usize = 40;
/// Longer cursors are not looked at.
const LONGEST_CURSOR: usize = 16 * 1024;

/// Only what was sealed for a list opens, and there it opens as it was; nothing else does, however little it differs.
pub fn cursors(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = *chosen(&["open", "position", "after"], input.line(), |kind| kind);
    let (Some(request), Some(other)) = (request(input.line()), request("sort[by]=created_at")) else { return };
    let Some(text) = input.text() else { return };
    match kind {
        "open" => open(text, &request),
        "position" => seal(text, &request, &other),
        _ => after(text),
    }
}

static SEALER: LazyLock<CursorSealer> = LazyLock::new(|| CursorSealer::new([7; 32]));
static OURS: LazyLock<Connection> = LazyLock::new(|| connection("ada"));
static ANOTHER: LazyLock<Connection> = LazyLock::new(|| connection("grace"));

fn connection(consumer: &str) -> Connection {
    let catalog = Catalog::built_in().expect("the definitions compile; a test holds it");
    let connector = Arc::clone(catalog.connectors().next().expect("there are some"));
    Connection {
        key: ConnectionKey("one".into()),
        is_refused: false,
        application_id: "app".parse().expect("an id"),
        consumer_id: consumer.parse().expect("an id"),
        settings: Arc::new(connector.setting_values(|_| None)),
        connector,
        configuration: Configuration::new(),
        credentials: Arc::new(FixedCredentials::default()),
    }
}

/// A list with this query, where it is one.
fn request(query: &str) -> Option<UnifiedRequest> {
    let (resource, operation) = (Resource::Contacts, Operation::All);
    UnifiedRequest::new(
        unified_model::CanonicalSchema::built_in(),
        RequestParts { resource, operation, parent: None, id: None, query, body: None },
    )
    .ok()
}

/// A text that opens is the one that is sealed for what it opens to.
fn open(text: &str, request: &UnifiedRequest) {
    if let Ok(position) = SEALER.open(text, request, &OURS) {
        assert_eq!(SEALER.seal(&position, request, &OURS), text);
    }
    for scope in [&["consumers"][..], &["consumers", "app"], &[]] {
        if let Ok(last) = SEALER.open_after(scope, text) {
            assert_eq!(SEALER.seal_after(scope, &last), text);
        }
    }
}

fn seal(text: &str, request: &UnifiedRequest, other: &UnifiedRequest) {
    if text.bytes().filter(|byte| *byte == b'{').count() > DEEPEST {
        return;
    }
    let Ok(position) = serde_json::from_str::<Position>(text) else { return };
    let cursor = SEALER.seal(&position, request, &OURS);
    assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    if cursor.len() > LONGEST_CURSOR {
        return;
    }
    assert_eq!(SEALER.open(&cursor, request, &OURS).as_ref(), Ok(&position));
    assert!(SEALER.open(&cursor, request, &ANOTHER).is_err());
    assert!(SEALER.open_after(&[], &cursor).is_err());
    if request.sort != other.sort {
        assert!(SEALER.open(&cursor, other, &OURS).is_err());
    }
    for altered in altered(&cursor) {
        assert!(SEALER.open(&altered, request, &OURS).is_err(), "{altered}");
    }
}

fn after(last: &str) {
    let cursor = SEALER.seal_after(&["connections", "app"], last);
    if cursor.len() > LONGEST_CURSOR {
        return;
    }
    assert_eq!(SEALER.open_after(&["connections", "app"], &cursor).as_deref(), Ok(last));
    for scope in [&["connections"][..], &["connectionsapp"], &["app", "connections"], &["connections", "app", ""]] {
        assert!(SEALER.open_after(scope, &cursor).is_err());
    }
    for altered in altered(&cursor) {
        assert!(SEALER.open_after(&["connections", "app"], &altered).is_err(), "{altered}");
    }
}

/// The cursor with one letter changed, at some places, with one less and with one more.
fn altered(cursor: &str) -> Vec<String> {
    let change = |at: usize| {
        let mut letters = cursor.as_bytes().to_vec();
        letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(letters).expect("letters")
    };
    let places = [0, 1, 5, 20, cursor.len() / 2, cursor.len() - 1];
    let mut altered: Vec<String> = places.into_iter().map(change).collect();
    altered.extend([
        cursor[1..].to_owned(),
        cursor[..cursor.len() - 1].to_owned(),
        format!("{cursor}A"),
        format!("{cursor}="),
    ]);
    altered
}
