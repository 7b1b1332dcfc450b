//! Cases with their paths as columns, read from records of every form.

use crate::check::case::looked_up;
use crate::json::node::Node;
use crate::path::VendorPath;
use crate::value::context::Context;
use crate::value::leaf::Leaf;
use crate::value::piece::Piece;

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
