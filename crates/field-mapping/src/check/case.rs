//! Values that the vendor spells out over several of its members: the first case whose conditions hold.

use serde_json::Value;

use crate::file::place::FilePlace;
use crate::path::VendorPath;
use crate::value::context::{self, Context};

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
    pub(crate) place: FilePlace,
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

/// A literal as it is compared; `None` for null.
pub(crate) fn literal(value: &Value) -> Option<String> {
    context::text(value)
}

/// What a row of the table has for a key.
pub(crate) fn looked_up(table: &str, key: Option<&str>, take: &VendorPath, context: &Context<'_>) -> Option<String> {
    let row = context.tables.row(table, key?)?;
    take.find(row).and_then(context::text).filter(|text| !text.is_empty())
}

impl Operand {
    /// The values, where it names values.
    pub(crate) fn literals(&self) -> Option<&[Value]> {
        if let Self::Literals(values) = self { Some(values) } else { None }
    }

    /// As a message and a comparison want it, from trees.
    pub(crate) fn text(&self, record: &Value, context: &Context<'_>) -> Option<String> {
        let at = |path: &VendorPath| path.find(record).and_then(context::text).filter(|text| !text.is_empty());
        let (found, or) = match self {
            Self::Literals(values) => return values.first().and_then(literal),
            Self::At { at: path, or } => (at(path), or),
            Self::Lookup { table, by, take, or } => (looked_up(table, at(by).as_deref(), take, context), or),
        };
        found.or_else(|| or.as_ref().and_then(literal))
    }

    /// Whether a value is what is asked for, in trees.
    pub(crate) fn admits(&self, own: Option<&Value>, record: &Value, context: &Context<'_>) -> bool {
        let own = own.and_then(context::text).filter(|text| !text.is_empty());
        match self {
            Self::Literals(values) => values.iter().any(|value| literal(value) == own),
            Self::At { .. } | Self::Lookup { .. } => own.is_some() && own == self.text(record, context),
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
