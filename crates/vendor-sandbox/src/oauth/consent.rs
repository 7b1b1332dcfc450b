//! The consent page: who asks for what, a yes, a no, and the way back.

use super::{AuthorizationServer, Challenge, Code};
use crate::exchange::{VendorAnswer, VendorRequest};

/// What a vendor's page shows, and where it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConsentPage {
    pub(crate) vendor: &'static str,
    /// The accounts that the one who is signed in can open; the first is chosen unless another is.
    pub(crate) accounts: &'static [&'static str],
    /// What is granted where nothing was asked for.
    pub(crate) scope: &'static str,
}

/// What the page was asked with, and what comes back from its form.
const CARRIED: [&str; 7] =
    ["client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method"];

impl AuthorizationServer {
    /// `GET` shows the page, `POST` takes the decision and sends the browser back.
    pub(crate) fn consent(&mut self, request: &VendorRequest, page: &ConsentPage) -> VendorAnswer {
        let sent = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
        // Nobody is sent to an address of somebody unknown: what is wrong here is said on the spot.
        let Some(client_id) = sent("client_id").filter(|id| id == self.client_id) else {
            return refuse("This app is unknown.");
        };
        let Some(redirect_uri) = sent("redirect_uri").filter(|address| is_address(address)) else {
            return refuse("The app's redirect address is none.");
        };
        let back =
            |pairs: &[(&str, &str)]| VendorAnswer::redirect(address(&redirect_uri, pairs, sent("state").as_deref()));
        if sent("response_type").is_some_and(|kind| kind != "code") {
            return back(&[("error", "unsupported_response_type")]);
        }
        let challenge = match sent("code_challenge") {
            None => None,
            Some(challenge) => match Challenge::read(challenge, sent("code_challenge_method").as_deref()) {
                None => return back(&[("error", "invalid_request")]),
                known => known,
            },
        };
        match (request.method.as_str(), sent("decision").as_deref()) {
            ("POST", Some("approve")) => {
                let code = self.new_token();
                let account = sent("account").filter(|own| page.accounts.contains(&own.as_str()));
                self.codes.insert(
                    code.clone(),
                    Code {
                        redirect_uri: redirect_uri.clone(),
                        challenge,
                        account: account
                            .unwrap_or_else(|| page.accounts.first().copied().unwrap_or_default().to_owned()),
                        scope: sent("scope").unwrap_or_else(|| page.scope.to_owned()),
                    },
                );
                back(&[("code", &code)])
            }
            ("POST", Some("deny")) => {
                back(&[("error", "access_denied"), ("error_description", "The user has denied access.")])
            }
            ("GET", _) => VendorAnswer::html(200, form(page, &client_id, sent)),
            _ => refuse("The decision is `approve` or `deny`."),
        }
    }
}

fn form(page: &ConsentPage, client_id: &str, sent: impl Fn(&str) -> Option<String>) -> String {
    let hidden = CARRIED.iter().filter_map(|name| Some((name, sent(name)?)));
    let input = |(name, value): (&&str, String)| {
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escaped(&value))
    };
    let hidden = hidden.map(input).collect::<Vec<_>>().concat();
    let option = |account: &&str| format!("<option>{account}</option>");
    let accounts = page.accounts.iter().map(option).collect::<Vec<_>>().concat();
    let scope = sent("scope").unwrap_or_else(|| page.scope.to_owned());
    format!(
        "<!doctype html>\n<title>{vendor}</title>\n<h1>Connect to {vendor}</h1>\n\
         <p>The app <b>{client}</b> asks for: {scope}</p>\n<form method=\"post\">\n{hidden}\
         <label>Account <select name=\"account\">{accounts}</select></label>\n\
         <button name=\"decision\" value=\"approve\">Approve</button>\n\
         <button name=\"decision\" value=\"deny\">Deny</button>\n</form>\n",
        vendor = page.vendor,
        client = escaped(client_id),
        scope = escaped(&scope),
    )
}

fn refuse(message: &str) -> VendorAnswer {
    VendorAnswer::html(400, format!("<!doctype html>\n<title>No</title>\n<p>{message}</p>\n"))
}

fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains('#')
}

/// The redirect address with what is brought back.
fn address(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{}", query.finish())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
