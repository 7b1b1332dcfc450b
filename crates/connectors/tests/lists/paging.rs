//! Every style of paging, with lists, caps and limits of any size.

use connectors::ConnectorError;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use unified_model::{Operation, Position, Resource};

use crate::gateway::{Gateway, Page, ids};
use crate::vendor::{Asked, Vendor};

/// How a vendor pages, and what it is like otherwise.
#[derive(Debug, Clone)]
struct Vendors {
    style: Style,
    /// How many records there are, and of how many every so-many-th is of the resource's kind.
    records: usize,
    kind_of: Option<usize>,
    /// The largest page.
    cap: usize,
    tells_total: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Page,
    Offset,
    /// Offsets, with pages cut to this many records and the address of the rest.
    CutOffset(usize),
    Cursor,
    /// A cursor, with pages of a size that nobody asked for.
    StubbornCursor(usize),
    NextUrl,
    Sliced,
}

impl Vendors {
    fn resource(&self) -> String {
        let total = if self.tells_total { ", total: { document: total }" } else { "" };
        let cap = self.cap;
        let paging = match self.style {
            Style::Page => format!("{{ page: {{ size: size, max: {cap}, send: page{total} }} }}"),
            Style::Offset => format!("{{ offset: {{ size: top, max: {cap}, send: skip{total} }} }}"),
            Style::CutOffset(_) => {
                format!("{{ offset: {{ size: top, max: {cap}, send: skip, next: {{ document: next }}{total} }} }}")
            }
            Style::Cursor | Style::StubbornCursor(_) => {
                format!("{{ cursor: {{ size: size, max: {cap}, send: from, next: {{ document: next }}{total} }} }}")
            }
            Style::NextUrl => {
                format!("{{ next_url: {{ size: size, max: {cap}, next: {{ document: next }}{total} }} }}")
            }
            Style::Sliced => "sliced".to_owned(),
        };
        let kind = if self.kind_of.is_some() { "    kind: { kind: wanted }\n" } else { "" };
        format!("  companies:\n{kind}    all: {{ request: GET /companies, records: items, paging: {paging} }}\n")
    }

    fn is_wanted(&self, record: usize) -> bool {
        self.kind_of.is_none_or(|every| record.is_multiple_of(every))
    }

    fn wanted(&self) -> Vec<String> {
        (0..self.records).filter(|record| self.is_wanted(*record)).map(|record| record.to_string()).collect()
    }

    fn answer(&self, asked: &Asked) -> Value {
        let most = |size: Option<usize>| size.unwrap_or(self.cap).min(self.cap);
        let size = || most(asked.number("size"));
        let (from, size) = match self.style {
            Style::Page => ((asked.number("page").unwrap() - 1) * size(), size()),
            Style::Offset => (asked.number("skip").unwrap(), most(asked.number("top"))),
            Style::CutOffset(cut) => (asked.number("skip").unwrap(), most(asked.number("top")).min(cut)),
            Style::Cursor | Style::NextUrl => (asked.number("from").unwrap_or(0), size()),
            Style::StubbornCursor(own) => (asked.number("from").unwrap_or(0), own),
            Style::Sliced => (0, self.records),
        };
        let to = (from + size).min(self.records);
        let items: Vec<Value> = (from..to.max(from))
            .map(|record| {
                let kind = if self.is_wanted(record) { "wanted" } else { "other" };
                json!({ "id": record, "name": format!("Company {record}"), "kind": kind })
            })
            .collect();
        let mut answer = json!({ "items": items });
        if self.tells_total {
            answer["total"] = json!(self.records);
        }
        let is_cut = matches!(self.style, Style::CutOffset(cut) if most(asked.number("top")) > cut);
        if to < self.records {
            match self.style {
                Style::Cursor | Style::StubbornCursor(_) => answer["next"] = json!(to.to_string()),
                Style::NextUrl => answer["next"] = json!(format!("https://other.example/x?from={to}&size={size}")),
                Style::CutOffset(cut) if is_cut => {
                    let left = most(asked.number("top")) - cut;
                    answer["next"] = json!(format!("https://other.example/x?skip={to}&top={left}"));
                }
                _ => {}
            }
        }
        answer
    }

    async fn gateway(&self) -> (Gateway, Vendor) {
        let vendors = self.clone();
        let vendor = Vendor::answering(move |asked| vendors.answer(asked)).await;
        (Gateway::to(&vendor, &self.resource()), vendor)
    }
}

fn styles() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::Page),
        Just(Style::Offset),
        (2..9usize).prop_map(Style::CutOffset),
        Just(Style::Cursor),
        (1..40usize).prop_map(Style::StubbornCursor),
        Just(Style::NextUrl),
        Just(Style::Sliced),
    ]
}

