//! The protocol `rest`: the definition alone says everything, filters in templates among it.

use connector_catalog::ListWay;

use super::odata::conventions::BORROWED;
use crate::call::context::CallContext;
use crate::call::dialect::{Conventions, Dialect};
use crate::call::outcome::ConnectorError;

/// The protocol `rest`.
#[derive(Debug)]
pub(super) struct Rest;

impl Dialect for Rest {
    fn conventions(&self) -> &'static Conventions {
        &BORROWED
    }

    fn rules(
        &self,
        _way: &ListWay,
        _context: CallContext<'_>,
    ) -> Result<Option<Vec<(String, String)>>, ConnectorError> {
        Err(ConnectorError::Internal("filter rules need another protocol".to_owned()))
    }
}
