//! Signed mail as recipients get it: through a real submission server and a real IMAP server, judged
//! by five other programs and by this one.

use aws_lc_rs::rand;
use cades::{Anchors, Padding, SoftwareKey};
use jiff::Timestamp;
use mail::Message;
use mail::mime::{Limits, tree};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use tests::guard::{PATIENCE, until};
use tests::imap::Imap;
use tests::opinions::{Opinions, Parts};
use tests::{PASSWORD, SenderTls, Submission, World, files};

const SIGNER: &str = "handtekening@praktijk.test";

/// A root, an authority below it, and those whom that one vouches for.
struct Authority {
    root: Vec<u8>,
    middle: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let authority = |name: &str| {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.use_authority_key_identifier_extension = true;
            (params, KeyPair::generate().unwrap())
        };
        let (root, root_key) = authority("Proef Root CA");
        let (middle, middle_key) = authority("Proef Zorg CA");
        let root_issuer = Issuer::from_params(&root, &root_key);
        let middle_certificate = middle.signed_by(&middle_key, &root_issuer).unwrap();
        let root = root.self_signed(&root_key).unwrap().der().to_vec();
        let middle_der = middle_certificate.der().to_vec();
        Self { root, middle: middle_der, issuer: Issuer::new(middle, middle_key) }
    }

    /// A key with its certificates, the root among them.
    fn key(&self, key: &KeyPair) -> SoftwareKey {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "J. de Vries");
        params.subject_alt_names = vec![SanType::Rfc822Name(SIGNER.try_into().unwrap())];
        params.key_usages =
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        let own = params.signed_by(key, &self.issuer).unwrap().der().to_vec();
        let chain = vec![own, self.middle.clone(), self.root.clone()];
        SoftwareKey::new(key.serialized_der(), chain).unwrap()
    }
}

/// A key of each kind, by name.
fn keys(authority: &Authority) -> Vec<(&'static str, SoftwareKey)> {
    let rsa = || {
        let size = rcgen::RsaKeySize::_3072;
        KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap()
    };
    let curve = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    vec![
        ("RSA-3072 PKCS #1 v1.5", authority.key(&rsa())),
        ("RSA-3072 PSS", authority.key(&rsa()).padded(Padding::Pss)),
        ("P-256", authority.key(&curve(&rcgen::PKCS_ECDSA_P256_SHA256))),
        ("P-384", authority.key(&curve(&rcgen::PKCS_ECDSA_P384_SHA384))),
    ]
}

/// Mail as people send it, and as it breaks: by name.
fn mails() -> Vec<(&'static str, Vec<u8>)> {
    let head = |subject: &str| {
        format!("From: {SIGNER}\r\nTo: collega@goed.test\r\nSubject: {subject}\r\n")
    };
    let text = format!(
        "{}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\nBeste collega, coëfficiënt 38,5 °C \r\n\
         From Amsterdam.  \r\n.\r\n..\r\n{}\r\n\r\n",
        head("tekst"),
        "lang ".repeat(600)
    );
    let invitation = format!(
        "{}MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=_c\"\r\n\r\n\
         --=_c\r\nContent-Type: text/plain\r\n\r\nAfspraak\r\n--=_c\r\n\
         Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n\
         BEGIN:VEVENT\r\nSUMMARY:Controle patiënt\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--=_c--\r\n",
        head("uitnodiging")
    );
    let picture = format!(
        "{}MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=r; type=\"text/html\"\r\n\r\n\
         Dit is MIME.\r\n--r\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n<p>Foto: <img src=\"cid:1@x\" alt=\"é\"></p>\r\n\
         --r\r\nContent-Type: image/png\r\nContent-ID: <1@x>\r\nContent-Disposition: inline\r\n\
         Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--r--\r\nna de delen\r\n",
        head("plaatje")
    );
    let letter = files::docx("Mw. Jansen");
    let report = files::pdf("Verslag", 3);
    let attached =
        files::attached("Zie de bijlagen.", &[("brief.docx", &letter), ("verslag.pdf", &report)]);
    let mut all = vec![
        ("tekst", text.into_bytes()),
        ("uitnodiging", invitation.into_bytes()),
        ("plaatje", picture.into_bytes()),
        ("bijlagen", [format!("From: {SIGNER}\r\n").into_bytes(), attached].concat()),
    ];
    let photo = files::noise(22 * 1024 * 1024);
    let large = files::attached("Foto's.", &[("foto.raw", &photo)]);
    all.push(("30 MB", [format!("From: {SIGNER}\r\n").into_bytes(), large].concat()));
    all
}

fn signed(mail: &[u8], key: &SoftwareKey) -> Vec<u8> {
    let mut seed = [0; 16];
    rand::fill(&mut seed).unwrap();
    let message = Message::new(mail.to_vec());
    cades::sign(&message, Some("lab"), key, Timestamp::now(), seed).unwrap()
}