fn vendors() -> impl Strategy<Value = Vendors> {
    let kind_of = proptest::option::of(1..4usize);
    (styles(), 0..50usize, kind_of, 2..30usize, any::<bool>())
        .prop_map(|(style, records, kind_of, cap, tells_total)| Vendors { style, records, kind_of, cap, tells_total })
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 80,
        rng_seed: RngSeed::Fixed(20_200_930),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_record_comes_once_and_in_order(vendors in vendors(), limits in proptest::collection::vec(1..60u16, 1..4)) {
        run(async {
            let (gateway, _vendor) = vendors.gateway().await;
            let pages = gateway.pages(Resource::Companies, &limits).await;
            assert_eq!(ids(&pages), vendors.wanted(), "{vendors:?} {limits:?}");
            assert!(pages.iter().all(|page| page.warnings.is_empty()), "{vendors:?} {limits:?}");
        });
    }

    #[test]
    fn a_step_back_leads_to_exactly_the_records_before(vendors in vendors(), limits in proptest::collection::vec(1..30u16, 1..4)) {
        run(async {
            let (gateway, _vendor) = vendors.gateway().await;
            let pages = gateway.pages(Resource::Companies, &limits).await;
            let counts = matches!(vendors.style, Style::Page | Style::Offset | Style::CutOffset(_) | Style::Sliced);
            let mut before: Vec<String> = Vec::new();
            for (number, page) in pages.iter().enumerate() {
                let limit = limits[number % limits.len()];
                if let Some(back) = page.previous.clone() {
                    let earlier = gateway.page(Resource::Companies, &format!("limit={limit}"), Some(back)).await;
                    let start = before.len().saturating_sub(usize::from(limit));
                    assert_eq!(earlier.ids, before[start..], "{vendors:?} {limits:?}");
                } else {
                    assert!(number == 0 || !counts || vendors.kind_of.is_some(), "{vendors:?} {limits:?}");
                }
                before.extend(page.ids.clone());
            }
        });
    }
}

async fn pages(vendors: &Vendors, limits: &[u16]) -> (Vec<Page>, Vec<String>) {
    let (gateway, vendor) = vendors.gateway().await;
    let pages = gateway.pages(Resource::Companies, limits).await;
    (pages, vendor.seen())
}

#[tokio::test]
async fn a_known_total_spares_the_empty_last_page() {
    for style in [Style::Page, Style::Offset] {
        let vendors = Vendors { style, records: 40, kind_of: None, cap: 20, tells_total: true };
        let (counted, _) = pages(&vendors, &[20]).await;
        assert_eq!(counted.iter().map(|page| page.ids.len()).collect::<Vec<_>>(), [20, 20], "{style:?}");
        assert!(counted.iter().all(|page| page.total == Some(40)), "{style:?}");
        let (uncounted, _) = pages(&Vendors { tells_total: false, ..vendors }, &[20]).await;
        assert_eq!(uncounted.iter().map(|page| page.ids.len()).collect::<Vec<_>>(), [20, 20, 0], "{style:?}");
    }
}

#[tokio::test]
async fn another_limit_takes_no_more_pages_than_it_has_to() {
    let vendors = Vendors { style: Style::Page, records: 90, kind_of: None, cap: 30, tells_total: true };
    let (gateway, vendor) = vendors.gateway().await;
    let page = async |limit: u16, at| gateway.page(Resource::Companies, &format!("limit={limit}"), at).await;
    let first = page(3, None).await;
    let second = page(20, first.next).await;
    assert_eq!((second.ids[0].as_str(), second.ids.len()), ("3", 20));
    assert_eq!(vendor.seen(), ["/companies?size=3&page=1", "/companies?size=23&page=1"], "one larger page, not seven");
    let third = page(30, second.next).await;
    assert_eq!((third.ids[0].as_str(), third.ids.len()), ("23", 30));
    // Where a page of another size begins would be a guess; the pages of the size that was used are known.
    let mut further = vendor.seen().split_off(2);
    further.sort();
    assert_eq!(further, ["/companies?size=23&page=2", "/companies?size=23&page=3"]);
}

#[tokio::test]
async fn a_place_of_earlier_versions_is_found_where_the_size_is_the_same() {
    let vendors = Vendors { style: Style::Page, records: 90, kind_of: None, cap: 30, tells_total: false };
    let (gateway, vendor) = vendors.gateway().await;
    let page = gateway.page(Resource::Companies, "limit=20", Some(Position::Offset(40))).await;
    assert_eq!((page.ids[0].as_str(), vendor.seen()), ("40", vec!["/companies?size=20&page=3".to_owned()]));
    let at = Some(Position::Offset(50));
    let lost = gateway.execute(Resource::Companies, Operation::All, None, "limit=20", at).await;
    assert!(matches!(lost, Err(ConnectorError::ForeignPosition)));
}

#[tokio::test]
async fn a_list_of_one_answer_is_cut_to_the_limit() {
    let vendor = Vendor::answering(|_| json!([{ "id": 1 }, { "id": 2 }, { "id": 3 }])).await;
    let resource = "  companies: { all: { request: GET /companies, paging: none } }\n";
    let pages = Gateway::to(&vendor, resource).pages(Resource::Companies, &[2]).await;
    assert_eq!(pages.iter().map(|page| page.ids.len()).collect::<Vec<_>>(), [2, 1]);
}
