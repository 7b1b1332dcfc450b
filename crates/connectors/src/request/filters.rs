//! Filter values as a vendor request carries them.

use std::borrow::Cow;

use connector_catalog::template::{Hole, Template, is_path_segment, verbatim};
use connector_catalog::{Comparison, ListWay, Plan, ResourceDefinition};
use field_mapping::{FilterField, VendorValues};
use serde_json::Value;
use unified_model::{Filter, FilterValue, UnifiedRequest, is_blank};

use crate::call::outcome::ConnectorError;
use crate::request::since;

/// A filter's value as text: numbers without a needless fraction, instants in RFC 3339.
pub(crate) fn text(value: &FilterValue) -> Cow<'_, str> {
    match value {
        FilterValue::Text(text) => Cow::Borrowed(text),
        FilterValue::Number(number) => Cow::Owned(number.to_string()),
        FilterValue::Instant(instant) => Cow::Owned(instant.to_string()),
    }
}

/// How a way to list compares by a filter that is no hole of its request, and the vendor's field for it.
pub(crate) fn ruled<'r>(
    way: &ListWay,
    resource: &'r ResourceDefinition,
    filter: &Filter,
) -> Result<(Comparison, &'r FilterField), ConnectorError> {
    let comparison = way.filters.iter().find(|(name, _)| *name == filter.field).map(|(_, comparison)| *comparison);
    comparison
        .zip(resource.mapping.filter(&filter.field))
        .ok_or_else(|| ConnectorError::Internal(format!("filter `{}` has no rule", filter.field)))
}

/// The filter of that name.
fn find<'r>(filters: &'r [Filter], name: &str) -> Option<&'r Filter> {
    filters.iter().find(|filter| filter.field == name)
}

/// A filter's value as a template sends it: instants as the mapping says that the vendor's field holds them, words as the vendor's
/// table has them. `None`: the vendor has several values for it, or none.
fn sent<'r>(plan: &Plan, filter: &'r Filter) -> Option<Cow<'r, str>> {
    let mapping = &plan.resource().mapping;
    match (&filter.value, mapping.filter(&filter.field)) {
        (FilterValue::Instant(instant), Some(field)) => {
            Some(Cow::Owned(since::text(*instant, field.literal, &plan.zone())))
        }
        (value, _) => match mapping.vendor_values(&filter.field, &text(value)) {
            None => Some(text(value)),
            Some(VendorValues::One(own)) => Some(Cow::Owned(own)),
            Some(VendorValues::Several | VendorValues::None) => None,
        },
    }
}

/// The filters whose value stands for several of the vendor's, so that no request carries it.
pub(crate) fn unsendable<'r>(plan: &Plan, request: &'r UnifiedRequest) -> Vec<&'r str> {
    let has_several = |filter: &&Filter| {
        let values = plan.resource().mapping.vendor_values(&filter.field, &text(&filter.value));
        values == Some(VendorValues::Several)
    };
    request.filters.iter().filter(has_several).map(|filter| filter.field.as_str()).collect()
}

/// Whether some filter has a value that no record of the resource shows, whatever the vendor has.
pub(crate) fn is_never_met(plan: &Plan, request: &UnifiedRequest) -> bool {
    let mapping = &plan.resource().mapping;
    request.filters.iter().any(|filter| {
        let value = text(&filter.value);
        let is_other = |own: &Value| own.as_str().is_some_and(|own| !own.eq_ignore_ascii_case(&value));
        mapping.constant(&filter.field).is_some_and(is_other)
            || mapping.vendor_values(&filter.field, &value) == Some(VendorValues::None)
    })
}

/// What fills a hole: the unified request, or a setting that is not sensitive. The others the vendor client alone sees.
fn hole<'r>(plan: &'r Plan, request: &'r UnifiedRequest, hole: &Hole) -> Option<Cow<'r, str>> {
    match hole {
        Hole::Id => request.id.as_ref().map(|id| Cow::Borrowed(id.as_str())),
        Hole::Parent => request.parent.as_ref().map(|id| Cow::Borrowed(id.as_str())),
        Hole::Filter(name) => find(&request.filters, name).and_then(|filter| sent(plan, filter)),
        Hole::Setting(name) => plan.settings().get(name).map(Cow::Borrowed),
        Hole::Written(..) | Hole::Index => None,
    }
}

/// A path with its holes filled and percent-encoded; none of them is blank.
pub(crate) fn path(template: &Template, plan: &Plan, request: &UnifiedRequest) -> Result<String, Hole> {
    template.render_path(|name| hole(plan, request, name))
}

/// Whether a filter that goes into the path has a value that no record of the vendor's can have: a dot segment, which would
/// climb the path, or an id that is none.
pub(crate) fn is_unanswerable(template: &Template, plan: &Plan, request: &UnifiedRequest) -> bool {
    template.holes().any(|name| {
        let (Hole::Filter(field), Some(value)) = (name, hole(plan, request, name)) else { return false };
        let pattern = plan.connector().ids.as_ref().filter(|_| field.ends_with("_id"));
        !is_path_segment(&value) || pattern.is_some_and(|pattern| !pattern.regex.is_match(&value))
    })
}

/// A text with its holes filled; `None` where one has no value.
pub(crate) fn text_of(template: &Template, plan: &Plan, request: &UnifiedRequest) -> Option<String> {
    template.render(|name| hole(plan, request, name), verbatim).ok()
}

/// The fixed parameters whose holes can all be filled. An id is never blank.
pub(crate) fn parameters(query: &[(String, Template)], plan: &Plan, request: &UnifiedRequest) -> Vec<(String, String)> {
    let value = |name: &Hole| hole(plan, request, name).filter(|text| !(name.names_record() && is_blank(text)));
    let filled = |template: &Template| template.render(value, verbatim).ok();
    let named = |name: &str| plan.settings().parameter(name).map(str::to_owned);
    query.iter().filter_map(|(name, template)| Some((named(name)?, filled(template)?))).collect()
}
