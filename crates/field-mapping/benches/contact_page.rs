//! A page of 200 Agile contacts, vendor bytes to canonical bytes: the compiled plan against a hand-written baseline.
//!
//! `cargo bench -p field-mapping` prints `ratio trunkline/baseline = x.xx`, both sides measured in one run, in turns. With
//! `-- --quick` that is all it does.
#![allow(missing_docs, clippy::print_stdout, reason = "a benchmark reports on its standard output")]

#[path = "baseline/agile_contacts.rs"]
mod agile_contacts;
#[path = "baseline/page.rs"]
mod page;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use field_mapping::{Context, Mapping, MappingSource, Reading, Scratch, Shape, VendorPath};
use unified_model::CanonicalSchema;
use unified_model::vocabulary::Resource;

const CONTACTS: &str = include_str!("../../../mappings/agile-crm/contacts.yaml");
const BATCHES: usize = 41;
const PAGES: u32 = 40;

struct Trunkline {
    mapping: Mapping,
    records: VendorPath,
    scratch: Scratch,
}

impl Trunkline {
    fn new() -> Self {
        let source = MappingSource { file: "mappings/agile-crm/contacts.yaml", text: CONTACTS };
        let schema = CanonicalSchema::built_in().resource(Resource::Contacts);
        let mapping = Mapping::compile(&[source], &BTreeMap::new(), schema).expect("the mapping compiles");
        Self { mapping, records: VendorPath::parse("$").expect("a path"), scratch: Scratch::default() }
    }

    fn read(&mut self, vendor: &[u8], out: &mut Vec<u8>) {
        let reading = Reading {
            records: &self.records,
            shape: Shape::List,
            kind: None,
            probes: &[],
            select: None,
            skip: 0,
            take: usize::MAX,
            context: Context::default(),
        };
        self.mapping.read(vendor, &reading, &mut self.scratch, out).expect("the page is readable");
    }
}

fn batch(mut read: impl FnMut(&mut Vec<u8>), out: &mut Vec<u8>) -> Duration {
    let start = Instant::now();
    for _ in 0..PAGES {
        out.clear();
        read(out);
        black_box(&out);
    }
    start.elapsed() / PAGES
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let page = page::contacts(200);
    let vendor = page.as_bytes();
    let mut trunkline = Trunkline::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    trunkline.read(vendor, &mut ours);
    agile_contacts::read(vendor, &mut theirs).expect("the page is readable");
    let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("canonical JSON");
    assert_eq!(parse(&ours), parse(&theirs), "both sides must answer the same");
    println!("page: 200 contacts, {} bytes in, {} bytes out", vendor.len(), ours.len());

    let (mut plan, mut baseline) = (Vec::new(), Vec::new());
    for _ in 0..BATCHES {
        plan.push(batch(|out| trunkline.read(black_box(vendor), out), &mut ours));
        baseline.push(batch(|out| agile_contacts::read(black_box(vendor), out).expect("readable"), &mut theirs));
    }
    let (plan, baseline) = (median(plan), median(baseline));
    println!("trunkline {plan:?}, baseline {baseline:?} a page (median of {BATCHES} batches of {PAGES})");
    println!("ratio trunkline/baseline = {:.2}", plan.as_secs_f64() / baseline.as_secs_f64());

    // `cargo test --benches` and `--quick` want to know that it runs, not how its times are spread.
    if std::env::args().any(|argument| argument == "--quick" || argument == "--test") {
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("contact_page");
    group.bench_function("trunkline", |bencher| {
        bencher.iter(|| {
            ours.clear();
            trunkline.read(black_box(vendor), &mut ours);
        });
    });
    group.bench_function("baseline", |bencher| {
        bencher.iter(|| {
            theirs.clear();
            agile_contacts::read(black_box(vendor), &mut theirs).expect("readable");
        });
    });
    group.finish();
    criterion.final_summary();
}
