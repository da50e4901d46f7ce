//! Certificates from PEM files, checked before anything is sent.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::Error;
use crate::telemetry::settings::Otlp;

/// The files' contents; never printed, one of them is a private key.
#[derive(Default)]
pub(super) struct Certificates {
    /// Whom to trust in place of the machine's own list.
    authority: Option<Pem>,
    /// Who we are: certificate chain and key.
    identity: Option<(Pem, Pem)>,
}

type Pem = Vec<u8>;

impl Certificates {
    pub(super) fn read(settings: &Otlp) -> Result<Self, Error> {
        let authority = match &settings.certificate {
            Some(path) => Some(read_certificates(path)?),
            None => None,
        };
        let identity = match (&settings.client_certificate, &settings.client_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                Some((read_certificates(certificate)?, read_key(key)?))
            }
            (Some(certificate), None) => {
                return Err(Error::configuration(format!(
                    "the client certificate `{}` comes without a key; expected \
                     `OTEL_EXPORTER_OTLP_CLIENT_KEY` too",
                    certificate.display()
                )));
            }
            (None, Some(key)) => {
                return Err(Error::configuration(format!(
                    "the client key `{}` comes without a certificate; expected \
                     `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` too",
                    key.display()
                )));
            }
        };
        Ok(Self { authority, identity })
    }

    #[cfg(feature = "otlp-grpc")]
    pub(super) fn into_tonic(self) -> tonic::transport::ClientTlsConfig {
        use tonic::transport::{Certificate, ClientTlsConfig, Identity};

        let mut config = match self.authority {
            Some(authority) => {
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority))
            }
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let Some((certificate, key)) = self.identity {
            config = config.identity(Identity::from_pem(certificate, key));
        }
        config
    }

    /// Names its crypto provider, so that the process needs none and keeps the one it has.
    pub(super) fn into_rustls(self) -> Result<rustls::ClientConfig, Error> {
        let mut roots = rustls::RootCertStore::empty();
        let trusted = match &self.authority {
            Some(authority) => {
                CertificateDer::pem_slice_iter(authority).filter_map(Result::ok).collect()
            }
            None => rustls_native_certs::load_native_certs().certs,
        };
        let (added, _) = roots.add_parsable_certificates(trusted);
        if added == 0 {
            return Err(Error::configuration(
                "this machine's list of trusted certificates is empty, and the endpoint is https; \
                 expected `OTEL_EXPORTER_OTLP_CERTIFICATE` to name one",
            ));
        }
        let builder = config_builder()?.with_root_certificates(roots);
        let mut config = match &self.identity {
            Some((certificate, key)) => {
                let chain = CertificateDer::pem_slice_iter(certificate).filter_map(Result::ok);
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| unusable_identity())?;
                builder
                    .with_client_auth_cert(chain.collect(), key)
                    .map_err(|_| unusable_identity())?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// What a connection without TLS needs all the same: reqwest asks for it when it is built.
#[cfg(feature = "otlp-http")]
pub(super) fn no_trust() -> Result<rustls::ClientConfig, Error> {
    let roots = rustls::RootCertStore::empty();
    Ok(config_builder()?.with_root_certificates(roots).with_no_client_auth())
}

fn config_builder()
-> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, Error> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::configuration(format!("cannot set up TLS: {error}")))
}

pub(super) fn unusable_identity() -> Error {
    Error::configuration(
        "the OTLP client certificate and key do not fit together; expected \
         `OTEL_EXPORTER_OTLP_CLIENT_KEY` to be the key of `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`",
    )
}

fn read(path: &Path, expected: &str) -> Result<Pem, Error> {
    std::fs::read(path).map_err(|error| {
        let shown = path.display();
        Error::file(path, format!("cannot read `{shown}`: {error}; expected {expected}"))
    })
}

fn read_certificates(path: &Path) -> Result<Pem, Error> {
    let expected = "a PEM file of certificates";
    let pem = read(path, expected)?;
    let found = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    let (usable, unusable) = found
        .map(|found| rustls::RootCertStore::empty().add_parsable_certificates(found))
        .unwrap_or_default();
    if usable == 0 || unusable > 0 {
        let shown = path.display();
        let message = format!("`{shown}` holds no usable certificate; expected {expected}");
        return Err(Error::file(path, message));
    }
    Ok(pem)
}

fn read_key(path: &Path) -> Result<Pem, Error> {
    let expected = "a PEM file of a private key";
    let pem = read(path, expected)?;
    if PrivateKeyDer::from_pem_slice(&pem).is_err() {
        let shown = path.display();
        let message = format!("`{shown}` holds no private key; expected {expected}");
        return Err(Error::file(path, message));
    }
    Ok(pem)
}
