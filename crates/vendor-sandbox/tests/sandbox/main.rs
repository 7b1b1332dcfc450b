//! The sandbox as a gateway meets it: over HTTP, on loopback, never sleeping.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod agile_calls;
mod agile_deals;
mod agile_edits;
mod agile_filters;
mod agile_lists;
mod agile_negotiation;
mod agile_searches;
mod agile_seed;
mod agile_work;
mod agile_writes;
mod avid_links;
mod avid_queries;
mod avid_writes;
mod axiomatic;
mod axiomatic_leads;
mod bad_days;
mod client;
mod consent;
mod control;
mod hubspot;
mod hubspot_oauth;
mod pipedrive;
mod pipedrive_oauth;
mod public_clients;
mod replay;
mod teamswork;
mod vendor;
