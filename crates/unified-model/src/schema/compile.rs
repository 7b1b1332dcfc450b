//! From the `OpenAPI` document to the canonical schema: references are resolved, and what is not understood is refused.

use crate::schema::document::Node;
use crate::schema::{Access, CanonicalSchema, Format, Kind, ObjectType, Property, ResourceSchema, SchemaError};
use crate::vocabulary::{Operation, Resource, UnifiedApi};

/// What a schema may say. A key that is not listed would be a rule that nobody checks.
const KNOWN_KEYS: &[&str] = &[
    "$ref",
    "type",
    "format",
    "enum",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "pattern",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "anyOf",
    "readOnly",
    "writeOnly",
    "deprecated",
    "description",
    "default",
];

/// The one pattern of the model: an instant in UTC with milliseconds. It says no more than `format: date-time` does.
const INSTANT_PATTERN: &str = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$";

/// Deep enough for every record, and the end of a document whose references turn in a circle.
const MAX_DEPTH: usize = 16;

pub(crate) type Result<T> = std::result::Result<T, SchemaError>;

pub(crate) fn refuse<T>(at: &str, message: impl std::fmt::Display) -> Result<T> {
    Err(SchemaError(format!("{at}: {message}")))
}

/// Reads a document of a version that is understood.
pub(crate) fn read(document: &str) -> Result<Node> {
    let root = Node::parse(document)?;
    let Some(version) = root.get("openapi").and_then(Node::text) else {
        return refuse("openapi", "the version of OpenAPI is missing");
    };
    if !version.starts_with("3.1.") {
        return refuse("openapi", format!("expected version 3.1, found {version}"));
    }
    Ok(root)
}

/// Compiles the document of a unified API.
pub(crate) fn compile(api: UnifiedApi, document: &str) -> Result<Vec<ResourceSchema>> {
    let root = read(document)?;
    let compiler = Compiler { root: &root };
    api.resources().map(|resource| compiler.resource(resource)).collect()
}

/// The id of an operation, in camel case: `customObjectSchemasAll`.
#[must_use]
pub fn operation_id(resource: Resource, operation: Operation) -> String {
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    };
    let mut words = resource.as_str().split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.chain([operation.as_str()]).fold(first, |name, word| name + &capitalised(word))
}

/// The type of a value, and whether it may be null.
pub(crate) struct Typed {
    pub(crate) kind: Kind,
    nullable: bool,
    access: Access,
}

pub(crate) struct Compiler<'a> {
    pub(crate) root: &'a Node,
}

impl<'a> Compiler<'a> {
    fn resource(&self, resource: Resource) -> Result<ResourceSchema> {
        let name = resource.schema_name();
        let at = format!("components.schemas.{name}");
        let Some(node) = self.component("schemas", name) else { return refuse(&at, "the schema is missing") };
        let record = self.object(node, name, &at, 0)?;
        if record.properties.first().is_none_or(|property| property.name != "id") {
            return refuse(&at, "`id` must be the first member");
        }
        let parameters = self.list_parameters(resource)?;
        let filters = match self.query_schema(&parameters, "filter")? {
            Some((node, at)) => self.filters(node, &at)?,
            None => ObjectType {
                name: format!("{name}Filter"),
                properties: Vec::new(),
                open: false,
                any_of_required: Vec::new(),
            },
        };
        let sorts = match self.query_schema(&parameters, "sort")? {
            Some((node, at)) => self.sorts(node, &at)?,
            None => Vec::new(),
        };
        let declared = |operation: &Operation| self.operation(resource, *operation).is_some();
        let operations = Operation::EVERY.iter().copied().filter(declared).collect();
        Ok(ResourceSchema { resource, operations, record, filters, sorts })
    }

