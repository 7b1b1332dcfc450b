//! Whether there is an application of that id: asked before anything is listed of it or added to it.

use storage::Statement;

use super::{Core, name};
use crate::error::AdminError;
use crate::store::Write;

const HAS_APPLICATION: &str = "SELECT id FROM applications WHERE id = $1";

impl Core {
    pub(crate) async fn require_application(&self, id: &str) -> Result<(), AdminError> {
        let found = name::is_well_formed(id) && !self.store.fetch(named(id)).await?.is_empty();
        if found { Ok(()) } else { Err(AdminError::UnknownApplication(id.to_owned())) }
    }
}

impl Write<'_> {
    pub(crate) async fn require_application(&mut self, id: &str) -> Result<(), AdminError> {
        let found = name::is_well_formed(id) && !self.fetch(named(id)).await?.is_empty();
        if found { Ok(()) } else { Err(AdminError::UnknownApplication(id.to_owned())) }
    }
}

fn named(id: &str) -> Statement {
    Statement::new(HAS_APPLICATION).bind(id)
}
