//! Lists against a vendor made for the test: every record once, in whatever way the vendor pages and the caller asks.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod answers;
mod at_once;
mod custom;
mod custom_fields;
mod ends;
mod gateway;
mod loading;
mod paces;
mod paging;
mod parents;
mod sequences;
mod vendor;
mod wrapped;
