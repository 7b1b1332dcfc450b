//! What the router makes of a request.

use gateway::EdgeError;
use http::Method;

/// What a request is for, as far as its method and its path say.
#[derive(Debug, Clone)]
pub(crate) enum Routed<O> {
    /// An operation.
    To(O),
    /// The path takes other methods: these.
    WrongMethod(Vec<Method>),
    /// No route has the path.
    Nowhere,
}

/// The answer to a path that means nothing here.
pub(crate) fn no_route(method: &Method, path: &str) -> EdgeError {
    EdgeError::NoRoute { method: method.clone(), path: path.to_owned() }
}
