//! The places that a mapping's lines name, put together to one record.

use unified_model::schema::{Format, Kind};

use super::{Leaf, Node, VendorRecord};
use crate::check::case::{Cases, Operand};
use crate::check::checked::{Body, CheckedMapping, Field, Source, Spot};
use crate::path::{Step, VendorPath};
use crate::value::convert::Converter;

/// Everything that the mapping reads or writes.
pub(crate) fn collect(checked: &CheckedMapping) -> VendorRecord {
    let mut record = VendorRecord::default();
    let mut collector = Collector { root: &mut record.root, before: Vec::new(), decoded: &[] };
    checked.fields.iter().for_each(|field| collector.field(field));
    record
}

/// Puts places into the record, those of a list's elements below the list.
struct Collector<'a> {
    root: &'a mut Node,
    /// The way to the element whose members are put in; empty for the record itself.
    before: Vec<Step>,
    /// Members of the element whose text is JSON: what is inside them has no place of its own.
    decoded: &'a [String],
}

impl Collector<'_> {
    fn field(&mut self, field: &Field) {
        match &field.body {
            Body::Value(spot) => self.spot(spot, &field.property.kind),
            Body::Join { write, .. } => self.each(write.iter(), Leaf::Text),
            Body::Constant { value, at } => self.each(at.iter(), Leaf::of(value)),
            Body::Items(sources) => sources.iter().for_each(|source| self.source(source)),
            Body::Members(fields) => fields.iter().for_each(|field| self.field(field)),
            Body::Cases(cases) => self.cases(cases),
            Body::Part(_) | Body::Index | Body::Computed(_) | Body::Undecoded => {}
        }
    }

    fn spot(&mut self, spot: &Spot, kind: &Kind) {
        let leaf = spot.chain.first().map_or_else(|| Leaf::of_kind(kind), Leaf::of_converter);
        let is_list = matches!(kind, Kind::List(_));
        for at in spot.at.iter().chain(&spot.write) {
            let goes_through = at.steps.iter().any(|step| matches!(step, Step::Each(_)));
            self.put(
                &at.steps,
                if is_list && !goes_through { Leaf::TextList.unless_text(leaf) } else { leaf.of_one() },
            );
        }
        self.each(spot.spelled_out.iter(), Leaf::Text);
    }

    fn each<'p>(&mut self, paths: impl Iterator<Item = &'p VendorPath>, leaf: Leaf) {
        paths.for_each(|path| self.put(&path.steps, leaf));
    }

    fn cases(&mut self, cases: &Cases) {
        self.each(cases.text.iter(), Leaf::Text);
        for (at, operand) in cases.list.iter().flat_map(|case| &case.when) {
            let leaf = match operand {
                Operand::Literals(values) => values.iter().find(|value| !value.is_null()).map_or(Leaf::Any, Leaf::of),
                Operand::At { .. } | Operand::Lookup { .. } => Leaf::Any,
            };
            self.put(&at.steps, leaf);
        }
    }

    /// The members of a list's elements.
    fn source(&mut self, source: &Source) {
        let mut before = self.before.clone();
        if let Some(each) = &source.each {
            if source.split.is_some() {
                return self.put(&each.steps, Leaf::Text);
            }
            before.extend(each.steps.iter().cloned());
            match before.pop() {
                Some(Step::Select(tests)) => before.push(Step::Each(tests)),
                Some(each @ Step::Each(_)) => before.push(each),
                Some(list @ Step::Member(_)) => before.extend([list, Step::Each(Vec::new())]),
                None => {}
            }
        }
        let mut inner = Collector { root: self.root, before, decoded: &source.decode };
        source.members.iter().for_each(|field| inner.field(field));
    }

    fn put(&mut self, steps: &[Step], leaf: Leaf) {
        let is_decoded = matches!(steps.first(), Some(Step::Member(name)) if self.decoded.contains(name));
        let (steps, leaf) = if is_decoded { (&steps[..1], Leaf::Text) } else { (steps, leaf) };
        let mut node = &mut *self.root;
        for step in self.before.iter().chain(steps) {
            node = node.below(step);
        }
        // The first line that names a place decides; a place that is only compared says least.
        if node.leaf.is_none_or(|known| known == Leaf::Any) {
            node.leaf = Some(leaf);
        }
    }
}

impl Node {
    fn below(&mut self, step: &Step) -> &mut Self {
        match step {
            Step::Member(name) => self.members.entry(name.clone()).or_default(),
            Step::Select(tests) | Step::Each(tests) => {
                let known = self.elements.iter().position(|(of, _)| of == tests);
                let position = known.unwrap_or_else(|| {
                    self.elements.push((tests.clone(), Self::default()));
                    self.elements.len() - 1
                });
                &mut self.elements[position].1
            }
        }
    }
}

impl Leaf {
    fn of(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::String(_) => Self::Text,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::Bool(_) => Self::Boolean,
            Value::Null | Value::Array(_) | Value::Object(_) => Self::Any,
        }
    }

    /// What the vendor has where a converter begins.
    fn of_converter(converter: &Converter) -> Self {
        match converter {
            Converter::Integer => Self::Integer,
            Converter::Number | Converter::AboveZero => Self::Number,
            Converter::Boolean => Self::Boolean,
            Converter::EpochSeconds => Self::Epoch { millis: false },
            Converter::EpochMillis => Self::Epoch { millis: true },
            Converter::Iso | Converter::IsoLocal => Self::Instant,
            Converter::Date => Self::Day,
            Converter::Text
            | Converter::Trim
            | Converter::Lower
            | Converter::Upper
            | Converter::Capitalized
            | Converter::NumberText
            | Converter::OdataDate
            | Converter::CommaSeparated
            | Converter::JsonText
            | Converter::JsonList
            | Converter::Table(_)
            | Converter::Extract(_)
            | Converter::Lookup(_) => Self::Text,
        }
    }

    /// What the vendor has where nothing is converted.
    fn of_kind(kind: &Kind) -> Self {
        match kind {
            Kind::Text { format: Some(Format::Date), .. } => Self::Day,
            Kind::Text { format: Some(Format::DateTime), .. } => Self::Instant,
            Kind::Text { .. } => Self::Text,
            Kind::Integer { .. } => Self::Integer,
            Kind::Number => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::List(items) if matches!(**items, Kind::Text { .. }) => Self::TextList,
            Kind::List(_) | Kind::Object(_) | Kind::FreeObject | Kind::Any => Self::Any,
        }
    }

    /// A list is a list of texts, where it is not written as one text.
    fn unless_text(self, converted: Self) -> Self {
        if converted == Self::Text { converted } else { self }
    }

    /// One element of a list.
    fn of_one(self) -> Self {
        if self == Self::TextList { Self::Text } else { self }
    }
}
