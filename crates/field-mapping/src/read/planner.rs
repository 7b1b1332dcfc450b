//! From a checked mapping to the read plan: paths become columns, columns get numbers.

use std::collections::BTreeMap;

use unified_model::schema::{Kind, ObjectType, ResourceSchema};

use crate::check::case::{Case, Cases, Operand, literal};
use crate::check::checked::{Body, CheckedMapping, Field, List, Source, Spot};
use crate::file::Mode;
use crate::json::bytes::encode;
use crate::path::{Step, VendorPath};
use crate::read::cases::{CasePlan, CaseTest, CasesPlan, Wanted};
use crate::read::columns::{ListBuilder, ObjectBuilder, names};
use crate::read::plan::{
    DecodePlan, Form, Goes, ItemPlan, NONE, ObjectOutput, ObjectPlan, Output, ReadPlan, Rows, Selector, ValueOutput,
};
use crate::value::leaf::{Leaf, LeafRules};

/// Columns of decoded members are numbered from here until the number of the element's own columns, behind which they
/// come, is known.
const INNER: usize = usize::MAX / 2;

/// Builds the plan of the fields that are read.
pub(crate) fn plan(checked: &CheckedMapping, schema: &ResourceSchema) -> ReadPlan {
    let mut planner = Planner {
        lists: &checked.lists,
        empty_is_null: checked.empty_is_null,
        record: ObjectBuilder::default(),
        columns: 0,
        buckets: Vec::new(),
    };
    let mut read: Vec<&Field> = checked.fields.iter().filter(|field| field.mode != Mode::Write).collect();
    read.sort_by_key(|field| schema.record.properties.iter().position(|property| property.name == field.name));
    let names: Vec<&str> = read.iter().map(|field| field.name.as_str()).collect();
    let mut outputs: Vec<Output> = read.iter().map(|field| planner.output(field, &names)).collect();
    for (output, field) in outputs.iter_mut().zip(&read) {
        output.fallback =
            field.fallback.iter().filter_map(|name| names.iter().position(|known| known == name)).collect();
        output.not_empty = field.may_not_be_empty();
    }
    let record = planner.record.finish();
    let mut buckets = planner.buckets;
    widths(&record, &mut buckets);
    let id = names.iter().position(|name| *name == "id").unwrap_or(NONE);
    ReadPlan { record, columns: planner.columns, buckets, outputs, id }
}

/// The rows of a bucket are as wide as the elements of its list.
fn widths(object: &ObjectPlan, buckets: &mut [usize]) {
    for inside in object.members.iter().filter_map(|member| member.inside.as_ref()) {
        if let Some(list) = &inside.list {
            list.buckets.iter().for_each(|bucket| buckets[*bucket] = list.width);
        }
        if let Some(object) = &inside.object {
            widths(object, buckets);
        }
    }
}

struct Planner<'d> {
    lists: &'d BTreeMap<String, List>,
    empty_is_null: bool,
    record: ObjectBuilder,
    columns: usize,
    buckets: Vec<usize>,
}

