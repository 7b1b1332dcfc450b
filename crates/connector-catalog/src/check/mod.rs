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

use field_mapping::{Diagnostic, MappingSource, yaml};
use unified_model::CanonicalSchema;

use crate::file::ConnectorFile;
use crate::plan::ConnectorDefinition;

pub(crate) use checker::Checker;

/// The mapping files of one connector, layered, by name.
pub(crate) type MappingSources<'s> = BTreeMap<String, Vec<MappingSource<'s>>>;

/// What a connector file is checked against.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'s> {
    /// The service id that the file is named after.
    pub(crate) service: &'s str,
    pub(crate) mappings: &'s MappingSources<'s>,
    pub(crate) schema: &'static CanonicalSchema,
}

/// Compiles one connector; the file's name is as messages show it.
pub(crate) fn connector(file: &str, text: &str, beside: Beside<'_>) -> Result<ConnectorDefinition, Vec<Diagnostic>> {
    let written = parse(file, text)?;
    let mut checker = Checker::new(file, &written.settings);
    let compiled = connector::compile(&written, beside, &mut checker);
    let warnings = checker.take_warnings();
    let mistakes = checker.into_mistakes();
    match compiled {
        Some(definition) if mistakes.is_empty() => Ok(ConnectorDefinition { warnings, ..definition }),
        _ => Err(mistakes),
    }
}

/// Reads the shape. The parser stops at the first mistake of shape: what follows it cannot be trusted.
fn parse(file: &str, text: &str) -> Result<ConnectorFile, Vec<Diagnostic>> {
    serde_saphyr::from_str(text).map_err(|error| vec![yaml::unreadable(file, &error)])
}
