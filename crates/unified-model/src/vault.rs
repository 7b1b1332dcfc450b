//! The Vault API's requests: `spec/vault.yaml` compiled once, and every query and body held against it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::compile::Compiler;
use crate::document::Node;
use crate::findings::{Findings, shortened};
use crate::moment;
use crate::query::Query;
use crate::request::{RequestError, body};
use crate::schema::{Format, Kind, ObjectType, SchemaError};
use crate::suggest::{did_you_mean, listed};
use crate::vocabulary::Operation;

/// The `OpenAPI` document of the Vault API, as text (YAML).
pub const VAULT_DOCUMENT: &str = include_str!("../../../spec/vault.yaml");

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

/// The parameters of a query that are there: `limit`, `filter[consumer_id]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryValues(BTreeMap<String, String>);

impl QueryValues {
    /// A parameter, by its name as it is written, brackets included.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
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
        let root = Node::parse(document)?;
        let compiler = Compiler { root: &root };
        let mut operations = Vec::new();
        for (path, item) in root.get("paths").map(Node::members).unwrap_or_default() {
            let shared = item.get("parameters").map(Node::items).unwrap_or_default();
            for (method, node) in item.members().iter().filter(|(name, _)| name != "parameters") {
                let id = node.get("operationId").and_then(Node::text).unwrap_or_default().to_owned();
                let own = node.get("parameters").map(Node::items).unwrap_or_default();
                let parameters = shared.iter().chain(own);
                let query: Vec<Option<Parameter>> =
                    parameters.map(|parameter| self::parameter(&compiler, parameter, &id)).collect::<Result<_, _>>()?;
                let body = node.get("requestBody").map(|node| self::body_of(&compiler, node, &id)).transpose()?;
                operations.push(VaultOperation {
                    id,
                    method: method.to_ascii_uppercase(),
                    path: path.clone(),
                    query: query.into_iter().flatten().collect(),
                    body,
                });
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
            if let Kind::Object(members) = &parameter.kind {
                for (member, text) in query.members(&parameter.name, &mut findings) {
                    let at = format!("{}[{}]", parameter.name, shortened(member));
                    let Some(property) = members.property(member) else {
                        let known = || members.properties.iter().map(|property| property.name.as_str());
                        let hint = did_you_mean(member, known());
                        findings.violation(at, format!("is not known{hint}; there are {}", listed(known())));
                        continue;
                    };
                    match check(&property.kind, text) {
                        Ok(()) if text.is_empty() => {}
                        Ok(()) => drop(values.insert(format!("{}[{member}]", parameter.name), text.to_owned())),
                        Err(message) => findings.violation(at, message),
                    }
                }
                continue;
            }
            match query.scalar(&parameter.name, &mut findings) {
                Some(text) => match check(&parameter.kind, text) {
                    Ok(()) => drop(values.insert(parameter.name.clone(), text.to_owned())),
                    Err(message) => findings.violation(&parameter.name, message),
                },
                None if parameter.required => findings.violation(&parameter.name, "is required; send it in the query"),
                None => {}
            }
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
        let checked = body(Some(bytes), &schema.of, Operation::Add, &mut findings);
        checked.map(|checked| checked.body).ok_or(RequestError::Invalid(findings.violations))
    }
}

/// What a text in a query must be.
fn check(kind: &Kind, text: &str) -> Result<(), String> {
    let found = shortened(text);
    match kind {
        Kind::Text { one_of, .. } if !one_of.is_empty() && !one_of.iter().any(|known| known == text) => {
            Err(format!("must be one of {}; found `{found}`", listed(one_of.iter().map(String::as_str))))
        }
        Kind::Text { format: Some(Format::DateTime), .. } if moment::instant(text).is_none() => {
            Err(format!("must be a date and time with zone, such as 2020-09-30T07:43:32Z; found `{found}`"))
        }
        Kind::Text { max_length: Some(most), .. } if text.chars().count() > *most => {
            Err(format!("must have at most {most} characters"))
        }
        Kind::Integer { minimum, maximum } => {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse::<i64>().ok().filter(|_| digits);
            let within = number.is_some_and(|number| {
                minimum.is_none_or(|least| number >= least) && maximum.is_none_or(|most| number <= most)
            });
            let bounds = match (minimum, maximum) {
                (Some(least), Some(most)) => format!(" from {least} to {most}"),
                _ => String::new(),
            };
            if within { Ok(()) } else { Err(format!("must be a whole number{bounds}; found `{found}`")) }
        }
        Kind::Boolean if text != "true" && text != "false" => Err(format!("must be true or false; found `{found}`")),
        Kind::Text { .. }
        | Kind::Number
        | Kind::Boolean
        | Kind::Object(_)
        | Kind::FreeObject
        | Kind::List(_)
        | Kind::Any => Ok(()),
    }
}

/// A parameter of the query; `None` for those of the path and of headers.
fn parameter(compiler: &Compiler<'_>, node: &Node, at: &str) -> Result<Option<Parameter>, SchemaError> {
    let refuse = |message: &str| SchemaError(format!("{at}: {message}"));
    let reference = node.get("$ref").ok_or_else(|| refuse("a parameter must be a $ref"))?;
    let (_, node) = compiler.follow(reference, "parameters", at)?;
    if node.get("in").and_then(Node::text) != Some("query") {
        return Ok(None);
    }
    let name = node.get("name").and_then(Node::text).ok_or_else(|| refuse("a parameter needs a name"))?;
    let schema = node.get("schema").ok_or_else(|| refuse("a parameter needs a schema"))?;
    let kind = compiler.value(schema, name, &format!("{at}.{name}"), 0)?.kind;
    let required = node.get("required") == Some(&Node::Bool(true));
    Ok(Some(Parameter { name: name.to_owned(), kind, required }))
}

fn body_of(compiler: &Compiler<'_>, node: &Node, at: &str) -> Result<Body, SchemaError> {
    let refuse = || SchemaError(format!("{at}: a body must be application/json with a $ref to an object"));
    let content = node.get("content").and_then(|content| content.get("application/json"));
    let reference = content.and_then(|content| content.get("schema")?.get("$ref")).ok_or_else(refuse)?;
    let (name, schema) = compiler.follow(reference, "schemas", at)?;
    let of = compiler.object(schema, name, &format!("components.schemas.{name}"), 0)?;
    Ok(Body { of, required: node.get("required") == Some(&Node::Bool(true)) })
}
