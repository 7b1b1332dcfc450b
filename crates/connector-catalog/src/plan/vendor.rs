//! The vendor as a whole: settings, authorisation, limits, errors and lookups.

use std::time::Duration;

use field_mapping::VendorPath;
use unified_model::Operation;

use super::{OAuth2, RequestTemplate};
use crate::template::Template;

/// A protocol that vendors share, or, for `agile`, what one vendor needs beyond `rest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// JSON over HTTP, described by the definition alone.
    Rest,
    /// `rest` plus `OData` 2 and 3: `$filter`, `$orderby`, links with XML bodies, both of its JSON forms.
    Odata,
    /// `rest` plus Agile CRM's filter rules.
    Agile,
}

/// A value that a consumer fills in. Served as a form field.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its key.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Its input type.
    pub input: SettingInput,
    /// The values that a `select` takes; empty for other inputs.
    pub options: Vec<String>,
    /// A pattern that the whole value must match.
    pub pattern: Option<Pattern>,
    /// Whether a connection is callable without it.
    pub required: bool,
    /// Whether it is sealed at rest and never shown.
    pub sensitive: bool,
    /// Its value when none is given.
    pub default: Option<String>,
    /// A hint for the person.
    pub help: Option<String>,
    /// Whether the vendor names it when it gives a token: no form asks for it.
    pub from_token: bool,
    /// Whether it decides where secrets are sent: whoever changes it enters the secrets again.
    pub secrets_go_to: bool,
}

/// Input types of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingInput {
    /// One line of text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A secret.
    Password,
    /// An absolute https address (http only where the operator allows private addresses).
    Url,
    /// One of a few values.
    Select,
    /// `true` or `false`.
    Checkbox,
}

/// A regular expression that must match a whole text, and its source.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub source: String,
    /// Compiled, anchored at both ends.
    pub regex: regex_lite::Regex,
}

/// How a call is authorised.
#[derive(Debug, Clone)]
pub enum Auth {
    /// HTTP Basic.
    Basic {
        /// The user part.
        username: Template,
        /// The password part.
        password: Template,
    },
    /// `Authorization: Bearer <token>`.
    Bearer {
        /// The token.
        token: Template,
    },
    /// Any header.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: Template,
    },
    /// OAuth 2.
    Oauth2(Box<OAuth2>),
}

impl Auth {
    /// OAuth 2, where it is that.
    #[must_use]
    pub fn oauth2(&self) -> Option<&OAuth2> {
        match self {
            Self::Oauth2(oauth2) => Some(oauth2),
            Self::Basic { .. } | Self::Bearer { .. } | Self::Header { .. } => None,
        }
    }
}

/// Requests per time and at once, for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many requests.
    pub requests: u32,
    /// In what time.
    pub per: Duration,
    /// How many at once.
    pub concurrency: u32,
}

/// When and how a safe read is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// The vendor statuses that are repeated.
    pub on: Vec<u16>,
    /// How often in all, the first time included.
    pub attempts: u32,
    /// The first wait.
    pub base: Duration,
    /// What each further wait is multiplied by.
    pub factor: f64,
    /// Whether waits are shortened by chance, by up to half.
    pub jitter: bool,
    /// The header that says how long to wait (seconds or an HTTP date).
    pub wait_header: Option<String>,
}

/// One way in which a vendor says no.
#[derive(Debug, Clone)]
pub struct ErrorRule {
    /// The HTTP status; `None`: any.
    pub status: Option<u16>,
    /// Only on these operations; empty: all.
    pub on: Vec<Operation>,
    /// Only on these steps; empty: all.
    pub steps: Vec<String>,
    /// Only when the JSON body has this member.
    pub has: Option<VendorPath>,
    /// Only when the body is text rather than JSON.
    pub text: bool,
    /// Only when the body contains this.
    pub contains: Option<String>,
    /// What it means.
    pub meaning: ErrorMeaning,
    /// A sentence for the caller, instead of the vendor's.
    pub message: Option<String>,
}

/// What a vendor's error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorMeaning {
    /// There is no such record.
    NotFound,
    /// The credentials are wrong or have expired.
    Credentials,
    /// The credentials are right, but this is not allowed.
    Forbidden,
    /// Too many requests.
    RateLimited,
    /// The vendor's cursor is no longer valid.
    CursorGone,
    /// The vendor refuses what was sent.
    Refused,
}

/// Where the vendor tells the version of a record, which goes back as `If-Match` with the write over that record.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum EntityTag {
    /// Wherever one is told: in the header `ETag` or in a member as `OData` has it. A weak tag counts with `OData` only, since
    /// elsewhere `If-Match` never matches one.
    #[default]
    WhereTold,
    /// No write has an `If-Match`.
    None,
    /// In the header `ETag` alone, a weak tag too.
    Header,
    /// At a path in the record alone.
    Record(VendorPath),
}

/// A small table of the vendor's, fetched whole and cached by connection.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// How to fetch it.
    pub request: RequestTemplate,
    /// Where its rows are.
    pub records: VendorPath,
    /// Where the address of further rows is; only its query is used.
    pub next: Option<VendorPath>,
    /// The member that rows are found by.
    pub key: VendorPath,
    /// How long it is kept.
    pub cache: Duration,
    /// Whether a vendor that does not offer it is taken to have an empty one.
    pub optional: bool,
}
