//! What a vendor puts around its records, as a connector file writes it.

use schemars::JsonSchema;
use serde::Deserialize;

use field_mapping::yaml::Placed;

/// What the vendor puts around each record, so that the mapping need not name it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Envelope")]
pub(crate) struct EnvelopeFile {
    /// Where the record is in each element of a list. Without it: the element is the record.
    pub(crate) item: Option<Placed<String>>,
    /// Where the record is in the answer of `one`, and the new record in that of `add`. Without it: `$`, the whole answer.
    pub(crate) record: Option<Placed<String>>,
    /// Where the record goes in the body of a request that sends `record`, `changed` or `over`. Without it: `$`, the whole body.
    pub(crate) body: Option<Placed<String>>,
}
