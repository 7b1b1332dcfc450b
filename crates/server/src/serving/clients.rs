//! Every client that is connected: how many there may be, who makes room for another, and who is asked to leave.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use gateway::{EdgeError, GatewayError};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::client;
use super::client_address::direct_client;
use super::limits::ClientLimits;
use super::places::{ClientKey, Place, Places};
use super::progress::Progress;
use super::rarely::Rarely;
use crate::http::PublicUrl;
use crate::http::request::refused::written;

/// How many clients are told at once that there is no room; others find the connection closed.
const MOST_REFUSALS: usize = 64;
/// Which part of all connections makes room at once: finding the oldest costs a look at each.
const EVICTED_PART: usize = 16;

/// Every client that is connected, and what is served to them.
pub(super) struct Clients {
    pub(super) limits: ClientLimits,
    pub(super) router: Router,
    pub(super) public_url: PublicUrl,
    /// Calls under way of clients that a trusted proxy names.
    pub(super) calls: Arc<Places>,
    connections: Arc<Places>,
    refusals: Arc<Semaphore>,
    present: Mutex<Present>,
    refused: Rarely,
    failed: Rarely,
}

#[derive(Default)]
struct Present {
    next: u64,
    guests: HashMap<u64, (Arc<Progress>, Option<ClientKey>)>,
    is_stopping: bool,
}

/// A client that is connected. It has left when this is dropped.
pub(super) struct Guest {
    pub(super) progress: Arc<Progress>,
    pub(super) peer: SocketAddr,
    number: u64,
    clients: Arc<Clients>,
    _place: Option<Place>,
    _refusal: Option<OwnedSemaphorePermit>,
}

impl Clients {
    pub(super) fn new(limits: ClientLimits, router: Router, public_url: PublicUrl) -> Self {
        Self {
            calls: Places::new(limits.per_client),
            connections: Places::new(limits.per_client),
            refusals: Arc::new(Semaphore::new(MOST_REFUSALS)),
            limits,
            router,
            public_url,
            present: Mutex::default(),
            refused: Rarely::default(),
            failed: Rarely::default(),
        }
    }

    /// Serves a client that has just arrived, or tells it why not.
    pub(super) fn arrived(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let key = direct_client(peer.ip(), &self.limits.trusted_proxies).map(ClientKey::of);
        if self.is_full() && self.evict(self.limits.connections / EVICTED_PART, None) == 0 {
            return self.refuse(stream, peer, &EdgeError::TooManyConnections.into(), tasks);
        }
        let place = key.map(|key| self.connections.take(key));
        match place {
            Some(None) => {
                // Its own connections that do nothing make room for its next.
                self.evict(1, key);
                self.refuse(stream, peer, &EdgeError::TooManyOfOneClient(self.limits.per_client).into(), tasks);
            }
            Some(Some(place)) => self.serve(stream, peer, Some(place), tasks),
            None => self.serve(stream, peer, None, tasks),
        }
    }

    /// A connection could not be accepted, mostly for want of file descriptors.
    pub(super) fn cannot_accept(&self, error: &io::Error) {
        let freed = self.evict(self.limits.connections / EVICTED_PART, None);
        if let Some(times) = self.failed.times() {
            tracing::error!(%error, times, freed, "connections cannot be accepted; allow more open files (ulimit -n)");
        }
    }

    /// Asks everybody to leave whose call is answered.
    pub(super) fn stop(&self) {
        let mut present = self.present();
        present.is_stopping = true;
        present.guests.values().for_each(|(progress, _)| progress.stop());
    }

    /// How many calls are under way.
    pub(super) fn under_way(&self) -> usize {
        self.present().guests.values().filter(|(progress, _)| progress.is_calling()).count()
    }

    fn serve(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, place: Option<Place>, tasks: &mut JoinSet<()>) {
        // Answers are written whole; to wait for more of them would only delay the last part.
        let _ = stream.set_nodelay(true);
        let guest = self.guest(peer, place, None);
        tasks.spawn(client::serve(stream, guest, Arc::clone(self)));
    }

    fn refuse(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, why: &GatewayError, tasks: &mut JoinSet<()>) {
        if let Some(times) = self.refused.times() {
            tracing::warn!(%peer, times, status = why.status, detail = %why.detail, "connections are refused");
        }
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        let answer = written(why, &self.public_url);
        let guest = self.guest(peer, None, Some(permit));
        tasks.spawn(client::refuse(stream, guest, Arc::clone(self), answer));
    }

    fn guest(self: &Arc<Self>, peer: SocketAddr, place: Option<Place>, refusal: Option<OwnedSemaphorePermit>) -> Guest {
        let progress = Progress::new();
        let mut present = self.present();
        let number = present.next;
        present.next += 1;
        if present.is_stopping {
            progress.stop();
        }
        present.guests.insert(number, (Arc::clone(&progress), place.as_ref().map(Place::key)));
        Guest { progress, peer, number, clients: Arc::clone(self), _place: place, _refusal: refusal }
    }

    fn is_full(&self) -> bool {
        self.present().guests.len() >= self.limits.connections
    }

    /// Closes those connections that have been without a call for the longest time, of one client or of all. How many.
    fn evict(&self, wanted: usize, of: Option<ClientKey>) -> usize {
        let mut idle: Vec<(Instant, Arc<Progress>)> = {
            let present = self.present();
            let asked = present.guests.values().filter(|(_, key)| of.is_none() || *key == of);
            asked.filter_map(|(progress, _)| Some((progress.idle_since()?, Arc::clone(progress)))).collect()
        };
        idle.sort_unstable_by_key(|(since, _)| *since);
        idle.truncate(wanted.max(1));
        for (_, progress) in &idle {
            progress.evict();
        }
        idle.len()
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.clients.present().guests.remove(&self.number);
    }
}
