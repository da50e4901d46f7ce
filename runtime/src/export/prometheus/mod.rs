//! Metrics where Prometheus fetches them: a small HTTP server on the export thread.

mod exposition;
mod media;
mod name;
mod scrape;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use opentelemetry_sdk::metrics::ManualReader;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use self::scrape::Scrape;
use super::fetched::{CatchUp, Served};
use super::ledger::Ledger;
use crate::Error;
use crate::telemetry::settings::Prometheus;

/// Where the metrics are.
pub(super) const PATH: &str = "/metrics";

/// From the first byte to the last: as long as Prometheus itself waits by default.
const CONNECTION: Duration = Duration::from_secs(10);
/// For the request's head.
const HEAD: Duration = Duration::from_secs(5);
/// Bytes of the request's head.
const HEAD_BYTES: usize = 16 * 1024;
/// Connections at a time; the oldest one makes room for a further one.
const CONNECTIONS: usize = 32;
/// Before the next try where the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens and serves; called inside the export thread's runtime.
pub(super) fn serve(
    settings: &Prometheus,
    reader: Arc<ManualReader>,
    catch_ups: mpsc::UnboundedSender<CatchUp>,
) -> Result<Served, Error> {
    let (listener, address) = listen(settings)?;
    let place = format!("prometheus http://{address}{PATH}");
    let ledger = Arc::new(Ledger::listening("metrics", &place, address));
    let points = AtomicU64::new(0);
    let scrape = Scrape { reader, catch_ups, ledger: Arc::clone(&ledger), points };
    let task = tokio::spawn(accept(listener, Arc::new(scrape)));
    Ok(Served { ledger, task })
}

fn listen(settings: &Prometheus) -> Result<(tokio::net::TcpListener, SocketAddr), Error> {
    let Prometheus { host, port } = settings;
    let refused = |error: &std::io::Error| {
        let text = error.to_string();
        let cause = text.split(" (os error").next().unwrap_or_default();
        Error::configuration(format!(
            "OTEL_EXPORTER_PROMETHEUS_PORT: cannot listen on {settings}: {cause}; expected a port \
             of this machine that nobody listens on"
        ))
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = (bare, *port).to_socket_addrs().map_err(|error| refused(&error))?;
    let mut addresses: Vec<SocketAddr> = addresses.collect();
    // `localhost` is both, and most clients try the older one in any case.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let listener = TcpListener::bind(addresses.as_slice()).map_err(|error| refused(&error))?;
    let listening = listener.set_nonblocking(true).and_then(|()| {
        let address = listener.local_addr()?;
        Ok((tokio::net::TcpListener::from_std(listener)?, address))
    });
    listening.map_err(|error| refused(&error))
}

async fn accept(listener: tokio::net::TcpListener, scrape: Arc<Scrape>) {
    let mut connections = JoinSet::new();
    let mut oldest: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                oldest.retain(|connection| !connection.is_finished());
                if oldest.len() >= CONNECTIONS && let Some(connection) = oldest.pop_front() {
                    connection.abort();
                }
                oldest.push_back(connections.spawn(converse(stream, Arc::clone(&scrape))));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One request; whoever is slow is left.
async fn converse(stream: TcpStream, scrape: Arc<Scrape>) {
    let answer = service_fn(|request| {
        let scrape = Arc::clone(&scrape);
        async move { Ok::<_, Infallible>(scrape.answer(&request).await) }
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer);
    let _ = tokio::time::timeout(CONNECTION, conversation).await;
}
