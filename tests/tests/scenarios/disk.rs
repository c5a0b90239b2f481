//! A full disk and a read-only data folder: a clear 4xx, nothing lost.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tests::raw::transact;
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, files, guard};

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
            run("umount", &["-l"]);
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn send(product: &Zorgzegel, to: &str, body: &str) -> String {
    transact(product, &[to], format!("Subject: x\r\n\r\n{body}\r\n").as_bytes()).unwrap()
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

fn pending(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    serde_json::from_str(&said).unwrap()
}

/// The disk fills up while a server reads the end of a message: what it then says is kept once there
/// is room, and the copy as sent with it.
#[test]
fn a_disk_that_fills_up_during_a_handover_costs_no_reply_and_no_copy() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let disk = Disk::mount(&data, "6m");
    let reply = Step::say("250 2.0.0 Taken after a while");
    // The first session is the mail program's transaction, the second the hand-over.
    let asked = vec![Step::Serve("QUIT")];
    let handed =
        vec![Step::Serve("DATA"), Step::say("354 go on"), Step::Message, Step::Told, reply];
    let provider = Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![asked, handed]).unwrap();
    let options = Options {
        address: "arts.krap@praktijk.test".to_owned(),
        data_dir: Some(data.clone()),
        smtp: Some(provider.address()),
        smtp_tls: "none",
        ..Options::default()
    };
    let mut product = Zorgzegel::start(world, &session, options).unwrap();
    let body = format!(
        "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n{}",
        "regel tekst van een mail\r\n".repeat(20_000)
    );
    let said = send(&product, "krap@elders.test", &body);
    let id = said.strip_prefix("250 2.0.0 held as ").unwrap()[..26].to_owned();
    let choice = ["choose", &id, "ordinary", "--reason", "met de patient besproken"];
    product.cli(&choice).unwrap().must("choose").unwrap();
    let state = || pending(&product).first().map(|one| one["recipients"][0]["state"].clone());
    guard::until("the hand-over", guard::PATIENCE, || (state()? == "sending").then_some(()))
        .unwrap();
    // What is noted before it is on the disk when the provider has it all.
    guard::until("the last dot", guard::PATIENCE, || {
        provider.heard().iter().any(|heard| heard.data.ends_with(b"\r\n.\r\n")).then_some(())
    })
    .unwrap();
    let filler = data.join("vol");
    let filled = std::fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
    assert_eq!(filled.kind(), std::io::ErrorKind::StorageFull);
    provider.tell();
    guard::until("trouble with the disk", guard::PATIENCE, || {
        product.said().contains("cannot be kept yet").then_some(())
    })
    .unwrap();
    assert_eq!(state().unwrap(), "sending", "not told as done before it is kept");
    std::fs::remove_file(&filler).unwrap();
    guard::until("the reply", guard::PATIENCE, || pending(&product).is_empty().then_some(()))
        .unwrap();
    let copies = product.cli(&["archive", "list", "--json"]).unwrap().must("archive").unwrap();
    assert!(copies.contains(&id) && copies.contains("Taken after a while"), "{copies}");
    let messages = provider.heard().iter().filter(|heard| !heard.data.is_empty()).count();
    assert_eq!(messages, 1, "handed over once");
    product.kill9();
    drop(product);
    drop(disk);
}

/// A copy that does not fit: what is wrong is said, and nothing of it is left, not of the other copy either.
#[test]
fn a_copy_that_the_disk_has_no_room_for_leaves_nothing_behind() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = Zorgzegel::blank(world, &session, Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("usb");
    let disk = Disk::mount(&out, "2m");
    let mail = folder.path().join("uitslag.eml");
    let copy = |ways: &[&str]| {
        let arguments = ["copy", mail.to_str().unwrap(), "--out", out.to_str().unwrap()];
        product.cli(&[&arguments, ways].concat()).unwrap()
    };
    let names = || {
        let entries = std::fs::read_dir(&out).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    std::fs::write(&mail, "Subject: klein\r\n\r\nHbA1c is 58.\r\n").unwrap();
    for _ in 0..2 {
        copy(&["--pdf", "--xml"]).must("copy").unwrap();
    }
    let four = ["uitslag (2).pdf", "uitslag (2).xml", "uitslag.pdf", "uitslag.xml"];
    assert_eq!(names(), four, "nothing is overwritten");
    let file = files::noise(3 << 20);
    std::fs::write(&mail, files::attached("zie bijlage", &[("scan.bin", &file)])).unwrap();
    let full = copy(&["--xml", "--pdf"]);
    assert_eq!(full.code, Some(3), "{}", full.text);
    assert!(full.text.contains("de schijf is vol"), "{}", full.text);
    assert_eq!(names(), four, "nothing is half-written");
    drop(disk);
}

/// A folder of a record system that is full: it says so, nothing half-written is there, and it gets the message
/// once there is room.
#[test]
fn a_full_folder_of_a_record_system_is_said_and_gets_the_message_when_there_is_room() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("dossier");
    let disk = Disk::mount(&folder, "1m");
    let filler = folder.join("vol");
    std::fs::write(&filler, vec![0; 2 << 20]).unwrap_err();
    let options = Options {
        address: "map.vol@praktijk.test".to_owned(),
        dossier: Some(folder.clone()),
        ..Options::default()
    };
    let mut product = Zorgzegel::start(world, &session, options).unwrap();
    let said = send(&product, "vol@goed.test", "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA");
    let id = said.strip_prefix("250 2.0.0 held as ").unwrap()[..26].to_owned();
    let choose = ["choose", &id, "withdraw", "--dossier", "--bsn", "123456782"];
    product.cli(&choose).unwrap().must("choose").unwrap();
    guard::until("the trouble", guard::PATIENCE, || {
        let trouble = pending(&product).first()?["filing"]["trouble"][0].as_str()?.to_owned();
        trouble.contains("of er ruimte is").then_some(())
    })
    .unwrap();
    let names = || -> Vec<String> {
        let all = std::fs::read_dir(&folder).unwrap();
        all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    // Each try begins a file, and takes it away again.
    guard::until("nothing half-written", guard::PATIENCE, || (names() == ["vol"]).then_some(()))
        .unwrap();
    std::fs::remove_file(&filler).unwrap();
    guard::until("the filing", guard::PATIENCE, || pending(&product).is_empty().then_some(()))
        .unwrap();
    assert_eq!(names(), [id]);
    product.kill9();
    drop(product);
    drop(disk);
}
