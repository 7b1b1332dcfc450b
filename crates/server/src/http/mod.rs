//! The HTTP face: routes, headers in and out, envelopes, documentation pages. The only place, beside the sandbox, that knows axum.

mod connector;
mod crm;
mod pages;
mod proxy;
pub(crate) mod reply;
pub(crate) mod request;
mod routes;
mod unified_api;
mod vault;

pub use reply::links::PublicUrl;
pub use routes::router;
