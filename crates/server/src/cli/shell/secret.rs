//! Secrets on their way in: from standard input, a file or the environment. Never from an argument, which every process of the
//! machine can read and the shell remembers.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use connector_catalog::ConnectorDefinition;
#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::{SecretString, zeroize::Zeroizing};

use super::Failure;

/// Where a client secret is read from.
#[derive(Debug, Args)]
#[group(multiple = false)]
#[expect(clippy::struct_field_names, reason = "the options on the command line are named so")]
pub(in crate::cli) struct ClientSecret {
    /// Read the client secret from standard input, one line.
    #[arg(long)]
    client_secret_stdin: bool,
    /// Read the client secret from a file.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// Read the client secret from an environment variable.
    #[arg(long, value_name = "VARIABLE")]
    client_secret_env: Option<String>,
}

impl ClientSecret {
    /// The secret, if one is to be set.
    pub(in crate::cli) fn read(&self) -> Result<Option<SecretString>, Failure> {
        if self.client_secret_stdin {
            return one_line(&read_secret("--client-secret-stdin")?, "standard input").map(Some);
        }
        if let Some(file) = &self.client_secret_file {
            return one_line(&read_file(file)?, &file.display().to_string()).map(Some);
        }
        let Some(variable) = &self.client_secret_env else { return Ok(None) };
        let text = std::env::var(variable).map_err(|_| format!("--client-secret-env: there is no text in {variable}"));
        one_line(&Zeroizing::new(text?), variable).map(Some)
    }
}

/// A secret from standard input, one line. On a terminal it is asked for and not shown. `what` is the argument that asks for it.
pub(in crate::cli) fn read_secret(what: &str) -> Result<Zeroizing<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        return read_line(what);
    }
    eprint!("{what} (not shown): ");
    #[cfg(unix)]
    let hidden = Hidden::begin();
    let line = read_line(what);
    #[cfg(unix)]
    drop(hidden);
    // The line break that was typed was not shown either.
    eprintln!();
    line
}

/// While it lives, what is typed is not shown.
#[cfg(unix)]
struct Hidden(Termios);

#[cfg(unix)]
impl Hidden {
    /// None where the terminal shows it whatever it is told. What was typed before, such as further lines of a text that was
    /// pasted, is no answer and is dropped.
    fn begin() -> Option<Self> {
        let shown = tcgetattr(std::io::stdin()).ok()?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &hidden).ok()?;
        Some(Self(shown))
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// Says that a secret was an argument, where it was.
pub(in crate::cli) fn warn_of_arguments(settings: &[(String, String)], connector: Option<&Arc<ConnectorDefinition>>) {
    let is_secret = |name: &str| {
        let mut settings = connector.iter().flat_map(|connector| &connector.settings);
        settings.any(|setting| setting.sensitive && setting.name == name)
    };
    for (name, value) in settings {
        if is_secret(name) && !value.is_empty() && value != "-" {
            eprintln!(
                "warning: {name} is a secret, and arguments are seen by other users of this machine and kept by the shell: \
                 write --set {name}=- and enter it when asked"
            );
        }
    }
}

/// The next line of standard input. `what` is the argument that asks for it.
pub(in crate::cli) fn read_line(what: &str) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    if std::io::stdin().read_line(&mut line)? == 0 {
        return Err(format!("{what}: standard input has no more lines").into());
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

fn read_file(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Zeroizing::new(text))
}

/// Files end with a line break, which is no part of the secret; one inside is a mistake.
fn one_line(text: &str, place: &str) -> Result<SecretString, Failure> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.contains(char::is_control) {
        return Err(format!("{place}: a client secret is one line that is not empty").into());
    }
    Ok(text.into())
}
