//! One server per file; commands beside it; and a file and its copies that nobody else can read.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::process::{Installation, finished};

#[test]
fn a_second_server_on_one_file_is_refused_and_a_command_is_not() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    installation.add_application("acme");
    let server = installation.serve();
    let refused = finished(&mut installation.command(&["serve"]), "").failed();
    assert!(refused.contains("another server serves from") && refused.contains("trunkline.sqlite"), "{refused}");
    // Not even by another name of the file.
    std::os::unix::fs::symlink(installation.path().join("trunkline.sqlite"), installation.path().join("alias"))
        .unwrap();
    let mut by_alias = installation.command(&["serve"]);
    let refused = finished(by_alias.env("TRUNKLINE__STORE__DATABASE", "alias"), "").failed();
    assert!(refused.contains("another server serves from"), "{refused}");
    installation.run(&["apps", "list"]).done();
    installation.run(&["api-keys", "add", "--app", "acme"]).done();
    // A server that is killed leaves nothing behind.
    let killed = Command::new("kill").args(["-9", &server.id().to_string()]).status().unwrap();
    assert!(killed.success());
    drop(server);
    drop(installation.serve());
    drop(installation.serve());
}

#[test]
fn a_store_that_others_could_read_is_private_again_and_so_is_its_copy() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    installation.add_application("acme");
    let mode = |name: &str| installation.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(installation.path().join("trunkline.sqlite"), open).unwrap();
    let server = installation.serve();
    assert_eq!(mode("trunkline.sqlite"), 0o600);
    assert!(installation.log().contains("others could read the database"), "{}", installation.log());
    installation.run(&["backup", "copy.sqlite"]).done();
    assert_eq!((mode("copy.sqlite"), mode("trunkline.sqlite.lock")), (0o600, 0o600));
    let refused = installation.run(&["backup", "copy.sqlite"]).failed();
    assert!(refused.contains("is there already"), "{refused}");
    drop(server);
    // A log of the old file would be taken for one of the copy's.
    for beside in ["trunkline.sqlite-wal", "trunkline.sqlite-shm"] {
        let _ = std::fs::remove_file(installation.path().join(beside));
    }
    std::fs::rename(installation.path().join("copy.sqlite"), installation.path().join("trunkline.sqlite")).unwrap();
    assert_eq!(installation.json(&["apps", "list"])[0]["id"], "acme");
}
