//! Members and lists while their columns are being numbered, and the plans that they become.

use std::collections::BTreeMap;

use crate::check::checked::List;
use crate::path::{Step, Test};
use crate::read::plan::{CellTest, Goes, Inside, ListPlan, MemberPlan, NONE, ObjectPlan, Selector};
use crate::value::keys::KeyTable;

/// The members of one object while their columns are being numbered.
#[derive(Default)]
pub(crate) struct ObjectBuilder(Vec<(String, MemberBuilder)>);

#[derive(Default)]
pub(crate) struct MemberBuilder {
    pub(crate) column: Option<usize>,
    pub(crate) object: ObjectBuilder,
    pub(crate) list: Option<ListBuilder>,
}

#[derive(Default)]
pub(crate) struct ListBuilder {
    pub(crate) element: ObjectBuilder,
    pub(crate) width: usize,
    pub(crate) whole: Option<usize>,
    pub(crate) selectors: Vec<Selector>,
}

impl ObjectBuilder {
    pub(crate) fn member(&mut self, names: &[String]) -> Option<&mut MemberBuilder> {
        let (name, rest) = names.split_first()?;
        let at = self.0.iter().position(|(own, _)| own == name).unwrap_or_else(|| {
            self.0.push((name.clone(), MemberBuilder::default()));
            self.0.len() - 1
        });
        let member = &mut self.0[at].1;
        if rest.is_empty() { Some(member) } else { member.object.member(rest) }
    }

    pub(crate) fn column(&mut self, names: &[String], next: &mut usize) -> usize {
        match self.member(names) {
            Some(member) => *member.column.get_or_insert_with(|| {
                *next += 1;
                *next - 1
            }),
            None => NONE,
        }
    }

    pub(crate) fn finish(self) -> ObjectPlan {
        let numbered = self
            .0
            .iter()
            .enumerate()
            .map(|(index, (name, _))| (name.as_str(), u16::try_from(index).unwrap_or(u16::MAX)));
        let keys = KeyTable::new(numbered);
        ObjectPlan { keys, members: self.0.into_iter().map(|(_, member)| member.finish()).collect() }
    }
}

impl MemberBuilder {
    pub(crate) fn finish(self) -> MemberPlan {
        let object = (!self.object.0.is_empty()).then(|| self.object.finish());
        let list = self.list.map(ListBuilder::finish);
        let mut clears = Vec::new();
        if let Some(object) = &object {
            filled_by(object, &mut clears);
        }
        for selector in list.iter().flat_map(|list| &list.selectors) {
            if let Goes::Columns(copies) = &selector.goes {
                clears.extend(copies.iter().map(|(_, column)| *column));
            }
        }
        let inside = (object.is_some() || list.is_some()).then(|| Box::new(Inside { object, list, clears }));
        MemberPlan { column: self.column.unwrap_or(NONE), inside }
    }
}

fn filled_by(object: &ObjectPlan, columns: &mut Vec<usize>) {
    for member in &object.members {
        columns.extend(Some(member.column).filter(|column| *column != NONE));
        columns.extend(member.inside.iter().flat_map(|inside| inside.clears.iter().copied()));
    }
}

impl ListBuilder {
    pub(crate) fn element_column(&mut self, names: &[String]) -> usize {
        if names.is_empty() {
            let width = &mut self.width;
            return *self.whole.get_or_insert_with(|| {
                *width += 1;
                *width - 1
            });
        }
        self.element.column(names, &mut self.width)
    }

    pub(crate) fn tests(&mut self, tests: &[Test]) -> Vec<CellTest> {
        let mut cells = Vec::new();
        for test in tests {
            let column = self.element_column(std::slice::from_ref(&test.member));
            cells.push(CellTest { column, equal: test.equal, text: test.value.clone() });
        }
        cells
    }

    /// The rule's elements to pass over, unless the tests ask for one of its members themselves.
    pub(crate) fn skipped(&mut self, tests: &[Test], rules: Option<&List>) -> Vec<CellTest> {
        let skip = rules.map(|rules| rules.skip.as_slice()).unwrap_or_default();
        if skip.iter().any(|(member, _)| tests.iter().any(|test| test.member == *member)) {
            return Vec::new();
        }
        let tests: Vec<Test> = skip
            .iter()
            .map(|(member, value)| Test { member: member.clone(), equal: true, value: value.clone() })
            .collect();
        self.tests(&tests)
    }

    pub(crate) fn finish(self) -> ListPlan {
        let mut uses: BTreeMap<usize, usize> = BTreeMap::new();
        let wanted = |selector: &Selector| {
            selector.tests.iter().filter(|test| test.equal).map(|test| test.column).collect::<Vec<_>>()
        };
        self.selectors.iter().flat_map(wanted).for_each(|column| *uses.entry(column).or_default() += 1);
        let by = uses.into_iter().max_by_key(|(_, count)| *count).map_or(NONE, |(column, _)| column);
        let mut texts: Vec<String> = Vec::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut rest = Vec::new();
        let mut buckets = Vec::new();
        let mut selectors = self.selectors;
        for (index, selector) in selectors.iter_mut().enumerate() {
            if let Goes::Bucket(bucket) = selector.goes {
                buckets.push(bucket);
            }
            let Some(at) = selector.tests.iter().position(|test| test.equal && test.column == by) else {
                rest.push(index);
                continue;
            };
            let text = selector.tests.remove(at).text;
            let group = texts.iter().position(|known| *known == text).unwrap_or_else(|| {
                texts.push(text);
                groups.push(Vec::new());
                texts.len() - 1
            });
            groups[group].push(index);
        }
        let numbered =
            texts.iter().enumerate().map(|(index, text)| (text.as_str(), u16::try_from(index).unwrap_or(u16::MAX)));
        ListPlan {
            texts: KeyTable::new(numbered),
            element: self.element.finish(),
            width: self.width.max(1),
            whole: self.whole.unwrap_or(NONE),
            selectors,
            by,
            groups,
            rest,
            buckets,
        }
    }
}

/// The names of a path's members.
pub(crate) fn names(steps: &[Step]) -> Vec<String> {
    let name = |step: &Step| match step {
        Step::Member(name) => Some(name.clone()),
        Step::Select(_) | Step::Each(_) => None,
    };
    steps.iter().filter_map(name).collect()
}

impl ObjectPlan {
    /// The same with every column so much higher.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        for member in &mut self.members {
            if member.column != NONE {
                member.column += by;
            }
            if let Some(inside) = &mut member.inside {
                inside.clears.iter_mut().for_each(|column| *column += by);
                inside.object = inside.object.take().map(|object| object.shifted(by));
            }
        }
        self
    }
}
