//! Cursors: a vendor position, sealed so that it can be used only for the list, the tenant and the query it came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connection_vault::Connection;
use serde::{Deserialize, Serialize};
use unified_model::{FilterValue, PassThroughValue, Position, UnifiedApi, UnifiedRequest};

/// The layout of what is sealed.
const VERSION: u8 = 1;
/// Bytes of the keyed hash that a cursor carries.
const MAC_BYTES: usize = 16;
/// No cursor of ours comes near this; longer ones are not looked at.
const LONGEST_CURSOR: usize = 16 * 1024;

/// Seals and opens cursors.
pub struct CursorSealer {
    key: [u8; 32],
}

/// A text that is no cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor was altered or belongs to another list")]
pub struct ForeignCursor;

/// What a cursor says. `s`ervice and `r`esource can be read by whoever looks into one; they are checked by the MAC.
#[derive(Serialize, Deserialize)]
struct Content {
    s: String,
    r: String,
    p: Position,
}

impl CursorSealer {
    /// A sealer with a secret key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The cursor for a position of this list.
    #[must_use]
    pub fn seal(&self, position: &Position, request: &UnifiedRequest, connection: &Connection) -> String {
        let content = Content {
            s: connection.connector.service_id.as_str().to_owned(),
            r: request.resource.as_str().to_owned(),
            p: position.clone(),
        };
        // A struct of texts and numbers always serializes.
        let content = serde_json::to_vec(&content).unwrap_or_default();
        let mut sealed = Vec::with_capacity(1 + MAC_BYTES + content.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.mac(&content, request, connection));
        sealed.extend_from_slice(&content);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The position that a cursor of this list stands for.
    ///
    /// # Errors
    /// [`ForeignCursor`] for anything that this sealer did not issue for this tenant, connection, resource and query.
    pub fn open(
        &self,
        cursor: &str,
        request: &UnifiedRequest,
        connection: &Connection,
    ) -> Result<Position, ForeignCursor> {
        if cursor.len() > LONGEST_CURSOR {
            return Err(ForeignCursor);
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ForeignCursor)?;
        let (version, rest) = sealed.split_first().ok_or(ForeignCursor)?;
        if *version != VERSION || rest.len() < MAC_BYTES {
            return Err(ForeignCursor);
        }
        let (mac, content) = rest.split_at(MAC_BYTES);
        if !same(mac, &self.mac(content, request, connection)) {
            return Err(ForeignCursor);
        }
        serde_json::from_slice::<Content>(content).map(|content| content.p).map_err(|_| ForeignCursor)
    }

    /// The cursor behind which a list of ours goes on, usable for that list alone; `scope` names it with all that it depends on.
    #[must_use]
    pub fn seal_after(&self, scope: &[&str], last: &str) -> String {
        let mut sealed = Vec::with_capacity(1 + MAC_BYTES + last.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.list_mac(scope, last));
        sealed.extend_from_slice(last.as_bytes());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// What a cursor of that list goes on behind.
    ///
    /// # Errors
    /// [`ForeignCursor`] for anything that was not issued for this list.
    pub fn open_after(&self, scope: &[&str], cursor: &str) -> Result<String, ForeignCursor> {
        if cursor.len() > LONGEST_CURSOR {
            return Err(ForeignCursor);
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ForeignCursor)?;
        let (version, rest) = sealed.split_first().ok_or(ForeignCursor)?;
        if *version != VERSION || rest.len() < MAC_BYTES {
            return Err(ForeignCursor);
        }
        let (mac, last) = rest.split_at(MAC_BYTES);
        let last = std::str::from_utf8(last).map_err(|_| ForeignCursor)?;
        if same(mac, &self.list_mac(scope, last)) { Ok(last.to_owned()) } else { Err(ForeignCursor) }
    }

    fn list_mac(&self, scope: &[&str], last: &str) -> [u8; MAC_BYTES] {
        let mut hasher = Framed(blake3::Hasher::new_keyed(&self.key));
        hasher.part(b"list");
        hasher.part(last.as_bytes());
        for part in scope {
            hasher.part(part.as_bytes());
        }
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&hasher.0.finalize().as_bytes()[..MAC_BYTES]);
        mac
    }

    /// A keyed hash over the content and over everything that it must not be used without.
    fn mac(&self, content: &[u8], request: &UnifiedRequest, connection: &Connection) -> [u8; MAC_BYTES] {
        let mut hasher = Framed(blake3::Hasher::new_keyed(&self.key));
        hasher.part(&[VERSION]);
        hasher.part(content);
        hasher.part(connection.application_id.as_bytes());
        hasher.part(connection.consumer_id.as_bytes());
        hasher.part(connection.key.0.as_bytes());
        hasher.part(connection.connector.service_id.as_str().as_bytes());
        let api = request.resource.unified_api();
        // Cursors of the first unified API are out that were sealed while there was no other, so they name none.
        if api != UnifiedApi::WHERE_NONE_IS_NAMED {
            hasher.part(api.as_str().as_bytes());
        }
        hasher.part(request.resource.as_str().as_bytes());
        hasher.part(request.parent.as_ref().map(unified_model::RecordId::as_str).unwrap_or_default().as_bytes());
        fingerprint(request, &mut hasher);
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&hasher.0.finalize().as_bytes()[..MAC_BYTES]);
        mac
    }
}

/// Hashes parts with their lengths, so that no two sequences of parts read alike.
struct Framed(blake3::Hasher);

impl Framed {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }
}

/// What makes it the same query: filters in any order, sort, `pass_through`. `limit` and `fields` may change.
fn fingerprint(request: &UnifiedRequest, hasher: &mut Framed) {
    let mut filters: Vec<(&str, String)> = request
        .filters
        .iter()
        .map(|filter| {
            let value = match &filter.value {
                FilterValue::Text(text) => text.clone(),
                FilterValue::Number(number) => number.to_bits().to_string(),
                FilterValue::Instant(instant) => instant.to_string(),
            };
            (filter.field.as_str(), value)
        })
        .collect();
    filters.sort_unstable();
    for (field, value) in filters {
        hasher.part(field.as_bytes());
        hasher.part(value.as_bytes());
    }
    hasher.part(b"sort");
    if let Some(sort) = &request.sort {
        hasher.part(sort.by.as_bytes());
        hasher.part(&[u8::from(sort.direction == unified_model::Direction::Descending)]);
    }
    hasher.part(b"pass_through");
    for (name, value) in &request.pass_through_query {
        hasher.part(name.as_bytes());
        pass_through(value, hasher);
    }
}

fn pass_through(value: &PassThroughValue, hasher: &mut Framed) {
    match value {
        PassThroughValue::Text(text) => hasher.part(text.as_bytes()),
        PassThroughValue::List(items) => {
            hasher.part(b"[");
            for item in items {
                hasher.part(item.as_bytes());
            }
            hasher.part(b"]");
        }
        PassThroughValue::Nested(members) => {
            hasher.part(b"{");
            for (name, value) in members {
                hasher.part(name.as_bytes());
                pass_through(value, hasher);
            }
            hasher.part(b"}");
        }
    }
}

/// Compares without stopping at the first difference.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
