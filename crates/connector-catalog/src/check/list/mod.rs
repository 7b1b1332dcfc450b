//! Listing: the ways to list, and for each the filters and sorts that it can carry.

mod parents;
mod post_filters;

use field_mapping::{Mapping, Probe, VendorPath};
use unified_model::schema::{Format, Kind, ResourceSchema};

use crate::check::checker::{Checker, listed};
use crate::check::envelope::Envelope;
use crate::check::request::{Holes, Written, request};
use crate::file::values::{Entries, Number, Word};
use crate::file::{ConnectorFile, ListFile, PagingFile, ProbeFile, SortFile};
use crate::plan::template::{Hole, Template};
use crate::plan::{
    Comparison, EmptyAnswer, FilterRules, ListPlan, ListWay, PageSize, Paging, Protocol, RequestTemplate, SortStyle,
};
use field_mapping::yaml::{Place, Placed};

/// What a list is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Listing<'c> {
    pub(crate) connector: &'c ConnectorFile,
    pub(crate) schema: &'c ResourceSchema,
    /// `None` where the mapping itself is wrong; what depends on it is not checked then.
    pub(crate) mapping: Option<&'c Mapping>,
    pub(crate) has_parent: bool,
    /// Where the resource is, for what is missing in it.
    pub(crate) place: Place,
    /// The file of the mapping, below `mappings/<service_id>/`.
    pub(crate) mapping_name: &'c str,
    /// What is around each record.
    pub(crate) envelope: Envelope<'c>,
}

/// One way to list as it is written, with what it takes from the list.
#[derive(Clone, Copy)]
struct WrittenWay<'f> {
    request: Written<'f>,
    filters: &'f Entries<Word<Comparison>>,
    post_filters: &'f Entries<Word<Comparison>>,
    needs: &'f [Placed<String>],
    at_most: Option<&'f Number<u16>>,
    record_type: Option<&'f Placed<String>>,
    checked: &'f [Placed<String>],
    sorts: &'f [Placed<String>],
    records: Option<&'f Placed<String>>,
    empty: &'f [Word<EmptyAnswer>],
    paging: &'f Placed<PagingFile>,
    sort: Option<&'f SortFile>,
    rules: Option<&'f Word<FilterRules>>,
}

pub(crate) fn compile(written: &ListFile, listing: Listing<'_>, checker: &mut Checker<'_>) -> Option<ListPlan> {
    let no_filters = Entries::default();
    let no_paging = Placed { value: PagingFile::None, place: listing.place };
    let mut ways = Vec::new();
    for alternative in &written.alternatives {
        let (place, alternative) = (alternative.place, &alternative.value);
        if let Some(when) = alternative.when.as_ref().filter(|when| when.value.filter.0.is_empty()) {
            checker.mistake(when.place, "`when.filter` is empty; name a filter, as in `{ email: eq }`");
        }
        if alternative.paging.is_none() && written.paging.is_none() {
            checker.mistake(place, "`alternatives`: this one needs `paging`, since the list has none");
        }
        if alternative.when.is_none() && alternative.sorts.is_empty() && alternative.post_filters.0.is_empty() {
            checker.mistake(place, "`alternatives`: one without `when` and `sorts` would never be taken");
        }
        let way = WrittenWay {
            request: Written {
                request: &alternative.request,
                encode: alternative.encode.as_ref(),
                query: &alternative.query,
            },
            filters: alternative.when.as_ref().map_or(&no_filters, |when| &when.value.filter),
            post_filters: &alternative.post_filters,
            needs: &alternative.needs,
            at_most: alternative.at_most.as_ref(),
            record_type: alternative.record_type.as_ref(),
            checked: &alternative.checked,
            sorts: &alternative.sorts,
            records: alternative.records.as_ref().or(written.records.as_ref()),
            empty: alternative.empty.as_ref().unwrap_or(&written.empty),
            paging: alternative.paging.as_ref().or(written.paging.as_ref()).unwrap_or(&no_paging),
            sort: alternative.sort.as_ref().or(written.sort.as_ref()),
            rules: alternative.rules.as_ref(),
        };
        ways.push(self::way(way, listing, checker));
    }
    let parents = match (&written.request, &written.parents) {
        (Some(request), None) => {
            ways.push(base_way(request, written, &no_paging, listing, checker));
            None
        }
        (None, Some(sources)) => Some(parents::compile(sources, written, listing.envelope, checker)),
        (Some(_), Some(parents)) => {
            checker.mistake(parents.place, "`all` has either `request` or `parents`");
            return None;
        }
        (None, None) => {
            checker.mistake(listing.place, "`all` needs a `request`, or `parents` to reach the records through");
            return None;
        }
    };
    let parents = match parents {
        None => None,
        Some(compiled) => Some(compiled?),
    };
    Some(ListPlan { ways: ways.into_iter().collect::<Option<_>>()?, parents })
}

