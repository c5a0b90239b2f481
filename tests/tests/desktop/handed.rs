//! Files that a person hands to the window: a mail that is verified, an identity that is taken over;
//! and mail that comes in.

use std::path::Path;
use std::process::Command;

use cades::{KeyKind, SoftwareKey, create_identity};
use jiff::{Span, Timestamp};
use mail::{Address, Message};
use serde_json::Value;
use tests::desktop::{Look, Page};
use tests::imap::Imap;
use tests::zorgzegel::Options;
use tests::{Port, SenderTls, World, guard};

use super::accessible::keeps;
use super::room::Room;

/// Puts files into a place of the page, as the browser does where a person drops them, or picks them
/// with the button.
const HAND: &str = r"
const [place, files] = arguments;
const target = document.querySelector(place);
if (!target) return false;
const transfer = new DataTransfer();
for (const [name, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
if (target.matches('input')) {
  target.files = transfer.files;
  target.dispatchEvent(new Event('change', { bubbles: true }));
} else {
  target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}
return true;
";

fn hand(page: &Page<'_>, place: &str, files: &[(&str, &[u8])]) {
    let files: Vec<Value> = files
        .iter()
        .map(|(name, bytes)| Value::from(vec![Value::from(*name), Value::from(bytes.to_vec())]))
        .collect();
    let there = || {
        let done = page.script(HAND, vec![place.into(), Value::from(files.clone())]).ok()?;
        (done == true).then_some(())
    };
    guard::until(place, guard::PATIENCE, there).unwrap();
}

/// A doctor whom the product trusts: key and certificate, made yesterday.
struct Doctor {
    key: SoftwareKey,
    trusted: Options,
}

impl Doctor {
    fn of(file: &str, options: Options) -> Self {
        let address = Address::parse("arts@praktijk.test").unwrap();
        let since = Timestamp::now() - Span::new().hours(24);
        let made = create_identity(KeyKind::P256, &address, "Arts", since, 1).unwrap();
        let anchor = World::shared().folder().join(file);
        std::fs::write(&anchor, &made.chain[0]).unwrap();
        let more = format!("[trust]\nanchors = [\"{}\"]\n", anchor.display());
        let key = SoftwareKey::new(&made.pkcs8, made.chain).unwrap();
        Self { key, trusted: Options { more, ..options } }
    }

    fn sign(&self, subject: &str) -> String {
        let mail = format!(
            "From: Arts <arts@praktijk.test>\r\nTo: collega@goed.test\r\nSubject: {subject}\r\n\
             Message-ID: <{subject}@praktijk.test>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nBeste collega\r\n--m\r\n\
             Content-Type: application/pdf; name=brief.pdf\r\n\r\n%PDF\r\n--m--\r\n"
        );
        let mail = Message::new(mail.into_bytes());
        let signed = cades::sign(&mail, None, &self.key, Timestamp::now(), [7; 16]).unwrap();
        String::from_utf8(signed).unwrap()
    }
}

#[test]
fn a_mail_that_is_dropped_is_verified_and_drawn_with_what_nobody_signed() {
    let address = "controle1@praktijk.test".to_owned();
    let doctor = Doctor::of("controle.der", Options { address, ..Options::default() });
    let room = Room::with(doctor.trusted.clone());
    let app = room.start();
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#verify']").unwrap();
    page.reads("Sleep een mail of handtekening hierheen").unwrap();
    keeps(&page, "a place for files");

    let signed = doctor.sign("ontslag");
    hand(&page, ".drop", &[("ontslag.eml", signed.as_bytes())]);
    page.text("[data-outcome=valid]").unwrap();
    page.reads("Echt: ondertekend door de afzender en daarna niet veranderd.").unwrap();
    let blocks = page.texts("li[data-kind=signed] li").unwrap();
    assert_eq!(blocks.len(), 3, "{blocks:?}");
    assert!(blocks[1].contains("brief.pdf") && blocks[1].contains("Ondertekend"), "{blocks:?}");
    let focused = page.script("return document.activeElement.id", vec![]).unwrap();
    assert_eq!(focused, "verdict", "the focus goes to the answer");
    keeps(&page, "a good signature");

    let changed = signed.replacen("collega", "patient", 2);
    hand(&page, "#verify-file", &[("veranderd.eml", changed.as_bytes())]);
    page.text("[data-outcome=broken]").unwrap();
    page.reads("Vertrouw dit niet: de handtekening klopt niet.").unwrap();
    keeps(&page, "a changed mail");

    let (header, body) = signed.split_once("MIME-Version: 1.0\r\n").unwrap();
    let listed = format!(
        "{header}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=lijst\r\n\r\n--lijst\r\n{body}\
         \r\n--lijst\r\nContent-Type: text/html; name=betaal.html\r\n\r\n<b>Betaal</b>\r\n--lijst--\r\n"
    );
    hand(&page, ".drop", &[("lijst.eml", listed.as_bytes())]);
    page.text("[data-outcome=partly]").unwrap();
    let bare = page.text("li[data-kind=file][data-cover=nothing]").unwrap();
    assert!(bare.contains("betaal.html") && bare.contains("Niet ondertekend"), "{bare}");

    hand(&page, ".drop", &[("brief.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 en meer")]);
    page.reads("Dit is een bestand van Outlook (.msg)").unwrap();
    keeps(&page, "no mail");
}

#[test]
fn a_signature_by_itself_asks_for_what_it_signs() {
    let address = "controle2@praktijk.test".to_owned();
    let doctor = Doctor::of("los.der", Options { address, ..Options::default() });
    let room = Room::with(doctor.trusted.clone());
    let app = room.start();
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#verify']").unwrap();
    let content = b"%PDF-1.7 brief\r\n";
    let signature = cades::sign_detached(content, &doctor.key, Timestamp::now()).unwrap();
    hand(&page, ".drop", &[("brief.pdf.p7s", &signature)]);
    page.reads("Dit is een losse handtekening.").unwrap();
    keeps(&page, "a signature by itself");
    hand(&page, "#verify-content", &[("brief.pdf", content)]);
    page.reads("Echt: ondertekend en daarna niet veranderd.").unwrap();
    page.reads("brief.pdf.p7s, met brief.pdf").unwrap();
}

/// An issuer's .p12 for this address that is valid for nine days, made by OpenSSL.
fn p12(folder: &Path, address: &str) -> Vec<u8> {
    let script = format!(
        "set -e; openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 \
         -subj '/CN=Zorg Test CA' -addext basicConstraints=critical,CA:true; \
         openssl req -newkey rsa:2048 -nodes -keyout own.key -out own.csr -subj '/CN=J. Jansen/O=De Linde'; \
         printf 'subjectAltName=email:{address}\\nkeyUsage=digitalSignature,nonRepudiation\\n\
         extendedKeyUsage=emailProtection\\n' > own.ext; \
         openssl x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile own.ext \
         -out own.pem; \
         openssl pkcs12 -export -inkey own.key -in own.pem -certfile ca.pem -out own.p12 -passout pass:goed"
    );
    let made = Command::new("bash").args(["-c", &script]).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(folder.join("own.p12")).unwrap()
}

#[test]
fn identities_are_made_taken_over_and_removed_in_the_window_with_the_days_that_are_left() {
    let address = "identiteit@praktijk.test";
    let room =
        Room::with(Options { address: address.to_owned(), identity: false, ..Options::default() });
    let app = room.start();
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#settings']").unwrap();
    page.click("#manage-identities").unwrap();
    page.reads("U hebt nog geen identiteit").unwrap();
    keeps(&page, "no identity");

    page.click("input[name=identity-way][value=trial]").unwrap();
    page.fill("#identity-name", "J. Jansen, op proef").unwrap();
    page.click("#make[aria-disabled=false]").unwrap();
    page.reads("Gemaakt. identiteit@praktijk.test ondertekent hiermee").unwrap();
    page.reads("Proefidentiteit").unwrap();
    let days = page.attribute("dd[data-days]", "data-days").unwrap().unwrap_or_default();
    // Two years, of which one may be a leap year.
    assert!(["729", "730", "731"].contains(&days.as_str()), "{days}");
    keeps(&page, "a trial identity");

    let file = p12(room.product.folder(), address);
    page.click("input[name=identity-way][value=file]").unwrap();
    hand(&page, "#identity-file", &[("jansen.p12", &file)]);
    page.fill("#identity-password", "niet goed").unwrap();
    page.click("#import[aria-disabled=false]").unwrap();
    page.text("#import-trouble").unwrap();
    keeps(&page, "a password that does not fit");
    page.fill("#identity-password", "goed").unwrap();
    page.click("#import[aria-disabled=false]").unwrap();
    page.reads("Toegevoegd. identiteit@praktijk.test ondertekent voortaan hiermee.").unwrap();
    let card = page.text("section[aria-labelledby=have] > ul > li:nth-child(2)").unwrap();
    for told in ["Ondertekent uw mail", "nog 8 dagen", "J. Jansen (De Linde)", "Zorg Test CA"] {
        assert!(card.contains(told), "{told}: {card}");
    }
    keeps(&page, "an identity that ends soon");
    let said = room.product.cli(&["identity", "list", "--json"]).unwrap().must("list").unwrap();
    assert!(said.contains("Zorg Test CA") && said.contains("op proef"), "{said}");
    assert!(!app.said().contains("goed"), "{}", app.said());

    page.click("#remove-1").unwrap();
    page.reads("Een andere identiteit van dit account ondertekent daarna uw mail.").unwrap();
    keeps(&page, "before an identity goes");
    page.click("#remove-sure-1").unwrap();
    page.reads("Verwijderd bij identiteit@praktijk.test.").unwrap();
    let said = room.product.cli(&["identity", "list", "--json"]).unwrap().must("list").unwrap();
    assert!(!said.contains("Zorg Test CA") && said.contains("op proef"), "{said}");
}

#[test]
fn a_signed_mail_that_a_mail_program_fetches_is_listed_with_its_verdict_and_one_that_failed_is_told()
 {
    let provider = World::shared().provider().unwrap();
    let address = "ontvangen@praktijk.test";
    let doctor = Doctor::of(
        "ontvangen.der",
        Options {
            address: address.to_owned(),
            imap: Some(provider.imap_implicit),
            ..Options::default()
        },
    );
    let received = |mail: &str| {
        // RFC 5322 section 3.3.
        let date = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000");
        format!("Received: from mx by imap.lab.test with LMTP id 1;\r\n\t{date}\r\n{mail}")
            .into_bytes()
    };
    let good = doctor.sign("goed");
    let changed = doctor.sign("veranderd").replacen("collega", "patient", 2);
    provider.put(address, &[received(&good), received(&changed)]).unwrap();
    let room = Room::with(doctor.trusted.clone());
    let port = Port::take().unwrap();
    let settings = std::fs::read_to_string(room.product.config()).unwrap();
    let known = settings.replacen(
        "imap = [\"127.0.0.1:0\"",
        &format!("imap = [\"127.0.0.1:{}\"", port.number()),
        1,
    );
    assert_ne!(known, settings);
    std::fs::write(room.product.config(), known).unwrap();
    let app = room.start();
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#received']").unwrap();
    page.reads("Nog niets gecontroleerd").unwrap();
    keeps(&page, "nothing came in");

    let login = (room.product.user(), room.product.local_password());
    let at = ([127, 0, 0, 1], port.number()).into();
    let mut imap = Imap::log_in(at, SenderTls::StartTls, login).unwrap();
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    let proved = page.text("li[data-trust=proved]").unwrap();
    assert!(
        proved.contains("goed") && proved.contains("arts@praktijk.test: de afzender zelf"),
        "{proved}"
    );
    let failed = page.text("li[data-trust=failed]").unwrap();
    assert!(failed.contains("veranderd") && failed.contains("Antwoord niet"), "{failed}");
    keeps(&page, "what came in");
    page.click("input[name=shown][value=trouble]").unwrap();
    let left = || page.texts("li[data-trust]").ok().filter(|all| all.len() == 1);
    guard::until("the filter", guard::PATIENCE, left).unwrap();
    let told = || {
        let notices = room.desk.notices();
        notices.into_iter().find(|one| one.summary == "Let op bij een binnengekomen mail")
    };
    let notice = guard::until("the notification", guard::PATIENCE, told).unwrap();
    assert!(!notice.body.contains("arts") && !notice.body.contains("veranderd"), "{notice:?}");
}
