//! Which parts of a sequence a list goes through, and what of a caller's parameters is for which of them.

use connector_catalog::{Asked, ListPlan, ListRefusal, ListWay, Plan};
use unified_model::answer::WarningKind;
use unified_model::{PassThroughValue, UnifiedRequest, Warning};

use crate::call::outcome::ConnectorError;
use crate::request::{filters, pass_through};

/// The places of the parts whose lists carry the filters. A part that has no such filter has no place in the list; where none has,
/// and for a sort, which lists in a row cannot be in, the request is refused.
pub(super) fn carrying(parts: &[Plan], request: &UnifiedRequest) -> Result<Vec<usize>, ConnectorError> {
    if let Some(sort) = request.sort.as_ref().filter(|_| parts.len() > 1) {
        let (by, supported) = (sort.by.clone(), Vec::new());
        return Err(ConnectorError::ListRefused(ListRefusal::UnsupportedSort { by, supported }));
    }
    let carries = |part: &Plan| chosen(part, request).is_none_or(|way| way.is_ok());
    let places: Vec<usize> = (0..parts.len()).filter(|&place| carries(&parts[place])).collect();
    if places.is_empty() { Err(ConnectorError::ListRefused(refusal(parts, request))) } else { Ok(places) }
}

/// A warning for each part that was left out.
pub(super) fn left_out(parts: &[Plan], carrying: &[usize]) -> Vec<Warning> {
    let missing = parts.iter().enumerate().filter(|(place, _)| !carrying.contains(place));
    let warning = |(_, part): (usize, &Plan)| {
        let (name, vendor) = (&part.resource().mapping_name, &part.connector().name);
        let message = format!("{vendor} has no such filter for {name}, which were left out");
        Warning::about_call(WarningKind::PartLeftOut, message)
    };
    missing.map(warning).collect()
}

/// The parameters of `pass_through` that are for a part: those that name it by its mapping, as in `pass_through[tasks][pending]`,
/// and those that name no part.
pub(super) fn pass_through(parts: &[Plan], part: &Plan, request: &UnifiedRequest) -> Vec<(String, PassThroughValue)> {
    let mut own = Vec::new();
    for (name, value) in &request.pass_through_query {
        match value {
            PassThroughValue::Nested(members) if parts.iter().any(|part| part.resource().mapping_name == *name) => {
                if part.resource().mapping_name == *name {
                    own.extend(members.iter().cloned());
                }
            }
            _ => own.push((name.clone(), value.clone())),
        }
    }
    own
}

/// A parameter that one of the lists sends itself would reach it on a later page, if not on this one.
pub(super) fn refuse_what_some_reserve(
    parts: &[Plan],
    carrying: &[usize],
    request: &UnifiedRequest,
) -> Result<(), ConnectorError> {
    for part in carrying.iter().filter_map(|&place| parts.get(place)) {
        if let Some(Ok(way)) = chosen(part, request) {
            let own = pass_through(parts, part, request);
            pass_through::query(&own, &way.reserved_parameters(part.connector(), part.settings()))?;
        }
    }
    Ok(())
}

/// The way that a part's list takes; `None` where it lists nothing.
fn chosen<'p>(part: &'p Plan, request: &UnifiedRequest) -> Option<Result<&'p ListWay, ListRefusal>> {
    let list = part.resource().all.as_ref()?;
    let names: Vec<&str> = request.filters.iter().map(|filter| filter.field.as_str()).collect();
    let unsendable = filters::unsendable(part, request);
    Some(list.choose_for(Asked { filters: &names, unsendable: &unsendable, sort: None }))
}

/// What no part carries, and what some do.
fn refusal(parts: &[Plan], request: &UnifiedRequest) -> ListRefusal {
    let refusals = parts.iter().filter_map(|part| chosen(part, request)?.err());
    let together = refusals.into_iter().find(|refusal| matches!(refusal, ListRefusal::FiltersNotTogether { .. }));
    if let Some(refusal) = together {
        return refusal;
    }
    let lists = parts.iter().filter_map(|part| part.resource().all.as_ref());
    let mut supported: Vec<String> = lists.flat_map(ListPlan::filters).map(str::to_owned).collect();
    supported.sort_unstable();
    supported.dedup();
    let asked = request.filters.iter().map(|filter| &filter.field);
    let unsupported: Vec<String> = asked.filter(|name| !supported.contains(name)).cloned().collect();
    if unsupported.is_empty() {
        // Each is carried by some part, and all of them by none.
        let asked = request.filters.iter().map(|filter| filter.field.clone()).collect();
        return ListRefusal::FiltersNotTogether { asked, combinations: combinations(parts) };
    }
    ListRefusal::UnsupportedFilters { unsupported, supported }
}

fn combinations(parts: &[Plan]) -> Vec<Vec<String>> {
    let lists = parts.iter().filter_map(|part| part.resource().all.as_ref());
    lists.map(|list| list.filters().into_iter().map(str::to_owned).collect()).collect()
}