    fn component(&self, section: &str, name: &str) -> Option<&'a Node> {
        self.root.get("components")?.get(section)?.get(name)
    }

    /// Follows `#/components/<section>/<name>`.
    pub(crate) fn follow(&self, reference: &Node, section: &str, at: &str) -> Result<(&'a str, &'a Node)> {
        let Some(text) = reference.text() else { return refuse(at, "$ref must be text") };
        let name = text.strip_prefix("#/components/").and_then(|rest| rest.strip_prefix(section)?.strip_prefix('/'));
        let section_node = self.root.get("components").and_then(|components| components.get(section));
        match (name, section_node) {
            (Some(name), Some(section_node)) => section_node
                .members()
                .iter()
                .find(|(member, _)| member == name)
                .map(|(member, node)| (member.as_str(), node))
                .map_or_else(|| refuse(at, format!("$ref `{text}` leads nowhere")), Ok),
            _ => refuse(at, format!("$ref `{text}` does not lead to components.{section}")),
        }
    }

    fn operation(&self, resource: Resource, operation: Operation) -> Option<&'a Node> {
        let wanted = operation_id(resource, operation);
        let paths = self.root.get("paths").map(Node::members).unwrap_or_default();
        let operations = paths.iter().flat_map(|(_, item)| item.members()).map(|(_, operation)| operation);
        operations.into_iter().find(|node| node.get("operationId").and_then(Node::text) == Some(wanted.as_str()))
    }

    /// The parameters of the operation that lists the resource, references resolved.
    fn list_parameters(&self, resource: Resource) -> Result<Vec<&'a Node>> {
        let wanted = operation_id(resource, Operation::All);
        let Some(operation) = self.operation(resource, Operation::All) else {
            return refuse("paths", format!("operation {wanted} is missing"));
        };
        let parameters = operation.get("parameters").map(Node::items).unwrap_or_default();
        parameters
            .iter()
            .map(|parameter| match parameter.get("$ref") {
                Some(reference) => Ok(self.follow(reference, "parameters", &wanted)?.1),
                None => Ok(parameter),
            })
            .collect()
    }

    /// The schema of one query parameter, with the place where it stands.
    fn query_schema(&self, parameters: &[&'a Node], name: &str) -> Result<Option<(&'a Node, String)>> {
        let parameter = parameters.iter().find(|parameter| {
            parameter.get("in").and_then(Node::text) == Some("query")
                && parameter.get("name").and_then(Node::text) == Some(name)
        });
        let Some(schema) = parameter.and_then(|parameter| parameter.get("schema")) else { return Ok(None) };
        match schema.get("$ref") {
            Some(reference) => {
                let (component, node) = self.follow(reference, "schemas", name)?;
                Ok(Some((node, format!("components.schemas.{component}"))))
            }
            None => Ok(Some((schema, name.to_owned()))),
        }
    }

    fn filters(&self, node: &'a Node, at: &str) -> Result<ObjectType> {
        let name = at.rsplit('.').next().unwrap_or(at);
        let filters = self.object(node, name, at, 0)?;
        for property in &filters.properties {
            let comparable =
                matches!(property.kind, Kind::Number | Kind::Text { format: None | Some(Format::DateTime), .. });
            if !comparable {
                return refuse(&format!("{at}.{}", property.name), "a filter must be text, a number or a date-time");
            }
        }
        Ok(filters)
    }

    fn sorts(&self, node: &'a Node, at: &str) -> Result<Vec<String>> {
        let sort = self.object(node, "sort", at, 0)?;
        if let Some(Kind::Text { one_of, .. }) = sort.property("by").map(|property| &property.kind)
            && !one_of.is_empty()
        {
            return Ok(one_of.clone());
        }
        refuse(at, "`by` must list the members to sort by")
    }

    /// An object with known members.
    pub(crate) fn object(&self, node: &'a Node, name: &str, at: &str, depth: usize) -> Result<ObjectType> {
        check_keys(node, at)?;
        let open = match node.get("additionalProperties") {
            Some(Node::Bool(open)) => *open,
            Some(_) => return refuse(at, "additionalProperties must be true or false"),
            // JSON Schema's default would let every misspelt member through, so the document has to say it.
            None => return refuse(at, "additionalProperties must be said: true or false"),
        };
        let required = names(node.get("required"), at)?;
        let mut properties = Vec::new();
        for (member, schema) in node.get("properties").map(Node::members).unwrap_or_default() {
            let at = format!("{at}.{member}");
            let Typed { kind, nullable, access } = self.value(schema, &format!("{name}.{member}"), &at, depth + 1)?;
            let required = required.contains(member);
            properties.push(Property { name: member.clone(), kind, nullable, required, access });
        }
        if let Some(unknown) = required.iter().find(|name| properties.iter().all(|known| known.name != **name)) {
            return refuse(at, format!("required member `{unknown}` is not among the properties"));
        }
        let any_of_required = any_of_required(node.get("anyOf"), at)?;
        Ok(ObjectType { name: name.to_owned(), properties, open, any_of_required })
    }

    /// Any value. What stands beside a `$ref` adds to what it leads to, as in JSON Schema 2020-12.
    pub(crate) fn value(&self, node: &'a Node, name: &str, at: &str, depth: usize) -> Result<Typed> {
        if depth > MAX_DEPTH {
            return refuse(at, "nested too deep, or a circle of references");
        }
        check_keys(node, at)?;
        if let Some(reference) = node.get("$ref") {
            let beside = node.members().iter().map(|(key, _)| key.as_str());
            if let Some(key) = beside.into_iter().find(|key| {
                !["$ref", "description", "readOnly", "writeOnly", "deprecated"].contains(key) && !key.starts_with("x-")
            }) {
                return refuse(at, format!("`{key}` beside $ref is not understood"));
            }
            let (component, target) = self.follow(reference, "schemas", at)?;
            let mut typed = self.value(target, component, at, depth + 1)?;
            if let Some(own) = access(node, at)? {
                typed.access = own;
            }
            return Ok(typed);
        }
        let access = access(node, at)?.unwrap_or(Access::ReadWrite);
        let (types, nullable) = types(node, at)?;
        let kind = match types.as_slice() {
            [] => {
                return Ok(Typed { kind: Kind::Any, nullable: true, access });
            }
            ["string"] => text(node, nullable, at)?,
            ["integer"] => Kind::Integer { minimum: whole(node, "minimum", at)?, maximum: whole(node, "maximum", at)? },
            ["number"] => Kind::Number,
            ["boolean"] => Kind::Boolean,
            ["object"] if node.get("properties").is_some() => Kind::Object(self.object(node, name, at, depth)?),
            ["object"] => match node.get("additionalProperties") {
                Some(Node::Bool(true)) => Kind::FreeObject,
                _ => return refuse(at, "an object needs properties, or additionalProperties: true"),
            },
            ["array"] => {
                let Some(items) = node.get("items") else { return refuse(at, "a list needs items") };
                let item = self.value(items, name, &format!("{at}[]"), depth + 1)?;
                if item.nullable {
                    return refuse(at, "items that may be null are not understood");
                }
                Kind::List(Box::new(item.kind))
            }
            ["string", "number", "boolean", "object", "array"] => {
                let items = node.get("items").map(|items| types_of(items.get("type")));
                if items != Some(vec!["string", "number", "boolean", "object"]) {
                    return refuse(at, "a value of any type needs items of type string, number, boolean and object");
                }
                Kind::Any
            }
            other => return refuse(at, format!("type {} is not understood", other.join(" | "))),
        };
        refuse_stray_limits(node, &kind, at)?;
        Ok(Typed { kind, nullable, access })
    }
}

