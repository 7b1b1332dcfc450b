//! What a mapping cannot keep, and what it serves at all.

use unified_model::schema::{Kind, ObjectType, Property, ResourceSchema};

use crate::check::OWN_MEMBERS;
use crate::check::case::Cases;
use crate::check::checked::{Body, CheckedMapping, Field, Source};
use crate::file::{Evidence, Mode};
use crate::value::convert::{Converter, Table};
use crate::yaml::Diagnostic;

/// What coverage says of one canonical field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCoverage {
    /// Dotted canonical path: `emails.type`.
    pub field: String,
    /// It can be read.
    pub readable: bool,
    /// It can be written.
    pub writable: bool,
    /// How sure the definition is.
    pub evidence: Evidence,
}

/// Every known loss, in file order.
pub(crate) fn losses(checked: &CheckedMapping) -> Vec<Diagnostic> {
    let mut losses = Vec::new();
    for field in &checked.fields {
        field_losses(&field.name, field, &mut losses);
    }
    losses.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    losses
}

fn field_losses(path: &str, field: &Field, losses: &mut Vec<Diagnostic>) {
    if field.mode == Mode::Read {
        return;
    }
    let mut lose = |message: String| losses.push(field.place.diagnostic(message));
    match &field.body {
        Body::Value(spot) => {
            for converter in &spot.chain {
                if let Converter::Table(table) = converter {
                    table_losses(path, table, &field.property, &mut lose);
                } else if let Converter::Lookup(lookup) = converter {
                    lose(format!("`{path}` is written only where a row of `{}` has it", lookup.table));
                } else if let Converter::Extract(_) = converter {
                    lose(format!("`{path}` is read as a part of the vendor's text and written as the whole"));
                }
            }
            if spot.at.len() > 1 {
                lose(format!("`{path}` is read from {} places and written to the first", spot.at.len()));
            }
            if !spot.absorb.is_empty() {
                lose(format!("`{path}`: {} are written behind it and read back as part of it", spot.absorb.join(", ")));
            }
        }
        Body::Join { parts, split, .. } => match split {
            true => lose(format!("`{path}` is written as {}, split at the first space", parts.join(" and "))),
            false => lose(format!("`{path}` is joined from {} and not written", parts.join(" and "))),
        },
        Body::Items(sources) => {
            for separator in sources.iter().filter_map(|source| source.split.as_ref()) {
                lose(format!("`{path}` cannot hold a text with `{separator}`"));
            }
            items_losses(path, field, sources, losses);
        }
        Body::Members(members) => {
            for member in members {
                field_losses(&format!("{path}.{}", member.name), member, losses);
            }
        }
        Body::Cases(cases) => cases_losses(path, cases, &field.property, &mut lose),
        Body::Constant { .. } | Body::Part(_) | Body::Undecoded | Body::Index | Body::Computed(_) => (),
    }
}

/// Canonical values that no case can write.
fn cases_losses(path: &str, cases: &Cases, property: &Property, lose: &mut impl FnMut(String)) {
    for case in cases.list.iter().filter(|case| !case.read_only) {
        if let Some(first) = cases.list.iter().find(|other| other.value == case.value)
            && !std::ptr::eq(first, case)
        {
            let (line, shown) = (first.place.place.line, shown(&case.value));
            lose(format!("`{path}`: `{shown}` has several cases and is written as the one of line {line}"));
        }
    }
    let Kind::Text { one_of, .. } = &property.kind else { return };
    let written = |value: &String| cases.list.iter().any(|case| case.value == *value && !case.read_only);
    let missing: Vec<&str> = one_of.iter().filter(|value| !written(value)).map(String::as_str).collect();
    if !missing.is_empty() {
        lose(format!("`{path}`: no case writes {}", missing.join(", ")));
    } else if let Some(otherwise) = cases.otherwise.as_ref().filter(|_| one_of.is_empty()) {
        lose(format!("`{path}`: `{}` is what is left and is written only by undoing a flag", shown(otherwise)));
    }
}

/// A scalar as a message shows it.
fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn items_losses(path: &str, field: &Field, sources: &[Source], losses: &mut Vec<Diagnostic>) {
    if sources.iter().all(|source| source.each.is_none()) {
        losses.push(
            field.place.diagnostic(format!("`{path}` has {} places; further items are not written", sources.len())),
        );
    }
    for source in sources {
        for member in &source.members {
            field_losses(&format!("{path}.{}", member.name), member, losses);
        }
        let Some(Field { property: Property { kind: Kind::List(inner), .. }, .. }) = Some(field) else { continue };
        let Kind::Object(object) = &**inner else { continue };
        let (Some(_), true) = (&source.each, sources.len() > 1) else { continue };
        let elsewhere = |name: &str| sources.iter().any(|other| other.set.iter().any(|(own, _)| own == name));
        let here = |name: &str| {
            source.set.iter().any(|(own, _)| own == name) || source.members.iter().any(|member| member.name == name)
        };
        for property in object.properties.iter().filter(|property| elsewhere(&property.name) && !here(&property.name)) {
            losses.push(
                source.place.diagnostic(format!("`{path}` of this source have no place for `{}`", property.name)),
            );
        }
    }
}

