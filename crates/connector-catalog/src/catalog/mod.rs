//! Every connector that this gateway knows: the definitions that it carries, and those of directories laid over them.

mod sources;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use field_mapping::{Diagnostic, Mapping};
use unified_model::{CanonicalSchema, Resource, ServiceId};

use sources::Sources;

use crate::plan::ConnectorDefinition;

/// The definitions of `connectors/` and `mappings/` as they were when this was built: name and text, by name.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// What mistakes in a connection's own field map name as their file.
const FIELD_MAP: &str = "field_map";

/// Every connector that this gateway knows.
#[derive(Debug, Clone)]
pub struct Catalog {
    schema: &'static CanonicalSchema,
    sources: Sources,
    connectors: BTreeMap<ServiceId, Arc<ConnectorDefinition>>,
}

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Definitions with mistakes: every one that was found, a line each.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Definitions(Vec<Diagnostic>),
    /// A directory or file that cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// Which one.
        path: String,
        /// Why.
        message: String,
    },
}

impl Catalog {
    /// The definitions that this build carries (`connectors/` and `mappings/`).
    pub fn built_in() -> Result<Self, CatalogError> {
        Self::from_sources(BUILT_IN)
    }

    /// Definitions from texts, each named as its file would be: `connectors/<service_id>.yaml`,
    /// `mappings/<service_id>/<resource>.yaml`.
    pub fn from_sources(files: &[(&str, &str)]) -> Result<Self, CatalogError> {
        let mut sources = Sources::default();
        let misplaced = sources.add_layer(files.iter().copied(), None);
        let schema = CanonicalSchema::built_in();
        Ok(Self { schema, connectors: sources.compile(schema, &BTreeMap::new(), misplaced)?, sources })
    }

    /// This catalogue with an operator's directory laid over it: `connectors/*.yaml` and `mappings/<service_id>/*.yaml`.
    /// A connector replaces the one of the same service id; a mapping is laid over the mapping of the same resource.
    pub fn with_directory(self, directory: &Path) -> Result<Self, CatalogError> {
        let mut sources = self.sources;
        let misplaced = sources.add_directory(directory)?;
        let connectors = sources.compile(self.schema, &self.connectors, misplaced)?;
        Ok(Self { schema: self.schema, connectors, sources })
    }

    /// What the connectors' resources are held against.
    #[must_use]
    pub fn schema(&self) -> &'static CanonicalSchema {
        self.schema
    }

    /// Every connector, by service id.
    pub fn connectors(&self) -> impl Iterator<Item = &Arc<ConnectorDefinition>> {
        self.connectors.values()
    }

    /// One connector.
    #[must_use]
    pub fn connector(&self, service: &ServiceId) -> Option<&Arc<ConnectorDefinition>> {
        self.connectors.get(service)
    }

    /// Every loss that the mappings are known to have.
    #[must_use]
    pub fn lint(&self) -> Vec<Diagnostic> {
        let entities = self.connectors.values().flat_map(|connector| connector.entities());
        let mut losses: Vec<Diagnostic> = Vec::new();
        for loss in entities.flat_map(|entity| entity.mapping.losses()) {
            // Variants may share a mapping.
            if !losses.contains(loss) {
                losses.push(loss.clone());
            }
        }
        losses
    }

    /// What is sound and yet doubtful in the connector files.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.connectors.values().flat_map(|connector| &connector.warnings)
    }

    /// A connector with a connection's own `field_map` (resource, canonical field: vendor path) laid over its mappings.
    pub fn with_field_map(
        &self,
        service: &ServiceId,
        field_map: &BTreeMap<Resource, BTreeMap<String, String>>,
    ) -> Result<Arc<ConnectorDefinition>, CatalogError> {
        let mistake = |message: String| Diagnostic { file: FIELD_MAP.to_owned(), line: 1, column: 1, message };
        let Some(connector) = self.connectors.get(service) else {
            return Err(CatalogError::Definitions(vec![mistake(format!("there is no connector `{service}`"))]));
        };
        if field_map.values().all(BTreeMap::is_empty) {
            return Ok(Arc::clone(connector));
        }
        let sources = self.sources.mappings_of(service.as_str());
        let mut mapped = ConnectorDefinition::clone(connector);
        let mut mistakes = Vec::new();
        for (&resource, fields) in field_map {
            let Some(variants) = mapped.resources.get_mut(&resource) else {
                mistakes.push(mistake(format!("{service} has no resource `{resource}`")));
                continue;
            };
            // Which variant is served depends on settings that may change later, so each has to take the lines.
            for entity in variants.iter_mut().flat_map(|variant| &mut variant.parts) {
                let sources = sources.get(&entity.mapping_name).map(Vec::as_slice).unwrap_or_default();
                match Mapping::compile(sources, fields, self.schema.resource(resource)) {
                    Ok(mapping) => entity.mapping = Arc::new(mapping),
                    Err(found) => {
                        let found = found.into_iter().map(|mistake| with_its_line(mistake, resource, fields));
                        mistakes.extend(found.filter(|new| !mistakes.contains(new)).collect::<Vec<_>>());
                    }
                }
            }
        }
        if mistakes.is_empty() { Ok(Arc::new(mapped)) } else { Err(CatalogError::Definitions(mistakes)) }
    }
}

/// A mistake in a field map with the line that it is in, since a map has no text that the place could be looked up in.
fn with_its_line(mistake: Diagnostic, resource: Resource, fields: &BTreeMap<String, String>) -> Diagnostic {
    let line =
        usize::try_from(mistake.line).unwrap_or_default().checked_sub(1).and_then(|index| fields.iter().nth(index));
    match line {
        Some((field, path)) if mistake.file == FIELD_MAP => {
            let message = format!("`{resource}.{field}={path}`: {}", mistake.message);
            Diagnostic { message, ..mistake }
        }
        _ => mistake,
    }
}
