//! What one request is answered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use opentelemetry_sdk::metrics::ManualReader;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader as _;
use tokio::sync::{mpsc, oneshot};

use super::PATH;
use super::exposition::Exposition;
use super::media::Media;
use crate::export::fetched::CatchUp;
use crate::export::ledger::{Item, Ledger};
use crate::span::future::panic_message;

/// How long ended spans may take to get into the metrics before they are collected without them.
const CATCHING_UP: Duration = Duration::from_secs(1);

/// Answers requests.
#[derive(Debug)]
pub(super) struct Scrape {
    pub(super) reader: Arc<ManualReader>,
    pub(super) catch_ups: mpsc::UnboundedSender<CatchUp>,
    pub(super) ledger: Arc<Ledger>,
    /// Points at the last collection.
    pub(super) points: AtomicU64,
}

impl Scrape {
    pub(super) async fn answer<B>(&self, request: &Request<B>) -> Response<String> {
        if request.uri().path() != PATH {
            return plain(StatusCode::NOT_FOUND, format!("metrics are at {PATH}\n"));
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut response =
                plain(StatusCode::METHOD_NOT_ALLOWED, String::from("expected GET or HEAD\n"));
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let media = accepted(request.headers());
        match self.collect().await {
            Ok(collected) => self.exposed(&collected, media, request.method() == Method::GET),
            Err(problem) => {
                let reason = format!("metrics: cannot be collected: {problem}");
                self.ledger.lost(Item::Point, self.points.load(Ordering::Relaxed).max(1), &reason);
                plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{reason}\n"))
            }
        }
    }

    async fn collect(&self) -> Result<ResourceMetrics, String> {
        let (done, caught_up) = oneshot::channel();
        if self.catch_ups.send(done).is_ok() {
            // While exporters are being flushed, nobody looks after us.
            let _ = tokio::time::timeout(CATCHING_UP, caught_up).await;
        }
        let mut collected = ResourceMetrics::default();
        // Runs the callbacks of instruments, which are the program's.
        match catch_unwind(AssertUnwindSafe(|| self.reader.collect(&mut collected))) {
            Ok(Ok(())) => Ok(collected),
            Ok(Err(error)) => Err(error.to_string()),
            Err(panic) => Err(format!("a callback {}", panic_message(&*panic))),
        }
    }

    fn exposed(&self, collected: &ResourceMetrics, media: Media, counts: bool) -> Response<String> {
        let Exposition { text, points, lost } = Exposition::new(collected, media.is_open_metrics());
        self.points.store(points, Ordering::Relaxed);
        if counts {
            self.ledger.exported(Item::Point, points);
            for (count, reason) in lost {
                self.ledger.lost(Item::Point, count, &format!("metrics: {reason}"));
            }
        }
        let mut response = Response::new(text);
        let kind = HeaderValue::from_static(media.content_type());
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}

fn accepted(headers: &HeaderMap) -> Media {
    let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    Media::accepted(&accept.collect::<Vec<_>>().join(","))
}

fn plain(status: StatusCode, text: String) -> Response<String> {
    let mut response = Response::new(text);
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
