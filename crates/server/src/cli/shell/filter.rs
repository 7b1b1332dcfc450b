//! `[log] filter`: that every target in it is one that something is logged under.

/// What the gateway's own crates log under.
const OWN: [&str; 9] = [
    "connection_vault",
    "connector_catalog",
    "connectors",
    "field_mapping",
    "gateway",
    "server",
    "unified_model",
    "vendor_client",
    "vendor_sandbox",
];
/// What the libraries below log under.
const LIBRARIES: [&str; 12] =
    ["axum", "h2", "hyper", "hyper_util", "mio", "oauth2", "reqwest", "rustls", "sqlx", "tokio", "tower", "tower_http"];
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Refuses a directive that nothing would ever match: it is a slip of the pen, and would hide what was meant to be seen.
pub(super) fn check_filter(filter: &str) -> Result<(), String> {
    match directives(filter).find(|directive| !names_something(directive)) {
        None => Ok(()),
        Some(directive) => Err(format!(
            "[log] filter: nothing is logged under `{directive}`: write a level ({}), or a target with a level, as in \
             `info,gateway=debug`; targets are {}, and of libraries {}",
            LEVELS.join(", "),
            OWN.join(", "),
            LIBRARIES.join(", ")
        )),
    }
}

/// Directives are joined by commas; the fields of a span may hold some, in braces.
fn directives(filter: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = filter.split(move |character| {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

fn names_something(directive: &str) -> bool {
    if LEVELS.contains(&directive.to_ascii_lowercase().as_str())
        || directive.parse::<u8>().is_ok_and(|level| level <= 5)
    {
        return true;
    }
    let target = directive.split(['=', '[']).next().unwrap_or_default();
    let of = target.split("::").next().unwrap_or_default();
    // A directive for every target names a span alone.
    target.is_empty() || OWN.contains(&of) || LIBRARIES.contains(&of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_targets_that_there_are_pass() {
        for filter in [
            "info",
            "",
            "WARN",
            "off",
            "info,gateway=debug",
            "server::http=trace, sqlx::query=warn",
            "3",
            "[call{id=1,b=2}]=debug",
        ] {
            assert_eq!(check_filter(filter), Ok(()), "{filter}");
        }
    }

    #[test]
    fn what_nothing_is_logged_under_is_refused() {
        for (filter, owed) in [
            ("debg", "`debg`"),
            ("info,gatway=debug", "`gatway=debug`"),
            ("trunkline=debug", "`trunkline=debug`"),
            ("info,9", "`9`"),
        ] {
            let refused = check_filter(filter).expect_err("refused");
            assert!(refused.contains(owed) && refused.contains("gateway=debug"), "{refused}");
        }
    }
}
