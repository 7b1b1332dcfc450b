//! The one key that everything sealed depends on, and the keys derived from it. It is never stored beside the database.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use zeroize::{Zeroize, Zeroizing};

const PREFIX: &str = "tlmk1_";
const LARGEST_FILE_BYTES: u64 = 1024;

/// 32 random bytes, written as `tlmk1_` and base64url. Wiped from memory when it is dropped.
pub struct MasterKey {
    bytes: Zeroizing<[u8; 32]>,
}

/// Why there is no master key. Never shows what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// The text is not a master key.
    #[error("a master key is `tlmk1_` and 43 characters of base64url")]
    Malformed,
    /// The file cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        message: String,
    },
    /// Others than its owner may read or change the file.
    #[error("{path}: a master key file is for its owner alone, but its mode is {mode:04o}; run `chmod 600 {path}`")]
    TooOpen {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    NoRandomness(String),
}

impl MasterKey {
    /// A new key.
    pub fn generate() -> Result<Self, MasterKeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|error| MasterKeyError::NoRandomness(error.to_string()))?;
        Ok(Self { bytes })
    }

    /// A key from its text; white space around it does not count.
    pub fn parse(text: &SecretString) -> Result<Self, MasterKeyError> {
        let encoded = text.expose_secret().trim().strip_prefix(PREFIX).ok_or(MasterKeyError::Malformed)?;
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| MasterKeyError::Malformed)?);
        let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| MasterKeyError::Malformed)?;
        Ok(Self { bytes: Zeroizing::new(bytes) })
    }

    /// A key from a file that only its owner may read.
    pub fn read_file(path: &Path) -> Result<Self, MasterKeyError> {
        let unreadable = |message: String| MasterKeyError::Unreadable { path: path.display().to_string(), message };
        let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
        refuse_shared(&file, path)?;
        let mut text = Zeroizing::new(String::with_capacity(128));
        let mut limited = file.take(LARGEST_FILE_BYTES);
        limited.read_to_string(&mut text).map_err(|error| unreadable(error.to_string()))?;
        Self::parse(&SecretString::from(text.as_str()))
    }

    /// The key as text, to be kept somewhere safe.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.bytes.as_slice()));
        SecretString::from(format!("{PREFIX}{}", encoded.as_str()))
    }

    /// A key for one purpose. The context names the purpose and is never anything but a constant.
    #[must_use]
    pub fn derive(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, self.bytes.as_slice())
    }

    pub(crate) fn derive_wiped(&self, context: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = self.derive(context);
        let kept = Zeroizing::new(derived);
        derived.zeroize();
        kept
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey([REDACTED])")
    }
}

#[cfg(unix)]
fn refuse_shared(file: &File, path: &Path) -> Result<(), MasterKeyError> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = file
        .metadata()
        .map_err(|error| MasterKeyError::Unreadable { path: path.display().to_string(), message: error.to_string() })?;
    let mode = metadata.permissions().mode() & 0o777;
    let of_others = mode & 0o077;
    if of_others != 0 {
        return Err(MasterKeyError::TooOpen { path: path.display().to_string(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_shared(_file: &File, _path: &Path) -> Result<(), MasterKeyError> {
    Ok(())
}
