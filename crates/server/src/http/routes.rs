//! Every route and what it is for: the one place that knows.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any};
use gateway::{EdgeError, Gateway};
use http::Method;
use tower::util::MapRequest;
use tower_http::catch_panic::CatchPanicLayer;
use unified_model::{Operation, Resource};

use super::reply::error;
use super::reply::links::PublicUrl;
use super::request::Http;
use super::request::log::Incoming;
use super::request::routed::{Routed, no_route};
use super::request::sent::{Sent, routed};
use super::vault::browser::{self, Link};
use super::vault::target::Operation as VaultOperation;
use super::{connector, crm, pages, proxy, vault};
use connector::Operation as ConnectorOperation;

/// What one path is for, by method.
type Methods<O> = Vec<(Method, O)>;

/// The server's router.
pub fn router(gateway: Gateway, public_url: PublicUrl, max_body_bytes: usize) -> Router {
    let http = Http::new(gateway, public_url.clone(), max_body_bytes);
    let links = in_front(api(links(), browser::answer), &http);
    Router::new()
        .route_service("/crm/{*rest}", in_front(api(crm(), crm::answer), &http))
        .route_service("/connector/{*rest}", in_front(api(connector(), connector::answer), &http))
        .route_service("/vault/{*rest}", in_front(api(vault(), vault::answer), &http))
        .route_service("/vault/authorize/{*rest}", links.clone())
        .route_service("/vault/revoke/{*rest}", links)
        .route("/vault/callback", any(browser::callback))
        .route("/proxy", any(proxy::answer))
        .route("/proxy/", any(proxy::answer))
        .route("/proxy/{*rest}", any(proxy::answer))
        .merge(pages::router(&public_url))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(CatchPanicLayer::custom(move |_| after_panic(&public_url)))
        .with_state(http)
}

/// The CRM API, as `spec/crm.yaml` has it, with the same methods for every resource.
fn crm() -> Vec<(String, Methods<crm::Target>)> {
    let routes = Resource::EVERY.iter().flat_map(|&resource| {
        let root = resource.unified_api().path();
        let list = match resource {
            Resource::ListMembers => format!("{root}/lists/{{id}}/members"),
            Resource::CustomObjects => format!("{root}/custom-objects/{{object_id}}"),
            _ => format!("{root}/{resource}"),
        };
        let has_records = resource != Resource::ListMembers;
        let to = |operation| crm::Target { resource, operation };
        let one = has_records.then(|| {
            let methods = vec![
                (Method::GET, to(Operation::One)),
                (Method::PATCH, to(Operation::Update)),
                (Method::DELETE, to(Operation::Delete)),
            ];
            (format!("{list}/{{id}}"), methods)
        });
        let every = (list, vec![(Method::GET, to(Operation::All)), (Method::POST, to(Operation::Add))]);
        std::iter::once(every).chain(one)
    });
    routes.collect()
}

/// The Vault API, as `spec/vault.yaml` has it.
fn vault() -> Vec<(String, Methods<VaultOperation>)> {
    use VaultOperation as To;
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    let connection = "/vault/connections/{unified_api}/{service_id}";
    let resource = "/vault/connections/{unified_api}/{service_id}/{resource}";
    let mappings = "/vault/custom-mappings/{unified_api}/{service_id}";
    vec![
        ("/vault/consumers".into(), vec![(POST, To::ConsumersAdd), (GET, To::ConsumersAll)]),
        (
            "/vault/consumers/{consumer_id}".into(),
            vec![(GET, To::ConsumersOne), (PATCH, To::ConsumersUpdate), (DELETE, To::ConsumersDelete)],
        ),
        ("/vault/logs".into(), vec![(GET, To::LogsAll)]),
        ("/vault/sessions".into(), vec![(POST, To::SessionsCreate)]),
        ("/vault/connections".into(), vec![(GET, To::ConnectionsAll)]),
        (
            connection.into(),
            vec![
                (GET, To::ConnectionsOne),
                (POST, To::ConnectionsAdd),
                (PATCH, To::ConnectionsUpdate),
                (DELETE, To::ConnectionsDelete),
            ],
        ),
        (format!("{connection}/import"), vec![(POST, To::ConnectionsImport)]),
        (format!("{connection}/token"), vec![(POST, To::ConnectionsToken)]),
        (format!("{connection}/validate"), vec![(POST, To::ValidateConnectionState)]),
        (format!("{connection}/confirm"), vec![(POST, To::ConnectionsConfirm)]),
        (format!("{connection}/callback-state"), vec![(POST, To::CreateCallbackState)]),
        (format!("{resource}/config"), vec![(GET, To::ConnectionSettingsAll), (PATCH, To::ConnectionSettingsUpdate)]),
        (format!("{resource}/schema"), vec![(GET, To::ConnectionsSchema)]),
        (format!("{resource}/example"), vec![(GET, To::ConnectionsExample)]),
        (format!("{resource}/custom-fields"), vec![(GET, To::CustomFieldsAll)]),
        (format!("{resource}/custom-mappings"), vec![(GET, To::ConnectionCustomMappingsAll)]),
        (mappings.into(), vec![(GET, To::CustomMappingsAll)]),
        (
            format!("{mappings}/{{target_field_id}}"),
            vec![
                (GET, To::CustomMappingsOne),
                (POST, To::CustomMappingsAdd),
                (PATCH, To::CustomMappingsUpdate),
                (DELETE, To::CustomMappingsDelete),
            ],
        ),
    ]
}

