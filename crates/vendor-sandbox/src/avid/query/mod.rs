//! Query options, and the page of rows that they ask for.

mod filter;
mod lexer;

use std::borrow::Cow;
use std::cmp::Ordering;

use self::filter::{Expression, scalar};
use crate::avid::address::Address;
use crate::avid::render::{Form, Page};
use crate::avid::replies;
use crate::avid::schema::{Navigation, Property, Set};
use crate::avid::store::Account;
use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::table::{Record, text};

/// More rows than this come in further pages, whatever `$top` says.
const LARGEST_PAGE: usize = 100;

/// What a query asks for.
#[derive(Debug)]
pub(in crate::avid) struct Query {
    filter: Option<Expression>,
    order: Vec<Order>,
    top: Option<usize>,
    skip: usize,
    counted: bool,
    pub(in crate::avid) shape: Shape,
}

/// What of each row is shown.
#[derive(Debug, Default)]
pub(in crate::avid) struct Shape {
    /// The ways to other rows that are followed, each with what of those rows is shown.
    pub(in crate::avid) expand: Vec<(&'static Navigation, Shape)>,
    /// `None`: every property.
    pub(in crate::avid) select: Option<Vec<&'static str>>,
}

#[derive(Debug)]
struct Order {
    property: Property,
    descending: bool,
}

/// A list of rows, of one set or, for custom fields, of several.
pub(in crate::avid) type Rows<'a> = Vec<(&'static Set, Cow<'a, Record>)>;

/// `GET /{Set}`.
pub(in crate::avid) fn list(
    account: &Account,
    request: &VendorRequest,
    form: &Form,
    set: &'static Set,
    rows: Rows<'_>,
) -> Outcome {
    let query = Query::read(request, set)?;
    let mut found = query.matching(rows);
    let total = found.len();
    found.sort_by(|(_, left), (_, right)| query.compare(left, right));
    let wanted = query.top.unwrap_or(usize::MAX);
    let entities = found
        .iter()
        .skip(query.skip)
        .take(wanted.min(LARGEST_PAGE))
        .map(|(set, row)| form.entity(account, set, row, &query.shape))
        .collect();
    let is_cut = wanted > LARGEST_PAGE && total > query.skip.saturating_add(LARGEST_PAGE);
    let page = Page {
        set,
        entities,
        count: query.counted.then_some(total),
        next: is_cut.then(|| next_page(request, query.skip + LARGEST_PAGE, query.top.map(|top| top - LARGEST_PAGE))),
    };
    Ok(form.list(page))
}

/// `GET /{Set}/$count`: a bare number.
pub(in crate::avid) fn count(account: &Account, request: &VendorRequest, set: &'static Set) -> Outcome {
    let query = Query::read(request, set)?;
    Ok(VendorAnswer::text(200, query.matching(account.rows(set)).len().to_string()))
}

/// `GET /{Set}(key)/{Navigation}`.
pub(in crate::avid) fn navigate(
    account: &Account,
    request: &VendorRequest,
    form: &Form,
    row: &str,
    navigation: &str,
) -> Outcome {
    let (set, key) = Address::read_row(row)?;
    let navigation = set.navigation(navigation).ok_or_else(replies::no_such_page)?;
    let row = account.row(set, &key).ok_or_else(replies::no_such_row)?;
    let target = crate::avid::schema::set(navigation.target).ok_or_else(replies::no_such_page)?;
    list(account, request, form, target, account.related(&row, navigation))
}

impl Query {
    pub(in crate::avid) fn read(request: &VendorRequest, set: &'static Set) -> Result<Self, Refusal> {
        let mut query =
            Self { filter: None, order: Vec::new(), top: None, skip: 0, counted: false, shape: Shape::default() };
        for (name, value) in request.query.iter().filter(|(name, _)| name.starts_with('$')) {
            match name.as_str() {
                "$filter" => {
                    query.filter = Some(filter::parse(value, set).map_err(|error| replies::bad_query(&error))?);
                }
                "$orderby" => query.order = names(value).map(|part| order(part, set)).collect::<Result<_, _>>()?,
                "$top" => query.top = Some(number(name, value)?),
                "$skip" => query.skip = number(name, value)?,
                "$inlinecount" => query.counted = inline_count(value)?,
                "$expand" => {
                    names(value).try_for_each(|part| query.shape.follow(part, set))?;
                }
                "$select" => query.shape.select = select(value, set)?,
                "$format" => {}
                unknown => {
                    return Err(replies::bad_query(&format!("The query parameter '{unknown}' is not supported.")));
                }
            }
        }
        Ok(query)
    }

