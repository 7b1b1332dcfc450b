//! Where a list ends, and where it does not: cursors that lead nowhere, empty and short pages, vendors that repeat themselves.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use connectors::{ConnectorError, Failure};
use serde_json::json;
use unified_model::answer::WarningKind;
use unified_model::{Operation, Resource};

use crate::gateway::{Gateway, ids};
use crate::vendor::{Asked, Vendor};

const COMPANIES: &str = "  companies:
    all:
      request: GET /companies
      records: items
      paging: { cursor: { size: size, max: 10, send: from, next: { document: next } } }
";

#[tokio::test]
async fn a_cursor_that_comes_back_ends_the_list_with_a_warning() {
    // The second page's cursor leads to the second page, the third's would to the first.
    for (second, pages) in [("b", 2), ("c", 3)] {
        let vendor = Vendor::answering(move |asked| match asked.query.get("from").map(String::as_str) {
            None => json!({ "items": [{ "id": 1 }], "next": "b" }),
            Some("b") => json!({ "items": [{ "id": 2 }], "next": second }),
            Some(_) => json!({ "items": [{ "id": 3 }], "next": "b" }),
        });
        let vendor = vendor.await;
        let found = Gateway::to(&vendor, COMPANIES).pages(Resource::Companies, &[10]).await;
        assert_eq!(ids(&found).len(), pages);
        let warnings: Vec<_> = found.iter().flat_map(|page| &page.warnings).map(|warning| warning.kind).collect();
        assert_eq!(warnings, [WarningKind::CursorRepeated]);
    }
}

/// A cursor for each of `pages`, of which only the last holds a record.
async fn empty_pages(pages: usize) -> Vendor {
    Vendor::answering(move |asked| {
        let page = asked.number("from").unwrap_or(0);
        let items = if page + 1 == pages { json!([{ "id": 1 }]) } else { json!([]) };
        let next = if page + 1 == pages { json!(null) } else { json!((page + 1).to_string()) };
        json!({ "items": items, "next": next })
    })
    .await
}

#[tokio::test]
async fn an_empty_page_with_a_new_cursor_is_followed() {
    let vendor = empty_pages(4).await;
    let found = Gateway::to(&vendor, COMPANIES).pages(Resource::Companies, &[10]).await;
    assert_eq!((ids(&found), found.len(), vendor.seen().len()), (vec!["1".to_owned()], 1, 4));
    assert!(found[0].warnings.is_empty());
}

