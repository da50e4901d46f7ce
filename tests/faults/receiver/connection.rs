//! Connections: accepted, carried, throttled, cut.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use spanline_faults::Manner;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::answer::answer;
use crate::notebook::Notebook;

/// What is read ahead of who answers.
const AHEAD: usize = 256 * 1024;
/// The same where a request must not be there as a whole before it is looked at.
const LITTLE_AHEAD: usize = 512;
const SLOW: Duration = Duration::from_millis(10);

pub(crate) struct Connections {
    manner: Manner,
    tls: Option<TlsAcceptor>,
    notebook: Arc<Notebook>,
    tasks: JoinSet<()>,
    is_over: watch::Sender<bool>,
}

impl Connections {
    pub(crate) fn new(manner: Manner, tls: Option<TlsAcceptor>, notebook: Arc<Notebook>) -> Self {
        let is_over = watch::Sender::new(false);
        Self { manner, tls, notebook, tasks: JoinSet::new(), is_over }
    }

    pub(crate) async fn accept(&mut self, listener: TcpListener) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let connection = Connection {
                manner: self.manner,
                tls: self.tls.clone(),
                notebook: Arc::clone(&self.notebook),
                is_over: self.is_over.subscribe(),
                cut: Arc::default(),
            };
            self.tasks.spawn(connection.carry(stream));
        }
    }

    /// Answers what was asked already.
    pub(crate) async fn finish(&mut self) {
        self.is_over.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

struct Connection {
    manner: Manner,
    tls: Option<TlsAcceptor>,
    notebook: Arc<Notebook>,
    is_over: watch::Receiver<bool>,
    cut: Arc<Notify>,
}

impl Connection {
    async fn carry(self, mut stream: TcpStream) {
        match self.manner {
            Manner::Silent => return std::future::pending().await,
            Manner::Mail => return greet(stream).await,
            _ => {}
        }
        let ahead = if self.notebook.has_resets() { LITTLE_AHEAD } else { AHEAD };
        let (near, far) = tokio::io::duplex(ahead);
        let cut = Arc::clone(&self.cut);
        let pace = match self.manner {
            Manner::Slow(bytes) => Some(bytes),
            _ => None,
        };
        let carried = async { tokio::join!(copy_both(&mut stream, near, pace), self.serve(far)) };
        tokio::select! {
            _ = carried => {}
            () = cut.notified() => {
                // Dropped so, the connection is reset.
                let _ = stream.set_zero_linger();
            }
        }
    }

    async fn serve(self, far: DuplexStream) {
        match self.tls.clone() {
            None => self.speak(far).await,
            Some(tls) => {
                if let Ok(far) = tls.accept(far).await {
                    self.speak(far).await;
                }
            }
        }
    }

    async fn speak(mut self, far: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let mut builder = Builder::new(TokioExecutor::new());
        builder = match self.manner {
            Manner::Http1 => builder.http1_only(),
            Manner::Http2 => builder.http2_only(),
            _ => builder,
        };
        let (notebook, cut) = (Arc::clone(&self.notebook), Arc::clone(&self.cut));
        let service = service_fn(move |request| {
            let (notebook, cut) = (Arc::clone(&notebook), Arc::clone(&cut));
            async move { Ok::<_, Infallible>(answer(&notebook, &cut, request).await) }
        });
        let serving = builder.serve_connection(TokioIo::new(far), service);
        tokio::pin!(serving);
        tokio::select! {
            // It ends with whatever the sender does: that is the sender's to count.
            _ = serving.as_mut() => return,
            _ = self.is_over.wait_for(|is_over| *is_over) => serving.as_mut().graceful_shutdown(),
        }
        let _ = serving.await;
    }
}

async fn greet(mut stream: TcpStream) {
    let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

/// Until both sides have said all; reads so many bytes at a time where it is to be slow.
async fn copy_both(stream: &mut TcpStream, near: DuplexStream, pace: Option<usize>) {
    let (mut from_sender, mut to_sender) = stream.split();
    let (mut answers, mut requests): (ReadHalf<_>, WriteHalf<_>) = tokio::io::split(near);
    let inward = async {
        match pace {
            None => drop(tokio::io::copy(&mut from_sender, &mut requests).await),
            Some(bytes) => drop(trickle(&mut from_sender, &mut requests, bytes).await),
        }
        let _ = requests.shutdown().await;
    };
    let outward = async {
        let _ = tokio::io::copy(&mut answers, &mut to_sender).await;
        let _ = to_sender.shutdown().await;
    };
    // Whoever answers has hung up: nothing that comes in is of use any more.
    tokio::select! {
        () = outward => {}
        () = async { inward.await; std::future::pending().await } => {}
    }
}

async fn trickle(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    bytes: usize,
) -> io::Result<()> {
    let mut buffer = vec![0; bytes];
    loop {
        tokio::time::sleep(SLOW).await;
        match from.read(&mut buffer).await? {
            0 => return Ok(()),
            read => to.write_all(&buffer[..read]).await?,
        }
    }
}
