//! Whose something is: the application that calls, and the consumer that it calls for.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::UnknownName;

/// The longest id, in characters.
const LONGEST: usize = 255;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                if is_header_text(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(UnknownName { found: text.chars().take(80).collect(), expected: $expected })
                }
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for Arc<str> {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{:?}", &*self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// The id of an application: a product that calls the gateway with its own API keys. Cheap to clone.
    ///
    /// ```
    /// let acme: unified_model::ApplicationId = "acme".parse()?;
    /// assert_eq!(acme.as_str(), "acme");
    /// # Ok::<(), unified_model::vocabulary::UnknownName>(())
    /// ```
    ApplicationId, "an application id (1 to 255 printable characters, without a space at either end)"
}

id! {
    /// The id that an application has given to one of its customers. Cheap to clone.
    ///
    /// ```
    /// assert!(" ada".parse::<unified_model::ConsumerId>().is_err());
    /// ```
    ConsumerId, "a consumer id (1 to 255 printable characters, without a space at either end)"
}

/// Whether a text of 1 to 255 characters can stand in a header as it is: nothing in it is invisible, and there is no space at either end.
#[must_use]
pub fn is_header_text(text: &str) -> bool {
    // Bytes first, so that an endless id is refused without being read.
    text.len() <= LONGEST * 4
        && (1..=LONGEST).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}
