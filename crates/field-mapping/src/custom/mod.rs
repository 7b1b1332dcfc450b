//! Fields that an application defines: each connection says by a `JSONPath` where they stand in its vendor's records.

pub(crate) mod json_path;

use std::collections::BTreeMap;
use std::io;

use serde_json::{Map, Value};
use unified_model::FieldSelection;

use crate::custom::json_path::JsonPath;
use crate::json::bytes::write_text;
use crate::json::node::{Node, View};

/// The canonical member that they are answered under.
const MEMBER: &str = "custom_mappings";

/// Records of more values are none that a person fills in; looking through them would take longer than anyone waits.
const MOST_VALUES: usize = 100_000;
/// The same for what one place holds, in bytes of JSON.
const MOST_BYTES: usize = 64 * 1024;
/// What is nested deeper is null to a path; looking for it would use up the stack.
const DEEPEST: usize = 100;

/// One field and its place.
#[derive(Debug, Clone)]
pub struct CustomMapping {
    /// What it is answered as.
    pub key: String,
    /// Where it stands in the vendor's record.
    pub place: JsonPath,
}

/// Those that a reading answers.
#[derive(Debug)]
pub(crate) struct Chosen<'m> {
    mappings: Vec<&'m CustomMapping>,
    /// The members of the record that they look at; `None`: any.
    roots: Option<Vec<&'m str>>,
    /// Those that were answered as null because they hold too much, and in how many records.
    pub(crate) too_large: BTreeMap<String, usize>,
}

impl<'m> Chosen<'m> {
    /// Those that `fields=` leaves; none where it leaves none.
    pub(crate) fn of(mappings: &'m [CustomMapping], select: Option<&FieldSelection>) -> Option<Self> {
        let asks_for = |path: &String, key: &str| match path.strip_prefix(MEMBER) {
            Some("") => true,
            // What a place holds has no members of its own.
            Some(rest) => rest.strip_prefix('.').is_some_and(|rest| rest.split('.').next() == Some(key)),
            None => false,
        };
        let is_chosen = |mapping: &&CustomMapping| {
            select.is_none_or(|select| select.paths.iter().any(|path| asks_for(path, &mapping.key)))
        };
        let mappings: Vec<&CustomMapping> = mappings.iter().filter(is_chosen).collect();
        if mappings.is_empty() {
            return None;
        }
        let roots = mappings.iter().map(|mapping| mapping.place.root()).collect();
        Some(Self { mappings, roots, too_large: BTreeMap::new() })
    }

    /// Adds what the places hold to a canonical record, which has just been written.
    pub(crate) fn append<'d, N: Node<'d>>(&mut self, record: N, out: &mut Vec<u8>) {
        if out.pop_if(|last| *last == b'}').is_none() {
            return;
        }
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        let record = self.looked_at(record);
        write_text(out, MEMBER);
        out.extend_from_slice(b":{");
        for (index, mapping) in self.mappings.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_text(out, &mapping.key);
            out.push(b':');
            let start = out.len();
            let written = record.as_ref().is_some_and(|record| {
                let mut room = Room { out: &mut *out, left: MOST_BYTES };
                serde_json::to_writer(&mut room, &mapping.place.found(record)).is_ok()
            });
            if !written {
                out.truncate(start);
                out.extend_from_slice(b"null");
                *self.too_large.entry(mapping.key.clone()).or_default() += 1;
            }
        }
        out.extend_from_slice(b"}}");
    }

    /// As much of a record as the places look at; `None`: it is too much.
    fn looked_at<'d, N: Node<'d>>(&self, record: N) -> Option<Value> {
        let mut left = MOST_VALUES;
        let is_wanted = |name: &str| self.roots.as_ref().is_none_or(|roots| roots.contains(&name));
        members(record, DEEPEST, &mut left, is_wanted).map(Value::Object)
    }
}

/// A part of the buffer that holds so much and no more.
struct Room<'o> {
    out: &'o mut Vec<u8>,
    left: usize,
}

impl io::Write for Room<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A copy that paths can be evaluated on; `None`: it is of more values than are left.
fn tree<'d, N: Node<'d>>(node: N, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    let mut fits = true;
    let value = match node.view() {
        View::Null => Value::Null,
        View::Bool(flag) => flag.into(),
        View::Unsigned(number) => number.into(),
        View::Signed(number) => number.into(),
        View::Float(number) => number.into(),
        View::Text(text) => text.into(),
        View::List | View::Object if depth == 0 => Value::Null,
        View::List => {
            let mut items = Vec::new();
            node.elements(|item| {
                let item = tree(item, depth - 1, left);
                fits = item.is_some();
                items.extend(item);
                fits
            });
            Value::Array(items)
        }
        View::Object => Value::Object(members(node, depth, left, |_| true)?),
    };
    fits.then_some(value)
}

fn members<'d, N: Node<'d>>(
    object: N,
    depth: usize,
    left: &mut usize,
    is_wanted: impl Fn(&str) -> bool,
) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    let mut fits = true;
    object.members(|name, value| {
        if fits && is_wanted(name) {
            let value = tree(value, depth - 1, left);
            fits = value.is_some();
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
    });
    fits.then_some(members)
}
