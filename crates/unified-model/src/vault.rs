//! The Vault API's requests: `spec/vault.yaml` compiled once, and every query and body held against it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::request::findings::{Findings, shortened};
use crate::request::parameters::{scalar, spelt};
use crate::request::query::{Query, is_absent, single};
use crate::request::suggest::{did_you_mean, listed};
use crate::request::{RequestError, body};
use crate::schema::compile::{self, Compiler, read, refuse};
use crate::schema::document::Node;
pub use crate::schema::document::VAULT_DOCUMENT;
use crate::schema::{Kind, ObjectType, SchemaError};
use crate::vocabulary::Operation;

/// Every operation of the Vault API.
#[derive(Debug)]
pub struct VaultSchema {
    operations: Vec<VaultOperation>,
}

/// One operation: what its query and its body may say.
#[derive(Debug)]
pub struct VaultOperation {
    /// Its id in the document.
    pub id: String,
    /// Its method, in capitals.
    pub method: String,
    /// Its path, with `{names}`.
    pub path: String,
    query: Vec<Parameter>,
    body: Option<Body>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    kind: Kind,
    required: bool,
}

#[derive(Debug)]
struct Body {
    of: ObjectType,
    required: bool,
}

/// The parameters of a query that are there, as their types spell them: `limit`, `filter[consumer_id]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryValues(BTreeMap<String, Vec<String>>);

