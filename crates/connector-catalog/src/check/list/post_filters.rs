//! Post-filters of a list: filters that the gateway applies to each listed record. A record must show what they are about.

use field_mapping::Mapping;

use crate::check::checker::Checker;
use crate::check::list::{self, Listing};
use crate::file::values::{Entries, Word};
use crate::plan::{Comparison, PostFilter, ShownAt};

pub(crate) fn compile(
    written: &Entries<Word<Comparison>>,
    listing: Listing<'_>,
    checker: &mut Checker<'_>,
) -> Vec<PostFilter> {
    let compared = list::filters("post_filters", written, listing, checker);
    let mut compiled = Vec::new();
    for (filter, comparison) in compared {
        let Some(mapping) = listing.mapping else { continue };
        let at = place_of(&filter, mapping);
        if at.is_none()
            && let Some((name, _)) = written.iter().find(|(name, _)| name.value == filter)
            && listing.schema.filters.property(&filter).is_some()
        {
            let shown = shown_in(&filter).join(".");
            let message = format!(
                "`post_filters`: no record shows `{shown}`; map it, or say where the vendor's record does, as in `{filter}: {{ check: path }}` under `filters` in {}",
                list::mapping_file(listing)
            );
            checker.mistake(name.place, message);
        }
        compiled.extend(at.map(|at| PostFilter { filter, comparison, at }));
    }
    compiled
}

/// Where a record shows what a filter is about; `None`: nowhere.
fn place_of(filter: &str, mapping: &Mapping) -> Option<ShownAt> {
    if let Some(path) = mapping.filter(filter).and_then(|field| field.check.clone()) {
        return Some(ShownAt::Vendor(path));
    }
    let names = shown_in(filter);
    let dotted = names.join(".");
    let is_read = mapping.coverage().iter().any(|line| line.field == dotted && line.readable);
    is_read.then(|| ShownAt::Canonical(names.into_iter().map(str::to_owned).collect()))
}

/// The canonical field that a filter is about, and the member of its items where it is a list.
fn shown_in(filter: &str) -> Vec<&str> {
    match filter {
        "email" => vec!["emails", "email"],
        "phone_number" => vec!["phone_numbers", "number"],
        "updated_since" => vec!["updated_at"],
        "created_since" => vec!["created_at"],
        other => vec![other],
    }
}
