//! Texts with holes, the addresses that come of them, and addresses that callers write themselves.
//!
//! The first line is `path <template>`, `base <connector>` or `caller <address>`. Each further line is a value as `name=value`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use connector_catalog::template::percent_encoded;
use connector_catalog::{Catalog, ConnectorDefinition, Template};
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, Empty};
use url::Url;
use vendor_client::{RelayRequest, VendorError};

use crate::input::{Input, chosen};
use crate::vendor::{Answer, BASE_PATH, Vendor};

/// What divides an address.
const DIVIDERS: [char; 8] = ['/', '?', '#', '&', '=', '@', ':', '\\'];
/// What a message may have beside what it quotes.
const LONGEST_MESSAGE: usize = 512;

/// A value stays where its hole is: it adds no segment, no parameter and no host.
pub fn templates(data: &[u8]) {
    let mut input = Input::new(data);
    let first = input.line();
    let (kind, text) = first.split_once(' ').unwrap_or((first, ""));
    let values: Vec<(&str, &str)> =
        input.text().unwrap_or_default().lines().filter_map(|line| line.split_once('=')).collect();
    match *chosen(&["path", "base", "caller"], kind, |kind| kind) {
        "path" => path(text, &values),
        "base" => base(chosen(&CONNECTORS, text, |connector| connector.service_id.as_str()), &values),
        _ => caller(text),
    }
}

fn path(text: &str, values: &[(&str, &str)]) {
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(reason) => return assert!(reason.len() <= 2 * text.len() + LONGEST_MESSAGE, "{reason}"),
    };
    for hole in template.holes() {
        let again = Template::parse(&hole.to_string()).expect("a hole is a template");
        assert_eq!(again.holes().collect::<Vec<_>>(), [hole]);
        let _ = hole.names_record();
    }
    let places = RefCell::new(0..values.len());
    let next = |_: &connector_catalog::Hole| {
        let place = places.borrow_mut().next()?;
        values.get(place).map(|(_, value)| Cow::Borrowed(*value))
    };
    if let Ok(rendered) = template.render_path(next) {
        let count = template.holes().count();
        assert!(values[..count].iter().all(|(_, value)| !unified_model::is_blank(value)));
        let marked = template.render(|_| Some(Cow::Borrowed("x")), percent_encoded).expect("every hole has a value");
        assert_eq!(dividers(&rendered), dividers(&marked), "{rendered}");
        let added: usize = values[..count].iter().map(|(_, value)| value.len()).sum();
        assert!(rendered.len() <= marked.len() + 3 * added);
    }
}

fn dividers(text: &str) -> Vec<char> {
    text.chars().filter(|letter| DIVIDERS.contains(letter)).collect()
}

/// The connectors that this build carries, and one whose settings stand in its host and in its path.
static CONNECTORS: LazyLock<Vec<Arc<ConnectorDefinition>>> = LazyLock::new(|| {
    let built_in = Catalog::built_in().expect("the definitions compile; a test holds it");
    let acme = Catalog::from_sources(&[
        ("connectors/acme.yaml", include_str!("../acme/addresses.yaml")),
        ("mappings/acme/contacts.yaml", include_str!("../acme/contacts.yaml")),
    ]);
    let acme = acme.unwrap_or_else(|error| panic!("{error}"));
    built_in.connectors().chain(acme.connectors()).cloned().collect()
});

/// A client and a vendor that nobody is led away from.
static VENDOR: LazyLock<Vendor> = LazyLock::new(|| {
    let acme = Catalog::from_sources(&[
        ("connectors/acme.yaml", include_str!("../acme/connector.yaml")),
        ("mappings/acme/contacts.yaml", include_str!("../acme/contacts.yaml")),
    ]);
    Vendor::of(&acme.unwrap_or_else(|error| panic!("{error}")), &[])
});

/// The base address of a connection is the definition's but for the holes, which stay what they are.
fn base(connector: &Arc<ConnectorDefinition>, values: &[(&str, &str)]) {
    let session = ELSEWHERE.session(connector, values);
    let address = match ELSEWHERE.run(session.base_address()) {
        Ok(address) => Url::parse(&address).expect("an address"),
        Err(VendorError::Settings(_) | VendorError::Forbidden { .. } | VendorError::Credentials(_)) => return,
        Err(error) => panic!("nothing was sent: {error}"),
    };
    assert_eq!((address.scheme(), address.username(), address.password()), ("https", "", None), "{address}");
    assert_eq!((address.query(), address.fragment()), (None, None), "{address}");
    if connector.base_url.setting().is_some() {
        return;
    }
    let marked = connector.base_url.render(|_| Some(Cow::Borrowed("x")), percent_encoded).expect("each has a value");
    let marked = Url::parse(&marked).expect("an address");
    assert_eq!(address.port(), marked.port(), "{address}");
    let suffix = |url: &Url| {
        let labels: Vec<String> = url.host_str().unwrap_or_default().split('.').map(str::to_owned).collect();
        labels[labels.len() - 2..].join(".")
    };
    assert_eq!(suffix(&address), suffix(&marked), "{address}");
    let segments = |url: &Url| url.path().trim_end_matches('/').split('/').count();
    assert_eq!(segments(&address), segments(&marked), "{address}");
}

/// A client that has no word of an operator: base addresses come from settings.
static ELSEWHERE: LazyLock<Vendor> =
    LazyLock::new(|| Vendor::of(&Catalog::from_sources(&[]).expect("nothing is no mistake"), &[]));

/// Whatever address a caller writes, the vendor's host is asked, and asked for just that.
fn caller(text: &str) {
    let acme = CONNECTORS.last().expect("it is the last");
    VENDOR.answers(Answer { status: 200, retry_after: None, body: b"{}".to_vec() });
    let session = VENDOR.session(acme, &[("host", "x"), ("account", "y")]);
    let request = RelayRequest {
        method: Method::GET,
        address: text.to_owned(),
        headers: HeaderMap::new(),
        with_secrets: false,
        follows_redirects: false,
        body: Empty::<Bytes>::new(),
    };
    let passed_on = VENDOR.run(async {
        match session.relay(request).await {
            Ok(reply) => reply.body.collect().await.is_ok(),
            Err(_) => false,
        }
    });
    let requests = VENDOR.requests();
    assert_eq!(requests.len(), usize::from(passed_on));
    let Some(asked) = requests.first() else { return };
    let host = format!("host: {}\r\n", VENDOR.host());
    assert!(asked.head.to_ascii_lowercase().contains(&host), "{}", asked.head);
    if text.to_ascii_lowercase().starts_with("http:") {
        return;
    }
    // Of a query some letters are encoded on the way, of a path none.
    let path = |text: &str| text.split('?').next().unwrap_or_default().trim_start_matches('/').to_owned();
    let below = path(asked.target.strip_prefix(BASE_PATH).expect("it is below the base address"));
    assert_eq!(below, path(text));
}