fn check_keys(node: &Node, at: &str) -> Result<()> {
    if !matches!(node, Node::Map(_)) {
        return refuse(at, "a schema must be a map");
    }
    match node.members().iter().find(|(key, _)| !KNOWN_KEYS.contains(&key.as_str()) && !key.starts_with("x-")) {
        Some((key, _)) => refuse(at, format!("`{key}` is not understood")),
        None => Ok(()),
    }
}

/// A limit that does not belong to the type would be a rule that nobody checks.
fn refuse_stray_limits(node: &Node, kind: &Kind, at: &str) -> Result<()> {
    let allowed: &[&str] = match kind {
        Kind::Text { .. } => &["format", "enum", "minLength", "maxLength", "pattern"],
        Kind::Integer { .. } => &["minimum", "maximum"],
        Kind::List(_) | Kind::Any => &["items"],
        Kind::Object(_) | Kind::FreeObject => &["properties", "required", "additionalProperties", "anyOf"],
        Kind::Number | Kind::Boolean => &[],
    };
    let neutral = ["type", "description", "default", "deprecated", "readOnly", "writeOnly"];
    match node
        .members()
        .iter()
        .map(|(key, _)| key.as_str())
        .find(|key| !allowed.contains(key) && !neutral.contains(key) && !key.starts_with("x-"))
    {
        Some(key) => refuse(at, format!("`{key}` has no meaning for this type")),
        None => Ok(()),
    }
}

fn types_of(node: Option<&Node>) -> Vec<&str> {
    match node {
        Some(Node::Text(one)) => vec![one.as_str()],
        Some(Node::List(several)) => several.iter().filter_map(Node::text).collect(),
        Some(Node::Null | Node::Bool(_) | Node::Number(_) | Node::Map(_)) | None => Vec::new(),
    }
}

/// The types of a schema without `null`, and whether `null` was among them.
fn types<'n>(node: &'n Node, at: &str) -> Result<(Vec<&'n str>, bool)> {
    let all = types_of(node.get("type"));
    if all.is_empty() {
        if node.get("type").is_some() {
            return refuse(at, "type must be text or a list of texts");
        }
        if node.members().iter().any(|(key, _)| key != "description") {
            return refuse(at, "the type is missing");
        }
    }
    let nullable = all.contains(&"null");
    Ok((all.into_iter().filter(|name| *name != "null").collect(), nullable))
}