fn base_way(
    request: &Placed<String>,
    written: &ListFile,
    no_paging: &Placed<PagingFile>,
    listing: Listing<'_>,
    checker: &mut Checker<'_>,
) -> Option<ListWay> {
    if written.paging.is_none() {
        checker.mistake(request.place, "`all` needs `paging`, which says how the vendor pages");
    }
    if let Some(number) = written.fan_out.as_ref().or(written.calls.as_ref()) {
        checker.mistake(number.place, "`fan_out` and `calls` are for a list through `parents`");
    }
    let base = WrittenWay {
        request: Written { request, encode: written.encode.as_ref(), query: &written.query },
        filters: &written.filters,
        post_filters: &written.post_filters,
        needs: &[],
        at_most: None,
        record_type: None,
        checked: &written.checked,
        sorts: &written.sorts,
        records: written.records.as_ref(),
        empty: &written.empty,
        paging: written.paging.as_ref().unwrap_or(no_paging),
        sort: written.sort.as_ref(),
        rules: written.rules.as_ref(),
    };
    let base = way(base, listing, checker);
    if let Some(needed) = base.as_ref().and_then(|base| base.needs.first()) {
        let message = format!(
            "`request`: a list without filters must be possible, and this one needs `{needed}`; move it to `alternatives`"
        );
        checker.mistake(request.place, message);
    }
    base
}

fn way(written: WrittenWay<'_>, listing: Listing<'_>, checker: &mut Checker<'_>) -> Option<ListWay> {
    let filters = filters("filter", written.filters, listing, checker);
    let post_filters = post_filters::compile(written.post_filters, listing, checker);
    let names: Vec<String> = written.filters.iter().map(|(name, _)| name.value.clone()).collect();
    let holes = Holes { parent: listing.has_parent, filters: &names, ..Holes::default() };
    let request = request(written.request, holes, checker);
    let rules = rules(written, listing, checker);
    let sort = written.sort.and_then(|sort| sort_style(sort, checker));
    check_sorts(written, listing, checker);
    let one_or_none = written.records.filter(|records| records.value == "one_or_none");
    let records = match one_or_none {
        Some(_) => VendorPath::parse("$").ok(),
        None => checker.path_or_whole("records", written.records),
    };
    let records = records.map(|records| listing.envelope.records(records));
    let paging = paging(&written.paging.value, checker);
    if let Some(records) = one_or_none.filter(|_| paging.as_ref().is_some_and(|paging| *paging != Paging::None)) {
        checker.mistake(records.place, "`records: one_or_none` needs `paging: none`");
    }
    let at_most = at_most(written, paging.as_ref(), checker);
    let record_type = record_type(written, checker);
    let way = ListWay {
        needs: needs(request.as_ref()?, written, checker),
        checked: written.checked.iter().map(|name| name.value.clone()).collect(),
        filters,
        sorts: written.sorts.iter().map(|sort| sort.value.clone()).collect(),
        sort,
        request: request?,
        records: records?,
        one_or_none: one_or_none.is_some(),
        empty: checker.empty(written.empty),
        paging: paging?,
        rules: rules?,
        record_type,
        post_filters,
        at_most,
    };
    check_filters(&way, written, listing, checker);
    check_checked(&way, written, listing, checker);
    check_parameters(&way, written, listing, checker);
    Some(way)
}

