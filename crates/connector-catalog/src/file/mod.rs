//! A connector file as it is written. Nothing here is checked beyond its shape; `check` does that.

mod custom_field;
mod deleted;
mod envelope;
mod not_offered;
mod oauth;
mod resource;
pub(crate) mod schema;
mod side_table;
pub(crate) mod values;
mod write;

pub(crate) use custom_field::*;
pub(crate) use deleted::*;
pub(crate) use envelope::*;
pub(crate) use not_offered::*;
pub(crate) use oauth::*;
pub(crate) use resource::*;
pub(crate) use side_table::*;
pub(crate) use write::*;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::values::{Entries, Number, Tree, Word};
use crate::plan::{EmptyAnswer, Encoding, ErrorMeaning, Protocol, SettingInput, Statuses};
use field_mapping::yaml::Placed;

/// A connector: one vendor, described by data.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Connector", title = "Trunkline connector")]
pub(crate) struct ConnectorFile {
    /// Its identifier; the file is named after it.
    pub(crate) service_id: Placed<String>,
    /// Its name for people.
    pub(crate) name: Placed<String>,
    /// What it is, in a few words, for lists of connectors.
    pub(crate) tag_line: Option<Placed<String>>,
    /// Which implementation serves it.
    pub(crate) protocol: Word<Protocol>,
    /// The vendor's own documentation.
    pub(crate) docs: Option<Placed<String>>,
    /// What a consumer fills in, served as form fields.
    #[serde(default)]
    pub(crate) settings: Entries<SettingFile>,
    /// The address that request paths are added to; `{settings.<name>}` is filled in.
    pub(crate) base_url: Placed<String>,
    /// How calls are authorised.
    pub(crate) auth: AuthFile,
    /// Headers of every call.
    #[serde(default)]
    pub(crate) headers: Entries<Placed<String>>,
    /// Query parameters of every call.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// A pattern for the whole of a record id; any other id is answered with 404, without a vendor call.
    pub(crate) ids: Option<Placed<String>>,
    /// The zone of the vendor's times that name none: an IANA name, or `{settings.<name>}`. Without it: UTC.
    pub(crate) time_zone: Option<Placed<String>>,
    /// How much the vendor allows, per connection. Without it: 5 requests per 1s, 4 at once.
    pub(crate) limits: Option<LimitsFile>,
    /// How long one unified call may take in all. Without it: 20s.
    pub(crate) timeout: Option<Placed<String>>,
    /// What is repeated. Without it: nothing.
    pub(crate) retry: Option<RetryFile>,
    /// How vendor answers become errors; the first match wins.
    #[serde(default)]
    pub(crate) errors: Vec<Placed<ErrorFile>>,
    /// Where the vendor's own error message is, in the order tried.
    #[serde(default)]
    pub(crate) error_messages: Vec<Placed<String>>,
    /// Where the vendor's own error code is, in the order tried. Without it: a caller is told the HTTP status alone.
    #[serde(default)]
    pub(crate) error_codes: Vec<Placed<String>>,
    /// Where the vendor tells the version of a record, which goes back as `If-Match` with the write over that record. Without it:
    /// wherever one is told, in the header `ETag` or in a member as `OData` has it.
    pub(crate) entity_tag: Option<EntityTagFile>,
    /// The headers in which the vendor tells its own limits, where they are none of the usual ones.
    pub(crate) limit_headers: Option<LimitHeadersFile>,
    /// A request that tells whether the vendor takes the connection's credentials. Without it: settings are looked at alone.
    pub(crate) check: Option<CheckFile>,
    /// Small tables, fetched whole and cached by connection.
    #[serde(default)]
    pub(crate) lookups: Entries<LookupFile>,
    /// What the vendor itself does not offer, by canonical resource: calls for it say that it is the vendor that lacks it.
    #[serde(default)]
    #[schemars(schema_with = "crate::file::schema::not_offered")]
    pub(crate) not_offered: Entries<Vec<Placed<NotOfferedFile>>>,
    /// Its resources, by canonical name.
    #[schemars(schema_with = "crate::file::schema::resources")]
    pub(crate) resources: Entries<ResourceFile>,
}

/// A request that tells whether the vendor takes a connection's credentials: one that every account may send, and that changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Check")]
pub(crate) struct CheckFile {
    /// Method and path: `GET /users/me`.
    pub(crate) request: Placed<String>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
}

/// Where the vendor tells the version of a record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EntityTag")]
pub(crate) enum EntityTagFile {
    /// Nowhere that can be relied on: no write has an `If-Match`.
    None,
    /// In the header `ETag` of the answer that holds the record; a weak tag too.
    Header,
    /// In a member of the record: a path.
    Record(Placed<String>),
}

/// A value that a consumer fills in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Setting")]
pub(crate) struct SettingFile {
    /// Its label in forms.
    pub(crate) label: Placed<String>,
    /// Its input type. Without it: text.
    #[serde(rename = "type")]
    pub(crate) input: Option<Word<SettingInput>>,
    /// The values that a `select` takes, in the order shown.
    pub(crate) options: Option<Placed<Vec<Placed<String>>>>,
    /// A pattern for the whole value.
    pub(crate) pattern: Option<Placed<String>>,
    /// Whether a connection is callable without it.
    #[serde(default)]
    pub(crate) required: bool,
    /// Whether it is sealed at rest and never shown. Without it: true for passwords only.
    pub(crate) sensitive: Option<bool>,
    /// Its value when none is given.
    pub(crate) default: Option<Placed<String>>,
    /// A hint for the person.
    pub(crate) help: Option<Placed<String>>,
    /// Whether the vendor names it when it gives a token, so that no form asks for it. Needs `auth.oauth2.keep`.
    #[serde(default)]
    pub(crate) from_token: bool,
    /// Whether it decides where secrets are sent: whoever changes it enters the connection's secrets again. Every setting in
    /// an address (`base_url`, `authorize_url`, `token_url`, `revoke`) must say so.
    #[serde(default)]
    pub(crate) secrets_go_to: bool,
}

