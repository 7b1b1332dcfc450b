//! What every call of a connection shares, rendered once: address, headers, authorisation, query.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector_catalog::{Auth, ConnectorDefinition};
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use crate::address::Address;
use crate::credentials::{ACCESS_TOKEN, Credentials};
use crate::error::VendorError;
use crate::settings::Settings;

/// What stands unescaped in a query: what RFC 3986 lets stand there and no form decoder reads as something else.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$')
    .remove(b',')
    .remove(b':')
    .remove(b'/');

/// The rendered part of a connection's calls, and what it was rendered from.
pub(crate) struct Prepared {
    connector: Arc<ConnectorDefinition>,
    credentials: Arc<Credentials>,
    pub(crate) address: Address,
    /// What holds a secret is marked as sensitive.
    pub(crate) headers: HeaderMap,
    pub(crate) query: String,
    /// The names of `query` and whether their values hold a secret.
    pub(crate) query_names: Vec<(String, bool)>,
}

impl Prepared {
    pub(crate) fn new(
        connector: Arc<ConnectorDefinition>,
        credentials: Arc<Credentials>,
        address: Address,
        user_agent: &HeaderValue,
    ) -> Result<Self, VendorError> {
        let settings = Settings { declared: &connector.settings, credentials: &credentials };
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, user_agent.clone());
        for (name, template) in &connector.headers {
            if let Some(value) = settings.render_optional(template)? {
                let mut value = header_value(name, value.expose_secret())?;
                value.set_sensitive(settings.holds_secret(template));
                headers.insert(header_name(name)?, value);
            }
        }
        let (name, mut value) = authorisation(&connector.auth, settings)?;
        value.set_sensitive(true);
        headers.insert(name, value);
        let (mut query, mut query_names) = (String::new(), Vec::new());
        for (name, template) in &connector.query {
            if let Some(value) = settings.render_optional(template)? {
                push_parameter(&mut query, name, value.expose_secret());
                query_names.push((name.clone(), settings.holds_secret(template)));
            }
        }
        Ok(Self { connector, credentials, address, headers, query, query_names })
    }

    /// Whether it was rendered from exactly these.
    pub(crate) fn is_from(&self, connector: &Arc<ConnectorDefinition>, credentials: &Arc<Credentials>) -> bool {
        Arc::ptr_eq(&self.connector, connector) && Arc::ptr_eq(&self.credentials, credentials)
    }
}

/// Appends `name=value` to an encoded query.
pub(crate) fn push_parameter(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, QUERY));
    query.push('=');
    query.extend(utf8_percent_encode(value, QUERY));
}

fn authorisation(auth: &Auth, settings: Settings<'_>) -> Result<(HeaderName, HeaderValue), VendorError> {
    match auth {
        Auth::Basic { username, password } => {
            let (username, password) = (settings.render(username)?, settings.render(password)?);
            if username.expose_secret().contains(':') {
                return Err(VendorError::Settings(
                    "the user name of Basic authorisation cannot contain `:`".to_owned(),
                ));
            }
            let pair = SecretString::from(format!("{}:{}", username.expose_secret(), password.expose_secret()));
            let encoded = SecretString::from(format!("Basic {}", STANDARD.encode(pair.expose_secret())));
            Ok((AUTHORIZATION, header_value("Authorization", encoded.expose_secret())?))
        }
        Auth::Bearer { token } => {
            let token = settings.render(token)?;
            let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
            Ok((AUTHORIZATION, header_value("Authorization", value.expose_secret())?))
        }
        Auth::Header { name, value } => {
            let value = settings.render(value)?;
            Ok((header_name(name)?, header_value(name, value.expose_secret())?))
        }
        Auth::Oauth2(oauth2) => {
            let token = settings.credentials.settings.get(ACCESS_TOKEN);
            let token = token.ok_or_else(|| VendorError::Settings("there is no access token".to_owned()))?;
            let value = SecretString::from(format!("{} {}", oauth2.scheme, token.expose_secret()));
            Ok((AUTHORIZATION, header_value("Authorization", value.expose_secret())?))
        }
    }
}

fn header_name(name: &str) -> Result<HeaderName, VendorError> {
    name.parse().map_err(|_| VendorError::Settings(format!("`{name}` cannot be the name of a header")))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, VendorError> {
    HeaderValue::from_str(value).map_err(|_| {
        VendorError::Settings(format!("the value of header `{name}` has characters that no header can hold"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_escaped_so_that_every_server_reads_the_same() {
        let mut query = String::new();
        push_parameter(&mut query, "$filter", "Name eq 'a+b' & c/d");
        push_parameter(&mut query, "q", "é=1");
        assert_eq!(query, "$filter=Name%20eq%20%27a%2Bb%27%20%26%20c/d&q=%C3%A9%3D1");
    }
}
