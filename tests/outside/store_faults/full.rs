//! `SQLite` on a disk that is full, with a file that is locked, and with a file that was replaced.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use sqlx::{Connection as _, SqliteConnection};
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, RunningSandbox, Sandbox};

use crate::process::{Caller, Installation, Server};
use crate::support::{Reply, send};

const CONNECTION: &str = "/vault/connections/crm/agile-crm";
const CONTACTS: &str = "/crm/contacts?limit=1";

/// An installation whose database is in a directory of its own, and a vendor.
pub(super) struct Place {
    pub(super) installation: Installation,
    pub(super) api_key: String,
    _vendors: RunningSandbox,
}

impl Place {
    pub(super) async fn new(directory: &Path) -> Self {
        let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let base_url = format!("http://{}/agile-crm/dev/api", vendors.address);
        let limits = "limits = { requests = 10000, per_seconds = 1, concurrency = 100 }";
        let installation = Installation::new(&base_url, limits);
        let configuration = std::fs::read_to_string(installation.path().join("trunkline.toml")).unwrap();
        let database = directory.join("trunkline.sqlite").display().to_string();
        installation.write("trunkline.toml", &configuration.replace("trunkline.sqlite", &database));
        let api_key = installation.add_application("acme");
        for consumer in ["c-1", "c-2"] {
            installation.add_connection("acme", consumer, AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
        }
        Self { installation, api_key, _vendors: vendors }
    }

    fn caller(&self) -> Caller<'_> {
        Caller { api_key: &self.api_key, application: "acme", consumer: "c-1" }
    }

    /// A change that takes more than what may be left.
    async fn change(&self, server: &Server) -> Reply {
        let body = json!({ "metadata": { "note": "-".repeat(8000) } }).to_string();
        let request = server.request(self.caller(), Method::PATCH, CONNECTION);
        send(request.header("content-type", "application/json").body(body)).await
    }
}

async fn health(server: &Server) -> u16 {
    reqwest::get(format!("http://{}/healthz", server.address)).await.unwrap().status().as_u16()
}

/// What holds while nothing can be written, and once it can be again.
async fn goes_on(place: &Place, server: &Server, fill: impl FnOnce(), free: impl FnOnce()) {
    server.get(place.caller(), CONTACTS).await.listed();
    assert_eq!((place.change(server).await.status, health(server).await), (200, 200));
    fill();
    for _ in 0..5 {
        let refused = place.change(server).await;
        let detail = refused.refused(503, "ServiceUnavailableError").to_string();
        assert!(detail.contains("store"), "{detail}");
        assert!(refused.headers.contains_key("retry-after"));
        server.get(place.caller(), CONTACTS).await.listed();
        server.get(place.caller(), CONNECTION).await.listed();
    }
    assert_eq!(health(server).await, 503, "it does not say that all is well");
    free();
    for _ in 0..5 {
        let changed = place.change(server).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    }
    assert_eq!(health(server).await, 200);
}

/// A small file system of its own, where this may be made.
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    pub(super) fn new(directory: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(directory).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(directory.to_owned()))
    }

    pub(super) fn fill(&self) {
        let file = std::fs::File::create(self.0.join("ballast")).unwrap();
        while std::io::Write::write(&mut &file, &[0; 4096]).is_ok_and(|written| written > 0) {}
    }

    pub(super) fn free(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_forgotten_once_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::new(directory.path()) else { return };
    let place = Place::new(directory.path()).await;
    let server = place.installation.serve();
    goes_on(&place, &server, || disk.fill(), || disk.free()).await;
    drop(server);
}

/// A file may not grow: the system's answer is another one than that of a full disk.
#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_and_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(directory.path()).await;
    let server = place.installation.serve_by("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    let limit = |bytes: &str| {
        let pid = server.id().to_string();
        let size = format!("--fsize={bytes}:unlimited");
        Command::new("prlimit").args(["--pid", &pid, &size]).status().is_ok_and(|status| status.success())
    };
    if !limit("unlimited") {
        return;
    }
    goes_on(&place, &server, || assert!(limit("1024")), || assert!(limit("unlimited"))).await;
}

#[tokio::test]
async fn a_lock_of_seven_seconds_is_waited_for_and_keeps_no_reader() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(directory.path()).await;
    let server = place.installation.serve();
    let path = directory.path().join("trunkline.sqlite");
    let mut holder = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut holder).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    };
    let start = Instant::now();
    let waiting = async {
        let changes = [place.change(&server), place.change(&server), place.change(&server)];
        for change in futures_joined(changes).await {
            assert!([200, 503].contains(&change.status), "{}", change.text);
        }
        start.elapsed()
    };
    let reading = async {
        for _ in 0..5 {
            let asked = Instant::now();
            server.get(place.caller(), CONTACTS).await.listed();
            server.get(place.caller(), CONNECTION).await.listed();
            assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        }
    };
    let ((), waited, ()) = tokio::join!(release, waiting, reading);
    assert!(waited < Duration::from_secs(12), "{waited:?}");
    assert_eq!(place.change(&server).await.status, 200);
}

async fn futures_joined<const N: usize>(futures: [impl Future<Output = Reply>; N]) -> Vec<Reply> {
    let mut replies = Vec::new();
    let mut pinned: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        pinned.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(reply) => {
                replies.push(reply);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pinned.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    replies
}

#[tokio::test]
async fn a_file_that_was_replaced_is_used_from_then_on() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(directory.path()).await;
    let copy = directory.path().join("copy.sqlite");
    place.installation.run(&["backup", copy.to_str().unwrap()]).done();
    let server = place.installation.serve();
    server.get(place.caller(), CONTACTS).await.listed();
    place
        .installation
        .run(&["connections", "disable", "--app", "acme", "--consumer", "c-1", "--service", "agile-crm"])
        .done();
    server.soon(place.caller(), CONTACTS, 403).await;
    // As an operator does who puts a copy back without stopping the server.
    for beside in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(directory.path().join(format!("trunkline.sqlite{beside}")));
    }
    std::fs::rename(&copy, directory.path().join("trunkline.sqlite")).unwrap();
    server.soon(place.caller(), CONTACTS, 200).await;
    assert_eq!(place.change(&server).await.status, 200);
    let shown = server.get(place.caller(), CONNECTION).await;
    assert_eq!(shown.body["data"]["metadata"]["note"].as_str().map(str::len), Some(8000), "{}", shown.text);
    assert_eq!(health(&server).await, 200);
}
