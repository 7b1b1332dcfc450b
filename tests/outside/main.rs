//! The gateway from outside: everything here goes through HTTP or the command line, over stand-in vendors on loopback.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise and documents itself"
)]

mod added_vendor;
mod administration;
mod agile_filters;
mod agile_lifecycle;
mod answers_as_bytes;
mod at_once;
mod at_the_start;
mod careful_writes;
mod case_coverage;
mod connector_api;
mod errors;
mod half_done;
mod isolation;
mod jobs;
mod killed;
mod language;
mod late_fields;
mod listing;
mod malformed;
mod master_key;
mod memory;
mod mistakes;
mod named_faults;
mod new_ids;
mod oauth;
mod oauth_vendors;
mod operator;
mod own_fields;
mod process;
mod proxy;
mod records;
mod refused_keys;
mod response_rules;
mod routes;
mod sdk_requests;
mod secrets;
mod seed_calls;
mod slow_clients;
mod store_faults;
mod support;
mod two_servers;
mod vault;
mod vendor;
mod vendor_faults;
mod vendor_limits;
mod vendors;
