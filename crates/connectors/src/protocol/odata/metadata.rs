//! What the service says about itself at `/$metadata`: its sets and the members of their records. A connection's own field
//! map is held to it.

use std::collections::BTreeMap;
use std::fmt;

use connector_catalog::{ConnectorDefinition, Hole, ListWay, Protocol, ResourceDefinition};
use unified_model::{Operation, Resource};
use vendor_client::{VendorBody, VendorRequest, VendorSession};

use crate::call::exchange;
use crate::call::outcome::{ConnectorError, Failure};

/// The name that the call has in errors.
const STEP: &str = "metadata";

/// The most names that a message offers.
const MOST_NAMES: usize = 8;

/// A line of a field map that names something the vendor's records do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMapProblem {
    /// The resource.
    pub resource: Resource,
    /// The canonical field.
    pub field: String,
    /// The member that does not exist.
    pub member: String,
    /// The vendor's set.
    pub set: String,
    /// The members that look most like it.
    pub near: Vec<String>,
}

impl fmt::Display for FieldMapProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, field, member, set, near } = self;
        write!(formatter, "{resource}.{field}: the account's {set} have no `{member}`")?;
        if near.is_empty() { Ok(()) } else { write!(formatter, "; near it are {}", near.join(", ")) }
    }
}

/// Holds a connection's own field map to what the vendor says of itself. A protocol whose vendors say nothing finds nothing.
///
/// # Errors
/// The vendor cannot be asked, or what it answers is no description.
pub async fn check_field_map(
    connector: &ConnectorDefinition,
    vendor: &VendorSession,
    field_map: &BTreeMap<Resource, BTreeMap<String, String>>,
) -> Result<Vec<FieldMapProblem>, ConnectorError> {
    if connector.protocol != Protocol::Odata || field_map.values().all(BTreeMap::is_empty) {
        return Ok(Vec::new());
    }
    let request = VendorRequest {
        step: STEP.to_owned(),
        method: http::Method::GET,
        path: "/$metadata".to_owned(),
        query: Vec::new(),
        body: VendorBody::None,
        if_match: None,
        safe: true,
    };
    let failed = |failure: Failure| ConnectorError::reading(STEP, failure);
    let reply = exchange::received(vendor, request).await.map_err(failed)?;
    let reply = exchange::judged(connector, Operation::All, STEP, reply).map_err(failed)?;
    let description = Description::read(&String::from_utf8_lossy(&reply.body));
    if description.types.is_empty() {
        return Err(ConnectorError::reading(STEP, exchange::unusable(&reply, "it describes no sets")));
    }
    let mut problems = Vec::new();
    for (&resource, lines) in field_map {
        let parts = connector.resources.get(&resource).into_iter().flatten().flat_map(|variant| &variant.parts);
        let sets: Vec<String> = parts.filter_map(set_of).collect();
        for (field, path) in lines {
            let found = sets.iter().find_map(|set| description.problem(resource, field, path, set));
            problems.extend(found);
        }
    }
    Ok(problems)
}

/// The set that a resource is listed from.
fn set_of(resource: &ResourceDefinition) -> Option<String> {
    let way: &ListWay = resource.all.as_ref()?.ways.last()?;
    let path = way.request.path.render(|_: &Hole| None, |_, _| {}).ok()?;
    path.split('/').nth(1).map(str::to_owned)
}

/// Sets and the members of their records.
#[derive(Debug, Default)]
struct Description {
    /// By type, without its namespace: what it is built on, and its own members.
    types: BTreeMap<String, (Option<String>, Vec<String>)>,
    /// The type of a set's records.
    sets: BTreeMap<String, String>,
}

impl Description {
    /// Reads an EDMX document: of all its elements only sets, types and members count.
    fn read(document: &str) -> Self {
        let mut description = Self::default();
        let mut current: Option<String> = None;
        for element in elements(document) {
            let attribute = |name: &str| element.attribute(name);
            match element.name {
                "EntityType" => {
                    let Some(name) = attribute("Name") else { continue };
                    let base = attribute("BaseType").map(|base| unqualified(&base).to_owned());
                    description.types.insert(name.clone(), (base, Vec::new()));
                    current = Some(name);
                }
                "Property" | "NavigationProperty" => {
                    let of = current.as_ref().and_then(|current| description.types.get_mut(current));
                    if let (Some((_, members)), Some(name)) = (of, attribute("Name")) {
                        members.push(name);
                    }
                }
                "EntitySet" => {
                    if let (Some(name), Some(of)) = (attribute("Name"), attribute("EntityType")) {
                        description.sets.insert(name, unqualified(&of).to_owned());
                    }
                }
                "/EntityType" | "ComplexType" => current = None,
                _ => {}
            }
        }
        description
    }

