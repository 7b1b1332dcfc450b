//! The tenant's rows, the links between them, and what becomes of both when a row goes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::schema::{self, CUSTOM_VALUES, LinkKind, Navigation, Relation, Rows, SETS, Set};
use super::views;
use crate::avid::query;
use crate::avid::seed;
use crate::clock::{Clock, date_and_time};
use crate::table::{Record, Table, text};

/// One tenant of the vendor.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    tables: BTreeMap<&'static str, Table>,
    /// In the order of their making.
    links: Vec<Link>,
    pub(super) clock: Clock,
    /// Whether rows have entity tags. The guide shows none.
    pub(super) has_tags: bool,
}

/// That two rows belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) kind: LinkKind,
    pub(super) left: String,
    pub(super) right: String,
}

impl Account {
    pub(crate) fn seeded(start: Clock) -> Self {
        let tables = SETS.iter().map(|set| (set.name, Table::default())).collect();
        let mut account = Self { tables, links: Vec::new(), clock: start, has_tags: false };
        seed::fill(&mut account);
        account
    }

    pub(crate) fn tag_rows(&mut self, tagged: bool) {
        self.has_tags = tagged;
    }

    pub(super) fn insert(&mut self, set: &str, row: Record) {
        if let Some(table) = self.tables.get_mut(set) {
            let id = text(&row, "Id").to_owned();
            table.insert(&id, row);
        }
    }

    /// Every row of a set.
    pub(super) fn rows(&self, set: &'static Set) -> query::Rows<'_> {
        let Some(table) = self.tables.get(source(set)) else { return Vec::new() };
        table.records().map(|row| (set, self.shown(set, row))).collect()
    }

    pub(super) fn row(&self, set: &Set, id: &str) -> Option<Cow<'_, Record>> {
        Some(self.shown(set, self.tables.get(source(set))?.get(id)?))
    }

    pub(super) fn has(&self, set: &str, id: &str) -> bool {
        self.tables.get(set).is_some_and(|table| table.contains(id))
    }

    /// The rows that a navigation leads to.
    pub(super) fn related(&self, row: &Record, navigation: &Navigation) -> query::Rows<'_> {
        let Some(target) = schema::set(navigation.target) else { return Vec::new() };
        let id = text(row, "Id");
        let at = |id: &str| self.row(target, id).map(|row| (target, row));
        match navigation.relation {
            Relation::FromLeft(kind) => {
                self.links_of(kind).filter(|link| link.left == id).filter_map(|link| at(&link.right)).collect()
            }
            Relation::FromRight(kind) => {
                self.links_of(kind).filter(|link| link.right == id).filter_map(|link| at(&link.left)).collect()
            }
            Relation::Owns => self.owned(target, id).collect(),
            Relation::OwnsCustomValues => {
                CUSTOM_VALUES.iter().filter_map(|name| schema::set(name)).flat_map(|set| self.owned(set, id)).collect()
            }
            Relation::OwnedBy => at(text(row, "EntityId")).into_iter().collect(),
        }
    }

    /// Changes the row if it is there.
    pub(super) fn change(&mut self, set: &Set, id: &str, edit: impl FnOnce(&mut Record)) {
        if let Some(row) = self.tables.get_mut(set.name).and_then(|table| table.get_mut(id)) {
            edit(row);
        }
    }

    pub(super) fn link(&mut self, link: Link) {
        if !self.links.contains(&link) {
            self.links.push(link);
        }
    }

    /// Whether there was such a link.
    pub(super) fn unlink(&mut self, link: &Link) -> bool {
        let before = self.links.len();
        self.links.retain(|known| known != link);
        self.links.len() < before
    }

    /// Removes the row, what it owns, and what points to it. Whether it was there.
    pub(super) fn remove(&mut self, set: &Set, id: &str) -> bool {
        if self.tables.get_mut(set.name).and_then(|table| table.remove(id)).is_none() {
            return false;
        }
        self.links.retain(|link| link.left != id && link.right != id);
        for table in self.tables.values_mut() {
            table.unlink("MainCompanyId", id);
            table.unlink("PrimaryContactId", id);
            table.remove_where("EntityId", id);
        }
        true
    }

    /// The present, one second after the last write.
    pub(super) fn tick(&mut self) -> String {
        date_and_time(self.clock.tick())
    }

    /// The links that count: a company's only where the other row names it as its main company too.
    fn links_of(&self, kind: LinkKind) -> impl Iterator<Item = &Link> {
        let names_it = move |link: &Link| {
            let set = if kind == LinkKind::ContactCompany { "Contacts" } else { "Opportunities" };
            let row = self.tables.get(set).and_then(|table| table.get(&link.left));
            row.is_some_and(|row| text(row, "MainCompanyId") == link.right)
        };
        let links = self.links.iter().filter(move |link| link.kind == kind);
        links.filter(move |link| !kind.needs_main_company() || names_it(link))
    }

    fn owned<'a>(&'a self, set: &'static Set, id: &str) -> impl Iterator<Item = (&'static Set, Cow<'a, Record>)> {
        let rows = self.tables.get(set.name).into_iter().flat_map(Table::records);
        rows.filter(move |row| text(row, "EntityId") == id).map(move |row| (set, Cow::Borrowed(row)))
    }

    fn shown<'a>(&'a self, set: &Set, row: &'a Record) -> Cow<'a, Record> {
        match set.rows {
            Rows::Written | Rows::ReadOnly => Cow::Borrowed(row),
            Rows::ViewOf(_) => Cow::Owned(views::of(self, row)),
        }
    }

    pub(super) fn table(&self, set: &str) -> Option<&Table> {
        self.tables.get(set)
    }
}

fn source(set: &Set) -> &'static str {
    match set.rows {
        Rows::Written | Rows::ReadOnly => set.name,
        Rows::ViewOf(source) => source,
    }
}
