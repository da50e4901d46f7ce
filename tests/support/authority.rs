//! A certificate authority for one test, with PEM files as a user would have them.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// Signs certificates; its folder goes with it.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    folder: TempDir,
}

/// A certificate and its key, as PEM files.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority for one test");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), certificate.pem()).unwrap();
        let certificate = certificate.der().clone();
        Self { issuer: Issuer::new(params, key), certificate, folder }
    }

    /// The PEM file that clients trust.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A certificate for `name`, which is also the files' name.
    pub(crate) fn identity(&self, name: &str) -> Identity {
        self.sign(&CertificateParams::new(vec![name.to_owned()]).unwrap(), name)
    }

    fn sign(&self, params: &CertificateParams, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let identity = Identity {
            certificate: self.folder.path().join(format!("{name}.pem")),
            key: self.folder.path().join(format!("{name}.key")),
        };
        std::fs::write(&identity.certificate, certificate.pem()).unwrap();
        std::fs::write(&identity.key, key.serialize_pem()).unwrap();
        identity
    }

    /// A server on 127.0.0.1 that asks nobody who they are.
    pub(crate) fn server(&self) -> ServerConfig {
        self.server_named("127.0.0.1")
    }

    /// The same, with a certificate for that name.
    pub(crate) fn server_named(&self, name: &str) -> ServerConfig {
        finish(open_to_all(), &self.identity(name))
    }

    /// The same, with a certificate whose time is over.
    pub(crate) fn expired_server(&self) -> ServerConfig {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        finish(open_to_all(), &self.sign(&params, "expired"))
    }

    /// A server on 127.0.0.1 that talks only to clients of this authority.
    pub(crate) fn server_for_known_clients(&self) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .unwrap();
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier);
        finish(builder, &self.identity("127.0.0.1"))
    }
}

type Unfinished = tokio_rustls::rustls::ConfigBuilder<
    ServerConfig,
    tokio_rustls::rustls::server::WantsServerCert,
>;

fn open_to_all() -> Unfinished {
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
}

fn finish(builder: Unfinished, identity: &Identity) -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(&identity.certificate).unwrap();
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
    let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
