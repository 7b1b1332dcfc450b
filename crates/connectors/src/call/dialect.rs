//! What a protocol adds to JSON over HTTP: how it writes requests, and what it makes of answers and of records that are read and
//! written. Nothing outside the protocols knows more of any of them.

use std::borrow::Cow;

use bytes::Bytes;
use connector_catalog::{ListWay, ResourceDefinition};
use serde_json::{Map, Value};
use unified_model::{Operation, UnifiedRequest, Warning};
use vendor_client::VendorBody;

use crate::call::context::CallContext;
use crate::call::outcome::ConnectorError;
use crate::call::surroundings::Surroundings;

/// What a protocol adds.
pub(crate) trait Dialect: Send + Sync {
    /// The names and habits that are the protocol's own.
    fn conventions(&self) -> &'static Conventions;

    /// The request with what the protocol's vendors need beside what the caller sent.
    fn completed<'r>(&self, request: &'r UnifiedRequest) -> Cow<'r, UnifiedRequest> {
        Cow::Borrowed(request)
    }

    /// The parameters that carry the request's filters; `None`: no record can have such values, so the vendor need not be asked.
    fn rules(&self, way: &ListWay, context: CallContext<'_>) -> Result<Option<Vec<(String, String)>>, ConnectorError>;

    /// An answer in the one form that definitions describe, where services of the protocol have several.
    fn plain(&self, body: Bytes, _operation: Operation) -> Bytes {
        body
    }

    /// The answer that holds one record, or that record or list alone where the service answers it as it answers lists.
    fn one(&self, body: Bytes) -> Bytes {
        body
    }

    /// An answer that holds records, before it is mapped.
    fn shown(&self, _resource: &ResourceDefinition, _surroundings: &Surroundings, body: Bytes) -> Bytes {
        body
    }

    /// The tables that lack something that a caller names: a custom field, one of its choices.
    fn outdated(
        &self,
        _resource: &ResourceDefinition,
        _surroundings: &Surroundings,
        _sent: &Map<String, Value>,
    ) -> Vec<String> {
        Vec::new()
    }

    /// Completes a record that the mapping has written, before steps draw from it.
    fn complete(
        &self,
        _resource: &ResourceDefinition,
        _surroundings: &Surroundings,
        _rewriting: &mut Rewriting<'_>,
    ) -> Vec<Warning> {
        Vec::new()
    }
}

/// Names and habits of a protocol.
pub(crate) struct Conventions {
    /// The members that tell a record's version. They are no part of the record.
    pub(crate) version_members: &'static [&'static str],
    /// Where else in a record its version may stand: a member, and the member in that.
    pub(crate) version_at: (&'static str, &'static str),
    /// Whether a weak version tag can be compared with `If-Match`.
    pub(crate) compares_weak_tags: bool,
    /// The headers that may name a new record.
    pub(crate) new_record_headers: &'static [&'static str],
    /// Whether filters compare times with clocks of the vendor's zone, where a field does not say otherwise.
    pub(crate) compares_local_times: bool,
    /// The record that the body of a link names.
    pub(crate) linked: fn(&Map<String, Value>) -> Option<&str>,
    /// The body that makes a link; `base` is the address that the record's own is added to. `None`: no record is named.
    pub(crate) link: fn(base: &str, &Map<String, Value>) -> Option<VendorBody>,
}

/// A record on its way to the vendor.
pub(crate) struct Rewriting<'r> {
    /// As it will be.
    pub(crate) record: &'r mut Map<String, Value>,
    /// As it was; empty for a new record.
    pub(crate) before: &'r Map<String, Value>,
    /// Its id.
    pub(crate) id: &'r str,
    /// Makes ids.
    pub(crate) mint: &'r mut dyn FnMut() -> String,
}
