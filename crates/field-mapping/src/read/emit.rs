//! From columns to canonical bytes, in schema order, never breaking the schema.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::check::checked::Arithmetic;
use crate::json::bytes::{write_escaped, write_unsigned};
use crate::json::node::{Decoded, Node, View};
use crate::read::decode::decoded;
use crate::read::gather::Gathered;
use crate::read::plan::{Form, ItemPlan, ObjectOutput, Output, ReadPlan, Rows, ValueOutput};
use crate::value::context::Context;
use crate::value::leaf::{close_list, close_object};

/// The text of a record that must have one and has not even an id.
const NAMELESS: &str = "unknown";

/// What `fields=` leaves of each output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    All,
    None,
    /// These members, beside those that must be there.
    Members(Vec<String>),
}

/// Writes records of one page.
#[derive(Debug)]
pub(crate) struct Emitter<'p, 'd, N> {
    plan: &'p ReadPlan,
    /// One for each output; empty: everything.
    choices: Vec<Choice>,
    row: Vec<Option<Decoded<'d, N>>>,
    context: Context<'p>,
    pub(crate) filled_in: BTreeMap<String, usize>,
    lost: Lost,
}

/// Fields whose values could not be read as their types, and how often.
#[derive(Debug, Default)]
struct Lost(RefCell<BTreeMap<String, usize>>);

impl Lost {
    fn note(&self, field: String) {
        *self.0.borrow_mut().entry(field).or_default() += 1;
    }
}

/// Whether a member got a value, and whether the vendor holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    Held,
    Assumed,
    Nothing,
    /// The vendor holds one that is not of the type.
    Lost,
}

/// What an item may look at beside its own cells.
struct Around<'a, R> {
    /// Its place among the elements of its list.
    index: usize,
    /// Whether it is the first that is written.
    first: bool,
    record: &'a [Option<R>],
    context: &'a Context<'a>,
    /// The name of what it is an item of.
    list: &'a str,
    lost: &'a Lost,
    choice: Option<&'a Choice>,
}

