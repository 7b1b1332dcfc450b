//! What a connection sends in the query of every call, laid over a caller's own query.

use url::Url;

use crate::connection::prepared::Prepared;

/// A secret stands instead of what the caller gives under its name; anything else only where the caller gives nothing.
pub(super) fn with_fixed_query(mut url: Url, prepared: &Prepared, with_secrets: bool) -> Url {
    let fixed = prepared.query.split('&').zip(&prepared.query_names);
    for (pair, (name, is_secret)) in fixed {
        match (is_secret, with_secrets) {
            (true, true) => {
                remove(&mut url, name);
                append(&mut url, pair);
            }
            (true, false) => {}
            (false, _) if url.query_pairs().any(|(given, _)| given == *name) => {}
            (false, _) => append(&mut url, pair),
        }
    }
    url
}

fn append(url: &mut Url, pair: &str) {
    let query = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&{pair}"));
    url.set_query(Some(query.as_deref().unwrap_or(pair)));
}

fn remove(url: &mut Url, name: &str) {
    let Some(query) = url.query() else { return };
    let is_other = |pair: &&str| form_urlencoded::parse(pair.as_bytes()).all(|(given, _)| given != name);
    let rest = query.split('&').filter(is_other).collect::<Vec<_>>().join("&");
    url.set_query((!rest.is_empty()).then_some(&rest));
}
