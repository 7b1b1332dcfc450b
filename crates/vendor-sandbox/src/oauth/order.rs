//! What a test orders of an authorization server, beside the faults that any end-point can have.

use serde::Deserialize;

use super::AuthorizationServer;

/// A change in how a vendor's authorization server behaves, from now on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OAuthOrder {
    /// Every access token that was given so far is refused as expired; refresh tokens stay good.
    ExpireAccessTokens,
    /// Every grant that was given so far is over: its refresh token and its access tokens are refused.
    EndGrants,
    /// Whether replies of the token end-point lack `refresh_token`. A rotating one is then not replaced.
    OmitRefreshToken(bool),
    /// How many seconds replies of the token end-point say that a token lives. The server itself never looks at a clock.
    ExpiresIn(u64),
}

impl AuthorizationServer {
    pub(crate) fn obey(&mut self, order: &OAuthOrder) {
        match order {
            OAuthOrder::ExpireAccessTokens => {
                self.expired.extend(self.grants.iter().flat_map(|grant| grant.access_tokens.iter().cloned()));
            }
            OAuthOrder::EndGrants => {
                for grant in &mut self.grants {
                    grant.is_over = true;
                    grant.access_tokens.clear();
                }
            }
            OAuthOrder::OmitRefreshToken(omits) => self.omits_refresh_token = *omits,
            OAuthOrder::ExpiresIn(seconds) => self.expires_in = *seconds,
        }
    }
}
