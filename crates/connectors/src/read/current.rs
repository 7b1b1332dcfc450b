//! The vendor's record as it is: before a write, and as an example.

use futures_util::future::join;
use serde_json::{Map, Value};

use crate::call::context::CallContext;
use crate::call::entity_tag::{self, Version};
use crate::call::outcome::ConnectorError;
use crate::call::surroundings::Surroundings;
use crate::read::load;
use crate::read::one::{self, Fetched};
use crate::request::filters;

/// The record as it is now.
pub(crate) struct Current {
    pub(crate) record: Map<String, Value>,
    /// `None` where the vendor tells no version.
    pub(crate) version: Option<Version>,
}

/// The record as it is now with what is loaded beside it, provided that it is the one asked for and of the resource's kind:
/// what a write goes over must be that record, and nothing else that a vendor may answer.
pub(crate) async fn read(context: CallContext<'_>, surroundings: &Surroundings) -> Result<Current, ConnectorError> {
    let (fetched, loaded) = join(one::fetch(context), load::for_one(context)).await;
    let mut fetched = fetched?;
    let resource = context.resource();
    fetched.document = context.dialect.shown(resource, surroundings, fetched.document);
    let record = Value::Object(fetched.record(&resource.mapping)?);
    let is_deleted = resource.deleted.mark().is_some_and(|mark| mark.marks(&record));
    let is_of_kind = !is_deleted && resource.kind.as_ref().is_none_or(|kind| kind.admits(&record));
    let Value::Object(mut record) = record else { return Err(ConnectorError::NotFound(fetched.id)) };
    if !is_of_kind {
        return Err(ConnectorError::NotFound(fetched.id));
    }
    let version = version(context, &fetched, &mut record);
    record.extend(loaded?.members());
    Ok(Current { record, version })
}

/// The headers of a list are not about the one record that was picked from it.
fn version(context: CallContext<'_>, fetched: &Fetched, record: &mut Map<String, Value>) -> Option<Version> {
    let one = context.resource().one.as_ref()?;
    let headers = one.pick.is_none().then_some(&fetched.reply.headers);
    let tag = entity_tag::take(context.connector(), context.dialect.conventions(), headers, record)?;
    Some(Version { tag, path: filters::path(&one.request.path, context.plan, context.request).ok()? })
}