impl<'p, 'd, N: Node<'d>> Emitter<'p, 'd, N> {
    pub(crate) fn new(plan: &'p ReadPlan, choices: Vec<Choice>, context: Context<'p>) -> Self {
        Self { plan, choices, row: Vec::new(), context, filled_in: BTreeMap::new(), lost: Lost::default() }
    }

    /// Fields whose values could not be read as their types, and how often.
    pub(crate) fn unreadable(self) -> BTreeMap<String, usize> {
        self.lost.0.into_inner()
    }

    /// Appends one record.
    pub(crate) fn record(&mut self, gathered: &Gathered<N>, out: &mut Vec<u8>) {
        let plan = self.plan;
        let start = out.len();
        for (index, output) in plan.outputs.iter().enumerate() {
            let choice = self.choices.get(index).cloned();
            if choice == Some(Choice::None) && !output.kept {
                continue;
            }
            let before = out.len();
            out.extend_from_slice(&output.key);
            if self.output(output, gathered, choice.as_ref(), out) {
                if index == plan.id && !self.context.id_prefix.is_empty() {
                    prefix(self.context.id_prefix, before + output.key.len(), out);
                }
                continue;
            }
            out.truncate(before);
            if output.nullable {
                out.extend_from_slice(&output.null);
            } else if output.required {
                self.fill_in(output, gathered, out);
            }
        }
        close_object(out, start);
    }

    fn output(&mut self, output: &Output, gathered: &Gathered<N>, choice: Option<&Choice>, out: &mut Vec<u8>) -> bool {
        match &output.form {
            Form::Value(value) => {
                let given = value.write(&gathered.columns, false, &self.context, out);
                if given == Given::Lost {
                    self.lost.note(output.name.clone());
                }
                matches!(given, Given::Held | Given::Assumed)
            }
            Form::Texts { whole, bucket, column, leaf } => {
                let start = out.len();
                for column in whole {
                    let own = gathered.columns.get(*column).copied().flatten();
                    if own.is_some_and(|node| leaf.write(node, &self.context, out)) && out.get(start..) != Some(b"[]") {
                        return true;
                    }
                    out.truncate(start);
                }
                let width = self.plan.buckets[*bucket].max(1);
                let cells =
                    gathered.buckets[*bucket].chunks_exact(width).filter_map(|row| row.get(*column).copied().flatten());
                leaf.write_texts(cells, &self.context, out);
                true
            }
            Form::Join(parts) => {
                let texts =
                    parts.iter().filter_map(|part| text_of(self.plan.outputs.get(*part)?, gathered, &self.context));
                join(texts, out)
            }
            Form::Items(items) => {
                self.items((&output.name, items), gathered, choice, out);
                true
            }
            Form::Members(object) => {
                let (record, context) = (gathered.columns.as_slice(), &self.context);
                object.write(
                    record,
                    &Around { index: 0, first: false, record, context, list: &output.name, lost: &self.lost, choice },
                    out,
                )
            }
            Form::Cases(cases) => {
                match (cases.find(&gathered.columns, &gathered.columns, &self.context), &cases.text) {
                    ((Some(value), _), _) => {
                        out.extend_from_slice(value);
                        true
                    }
                    ((None, _), Some((column, leaf))) => {
                        let own = gathered.columns.get(*column).copied().flatten();
                        own.is_some_and(|node| leaf.write(node, &self.context, out))
                    }
                    ((None, _), None) => false,
                }
            }
            Form::Index => false,
            Form::Computed { how, outputs, divided_by, leaf } => {
                let number = |at: &usize| number_of(self.plan.outputs.get(*at)?, gathered, &self.context);
                let parts: Option<Vec<f64>> = outputs.iter().map(number).collect();
                let total = parts.and_then(|parts| match how {
                    Arithmetic::Product => parts.into_iter().reduce(|all, part| all * part),
                    Arithmetic::Difference => parts.into_iter().reduce(|all, part| all - part),
                });
                total.is_some_and(|total| leaf.write_number(total / divided_by, out))
            }
            Form::Constant(bytes) => {
                out.extend_from_slice(bytes);
                true
            }
            Form::Part { output, part } => {
                let Some(whole) = self.plan.outputs.get(*output) else { return false };
                let text = match &part.member {
                    Some(member) => first_item_text((whole, member), self.plan, gathered, &self.context),
                    None => text_of(whole, gathered, &self.context),
                };
                let Some(text) = text.as_deref().and_then(|text| part.of(text)) else { return false };
                out.push(b'"');
                write_escaped(out, text);
                out.push(b'"');
                true
            }
        }
    }

    fn items(
        &mut self,
        (list_name, items): (&str, &[ItemPlan]),
        gathered: &Gathered<N>,
        choice: Option<&Choice>,
        out: &mut Vec<u8>,
    ) {
        let list = out.len();
        let (context, losses) = (self.context, &self.lost);
        let record = gathered.columns.as_slice();
        let around =
            |index, first| Around { index, first, record, context: &context, list: list_name, lost: losses, choice };
        for item in items {
            let (bucket, width) = match &item.rows {
                Rows::Record => {
                    item.write(&gathered.columns, &around(0, out.len() == list), out);
                    continue;
                }
                Rows::Split(column, separator) => {
                    let whole = gathered.columns.get(*column).copied().flatten().map(Node::view);
                    let Some(View::Text(text)) = whole else { continue };
                    let parts = text.split(separator.as_str()).map(str::trim).filter(|part| !part.is_empty());
                    for (index, part) in parts.take(item.most).enumerate() {
                        let row: [Option<Decoded<'_, N>>; 1] = [Some(Decoded::Scalar(View::Text(part)))];
                        item.write(&row, &around(index, out.len() == list), out);
                    }
                    continue;
                }
                Rows::Bucket(bucket, width) => (*bucket, *width),
            };
            let stride = self.plan.buckets[bucket].max(1);
            let mut written = 0;
            for (index, row) in gathered.buckets[bucket].chunks_exact(stride).enumerate() {
                if written == item.most {
                    break;
                }
                let before = out.len();
                let around = around(index, before == list);
                if item.decode.is_empty() {
                    item.write(row, &around, out);
                } else {
                    let outer = row.get(..width).unwrap_or(row);
                    out.push(b',');
                    let given = decoded(item, outer, &mut self.row, |cells| item.object.write(cells, &around, out));
                    if !given {
                        out.truncate(before);
                    }
                }
                written += usize::from(out.len() > before);
            }
        }
        close_list(out, list);
    }

    /// A member that must have a value and has none: from another field, else "", or the id of the record where the text may not be empty.
    fn fill_in(&mut self, output: &Output, gathered: &Gathered<N>, out: &mut Vec<u8>) {
        out.extend_from_slice(&output.key);
        let text =
            |other: &usize| self.plan.outputs.get(*other).and_then(|other| text_of(other, gathered, &self.context));
        let fallback = output.fallback.iter().find_map(text);
        let is_made_up = fallback.is_none();
        let id = || output.not_empty.then(|| text(&self.plan.id).unwrap_or_else(|| NAMELESS.into()));
        let value = fallback.or_else(id).unwrap_or_default();
        out.push(b'"');
        write_escaped(out, &value);
        out.push(b'"');
        if is_made_up {
            *self.filled_in.entry(output.name.clone()).or_default() += 1;
        }
    }
}

impl ValueOutput {
    fn write<'x, N: Node<'x>>(
        &self,
        cells: &[Option<N>],
        first: bool,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Given {
        for column in &self.columns {
            let cell = cells.get(*column).copied().flatten();
            if cell.is_some_and(|cell| self.leaf.write(cell, context, out)) {
                return Given::Held;
            }
        }
        let cells = self.columns.iter().filter_map(|column| cells.get(*column).copied().flatten());
        // What cannot be read is not what was never there: no default stands in its place.
        if cells.map(N::view).any(|view| self.leaf.is_lost(view)) {
            return Given::Lost;
        }
        if self.leaf.write_default(first, out) { Given::Assumed } else { Given::Nothing }
    }

    fn text<'g, 'd: 'g, N: Node<'d>>(&'g self, cells: &[Option<N>], context: &Context<'g>) -> Option<Cow<'g, str>> {
        self.columns.iter().find_map(|column| self.leaf.text(cells.get(*column).copied().flatten(), context))
    }
}

