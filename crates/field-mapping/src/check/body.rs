//! Where a field comes from: a place, a list, numbered columns, other fields, a constant.

use unified_model::schema::Kind;

use crate::check::Compiler;
use crate::check::checked::{Body, Spot};
use crate::check::fields::{Base, Subject};
use crate::check::types::{mismatch, noun};
use crate::file::place::FilePlace;
use crate::file::{FieldBody, Mode, Words};
use crate::path::{Step, VendorPath};
use crate::value::convert::Converter;
use crate::yaml::Placed;

/// Keys that go with each way of saying where a field comes from.
const KEYS: [(&str, &[&str]); 12] = [
    ("each", &["each", "split", "item", "set", "max", "decode", "else"]),
    ("sources", &["sources"]),
    ("slots", &["slots"]),
    ("item", &["item"]),
    ("join", &["join", "split", "write"]),
    ("from", &["from", "take"]),
    ("const", &["const", "at"]),
    ("cases", &["cases", "otherwise", "at", "yields_to"]),
    ("index", &["index"]),
    ("product", &["product", "divided_by"]),
    ("difference", &["difference", "divided_by"]),
    (
        "at",
        &[
            "at",
            "write",
            "as",
            "lookup",
            "extract",
            "zero",
            "union",
            "absorb",
            "spelled_out",
            "default",
            "default_first",
            "fallback",
            "new_from",
            "nulls",
        ],
    ),
];

fn present(body: &FieldBody) -> Vec<&'static str> {
    let keys = [
        ("each", body.each.is_some()),
        ("sources", body.sources.is_some()),
        ("slots", body.slots.is_some()),
        ("item", body.item.is_some()),
        ("join", body.join.is_some()),
        ("from", body.from.is_some()),
        ("const", body.constant.is_some()),
        ("at", body.at.is_some()),
        ("write", body.write.is_some()),
        ("as", body.converters.is_some()),
        ("split", body.split.is_some()),
        ("set", !body.set.0.is_empty()),
        ("max", body.max.is_some()),
        ("decode", !body.decode.0.is_empty()),
        ("else", body.undecoded.is_some()),
        ("take", body.take.is_some()),
        ("zero", body.zero.is_some()),
        ("union", body.union.is_some()),
        ("absorb", body.absorb.is_some()),
        ("spelled_out", body.spelled_out.is_some()),
        ("default", body.default.is_some()),
        ("default_first", body.default_first.is_some()),
        ("new_from", body.new_from.is_some()),
        ("nulls", body.nulls.is_some()),
        ("lookup", body.lookup.is_some()),
        ("extract", body.extract.is_some()),
        ("cases", body.cases.is_some()),
        ("otherwise", body.otherwise.is_some()),
        ("yields_to", body.yields_to.is_some()),
        ("index", body.index.is_some()),
        ("product", body.product.is_some()),
        ("difference", body.difference.is_some()),
        ("divided_by", body.divided_by.is_some()),
    ];
    keys.into_iter().filter(|(_, there)| *there).map(|(key, _)| key).collect()
}

/// The ways that a message offers, the most common first.
const WAYS: [&str; 12] =
    ["at", "each", "sources", "slots", "item", "join", "from", "const", "cases", "index", "product", "difference"];