fn text(node: &Node, nullable: bool, at: &str) -> Result<Kind> {
    let format = match (node.get("format").and_then(Node::text), node.get("pattern").and_then(Node::text)) {
        // An e-mail address is what the vendor takes for one: the format informs, it is not checked.
        (None | Some("email"), None) => None,
        (Some("date"), None) => Some(Format::Date),
        (Some("date-time"), None) | (None, Some(INSTANT_PATTERN)) => Some(Format::DateTime),
        (format, pattern) => {
            return refuse(
                at,
                format!("format `{}` with pattern `{}` is not understood", format.unwrap_or(""), pattern.unwrap_or("")),
            );
        }
    };
    let mut one_of = Vec::new();
    let mut null_listed = false;
    for value in node.get("enum").map(Node::items).unwrap_or_default() {
        match value {
            Node::Text(text) => one_of.push(text.clone()),
            Node::Null => null_listed = true,
            Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => {
                return refuse(at, "enum may hold texts and null");
            }
        }
    }
    if !one_of.is_empty() && null_listed != nullable {
        return refuse(at, "enum must hold null exactly when the type does");
    }
    let min_length = length(node, "minLength", at)?.unwrap_or(0);
    let max_length = length(node, "maxLength", at)?;
    Ok(Kind::Text { format, one_of, min_length, max_length })
}

fn whole(node: &Node, key: &str, at: &str) -> Result<Option<i64>> {
    match node.get(key) {
        None => Ok(None),
        Some(Node::Number(number)) if number.is_i64() => Ok(number.as_i64()),
        Some(_) => refuse(at, format!("{key} must be a whole number")),
    }
}

fn length(node: &Node, key: &str, at: &str) -> Result<Option<usize>> {
    match whole(node, key, at)?.map(usize::try_from) {
        None => Ok(None),
        Some(Ok(length)) => Ok(Some(length)),
        Some(Err(_)) => refuse(at, format!("{key} must not be negative")),
    }
}

fn access(node: &Node, at: &str) -> Result<Option<Access>> {
    match (node.get("readOnly"), node.get("writeOnly")) {
        (None, None) => Ok(None),
        (Some(Node::Bool(true)), None) => Ok(Some(Access::ReadOnly)),
        (None, Some(Node::Bool(true))) => Ok(Some(Access::WriteOnly)),
        _ => refuse(at, "readOnly and writeOnly may be true, one of them"),
    }
}

fn names(node: Option<&Node>, at: &str) -> Result<Vec<String>> {
    let items = node.map(Node::items).unwrap_or_default();
    let names: Vec<String> = items.iter().filter_map(Node::text).map(str::to_owned).collect();
    if names.len() == items.len() && node.is_none_or(|node| matches!(node, Node::List(_))) {
        Ok(names)
    } else {
        refuse(at, "required must be a list of names")
    }
}

/// `anyOf: [{ required: [id], properties: { id: { type: string } } }, ...]`: one of the members, and not null.
fn any_of_required(node: Option<&Node>, at: &str) -> Result<Vec<Vec<String>>> {
    let mut groups = Vec::new();
    for alternative in node.map(Node::items).unwrap_or_default() {
        let group = names(alternative.get("required"), at)?;
        let not_null = alternative.get("properties").map(Node::members).unwrap_or_default();
        let understood = alternative.members().iter().all(|(key, _)| key == "required" || key == "properties")
            && !group.is_empty()
            && not_null.len() == group.len()
            && not_null.iter().all(|(name, schema)| {
                group.contains(name)
                    && !types_of(schema.get("type")).is_empty()
                    && !types_of(schema.get("type")).contains(&"null")
            });
        if !understood {
            return refuse(at, "anyOf may only say which members are required and not null");
        }
        groups.push(group);
    }
    Ok(groups)
}

impl CanonicalSchema {
    /// Compiles an `OpenAPI` 3.1 document of a unified API.
    ///
    /// # Errors
    /// [`SchemaError`] when the document is not YAML, lacks a resource, or says something that would not be checked.
    pub fn compile(api: UnifiedApi, document: &str) -> Result<Self> {
        compile(api, document).map(|resources| Self::from_resources(api, resources))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_documents_compile() {
        for api in UnifiedApi::EVERY {
            if let Err(error) = compile(*api, api.document()) {
                panic!("{api}: {error}");
            }
        }
    }
}
