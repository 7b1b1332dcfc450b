//! A connector's documents, written from its definition: what a consumer fills in, and what there is to be had.

use std::fmt::Write as _;

use connector_catalog::{ConnectorDefinition, SettingInput, connector_page};
use serde::Serialize;

use crate::http::reply::links::PublicUrl;

const CONNECTION: &str = "consumer+connection";
const COVERAGE: &str = "application_owner+coverage";

/// A document of a connector.
#[derive(Serialize)]
pub(super) struct Doc {
    id: &'static str,
    name: &'static str,
    audience: &'static str,
    format: &'static str,
    url: String,
}

pub(super) fn docs(definition: &ConnectorDefinition, public_url: &PublicUrl) -> Vec<Doc> {
    let doc = |id: &'static str| {
        let (audience, name) = id.split_once('+').unwrap_or_default();
        let url = format!("{}/connector/connectors/{}/docs/{id}", public_url.as_str(), definition.service_id);
        Doc { id, name, audience, format: "markdown", url }
    };
    vec![doc(CONNECTION), doc(COVERAGE)]
}

/// A document's Markdown; `None` where there is no such document.
pub(super) fn text(definition: &ConnectorDefinition, id: &str) -> Option<String> {
    match id {
        CONNECTION => Some(connection(definition)),
        COVERAGE => Some(connector_page(definition).to_markdown()),
        _ => None,
    }
}

/// How a consumer connects an account.
fn connection(definition: &ConnectorDefinition) -> String {
    let mut text = format!("# Connect {}\n\nFill in:\n\n", definition.name);
    for setting in &definition.settings {
        let need = if setting.required { "" } else { " (optional)" };
        let secret = if setting.sensitive { " It is kept sealed and never shown." } else { "" };
        let choice = if setting.input == SettingInput::Checkbox {
            " Yes or no.".to_owned()
        } else if setting.options.is_empty() {
            String::new()
        } else {
            format!(" One of {}.", setting.options.join(", "))
        };
        let help = setting.help.as_deref().map(|help| format!(" {help}.")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- **{}**{need}.{help}{choice}{secret}", setting.label);
    }
    if let Some(docs) = &definition.docs {
        let _ = write!(text, "\nThe vendor's own documentation: <{docs}>\n");
    }
    text
}