/// Sends them through the provider's Postfix, in order, and gives what it stored.
fn sent(world: &World, mails: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let provider = world.provider().unwrap();
    let to = ["handtekeningen@goed.test"];
    for (number, mail) in mails.iter().enumerate() {
        let submission = Submission {
            server: provider.starttls,
            tls: SenderTls::StartTls,
            login: (SIGNER, PASSWORD),
            mechanism: "PLAIN",
            from: SIGNER,
            to: &to,
        };
        submission.smtplib(mail).unwrap().must("smtplib").unwrap();
        // One after the other, so that their order is known.
        until("a stored mail", PATIENCE, || (provider.taken(to[0]).len() > number).then_some(()))
            .unwrap();
    }
    provider.taken(to[0]).into_iter().map(|stored| stored.message).collect()
}

/// Puts them into a mailbox of the provider's Dovecot, and fetches them over IMAP.
fn fetched(world: &World, mails: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let provider = world.provider().unwrap();
    let user = "handtekeningen@goed.test";
    // As delivery agents store them: with bare LF.
    let stored: Vec<Vec<u8>> = mails
        .iter()
        .map(|mail| mail.iter().copied().filter(|byte| *byte != b'\r').collect())
        .collect();
    provider.put(user, &stored).unwrap();
    let login = (user, PASSWORD);
    let mut imap = Imap::log_in(provider.imap_implicit, SenderTls::Implicit, login).unwrap();
    imap.ask("EXAMINE INBOX").unwrap();
    let one = |number: usize| {
        let answer = imap.say(&format!("FETCH {number} BODY.PEEK[]")).unwrap();
        let start = answer.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let first = String::from_utf8_lossy(&answer[..start]).into_owned();
        let size = first.trim_end().trim_end_matches('}').rsplit('{').next().unwrap();
        answer[start..start + size.parse::<usize>().unwrap()].to_vec()
    };
    (1..=mails.len()).map(one).collect()
}

#[test]
fn five_programs_find_signed_mail_good_after_postfix_and_dovecot() {
    let world = World::shared();
    let authority = Authority::new();
    let opinions = Opinions::new(&authority.root).unwrap();
    let mails = mails();
    let mut names = Vec::new();
    let mut all = Vec::new();
    for (kind, key) in keys(&authority) {
        for (what, mail) in &mails {
            // The large one says nothing more by each kind of key.
            if *what != "30 MB" || kind == "P-256" {
                names.push(format!("{what}, {kind}"));
                all.push(signed(mail, &key));
            }
        }
    }
    let arrived = fetched(world, &sent(world, &all));
    assert_eq!(arrived.len(), names.len());
    let mut anchors = Anchors::new();
    anchors.add_der(Some("Proef Root CA"), &authority.root).unwrap();
    let messages: Vec<Message> = arrived.iter().map(|mail| Message::new(mail.clone())).collect();
    let trees: Vec<_> = messages.iter().map(|one| tree(one, Limits::default())).collect();
    let signatures: Vec<Vec<u8>> = messages
        .iter()
        .zip(&trees)
        .map(|(message, tree)| tree.root.children[1].decoded(message.bytes()).bytes.to_vec())
        .collect();
    let parts: Vec<Parts<'_>> = (messages.iter().zip(&trees).zip(&signatures))
        .map(|((message, tree), signature)| Parts {
            mail: message.bytes(),
            content: &message.bytes()[tree.root.children[0].whole.clone()],
            signature,
        })
        .collect();
    for (parts, name) in parts.iter().zip(&names) {
        // RFC 8551 section 3.1.1: 7-bit; RFC 5322 section 2.1.1: 998 characters a line.
        let lines = parts.content.split(|byte| *byte == b'\n');
        let safe = |line: &[u8]| {
            line.len() <= 999
                && line.is_ascii()
                && !line.starts_with(b"From ")
                && !line.ends_with(b" \r")
        };
        assert!(lines.into_iter().all(safe), "{name}");
    }
    let mut wrong = Vec::new();
    for ((name, message), opinions) in names.iter().zip(&messages).zip(opinions.of(&parts).unwrap())
    {
        let own = cades::open(message, &anchors, Timestamp::now());
        assert!(own.valid() && own.cades, "{name}: {own:?}");
        assert_eq!(opinions.len(), 5);
        let against = opinions.into_iter().filter(|opinion| !opinion.good);
        wrong.extend(against.map(|opinion| format!("{name}: {opinion:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_program_finds_a_changed_mail_good() {
    let authority = Authority::new();
    let opinions = Opinions::new(&authority.root).unwrap();
    for (kind, key) in keys(&authority) {
        let mut bytes = signed(&mails()[1].1, &key);
        let at = bytes.windows(8).position(|part| part == b"Afspraak").unwrap();
        bytes[at] = b'a';
        let message = Message::new(bytes);
        let tree = tree(&message, Limits::default());
        let signature = tree.root.children[1].decoded(message.bytes()).bytes.to_vec();
        let content = &message.bytes()[tree.root.children[0].whole.clone()];
        let parts = [Parts { mail: message.bytes(), content, signature: &signature }];
        for opinion in &opinions.of(&parts).unwrap()[0] {
            assert!(!opinion.good, "{kind}: {opinion:?}");
        }
    }
}