impl QueryValues {
    /// A parameter, by its name as it is written, brackets included.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.every(name).first().map(String::as_str)
    }

    /// All values of a parameter that may be repeated, such as `filter[status_codes]`.
    #[must_use]
    pub fn every(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

impl VaultSchema {
    /// The schema of the document that this build carries.
    ///
    /// # Panics
    /// Never in a released build: a test compiles the document.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static SCHEMA: LazyLock<VaultSchema> =
            LazyLock::new(|| VaultSchema::compile(VAULT_DOCUMENT).expect("spec/vault.yaml compiles; a test holds it"));
        &SCHEMA
    }

    /// Compiles a document.
    ///
    /// # Errors
    /// [`SchemaError`] when it says something that would not be checked.
    pub fn compile(document: &str) -> Result<Self, SchemaError> {
        let root = read(document)?;
        let compiler = Compiler { root: &root };
        let mut operations: Vec<VaultOperation> = Vec::new();
        for (path, item) in root.get("paths").map(Node::members).unwrap_or_default() {
            let shared = item.get("parameters").map(Node::items).unwrap_or_default();
            for (method, node) in item.members().iter().filter(|(name, _)| name != "parameters") {
                let operation = VaultOperation::compile(&compiler, path, method, shared, node)?;
                if operations.iter().any(|known| known.id == operation.id) {
                    return refuse(path, format!("operationId {} stands twice", operation.id));
                }
                operations.push(operation);
            }
        }
        Ok(Self { operations })
    }

    /// Every operation, in the document's order.
    #[must_use]
    pub fn operations(&self) -> &[VaultOperation] {
        &self.operations
    }

    /// One operation.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&VaultOperation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

impl VaultOperation {
    /// Whether a body may be sent.
    #[must_use]
    pub fn takes_body(&self) -> bool {
        self.body.is_some()
    }

    /// Holds a query against the operation's parameters. Parameters that it does not have are not looked at; empty ones and
    /// `null`, which SDKs send for what is not set, are none.
    ///
    /// # Errors
    /// Every violation found.
    pub fn check_query(&self, query: &str) -> Result<QueryValues, RequestError> {
        let mut findings = Findings::default();
        let query = Query::parse(query, &mut findings);
        let mut values = BTreeMap::new();
        for parameter in &self.query {
            parameter.take(&query, &mut values, &mut findings);
        }
        if findings.violations.is_empty() {
            Ok(QueryValues(values))
        } else {
            Err(RequestError::Invalid(findings.violations))
        }
    }

    /// Holds a body against the operation's schema. What is read-only is left out.
    ///
    /// # Errors
    /// Every violation found.
    pub fn check_body(&self, bytes: &[u8]) -> Result<Map<String, Value>, RequestError> {
        let Some(schema) = &self.body else { return Ok(Map::new()) };
        if !schema.required && bytes.trim_ascii().is_empty() {
            return Ok(Map::new());
        }
        let mut findings = Findings::default();
        // As on an `add`, whatever the method: PATCH bodies require nothing that a change could leave out.
        let checked = body(Some(bytes), &schema.of, Operation::Add, &mut findings);
        checked.map(|checked| checked.body).ok_or(RequestError::Invalid(findings.violations))
    }

    fn compile(
        compiler: &Compiler<'_>,
        path: &str,
        method: &str,
        shared: &[Node],
        node: &Node,
    ) -> compile::Result<Self> {
        if !["get", "post", "patch", "delete"].contains(&method) {
            return refuse(path, format!("`{method}` is not understood"));
        }
        let Some(id) = node.get("operationId").and_then(Node::text) else {
            return refuse(path, format!("{method} needs an operationId"));
        };
        let own = node.get("parameters").map(Node::items).unwrap_or_default();
        let query = shared.iter().chain(own).filter_map(|node| Parameter::compile(compiler, node, id).transpose());
        Ok(Self {
            id: id.to_owned(),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            query: query.collect::<Result<_, _>>()?,
            body: node.get("requestBody").map(|node| Body::compile(compiler, node, id)).transpose()?,
        })
    }
}

impl Parameter {
    /// A parameter of the query; `None` for those of the path and of headers.
    fn compile(compiler: &Compiler<'_>, node: &Node, at: &str) -> compile::Result<Option<Self>> {
        let Some(reference) = node.get("$ref") else { return refuse(at, "a parameter must be a $ref") };
        let (_, node) = compiler.follow(reference, "parameters", at)?;
        if node.get("in").and_then(Node::text) != Some("query") {
            return Ok(None);
        }
        let (Some(name), Some(schema)) = (node.get("name").and_then(Node::text), node.get("schema")) else {
            return refuse(at, "a parameter needs a name and a schema");
        };
        let at = format!("{at}.{name}");
        let kind = compiler.value(schema, name, &at, 0)?.kind;
        check_kind(&kind, &at)?;
        let required = node.get("required") == Some(&Node::Bool(true));
        Ok(Some(Self { name: name.to_owned(), kind, required }))
    }

    fn take(&self, query: &Query, values: &mut BTreeMap<String, Vec<String>>, findings: &mut Findings) {
        if let Kind::Object(of) = &self.kind {
            self.take_members(of, query, values, findings);
            return;
        }
        let before = findings.violations.len();
        match scalar(query, &self.name, &self.kind, findings) {
            Some(value) => drop(values.insert(self.name.clone(), vec![value])),
            None if self.required && findings.violations.len() == before => {
                findings.violation(&self.name, "is required; send it in the query");
            }
            None => {}
        }
    }

    fn take_members(
        &self,
        of: &ObjectType,
        query: &Query,
        values: &mut BTreeMap<String, Vec<String>>,
        findings: &mut Findings,
    ) {
        for (member, texts) in query.repeated(&self.name, findings) {
            let at = format!("{}[{}]", self.name, shortened(member));
            let Some(property) = of.property(member) else {
                let known = || of.properties.iter().map(|property| property.name.as_str());
                let hint = did_you_mean(member, known());
                findings.violation(at, format!("is not known{hint}; there are {}", listed(known())));
                continue;
            };
            let (kind, texts) = match &property.kind {
                Kind::List(kind) => (kind.as_ref(), texts),
                kind => (kind, single(texts.into_iter(), &at, findings).into_iter().collect()),
            };
            for text in texts.into_iter().filter(|text| !is_absent(text)) {
                match spelt(kind, text) {
                    Ok(value) => values.entry(format!("{}[{member}]", self.name)).or_default().push(value),
                    Err(message) => findings.violation(&at, message),
                }
            }
        }
    }
}

impl Body {
    fn compile(compiler: &Compiler<'_>, node: &Node, at: &str) -> compile::Result<Self> {
        let content = node.get("content").and_then(|content| content.get("application/json"));
        let Some(reference) = content.and_then(|content| content.get("schema")?.get("$ref")) else {
            return refuse(at, "a body must be application/json with a $ref to an object");
        };
        let (name, schema) = compiler.follow(reference, "schemas", at)?;
        let of = compiler.object(schema, name, &format!("components.schemas.{name}"), 0)?;
        Ok(Self { of, required: node.get("required") == Some(&Node::Bool(true)) })
    }
}

/// A query holds texts: one, or in brackets the members of an object, of which those that are lists are repeated.
fn check_kind(kind: &Kind, at: &str) -> compile::Result<()> {
    let is_text = |kind: &Kind| match kind {
        Kind::Text { .. } | Kind::Integer { .. } | Kind::Number | Kind::Boolean => true,
        Kind::Object(_) | Kind::FreeObject | Kind::List(_) | Kind::Any => false,
    };
    let fits = match kind {
        Kind::Object(of) => {
            let mut kinds = of.properties.iter().map(|property| &property.kind);
            !of.open && kinds.all(|kind| is_text(if let Kind::List(item) = kind { item } else { kind }))
        }
        kind => is_text(kind),
    };
    if fits { Ok(()) } else { refuse(at, "a query cannot hold this") }
}
