//! The files that a catalogue is compiled from: layers of connectors and mappings, each over the last.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use field_mapping::{Diagnostic, MappingSource};
use unified_model::{CanonicalSchema, ServiceId};

use crate::catalog::CatalogError;
use crate::check::{self, Beside, MappingSources};
use crate::plan::ConnectorDefinition;
use field_mapping::yaml::Place;

/// One file.
#[derive(Debug, Clone)]
struct Source {
    /// Its name as messages show it.
    file: String,
    text: String,
    /// The layer that it came with.
    layer: usize,
}

/// Every file of a catalogue, by what it defines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    layers: usize,
    /// By service id; a later layer replaces.
    connectors: BTreeMap<String, Source>,
    /// By service id and name; a later layer is laid over the earlier ones.
    mappings: BTreeMap<(String, String), Vec<Source>>,
}

impl Sources {
    /// Adds files as one layer. A file's place under `connectors/` or `mappings/` says what it defines.
    pub(crate) fn add_layer<'f>(
        &mut self,
        files: impl IntoIterator<Item = (&'f str, &'f str)>,
        shown_under: Option<&Path>,
    ) -> Vec<Diagnostic> {
        let layer = self.layers;
        self.layers += 1;
        let mut misplaced = Vec::new();
        for (name, text) in files {
            let file = shown_under.map_or_else(|| name.to_owned(), |root| root.join(name).display().to_string());
            let source = Source { file, text: text.to_owned(), layer };
            let parts: Vec<&str> = name.split('/').collect();
            match (parts.as_slice(), name.strip_suffix(".yaml").and_then(|path| path.rsplit('/').next())) {
                (["connectors", _], Some(service)) => {
                    self.connectors.insert(service.to_owned(), source);
                }
                (["mappings", service, _], Some(resource)) => {
                    self.mappings.entry(((*service).to_owned(), resource.to_owned())).or_default().push(source);
                }
                _ => misplaced.push(source.diagnostic(
                    "is not read; definitions are connectors/<service_id>.yaml and mappings/<service_id>/<resource>.yaml",
                )),
            }
        }
        misplaced
    }

    /// Adds an operator's directory as one layer.
    pub(crate) fn add_directory(&mut self, directory: &Path) -> Result<Vec<Diagnostic>, CatalogError> {
        let mut files = Vec::new();
        let connectors = directory.join("connectors");
        let mappings = directory.join("mappings");
        if !connectors.is_dir() && !mappings.is_dir() {
            let message = "it holds neither connectors/ nor mappings/".to_owned();
            return Err(CatalogError::Unreadable { path: directory.display().to_string(), message });
        }
        read_files(&connectors, "connectors", &mut files)?;
        for service in entries(&mappings)?.into_iter().filter(|path| path.is_dir()) {
            let name = file_name(&service);
            read_files(&service, &format!("mappings/{name}"), &mut files)?;
        }
        let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Ok(self.add_layer(files, Some(directory)))
    }

    /// Compiles everything, with every mistake found in any file. What the newest layer leaves alone is as it was before.
    pub(crate) fn compile(
        &self,
        schema: &'static CanonicalSchema,
        before: &BTreeMap<ServiceId, Arc<ConnectorDefinition>>,
        mut mistakes: Vec<Diagnostic>,
    ) -> Result<BTreeMap<ServiceId, Arc<ConnectorDefinition>>, CatalogError> {
        let mut compiled = BTreeMap::new();
        for (service, source) in &self.connectors {
            let as_before = before.values().find(|definition| definition.service_id.as_str() == service);
            if let Some(definition) = as_before.filter(|_| !self.is_in_newest_layer(service)) {
                compiled.insert(definition.service_id.clone(), Arc::clone(definition));
                continue;
            }
            match check::connector(
                &source.file,
                &source.text,
                Beside { service, mappings: &self.mappings_of(service), schema },
            ) {
                Ok(definition) => {
                    mistakes.extend(self.orphans(service, source.layer, &definition));
                    compiled.insert(definition.service_id.clone(), Arc::new(definition));
                }
                Err(found) => mistakes.extend(found),
            }
        }
        mistakes.extend(self.without_connector());
        if mistakes.is_empty() { Ok(compiled) } else { Err(CatalogError::Definitions(mistakes)) }
    }

    /// Whether a file of the newest layer says something of a connector.
    fn is_in_newest_layer(&self, service: &str) -> bool {
        let is_newest = |source: &Source| source.layer + 1 == self.layers;
        let mappings = self.mappings.iter().filter(|((of, _), _)| of == service);
        self.connectors.get(service).is_some_and(is_newest) || mappings.flat_map(|(_, layers)| layers).any(is_newest)
    }

    /// The mapping files of one connector.
    pub(crate) fn mappings_of(&self, service: &str) -> MappingSources<'_> {
        self.mappings
            .iter()
            .filter(|((of, _), _)| of == service)
            .map(|((_, name), layers)| {
                let sources = layers.iter().map(|source| MappingSource { file: &source.file, text: &source.text });
                (name.clone(), sources.collect())
            })
            .collect()
    }

    /// Mapping files that no resource of their connector uses. One of an earlier layer than the connector's is no mistake:
    /// an operator may replace a connector with one that offers less.
    fn orphans(&self, service: &str, layer: usize, definition: &ConnectorDefinition) -> Vec<Diagnostic> {
        let unused = self.mappings.iter().filter(|((of, resource), _)| {
            of == service && !definition.entities().any(|entity| entity.mapping_name == *resource)
        });
        unused
            .flat_map(|((_, resource), layers)| layers.iter().map(move |source| (resource, source)))
            .filter(|(_, source)| source.layer >= layer)
            .map(|(resource, source)| {
                source.diagnostic(&format!(
                    "connectors/{service}.yaml has no resource with the mapping `{resource}`, which this file is"
                ))
            })
            .collect()
    }

    fn without_connector(&self) -> impl Iterator<Item = Diagnostic> {
        let orphans = self.mappings.iter().filter(|((service, _), _)| !self.connectors.contains_key(service));
        orphans.flat_map(|((service, _), layers)| {
            let message = format!("there is no connectors/{service}.yaml, which this file belongs to");
            layers.iter().map(move |source| source.diagnostic(&message))
        })
    }
}

impl Source {
    fn diagnostic(&self, message: &str) -> Diagnostic {
        Place::START.diagnostic(&self.file, message)
    }
}

fn read_files(directory: &Path, named: &str, files: &mut Vec<(String, String)>) -> Result<(), CatalogError> {
    let is_definition = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("yaml" | "yml")) && !path.is_dir()
    };
    for path in entries(directory)?.into_iter().filter(is_definition) {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        files.push((format!("{named}/{}", file_name(&path)), text));
    }
    Ok(())
}

/// What a directory holds, by name; nothing where it does not exist.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, CatalogError> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let listed = fs::read_dir(directory).map_err(|error| unreadable(directory, &error))?;
    let mut paths = listed
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unreadable(directory, &error))?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn unreadable(path: &Path, error: &std::io::Error) -> CatalogError {
    CatalogError::Unreadable { path: path.display().to_string(), message: error.to_string() }
}
