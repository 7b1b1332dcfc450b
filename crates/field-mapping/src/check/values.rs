//! What a vendor calls a canonical value, as far as a table of the mapping says so.

use serde_json::Value;

use crate::check::checked::{Body, CheckedMapping};
use crate::value::convert::Table;

/// The vendor's values that are read as one canonical value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VendorValues {
    /// This one alone.
    One(String),
    /// Several, or values that no row names.
    Several,
    /// None: no record shows the canonical value.
    None,
}

/// The vendor's values for a value of a canonical field; capitals are passed over. `None`: no table says so.
pub(crate) fn of(checked: &CheckedMapping, field: &str, value: &str) -> Option<VendorValues> {
    let table = table_of(checked, field)?;
    let is_it = |cell: &Value| cell.as_str().is_some_and(|own| own.eq_ignore_ascii_case(value));
    let mut named = table.rows.iter().filter(|(_, cell)| is_it(cell)).map(|(vendor, _)| vendor);
    let others = [&table.read_other, &table.read_missing].into_iter().flatten().any(is_it);
    Some(match (named.next(), named.next()) {
        _ if others => VendorValues::Several,
        (Some(only), None) => VendorValues::One(only.clone()),
        (Some(_), Some(_)) => VendorValues::Several,
        (None, _) => VendorValues::None,
    })
}

/// The table that a field is read through.
pub(crate) fn table_of<'d>(checked: &'d CheckedMapping, field: &str) -> Option<&'d Table> {
    let field = checked.fields.iter().find(|own| own.name == field)?;
    let [converter] = field.body.spot()?.chain.as_slice() else { return None };
    converter.table()
}

/// The value that a field has by nature, whatever the record.
pub(crate) fn constant<'d>(checked: &'d CheckedMapping, field: &str) -> Option<&'d Value> {
    let field = checked.fields.iter().find(|own| own.name == field)?;
    if let Body::Constant { value, .. } = &field.body { Some(value) } else { None }
}