    /// The members of a set's records, inherited ones too; `None`: there is no such set.
    fn members(&self, set: &str) -> Option<Vec<&str>> {
        let mut next = self.sets.get(set);
        next?;
        let mut members = Vec::new();
        // A type that is built on itself would never end.
        for _ in 0..=self.types.len() {
            let Some((base, own)) = next.and_then(|name| self.types.get(name)) else { break };
            members.extend(own.iter().map(String::as_str));
            next = base.as_ref();
        }
        Some(members)
    }

    fn problem(&self, resource: Resource, field: &str, path: &str, set: &str) -> Option<FieldMapProblem> {
        let member = first_member(path);
        let members = self.members(set).unwrap_or_default();
        if members.contains(&member.as_str()) {
            return None;
        }
        let mut near: Vec<(usize, &str)> = members.iter().map(|known| (unlike(&member, known), *known)).collect();
        near.sort_unstable();
        let near = near.into_iter().filter(|(unlike, _)| *unlike * 2 <= member.chars().count().max(2));
        let near = near.take(MOST_NAMES).map(|(_, known)| known.to_owned()).collect();
        Some(FieldMapProblem { resource, field: field.to_owned(), member, set: set.to_owned(), near })
    }
}

/// `Prophet.Contact`: `Contact`.
fn unqualified(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The member of the record that a path begins with.
fn first_member(path: &str) -> String {
    let path = path.trim_start_matches("$.");
    let quoted = path.strip_prefix("['").and_then(|rest| rest.split_once("']"));
    quoted.map_or_else(|| path.split(['.', '[']).next().unwrap_or(path), |(name, _)| name).to_owned()
}

/// How many letters must be put in, taken out or changed to make one of the other, capitals aside.
fn unlike(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) =
        (left.to_lowercase().chars().collect(), right.to_lowercase().chars().collect());
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, own) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let changed = last[column] + usize::from(own != other);
            current.push(changed.min(last[column + 1] + 1).min(current[column] + 1));
        }
        last = current;
    }
    last.last().copied().unwrap_or_default()
}

/// A tag: its name without a prefix, `/name` where it ends an element, and what stands behind the name.
struct Element<'d> {
    name: &'d str,
    inside: &'d str,
}

impl Element<'_> {
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.inside;
        while let Some((name, behind)) = rest.split_once('=') {
            let behind = behind.trim_start();
            let quote = behind.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, after) = behind[1..].split_once(quote)?;
            if name.trim() == wanted {
                return Some(value.to_owned());
            }
            rest = after;
        }
        None
    }
}

/// The tags of a document, one after the other. A description has neither comments nor texts that matter.
fn elements(document: &str) -> impl Iterator<Item = Element<'_>> {
    document.split('<').skip(1).filter_map(|part| {
        let inside = part.split_once('>')?.0.trim_end_matches('/');
        let (tag, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let name = match tag.strip_prefix('/') {
            Some(_) => tag,
            None => tag.rsplit(':').next().unwrap_or(tag),
        };
        Some(Element { name, inside: rest })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"<?xml version="1.0"?><edmx:Edmx><Schema Namespace="P">
        <EntityType Name="Base"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Guid" Nullable="false"/></EntityType>
        <EntityType Name='Opportunity' BaseType='P.Base'><Property Name = "UserDefined02" Type="Edm.String"/>
        <NavigationProperty Name="AssignedUsers" Relationship="P.X"/></EntityType>
        <ComplexType Name="C"><Property Name="Inner"/></ComplexType>
        <EntityContainer><EntitySet Name="Opportunities" EntityType="P.Opportunity"/></EntityContainer></Schema></edmx:Edmx>"#;

    #[test]
    fn a_description_tells_the_members_of_a_set() {
        let description = Description::read(DOCUMENT);
        assert_eq!(description.members("Opportunities"), Some(vec!["UserDefined02", "AssignedUsers", "Id"]));
        assert_eq!(description.members("Deals"), None);
    }

    #[test]
    fn a_member_that_is_not_there_is_named_with_those_near_it() {
        let description = Description::read(DOCUMENT);
        let problem = |path: &str| description.problem(Resource::Opportunities, "status", path, "Opportunities");
        assert_eq!(problem("UserDefined02"), None);
        assert_eq!(problem("['UserDefined02']"), None);
        assert_eq!(problem("AssignedUsers[Id!=].Id"), None);
        assert_eq!(
            problem("userDefined2").expect("a value").to_string(),
            "opportunities.status: the account's Opportunities have no `userDefined2`; near it are UserDefined02"
        );
        assert_eq!(problem("Stage").expect("a value").near, [""; 0]);
    }

    #[test]
    fn what_is_no_description_describes_nothing() {
        for document in
            ["", "<", "<html><body>", "{}", "<EntityType Name=>", "<EntityType Name='x", "<EntitySet Name='a'/>"]
        {
            assert!(Description::read(document).sets.is_empty(), "{document}");
        }
    }
}
