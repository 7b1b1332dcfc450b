//! What a vendor itself does not offer, and so whose limit it is when a call is not supported.

use field_mapping::Evidence;
use unified_model::{Operation, Resource};

use super::ConnectorDefinition;

/// Whose limit it is that a call is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// The vendor's: its API has nothing for it.
    Vendor {
        /// How that is known.
        evidence: Evidence,
        /// What is known of it.
        why: String,
    },
    /// The definition's: it does not say how, whatever the vendor can do.
    Definition,
}

/// Operations, filters and sorts of a resource that the vendor's own API has nothing for; the whole resource where none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOffered {
    /// Operations.
    pub operations: Vec<Operation>,
    /// Canonical filters.
    pub filters: Vec<String>,
    /// Canonical sorts.
    pub sorts: Vec<String>,
    /// How it is known.
    pub evidence: Evidence,
    /// What is known of it, in a sentence for people.
    pub why: String,
}

/// A part of a resource that may not be supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'p> {
    /// An operation.
    Operation(Operation),
    /// A filter of its list.
    Filter(&'p str),
    /// A sort of its list.
    Sort(&'p str),
}

impl NotOffered {
    /// Whether it is about the resource as a whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.operations.is_empty() && self.filters.is_empty() && self.sorts.is_empty()
    }

    /// Whether it is about this part of the resource.
    #[must_use]
    pub fn covers(&self, part: Part<'_>) -> bool {
        self.is_whole()
            || match part {
                Part::Operation(operation) => self.operations.contains(&operation),
                Part::Filter(name) => self.filters.iter().any(|own| own == name),
                Part::Sort(name) => self.sorts.iter().any(|own| own == name),
            }
    }
}

impl ConnectorDefinition {
    /// Whose limit it is that a part of a resource is not supported.
    #[must_use]
    pub fn because(&self, resource: Resource, part: Part<'_>) -> Because {
        let stated = self.not_offered.get(&resource).into_iter().flatten().find(|statement| statement.covers(part));
        stated.map_or(Because::Definition, |stated| Because::Vendor {
            evidence: stated.evidence,
            why: stated.why.clone(),
        })
    }
}
