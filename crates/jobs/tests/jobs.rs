//! Jobs from outside: a panic is logged and counted and the job starts again, a stop is in order, and a lease lets one server work.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jobs::{FIRST_BACKOFF, Job, JobContext, JobCounts, LONGEST_BACKOFF, Runner};
use storage::{Store, StoreLocation};
use tokio::sync::Notify;
use tokio::time::{Instant, pause, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// What is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn store() -> Arc<Store> {
    let store = Store::open(&StoreLocation::Memory, &[]).await.unwrap();
    store.upgrade().await.unwrap().commit().await.unwrap();
    Arc::new(store)
}

/// A runner in a time that goes as fast as the jobs let it.
async fn runner() -> Runner {
    let runner = Runner::new(store().await, "server");
    pause();
    runner
}

fn counts(job: &'static str, [runs, failures, panics, restarts]: [u64; 4]) -> JobCounts {
    JobCounts { job, runs, failures, panics, restarts }
}

/// Panics so many times, and then works until it is stopped. What it has done so far is its state.
struct Shaky {
    panics: u64,
    begun_at: Arc<Mutex<Vec<Instant>>>,
    made_safe: Arc<AtomicU64>,
    done: Arc<Mutex<Vec<&'static str>>>,
    name: &'static str,
}

impl Shaky {
    fn new(name: &'static str, panics: u64) -> Self {
        Self { panics, begun_at: Arc::default(), made_safe: Arc::default(), done: Arc::default(), name }
    }
}

#[async_trait]
impl Job for Shaky {
    async fn run(&mut self, context: &JobContext) {
        context.begin_run();
        self.begun_at.lock().unwrap().push(Instant::now());
        if self.panics > 0 {
            self.panics -= 1;
            panic!("the {} gave way", "floor");
        }
        context.stopping().await;
        self.done.lock().unwrap().push(self.name);
    }

