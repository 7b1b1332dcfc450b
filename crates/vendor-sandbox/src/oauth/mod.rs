//! The authorization server behind a stand-in vendor: codes, grants and their tokens. How a vendor words it all is its own.

mod calls;
mod consent;
mod order;
mod proof;

use std::collections::{BTreeMap, BTreeSet};

use crate::values::random::SplitMix;
pub use calls::OAuthCalls;
pub(crate) use calls::count;
pub(crate) use consent::ConsentPage;
pub use order::OAuthOrder;
use proof::Challenge;

/// What becomes of a refresh token in a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// It stays.
    Keeps,
    /// Another one takes its place, and it is void.
    Rotates,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// The code is unknown, or was used before.
    Code,
    /// The redirect address is not the one that the code was given for.
    RedirectUri,
    /// The PKCE verifier is missing, or not that of the challenge.
    Verifier,
    /// The refresh token is unknown, was replaced, or its grant is over.
    RefreshToken,
}

/// What a token end-point gives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GivenTokens {
    pub(crate) access_token: String,
    /// None where the server was ordered to leave it out.
    pub(crate) refresh_token: Option<String>,
    pub(crate) expires_in: u64,
    pub(crate) scope: String,
    /// Whose records the tokens open.
    pub(crate) account: String,
}

/// One vendor's authorization server, with the one client that it knows.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationServer {
    client_id: &'static str,
    client_secret: &'static str,
    renewal: Renewal,
    expires_in: u64,
    omits_refresh_token: bool,
    codes: BTreeMap<String, Code>,
    grants: Vec<Grant>,
    expired: BTreeSet<String>,
    numbers: SplitMix,
}

#[derive(Debug, Clone)]
struct Code {
    redirect_uri: String,
    challenge: Option<Challenge>,
    account: String,
    scope: String,
}

#[derive(Debug, Clone)]
struct Grant {
    account: String,
    scope: String,
    refresh_token: String,
    access_tokens: BTreeSet<String>,
    is_over: bool,
}

/// What an access token is worth.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bearer<'s> {
    /// It opens this account.
    Of(&'s str),
    /// It was good once.
    Expired,
    /// It never was, or its grant was taken back.
    Unknown,
}

impl AuthorizationServer {
    /// A server whose first numbers are those of `seed`.
    pub(crate) fn new(client: (&'static str, &'static str), renewal: Renewal, expires_in: u64, seed: u64) -> Self {
        Self {
            client_id: client.0,
            client_secret: client.1,
            renewal,
            expires_in,
            omits_refresh_token: false,
            codes: BTreeMap::new(),
            grants: Vec::new(),
            expired: BTreeSet::new(),
            numbers: SplitMix::new(seed),
        }
    }

    /// The same with a grant that was given before anybody asked.
    pub(crate) fn with_grant(mut self, account: &str, scope: &str, access_token: &str, refresh_token: &str) -> Self {
        self.grants.push(Grant {
            account: account.to_owned(),
            scope: scope.to_owned(),
            refresh_token: refresh_token.to_owned(),
            access_tokens: BTreeSet::from([access_token.to_owned()]),
            is_over: false,
        });
        self
    }

    pub(crate) fn knows_client(&self, client_id: &str) -> bool {
        client_id == self.client_id
    }

    pub(crate) fn knows_secret(&self, client_secret: &str) -> bool {
        client_secret == self.client_secret
    }

    /// Takes the code that a consent page has given; it is good once.
    pub(crate) fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
    ) -> Result<GivenTokens, NoToken> {
        let code = self.codes.remove(code).ok_or(NoToken::Code)?;
        if code.redirect_uri != redirect_uri {
            return Err(NoToken::RedirectUri);
        }
        if code.challenge.is_some_and(|challenge| !challenge.is_met_by(verifier.unwrap_or_default())) {
            return Err(NoToken::Verifier);
        }
        let refresh_token = self.new_token();
        self.grants.push(Grant {
            account: code.account,
            scope: code.scope,
            refresh_token,
            access_tokens: BTreeSet::new(),
            is_over: false,
        });
        Ok(self.give(self.grants.len() - 1))
    }

    pub(crate) fn renew(&mut self, refresh_token: &str) -> Result<GivenTokens, NoToken> {
        let known = |grant: &Grant| !grant.is_over && grant.refresh_token == refresh_token;
        let at = self.grants.iter().position(known).ok_or(NoToken::RefreshToken)?;
        if self.renewal == Renewal::Rotates && !self.omits_refresh_token {
            self.grants[at].refresh_token = self.new_token();
        }
        Ok(self.give(at))
    }

    /// Ends the grant that a refresh or an access token belongs to; whether there was one.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        let has = |grant: &&mut Grant| grant.refresh_token == token || grant.access_tokens.contains(token);
        let Some(grant) = self.grants.iter_mut().filter(|grant| !grant.is_over).find(has) else { return false };
        grant.is_over = true;
        grant.access_tokens.clear();
        true
    }

    /// Voids a refresh token, and leaves the access tokens that came of it; whether there was one.
    pub(crate) fn forget_refresh_token(&mut self, token: &str) -> bool {
        let known = self.grants.iter_mut().filter(|grant| !grant.is_over).find(|grant| grant.refresh_token == token);
        known.is_some_and(|grant| {
            grant.is_over = true;
            true
        })
    }

    /// What the token of an `Authorization` header opens.
    pub(crate) fn bearer(&self, header: &str) -> Bearer<'_> {
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Bearer::Unknown,
        };
        if self.expired.contains(token) {
            return Bearer::Expired;
        }
        let of = self.grants.iter().find(|grant| grant.access_tokens.contains(token));
        of.map_or(Bearer::Unknown, |grant| Bearer::Of(&grant.account))
    }

    /// The grant of a token that is still good: its account and scope.
    pub(crate) fn grant_of(&self, token: &str) -> Option<(&str, &str)> {
        let has = |grant: &&Grant| {
            (!grant.is_over && grant.refresh_token == token)
                || (grant.access_tokens.contains(token) && !self.expired.contains(token))
        };
        self.grants.iter().find(has).map(|grant| (grant.account.as_str(), grant.scope.as_str()))
    }

    /// Takes over what another server has given: its callers still hold it.
    pub(crate) fn adopt(&mut self, other: &Self) {
        for grant in &other.grants {
            match self.grants.iter_mut().find(|own| own.refresh_token == grant.refresh_token) {
                Some(own) => own.access_tokens.extend(grant.access_tokens.iter().cloned()),
                None => self.grants.push(grant.clone()),
            }
        }
        self.numbers = other.numbers.clone();
    }

    fn give(&mut self, at: usize) -> GivenTokens {
        let access_token = self.new_token();
        let grant = &mut self.grants[at];
        grant.access_tokens.insert(access_token.clone());
        GivenTokens {
            access_token,
            refresh_token: (!self.omits_refresh_token).then(|| grant.refresh_token.clone()),
            expires_in: self.expires_in,
            scope: grant.scope.clone(),
            account: grant.account.clone(),
        }
    }

    fn new_token(&mut self) -> String {
        format!("{:016x}{:016x}", self.numbers.next(), self.numbers.next())
    }
}
