//! Secrets on their way in: from standard input, a file or the environment. Never from an argument, which every process of the
//! machine can read and the shell remembers.

use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::{SecretString, zeroize::Zeroizing};

use super::Failure;

/// Where a client secret is read from.
#[derive(Debug, Args)]
#[group(multiple = false)]
#[expect(clippy::struct_field_names, reason = "the options on the command line are named so")]
pub(super) struct ClientSecret {
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
    pub(super) fn read(&self) -> Result<Option<SecretString>, Failure> {
        if self.client_secret_stdin {
            return one_line(&read_line("--client-secret-stdin")?, "standard input").map(Some);
        }
        if let Some(file) = &self.client_secret_file {
            return one_line(&read_file(file)?, &file.display().to_string()).map(Some);
        }
        let Some(variable) = &self.client_secret_env else { return Ok(None) };
        let text = std::env::var(variable).map_err(|_| format!("--client-secret-env: there is no text in {variable}"));
        one_line(&Zeroizing::new(text?), variable).map(Some)
    }
}

/// The next line of standard input. `what` is the argument that asks for it.
pub(super) fn read_line(what: &str) -> Result<Zeroizing<String>, Failure> {
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
