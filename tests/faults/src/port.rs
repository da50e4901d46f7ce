//! A port of our own, whether somebody listens on it or not.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// Nobody else gets it while this lives. Whoever connects is refused, unless a receiver listens.
#[derive(Debug)]
pub struct Port {
    address: SocketAddr,
    _bound: TcpSocket,
}

impl Port {
    #[must_use]
    pub fn reserve() -> Self {
        let bound = Self::bind("127.0.0.1:0".parse().unwrap());
        Self { address: bound.local_addr().unwrap(), _bound: bound }
    }

    /// Another socket at the same place.
    #[must_use]
    pub fn bind(address: SocketAddr) -> TcpSocket {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseport(true).unwrap();
        socket.bind(address).unwrap();
        socket
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