/// The filters whose holes stand in the path, and those that the definition says.
fn needs(request: &RequestTemplate, written: WrittenWay<'_>, checker: &mut Checker<'_>) -> Vec<String> {
    let carried = |needed: &Placed<String>| written.filters.iter().any(|(name, _)| name.value == needed.value);
    for needed in written.needs.iter().filter(|needed| !carried(needed)) {
        let message = format!("`needs`: `{}` is no filter of `when`, which the request carries", needed.value);
        checker.mistake(needed.place, message);
    }
    let said = written.needs.iter().map(|needed| needed.value.clone());
    filter_holes(&request.path).map(str::to_owned).chain(said).collect()
}

fn filter_holes(template: &Template) -> impl Iterator<Item = &str> {
    template.holes().filter_map(|hole| if let Hole::Filter(name) = hole { Some(name.as_str()) } else { None })
}

/// A vendor that cuts its answer has no pages.
fn at_most(written: WrittenWay<'_>, paging: Option<&Paging>, checker: &mut Checker<'_>) -> Option<u16> {
    let number = written.at_most?;
    if paging.is_some_and(|paging| *paging != Paging::Sliced) {
        checker.mistake(number.place, "`at_most` needs `paging: sliced`");
    }
    checker.within("at_most", number, 1..=10_000)
}

fn record_type(written: WrittenWay<'_>, checker: &mut Checker<'_>) -> Option<String> {
    let text = written.record_type?;
    if written.rules.is_none() {
        checker.mistake(text.place, "`record_type` is what `rules` call the records; without them it says nothing");
    }
    checker.filled("record_type", text)
}

/// Canonical filters that there are, each with a comparison that suits it.
pub(super) fn filters(
    key: &str,
    written: &Entries<Word<Comparison>>,
    listing: Listing<'_>,
    checker: &mut Checker<'_>,
) -> Vec<(String, Comparison)> {
    let known: Vec<&str> = listing.schema.filters.properties.iter().map(|property| property.name.as_str()).collect();
    let resource = listing.schema.resource;
    let mut filters = Vec::new();
    for (name, comparison) in written.iter() {
        if known.is_empty() {
            checker.mistake(name.place, format!("`{key}`: {resource} have no filters"));
        } else if !known.contains(&name.value.as_str()) {
            let allowed = listed(known.iter().copied());
            let message = format!("`{key}`: {resource} have no filter `{}`; allowed are {allowed}", name.value);
            checker.mistake(name.place, message);
        }
        let is_instant =
            listing.schema.filters.property(&name.value).is_some_and(|property| is_instant(&property.kind));
        if is_instant && comparison.word.as_ref().is_ok_and(|comparison| *comparison != Comparison::Ge) {
            let message = format!("`{key}`: `{}` means at or after an instant; allowed is ge", name.value);
            checker.mistake(comparison.place, message);
        }
        if let Some(comparison) = checker.word(key, comparison) {
            filters.push((name.value.clone(), comparison));
        }
    }
    filters
}

fn is_instant(kind: &Kind) -> bool {
    matches!(kind, Kind::Text { format: Some(Format::DateTime), .. })
}

/// A filter that is no hole of the request needs rules that write it, and a vendor field for them to write.
fn check_filters(way: &ListWay, written: WrittenWay<'_>, listing: Listing<'_>, checker: &mut Checker<'_>) {
    let in_query = way.request.query.iter().flat_map(|(_, text)| filter_holes(text));
    let holes: Vec<&str> = filter_holes(&way.request.path).chain(in_query).collect();
    for (name, _) in written.filters.iter().filter(|(name, _)| !holes.contains(&name.value.as_str())) {
        let filter = &name.value;
        let is_canonical = listing.schema.filters.property(filter).is_some();
        if written.rules.is_none() {
            let message = format!(
                "`filter`: `{filter}` reaches the vendor neither as `{{filter.{filter}}}` in the request nor through `rules`"
            );
            checker.mistake(name.place, message);
        } else if is_canonical
            && listing.mapping.is_some_and(|mapping| mapping.filter(filter).is_none_or(|field| field.at.is_empty()))
        {
            let message = format!(
                "`filter`: `{filter}` has no vendor field; name it under `filters` in {}",
                mapping_file(listing)
            );
            checker.mistake(name.place, message);
        }
    }
}

