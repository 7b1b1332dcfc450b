//! Values that the vendor spells out over several of its members: the first case whose conditions hold.

use serde_json::Value;

use crate::file::diagnostic::Place;
use crate::json::node::Node;
use crate::path::VendorPath;
use crate::value::context::Context;
use crate::value::convert::Piece;
use crate::value::leaf::Leaf;

/// Cases as the mapping says them.
#[derive(Debug)]
pub(crate) struct Cases {
    /// In file order, which decides where several hold.
    pub(crate) list: Vec<Case>,
    /// Where none holds.
    pub(crate) otherwise: Option<Value>,
    /// The text that is read where none holds, and written for a value without a case.
    pub(crate) text: Option<VendorPath>,
    /// Canonical fields that are written instead where they are sent too.
    pub(crate) yields_to: Vec<String>,
}

/// A canonical value and what the vendor's record then holds.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) place: Place,
    pub(crate) value: Value,
    /// A member, and what it must be.
    pub(crate) when: Vec<(VendorPath, Operand)>,
    pub(crate) read_only: bool,
}

/// What a member of the vendor's is compared with, and set to.
#[derive(Debug)]
pub(crate) enum Operand {
    /// Any of these; the first is written. Null stands for a member that is missing, null or an empty text.
    Literals(Vec<Value>),
    /// Another member of the record.
    At { at: VendorPath, or: Option<Value> },
    /// A member of the row of a table.
    Lookup { table: String, by: VendorPath, take: VendorPath, or: Option<Value> },
}

/// Cases with their paths as columns.
#[derive(Debug)]
pub(crate) struct CasesPlan {
    pub(crate) cases: Vec<CasePlan>,
    pub(crate) otherwise: Option<Box<[u8]>>,
    /// The column of the record that is read where none holds.
    pub(crate) text: Option<(usize, Leaf)>,
}

#[derive(Debug)]
pub(crate) struct CasePlan {
    /// Encoded.
    pub(crate) value: Box<[u8]>,
    pub(crate) tests: Vec<CaseTest>,
}

/// A column of the item (or record) and what it must be.
#[derive(Debug)]
pub(crate) struct CaseTest {
    pub(crate) column: usize,
    pub(crate) wanted: Wanted,
}

#[derive(Debug)]
pub(crate) enum Wanted {
    /// `None` stands for nothing.
    Texts(Vec<Option<String>>),
    /// A column of the record.
    At { column: usize, or: Option<String> },
    /// A member of the row whose key is in a column of the record.
    Lookup { table: String, column: usize, take: VendorPath, or: Option<String> },
}

/// A literal as it is compared; `None` for null.
pub(crate) fn literal(value: &Value) -> Option<String> {
    crate::value::context::text(value)
}

/// What a row of the table has for a key.
pub(crate) fn looked_up(table: &str, key: Option<&str>, take: &VendorPath, context: &Context<'_>) -> Option<String> {
    let row = context.tables.row(table, key?)?;
    take.find(row).and_then(crate::value::context::text).filter(|text| !text.is_empty())
}

impl CasesPlan {
    /// The first case that holds, encoded, and whether it is a case at all.
    pub(crate) fn find<'x, 'r, X: Node<'x>, R: Node<'r>>(
        &self,
        cells: &[Option<X>],
        record: &[Option<R>],
        context: &Context<'_>,
    ) -> (Option<&[u8]>, bool) {
        let found = self.cases.iter().find(|case| case.tests.iter().all(|test| test.holds(cells, record, context)));
        match found {
            Some(case) => (Some(&case.value), true),
            None => (self.otherwise.as_deref(), false),
        }
    }
}

impl CaseTest {
    fn holds<'x, 'r, X: Node<'x>, R: Node<'r>>(
        &self,
        cells: &[Option<X>],
        record: &[Option<R>],
        context: &Context<'_>,
    ) -> bool {
        let own = text(cells, self.column);
        let own = own.as_deref();
        match &self.wanted {
            Wanted::Texts(texts) => texts.iter().any(|wanted| wanted.as_deref() == own),
            Wanted::At { column, or } => {
                let wanted = text(record, *column);
                own.is_some() && own == wanted.as_deref().or(or.as_deref())
            }
            Wanted::Lookup { table, column, take, or } => {
                let wanted = looked_up(table, text(record, *column).as_deref(), take, context);
                own.is_some() && own == wanted.as_deref().or(or.as_deref())
            }
        }
    }
}

/// The text of a cell that holds one.
fn text<'x, X: Node<'x>>(cells: &[Option<X>], column: usize) -> Option<String> {
    let view = cells.get(column).copied().flatten()?.view();
    Some(Piece::of(view)?.into_text().into_owned()).filter(|text| !text.is_empty())
}

impl Operand {
    /// As a message and a comparison want it, from trees.
    pub(crate) fn text(&self, record: &Value, context: &Context<'_>) -> Option<String> {
        let at =
            |path: &VendorPath| path.find(record).and_then(crate::value::context::text).filter(|text| !text.is_empty());
        let (found, or) = match self {
            Self::Literals(values) => return values.first().and_then(literal),
            Self::At { at: path, or } => (at(path), or),
            Self::Lookup { table, by, take, or } => (looked_up(table, at(by).as_deref(), take, context), or),
        };
        found.or_else(|| or.as_ref().and_then(literal))
    }

    /// Whether a value is what is asked for, in trees.
    pub(crate) fn admits(&self, own: Option<&Value>, record: &Value, context: &Context<'_>) -> bool {
        let own = own.and_then(crate::value::context::text).filter(|text| !text.is_empty());
        match self {
            Self::Literals(values) => values.iter().any(|value| literal(value) == own),
            _ => own.is_some() && own == self.text(record, context),
        }
    }
}

impl Cases {
    /// What a record, or an element of one, reads as.
    pub(crate) fn read<'v>(&'v self, element: &'v Value, record: &Value, context: &Context<'_>) -> Option<&'v Value> {
        let holds = |case: &&Case| case.holds(element, record, context);
        let text = || self.text.as_ref()?.find(element).filter(|own| own.as_str().is_some_and(|text| !text.is_empty()));
        self.list.iter().find(holds).map(|case| &case.value).or(self.otherwise.as_ref()).or_else(text)
    }
}

impl Case {
    pub(crate) fn holds(&self, element: &Value, record: &Value, context: &Context<'_>) -> bool {
        self.when.iter().all(|(path, operand)| operand.admits(path.find(element), record, context))
    }
}