fn table_losses(path: &str, table: &Table, property: &Property, lose: &mut impl FnMut(String)) {
    for (index, (vendor, cell)) in table.rows.iter().enumerate() {
        if let Some((first, _)) = table.rows[..index].iter().find(|(_, other)| other == cell) {
            let shown = shown(cell);
            lose(format!(
                "`{path}`: table `{}` reads `{first}` and `{vendor}` as `{shown}` and writes `{first}`",
                table.name
            ));
        }
    }
    let Kind::Text { one_of, .. } = &property.kind else { return };
    let missing: Vec<&str> = one_of
        .iter()
        .filter(|value| !table.rows.iter().any(|(_, cell)| cell == value.as_str()))
        .map(String::as_str)
        .collect();
    if missing.is_empty() && (!one_of.is_empty() || table.write_other.is_empty()) {
        return;
    }
    let what = if one_of.is_empty() { "values without a row".to_owned() } else { missing.join(", ") };
    match table.write_other.as_slice() {
        [] => lose(format!("`{path}`: table `{}` cannot write {what}", table.name)),
        others => lose(format!("`{path}`: table `{}` writes {what} as {}", table.name, others.join(", then "))),
    }
}

/// Every canonical field and what the mapping makes of it.
pub(crate) fn coverage(checked: &CheckedMapping, schema: &ResourceSchema) -> Vec<FieldCoverage> {
    let mut rows = Vec::new();
    for property in &schema.record.properties {
        if OWN_MEMBERS.contains(&property.name.as_str()) {
            continue;
        }
        let field = checked.fields.iter().find(|field| field.name == property.name);
        let mut row = row(&property.name, field);
        let in_union = checked
            .fields
            .iter()
            .any(|other| matches!(&other.body, Body::Value(spot) if spot.union.contains(&property.name)));
        row.writable |= in_union;
        rows.push(row);
        if let Some(field) = field {
            inner_rows(&property.name, property, field, &mut rows);
        }
    }
    rows
}

fn row(path: &str, field: Option<&Field>) -> FieldCoverage {
    let writes = |field: &Field| match &field.body {
        Body::Join { split, .. } => *split,
        Body::Part(_) => false,
        Body::Cases(cases) => cases.list.iter().any(|case| !case.read_only),
        Body::Constant { at, .. } => at.is_some(),
        Body::Value(_) | Body::Items(_) | Body::Members(_) | Body::Index | Body::Computed(_) | Body::Undecoded => true,
    };
    FieldCoverage {
        field: path.to_owned(),
        readable: field.is_some_and(|field| field.mode != Mode::Write),
        writable: field.is_some_and(|field| field.mode != Mode::Read && writes(field)),
        evidence: field.map(|field| field.evidence).unwrap_or_default(),
    }
}

fn inner_rows(path: &str, property: &Property, field: &Field, rows: &mut Vec<FieldCoverage>) {
    let sources = field.body.sources();
    let (object, members): (&ObjectType, Vec<&Field>) =
        if let (Kind::Object(object), Body::Members(members)) = (&property.kind, &field.body) {
            (object, members.iter().collect())
        } else if let (Some(object), Body::Items(sources)) = (property.kind.items(), &field.body) {
            (object, sources.iter().flat_map(|source| &source.members).collect())
        } else {
            return;
        };
    let constants: Vec<&str> =
        sources.iter().flat_map(|source| source.set.iter().map(|(name, _)| name.as_str())).collect();
    for own in &object.properties {
        // Of several places of a list one may only be read.
        let named = members.iter().filter(|member| member.name == own.name);
        let path = format!("{path}.{}", own.name);
        let rows_of: Vec<FieldCoverage> = named.map(|member| row(&path, Some(member))).collect();
        let mut row = rows_of.first().cloned().unwrap_or_else(|| row(&path, None));
        row.readable = rows_of.iter().any(|row| row.readable) && field.mode != Mode::Write;
        row.writable = rows_of.iter().any(|row| row.writable);
        let constant = rows_of.is_empty() && constants.contains(&own.name.as_str());
        let absorbed =
            members.iter().any(|member| matches!(&member.body, Body::Value(spot) if spot.absorb.contains(&own.name)));
        row.readable |= constant;
        row.writable = (row.writable || constant || absorbed) && field.mode != Mode::Read;
        rows.push(row);
    }
}
