//! A full disk and a read-only data folder: a clear 4xx, nothing lost.

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::raw::Raw;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard};

/// A small file system of its own; unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path, size: &str) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={size},mode=0700");
        let arguments = ["-t", "tmpfs", "-o", &options, "tmpfs"];
        let mounted = Command::new("mount").args(arguments).arg(at).status().unwrap();
        assert!(mounted.success(), "the tests run as root");
        Self(at.to_owned())
    }

    /// Covers the folder with a read-only view of itself, or takes that away.
    fn read_only(&self, yes: bool) {
        let run = |program: &str, arguments: &[&str]| {
            let done = Command::new(program).args(arguments).arg(&self.0).status().unwrap();
            assert!(done.success(), "{program} {arguments:?}");
        };
        if yes {
            run("mount", &["--bind", &self.0.to_string_lossy()]);
            run("mount", &["-o", "remount,bind,ro"]);
        } else {
            run("umount", &[]);
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn send(product: &Zorgzegel, to: &str, body: &str) -> String {
    let at = product.smtp().unwrap();
    let mut raw = Raw::log_in(at, product.user(), product.local_password()).unwrap();
    raw.ask(&format!("MAIL FROM:<{}>", product.user()), "250").unwrap();
    raw.ask(&format!("RCPT TO:<{to}>"), "250").unwrap();
    raw.ask("DATA", "354").unwrap();
    raw.write(format!("Subject: x\r\n\r\n{body}\r\n.\r\n").as_bytes()).unwrap();
    raw.reply().unwrap()
}

#[test]
fn a_full_disk_and_a_read_only_one_refuse_for_now_and_lose_nothing() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let disk = Disk::mount(&data, "3m");
    let options = Options {
        address: "arts.schijf@praktijk.test".to_owned(),
        data_dir: Some(data.clone()),
        ..Options::default()
    };
    let mut product = Zorgzegel::start(world, &session, options).unwrap();
    let health = "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA";
    let first = send(&product, "vol@goed.test", health);
    assert!(first.starts_with("250 2.0.0 held"), "{first}");

    let large = format!("{health}\r\n{}", "regel tekst van een lange mail\r\n".repeat(200_000));
    let full = send(&product, "vol@goed.test", &large);
    assert!(full.starts_with("452 4.3.1 "), "{full}");
    let clean = send(&product, "schijf@elders.test", "Lunch?");
    assert!(clean.starts_with("250"), "clean mail needs no disk: {clean}");
    let pending = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    assert_eq!(pending.matches("\"held_at\"").count(), 1, "only what was acknowledged");

    disk.read_only(true);
    let refused = send(&product, "vol@goed.test", &format!("{health} nummer twee"));
    assert!(refused.starts_with("451 4.3.0 "), "{refused}");
    disk.read_only(false);
    let again = send(&product, "vol@goed.test", &format!("{health} nummer drie"));
    assert!(again.starts_with("250 2.0.0 held"), "{again}");
    guard::until("the clean mail", guard::PATIENCE, || {
        let got = world.provider().unwrap().taken("schijf@elders.test");
        (!got.is_empty()).then_some(())
    })
    .unwrap();
    product.kill9();
    drop(product);
    drop(disk);
}
