//! The four kinds of record: where they stand and which members they take.

use crate::members;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Organization,
    Contact,
    Lead,
    Opportunity,
}

/// What bulk actions below `/pipeline` reach.
pub(super) const OF_PIPELINE: [Kind; 2] = [Kind::Lead, Kind::Opportunity];
/// What bulk actions below `/directory` reach.
pub(super) const OF_DIRECTORY: [Kind; 2] = [Kind::Contact, Kind::Organization];

type Members = &'static [(&'static str, members::Kind)];

impl Kind {
    pub(super) fn at(area: &str, plural: &str) -> Option<Self> {
        match (area, plural) {
            ("directory", "organizations") => Some(Self::Organization),
            ("directory", "contacts") => Some(Self::Contact),
            ("pipeline", "leads") => Some(Self::Lead),
            ("pipeline", "opportunities") => Some(Self::Opportunity),
            _ => None,
        }
    }

    /// The name that a body may wrap the record in.
    pub(super) fn singular(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Contact => "contact",
            Self::Lead => "lead",
            Self::Opportunity => "opportunity",
        }
    }

    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Organization => "organizations",
            Self::Contact => "contacts",
            Self::Lead => "leads",
            Self::Opportunity => "opportunities",
        }
    }

    /// A new record needs one of these.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Self::Contact => &["firstName", "lastName"],
            Self::Organization | Self::Lead | Self::Opportunity => &["name"],
        }
    }

    /// The members that a caller can write; links to other records among them.
    pub(super) fn members(self) -> Members {
        use members::Kind::{Date, Number, Object, Objects, Text, Texts};
        match self {
            Self::Organization => &[
                ("name", Text),
                ("website", Text),
                ("phone", Text),
                ("address", Object),
                ("owner", Object),
                ("tags", Texts),
                ("customFields", Objects),
            ],
            Self::Contact => &[
                ("firstName", Text),
                ("lastName", Text),
                ("jobTitle", Text),
                ("emails", Objects),
                ("phones", Objects),
                ("organization", Object),
                ("owner", Object),
                ("tags", Texts),
                ("customFields", Objects),
            ],
            Self::Lead => &[
                ("name", Text),
                ("status", Text),
                ("value", Number),
                ("currency", Text),
                ("emails", Objects),
                ("phones", Objects),
                ("contact", Object),
                ("organization", Object),
                ("owner", Object),
                ("tags", Texts),
                ("customFields", Objects),
            ],
            Self::Opportunity => &[
                ("name", Text),
                ("value", Number),
                ("currency", Text),
                ("probability", Number),
                ("expectedCloseDate", Date),
                ("contacts", Objects),
                ("organization", Object),
                ("owner", Object),
                ("tags", Texts),
                ("customFields", Objects),
            ],
        }
    }
}
