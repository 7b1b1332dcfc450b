//! The binary as an operator runs it: a directory with configuration, key and database, and commands in it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Reply, send};

/// A directory that holds everything one installation has.
pub struct Installation {
    directory: TempDir,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Finished {
    pub succeeded: bool,
    pub output: String,
    pub errors: String,
}

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    client: reqwest::Client,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    pub api_key: &'a str,
    pub application: &'a str,
    pub consumer: &'a str,
}

/// The server under test: the binary that `TRUNKLINE_BIN` names, or the one that was built with the tests.
pub fn binary() -> String {
    std::env::var("TRUNKLINE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_trunkline").to_owned())
}

impl Installation {
    /// A new installation whose Agile is at `base_url`; `more` is added to its configuration.
    pub fn new(base_url: &str, more: &str) -> Self {
        let installation = Self { directory: tempfile::tempdir().unwrap() };
        let configuration = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[store]\ndatabase = \"trunkline.sqlite\"\n[secrets]\nmaster_key_file = \"master.key\"\n\
             [connectors.agile-crm]\nbase_url = \"{base_url}\"\n{more}\n"
        );
        installation.write("trunkline.toml", &configuration);
        installation.run(&["master-key", "generate", "--out", "master.key"]).done();
        installation
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.path()).env_remove("TRUNKLINE_MASTER_KEY").env_remove("RUST_LOG");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Finished {
        finished(&mut self.command(arguments), "")
    }

    /// Runs a command that prints JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let with_flag: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.run(&with_flag).done()).unwrap()
    }

    /// An application with an API key; returns the key.
    pub fn add_application(&self, id: &str) -> String {
        self.run(&["apps", "add", id]).done();
        self.run(&["api-keys", "add", "--app", id]).done().trim().to_owned()
    }

    /// A connection to Agile, its secret through standard input.
    pub fn add_connection(&self, application: &str, consumer: &str, domain: &str, email: &str, secret: &str) {
        let (domain, email) = (format!("domain={domain}"), format!("email={email}"));
        let place = ["--app", application, "--consumer", consumer, "--service", "agile-crm"];
        let settings = ["--set", &domain, "--set", &email, "--set", "api_key=-"];
        let arguments: Vec<&str> = ["connections", "add"].into_iter().chain(place).chain(settings).collect();
        finished(&mut self.command(&arguments), secret).done();
    }

    /// Serves; what it logs goes to the file `log`.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    pub fn serve_with(&self, environment: &[(&str, &str)]) -> Server {
        self.started(self.command(&["serve"]).envs(environment.iter().copied()))
    }

    /// Serves as a child that another program turns into: its arguments, then the server's program and argument.
    pub fn serve_by(&self, program: &str, arguments: &[&str]) -> Server {
        let mut command = Command::new(program);
        command.args(arguments).arg(binary()).arg("serve");
        command.current_dir(self.path()).env_remove("TRUNKLINE_MASTER_KEY").env_remove("RUST_LOG");
        self.started(&mut command)
    }

    /// The server that a command starts.
    pub fn started(&self, command: &mut Command) -> Server {
        let log = File::options().create(true).append(true).open(self.path().join("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("ready http://");
        let address = address.unwrap_or_else(|| panic!("{line} {}", self.log())).parse().unwrap();
        // Everything is on loopback: to read the machine's certificates would take longer than most calls.
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Server { child, address, client }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }
}

/// Runs a command to its end, with this on its standard input.
pub fn finished(command: &mut Command, input: &str) -> Finished {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Finished {
        succeeded: output.status.success(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Finished {
    /// What was printed by a command that must succeed.
    #[track_caller]
    pub fn done(self) -> String {
        assert!(self.succeeded, "{self:?}");
        self.output
    }

    /// What a command that must fail complained of.
    #[track_caller]
    pub fn failed(self) -> String {
        assert!(!self.succeeded, "{self:?}");
        self.errors
    }
}

impl Server {
    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// How it ended by itself.
    pub fn ended(&mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn request(&self, caller: Caller<'_>, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.request_to("agile-crm", caller, method, path)
    }

    pub fn request_to(&self, service: &str, caller: Caller<'_>, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.address)).bearer_auth(caller.api_key);
        let request = request.header("x-apideck-app-id", caller.application).header("x-apideck-service-id", service);
        request.header("x-apideck-consumer-id", caller.consumer)
    }

    pub async fn get(&self, caller: Caller<'_>, path: &str) -> Reply {
        send(self.request(caller, Method::GET, path)).await
    }

    /// Asks until the status is the one owed.
    pub async fn soon(&self, caller: Caller<'_>, path: &str, status: u16) -> Reply {
        soon(|| self.request(caller, Method::GET, path), |reply| reply.status == status).await
    }
}

/// Asks until the reply is as owed, for at most a second: so long may a change of another process take to be seen.
pub async fn soon(request: impl Fn() -> reqwest::RequestBuilder, owed: impl Fn(&Reply) -> bool) -> Reply {
    let start = Instant::now();
    loop {
        let reply = send(request()).await;
        if owed(&reply) {
            return reply;
        }
        assert!(start.elapsed() < Duration::from_secs(1), "after a second still {}", reply.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