/// How calls are authorised.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Auth")]
pub(crate) enum AuthFile {
    /// HTTP Basic.
    Basic(BasicFile),
    /// `Authorization: Bearer <token>`.
    Bearer(BearerFile),
    /// Any header.
    Header(HeaderFile),
    /// OAuth 2: a token that the consumer grants, renewed before it expires.
    Oauth2(Box<OAuth2File>),
}

/// HTTP Basic.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Basic")]
pub(crate) struct BasicFile {
    /// The user part.
    pub(crate) username: Placed<String>,
    /// The password part.
    pub(crate) password: Placed<String>,
}

/// A bearer token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Bearer")]
pub(crate) struct BearerFile {
    /// The token.
    pub(crate) token: Placed<String>,
}

/// A header of the vendor's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Header")]
pub(crate) struct HeaderFile {
    /// Its name.
    pub(crate) name: Placed<String>,
    /// Its value.
    pub(crate) value: Placed<String>,
}

/// Requests per time and at once, for one connection.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Limits")]
pub(crate) struct LimitsFile {
    /// How many requests.
    pub(crate) requests: Number<u32>,
    /// In what time: `1s`, `1m`.
    pub(crate) per: Placed<String>,
    /// How many at once.
    pub(crate) concurrency: Number<u32>,
}

/// The headers in which the vendor tells its own limits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LimitHeaders")]
pub(crate) struct LimitHeadersFile {
    /// How many requests it allows in its window.
    pub(crate) limit: Option<Placed<String>>,
    /// How many of them are left.
    pub(crate) remaining: Option<Placed<String>>,
    /// When the window ends: seconds from now, seconds or milliseconds since 1970, or a date.
    pub(crate) reset: Option<Placed<String>>,
}

/// What is repeated. Writes never are, but where they provably did not run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Retry")]
pub(crate) struct RetryFile {
    /// Requests of `all`, `one` and lookups.
    pub(crate) reads: RetryReadsFile,
}

/// When and how a read is repeated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RetryReads")]
pub(crate) struct RetryReadsFile {
    /// The vendor statuses that are repeated.
    pub(crate) on: Vec<Number<u16>>,
    /// How often in all, the first time included: 1 to 10.
    pub(crate) attempts: Number<u32>,
    /// How long to wait between.
    pub(crate) backoff: BackoffFile,
    /// The header in which the vendor says how long to wait.
    pub(crate) wait_header: Option<Placed<String>>,
}

/// How long to wait between attempts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Backoff")]
pub(crate) struct BackoffFile {
    /// The first wait.
    pub(crate) base: Placed<String>,
    /// What each further wait is multiplied by: 1 to 10. Without it: 2.
    pub(crate) factor: Option<Number<f64>>,
    /// Whether waits are shortened by chance. Without it: true.
    pub(crate) jitter: Option<bool>,
}

/// One way in which the vendor says no. Every condition given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Error")]
pub(crate) struct ErrorFile {
    /// The HTTP status, or all of a hundred, as in `2xx`.
    pub(crate) status: Option<Number<Statuses>>,
    /// Only on these operations.
    #[serde(default)]
    #[schemars(schema_with = "crate::file::schema::operations")]
    pub(crate) on: Vec<Word<unified_model::Operation>>,
    /// Only on these steps of a write.
    #[serde(default)]
    pub(crate) steps: Vec<Placed<String>>,
    /// Only when the JSON body says something here; null, false, 0 and what is empty say nothing.
    pub(crate) has: Option<Placed<String>>,
    /// Only when the JSON body has exactly these values: vendor path and text, number, true, false or null.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    pub(crate) member: Entries<Placed<Tree>>,
    /// Only when the body is text rather than JSON.
    #[serde(default)]
    pub(crate) text: bool,
    /// Only when the body contains this.
    pub(crate) contains: Option<Placed<String>>,
    /// What it means.
    #[serde(rename = "as")]
    pub(crate) meaning: Word<ErrorMeaning>,
    /// A sentence for the caller, instead of the vendor's.
    pub(crate) message: Option<Placed<String>>,
}

/// A small table of the vendor's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Lookup")]
pub(crate) struct LookupFile {
    /// Method and path: `GET /users`.
    pub(crate) request: Placed<String>,
    /// How parameters are written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// Where the rows are. Without it: `$`, the whole answer.
    pub(crate) records: Option<Placed<String>>,
    /// How the vendor says that there is nothing, besides a 204 and a list without items. Any other answer without rows is an
    /// error.
    #[serde(default)]
    pub(crate) empty: Vec<Word<EmptyAnswer>>,
    /// Where the address of further rows is, for a table that comes in pages; only its query is used.
    pub(crate) next: Option<Placed<String>>,
    /// The member that rows are found by.
    pub(crate) key: Placed<String>,
    /// How long the table is kept. Without it: 5m.
    pub(crate) cache: Option<Placed<String>>,
    /// Whether a vendor that does not offer the table (404 and the like) is taken to have an empty one.
    #[serde(default)]
    pub(crate) optional: bool,
}
