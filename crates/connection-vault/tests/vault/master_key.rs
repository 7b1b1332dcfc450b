//! Where the master key comes from, and what happens without the right one.

use std::io::Write;
use std::path::Path;

use connection_vault::{MasterKey, MasterKeyError, Vault, VaultError, VaultOptions};
use secrecy::{ExposeSecret, SecretString};

use crate::store::{TestStore, on_each_engine};
use crate::support::catalog;

on_each_engine!(a_database_does_not_open_with_another_master_key);

fn key_file(mode: u32, text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).unwrap();
    }
    file
}

#[test]
fn a_generated_key_reads_back_as_itself() {
    let key = MasterKey::generate().unwrap();
    let again = MasterKey::parse(&key.to_text()).unwrap();
    assert!(key.to_text().expose_secret().starts_with("tlmk1_"));
    assert_eq!(key.derive("a purpose"), again.derive("a purpose"));
    assert_ne!(key.derive("a purpose"), key.derive("another purpose"));
    assert_ne!(key.derive("a purpose"), MasterKey::generate().unwrap().derive("a purpose"));
}

#[test]
fn what_is_no_key_is_refused_without_being_repeated() {
    let text = MasterKey::generate().unwrap().to_text();
    let text = text.expose_secret();
    let wrong = ["", "tlmk1_", "secret", &text[..text.len() - 1], &format!("{text}A"), &text.replacen('1', "2", 1)];
    for wrong in wrong {
        let refused = MasterKey::parse(&SecretString::from(wrong)).unwrap_err();
        assert_eq!(refused, MasterKeyError::Malformed, "{wrong}");
        assert!(wrong.len() < 7 || !refused.to_string().contains(wrong));
    }
}

#[test]
fn a_key_file_may_end_in_a_line_break() {
    let key = MasterKey::generate().unwrap();
    let file = key_file(0o600, &format!("{}\n", key.to_text().expose_secret()));
    assert_eq!(MasterKey::read_file(file.path()).unwrap().derive("p"), key.derive("p"));
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_refused() {
    let key = MasterKey::generate().unwrap();
    for mode in [0o640, 0o604, 0o660] {
        let file = key_file(mode, key.to_text().expose_secret());
        let refused = MasterKey::read_file(file.path()).unwrap_err();
        assert!(matches!(&refused, MasterKeyError::TooOpen { mode: found, .. } if *found == mode), "{refused}");
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }
}

#[test]
fn a_key_file_that_is_not_there_is_named() {
    let refused = MasterKey::read_file(Path::new("/nowhere/master.key")).unwrap_err();
    assert!(refused.to_string().starts_with("/nowhere/master.key: "), "{refused}");
}

async fn a_database_does_not_open_with_another_master_key(store: TestStore) {
    drop(store.open().await);
    let options = VaultOptions::new(store.location());
    let refused = Vault::open(options, MasterKey::generate().unwrap(), catalog("catalog")).await.unwrap_err();
    assert_eq!(refused, VaultError::Sealed("this database was sealed with another master key".to_owned()));
    store.open().await;
}

#[test]
fn nothing_shows_the_master_key() {
    let key = MasterKey::generate().unwrap();
    assert_eq!(format!("{key:?} {:?}", key.to_text()), "MasterKey([REDACTED]) SecretBox<str>([REDACTED])");
}
