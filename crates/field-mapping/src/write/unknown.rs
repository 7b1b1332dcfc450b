//! What is sent and stands in no row of the vendor's tables, so that tables can be fetched anew before anything is lost.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::check::checked::{Body, CheckedMapping};
use crate::file::Mode;
use crate::value::context::Context;
use crate::value::convert::{Converted, Converter, LookupIn};

/// The tables that have no row for a value that they are asked for.
pub(crate) fn tables<'d>(
    checked: &'d CheckedMapping,
    sent: &Map<String, Value>,
    context: Context<'_>,
) -> BTreeSet<&'d str> {
    let mut tables = BTreeSet::new();
    for field in checked.fields.iter().filter(|field| field.mode != Mode::Read) {
        let (Body::Value(spot), Some(value)) = (&field.body, sent.get(&field.name)) else { continue };
        tables.extend(unknown(&spot.chain, value, &context).map(|lookup| lookup.table.as_str()));
    }
    tables
}

fn unknown<'c>(chain: &'c [Converter], value: &Value, context: &Context<'_>) -> Option<&'c LookupIn> {
    let mut value = value.clone();
    for converter in chain.iter().rev() {
        let written = converter.write(&value, &mut 0, context);
        value = match (written, converter) {
            (Converted::Impossible(_), Converter::Lookup(lookup)) => return Some(lookup),
            (Converted::Impossible(_) | Converted::Refused(_), _) => return None,
            (Converted::Exact(value) | Converted::Changed(value, _), _) => value,
        };
    }
    None
}
