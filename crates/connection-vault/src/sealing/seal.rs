//! Sealing: one secret, one blob, bound to the one place where it may be opened.

use std::fmt;

use super::master_key::MasterKey;
use crate::error::VaultError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const KEY_ID_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// A key that seals and opens. A blob is the format's number, the key's id, the nonce and the ciphertext, as base64.
pub(crate) struct SealingKey {
    id: KeyId,
    key: KeyBytes,
}

/// What a blob calls its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyId([u8; KEY_ID_BYTES]);

/// A secret of 32 bytes, wiped when it is dropped.
pub(crate) struct KeyBytes(Zeroizing<[u8; 32]>);

/// Where a secret belongs. A blob that was moved anywhere else cannot be opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) application_id: &'a str,
    pub(crate) consumer_id: &'a str,
    pub(crate) service_id: &'a str,
    pub(crate) connection_id: &'a str,
    pub(crate) setting: &'a str,
}

impl KeyBytes {
    pub(crate) fn generate() -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new([0; 32]);
        fill(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_text(text: &SecretString) -> Option<Self> {
        let decoded = Zeroizing::new(STANDARD_NO_PAD.decode(text.expose_secret()).ok()?);
        Some(Self(Zeroizing::new(decoded.as_slice().try_into().ok()?)))
    }

    pub(crate) fn to_text(&self) -> SecretString {
        STANDARD_NO_PAD.encode(self.0.as_slice()).into()
    }

    /// A key for one purpose. The context names the purpose and is never anything but a constant.
    pub(crate) fn derive(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, self.0.as_slice())
    }
}

impl KeyId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes()))
    }

    /// The key that a blob names; none of what is no blob.
    pub(crate) fn of(sealed: &str) -> Option<Self> {
        let blob = STANDARD_NO_PAD.decode(sealed).ok()?;
        let (format, rest) = blob.split_first()?;
        (*format == FORMAT).then_some(Self(*rest.first_chunk()?))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl SealingKey {
    /// What a master key seals with: nothing but other keys.
    pub(crate) fn of_master(master_key: &MasterKey) -> Self {
        let id = master_key.derive("Trunkline connection-vault v1: id of the sealing key");
        let mut key_id = [0; KEY_ID_BYTES];
        key_id.copy_from_slice(&id[..KEY_ID_BYTES]);
        let key = master_key.derive_wiped("Trunkline connection-vault v1: sealing key");
        Self { id: KeyId(key_id), key: KeyBytes(key) }
    }

    pub(crate) fn generate() -> Result<Self, VaultError> {
        let mut id = [0; KEY_ID_BYTES];
        fill(&mut id)?;
        Ok(Self { id: KeyId(id), key: KeyBytes::generate()? })
    }

    /// This key, sealed by another.
    pub(crate) fn wrap(&self, by: &Self) -> Result<String, VaultError> {
        let id = self.id.to_string();
        by.seal(&Place::of_key(&id), &self.key.to_text())
    }

    pub(crate) fn unwrap(id: &str, wrapped: &str, by: &Self) -> Result<Self, VaultError> {
        let damaged = || VaultError::Sealed(format!("the key {id} is damaged"));
        let text = by.open(&Place::of_key(id), wrapped)?;
        let key = KeyBytes::from_text(&text).ok_or_else(damaged)?;
        Ok(Self { id: KeyId::parse(id).ok_or_else(damaged)?, key })
    }

    pub(crate) fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn seal(&self, place: &Place<'_>, secret: &SecretString) -> Result<String, VaultError> {
        let mut nonce = [0; NONCE_BYTES];
        fill(&mut nonce)?;
        let associated = place.associated_data();
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &associated };
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::Sealed(format!("{place} is too long to be sealed")))?;
        let mut blob = Vec::with_capacity(HEADER_BYTES + ciphertext.len());
        blob.push(FORMAT);
        blob.extend_from_slice(&self.id.0);
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&ciphertext);
        Ok(STANDARD_NO_PAD.encode(blob))
    }

    pub(crate) fn open(&self, place: &Place<'_>, sealed: &str) -> Result<SecretString, VaultError> {
        let refused = |reason: &str| VaultError::Sealed(format!("{place} {reason}"));
        let blob = STANDARD_NO_PAD.decode(sealed).map_err(|_| refused("is damaged"))?;
        let (header, ciphertext) = blob.split_at_checked(HEADER_BYTES).ok_or_else(|| refused("is damaged"))?;
        let (prefix, nonce) = header.split_at(1 + KEY_ID_BYTES);
        if prefix[0] != FORMAT {
            return Err(refused("was sealed by a newer version"));
        }
        if prefix[1..] != self.id.0 {
            return Err(refused("was sealed with another key"));
        }
        let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).map_err(|_| refused("is damaged"))?;
        let associated = place.associated_data();
        let payload = Payload { msg: ciphertext, aad: &associated };
        let opened = self.cipher().decrypt(&XNonce::from(nonce), payload);
        let opened = Zeroizing::new(opened.map_err(|_| refused("was changed or moved after it was sealed"))?);
        let text = std::str::from_utf8(&opened).map_err(|_| refused("is damaged"))?;
        Ok(SecretString::from(text))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key.0).into())
    }
}

