//! Whether there is an application of that id: asked before anything is listed of it or added to it.

use storage::Statement;
use unified_model::ApplicationId;

use super::Core;
use crate::error::AdminError;
use crate::store::Write;

const HAS_APPLICATION: &str = "SELECT id FROM applications WHERE id = $1";

impl Core {
    pub(crate) async fn require_application(&self, id: &ApplicationId) -> Result<(), AdminError> {
        let found = !self.store.fetch(named(id)).await?.is_empty();
        if found { Ok(()) } else { Err(AdminError::UnknownApplication(id.to_string())) }
    }
}

impl Write<'_> {
    pub(crate) async fn require_application(&mut self, id: &ApplicationId) -> Result<(), AdminError> {
        let found = !self.fetch(named(id)).await?.is_empty();
        if found { Ok(()) } else { Err(AdminError::UnknownApplication(id.to_string())) }
    }
}

fn named(id: &ApplicationId) -> Statement {
    Statement::new(HAS_APPLICATION).bind(id.as_str())
}