impl Compiler<'_> {
    pub(super) fn body(&mut self, subject: Subject<'_>, body: &FieldBody, mode: Mode) -> Option<Body> {
        let Subject { path, place, base, .. } = subject;
        let present = present(body);
        let way = KEYS.iter().find(|(key, _)| present.contains(key) || (*key == "at" && present.contains(&"write")));
        let Some((way, allowed)) = way else {
            self.wrong(place, format!("`{path}` needs one of {}", WAYS.join(", ")));
            return None;
        };
        if let Some(extra) = present.iter().find(|key| !allowed.contains(key)) {
            self.wrong(place, format!("`{path}`: `{extra}` does not go with `{way}`; allowed: {}", allowed.join(", ")));
            return None;
        }
        if base.is_item() && !matches!(*way, "at" | "const" | "cases" | "index") {
            self.wrong(
                place,
                format!("`{path}`: a member of an item comes from `at`, `const`, `cases` or `index`, not from `{way}`"),
            );
            return None;
        }
        match *way {
            "join" => self.join(subject, body),
            "from" => self.part_of(path, place, body, mode),
            "const" => self.constant_body(subject, body),
            "at" => self.spot(subject, body, mode),
            "cases" => self.cases(subject, body),
            "index" => self.index(subject),
            "product" | "difference" => self.computed(subject, body, mode),
            _ => self.whole(subject, body),
        }
    }

    fn join(&mut self, subject: Subject<'_>, body: &FieldBody) -> Option<Body> {
        let Subject { path, property, place, .. } = subject;
        if !matches!(&property.kind, Kind::Text { one_of, format: None, .. } if one_of.is_empty()) {
            self.wrong(place, format!("`join` makes a text, but `{path}` is {}", noun(&property.kind)));
            return None;
        }
        let parts: Vec<&Placed<String>> = body.join.iter().flatten().collect();
        let record = &self.schema.record;
        for part in &parts {
            if record.property(&part.value).is_none() {
                let place = place.at(part);
                self.known_field(&place, "join", &part.value);
                return None;
            }
        }
        if let Some(split) = &body.split
            && split.value != "first_space"
        {
            let place = place.at(split);
            self.wrong(&place, format!("`split: {}` is none; allowed with `join`: first_space", split.value));
        }
        if body.split.is_some() && parts.len() != 2 {
            self.wrong(
                place,
                format!("`split: first_space` needs two fields in `join`, but `{path}` has {}", parts.len()),
            );
        }
        let parts = parts.iter().map(|part| part.value.clone()).collect();
        let write = body.write.as_ref().and_then(|written| self.path(place, &written.value));
        Some(Body::Join { parts, split: body.split.is_some(), write })
    }

    fn constant_body(&mut self, subject: Subject<'_>, body: &FieldBody) -> Option<Body> {
        let Subject { path, property, place, .. } = subject;
        let constant = body.constant.as_ref()?;
        self.constant(path, &property.kind, place, constant);
        let at = self.paths(place, body.at.as_ref());
        Some(Body::Constant { value: constant.value.clone(), at: at.into_iter().next() })
    }

    pub(super) fn paths(&mut self, place: &FilePlace, words: Option<&Placed<Words>>) -> Vec<VendorPath> {
        let Some(words) = words else { return Vec::new() };
        let outer = place.at(words);
        let mut paths = Vec::new();
        for word in &words.value.0 {
            let place = if word.place.line == 0 { outer.clone() } else { place.at(word) };
            paths.extend(self.path(&place, &word.value));
        }
        paths
    }

    fn chain(&mut self, path: &str, kind: &Kind, place: &FilePlace, words: Option<&Placed<Words>>) -> Vec<Converter> {
        let Some(words) = words else { return Vec::new() };
        let outer = place.at(words);
        let mut chain = Vec::new();
        for word in &words.value.0 {
            let place = if word.place.line == 0 { outer.clone() } else { place.at(word) };
            chain.extend(self.converter(&place, &word.value));
        }
        let names: Vec<String> = words.value.0.iter().map(|word| word.value.clone()).collect();
        if chain.len() == names.len()
            && let Some(message) = mismatch(path, kind, &chain, &names)
        {
            self.wrong(&outer, message);
        }
        chain
    }

    fn spot(&mut self, subject: Subject<'_>, body: &FieldBody, mode: Mode) -> Option<Body> {
        let Subject { path, property, place, base } = subject;
        let kind = &property.kind;
        let text_list = matches!(kind, Kind::List(inner) if matches!(**inner, Kind::Text { .. }));
        if matches!(kind, Kind::Object(_)) || (matches!(kind, Kind::List(_)) && !text_list) {
            let ways = if matches!(kind, Kind::Object(_)) { "item" } else { "each, sources or slots" };
            self.wrong(place, format!("`{path}` is {}; say where with {ways}", noun(kind)));
            return None;
        }
        if text_list && base.is_item() {
            self.wrong(place, format!("`{path}`: a list inside an item cannot be mapped"));
            return None;
        }
        let mut chain = self.chain(path, kind, place, body.converters.as_ref());
        self.looked_up(place, body, &mut chain);
        let read_only = chain.iter().any(|step| matches!(step, Converter::AboveZero));
        if read_only && mode != Mode::Read {
            self.wrong(place, format!("`{path}`: `above_zero` cannot be written; say `mode: read`"));
        }
        let at = self.paths(place, body.at.as_ref());
        let write = body.write.as_ref().and_then(|text| {
            let place = place.at(text);
            self.path(&place, &text.value)
        });
        if at.is_empty() && write.is_none() {
            return None;
        }
        if at.is_empty() && mode != Mode::Write {
            self.wrong(
                place,
                format!("`{path}` says where it is written but not where it is read; add `at` or `mode: write`"),
            );
        }
        for own in &at {
            self.readable(subject, own, text_list);
        }
        if mode != Mode::Read
            && let Some(own) = write.as_ref().or(at.first())
        {
            self.buildable(path, place, own, text_list);
        }
        if body.union.is_some() && !text_list {
            self.wrong(place, format!("`union` is for lists of texts, but `{path}` is {}", noun(kind)));
        }
        Some(Body::Value(Spot {
            at,
            write,
            chain,
            zero_is_null: body.zero.is_some(),
            union: body.union.iter().flatten().map(|name| name.value.clone()).collect(),
            absorb: body.absorb.iter().flatten().map(|name| name.value.clone()).collect(),
            spelled_out: self.spelled_out(subject, body),
        }))
    }

    /// A member of the element that the value itself is a member of.
    fn spelled_out(&mut self, subject: Subject<'_>, body: &FieldBody) -> Option<VendorPath> {
        let Subject { path, place, base, .. } = subject;
        let text = body.spelled_out.as_ref()?;
        let place = place.at(text);
        let at = self.path(&place, &text.value)?;
        if base != Base::Element {
            self.wrong(&place, format!("`{path}`: `spelled_out` is for a member of an element of a list"));
        } else if at.steps.is_empty() || !at.steps.iter().all(|step| matches!(step, Step::Member(_))) {
            self.wrong(&place, format!("`{path}`: `spelled_out` names a member, and \"{at}\" is none"));
        }
        Some(at)
    }

    pub(super) fn readable(&mut self, subject: Subject<'_>, own: &VendorPath, text_list: bool) {
        let Subject { path, place, base, .. } = subject;
        let lists = own.steps.iter().filter(|step| !matches!(step, Step::Member(_))).count();
        if base == Base::Text && !own.steps.is_empty() {
            self.wrong(place, format!("`{path}`: an element of a text is `$` alone, and \"{own}\" is no part of it"));
        } else if lists > 0 && base == Base::Element {
            self.wrong(place, format!("`{path}`: the path \"{own}\" passes through a list inside an item"));
        } else if lists > 1 {
            self.wrong(place, format!("`{path}`: the path \"{own}\" passes through more than one list"));
        } else if own.steps.first().is_some_and(|step| !matches!(step, Step::Member(_))) {
            self.wrong(place, format!("`{path}`: the path \"{own}\" must start with the name of a member"));
        } else if own.steps.iter().any(|step| matches!(step, Step::Each(_))) && !text_list {
            self.wrong(place, format!("`{path}`: the path \"{own}\" leads to a list, but `{path}` is one value"));
        } else if own.steps.is_empty() && !matches!(base, Base::Element | Base::Text) {
            self.wrong(place, format!("`{path}`: `$` has a meaning only inside `item`"));
        }
    }

    fn buildable(&mut self, path: &str, place: &FilePlace, own: &VendorPath, text_list: bool) {
        // An element that may be anything but one value of a member is built by writing that member.
        let unequal = own.steps.iter().enumerate().any(|(at, step)| match (step, own.steps.get(at + 1)) {
            (Step::Select(tests), Some(Step::Member(written))) => {
                !tests.is_empty() && tests.iter().all(|test| !test.equal && test.member != *written)
            }
            (Step::Select(tests), _) => !tests.is_empty() && tests.iter().all(|test| !test.equal),
            (Step::Member(_) | Step::Each(_), _) => false,
        });
        if unequal {
            self.wrong(
                place,
                format!("`{path}`: no element can be built for the path \"{own}\", which only says what it is not; add `[key=value]` or say `mode: read`"),
            );
        }
        if text_list && own.steps.iter().any(|step| matches!(step, Step::Select(_))) {
            self.wrong(
                place,
                format!("`{path}`: a list of texts cannot be written through \"{own}\"; say `mode: read`"),
            );
        }
    }
}
