//! The values of a connection's settings, and the texts of a definition that they fill.

use std::borrow::Cow;

use connector_catalog::template::verbatim;
use connector_catalog::{Hole, Setting, Template};
use secrecy::{ExposeSecret, SecretString};

use crate::credentials::Credentials;
use crate::error::VendorError;

/// The values of a connection's settings.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'s> {
    pub(crate) declared: &'s [Setting],
    pub(crate) credentials: &'s Credentials,
}

impl<'s> Settings<'s> {
    pub(crate) fn declaration(self, name: &str) -> Option<&'s Setting> {
        self.declared.iter().find(|setting| setting.name == name)
    }

    /// The value, or the declared default.
    pub(crate) fn value(self, name: &str) -> Option<&'s str> {
        let given = self.credentials.settings.get(name).map(ExposeSecret::expose_secret);
        given.or_else(|| self.declaration(name)?.default.as_deref())
    }

    pub(crate) fn fill(self, hole: &Hole) -> Option<Cow<'s, str>> {
        match hole {
            Hole::Setting(name) => self.value(name).map(Cow::Borrowed),
            Hole::Id | Hole::Parent | Hole::Filter(_) | Hole::Written(..) | Hole::Index => None,
        }
    }

    /// Whether a text has a secret in it. What no definition declares is taken for one.
    pub(crate) fn holds_secret(self, template: &Template) -> bool {
        template.holes().any(|hole| match hole {
            Hole::Setting(name) => self.declaration(name).is_none_or(|setting| setting.sensitive),
            Hole::Id | Hole::Parent | Hole::Filter(_) | Hole::Written(..) | Hole::Index => false,
        })
    }

    pub(crate) fn render(self, template: &Template) -> Result<SecretString, VendorError> {
        template.render(|hole| self.fill(hole), verbatim).map(SecretString::from).map_err(|hole| no_value(&hole))
    }

    /// `None` where it comes to nothing: an optional setting has no value, or the text is empty.
    pub(crate) fn render_optional(self, template: &Template) -> Result<Option<SecretString>, VendorError> {
        let is_optional = |hole: &Hole| match hole {
            Hole::Setting(name) => self.declaration(name).is_some_and(|setting| !setting.required),
            Hole::Id | Hole::Parent | Hole::Filter(_) | Hole::Written(..) | Hole::Index => false,
        };
        let left_out = template.holes().any(|hole| self.fill(hole).is_none() && is_optional(hole));
        if left_out {
            return Ok(None);
        }
        Ok(Some(self.render(template)?).filter(|text| !text.expose_secret().is_empty()))
    }
}

pub(crate) fn no_value(hole: &Hole) -> VendorError {
    VendorError::Settings(format!("`{hole}` has no value"))
}
