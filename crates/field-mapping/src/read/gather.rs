//! One pass over a vendor's record: every member that matters goes to its column.

use crate::json::node::{Node, View};
use crate::read::plan::{CellTest, Goes, ListPlan, NONE, ObjectPlan, ReadPlan};
use crate::value::keys::KeyTable;

/// The columns and rows of one record; kept from record to record.
#[derive(Debug)]
pub(crate) struct Gathered<N> {
    pub(crate) columns: Vec<Option<N>>,
    pub(crate) buckets: Vec<Vec<Option<N>>>,
    element: Vec<Option<N>>,
}

impl<'d, N: Node<'d>> Gathered<N> {
    pub(crate) fn new(plan: &ReadPlan) -> Self {
        Self {
            columns: vec![None; plan.columns],
            buckets: plan.buckets.iter().map(|_| Vec::new()).collect(),
            element: Vec::new(),
        }
    }

    /// Empties everything and takes the record in.
    pub(crate) fn take(&mut self, plan: &ReadPlan, record: N) {
        self.columns.fill(None);
        self.buckets.iter_mut().for_each(Vec::clear);
        self.object(&plan.record, record);
    }

    fn object(&mut self, plan: &ObjectPlan, object: N) {
        object.members(|name, value| {
            let Some(member) = plan.keys.find(name).and_then(|index| plan.members.get(index)) else { return };
            if let Some(column) = self.columns.get_mut(member.column) {
                *column = Some(value);
            }
            let Some(inside) = &member.inside else { return };
            clear(&inside.clears, &mut self.columns);
            if let Some(object) = &inside.object {
                self.object(object, value);
            }
            if let Some(list) = &inside.list {
                self.list(list, value);
            }
        });
    }

    fn list(&mut self, plan: &ListPlan, list: N) {
        for bucket in &plan.buckets {
            self.buckets[*bucket].clear();
        }
        let mut element = std::mem::take(&mut self.element);
        element.clear();
        element.resize(plan.width, None);
        list.elements(|own| {
            element.fill(None);
            if let Some(whole) = element.get_mut(plan.whole) {
                *whole = Some(own);
            }
            fill(&plan.element, own, &mut element);
            self.dispatch(plan, &element);
            true
        });
        self.element = element;
    }

    fn dispatch(&mut self, plan: &ListPlan, element: &[Option<N>]) {
        let cell = element.get(plan.by).copied().flatten();
        if let Some(group) = cell.and_then(|cell| find_text(&plan.texts, cell)).and_then(|group| plan.groups.get(group))
        {
            for selector in group {
                self.select(plan, *selector, element);
            }
        }
        for selector in &plan.rest {
            self.select(plan, *selector, element);
        }
    }

    fn select(&mut self, plan: &ListPlan, selector: usize, element: &[Option<N>]) {
        let Some(selector) = plan.selectors.get(selector) else { return };
        let skipped = !selector.skip.is_empty() && selector.skip.iter().all(|test| test.holds(element));
        if skipped || !selector.tests.iter().all(|test| test.holds(element)) {
            return;
        }
        match &selector.goes {
            Goes::Bucket(bucket) => self.buckets[*bucket].extend_from_slice(element),
            Goes::Columns(copies) => {
                for (from, to) in copies {
                    let column = &mut self.columns[*to];
                    if column.is_none() {
                        *column = element[*from];
                    }
                }
            }
        }
    }
}

fn clear<N>(clears: &[usize], columns: &mut [Option<N>]) {
    for column in clears {
        columns[*column] = None;
    }
}

/// The columns of one object without lists.
pub(crate) fn fill<'d, N: Node<'d>>(plan: &ObjectPlan, object: N, cells: &mut [Option<N>]) {
    object.members(|name, value| {
        let Some(member) = plan.keys.find(name).and_then(|index| plan.members.get(index)) else { return };
        if let Some(cell) = cells.get_mut(member.column) {
            *cell = Some(value);
        }
        let Some(inside) = &member.inside else { return };
        clear(&inside.clears, cells);
        if let Some(object) = &inside.object {
            fill(object, value, cells);
        }
    });
}

fn find_text<'d, N: Node<'d>>(texts: &KeyTable, node: N) -> Option<usize> {
    match node.view() {
        View::Text(text) => texts.find(text),
        other => texts.find(&other.text()?),
    }
}

impl CellTest {
    fn holds<'d, N: Node<'d>>(&self, cells: &[Option<N>]) -> bool {
        let cell = cells.get(self.column).copied().flatten();
        cell.is_some_and(|cell| cell.view().is_text(&self.text)) == self.equal
    }
}

const _: () = assert!(NONE == usize::MAX, "`get` on a slice must find nothing there");