    fn panicked(&mut self) {
        self.made_safe.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_panic_is_logged_and_counted_and_the_job_starts_again_with_its_state() {
    let (runner, log) = (runner().await, Log::default());
    let _listening = log.listen();
    let job = Shaky::new("shaky", 2);
    let made_safe = Arc::clone(&job.made_safe);
    runner.start("shaky", job);
    sleep(SECOND).await;
    assert_eq!(runner.counts(), [counts("shaky", [3, 0, 2, 2])]);
    assert_eq!(made_safe.load(Ordering::SeqCst), 2);
    let text = log.text();
    let logged: Vec<&str> = text.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(logged.len(), 2, "{text}");
    for owed in ["job=\"shaky\"", "panic=\"the floor gave way\"", "panics=1", "restart_in=100ms", "it starts again"] {
        assert!(logged[0].contains(owed), "{owed}: {text}");
    }
}

#[tokio::test]
async fn the_wait_before_a_restart_doubles_up_to_a_bound() {
    let runner = runner().await;
    let job = Shaky::new("shaky", 12);
    let begun_at = Arc::clone(&job.begun_at);
    runner.start("shaky", job);
    sleep(SECOND * 200).await;
    let begun_at = begun_at.lock().unwrap();
    let waits: Vec<Duration> = begun_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits.len(), 12);
    let mut owed = FIRST_BACKOFF;
    for wait in waits {
        // The clock of a runtime goes in milliseconds.
        assert!(wait >= owed && wait <= owed + Duration::from_millis(2), "{wait:?} for {owed:?}");
        owed = (owed * 2).min(LONGEST_BACKOFF);
    }
}

#[tokio::test]
async fn a_stop_goes_from_the_last_job_to_the_first_and_lets_each_finish() {
    let runner = runner().await;
    let done = Arc::<Mutex<Vec<&str>>>::default();
    for name in ["first", "second", "third"] {
        runner.start(name, Shaky { done: Arc::clone(&done), ..Shaky::new(name, 0) });
    }
    sleep(SECOND).await;
    assert_eq!(runner.stop_within(SECOND).await, Vec::<&str>::new());
    assert_eq!(*done.lock().unwrap(), ["third", "second", "first"]);
}

#[tokio::test]
async fn a_job_that_does_not_end_in_time_is_broken_off_and_a_panic_at_the_stop_is_no_end() {
    let runner = runner().await;
    let done = Arc::<Mutex<Vec<&str>>>::default();
    runner.every("endless", SECOND, std::future::pending::<Result<(), Infallible>>);
    // Its wait after the panic is cut short by the stop.
    runner.start("shaky", Shaky { done: Arc::clone(&done), ..Shaky::new("shaky", 1) });
    sleep(FIRST_BACKOFF / 2).await;
    assert_eq!(runner.stop_within(SECOND).await, ["endless"]);
    assert_eq!(*done.lock().unwrap(), ["shaky"]);
    assert_eq!(runner.counts(), [counts("endless", [1, 0, 0, 0]), counts("shaky", [2, 0, 1, 1])]);
}

#[tokio::test]
async fn a_job_that_panics_at_every_stop_is_given_up() {
    let runner = runner().await;
    runner.start("shaky", Shaky::new("shaky", u64::MAX));
    assert_eq!(runner.stop_within(SECOND * 60).await, Vec::<&str>::new());
    assert_eq!(runner.counts()[0].panics, 3);
}

#[tokio::test]
async fn jobs_end_with_their_runner() {
    let runner = runner().await;
    let job = Shaky::new("orphan", 0);
    let done = Arc::clone(&job.done);
    runner.start("orphan", job);
    sleep(SECOND).await;
    drop(runner);
    sleep(SECOND).await;
    assert_eq!(*done.lock().unwrap(), ["orphan"]);
}

#[tokio::test]
async fn periodic_work_runs_now_and_every_period_and_again_soon_after_a_panic() {
    let (runner, log) = (runner().await, Log::default());
    let _listening = log.listen();
    let (ran, start) = (Arc::<Mutex<Vec<u64>>>::default(), Instant::now());
    let times = Arc::clone(&ran);
    runner.every("tick", SECOND * 10, move || {
        let times = Arc::clone(&times);
        async move {
            let run = times.lock().unwrap().len();
            times.lock().unwrap().push(start.elapsed().as_secs());
            assert!(run != 1, "the second time");
            if run == 3 { Err("the fourth time") } else { Ok(()) }
        }
    });
    sleep(SECOND * 45).await;
    assert_eq!(*ran.lock().unwrap(), [0, 10, 10, 20, 30, 40]);
    assert_eq!(runner.counts(), [counts("tick", [6, 1, 1, 1])]);
    let text = log.text();
    assert!(text.contains("error=the fourth time") && text.contains("job=\"tick\""), "{text}");
}

/// Returns once `owed` holds.
async fn until(owed: impl Fn() -> bool) {
    while !owed() {
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn leased_work_is_done_by_one_server_at_a_time() {
    let store = store().await;
    let servers = ["one", "two"].map(|server| Runner::new(Arc::clone(&store), server));
    let (at_work, go_on) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
    let other_ran = Arc::new(AtomicBool::new(false));
    let (count, wait) = (Arc::clone(&at_work), Arc::clone(&go_on));
    servers[0].every_leased("sweep", SECOND * 3600, move || {
        let (count, wait) = (Arc::clone(&count), Arc::clone(&wait));
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            wait.notified().await;
            Ok::<(), Infallible>(())
        }
    });
    until(|| at_work.load(Ordering::SeqCst) == 1).await;
    let ran = Arc::clone(&other_ran);
    servers[1].every_leased("sweep", Duration::from_millis(1), move || {
        let ran = Arc::clone(&ran);
        async move {
            ran.store(true, Ordering::SeqCst);
            Ok::<(), Infallible>(())
        }
    });
    until(|| servers[1].counts()[0].runs > 20).await;
    assert!(!other_ran.load(Ordering::SeqCst));
    go_on.notify_one();
    until(|| other_ran.load(Ordering::SeqCst)).await;
}

#[tokio::test]
async fn a_panic_under_a_lease_does_not_keep_its_server_from_working_again() {
    let runner = Runner::new(store().await, "server");
    let runs = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&runs);
    runner.every_leased("sweep", SECOND * 3600, move || {
        let count = Arc::clone(&count);
        async move {
            assert!(count.fetch_add(1, Ordering::SeqCst) > 0, "the first time");
            Ok::<(), Infallible>(())
        }
    });
    until(|| runs.load(Ordering::SeqCst) == 2).await;
    assert_eq!(runner.stop_within(SECOND).await, Vec::<&str>::new());
}
