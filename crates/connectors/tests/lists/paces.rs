//! Every record exactly once, whatever a vendor makes of the page size: it obeys, caps or ignores it, leaves records out of
//! its pages, or gives short and empty ones.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use unified_model::Resource;

use crate::gateway::{Gateway, Page, ids};
use crate::vendor::{Asked, Vendor};

/// How a vendor says where a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Page,
    Offset,
    /// Offsets, and the address of what is cut off.
    Linked,
    Cursor,
    NextUrl,
    Sliced,
    /// Two lists by page number, one after the other.
    Sequence,
    /// Two lists by offset, one after the other.
    OffsetSequence,
}

/// What it makes of the page size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Obeys,
    Caps(usize),
    Ignores(usize),
    /// Each so-many-th record is taken out of a page that was cut before.
    Hides(usize),
    /// Pages are short by chance, and empty where the vendor says where the next one is.
    Shortens(u64),
}

#[derive(Debug, Clone)]
struct Vendors {
    style: Style,
    pace: Pace,
    records: usize,
    /// The largest page that the definition asks for.
    max: usize,
    tells_total: bool,
}

/// A page of the vendor's: what it shows, and where the next one begins.
struct Shown {
    ids: Vec<usize>,
    next: Option<usize>,
}

fn items(ids: &[usize]) -> Vec<Value> {
    ids.iter().map(|id| json!({ "id": id, "name": format!("Company {id}") })).collect()
}

