//! Where a call is to go: its header, the rest of its path and its query as one address, holes filled with settings.

use connector_catalog::template::percent_encoded;
use connector_catalog::{ConnectorDefinition, SettingInput, SettingValues};

use super::call::ProxyCall;
use crate::error::GatewayError;
use crate::gateway::present;
use crate::translate;

/// The address, whole or below the base address. Whether it may be called is for the client to say.
pub(super) fn of_call(
    call: &ProxyCall<'_>,
    connector: &ConnectorDefinition,
    settings: &SettingValues,
) -> Result<String, GatewayError> {
    let written = match present(call.downstream_url) {
        Some(text) => filled(text, connector, settings)?,
        None if call.rest.is_empty() => return Err(translate::missing_header("x-apideck-downstream-url")),
        None => String::new(),
    };
    let (path, query) = written.split_once('?').map_or((&*written, ""), |(path, query)| (path, query));
    let mut address = if is_whole(path) {
        if !path.ends_with(call.rest.trim_end_matches('/')) {
            return Err(unusable("names a whole address, to which the path behind /proxy cannot be added"));
        }
        path.to_owned()
    } else if call.rest.is_empty() {
        path.to_owned()
    } else {
        format!("{}{}", path.trim_end_matches('/'), call.rest)
    };
    for query in [query, call.query].into_iter().filter(|query| !query.is_empty()) {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(query);
    }
    Ok(address)
}

/// Whether it begins with a scheme.
fn is_whole(path: &str) -> bool {
    path.split('/').next().is_some_and(|start| start.contains(':'))
}

/// The text with its `{setting}` holes filled. An address that a setting is stands as it is, anything else percent-encoded.
fn filled(text: &str, connector: &ConnectorDefinition, settings: &SettingValues) -> Result<String, GatewayError> {
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, name, after)) = next_hole(rest) {
        whole.push_str(before);
        let value = settings.get(name).ok_or_else(|| not_filled(name, connector, settings))?;
        let is_address = connector.settings.iter().any(|one| one.name == name && one.input == SettingInput::Url);
        if whole.is_empty() && is_address {
            whole.push_str(value.trim().trim_end_matches('/'));
        } else {
            percent_encoded(value, &mut whole);
        }
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

/// The first `{name}`, with what is before and after it. Other braces are the caller's own.
fn next_hole(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(open, _)| {
        let (name, after) = text[open + 1..].split_once('}')?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then_some((&text[..open], name, after))
    })
}

fn not_filled(name: &str, connector: &ConnectorDefinition, settings: &SettingValues) -> GatewayError {
    let name: String = name.chars().take(80).collect();
    let offered: Vec<&str> =
        connector.settings.iter().map(|one| one.name.as_str()).filter(|name| settings.get(name).is_some()).collect();
    let offered = if offered.is_empty() { "none".to_owned() } else { offered.join(", ") };
    unusable(&format!(
        "has `{{{name}}}`, which is no setting of the connection that may be shown; those are: {offered}. \
         Write %7B and %7D where braces are meant"
    ))
}

fn unusable(reason: &str) -> GatewayError {
    translate::invalid_header(format!("x-apideck-downstream-url: {reason}"))
}