/// What is checked is a filter of this request, and has a vendor field to look at.
fn check_checked(way: &ListWay, written: WrittenWay<'_>, listing: Listing<'_>, checker: &mut Checker<'_>) {
    for name in written.checked {
        let filter = &name.value;
        if way.filters.iter().all(|(known, _)| known != filter) {
            let known = listed(way.filters.iter().map(|(known, _)| known.as_str()));
            checker.mistake(
                name.place,
                format!("`checked`: `{filter}` is no filter of this request; allowed are {known}"),
            );
        } else if listing.mapping.is_some_and(|mapping| mapping.filter(filter).is_none()) {
            let message = format!(
                "`checked`: `{filter}` has no vendor field to look at; name it under `filters` in {}",
                mapping_file(listing)
            );
            checker.mistake(name.place, message);
        }
    }
}

fn check_sorts(written: WrittenWay<'_>, listing: Listing<'_>, checker: &mut Checker<'_>) {
    let known = &listing.schema.sorts;
    let resource = listing.schema.resource;
    for sort in written.sorts {
        let by = &sort.value;
        if !known.contains(by) {
            let allowed = listed(known.iter().map(String::as_str));
            checker.mistake(sort.place, format!("`sorts`: {resource} have no sort `{by}`; allowed are {allowed}"));
        } else if listing.mapping.is_some_and(|mapping| mapping.sort(by).is_none()) {
            let message =
                format!("`sorts`: `{by}` has no vendor field; name it under `sorts` in {}", mapping_file(listing));
            checker.mistake(sort.place, message);
        }
    }
    if let Some(first) = written.sorts.first().filter(|_| written.sort.is_none()) {
        checker.mistake(
            first.place,
            "`sorts` needs `sort`, which says how a sort is sent, as in `sort: { signed: order }`",
        );
    }
}

/// The file of the mapping, as messages name it.
pub(super) fn mapping_file(listing: Listing<'_>) -> String {
    format!("mappings/{}/{}.yaml", listing.connector.service_id.value, listing.mapping_name)
}

#[expect(clippy::option_option, reason = "a mistake and absent rules are two things")]
fn rules(written: WrittenWay<'_>, listing: Listing<'_>, checker: &mut Checker<'_>) -> Option<Option<FilterRules>> {
    let Some(word) = written.rules else { return Some(None) };
    let rules = checker.word("rules", word)?;
    let (name, needed) = match rules {
        FilterRules::AgileFilter => ("agile_filter", (Protocol::Agile, "agile")),
        FilterRules::OdataFilter => ("odata_filter", (Protocol::Odata, "odata")),
    };
    if listing.connector.protocol.word.as_ref().is_ok_and(|protocol| *protocol != needed.0) {
        checker.mistake(word.place, format!("`rules: {name}` needs `protocol: {}`", needed.1));
    }
    Some(Some(rules))
}

fn sort_style(written: &SortFile, checker: &mut Checker<'_>) -> Option<SortStyle> {
    match written {
        SortFile::Signed(send) => Some(SortStyle::Signed { send: checker.filled("signed", send)? }),
        SortFile::Pair(pair) => {
            let by = checker.filled("by", &pair.by);
            let direction = checker.filled("direction", &pair.direction);
            let ascending = pair.ascending.as_ref().map_or("asc", |text| text.value.as_str());
            let descending = pair.descending.as_ref().map_or("desc", |text| text.value.as_str());
            Some(SortStyle::Pair {
                by: by?,
                direction: direction?,
                ascending: ascending.to_owned(),
                descending: descending.to_owned(),
            })
        }
        SortFile::Orderby(order) => {
            let tie_breaker = order.tie_breaker.as_ref().map(|field| checker.filled("tie_breaker", field));
            Some(SortStyle::OrderBy { send: checker.filled("send", &order.send)?, tie_breaker: tie_breaker.flatten() })
        }
    }
}