/// What browsers follow.
fn links() -> Vec<(String, Methods<Link>)> {
    vec![
        ("/vault/authorize/{service_id}/{application_id}".into(), vec![(Method::GET, Link::Authorize)]),
        ("/vault/revoke/{service_id}/{application_id}".into(), vec![(Method::GET, Link::Revoke)]),
    ]
}

/// The Connector API, as `spec/connector.yaml` has it.
fn connector() -> Vec<(String, Methods<ConnectorOperation>)> {
    use ConnectorOperation as To;
    let routes = [
        ("/connector/connectors", To::Connectors),
        ("/connector/connectors/{id}", To::Connector),
        ("/connector/connectors/{id}/docs/{doc_id}", To::ConnectorDoc),
        ("/connector/connectors/{id}/resources/{resource_id}", To::ConnectorResource),
        ("/connector/apis", To::Apis),
        ("/connector/apis/{id}", To::Api),
        ("/connector/apis/{id}/resources/{resource_id}", To::ApiResource),
        ("/connector/apis/{id}/resources/{resource_id}/coverage", To::ApiResourceCoverage),
    ];
    routes.into_iter().map(|(path, operation)| (path.to_owned(), vec![(Method::GET, operation)])).collect()
}

/// The router of one API. `answer` answers every request, also one that none of the routes is for.
fn api<O, F, A>(paths: Vec<(String, Methods<O>)>, answer: F) -> Router<Http>
where
    O: Clone + Send + Sync + 'static,
    F: Fn(Http, Routed<O>, Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let to = |routed: Routed<O>| {
        let answer = answer.clone();
        move |State(http): State<Http>, request: Request| answer(http, routed, request)
    };
    let mut router = Router::new();
    for (path, methods) in paths {
        let allowed = methods.iter().map(|(method, _)| method.clone()).collect();
        let mut operations: MethodRouter<Http> = any(to(Routed::WrongMethod(allowed)));
        for (method, operation) in methods {
            operations = operations.on(filter(&method), to(Routed::To(operation)));
        }
        for path in with_empty_names(&path) {
            router = router.route(&path, operations.clone());
        }
    }
    router.fallback(to(Routed::Nowhere))
}

/// The filter for one of the methods that routes have.
fn filter(method: &Method) -> MethodFilter {
    match *method {
        Method::POST => MethodFilter::POST,
        Method::PATCH => MethodFilter::PATCH,
        Method::DELETE => MethodFilter::DELETE,
        // HEAD is answered as GET is, without the body.
        _ => MethodFilter::GET,
    }
}

/// A path with each choice of its names empty. The router takes nothing for a name, and yet `/crm/contacts//` asks for the contact
/// with the id that is empty: there is none, as the answer to every id that there is not says.
fn with_empty_names(path: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    for segment in path.split('/').skip(1) {
        let with = |segment: &str| paths.iter().map(|path| format!("{path}/{segment}")).collect::<Vec<_>>();
        paths = if segment.starts_with('{') { [with(segment), with("")].concat() } else { with(segment) };
    }
    paths
}

/// An API's router behind what makes requests ready for it.
fn in_front(api: Router<Http>, http: &Http) -> MapRequest<Router, fn(Request) -> Request> {
    MapRequest::new(api.with_state(http.clone()), routed)
}

async fn unknown(State(http): State<Http>, request: Request) -> Response {
    let sent = Sent::of(&request);
    let answer = async { Err(no_route(&sent.method, sent.path()).into()) };
    Incoming::of(&request, None).answered(&http, answer).await
}

/// The answer when a handler panics. A write never gets here: its task's end is told apart in the gateway.
fn after_panic(public_url: &PublicUrl) -> Response {
    tracing::error!("a request handler panicked");
    error::response(&EdgeError::Panicked.into(), public_url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use crate::http::unified_api::OFFERED;
    use std::collections::BTreeSet;

    use serde_json::Value;
    use unified_model::{document_json, operation_id, vault_document_json};

    use super::*;

    /// Method, path and id of every operation of a document.
    fn documented(document: &Value) -> BTreeSet<(String, String, String)> {
        let paths = document["paths"].as_object().unwrap().iter();
        let operations = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
            methods.map(|(method, operation)| {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                (method.to_ascii_uppercase(), path.clone(), id)
            })
        });
        operations.collect()
    }

    fn routed<O>(routes: Vec<(String, Methods<O>)>, id: impl Fn(O) -> String) -> BTreeSet<(String, String, String)> {
        let by_method = |(path, methods): (String, Methods<O>)| {
            methods.into_iter().map(move |(method, operation)| (method.to_string(), path.clone(), operation))
        };
        routes.into_iter().flat_map(by_method).map(|(method, path, operation)| (method, path, id(operation))).collect()
    }

    #[test]
    fn every_documented_operation_of_the_crm_api_has_its_route() {
        let routed = routed(crm(), |target| operation_id(target.resource, target.operation));
        let missing: Vec<_> = documented(&document_json(OFFERED)).difference(&routed).cloned().collect();
        assert_eq!(missing, []);
    }

    #[test]
    fn the_routes_of_the_vault_api_are_those_of_its_document() {
        let mut routed = routed(vault(), |operation| operation.id().to_owned());
        routed.extend(super::tests::routed(links(), |link| format!("connections{link:?}")));
        routed.insert(("GET".into(), "/vault/callback".into(), "connectionsCallback".into()));
        assert_eq!(documented(&vault_document_json()), routed);
    }

    #[test]
    fn a_name_may_be_empty() {
        assert_eq!(with_empty_names("/a/{b}/c/{d}"), ["/a/{b}/c/{d}", "/a//c/{d}", "/a/{b}/c/", "/a//c/"]);
    }
}
