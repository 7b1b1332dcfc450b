//! JSON inside a text, straight into columns: a quick scan for what vendors send, a full parse for everything else.

use serde_json_borrow::Value as Borrowed;

use crate::json::bytes::first_special;
use crate::json::node::{Decoded, Node, View};
use crate::read::gather::fill;
use crate::read::plan::{ItemPlan, ObjectPlan};

/// Calls with a row whose texts are decoded.
pub(crate) fn decoded<'d, N: Node<'d>, R>(
    item: &ItemPlan,
    outer: &[Option<N>],
    row: &mut Vec<Option<Decoded<'d, N>>>,
    call: impl FnOnce(&[Option<Decoded<'_, N>>]) -> R,
) -> R {
    row.clear();
    row.extend(outer.iter().map(|cell| cell.map(Decoded::Outer)));
    row.resize(item.decoded_width, None);
    let mut slow: Vec<(usize, Borrowed<'d>)> = Vec::new();
    for (index, plan) in item.decode.iter().enumerate() {
        let Some(own) = outer.get(plan.column).copied().flatten() else { continue };
        let View::Text(text) = own.view() else {
            // Already an object: some vendors send both forms.
            fill(&plan.inner, Decoded::Outer(own), row);
            continue;
        };
        if scan(text, &plan.inner, row) {
            continue;
        }
        clear(&plan.inner, row);
        match serde_json::from_str::<Borrowed<'d>>(text) {
            Ok(value @ Borrowed::Object(_)) => slow.push((index, value)),
            _ => {
                if let Some(place) = row.get_mut(plan.undecoded) {
                    *place = Some(Decoded::Outer(own));
                }
            }
        }
    }
    if slow.is_empty() {
        return call(row);
    }
    let mut row: Vec<Option<Decoded<'_, N>>> = row.clone();
    for (index, value) in &slow {
        if let Some(plan) = item.decode.get(*index) {
            fill(&plan.inner, Decoded::Inner(value), &mut row);
        }
    }
    call(&row)
}

fn clear<N: Copy>(plan: &ObjectPlan, row: &mut [Option<N>]) {
    for member in &plan.members {
        if let Some(cell) = row.get_mut(member.column) {
            *cell = None;
        }
    }
}

/// Reads an object of unescaped texts, null, true and false; says no at the first thing that is anything else.
fn scan<'d, N: Copy>(text: &'d str, plan: &ObjectPlan, row: &mut [Option<Decoded<'d, N>>]) -> bool {
    if plan.members.iter().any(|member| member.inside.is_some()) {
        return false;
    }
    let mut scanner = Scanner { text, at: 0 };
    if !scanner.skip(b'{') {
        return false;
    }
    if scanner.skip(b'}') {
        return scanner.ended();
    }
    loop {
        let Some(name) = scanner.quoted() else { return false };
        if !scanner.skip(b':') {
            return false;
        }
        let Some(view) = scanner.scalar() else { return false };
        let column = plan.keys.find(name).and_then(|index| plan.members.get(index)).map(|member| member.column);
        if let Some(cell) = column.and_then(|column| row.get_mut(column)) {
            *cell = Some(Decoded::Scalar(view));
        }
        if scanner.skip(b',') {
            continue;
        }
        return scanner.skip(b'}') && scanner.ended();
    }
}

struct Scanner<'d> {
    text: &'d str,
    at: usize,
}

impl<'d> Scanner<'d> {
    fn blank(&mut self) {
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        self.blank();
        let there = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn ended(&mut self) -> bool {
        self.blank();
        self.at == self.text.len()
    }

    /// A text without escapes.
    fn quoted(&mut self) -> Option<&'d str> {
        if !self.skip(b'"') {
            return None;
        }
        let rest = self.text.as_bytes().get(self.at..)?;
        let end = first_special(rest)?;
        if rest[end] != b'"' {
            return None;
        }
        let found = self.text.get(self.at..self.at + end)?;
        self.at += end + 1;
        Some(found)
    }

    fn scalar(&mut self) -> Option<View<'d>> {
        self.blank();
        let rest = self.text.get(self.at..)?;
        if rest.starts_with('"') {
            return self.quoted().map(View::Text);
        }
        let literals = [("null", View::Null), ("true", View::Bool(true)), ("false", View::Bool(false))];
        let (word, view) = literals.into_iter().find(|(word, _)| rest.starts_with(word))?;
        self.at += word.len();
        Some(view)
    }
}
