//! An OTLP receiver that fails as it is told, and writes down every span that it took:
//! `faults-receiver ADDRESS FOLDER MANNER SCRIPT write|count`. It goes when its stdin ends, and says then
//! how many spans it took.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "it stops at what it did not expect"
)]

mod answer;
mod connection;
mod message;
mod notebook;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use spanline_faults::{Manner, Port};
use tokio::io::AsyncReadExt as _;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::connection::Connections;
use crate::notebook::Notebook;

/// How long it goes on answering when it is to go.
const FAREWELL: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [address, folder, manner, script, writes] = words[..] else { panic!("{words:?}") };
    let address: SocketAddr = address.parse().unwrap();
    let manner: Manner = manner.parse().unwrap();
    let folder = Path::new(folder);
    let notebook = Arc::new(Notebook::new(script.parse().unwrap(), folder, writes == "write"));
    let tls = (manner == Manner::Tls).then(|| tls(folder));
    let socket = Port::bind(address);
    if let Manner::Slow(_) = manner {
        socket.set_recv_buffer_size(4096).unwrap();
    }
    let listener = socket.listen(64).unwrap();
    println!("ready");
    let mut connections = Connections::new(manner, tls, Arc::clone(&notebook));
    tokio::select! {
        () = connections.accept(listener) => {}
        () = end_of_stdin() => {}
    }
    let _ = tokio::time::timeout(FAREWELL, connections.finish()).await;
    println!("{}", notebook.taken());
    // Connections that never end would keep the process.
    std::process::exit(0);
}

async fn end_of_stdin() {
    let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
}

/// For 127.0.0.1, signed by an authority of which a file says the certificate.
fn tls(folder: &Path) -> TlsAcceptor {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = authority.self_signed(&key).unwrap();
    fs::write(folder.join("authority.pem"), certificate.pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let named = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = named.signed_by(&key, &issuer).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
