//! The nouns of the problem, each parsed once at the edge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A name that is not one of a closed or well-formed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub struct UnknownName {
    /// What was found.
    pub found: String,
    /// What would have been accepted, as a noun phrase.
    pub expected: &'static str,
}

/// The identifier of a connector, such as `agile-crm`: lower-case letters, digits and single hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ServiceId(String);

impl ServiceId {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServiceId {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let well_formed = text.len() <= 64
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(UnknownName { found: text.to_owned(), expected: "a service id (lower-case letters, digits, hyphens)" })
        }
    }
}

impl<'de> Deserialize<'de> for ServiceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a text shows nothing: it is empty, or holds only white space, control characters and characters without width. Such a
/// text identifies no record.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let has_no_width = |character: char| matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    text.chars().all(|character| character.is_whitespace() || character.is_control() || has_no_width(character))
}

/// The identifier of one record, as the vendor spells it: never blank, never longer than 1,024 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RecordId(String);

impl RecordId {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RecordId {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        if is_blank(text) || text.len() > 1024 || text.chars().any(char::is_control) {
            return Err(UnknownName {
                found: text.chars().take(80).collect(),
                expected: "a record id (1 to 1024 bytes, not blank, without control characters)",
            });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

macro_rules! names {
    ($(#[$meta:meta])* $name:ident, $expected:literal, { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            /// Every value, in declaration order.
            pub const EVERY: &'static [Self] = &[$(Self::$variant),+];

            /// The name as it stands in paths, envelopes, definitions and logs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownName { found: text.to_owned(), expected: $expected }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

mod ids;
mod unified_api;

pub use ids::{ApplicationId, ConsumerId, is_header_text};
pub use unified_api::UnifiedApi;

names! {
    /// A resource of the unified CRM API, named as in its envelopes.
    Resource, "a CRM resource (activities, companies, contacts, custom-object-schemas, custom-objects, leads, list-members, lists, notes, opportunities, pipelines, users)", {
        /// Calls, meetings, tasks and the like.
        Activities = "activities",
        /// Organisations.
        Companies = "companies",
        /// People.
        Contacts = "contacts",
        /// Schemas of tenant-defined objects.
        CustomObjectSchemas = "custom-object-schemas",
        /// Records of one tenant-defined object.
        CustomObjects = "custom-objects",
        /// People or deals that are not qualified yet.
        Leads = "leads",
        /// The members of one list.
        ListMembers = "list-members",
        /// Static and dynamic lists of records.
        Lists = "lists",
        /// Free text on another record.
        Notes = "notes",
        /// Deals.
        Opportunities = "opportunities",
        /// Sequences of stages that a deal moves through.
        Pipelines = "pipelines",
        /// People who work in the CRM.
        Users = "users",
    }
}

impl Resource {
    /// The name of the record's schema in the document of its unified API.
    #[must_use]
    pub const fn schema_name(self) -> &'static str {
        match self {
            Self::Activities => "Activity",
            Self::Companies => "Company",
            Self::Contacts => "Contact",
            Self::CustomObjectSchemas => "CustomObjectSchema",
            Self::CustomObjects => "CustomObject",
            Self::Leads => "Lead",
            Self::ListMembers => "ListMember",
            Self::Lists => "List",
            Self::Notes => "Note",
            Self::Opportunities => "Opportunity",
            Self::Pipelines => "Pipeline",
            Self::Users => "User",
        }
    }
}

names! {
    /// What is done with a resource.
    Operation, "an operation (all, one, add, update, delete)", {
        /// List records, a page at a time.
        All = "all",
        /// Fetch one record by id.
        One = "one",
        /// Create a record.
        Add = "add",
        /// Change what the caller sent and nothing else.
        Update = "update",
        /// Remove a record.
        Delete = "delete",
    }
}

impl Resource {
    /// The resource whose records a canonical field such as `company_id` or `contact_ids` refers to.
    #[must_use]
    pub fn referred_to(field: &str) -> Option<Self> {
        match field {
            "activity_id" => Some(Self::Activities),
            "company_id" => Some(Self::Companies),
            "contact_id" | "primary_contact_id" | "contact_ids" => Some(Self::Contacts),
            "lead_id" => Some(Self::Leads),
            "opportunity_id" | "opportunity_ids" => Some(Self::Opportunities),
            "pipeline_id" => Some(Self::Pipelines),
            "owner_id" | "user_id" => Some(Self::Users),
            _ => None,
        }
    }
}

impl Operation {
    /// Whether the operation can change the vendor's data.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Add | Self::Update | Self::Delete)
    }
}
