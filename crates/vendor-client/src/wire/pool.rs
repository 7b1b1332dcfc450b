//! Connections to vendors, kept open for the next request.

use crate::egress::threads::Threads;
use crate::error::{VendorError, failed_exchange, refuse_switch};

/// Open connections of one kind of trust.
pub(crate) struct Pool {
    http: reqwest::Client,
    /// Where its connections are driven; none: by the threads that call.
    threads: Option<Threads>,
}

impl Pool {
    pub(crate) fn new(http: reqwest::Client, threads: Option<Threads>) -> Self {
        Self { http, threads }
    }

    /// Sends a request, and answers once the headers of the response are there.
    ///
    /// # Errors
    /// Fails as [`failed_exchange`] says, and where a vendor switches protocols.
    pub(crate) async fn execute(
        &self,
        host: &str,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, VendorError> {
        let exchange = self.http.execute(request);
        let outcome = match &self.threads {
            None => exchange.await,
            Some(threads) => threads
                .run(exchange)
                .await
                .map_err(|error| VendorError::Unreachable { host: host.to_owned(), reason: error.to_string() })?,
        };
        let response = outcome.map_err(|error| failed_exchange(host, error))?;
        refuse_switch(host, response.status())?;
        Ok(response)
    }
}
