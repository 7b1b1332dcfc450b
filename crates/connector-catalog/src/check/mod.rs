//! From a connector file and its mappings to a definition, with every mistake that can be found before the first call.

mod checker;
mod condition;
mod connector;
mod deleted;
mod doubtful;
mod envelope;
mod list;
mod request;
mod resource;
mod scalars;
mod write;

use std::collections::BTreeMap;

use field_mapping::{Diagnostic, MappingSource};

use crate::file::ConnectorFile;
use crate::file::place::Place;
use crate::plan::ConnectorDefinition;

pub(crate) use checker::Checker;

/// The mapping files of one connector, layered, by name.
pub(crate) type MappingSources<'s> = BTreeMap<String, Vec<MappingSource<'s>>>;

/// Compiles one connector; the file's name is as messages show it, the expected service id as the file is named.
pub(crate) fn connector(
    file: &str,
    text: &str,
    service_id: &str,
    mappings: &MappingSources<'_>,
) -> Result<ConnectorDefinition, Vec<Diagnostic>> {
    let written = parse(file, text)?;
    let mut checker = Checker::new(file, &written.settings);
    let compiled = connector::compile(&written, service_id, mappings, &mut checker);
    let warnings = checker.take_warnings();
    let mistakes = checker.into_mistakes();
    match compiled {
        Some(definition) if mistakes.is_empty() => Ok(ConnectorDefinition { warnings, ..definition }),
        _ => Err(mistakes),
    }
}

/// Reads the shape. The parser stops at the first mistake of shape: what follows it cannot be trusted.
fn parse(file: &str, text: &str) -> Result<ConnectorFile, Vec<Diagnostic>> {
    serde_saphyr::from_str(text).map_err(|error| {
        let error = error.without_snippet();
        let place = error.location().map_or(Place::START, |at| Place { line: at.line(), column: at.column() });
        vec![Diagnostic {
            file: file.to_owned(),
            line: place.line.max(1),
            column: place.column.max(1),
            message: bare_message(&error.to_string()),
        }]
    })
}

/// The parser's message without the place, which stands in front of ours.
fn bare_message(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let after_place = line.strip_prefix("line ").and_then(|rest| rest.split_once(": ")).map(|(_, rest)| rest);
    let line = after_place.unwrap_or(line);
    let line = line.rsplit_once(" at line ").map_or(line, |(before, _)| before);
    // The library goes on with advice to programmers.
    line.split_once(", set DuplicateKeyPolicy").map_or(line, |(before, _)| before).to_owned()
}
