//! Avid CRM (once Prophet) as its API guide and its clients describe it: `OData` 3 over one tenant's records, with custom
//! values in tables of their own and links that need a second word from the record itself.

mod address;
mod links;
mod metadata;
mod query;
mod render;
mod replies;
mod schema;
mod seed;
mod sets;
mod store;
mod tags;
mod views;
mod writes;

use axum::http::header::{AUTHORIZATION, ETAG};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use address::Address;
use query::Query;
use render::Form;
use schema::Set;
pub(crate) use store::Account;

/// Where the vendor is mounted.
pub(crate) const SERVICE_ID: &str = "avid-crm";

/// The user name of the seeded Avid account.
pub const AVID_USERNAME: &str = "ines.marrow";
/// Its password.
pub const AVID_PASSWORD: &str = "sandbox-password";

/// Below the service; like everything on the vendor's servers, in any case.
const ROOT: [&str; 4] = ["prophet", "prophetwebservices", "AvtProphetApi", "odata"];

impl Account {
    pub(crate) fn answer(&mut self, request: &VendorRequest) -> VendorAnswer {
        authenticate(request).and_then(|()| self.route(request)).unwrap_or_else(|Refusal(answer)| answer)
    }

    fn route(&mut self, request: &VendorRequest) -> Outcome {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let (root, path) = segments.split_at_checked(ROOT.len()).ok_or_else(replies::no_such_page)?;
        if !root.iter().zip(ROOT).all(|(sent, known)| sent.eq_ignore_ascii_case(known)) {
            return Err(replies::no_such_page());
        }
        let form = Form::asked_for(request);
        let method = request.method.as_str();
        match (method, path) {
            ("GET", []) => Ok(metadata::service_document(&form)),
            ("GET", ["$metadata"]) => Ok(metadata::document()),
            (_, [set]) => match Address::read(set)? {
                Address { set, key: None } => self.route_set(request, &form, set),
                Address { set, key: Some(key) } => self.route_row(request, &form, set, &key),
            },
            ("GET", [set, "$count"]) => query::count(self, request, Address::read(set)?.set),
            ("GET", [row, navigation]) => query::navigate(self, request, &form, row, navigation),
            (_, [row, "$links", navigation]) => links::route(self, request, &form, row, navigation),
            _ => Err(replies::no_such_page()),
        }
    }

    fn route_set(&mut self, request: &VendorRequest, form: &Form, set: &'static Set) -> Outcome {
        match request.method.as_str() {
            "GET" => query::list(self, request, form, set, self.rows(set)),
            "POST" => writes::create(self, request, form, set),
            _ => Err(replies::not_allowed()),
        }
    }

    fn route_row(&mut self, request: &VendorRequest, form: &Form, set: &'static Set, key: &str) -> Outcome {
        if request.method.as_str() != "GET" {
            tags::check(self, request, set, key)?;
            return self.change_row(request, set, key);
        }
        let query = Query::read(request, set)?;
        let row = self.row(set, key).ok_or_else(replies::no_such_row)?;
        let answer = form.one(200, set, form.entity(self, set, &row, &query.shape));
        Ok(match tags::of(self, set, &row) {
            Some(tag) => answer.with_header(ETAG, tag),
            None => answer,
        })
    }

    fn change_row(&mut self, request: &VendorRequest, set: &'static Set, key: &str) -> Outcome {
        match request.method.as_str() {
            "PUT" => writes::replace(self, request, set, key),
            "PATCH" | "MERGE" => writes::merge(self, request, set, key),
            "DELETE" => writes::delete(self, set, key),
            _ => Err(replies::not_allowed()),
        }
    }
}

fn authenticate(request: &VendorRequest) -> Result<(), Refusal> {
    let expected = STANDARD.encode(format!("{AVID_USERNAME}:{AVID_PASSWORD}"));
    let credentials = request.header(&AUTHORIZATION).split_once(' ');
    let accepted =
        credentials.is_some_and(|(scheme, sent)| scheme.eq_ignore_ascii_case("basic") && sent.trim() == expected);
    if accepted { Ok(()) } else { Err(replies::not_authenticated()) }
}
