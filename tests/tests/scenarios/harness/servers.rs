use std::process::Command;

use tests::guard::{PATIENCE, until};
use tests::script::{Scripted, Step};
use tests::{PASSWORD, SenderTls, Submission, World};

const MESSAGE: &[u8] =
    b"From: a@praktijk.test\r\nSubject: lunch\r\n\r\nOm 12 uur?\r\n.\r\n..caf\xc3\xa9\r\n";

#[test]
fn only_the_right_certificate_of_the_worlds_authority_passes_by_its_name() {
    let world = World::shared();
    let passes = |name: &str| {
        let at = world.host(name).unwrap().to_string();
        let mut command = Command::new("openssl");
        command.args(["s_client", "-starttls", "smtp", "-connect", &at, "-brief"]);
        command.args(["-verify_return_error", "-verify_hostname", name, "-CAfile"]);
        command.arg(world.root_certificate()).stdin(std::process::Stdio::null());
        command.output().unwrap().status.success()
    };
    assert!(passes("mx.pkix.test"));
    let others =
        ["mx.verkeerdenaam.test", "mx.certverlopen.test", "mx.onbekendeca.test", "mx.geentls.test"];
    for name in others {
        assert!(!passes(name), "{name}");
    }
}

fn submission<'a>(world: &World, mechanism: &'a str, to: &'a [&'a str]) -> Submission<'a> {
    Submission {
        server: world.provider().unwrap().starttls,
        tls: SenderTls::StartTls,
        login: ("a@praktijk.test", PASSWORD),
        mechanism,
        from: "a@praktijk.test",
        to,
    }
}

#[test]
fn the_provider_takes_mail_of_each_mail_program_by_each_mechanism() {
    let world = World::shared();
    let provider = world.provider().unwrap();
    for mechanism in ["CRAM-MD5", "PLAIN", "LOGIN"] {
        let to = format!("elk-{}@goed.test", mechanism.to_lowercase());
        let to = [to.as_str()];
        let submission = submission(world, mechanism, &to);
        submission.swaks(MESSAGE).unwrap().must("swaks").unwrap();
        submission.msmtp(MESSAGE).unwrap().must("msmtp").unwrap();
        submission.curl(MESSAGE).unwrap().must("curl").unwrap();
        submission.smtplib(MESSAGE).unwrap().must("smtplib").unwrap();
        let implicit = Submission {
            server: provider.implicit,
            tls: SenderTls::Implicit,
            ..submission.clone()
        };
        implicit.smtplib(MESSAGE).unwrap().must("smtplib").unwrap();
        let taken = until("five messages", PATIENCE, || {
            Some(provider.taken(to[0])).filter(|taken| taken.len() == 5)
        });
        for stored in taken.unwrap() {
            assert_eq!(stored.message, MESSAGE);
            assert!(stored.over_tls() && stored.reverse_path == "a@praktijk.test", "{stored:?}");
        }
    }
}

#[test]
fn the_provider_refuses_a_wrong_password_and_what_its_service_does_not_offer() {
    let world = World::shared();
    let provider = world.provider().unwrap();
    let to = ["nooit@goed.test"];
    let good = submission(world, "PLAIN", &to);
    let wrong = Submission { login: ("a@praktijk.test", "fout"), ..good.clone() };
    assert!(wrong.smtplib(MESSAGE).unwrap().text.contains("535"));
    let cram =
        Submission { server: provider.without_cram_md5, mechanism: "CRAM-MD5", ..good.clone() };
    assert_ne!(cram.swaks(MESSAGE).unwrap().code, Some(0));
    assert_ne!(
        Submission { server: provider.login_only, ..good }.swaks(MESSAGE).unwrap().code,
        Some(0)
    );
    assert_eq!(provider.taken("nooit@goed.test"), Vec::new());
}

#[test]
fn refusals_are_several_lines_and_can_change_while_the_world_runs() {
    let world = World::shared();
    let to = ["refused@goed.test", "deferred@goed.test", "wissel@goed.test"];
    let said = submission(world, "PLAIN", &to).smtplib(MESSAGE).unwrap().text;
    assert!(said.contains("RCPT refused@goed.test 550 b'5.1.1 "), "{said}");
    assert!(said.contains("\\n5.1.1 Vragen: bel de helpdesk"), "{said}");
    assert!(said.contains("RCPT deferred@goed.test 450 b'4.2.0 "), "{said}");
    assert!(said.contains("RCPT wissel@goed.test 250"), "{said}");
    world.provider().unwrap().set_reply("wissel@goed.test", Some("452 4.2.2 vol")).unwrap();
    let said = submission(world, "PLAIN", &to).smtplib(MESSAGE).unwrap().text;
    assert!(said.contains("RCPT wissel@goed.test 452"), "{said}");
}

#[test]
fn a_receiving_host_stores_what_it_takes_under_its_own_name() {
    let world = World::shared();
    let at = world.host("mx.goed.test").unwrap();
    let mut swaks = Command::new("swaks");
    swaks.args(["--server", &at.to_string(), "--tls", "--from", "b@praktijk.test"]);
    let output =
        swaks.args(["--to", "c@goed.test", "--data", "Subject: x\n\ny\n"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let received = until("the message", PATIENCE, || world.received("c@goed.test").unwrap().pop());
    let received = received.unwrap();
    assert_eq!((received.by(), received.over_tls()), ("mx.goed.test", true));
    let (_, at) = (0, world.host("mx.steltuit.test").unwrap().to_string());
    let mut swaks = Command::new("swaks");
    swaks.args(["--server", &at, "--tls", "--to", "d@steltuit.test"]);
    let output = swaks.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("<~* 450"), "{output:?}");
}

#[test]
fn the_providers_imap_server_lets_its_users_in() {
    let provider = World::shared().provider().unwrap();
    let url = format!("imaps://{}/", provider.imap_implicit);
    let user = format!("imap@praktijk.test:{PASSWORD}");
    let output = Command::new("curl").args(["-sk", &url, "-u", &user]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("INBOX"), "{output:?}");
}

#[test]
fn a_scripted_server_follows_its_script_and_tells_what_it_heard() {
    let world = World::shared();
    let (at, identity) = world.script("mx.script4.test").unwrap();
    let broken = vec![Step::Serve("DATA"), Step::say("354 go on"), Step::Bytes(10), Step::Reset];
    let scripts = vec![broken, vec![Step::Serve("nothing")]];
    let server = Scripted::start(at, Some(identity), scripts).unwrap();
    let to = ["d@script4.test"];
    let submission = Submission { server: server.address(), ..submission(world, "LOGIN", &to) };
    assert_ne!(submission.smtplib(MESSAGE).unwrap().code, Some(0));
    submission.smtplib(MESSAGE).unwrap().must("smtplib").unwrap();
    let heard = server.heard();
    let [first, second] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((first.data.as_slice(), first.tls), (&MESSAGE[..10], true));
    let stuffed = b"\r\nOm 12 uur?\r\n..\r\n...caf\xc3\xa9\r\n.\r\n";
    assert!(second.data.ends_with(stuffed), "{:?}", String::from_utf8_lossy(&second.data));
}