/// A number from 1 on, the same for the same place.
fn by_chance(seed: u64, from: usize, asked: usize) -> usize {
    let chance = (seed ^ from as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    chance as usize % asked.max(1) + 1
}

impl Vendors {
    fn is_hidden(&self, record: usize) -> bool {
        matches!(self.pace, Pace::Hides(every) if record % every == every - 1)
    }

    fn visible(&self) -> Vec<usize> {
        (0..self.records).filter(|record| !self.is_hidden(*record)).collect()
    }

    /// The page that begins behind so many records, hidden ones with them.
    fn shown(&self, from: usize, asked: usize) -> Shown {
        let size = match self.pace {
            Pace::Obeys | Pace::Hides(_) => asked,
            Pace::Caps(most) => asked.min(most),
            Pace::Ignores(own) => own,
            Pace::Shortens(seed) => by_chance(seed, from, asked),
        };
        let to = (from + size).min(self.records).max(from);
        let ids = (from..to).filter(|record| !self.is_hidden(*record)).collect();
        Shown { ids, next: (to < self.records).then_some(to) }
    }

    fn answer(&self, asked: &Asked) -> Value {
        let size = asked.number("size").unwrap_or(self.max);
        let number = |name: &str| asked.number(name).unwrap_or(0);
        let (shown, total) = match self.style {
            Style::Page | Style::Sequence => {
                let own = self.shown(0, size).next.unwrap_or(self.records).max(1);
                // Short pages are those of a vendor that takes records out.
                let each = match self.pace {
                    Pace::Obeys | Pace::Hides(_) => size,
                    Pace::Caps(_) | Pace::Ignores(_) | Pace::Shortens(_) => own,
                };
                (self.numbered(asked.number("page").unwrap(), each), self.visible().len())
            }
            Style::Sliced => (Shown { ids: self.visible(), next: None }, self.visible().len()),
            Style::Offset | Style::OffsetSequence | Style::Linked => {
                let from = asked.number("from").unwrap_or_else(|| number("skip"));
                (self.shown(from, size), self.visible().len())
            }
            Style::Cursor | Style::NextUrl => return self.chain_answer(asked, size),
        };
        let mut answer = json!({ "items": items(&shown.ids) });
        if self.tells_total {
            answer["total"] = json!(total);
        }
        let is_cut = |next: &usize| next - number("skip").max(number("from")) < size;
        if let Some(next) = shown.next.filter(is_cut).filter(|_| self.style == Style::Linked) {
            answer["next"] = json!(format!("https://other.example/x?from={next}&size={size}"));
        }
        answer
    }

    fn chain_answer(&self, asked: &Asked, size: usize) -> Value {
        let (ids, next) = self.chained(asked, size);
        let next = next.map(|next| match self.style {
            Style::NextUrl => format!("https://other.example/x?from={next}&size={size}"),
            _ => next,
        });
        let mut answer = json!({ "items": items(&ids), "next": next });
        if self.tells_total {
            answer["total"] = json!(self.visible().len());
        }
        answer
    }

    fn numbered(&self, page: usize, each: usize) -> Shown {
        let from = (page - 1) * each;
        let ids = (from..(from + each).min(self.records).max(from)).filter(|record| !self.is_hidden(*record));
        Shown { ids: ids.collect(), next: None }
    }

    /// Behind a cursor. Where pages are short by chance, some that are empty stand in the way.
    fn chained(&self, asked: &Asked, size: usize) -> (Vec<usize>, Option<String>) {
        let cursor = asked.query.get("from").map_or("c0.0", String::as_str);
        let (from, waited) = cursor.trim_start_matches('c').split_once('.').unwrap();
        let (from, waited): (usize, usize) = (from.parse().unwrap(), waited.parse().unwrap());
        let waits = if let Pace::Shortens(seed) = self.pace { by_chance(seed, from + 7, 3) - 1 } else { 0 };
        if waited < waits {
            return (Vec::new(), Some(format!("c{from}.{}", waited + 1)));
        }
        let shown = self.shown(from, size);
        (shown.ids, shown.next.map(|next| format!("c{next}.0")))
    }

    fn resource(&self) -> String {
        let total = if self.tells_total { ", total: { document: total }" } else { "" };
        let max = self.max;
        let page = format!("{{ page: {{ size: size, max: {max}, send: page{total} }} }}");
        let offset = format!("{{ offset: {{ size: size, max: {max}, send: skip{total} }} }}");
        let paging = match self.style {
            Style::Page | Style::Sequence => page,
            Style::Offset | Style::OffsetSequence => offset,
            Style::Linked => {
                format!("{{ offset: {{ size: size, max: {max}, send: skip, next: {{ document: next }}{total} }} }}")
            }
            Style::Cursor => {
                format!("{{ cursor: {{ size: size, max: {max}, send: from, next: {{ document: next }}{total} }} }}")
            }
            Style::NextUrl => {
                format!("{{ next_url: {{ size: size, max: {max}, next: {{ document: next }}{total} }} }}")
            }
            Style::Sliced => "sliced".to_owned(),
        };
        match self.style {
            Style::Sequence | Style::OffsetSequence => format!(
                "  activities:
    sequence:
      - {{ id_prefix: task-, mapping: tasks, all: {{ request: GET /tasks, records: items, paging: {paging} }} }}
      - {{ id_prefix: event-, mapping: events, all: {{ request: GET /events, records: items, paging: {paging} }} }}
"
            ),
            _ => format!("  companies:\n    all: {{ request: GET /companies, records: items, paging: {paging} }}\n"),
        }
    }

    fn named(&self) -> Resource {
        match self.style {
            Style::Sequence | Style::OffsetSequence => Resource::Activities,
            _ => Resource::Companies,
        }
    }

    fn expected(&self) -> Vec<String> {
        let under = |prefix: &str| self.visible().iter().map(|id| format!("{prefix}{id}")).collect::<Vec<_>>();
        match self.style {
            Style::Sequence | Style::OffsetSequence => [under("task-"), under("event-")].concat(),
            _ => under(""),
        }
    }

    async fn gateway(&self) -> Gateway {
        let vendors = self.clone();
        let vendor = Vendor::answering(move |asked| vendors.answer(asked)).await;
        Gateway::to(&vendor, &self.resource())
    }

    /// Whether the place of each page can be counted back from.
    fn counts(&self) -> bool {
        matches!(self.style, Style::Page | Style::Offset) && !matches!(self.pace, Pace::Hides(_) | Pace::Shortens(_))
    }
}

fn styles() -> impl Strategy<Value = Style> {
    proptest::sample::select(vec![
        Style::Page,
        Style::Page,
        Style::Offset,
        Style::Offset,
        Style::Linked,
        Style::Cursor,
        Style::NextUrl,
        Style::Sliced,
        Style::Sequence,
        Style::OffsetSequence,
    ])
}

fn vendors() -> impl Strategy<Value = Vendors> {
    let pace = prop_oneof![
        Just(Pace::Obeys),
        (1..60usize).prop_map(Pace::Caps),
        (1..60usize).prop_map(Pace::Ignores),
        (2..9usize).prop_map(Pace::Hides),
        any::<u64>().prop_map(Pace::Shortens),
    ];
    (styles(), pace, 0..130usize, 2..110usize, any::<bool>())
        .prop_map(|(style, pace, records, max, tells_total)| Vendors { style, pace, records, max, tells_total })
}

fn total_is_true(vendors: &Vendors, pages: &[Page]) {
    for page in pages {
        assert!(
            page.total.is_none_or(|total| total == vendors.expected().len() as u64),
            "{vendors:?}: {:?}",
            page.total
        );
    }
}

async fn steps_back(vendors: &Vendors, gateway: &Gateway, pages: &[Page], limits: &[u16]) {
    let mut before: Vec<String> = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        let limit = limits[number % limits.len()];
        if let Some(back) = page.previous.clone() {
            let earlier = gateway.page(vendors.named(), &format!("limit={limit}"), Some(back)).await;
            let start = before.len().saturating_sub(usize::from(limit));
            // A page that takes too many calls is shorter than it could be.
            let expected = &before[start..];
            assert!(
                !earlier.ids.is_empty() && expected.starts_with(&earlier.ids),
                "{vendors:?} {limits:?} {expected:?}"
            );
        } else {
            assert!(number == 0 || !vendors.counts(), "{vendors:?} {limits:?}: page {number} leads not back");
        }
        before.extend(page.ids.clone());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(20_261_130),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_record_comes_exactly_once(vendors in vendors(), limits in proptest::collection::vec(1..201u16, 1..5)) {
        // A page whose only record is left out is empty, which is the end of a list that is counted.
        let hides = matches!(vendors.pace, Pace::Hides(_));
        let skips = matches!(vendors.style, Style::Offset | Style::Linked | Style::OffsetSequence);
        prop_assume!(!(hides && skips));
        let least = if hides { 2 } else { 1 };
        let limits: Vec<u16> = limits.into_iter().map(|limit| limit.max(least)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let gateway = vendors.gateway().await;
            let pages = gateway.pages(vendors.named(), &limits).await;
            assert_eq!(ids(&pages), vendors.expected(), "{vendors:?} {limits:?}");
            assert!(pages.iter().all(|page| page.warnings.is_empty()), "{vendors:?} {limits:?}");
            total_is_true(&vendors, &pages);
            if !matches!(vendors.style, Style::Sequence | Style::OffsetSequence) {
                steps_back(&vendors, &gateway, &pages, &limits).await;
            }
        });
    }
}

#[tokio::test]
async fn offsets_that_count_records_left_out_too_list_none_twice() {
    let vendors = Vendors { style: Style::Offset, pace: Pace::Hides(15), records: 100, max: 50, tells_total: true };
    for tells_total in [true, false] {
        for limits in [&[20][..], &[50], &[7, 30]] {
            let vendors = Vendors { tells_total, ..vendors.clone() };
            let pages = vendors.gateway().await.pages(vendors.named(), limits).await;
            assert_eq!(ids(&pages), vendors.expected(), "{limits:?} {tells_total}");
            total_is_true(&vendors, &pages);
        }
    }
}