    fn matching<'a>(&self, mut rows: Rows<'a>) -> Rows<'a> {
        rows.retain(|(_, row)| self.filter.as_ref().is_none_or(|filter| filter.holds(row)));
        rows
    }

    /// The order asked for, and the key where that leaves a choice.
    fn compare(&self, left: &Record, right: &Record) -> Ordering {
        let by_order = self.order.iter().map(|order| {
            let (name, edm) = order.property;
            let ordering = scalar(left, name, edm).partial_cmp(&scalar(right, name, edm)).unwrap_or(Ordering::Equal);
            if order.descending { ordering.reverse() } else { ordering }
        });
        by_order.fold(Ordering::Equal, Ordering::then).then_with(|| text(left, "Id").cmp(text(right, "Id")))
    }
}

fn names(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn number(name: &str, value: &str) -> Result<usize, Refusal> {
    // Far more than there can be, and far from what overflows.
    let number = value.parse::<u32>().ok().and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| replies::bad_query(&format!("Invalid value '{value}' for {name} query option found.")))
}

fn order(part: &str, set: &'static Set) -> Result<Order, Refusal> {
    let mut words = part.split_whitespace();
    let (name, direction) = (words.next().unwrap_or_default(), words.next().unwrap_or("asc"));
    let descending = match direction {
        "asc" => false,
        "desc" => true,
        other => return Err(replies::bad_query(&format!("Syntax error at '{other}' in '{part}'."))),
    };
    Ok(Order { property: set.property(name).ok_or_else(|| no_property(name, set))?, descending })
}

fn inline_count(value: &str) -> Result<bool, Refusal> {
    match value {
        "allpages" => Ok(true),
        "none" => Ok(false),
        other => Err(replies::bad_query(&format!("'{other}' is not a valid value for $inlinecount."))),
    }
}

impl Shape {
    /// Expands a way, or one behind another (`Notes/Contacts`), but no further.
    fn follow(&mut self, part: &str, set: &'static Set) -> Result<(), Refusal> {
        let (name, behind) = part.split_once('/').map_or((part, None), |(name, behind)| (name, Some(behind)));
        if behind.is_some_and(|behind| behind.contains('/')) {
            return Err(replies::bad_query(
                "The request includes a $expand path which is too deep. The maximum depth is 2.",
            ));
        }
        let navigation = set.navigation(name).ok_or_else(|| no_property(name, set))?;
        let known = self.expand.iter().position(|(known, _)| known.name == name);
        let at = known.unwrap_or_else(|| {
            self.expand.push((navigation, Self::default()));
            self.expand.len() - 1
        });
        match (behind, crate::avid::schema::set(navigation.target)) {
            (Some(behind), Some(target)) => self.expand[at].1.follow(behind, target),
            _ => Ok(()),
        }
    }
}

fn select(value: &str, set: &'static Set) -> Result<Option<Vec<&'static str>>, Refusal> {
    let mut selected = Vec::new();
    for part in names(value) {
        match (part, set.property(part), set.navigation(part)) {
            ("*", ..) => return Ok(None),
            (_, Some((name, _)), _) => selected.push(name),
            // Shown or not by $expand alone.
            (_, None, Some(_)) => {}
            (_, None, None) => return Err(no_property(part, set)),
        }
    }
    Ok(Some(selected))
}

fn no_property(name: &str, set: &Set) -> Refusal {
    replies::bad_query(&format!("Could not find a property named '{name}' on type 'Prophet.{}'.", set.entity))
}

/// The same query, further on.
fn next_page(request: &VendorRequest, skip: usize, top: Option<usize>) -> String {
    let kept = request.query.iter().filter(|(name, _)| !matches!(name.as_str(), "$skip" | "$top")).cloned();
    let mut pairs: Vec<(String, String)> = kept.collect();
    pairs.push(("$skip".to_owned(), skip.to_string()));
    pairs.extend(top.map(|top| ("$top".to_owned(), top.to_string())));
    request.url(&pairs)
}
