//! `PostgreSQL` servers of a test's own, which it may stop, freeze and promote. They run as the user `postgres`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A server that is gone, with all that it kept, when the test is over.
pub struct Cluster {
    directory: TempDir,
    programs: PathBuf,
    pub port: u16,
}

impl Cluster {
    /// A new one; `None` where the machine has no server programs, or no user to run them.
    pub fn start() -> Option<Self> {
        let cluster = Self::prepared()?;
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-A", "trust", "-E", "UTF8", "--no-sync", "-U", "postgres"])?;
        cluster.configure("wal_level = replica\nmax_wal_senders = 4\nhot_standby = on\nwal_keep_size = 64\n");
        cluster.begin();
        Some(cluster)
    }

    /// A replica of this one, which follows it.
    pub fn replica(&self) -> Self {
        let replica = Self::prepared().expect("there is one already");
        let (data, port) = (replica.data(), self.port.to_string());
        let copy = ["-D", &data, "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-R", "-X", "stream", "-c", "fast"];
        replica.run("pg_basebackup", &copy).expect("a copy of the server");
        replica.configure("");
        replica.begin();
        replica
    }

    pub fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    pub fn begin(&self) {
        self.control(&["start", "-w", "-t", "30"]);
    }

    pub fn stop(&self) {
        self.control(&["stop", "-m", "fast", "-w"]);
    }

    pub fn restart(&self) {
        self.control(&["restart", "-m", "fast", "-w", "-t", "30"]);
    }

    /// As where the machine hangs: every process of it.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Makes a replica the server that is written to.
    pub fn promote(&self) {
        self.control(&["promote", "-w"]);
    }

    fn prepared() -> Option<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let programs = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
        let programs = programs.filter(|path| path.join("initdb").exists()).max()?;
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let directory = tempfile::tempdir().ok()?;
        let owned = Command::new("chown").arg("postgres").arg(directory.path()).stderr(Stdio::null()).status();
        owned.is_ok_and(|status| status.success()).then_some(Self { directory, programs, port })
    }

    fn data(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }

    fn configure(&self, more: &str) {
        use std::io::Write as _;
        let directory = self.directory.path().display();
        let own = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{directory}'\nfsync = off\n{more}",
            self.port
        );
        let file = Path::new(&self.data()).join("postgresql.conf");
        std::fs::File::options().append(true).open(file).unwrap().write_all(own.as_bytes()).unwrap();
    }

    fn control(&self, arguments: &[&str]) {
        let (data, log) = (self.data(), self.directory.path().join("log").display().to_string());
        let all: Vec<&str> = ["-D", &data, "-l", &log].into_iter().chain(arguments.iter().copied()).collect();
        self.run("pg_ctl", &all).unwrap_or_else(|| panic!("{arguments:?}: {:?}", std::fs::read_to_string(&log)));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<()> {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(self.programs.join(program)).args(arguments);
        let command = command.current_dir(self.directory.path()).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::null()).status().ok().filter(std::process::ExitStatus::success).map(drop)
    }

    fn signal(&self, signal: &str) {
        let lines = std::fs::read_to_string(Path::new(&self.data()).join("postmaster.pid")).unwrap_or_default();
        let Some(server) = lines.lines().next() else { return };
        let children = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap_or_default();
        let processes: Vec<&str> = std::iter::once(server).chain(children.split_whitespace()).collect();
        // One that has just ended needs no signal.
        let _ = Command::new("kill").arg(signal).args(&processes).stderr(Stdio::null()).status();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.thaw();
        let _ = self.run("pg_ctl", &["-D", &self.data(), "stop", "-m", "immediate"]);
    }
}