impl Planner<'_> {
    fn output(&mut self, field: &Field, siblings: &[&str]) -> Output {
        let place = |name: &String| siblings.iter().position(|known| known == name).unwrap_or(NONE);
        let form = match &field.body {
            Body::Value(spot) => self.value(field, spot),
            Body::Join { parts, .. } => Form::Join(parts.iter().map(place).collect()),
            Body::Items(sources) => Form::Items(self.items(field, sources)),
            Body::Members(members) => {
                let Kind::Object(object) = &field.property.kind else { return empty(field) };
                let mut members: Vec<Output> = members.iter().map(|member| self.member_output(member)).collect();
                members.sort_by_key(|member| position(object, &member.name));
                Form::Members(ObjectOutput { members, any_of: Vec::new() })
            }
            Body::Constant { value, .. } => Form::Constant(encode(value)),
            Body::Part(part) => Form::Part { output: place(&part.field), part: part.clone() },
            Body::Cases(cases) => {
                let rules = LeafRules { empty_is_null: true, ..LeafRules::default() };
                let leaf = || Leaf::new(&field.property.kind, Vec::new(), rules);
                let text = cases.text.as_ref().map(|path| (self.record_column(path), leaf()));
                Form::Cases(CasesPlan { text, ..self.cases(cases) })
            }
            Body::Computed(computed) => Form::Computed {
                how: computed.how,
                outputs: computed.parts.iter().map(place).collect(),
                divided_by: computed.divided_by,
                leaf: Leaf::new(&field.property.kind, Vec::new(), LeafRules::default()),
            },
            Body::Undecoded | Body::Index => return empty(field),
        };
        Output::new(&field.name, field.property.nullable, field.property.required, form)
    }

    fn leaf(&self, field: &Field, spot: &Spot) -> Leaf {
        let rules = LeafRules {
            empty_is_null: self.empty_is_null,
            zero_is_null: spot.zero_is_null,
            default: field.default.clone(),
            default_first: field.default_first.clone(),
        };
        Leaf::new(&field.property.kind, spot.chain.clone(), rules)
    }

    fn value(&mut self, field: &Field, spot: &Spot) -> Form {
        let leaf = self.leaf(field, spot);
        if let Some((last, others)) = spot.at.split_last() {
            let many = matches!(field.property.kind, Kind::List(_)) && last.list().is_some();
            if many {
                let whole = others.iter().map(|path| self.record_column(path)).collect();
                return self.texts(whole, last, leaf);
            }
        }
        let columns = spot.at.iter().map(|path| self.record_column(path)).collect();
        Form::Value(ValueOutput { columns, leaf })
    }

    fn texts(&mut self, whole: Vec<usize>, path: &VendorPath, leaf: Leaf) -> Form {
        let Some((before, tests, after)) = path.list() else {
            return Form::Value(ValueOutput { columns: Vec::new(), leaf });
        };
        let bucket = self.bucket();
        let rules = self.lists.get(&names(before).join("."));
        let Some(list) = list_at(&mut self.record, before) else {
            return Form::Value(ValueOutput { columns: Vec::new(), leaf });
        };
        let column = list.element_column(&names(after));
        let (cells, skip) = (list.tests(tests), list.skipped(tests, rules));
        list.selectors.push(Selector { tests: cells, skip, goes: Goes::Bucket(bucket) });
        Form::Texts { whole, bucket, column, leaf }
    }

    fn bucket(&mut self) -> usize {
        self.buckets.push(0);
        self.buckets.len() - 1
    }

    /// The record's column for a path with at most one list in it.
    fn record_column(&mut self, path: &VendorPath) -> usize {
        let Some((before, tests, after)) = path.list() else {
            return self.record.column(&names(&path.steps), &mut self.columns);
        };
        let rules = self.lists.get(&names(before).join("."));
        let Some(list) = list_at(&mut self.record, before) else { return NONE };
        let from = list.element_column(&names(after));
        let (cells, skip) = (list.tests(tests), list.skipped(tests, rules));
        let alike = list
            .selectors
            .iter_mut()
            .find(|known| known.tests == cells && known.skip == skip && matches!(known.goes, Goes::Columns(_)));
        if let Some(Selector { goes: Goes::Columns(copies), .. }) = alike {
            if let Some((_, column)) = copies.iter().find(|(own, _)| *own == from) {
                return *column;
            }
            copies.push((from, self.columns));
        } else {
            list.selectors.push(Selector { tests: cells, skip, goes: Goes::Columns(vec![(from, self.columns)]) });
        }
        self.columns += 1;
        self.columns - 1
    }

    fn items(&mut self, field: &Field, sources: &[Source]) -> Vec<ItemPlan> {
        let Kind::List(inner) = &field.property.kind else { return Vec::new() };
        let Kind::Object(object) = &**inner else { return Vec::new() };
        sources.iter().map(|source| self.item(object, source)).collect()
    }

    fn item(&mut self, object: &ObjectType, source: &Source) -> ItemPlan {
        let read = source.members.iter().filter(|member| member.mode != Mode::Write);
        let mut item = match &source.each {
            None => {
                let members = read.map(|member| self.member_output(member)).collect();
                ItemPlan::new(Rows::Record, source.max.unwrap_or(usize::MAX), members)
            }
            Some(each) if source.split.is_some() => self.split(each, source, &read.collect::<Vec<_>>()),
            Some(each) => self.each(each, source, &read.collect::<Vec<_>>()),
        };
        let ObjectOutput { members, any_of } = &mut item.object;
        for (name, value) in &source.set {
            if members.iter().all(|member| member.name != *name) {
                let property = object.property(name);
                let (nullable, required) = property.map_or((true, false), |own| (own.nullable, own.required));
                members.push(Output::new(name, nullable, required, Form::Constant(encode(value))));
            }
        }
        members.sort_by_key(|member| position(object, &member.name));
        for group in &object.any_of_required {
            let bit = |name: &String| members.iter().position(|member| member.name == *name).filter(|at| *at < 64);
            if let Some(bits) = group.iter().map(|name| bit(name).map(|at| 1_u64 << at)).collect::<Option<Vec<u64>>>() {
                any_of.push(bits.iter().fold(0, |all, bit| all | bit));
            }
            members.iter_mut().filter(|member| group.contains(&member.name)).for_each(|member| member.kept = true);
        }
        item
    }

    /// A member of an item made of the record's own columns, or of an object.
    fn member_output(&mut self, field: &Field) -> Output {
        let form = match &field.body {
            Body::Value(spot) => {
                let leaf = self.leaf(field, spot);
                Form::Value(ValueOutput {
                    columns: spot.at.iter().map(|path| self.record_column(path)).collect(),
                    leaf,
                })
            }
            Body::Constant { value, .. } => Form::Constant(encode(value)),
            Body::Cases(cases) => Form::Cases(self.cases(cases)),
            Body::Index => Form::Index,
            Body::Join { .. }
            | Body::Items(_)
            | Body::Members(_)
            | Body::Part(_)
            | Body::Computed(_)
            | Body::Undecoded => return empty(field),
        };
        Output::new(&field.name, field.property.nullable, field.property.required, form)
    }

    /// Cases over the record's own columns.
    fn cases(&mut self, cases: &Cases) -> CasesPlan {
        let wanted = self.wanted(cases);
        let columns = cases.list.iter().flat_map(|case| &case.when).map(|(path, _)| self.record_column(path)).collect();
        cases_plan(cases, columns, wanted)
    }

    /// What members of cases are compared with, in order.
    fn wanted(&mut self, cases: &Cases) -> Vec<Wanted> {
        let or = |or: &Option<serde_json::Value>| or.as_ref().and_then(literal);
        let operands = cases.list.iter().flat_map(|case| &case.when).map(|(_, operand)| operand);
        operands
            .map(|operand| match operand {
                Operand::Literals(values) => Wanted::Texts(values.iter().map(literal).collect()),
                Operand::At { at, or: other } => Wanted::At { column: self.record_column(at), or: or(other) },
                Operand::Lookup { table, by, take, or: other } => Wanted::Lookup {
                    table: table.clone(),
                    column: self.record_column(by),
                    take: take.clone(),
                    or: or(other),
                },
            })
            .collect()
    }

    /// Elements of one text: `$` is all that each of them has.
    fn split(&mut self, each: &VendorPath, source: &Source, members: &[&Field]) -> ItemPlan {
        let outputs = members.iter().map(|field| {
            let form = match &field.body {
                Body::Value(spot) => Form::Value(ValueOutput { columns: vec![0], leaf: self.leaf(field, spot) }),
                Body::Constant { value, .. } => Form::Constant(encode(value)),
                Body::Cases(cases) => {
                    let wanted = self.wanted(cases);
                    Form::Cases(cases_plan(cases, vec![0; wanted.len()], wanted))
                }
                Body::Index => Form::Index,
                Body::Join { .. }
                | Body::Items(_)
                | Body::Members(_)
                | Body::Part(_)
                | Body::Computed(_)
                | Body::Undecoded => return empty(field),
            };
            Output::new(&field.name, field.property.nullable, field.property.required, form)
        });
        let members = outputs.collect();
        let rows = Rows::Split(self.record_column(each), source.split.clone().unwrap_or_default());
        ItemPlan::new(rows, source.max.unwrap_or(usize::MAX), members)
    }

    /// How one value of an element is made.
    fn element_leaf(&self, member: &Field) -> Option<Leaf> {
        match &member.body {
            Body::Value(spot) => Some(self.leaf(member, spot)),
            Body::Undecoded => {
                let rules = LeafRules { empty_is_null: true, ..LeafRules::default() };
                Some(Leaf::new(&member.property.kind, Vec::new(), rules))
            }
            Body::Join { .. }
            | Body::Items(_)
            | Body::Members(_)
            | Body::Constant { .. }
            | Body::Part(_)
            | Body::Cases(_)
            | Body::Index
            | Body::Computed(_) => None,
        }
    }

    fn each(&mut self, each: &VendorPath, source: &Source, members: &[&Field]) -> ItemPlan {
        let bucket = self.bucket();
        let (before, tests) = match each.list() {
            Some((before, tests, _)) => (before, tests),
            None => (each.steps.as_slice(), [].as_slice()),
        };
        let rules = self.lists.get(&names(before).join("."));
        let mut outputs = Vec::new();
        let mut decode: Vec<(String, usize, ObjectBuilder, usize)> = Vec::new();
        let mut inner_next = 0;
        let leaves: Vec<Option<Leaf>> = members.iter().map(|member| self.element_leaf(member)).collect();
        let mut wanted: Vec<Vec<Wanted>> = Vec::new();
        for member in members {
            wanted.push(if let Body::Cases(cases) = &member.body { self.wanted(cases) } else { Vec::new() });
        }
        let Some(list) = list_at(&mut self.record, before) else {
            return ItemPlan::new(Rows::Record, 0, outputs);
        };
        for name in &source.decode {
            let column = list.element_column(std::slice::from_ref(name));
            decode.push((name.clone(), column, ObjectBuilder::default(), NONE));
        }
        for ((member, leaf), wanted) in members.iter().zip(leaves).zip(wanted) {
            let form = match (&member.body, leaf) {
                (Body::Value(spot), Some(leaf)) => {
                    let column = |path: &VendorPath| {
                        let names = names(&path.steps);
                        match decode.iter_mut().find(|(name, ..)| names.len() > 1 && names[0] == *name) {
                            Some((_, _, inner, _)) => INNER + inner.column(&names[1..], &mut inner_next),
                            None => list.element_column(&names),
                        }
                    };
                    Form::Value(ValueOutput { columns: spot.at.iter().map(column).collect(), leaf })
                }
                (Body::Undecoded, Some(leaf)) => {
                    inner_next += 1;
                    for (.., undecoded) in &mut decode {
                        *undecoded = inner_next - 1;
                    }
                    Form::Value(ValueOutput { columns: vec![INNER + inner_next - 1], leaf })
                }
                (Body::Constant { value, .. }, _) => Form::Constant(encode(value)),
                (Body::Cases(cases), _) => {
                    let paths = cases.list.iter().flat_map(|case| &case.when).map(|(path, _)| path);
                    let columns = paths.map(|path| list.element_column(&names(&path.steps))).collect();
                    Form::Cases(cases_plan(cases, columns, wanted))
                }
                (Body::Index, _) => Form::Index,
                (
                    Body::Value(_)
                    | Body::Undecoded
                    | Body::Join { .. }
                    | Body::Items(_)
                    | Body::Members(_)
                    | Body::Part(_)
                    | Body::Computed(_),
                    _,
                ) => continue,
            };
            outputs.push(Output::new(&member.name, member.property.nullable, member.property.required, form));
        }
        let (cells, skip) = (list.tests(tests), list.skipped(tests, rules));
        list.selectors.push(Selector { tests: cells, skip, goes: Goes::Bucket(bucket) });
        let width = list.width.max(1);
        for output in &mut outputs {
            if let Form::Value(value) = &mut output.form {
                value
                    .columns
                    .iter_mut()
                    .filter(|column| **column >= INNER && **column != NONE)
                    .for_each(|column| *column = *column - INNER + width);
            }
        }
        let decode = decode
            .into_iter()
            .map(|(_, column, inner, undecoded)| DecodePlan {
                column,
                inner: inner.finish().shifted(width),
                undecoded: if undecoded == NONE { NONE } else { undecoded + width },
            })
            .collect();
        let item = ItemPlan::new(Rows::Bucket(bucket, width), source.max.unwrap_or(usize::MAX), outputs);
        ItemPlan { decode, decoded_width: width + inner_next, ..item }
    }
}

/// The plan of cases whose members' columns and operands are known.
fn cases_plan(cases: &Cases, columns: Vec<usize>, wanted: Vec<Wanted>) -> CasesPlan {
    let mut tests = columns.into_iter().zip(wanted).map(|(column, wanted)| CaseTest { column, wanted });
    let plan =
        |case: &Case| CasePlan { value: encode(&case.value), tests: tests.by_ref().take(case.when.len()).collect() };
    CasesPlan {
        cases: cases.list.iter().map(plan).collect(),
        otherwise: cases.otherwise.as_ref().map(encode),
        text: None,
    }
}

fn list_at<'b>(record: &'b mut ObjectBuilder, before: &[Step]) -> Option<&'b mut ListBuilder> {
    Some(record.member(&names(before))?.list.get_or_insert_default())
}

fn position(object: &ObjectType, name: &str) -> usize {
    object.properties.iter().position(|property| property.name == name).unwrap_or(usize::MAX)
}

fn empty(field: &Field) -> Output {
    let leaf = Leaf::new(&field.property.kind, Vec::new(), LeafRules::default());
    Output::new(
        &field.name,
        field.property.nullable,
        field.property.required,
        Form::Value(ValueOutput { columns: Vec::new(), leaf }),
    )
}