impl<'a> Place<'a> {
    /// A secret of the database itself.
    pub(crate) const fn of_vault(name: &'a str) -> Self {
        Self { application_id: "", consumer_id: "", service_id: "", connection_id: "", setting: name }
    }

    const fn of_key(id: &'a str) -> Self {
        Self { connection_id: id, ..Self::of_vault("data_key") }
    }

    /// Every part with its length before it, so that no two places read alike.
    fn associated_data(&self) -> Vec<u8> {
        let parts = [self.application_id, self.consumer_id, self.service_id, self.connection_id, self.setting];
        let mut data = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_le_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` of the connection {} to {}", self.setting, self.connection_id, self.service_id)
    }
}

fn fill(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|error| VaultError::Sealed(format!("no random numbers: {error}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn place() -> Place<'static> {
        Place {
            application_id: "app",
            consumer_id: "ann",
            service_id: "agile-crm",
            connection_id: "c-1",
            setting: "api_key",
        }
    }

    fn sealer() -> SealingKey {
        SealingKey::generate().unwrap()
    }

    #[test]
    fn what_was_sealed_opens_at_its_place() {
        let sealer = sealer();
        let blob = sealer.seal(&place(), &SecretString::from("hush")).unwrap();
        assert_eq!(sealer.open(&place(), &blob).unwrap().expose_secret(), "hush");
    }

    #[test]
    fn a_secret_is_never_sealed_twice_to_the_same_blob() {
        let sealer = sealer();
        let secret = SecretString::from("hush");
        assert_ne!(sealer.seal(&place(), &secret).unwrap(), sealer.seal(&place(), &secret).unwrap());
    }

    #[test]
    fn a_blob_opens_nowhere_else() {
        let sealer = sealer();
        let blob = sealer.seal(&place(), &SecretString::from("hush")).unwrap();
        let elsewhere = [
            Place { application_id: "other", ..place() },
            Place { consumer_id: "bob", ..place() },
            Place { service_id: "other-crm", ..place() },
            Place { connection_id: "c-2", ..place() },
            Place { setting: "password", ..place() },
            // The same characters, divided otherwise.
            Place { application_id: "appa", consumer_id: "nn", ..place() },
        ];
        for place in elsewhere {
            let refused = sealer.open(&place, &blob).unwrap_err();
            assert!(refused.to_string().contains("changed or moved"), "{place:?}: {refused}");
        }
    }

    #[test]
    fn a_blob_with_any_byte_changed_does_not_open() {
        let sealer = sealer();
        let blob = STANDARD_NO_PAD.decode(sealer.seal(&place(), &SecretString::from("hush")).unwrap()).unwrap();
        for index in 0..blob.len() {
            let mut changed = blob.clone();
            changed[index] ^= 1;
            let opened = sealer.open(&place(), &STANDARD_NO_PAD.encode(changed));
            assert!(matches!(opened, Err(VaultError::Sealed(_))), "byte {index}");
        }
        for length in 0..blob.len() {
            let opened = sealer.open(&place(), &STANDARD_NO_PAD.encode(&blob[..length]));
            assert!(matches!(opened, Err(VaultError::Sealed(_))), "{length} bytes");
        }
    }

    #[test]
    fn another_key_is_named_as_the_reason() {
        let blob = sealer().seal(&place(), &SecretString::from("hush")).unwrap();
        let refused = sealer().open(&place(), &blob).unwrap_err();
        assert!(refused.to_string().contains("another key"), "{refused}");
    }

    #[test]
    fn a_wrapped_key_opens_what_it_has_sealed() {
        let (key, master) = (sealer(), SealingKey::of_master(&MasterKey::generate().unwrap()));
        let blob = key.seal(&place(), &SecretString::from("hush")).unwrap();
        let (id, wrapped) = (key.id().to_string(), key.wrap(&master).unwrap());
        let again = SealingKey::unwrap(&id, &wrapped, &master).unwrap();
        assert_eq!((again.id(), KeyId::of(&blob)), (key.id(), Some(key.id())));
        assert_eq!(again.open(&place(), &blob).unwrap().expose_secret(), "hush");
        assert!(SealingKey::unwrap("0123456789abcdef", &wrapped, &master).is_err(), "under another name");
        assert!(SealingKey::unwrap(&id, &wrapped, &sealer()).is_err());
    }
}