pub(crate) fn paging(written: &PagingFile, checker: &mut Checker<'_>) -> Option<Paging> {
    Some(match written {
        PagingFile::None => Paging::None,
        PagingFile::Sliced => Paging::Sliced,
        PagingFile::Cursor(cursor) => {
            let size = page_size(&cursor.size, &cursor.max, checker);
            let send = checker.filled("send", &cursor.send);
            let next = probe("next", &cursor.next, checker);
            let total = total(cursor.total.as_ref(), checker);
            Paging::Cursor { size: size?, send: send?, next: next?, total: total? }
        }
        PagingFile::Page(page) => {
            let size = page_size(&page.size, &page.max, checker);
            let send = checker.filled("send", &page.send);
            let first = page.first.as_ref().map_or(Some(1), |first| checker.within("first", first, 0..=1_000));
            let total = total(page.total.as_ref(), checker);
            let short_page_ends = page.short_page_ends;
            Paging::Page { size: size?, send: send?, first: first?, total: total?, short_page_ends }
        }
        PagingFile::Offset(offset) => {
            let size = page_size(&offset.size, &offset.max, checker);
            let send = checker.filled("send", &offset.send);
            let next = optional_probe("next", offset.next.as_ref(), checker);
            let total = total(offset.total.as_ref(), checker);
            let short_page_ends = offset.short_page_ends;
            Paging::Offset { size: size?, send: send?, next: next?, total: total?, short_page_ends }
        }
        PagingFile::NextUrl(next_url) => {
            let size = page_size(&next_url.size, &next_url.max, checker);
            let next = probe("next", &next_url.next, checker);
            let total = total(next_url.total.as_ref(), checker);
            Paging::NextUrl { size: size?, next: next?, total: total? }
        }
    })
}

fn page_size(send: &Placed<String>, max: &Number<u16>, checker: &mut Checker<'_>) -> Option<PageSize> {
    let send = checker.filled("size", send);
    let max = checker.within("max", max, 1..=10_000);
    Some(PageSize { send: send?, max: max? })
}

fn probe(key: &str, written: &ProbeFile, checker: &mut Checker<'_>) -> Option<Probe> {
    Some(match written {
        ProbeFile::Document(path) => Probe::Document(checker.path(key, path)?),
        ProbeFile::FirstRecord(path) => Probe::FirstRecord(checker.path(key, path)?),
        ProbeFile::LastRecord(path) => Probe::LastRecord(checker.path(key, path)?),
    })
}

#[expect(clippy::option_option, reason = "a mistake and an absent total are two things")]
fn total(written: Option<&ProbeFile>, checker: &mut Checker<'_>) -> Option<Option<Probe>> {
    optional_probe("total", written, checker)
}

#[expect(clippy::option_option, reason = "a mistake and an absent probe are two things")]
fn optional_probe(key: &str, written: Option<&ProbeFile>, checker: &mut Checker<'_>) -> Option<Option<Probe>> {
    match written {
        None => Some(None),
        Some(written) => probe(key, written, checker).map(Some),
    }
}

/// No parameter may be sent twice with different meanings.
fn check_parameters(way: &ListWay, written: WrittenWay<'_>, listing: Listing<'_>, checker: &mut Checker<'_>) {
    let mut taken: Vec<(&str, &str)> = Vec::new();
    let paging = way.paging.parameters().into_iter().map(|name| ("paging", name));
    let sort = way.sort.iter().flat_map(SortStyle::parameters).map(|name| ("sort", name));
    let rules = way.rules.iter().map(|rules| ("rules", rules.parameter()));
    for (key, name) in paging.chain(sort).chain(rules) {
        if let Some((other, _)) = taken.iter().find(|(_, seen)| *seen == name) {
            let message = format!("`{key}`: the parameter `{name}` is already one of `{other}`");
            checker.mistake(written.paging.place, message);
        }
        taken.push((key, name));
    }
    let fixed = written.request.query.iter().chain(listing.connector.query.iter());
    let clashes: Vec<(Place, String)> = fixed
        .filter_map(|(name, _)| {
            let (key, _) = taken.iter().find(|(_, seen)| *seen == name.value)?;
            Some((name.place, format!("`query`: the parameter `{}` is reserved; `{key}` sends it", name.value)))
        })
        .collect();
    for (place, message) in clashes {
        checker.mistake(place, message);
    }
}