#[tokio::test]
async fn more_empty_pages_than_one_answer_may_take_are_followed_by_the_next() {
    let vendor = empty_pages(45).await;
    let found = Gateway::to(&vendor, COMPANIES).pages(Resource::Companies, &[10]).await;
    assert_eq!(found.iter().map(|page| page.ids.len()).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(vendor.seen().len(), 45);
    assert!(found.iter().all(|page| page.warnings.is_empty()));
}

#[tokio::test]
async fn a_circle_of_cursors_is_noticed_on_whatever_page_it_closes() {
    for (tail, circle) in [(0, 2), (2, 5), (0, 30), (4, 50)] {
        for limit in [1, 3, 200] {
            let vendor = Vendor::answering(move |asked| {
                let page = asked.number("from").unwrap_or(0);
                let next = if page + 1 == tail + circle { tail } else { page + 1 };
                json!({ "items": [{ "id": page }], "next": format!("{next:04}") })
            });
            let found = Gateway::to(&vendor.await, COMPANIES).pages(Resource::Companies, &[limit]).await;
            let warnings: Vec<_> = found.iter().flat_map(|page| &page.warnings).map(|warning| warning.kind).collect();
            assert_eq!(warnings, [WarningKind::CursorRepeated], "{tail} {circle} {limit}");
            let mut all = ids(&found);
            all.dedup();
            all.truncate(tail + circle);
            assert_eq!(all, (0..tail + circle).map(|id| id.to_string()).collect::<Vec<_>>(), "{limit}");
        }
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_followed_is_no_end() {
    let vendor =
        Vendor::answering(|_| json!({ "items": [{ "id": 1 }], "next": "https://vendor.example/companies/page/2" }));
    let resource = COMPANIES.replace("cursor: { size: size, max: 10, send: from,", "next_url: { size: size, max: 10,");
    let gateway = Gateway::to(&vendor.await, &resource);
    let failed = gateway.execute(Resource::Companies, Operation::All, None, "", None).await.unwrap_err();
    let ConnectorError::Call { failure, .. } = failed else { panic!("{failed:?}") };
    let Failure::Unusable { reason, .. } = *failure else { panic!("{failure:?}") };
    assert!(reason.contains("has no query"), "{reason}");
}

/// Twenty records, the same whatever page is asked for.
async fn deaf(total: Option<usize>) -> Vendor {
    Vendor::answering(
        move |_| json!({ "items": (0..20).map(|id| json!({ "id": id })).collect::<Vec<_>>(), "total": total }),
    )
    .await
}

#[tokio::test]
async fn a_vendor_that_ignores_where_the_page_begins_ends_the_list_with_a_warning() {
    for (paging, is_sliced) in [
        ("{ page: { size: size, max: 100, send: page, total: { document: total } } }", true),
        ("{ offset: { size: size, max: 100, send: skip, total: { document: total } } }", false),
    ] {
        let resource =
            format!("  companies: {{ all: {{ request: GET /companies, records: items, paging: {paging} }} }}\n");
        for (limit, total) in [(20, None), (20, Some(60)), (7, None), (100, None), (100, Some(60)), (200, None)] {
            let pages = Gateway::to(&deaf(total).await, &resource).pages(Resource::Companies, &[limit]).await;
            // A page that is larger than the limit is asked for again under its number.
            let listed = if is_sliced { 20 } else { 20.min(usize::from(limit)) };
            assert_eq!(ids(&pages), (0..listed).map(|id| id.to_string()).collect::<Vec<_>>(), "{paging} {limit}");
            let last = pages.last().unwrap();
            assert_eq!(last.warnings[0].kind, WarningKind::PageRepeated, "{paging} {limit}");
            assert_eq!((last.total, &last.next), (None, &None), "{paging} {limit}");
        }
    }
}

#[tokio::test]
async fn a_record_that_moved_on_to_the_next_page_does_not_end_the_list() {
    // Before each call another record comes first: with pages of one, each shows the record that the one before showed.
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let vendor = Vendor::answering(|asked| {
        let inserted = CALLS.fetch_add(1, Ordering::Relaxed).min(1);
        let record = (asked.number("page").unwrap() - 1).checked_sub(inserted);
        json!({ "items": record.filter(|record| *record < 5).map(|id| json!({ "id": id })).into_iter().collect::<Vec<_>>() })
    });
    let resource = "  companies: { all: { request: GET /companies, records: items, paging: { page: { size: size, max: 100, send: page } } } }\n";
    let pages = Gateway::to(&vendor.await, resource).pages(Resource::Companies, &[1]).await;
    assert_eq!(ids(&pages), ["0", "1", "2", "3", "4"]);
    assert!(pages.iter().all(|page| page.warnings.is_empty()));
}

#[tokio::test]
async fn an_empty_page_before_the_total_ends_the_list_and_does_not_repeat_the_total() {
    let vendor = Vendor::answering(|asked| {
        let from = asked.number("page").unwrap() * 10 - 10;
        json!({ "items": (from..(from + 10).min(14)).map(|id| json!({ "id": id })).collect::<Vec<_>>(), "total": 20 })
    });
    let resource = "  companies: { all: { request: GET /companies, records: items, paging: { page: { size: size, max: 100, send: page, total: { document: total } } } } }\n";
    let pages = Gateway::to(&vendor.await, resource).pages(Resource::Companies, &[10]).await;
    assert_eq!((ids(&pages).len(), pages.len()), (14, 2));
    assert_eq!((pages[1].total, pages[1].warnings[0].kind), (None, WarningKind::TotalNotReached));
}

#[tokio::test]
async fn a_page_that_is_declared_to_be_the_last_when_it_is_short_costs_no_further_call() {
    let answers = |asked: &Asked| {
        let from = asked.number("skip").unwrap_or_else(|| asked.number("page").unwrap() * 10 - 10);
        json!({ "items": (from..(from + 10).min(14)).map(|id| json!({ "id": id })).collect::<Vec<_>>() })
    };
    for (style, sent) in [("page", "page"), ("offset", "skip")] {
        for (declared, calls) in [(", short_page_ends: true", 2), ("", 3)] {
            let vendor = Vendor::answering(answers).await;
            let paging = format!("{{ {style}: {{ size: size, max: 10, send: {sent}{declared} }} }}");
            let resource =
                format!("  companies: {{ all: {{ request: GET /companies, records: items, paging: {paging} }} }}\n");
            let pages = Gateway::to(&vendor, &resource).pages(Resource::Companies, &[10]).await;
            assert_eq!((ids(&pages).len(), vendor.seen().len()), (14, calls), "{paging}");
        }
    }
}

#[tokio::test]
async fn a_vendor_s_own_place_survives_deletions_between_pages() {
    // Pages of four, whatever is asked for, and the address of the next one by the last record's id.
    let records = Arc::new(Mutex::new((0..20).collect::<Vec<usize>>()));
    let held = Arc::clone(&records);
    let vendor = Vendor::answering(move |asked| {
        let after = asked.number("$skiptoken");
        let skipped = asked.number("$skip").unwrap_or(0);
        let records = held.lock().unwrap();
        let rest: Vec<usize> =
            records.iter().copied().filter(|id| after.is_none_or(|after| *id > after)).skip(skipped).collect();
        let page: Vec<_> = rest.iter().take(4).map(|id| json!({ "id": id })).collect();
        match rest.get(3).filter(|_| rest.len() > 4) {
            Some(last) => {
                json!({ "items": page, "next": format!("https://other.example/Companies?$skiptoken={last}") })
            }
            None => json!({ "items": page }),
        }
    });
    let resource = "  companies: { all: { request: GET /companies, records: items, paging: { offset: { size: $top, max: 100, send: $skip, next: { document: next } } } } }\n";
    let gateway = Gateway::to(&vendor.await, resource);
    let (mut found, mut position) = (Vec::new(), None);
    loop {
        let page = gateway.page(Resource::Companies, "limit=8", position).await;
        // What was listed is deleted before the next page is asked for.
        records.lock().unwrap().retain(|id| !page.ids.contains(&id.to_string()));
        found.extend(page.ids);
        position = page.next;
        if position.is_none() {
            break;
        }
    }
    assert_eq!(found, (0..20).map(|id| id.to_string()).collect::<Vec<_>>());
}
