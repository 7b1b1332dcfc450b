//! From method and path to resource and operation. Segments are decoded one by one, so an id may hold `%2F`.

use gateway::{Class, ErrorType, GatewayError};
use http::Method;
use percent_encoding::percent_decode_str;
use unified_model::{Operation, Resource};

use crate::http::reply::error as failure;

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http) struct Target {
    pub(in crate::http) resource: Resource,
    pub(in crate::http) operation: Operation,
    /// The list or custom object that holds the records.
    pub(in crate::http) parent: Option<String>,
    pub(in crate::http) id: Option<String>,
}

impl Target {
    pub(in crate::http) fn of(method: &Method, path: &str, query: &str) -> Result<Self, GatewayError> {
        let segments = segments(path)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let place = place(&segments).ok_or_else(|| unknown(method, path))?;
        let method = overridden(method, query)?;
        let operation = match (method.as_str(), place.id.is_some()) {
            ("GET" | "HEAD", false) => Operation::All,
            ("GET" | "HEAD", true) => Operation::One,
            ("POST", false) => Operation::Add,
            ("PATCH", true) => Operation::Update,
            ("DELETE", true) => Operation::Delete,
            _ => return Err(wrong_method(&method, path, place.id.is_some())),
        };
        let Place { resource, parent, id } = place;
        Ok(Self { resource, operation, parent: parent.map(str::to_owned), id: id.map(str::to_owned) })
    }

    pub(in crate::http) fn takes_body(&self) -> bool {
        matches!(self.operation, Operation::Add | Operation::Update)
    }
}

struct Place<'s> {
    resource: Resource,
    parent: Option<&'s str>,
    id: Option<&'s str>,
}

fn place<'s>(segments: &[&'s str]) -> Option<Place<'s>> {
    match segments {
        ["crm", "lists", list, "members"] => {
            Some(Place { resource: Resource::ListMembers, parent: Some(list), id: None })
        }
        ["crm", "custom-objects", object] => {
            Some(Place { resource: Resource::CustomObjects, parent: Some(object), id: None })
        }
        ["crm", "custom-objects", object, id] => {
            Some(Place { resource: Resource::CustomObjects, parent: Some(object), id: Some(id) })
        }
        ["crm", name] => Some(Place { resource: named(name)?, parent: None, id: None }),
        ["crm", name, id] => Some(Place { resource: named(name)?, parent: None, id: Some(id) }),
        _ => None,
    }
}

/// Resources that stand right below `/crm`.
fn named(name: &str) -> Option<Resource> {
    name.parse().ok().filter(|resource| !matches!(resource, Resource::ListMembers | Resource::CustomObjects))
}

pub(in crate::http) fn segments(path: &str) -> Result<Vec<String>, GatewayError> {
    let trimmed = path.strip_prefix('/').unwrap_or(path);
    let trimmed = trimmed.strip_suffix('/').unwrap_or(trimmed);
    trimmed
        .split('/')
        .map(|segment| {
            percent_decode_str(segment)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| failure::invalid("path: percent-encoded bytes must be UTF-8"))
        })
        .collect()
}

/// `_method` stands in for methods that some web clients cannot send.
pub(in crate::http) fn overridden(method: &Method, query: &str) -> Result<Method, GatewayError> {
    if !matches!(*method, Method::GET | Method::POST) {
        return Ok(method.clone());
    }
    let Some(name) = query.split('&').find_map(|pair| pair.strip_prefix("_method=")) else {
        return Ok(method.clone());
    };
    match name.to_ascii_uppercase().as_str() {
        "GET" => Ok(Method::GET),
        "POST" => Ok(Method::POST),
        "PATCH" => Ok(Method::PATCH),
        "DELETE" => Ok(Method::DELETE),
        "" | "NULL" => Ok(method.clone()),
        _ => Err(failure::invalid("_method: use GET, POST, PATCH or DELETE")),
    }
}

/// The answer to a path that means nothing here.
pub(in crate::http) fn unknown(method: &Method, path: &str) -> GatewayError {
    let path: String = path.chars().take(200).collect();
    let detail = format!("There is no {method} {path}; /docs lists every route.");
    GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
}

fn wrong_method(method: &Method, path: &str, one: bool) -> GatewayError {
    let path: String = path.chars().take(200).collect();
    let allowed = if one { "GET, PATCH and DELETE" } else { "GET and POST" };
    let detail = format!("There is no {method} {path}; this path takes {allowed}.");
    GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn target(method: &str, path: &str, query: &str) -> Target {
        Target::of(&method.parse().unwrap(), path, query).unwrap()
    }

    #[test]
    fn an_id_may_hold_an_encoded_slash() {
        let found = target("GET", "/crm/contacts/c%201%2F%C3%A9", "");
        assert_eq!((found.operation, found.id.as_deref()), (Operation::One, Some("c 1/é")));
    }

    #[test]
    fn nested_resources_name_their_parent() {
        let members = target("GET", "/crm/lists/7/members", "");
        assert_eq!((members.resource, members.parent.as_deref()), (Resource::ListMembers, Some("7")));
        let object = target("DELETE", "/crm/custom-objects/car/9", "");
        assert_eq!(
            (object.resource, object.parent.as_deref(), object.id.as_deref()),
            (Resource::CustomObjects, Some("car"), Some("9"))
        );
    }

    #[test]
    fn a_method_can_be_named_in_the_query() {
        assert_eq!(target("POST", "/crm/contacts/1", "raw=false&_method=delete").operation, Operation::Delete);
        assert_eq!(target("GET", "/crm/contacts", "_method=POST").operation, Operation::Add);
    }

    #[test]
    fn every_other_path_is_an_unknown_entity() {
        for (method, path) in [
            ("GET", "/crm"),
            ("GET", "/crm/widgets"),
            ("PUT", "/crm/contacts/1"),
            ("DELETE", "/crm/contacts"),
            ("GET", "/crm/contacts/a/b"),
        ] {
            let error = Target::of(&method.parse().unwrap(), path, "").unwrap_err();
            assert_eq!(error.error_type, ErrorType::EntityNotFoundError, "{method} {path}");
        }
    }
}
