//! Another master key while servers run, as an operator changes it.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use connection_vault::{ConnectionState, MasterKey, NewConnection, StoreLocation, Vault, VaultOptions};
use connector_catalog::Catalog;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, Sandbox};

use crate::process::{Caller, Installation};

/// Puts the new key where the configuration looks for the key.
pub fn hand_out(installation: &Installation) {
    let path = |name: &str| installation.path().join(name);
    std::fs::rename(path("master.key"), path("old.key")).unwrap();
    std::fs::rename(path("new.key"), path("master.key")).unwrap();
}

#[tokio::test]
async fn servers_go_on_while_the_master_key_is_changed() {
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let base_url = format!("http://{}/agile-crm/dev/api", vendors.address);
    let installation =
        Installation::new(&base_url, "limits = { requests = 10000, per_seconds = 1, concurrency = 100 }");
    let api_key = installation.add_application("acme");
    for consumer in ["warm", "cold"] {
        installation.add_connection("acme", consumer, AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    }
    let warm = Caller { api_key: &api_key, application: "acme", consumer: "warm" };
    let cold = Caller { consumer: "cold", ..warm };
    let path = "/crm/contacts?limit=1";
    let server = installation.serve();
    let listed = server.get(warm, path).await;
    let cursor = listed.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
    let next = format!("{path}&cursor={cursor}");

    installation.run(&["master-key", "generate", "--out", "new.key"]).done();
    let rotated = installation.run(&["master-key", "rotate", "--to", "new.key"]).done();
    assert!(rotated.contains("sealed anew: 2"), "{rotated}");
    for caller in [warm, cold] {
        assert_eq!(server.get(caller, path).await.status, 200, "a server with the old key");
    }
    hand_out(&installation);
    // A file is for one server.
    drop(server);
    let successor = installation.serve();
    for caller in [warm, cold] {
        assert_eq!(successor.get(caller, path).await.status, 200, "a server with the new key");
    }
    assert_eq!(successor.get(warm, &next).await.status, 200, "lists that were begun go on");
    installation.run(&["master-key", "retire"]).done();
    assert_eq!(successor.get(cold, path).await.status, 200);
    drop(successor);
    assert_eq!(installation.serve().get(cold, path).await.status, 200);

    let again = installation.run(&["master-key", "rotate", "--to", "master.key"]).failed();
    assert!(again.contains("in use"), "{again}");
    let old = std::fs::read_to_string(installation.path().join("old.key")).unwrap();
    let output = installation.command(&["apps", "list"]).env("TRUNKLINE_MASTER_KEY", old).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && complaint.contains("another master key"), "{complaint}");
}

async fn vault(installation: &Installation, key: &str) -> Vault {
    let options = VaultOptions::new(StoreLocation::File(installation.path().join("trunkline.sqlite")));
    let key = MasterKey::read_file(&installation.path().join(key)).unwrap();
    Vault::open(options, key, Arc::new(Catalog::built_in().unwrap())).await.unwrap()
}

async fn all_callable(vault: &Vault) {
    let listed = vault.connections().list(&"acme".parse().unwrap(), None).await.unwrap();
    assert_eq!(listed.len(), 300);
    assert!(listed.iter().all(|connection| connection.state == ConnectionState::Callable));
}

#[tokio::test]
async fn a_rotation_that_is_killed_loses_nothing() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    let before = vault(&installation, "master.key").await;
    before.applications().add(&"acme".parse().unwrap(), "Acme").await.unwrap();
    for number in 0..300 {
        let new = NewConnection::new(
            &"acme".parse().unwrap(),
            &format!("c-{number}").parse().unwrap(),
            "agile-crm".parse().unwrap(),
        )
        .with_setting("domain", AGILE_DOMAIN)
        .with_setting("email", AGILE_EMAIL)
        .with_setting("api_key", AGILE_API_KEY);
        before.connections().add(new).await.unwrap();
    }
    drop(before);
    installation.run(&["master-key", "generate", "--out", "new.key"]).done();
    let rotate = ["master-key", "rotate", "--to", "new.key"];
    // From before the database is opened to after the last batch.
    for milliseconds in [5, 60, 90, 110, 130, 150, 170, 200, 250, 400] {
        let mut command = installation.command(&rotate);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        all_callable(&vault(&installation, "master.key").await).await;
    }
    installation.run(&rotate).done();
    all_callable(&vault(&installation, "new.key").await).await;
    hand_out(&installation);
    installation.run(&["master-key", "retire"]).done();
    all_callable(&vault(&installation, "master.key").await).await;
    for entry in std::fs::read_dir(installation.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let secret = AGILE_API_KEY.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", path.display());
    }
}
