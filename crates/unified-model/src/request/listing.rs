//! The query parameters of lists that the gateway answers itself, such as its connectors: limit, cursor and filters.

use std::collections::BTreeMap;

use crate::request::RequestError;
use crate::request::findings::{Findings, shortened};
use crate::request::parameters;
use crate::request::query::Query;
use crate::request::suggest::{did_you_mean, listed};

/// What is asked of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The largest number of items, 1 to 200.
    pub limit: u16,
    /// Where to go on, as an earlier page said.
    pub cursor: Option<String>,
    /// `filter[name]=value`, each of a name that the list knows.
    pub filters: BTreeMap<String, String>,
}

impl Listing {
    /// Reads a query string; `known` are the filters of the list.
    ///
    /// # Errors
    /// [`RequestError::Invalid`] with every violation found.
    pub fn parse(query: &str, known: &[&str]) -> Result<Self, RequestError> {
        let mut findings = Findings::default();
        let query = Query::parse(query, &mut findings);
        let limit = parameters::limit(&query, &mut findings);
        let cursor = query.scalar("cursor", &mut findings).map(str::to_owned);
        let mut filters = BTreeMap::new();
        for (name, value) in query.members("filter", &mut findings) {
            if known.contains(&name) {
                filters.insert(name.to_owned(), value.to_owned());
            } else {
                let hint = did_you_mean(name, known.iter().copied());
                let message = format!("is no filter of this list{hint}; there are {}", listed(known.iter().copied()));
                findings.violation(format!("filter[{}]", shortened(name)), message);
            }
        }
        let listing = Self { limit, cursor, filters };
        if findings.violations.is_empty() { Ok(listing) } else { Err(RequestError::Invalid(findings.violations)) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn what_is_not_sent_has_its_default() {
        let listing = Listing::parse("cursor=&filter[status]=null", &["status"]).unwrap();
        assert_eq!(listing, Listing { limit: 20, cursor: None, filters: BTreeMap::new() });
    }

    #[test]
    fn every_mistake_is_named() {
        let refused = Listing::parse("limit=0&filter[state]=live", &["status"]).unwrap_err();
        let RequestError::Invalid(violations) = refused else { panic!("{refused}") };
        let places: Vec<&str> = violations.iter().map(|violation| violation.at.as_str()).collect();
        assert_eq!(places, ["limit", "filter[state]"]);
    }
}
