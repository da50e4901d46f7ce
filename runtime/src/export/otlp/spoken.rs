//! What a port speaks, found out by saying hello to it in each language.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long each greeting waits for its answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the answer to a greeting was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    Http1,
    Http2,
    Tls,
}

/// The preface of HTTP/2, with settings that change nothing.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const HTTP1: &[u8] = b"OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
/// Where a frame of HTTP/2 has its type, and the type that each side begins with.
const FRAME_TYPE: usize = 3;
const SETTINGS: u8 = 4;

/// The languages that were heard; a port may have several.
pub(super) async fn at(host: &str, port: u16) -> Vec<Spoken> {
    let hello = client_hello(host);
    let (http2, http1, tls) = tokio::join!(
        greet(host, port, HTTP2),
        greet(host, port, HTTP1),
        greet(host, port, hello.as_deref().unwrap_or(HTTP1)),
    );
    [http2, http1, tls].into_iter().flatten().collect()
}

async fn greet(host: &str, port: u16, greeting: &[u8]) -> Option<Spoken> {
    let answer = async {
        let mut stream = TcpStream::connect((host, port)).await.ok()?;
        stream.write_all(greeting).await.ok()?;
        let mut answer = Vec::new();
        while answer.len() <= "HTTP/".len() && stream.read_buf(&mut answer).await.ok()? > 0 {}
        heard(&answer)
    };
    timeout(PATIENCE, answer).await.ok()?
}

fn heard(answer: &[u8]) -> Option<Spoken> {
    match answer {
        // A record of TLS: an alert, or its side of the handshake.
        [0x15 | 0x16, 0x03, ..] => Some(Spoken::Tls),
        _ if answer.starts_with(b"HTTP/") => Some(Spoken::Http1),
        _ if answer.get(FRAME_TYPE) == Some(&SETTINGS) => Some(Spoken::Http2),
        _ => None,
    }
}

/// Why TLS is refused, where it is: nothing is sent that could break the connection before that is read.
pub(super) async fn refusal(
    host: &str,
    port: u16,
    config: rustls::ClientConfig,
) -> Option<rustls::Error> {
    let handshake = async {
        let name = ServerName::try_from(host.to_owned()).ok()?;
        let mut connection = match rustls::ClientConnection::new(Arc::new(config), name) {
            Ok(connection) => connection,
            Err(error) => return Some(error),
        };
        let mut stream = TcpStream::connect((host, port)).await.ok()?;
        loop {
            let mut outgoing = Vec::new();
            while connection.wants_write() {
                connection.write_tls(&mut outgoing).ok()?;
            }
            stream.write_all(&outgoing).await.ok()?;
            let mut incoming = Vec::new();
            if stream.read_buf(&mut incoming).await.ok()? == 0 {
                return None;
            }
            let mut rest = incoming.as_slice();
            while !rest.is_empty() {
                connection.read_tls(&mut rest).ok()?;
                if let Err(error) = connection.process_new_packets() {
                    return Some(error);
                }
            }
        }
    };
    timeout(PATIENCE, handshake).await.ok()?
}

fn client_hello(host: &str) -> Option<Vec<u8>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // Nothing is trusted: the connection ends with the first answer.
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let mut connection = rustls::ClientConnection::new(Arc::new(config), name).ok()?;
    let mut hello = Vec::new();
    connection.write_tls(&mut hello).ok()?;
    Some(hello)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_language() {
        assert_eq!(heard(b"HTTP/1.1 400 Bad Request"), Some(Spoken::Http1));
        assert_eq!(heard(b"\0\0\x06\x04\0\0\0\0\0"), Some(Spoken::Http2));
        assert_eq!(heard(b"\x15\x03\x03\0\x02\x02\x46"), Some(Spoken::Tls));
        assert_eq!(heard(b"\x16\x03\x03\0\x7a"), Some(Spoken::Tls));
        assert_eq!(heard(b"220 mail.example ESMTP"), None);
        assert_eq!(heard(b""), None);
    }
}
