//! TLS with the wrong certificate, the wrong name, at the wrong time, broken off, or not at all.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::vendor::{Act, Ground};
use super::{FINE, Fault, breaks, head, odd, ok, stalls, unreachable};

const KEY: &[u8] = include_bytes!("tls/key.pem");

/// The certificates, all of one key. The server trusts the authority of all but the one that is signed by itself.
const CERTIFICATES: [(&str, &[u8]); 5] = [
    ("good", include_bytes!("tls/good.pem")),
    ("elsewhere", include_bytes!("tls/elsewhere.pem")),
    ("expired", include_bytes!("tls/expired.pem")),
    ("not-yet", include_bytes!("tls/not-yet.pem")),
    ("self-signed", include_bytes!("tls/self-signed.pem")),
];

/// The server's side of TLS with the certificate of this name.
pub(super) fn acceptor(certificate: &str) -> TlsAcceptor {
    let (_, pem) = CERTIFICATES.into_iter().find(|(name, _)| *name == certificate).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(pem).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

pub(super) fn faults() -> Vec<Fault> {
    let heard = || vec![Act::Hear, Act::Say(ok(FINE))];
    let distrusted = |name, certificate| unreachable(name, Ground::Tls(certificate), heard());
    let bare = |name, acts| unreachable(name, Ground::Bare, acts);
    let garbage = vec![0x16; 4096];
    let whole_without_length = head("") + FINE;
    let good = Ground::Tls("good");
    vec![
        odd("TLS as it should be", ok(FINE)).on(good),
        distrusted("a certificate signed by itself", "self-signed"),
        distrusted("a certificate for another name", "elsewhere"),
        distrusted("a certificate whose time is over", "expired"),
        distrusted("a certificate whose time is to come", "not-yet"),
        bare("plain HTTP where TLS was promised", vec![Act::Say(ok(FINE))]),
        bare("an alert in the place of a handshake", vec![Act::Say(vec![0x15, 3, 3, 0, 2, 2, 40])]),
        bare("a handshake that is closed at once", Vec::new()),
        bare("a handshake that is reset at once", vec![Act::Reset]),
        bare("a handshake that is never answered", vec![Act::Stall]),
        bare("a handshake that stalls within a record", vec![Act::Say(vec![0x16, 3, 3, 0, 0x7a, 2]), Act::Stall]),
        bare("a handshake that is closed within a record", vec![Act::Say(vec![0x16, 3, 3, 0, 0x7a, 2])]),
        bare("a handshake without end", vec![Act::SayAgain(garbage)]),
        breaks("a reset within TLS", vec![Act::Hear, Act::Reset]).on(good),
        stalls("silence within TLS", vec![Act::Hear, Act::Stall]).on(good),
        breaks(
            "a body that may be cut off within TLS",
            vec![Act::Hear, Act::Say(whole_without_length.clone().into()), Act::Cut],
        )
        .on(good),
        odd("a body that ends with TLS", whole_without_length).on(good),
        Fault {
            ground: good,
            sessions: vec![vec![Act::Hear, Act::Say(ok(FINE)), Act::Cut]],
            ..odd("a farewell that is missing behind a whole answer", "")
        },
    ]
}
