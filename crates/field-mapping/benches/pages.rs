//! A page of 200 records of each vendor, vendor bytes to canonical bytes: the compiled plan against a hand-written baseline.
//!
//! `cargo bench -p field-mapping` prints `ratio trunkline/baseline = x.xx` for each, both sides measured in one run, in
//! turns, and what fields of an application's own take beside. With `-- --quick` that is all it does.
#![allow(missing_docs, clippy::print_stdout, reason = "a benchmark reports on its standard output")]

#[path = "baseline/agile_contacts.rs"]
mod agile_contacts;
#[path = "baseline/avid_contacts.rs"]
mod avid_contacts;
#[path = "baseline/avid_page.rs"]
mod avid_page;
#[path = "baseline/axiomatic_companies.rs"]
mod axiomatic_companies;
#[path = "baseline/axiomatic_leads.rs"]
mod axiomatic_leads;
#[path = "baseline/axiomatic_page.rs"]
mod axiomatic_page;
#[path = "baseline/common.rs"]
mod common;
#[path = "baseline/page.rs"]
mod page;
#[path = "baseline/shapes.rs"]
mod shapes;
#[path = "baseline/teamswork_contacts.rs"]
mod teamswork_contacts;
#[path = "baseline/teamswork_page.rs"]
mod teamswork_page;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use field_mapping::{Context, CustomMapping, JsonPath, Mapping, MappingSource, Reading, Scratch, VendorPath};
use unified_model::CanonicalSchema;

use shapes::{SHAPES, Shape};

const RECORDS: u64 = 200;
const BATCHES: usize = 41;
const PAGES: u32 = 40;
/// Fields of an application's own in Agile's contacts: a member, and an entry of a list.
const CUSTOM: [&str; 2] = ["$.lead_score", "$.properties[?@.type == 'CUSTOM' && @.name == 'Badge No.'].value"];

struct Trunkline {
    mapping: Mapping,
    records: VendorPath,
    scratch: Scratch,
}

impl Trunkline {
    fn new(shape: &Shape) -> Self {
        let source = MappingSource { file: shape.name, text: shape.mapping };
        let schema = CanonicalSchema::built_in().resource(shape.resource);
        let mapping = Mapping::compile(&[source], &BTreeMap::new(), schema).expect("the mapping compiles");
        Self { mapping, records: VendorPath::parse(shape.records).expect("a path"), scratch: Scratch::default() }
    }

    fn with_custom(self, places: &[&str]) -> Self {
        let custom = places.iter().map(|place| {
            let key = (*place).to_owned();
            CustomMapping { key, place: JsonPath::parse(place).expect("a path") }
        });
        Self { mapping: self.mapping.with_custom(custom.collect()), ..self }
    }

    fn read(&mut self, vendor: &[u8], out: &mut Vec<u8>) {
        let reading = Reading {
            records: &self.records,
            shape: field_mapping::Shape::List,
            kind: None,
            left_out: &[],
            id: None,
            nothing: field_mapping::Nothing::default(),
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

fn compare(shape: &Shape) {
    let page = (shape.page)(RECORDS);
    let vendor = page.as_bytes();
    let mut trunkline = Trunkline::new(shape);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    trunkline.read(vendor, &mut ours);
    (shape.baseline)(vendor, &mut theirs).expect("the page is readable");
    let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("canonical JSON");
    assert_eq!(parse(&ours), parse(&theirs), "both sides must answer the same");
    println!("{}: {RECORDS} records, {} bytes in, {} bytes out", shape.name, vendor.len(), ours.len());

    let (mut plan, mut baseline) = (Vec::new(), Vec::new());
    for _ in 0..BATCHES {
        plan.push(batch(|out| trunkline.read(black_box(vendor), out), &mut ours));
        baseline.push(batch(|out| (shape.baseline)(black_box(vendor), out).expect("readable"), &mut theirs));
    }
    let (plan, baseline) = (median(plan), median(baseline));
    println!("  trunkline {plan:?}, baseline {baseline:?} a page (median of {BATCHES} batches of {PAGES})");
    println!("  ratio trunkline/baseline = {:.2}", plan.as_secs_f64() / baseline.as_secs_f64());
}

fn custom(shape: &Shape) {
    let page = (shape.page)(RECORDS);
    let mut out = Vec::new();
    println!("{} with fields of an application's own", shape.name);
    for (what, places) in
        [("none", &CUSTOM[..0]), ("a member", &CUSTOM[..1]), ("that and an entry of a list", &CUSTOM[..])]
    {
        let mut trunkline = Trunkline::new(shape).with_custom(places);
        let times = (0..BATCHES).map(|_| batch(|out| trunkline.read(black_box(page.as_bytes()), out), &mut out));
        println!("  {what}: {:?} a page", median(times.collect()));
    }
}

fn main() {
    SHAPES.iter().for_each(compare);
    custom(&SHAPES[0]);
    // `cargo test --benches` and `--quick` want to know that it runs, not how its times are spread.
    if std::env::args().any(|argument| argument == "--quick" || argument == "--test") {
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    for shape in &SHAPES {
        let page = (shape.page)(RECORDS);
        let mut trunkline = Trunkline::new(shape);
        let mut out = Vec::new();
        let mut group = criterion.benchmark_group(shape.name);
        group.bench_function("trunkline", |bencher| {
            bencher.iter(|| {
                out.clear();
                trunkline.read(black_box(page.as_bytes()), &mut out);
            });
        });
        group.bench_function("baseline", |bencher| {
            bencher.iter(|| {
                out.clear();
                (shape.baseline)(black_box(page.as_bytes()), &mut out).expect("readable");
            });
        });
        group.finish();
    }
    criterion.final_summary();
}
