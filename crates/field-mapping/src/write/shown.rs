//! What an element of a vendor's list is shown as. An element that is no item of the canonical list is none that a caller can
//! know of, so a list that replaces another leaves it alone.

use serde_json::{Map, Value};

use super::Writer;
use super::list::decode;
use crate::check::checked::{Body, Field, Source};
use crate::value::leaf::{Leaf, LeafRules};

/// A canonical value, and whether the vendor holds it rather than the mapping assuming it.
type Given = (Value, bool);

/// An element of a vendor's list.
struct Seen<'e> {
    element: &'e Value,
    /// The element with its JSON texts as values.
    decoded: Value,
    /// Whether it is the first that is shown.
    first: bool,
}

impl Writer<'_> {
    /// The item that an element is read as; `None` where the canonical list does not show it.
    pub(super) fn shown(
        &self,
        field: &Field,
        source: &Source,
        element: &Value,
        first: bool,
    ) -> Option<Map<String, Value>> {
        let seen = Seen { element, decoded: decode(source, element), first };
        let mut item = Map::new();
        let mut is_held = false;
        for member in &source.members {
            match self.given(source, member, &seen) {
                Some((value, held)) => {
                    is_held |= held;
                    item.insert(member.name.clone(), value);
                }
                None if member.property.required => return None,
                None => (),
            }
        }
        item.extend(source.set.iter().cloned());
        let groups = field.property.kind.items().map(|object| object.any_of_required.as_slice()).unwrap_or_default();
        let is_whole = groups.is_empty() || groups.iter().any(|group| group.iter().all(|name| item.contains_key(name)));
        (is_held && is_whole).then_some(item)
    }

    fn given(&self, source: &Source, member: &Field, seen: &Seen<'_>) -> Option<Given> {
        let Seen { element, decoded, first } = seen;
        match &member.body {
            Body::Value(spot) => {
                let leaf = Leaf::new(
                    &member.property.kind,
                    spot.chain.clone(),
                    LeafRules {
                        empty_is_null: self.checked.empty_is_null,
                        zero_is_null: spot.zero_is_null,
                        default: member.default.clone(),
                        default_first: member.default_first.clone(),
                    },
                );
                let mut out = Vec::new();
                let reads = |path: &crate::path::VendorPath| {
                    out.clear();
                    path.find(decoded).is_some_and(|own| leaf.write(own, &self.context, &mut out))
                };
                let is_held = spot.at.iter().any(reads);
                if !is_held {
                    out.clear();
                    leaf.write_default(*first, &mut out);
                }
                Some((serde_json::from_slice(&out).ok()?, is_held))
            }
            Body::Cases(cases) => {
                let record = &self.tree.record;
                let is_held = cases.list.iter().any(|case| case.holds(element, record, &self.context));
                Some((cases.read(element, record, &self.context)?.clone(), is_held))
            }
            Body::Constant { value, .. } => Some((value.clone(), false)),
            Body::Undecoded => {
                let texts = source.decode.iter().filter_map(|name| decoded.get(name)).filter(|own| own.is_string());
                Some((texts.into_iter().next()?.clone(), true))
            }
            Body::Join { .. } | Body::Items(_) | Body::Members(_) | Body::Part(_) | Body::Index | Body::Computed(_) => {
                None
            }
        }
    }
}
