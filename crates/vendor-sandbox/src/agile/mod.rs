//! Agile CRM as its REST documentation and its published clients describe it: one account, its end-points and its oddities.

mod calls;
mod contacts;
mod deals;
mod directory;
mod edits;
mod events;
mod input;
mod lists;
mod notes;
mod records;
mod replies;
mod seed;
mod store;
mod tasks;
mod tracks;

use axum::http::header::{ACCEPT, AUTHORIZATION};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::exchange::{VendorAnswer, VendorRequest};
use crate::values::xml;
use replies::{Refusal, Reply};
pub(crate) use store::Account;

/// Where the vendor is mounted.
pub(crate) const SERVICE_ID: &str = "agile-crm";

/// The e-mail that the seeded Agile account logs in with.
pub const AGILE_EMAIL: &str = "maren.tolle@saltmarsh.example";
/// The REST API key that the seeded Agile account accepts.
pub const AGILE_API_KEY: &str = "sandbox-rest-key";
/// The seeded Agile account's sub-domain.
pub const AGILE_DOMAIN: &str = "saltmarsh";

impl Account {
    pub(crate) fn answer(&mut self, request: &VendorRequest) -> VendorAnswer {
        match authenticate(request).and_then(|()| self.route(request)) {
            Ok(reply) => render(reply, request.header(&ACCEPT)),
            Err(Refusal(answer)) => answer,
        }
    }

    fn route(&mut self, request: &VendorRequest) -> Result<Reply, Refusal> {
        let method = request.method.as_str();
        if matches!(method, "GET" | "DELETE") && !request.body.is_empty() {
            return Err(Refusal::text(400, "Bad Request"));
        }
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let ["dev", "api", path @ ..] = segments.as_slice() else { return Err(Refusal::no_such_page()) };
        match (method, path) {
            ("GET", ["contacts"]) => contacts::by_creation(self, request),
            ("POST", ["contacts"]) => contacts::create(self, request),
            ("PUT", ["contacts"]) => contacts::replace(self, request),
            ("POST", ["contacts", "list"]) => contacts::persons(self, request),
            ("GET", ["contacts", "list", "count"]) => Ok(contacts::count(self)),
            ("POST", ["leads", "list"]) => contacts::leads(self, request),
            ("POST", ["contacts", "companies", "list"]) => contacts::companies(self, request),
            ("GET", ["contacts", "related", company]) => contacts::related(self, request, company),
            ("PUT", ["contacts", "edit-properties"]) => edits::properties(self, request),
            ("PUT", ["contacts", "edit", "lead-score"]) => edits::lead_score(self, request),
            ("PUT", ["contacts", "edit", "add-star"]) => edits::star_value(self, request),
            ("PUT", ["contacts", "edit", "tags"]) => edits::add_tags(self, request),
            ("PUT", ["contacts", "delete", "tags"]) => edits::remove_tags(self, request),
            ("POST", ["contacts", "change-owner"]) => edits::owner(self, request),
            ("GET", ["contacts", "search", "email", email]) => Ok(lists::searches::by_email(self, email)),
            ("POST", ["contacts", "search", "email"]) => lists::searches::by_emails(self, request),
            ("GET", ["contacts", "search", "phonenumber", number]) => {
                Ok(lists::searches::by_phone_number(self, number))
            }
            ("POST", ["contacts", "notes", "bulk"]) => notes::delete_many(self, request),
            ("GET", ["contacts", id, "notes"]) => notes::of_contact(self, request, id),
            ("DELETE", ["contacts", id, "notes", note]) => notes::unlink(self, id, note),
            ("GET", ["contacts", id, "deals"]) => deals::of_contact(self, id),
            ("GET", ["contacts", id, "tasks", "sort"]) => tasks::of_contact(self, id),
            ("GET", ["contacts", id, "events", "sort"]) => events::of_contact(self, id),
            ("GET", ["contacts", id]) => contacts::one(self, id),
            ("DELETE", ["contacts", id]) => contacts::delete(self, id),
            ("GET", ["search"]) => lists::searches::by_keyword(self, request),
            ("POST", ["filters", "filter", "dynamic-filter"]) => lists::filters::dynamic(self, request),
            (_, ["opportunity", below @ ..]) if !calls::knows(method, path) => {
                deals::route(self, request, method, below)
            }
            (_, ["tasks", below @ ..]) if !calls::knows(method, path) => tasks::route(self, request, method, below),
            (_, ["events", path @ ..]) => events::route(self, request, method, path),
            (_, ["milestone", path @ ..]) => tracks::route(self, request, method, path),
            ("POST", ["notes"]) => notes::create(self, request),
            ("PUT", ["notes"]) => notes::replace(self, request),
            ("GET", ["notes", "my", "notes"]) => notes::mine(self, request),
            ("GET", ["notes", id]) => notes::one(self, id),
            ("GET", ["categories"]) => directory::categories(request),
            ("GET", ["users"]) => Ok(directory::users(self)),
            ("GET", ["users", "current-user"]) => Ok(directory::current_user(self)),
            ("GET", ["custom-fields", "scope"] | ["custom-fields", "scope", "position"]) => {
                directory::custom_fields(request)
            }
            _ => calls::answer(self, request, method, path),
        }
    }
}

fn authenticate(request: &VendorRequest) -> Result<(), Refusal> {
    let expected = STANDARD.encode(format!("{AGILE_EMAIL}:{AGILE_API_KEY}"));
    let accepted = request
        .header(&AUTHORIZATION)
        .split_once(' ')
        .is_some_and(|(scheme, sent)| scheme.eq_ignore_ascii_case("basic") && sent.trim() == expected);
    if accepted { Ok(()) } else { Err(Refusal::not_authenticated()) }
}

/// XML is what callers get who do not ask for JSON by name; `*/*` is not enough.
fn render(reply: Reply, accept: &str) -> VendorAnswer {
    let wants_json = accept.to_ascii_lowercase().contains("application/json");
    match reply {
        // It says of what type nothing is; clients look.
        Reply::Nothing => {
            let content_type = if wants_json { "application/json" } else { "application/xml" };
            VendorAnswer { content_type: Some(content_type), ..VendorAnswer::empty(204) }
        }
        Reply::Text(text) => VendorAnswer::text(200, text),
        Reply::One(_, record) if wants_json => VendorAnswer::json(200, &record),
        Reply::One(element, record) => VendorAnswer::xml(200, xml::record(element, &record)),
        Reply::Many(_, records) if wants_json => VendorAnswer::json(200, &records.into()),
        Reply::Many(element, records) => VendorAnswer::xml(200, xml::collection(element, &records)),
    }
}
