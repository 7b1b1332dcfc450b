//! The vendor as a whole: settings, authorisation, limits, errors and lookups.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use field_mapping::VendorPath;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use unified_model::Operation;

use super::{OAuth2, RequestTemplate};
use crate::plan::template::Template;

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
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own that the definition names")]
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

/// The headers in which a vendor tells its own limits, in lower case; where there is none, the usual one counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LimitHeaders {
    /// How many requests it allows in its window.
    pub limit: Option<String>,
    /// How many of them are left.
    pub remaining: Option<String>,
    /// When the window ends.
    pub reset: Option<String>,
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
    /// The HTTP statuses; `None`: any.
    pub status: Option<Statuses>,
    /// Only on these operations; empty: all.
    pub on: Vec<Operation>,
    /// Only on these steps; empty: all.
    pub steps: Vec<String>,
    /// Only when the JSON body says something here: null, false, 0 and what is empty say nothing.
    pub has: Option<VendorPath>,
    /// Only when the JSON body has exactly these values at these places.
    pub member: Vec<(VendorPath, Value)>,
    /// Only when the body is text rather than JSON.
    pub text: bool,
    /// Only when the body contains this.
    pub contains: Option<String>,
    /// What it means.
    pub meaning: ErrorMeaning,
    /// A sentence for the caller, instead of the vendor's.
    pub message: Option<String>,
}

/// One HTTP status, or all of a hundred: `404`, `2xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statuses {
    first: u16,
    last: u16,
}

impl Statuses {
    /// Whether a status is one of them.
    #[must_use]
    pub fn contain(self, status: u16) -> bool {
        (self.first..=self.last).contains(&status)
    }

    /// Whether all of them mean success.
    #[must_use]
    pub fn are_success(self) -> bool {
        self.first >= 200 && self.last < 300
    }
}

impl FromStr for Statuses {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (first, last) = match text.strip_suffix("xx") {
            Some(hundred) => hundred.parse::<u16>().map(|hundred| (hundred.saturating_mul(100), 99)),
            None => text.parse::<u16>().map(|status| (status, 0)),
        }
        .map_err(|_| ())?;
        if (100..=599).contains(&first) { Ok(Self { first, last: first + last }) } else { Err(()) }
    }
}

impl JsonSchema for Statuses {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Statuses".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^[1-5]xx$" },
            ],
        })
    }
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
    /// The vendor failed, although the status is one of success. Whether a write was done is not known.
    Failed,
}

/// How a vendor says that there is nothing, besides a 204 and a list without items. Whatever else lacks what was asked for
/// is an answer that cannot be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Emptiness {
    /// A success without a body.
    pub no_body: bool,
    /// Null in the place of the records.
    pub is_null: bool,
    /// Nothing in the place of the records.
    pub missing: bool,
}

/// The words for it in a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptyAnswer {
    /// A success without a body.
    NoBody,
    /// Null in the place of the records.
    IsNull,
    /// Nothing in the place of the records.
    Missing,
}

impl FromIterator<EmptyAnswer> for Emptiness {
    fn from_iter<I: IntoIterator<Item = EmptyAnswer>>(words: I) -> Self {
        let mut empty = Self::default();
        for word in words {
            match word {
                EmptyAnswer::NoBody => empty.no_body = true,
                EmptyAnswer::IsNull => empty.is_null = true,
                EmptyAnswer::Missing => empty.missing = true,
            }
        }
        empty
    }
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
    /// How the vendor says that there are none.
    pub empty: Emptiness,
    /// Where the address of further rows is; only its query is used.
    pub next: Option<VendorPath>,
    /// The member that rows are found by.
    pub key: VendorPath,
    /// The members at the top of a row that the definition uses, and that are kept; `None`: all.
    pub members: Option<BTreeSet<String>>,
    /// How long it is kept.
    pub cache: Duration,
    /// Whether a vendor that does not offer it is taken to have an empty one.
    pub optional: bool,
}

impl Lookup {
    /// What is kept of a row.
    #[must_use]
    pub fn kept(&self, row: &Value) -> Value {
        let (Some(members), Value::Object(row)) = (&self.members, row) else { return row.clone() };
        let own = members.iter().filter_map(|name| Some((name.clone(), row.get(name)?.clone())));
        Value::Object(own.collect())
    }
}
