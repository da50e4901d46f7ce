//! A model to ask: the one that `OPENAI_API_KEY` or `OPENAI_BASE_URL` names, or a stand-in here.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::{Config as _, OPENAI_API_BASE, OpenAIConfig};
use async_openai::error::OpenAIError;
use async_openai::middleware::ReqwestService;

use crate::loopback::Loopback;

/// What a request may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client, and what is known of whom it talks to.
#[derive(Debug)]
pub struct Model {
    /// The client, which tries once.
    pub client: Client<OpenAIConfig>,
    /// Who answers: `openai`, or `loopback` for the stand-in.
    pub provider: &'static str,
    /// Which model is asked: `OPENAI_MODEL`.
    pub name: String,
    /// The server, if it is not this program.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    _loopback: Option<Loopback>,
}

impl Model {
    /// Finds out whom to ask; starts the stand-in, which turns the first `refusals` requests away,
    /// if the environment names nobody.
    ///
    /// # Errors
    ///
    /// When no client can be made or no port opened.
    pub async fn connect(refusals: usize) -> anyhow::Result<Self> {
        if is_set("OPENAI_API_KEY") || is_set("OPENAI_BASE_URL") {
            let mut config = OpenAIConfig::new();
            if !is_set("OPENAI_BASE_URL") {
                config = config.with_api_base(OPENAI_API_BASE);
            }
            let server = reqwest::Url::parse(config.api_base()).ok();
            return Ok(Self {
                client: client(http_client(config.api_base())?, config),
                provider: "openai",
                name: variable("OPENAI_MODEL").unwrap_or_else(|| "gpt-4o-mini".to_owned()),
                host: server.as_ref().and_then(|url| url.host_str()).map(ToOwned::to_owned),
                port: server.and_then(|url| url.port_or_known_default()),
                _loopback: None,
            });
        }
        let loopback = Loopback::start(refusals).await?;
        let config = OpenAIConfig::new().with_api_base(loopback.url()).with_api_key("none");
        Ok(Self {
            client: client(http_client(config.api_base())?, config),
            provider: "loopback",
            name: "best-passage".to_owned(),
            host: None,
            port: None,
            _loopback: Some(loopback),
        })
    }
}

/// Without the client's own retries: they would all hide in one span.
fn client(http: reqwest::Client, config: OpenAIConfig) -> Client<OpenAIConfig> {
    Client::build(http.clone(), config).with_http_service(ReqwestService::new(http))
}

/// An HTTP client for this server, with *ring* for its TLS, which needs nothing but a C compiler.
///
/// # Errors
///
/// When the server is to be spoken to in TLS and the system has no certificates to trust.
pub fn http_client(url: &str) -> reqwest::Result<reqwest::Client> {
    // Fails if the program has chosen a provider before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().timeout(TIMEOUT);
    if url.starts_with("http://") {
        // Without TLS a machine without certificates does as well.
        return builder.tls_certs_only([]).build();
    }
    builder.build()
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Why a model did not answer.
#[derive(Debug)]
pub struct ModelError(OpenAIError);

impl ModelError {
    /// Whether another attempt may succeed: the server is busy, or fails for now.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match &self.0 {
            OpenAIError::ApiError(answer) => {
                answer.status_code.as_u16() == 429 || answer.status_code.is_server_error()
            }
            OpenAIError::Reqwest(error) => error.is_connect() || error.is_timeout(),
            _ => false,
        }
    }
}

impl From<OpenAIError> for ModelError {
    fn from(error: OpenAIError) -> Self {
        Self(error)
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl Error for ModelError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            OpenAIError::Reqwest(error) => error.source(),
            _ => None,
        }
    }
}

/// The provider's own code, where it gives one, says more than a Rust type.
impl spanline::ErrorType for ModelError {
    fn error_type(&self) -> Cow<'static, str> {
        match &self.0 {
            OpenAIError::ApiError(answer) => {
                let error = &answer.api_error;
                let status = || answer.status_code.as_str().to_owned();
                error.code.clone().or_else(|| error.r#type.clone()).unwrap_or_else(status).into()
            }
            OpenAIError::Reqwest(error) if error.is_timeout() => "timeout".into(),
            OpenAIError::Reqwest(error) if error.is_connect() => "not_connected".into(),
            OpenAIError::Reqwest(_) => "http".into(),
            OpenAIError::JSONDeserialize(..) => "not_understood".into(),
            _ => "_OTHER".into(),
        }
    }
}
