//! A way to a database that can be cut or frozen, as a server that is stopped or hangs does it to its clients.

use std::net::SocketAddr;
use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// They are passed on.
    Open,
    /// They are closed, and so is every new one.
    Stopped,
    /// Nothing moves on them.
    Frozen,
}

/// Passes connections on to a `PostgreSQL` server.
pub struct Relay {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    server: watch::Sender<(String, u16)>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    /// A way to the server of this address.
    pub async fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ((mood, moods), (server, servers)) = (watch::channel(Mood::Open), watch::channel(server_of(address)));
        let address = listener.local_addr().unwrap();
        Self { address, mood, server, task: tokio::spawn(pass_on(listener, servers, moods)) }
    }

    /// From now on connections lead to another server, as where a name is given to a replica.
    pub fn lead_to(&self, address: &str) {
        self.server.send_replace(server_of(address));
    }

    /// The same address by this way.
    pub fn address(&self, address: &str) -> String {
        let (host, port) = server_of(address);
        let server = format!("{host}:{port}");
        assert!(address.contains(&server), "the address names host and port");
        address.replacen(&server, &self.address.to_string(), 1)
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn server_of(address: &str) -> (String, u16) {
    let options = PgConnectOptions::from_str(address).unwrap();
    (options.get_host().to_owned(), options.get_port())
}

async fn pass_on(listener: TcpListener, servers: watch::Receiver<(String, u16)>, moods: watch::Receiver<Mood>) {
    while let Ok((client, _)) = listener.accept().await {
        if *moods.borrow() != Mood::Stopped {
            let server = servers.borrow().clone();
            tokio::spawn(connection(client, server, moods.clone()));
        }
    }
}

async fn connection(mut client: TcpStream, server: (String, u16), mut moods: watch::Receiver<Mood>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    loop {
        let mood = *moods.borrow_and_update();
        match mood {
            Mood::Stopped => return,
            // What was sent meanwhile waits in the sockets.
            Mood::Frozen => drop(moods.changed().await),
            Mood::Open => {
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => return,
                    _ = moods.changed() => {}
                }
            }
        }
    }
}