impl ItemPlan {
    fn write<'x, 'r, N: Node<'x>, R: Node<'r>>(&self, cells: &[Option<N>], around: &Around<'_, R>, out: &mut Vec<u8>) {
        let before = out.len();
        out.push(b',');
        if !self.object.write(cells, around, out) {
            out.truncate(before);
        }
    }
}

impl ObjectOutput {
    /// Appends the object; false, with what was written to be taken back by the caller, where it lacks what it must have.
    fn write<'x, 'r, N: Node<'x>, R: Node<'r>>(
        &self,
        cells: &[Option<N>],
        around: &Around<'_, R>,
        out: &mut Vec<u8>,
    ) -> bool {
        let start = out.len();
        let mut held = false;
        let mut present = 0_u64;
        for (index, member) in self.members.iter().enumerate() {
            let before = out.len();
            out.extend_from_slice(&member.key);
            let given = match &member.form {
                Form::Value(value) => value.write(cells, around.first, around.context, out),
                Form::Constant(bytes) => {
                    out.extend_from_slice(bytes);
                    Given::Assumed
                }
                Form::Cases(cases) => match cases.find(cells, around.record, around.context) {
                    (Some(value), held) => {
                        out.extend_from_slice(value);
                        if held { Given::Held } else { Given::Assumed }
                    }
                    (None, _) => Given::Nothing,
                },
                Form::Index => {
                    write_unsigned(out, around.index as u64);
                    Given::Assumed
                }
                Form::Texts { .. }
                | Form::Join(_)
                | Form::Items(_)
                | Form::Members(_)
                | Form::Computed { .. }
                | Form::Part { .. } => Given::Nothing,
            };
            held |= given == Given::Held;
            if given == Given::Lost {
                around.lost.note(format!("{}.{}", around.list, member.name));
            }
            if matches!(given, Given::Nothing | Given::Lost) {
                out.truncate(before);
                if member.required {
                    return false;
                }
                if member.nullable {
                    out.extend_from_slice(&member.null);
                }
            } else {
                present |= 1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
            }
            let chosen = match around.choice {
                Some(Choice::Members(names)) => member.kept || names.contains(&member.name),
                Some(Choice::All | Choice::None) | None => true,
            };
            if !chosen {
                out.truncate(before);
            }
        }
        if !held || !(self.any_of.is_empty() || self.any_of.iter().any(|group| present & group == *group)) {
            return false;
        }
        close_object(out, start);
        true
    }
}

/// The text of an output that has a place of its own.
fn text_of<'g, 'd: 'g, N: Node<'d>>(
    output: &'g Output,
    gathered: &Gathered<N>,
    context: &Context<'g>,
) -> Option<Cow<'g, str>> {
    let Form::Value(value) = &output.form else { return None };
    value.text(&gathered.columns, context)
}

/// The number of an output that has a place of its own; of a date-time its seconds.
fn number_of<'g, 'd: 'g, N: Node<'d>>(
    output: &'g Output,
    gathered: &Gathered<N>,
    context: &Context<'g>,
) -> Option<f64> {
    let Form::Value(ValueOutput { columns, leaf }) = &output.form else { return None };
    columns.iter().find_map(|column| leaf.number(gathered.columns.get(*column).copied().flatten()?, context))
}

/// Puts a prefix before the text that starts at a quote.
fn prefix(prefix: &str, quote: usize, out: &mut Vec<u8>) {
    if out.get(quote) == Some(&b'"') {
        let mut escaped = Vec::with_capacity(prefix.len());
        write_escaped(&mut escaped, prefix);
        out.splice(quote + 1..=quote, escaped);
    }
}

/// The text of a member of a list's first item that has one.
fn first_item_text<'g, 'd: 'g, N: Node<'d>>(
    (list, member): (&'g Output, &str),
    plan: &ReadPlan,
    gathered: &Gathered<N>,
    context: &Context<'g>,
) -> Option<Cow<'g, str>> {
    let Form::Items(items) = &list.form else { return None };
    items.iter().find_map(|item| {
        let own = item.object.members.iter().find(|own| own.name == member)?;
        let Form::Value(value) = &own.form else { return None };
        match item.rows {
            Rows::Record => value.text(&gathered.columns, context),
            Rows::Bucket(bucket, _) => gathered.buckets[bucket]
                .chunks_exact(plan.buckets[bucket].max(1))
                .find_map(|cells| value.text(cells, context)),
            Rows::Split(..) => None,
        }
    })
}

fn join<'g>(texts: impl Iterator<Item = Cow<'g, str>>, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    out.push(b'"');
    for text in texts {
        if out.len() > start + 1 {
            out.push(b' ');
        }
        write_escaped(out, &text);
    }
    out.push(b'"');
    out.len() > start + 2
}
