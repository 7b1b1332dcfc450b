//! Pages of records: how large, from where, and the two odd places where the vendor puts `count` and `cursor`.

use serde_json::{Value, json};

use crate::agile::input;
use crate::agile::lists::cursor::{Listed, Place, SortOrder};
use crate::agile::replies::Refusal;
use crate::agile::store::Account;
use crate::exchange::VendorRequest;

/// More than this, and the vendor runs into its own time limit. About 200 is what it advises.
const LARGEST_PAGE: usize = 1000;
/// The vendor counts no further.
const LARGEST_COUNT: usize = 10_000;

/// Which page of a list is wanted.
#[derive(Debug)]
pub(in crate::agile) struct Listing {
    /// `None`: everything at once.
    page_size: Option<usize>,
    order: SortOrder,
    after: Option<Place>,
    counted: bool,
}

impl Listing {
    /// The page that a query asks for, in that order.
    pub(in crate::agile) fn from_query(request: &VendorRequest, order: &str) -> Result<Self, Refusal> {
        Self::read(request.query("page_size"), request.query("cursor"), SortOrder::by(order))
    }

    /// The page that a form asks for.
    pub(in crate::agile) fn from_form(request: &VendorRequest, order: &str) -> Result<Self, Refusal> {
        let form = input::form(request)?;
        let order = form.get("global_sort_key").filter(|key| !key.is_empty()).unwrap_or(order);
        Self::read(form.get("page_size"), form.get("cursor"), SortOrder::by(order))
    }

    /// Reads `page_size` and `cursor` as sent.
    pub(in crate::agile) fn read(
        page_size: Option<&str>,
        cursor: Option<&str>,
        order: SortOrder,
    ) -> Result<Self, Refusal> {
        let page_size = page_size.filter(|text| !text.is_empty()).map(read_page_size).transpose()?.flatten();
        let after = cursor.filter(|text| !text.is_empty()).map(|text| order.open(text)).transpose()?;
        Ok(Self { page_size, order, after, counted: false })
    }

    /// The page size where the caller names none.
    pub(in crate::agile) fn or_pages_of(self, page_size: usize) -> Self {
        Self { page_size: self.page_size.or(Some(page_size)), ..self }
    }

    /// The first record of the first page tells how many there are.
    pub(in crate::agile) fn counted(self) -> Self {
        Self { counted: true, ..self }
    }

    /// The page as the vendor shows it.
    pub(in crate::agile) fn show<R: Listed>(&self, account: &Account, records: Vec<&R>) -> Vec<Value> {
        let count = records.len();
        let mut placed: Vec<_> = records
            .into_iter()
            .map(|record| (self.order.place_of(record), record))
            .filter(|(place, _)| self.is_ahead(place))
            .collect();
        placed.sort_by(|(left, _), (right, _)| self.order.compare(left, right));
        let page = &placed[..placed.len().min(self.page_size.unwrap_or(usize::MAX))];
        let mut records: Vec<Value> = page.iter().map(|(_, record)| record.show(account)).collect();
        if page.len() < placed.len()
            && let (Some((place, _)), Some(record)) = (page.last(), records.last_mut())
        {
            record["cursor"] = json!(self.order.seal(place));
        }
        if self.counted
            && self.after.is_none()
            && let Some(first) = records.first_mut()
        {
            first["count"] = json!(count.min(LARGEST_COUNT));
        }
        records
    }

    fn is_ahead(&self, place: &Place) -> bool {
        self.after.as_ref().is_none_or(|after| self.order.compare(place, after).is_gt())
    }
}

fn read_page_size(text: &str) -> Result<Option<usize>, Refusal> {
    match text.parse::<usize>() {
        Ok(0) => Ok(None),
        Ok(size) if size <= LARGEST_PAGE => Ok(Some(size)),
        Ok(_) => Err(Refusal::page_too_large()),
        Err(_) => Err(Refusal::not_a_number(text)),
    }
}
