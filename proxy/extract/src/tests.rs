use proptest::prelude::*;

use super::*;

fn read(message: impl AsRef<[u8]>) -> Extract {
    extract(&Message::new(message.as_ref().to_vec()), &Limits::default())
}

fn all(extract: &Extract) -> String {
    extract.pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join("|")
}

#[test]
fn text_is_read_through_charsets_and_encodings() {
    for (mail, expected) in [
        ("Subject: a\r\n\r\nplain", "a|plain"),
        ("\r\nno header", "no header"),
        ("just a line", "just a line"),
        (
            "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCaf=E9 =\r\nx",
            "Café x",
        ),
        ("Content-Transfer-Encoding: base64\r\n\r\nQlNOIDEyMzQ1Njc4Mg==", "BSN 123456782"),
        ("Content-Type: text/plain; charset=nonsense\r\n\r\nBSN", "BSN"),
        ("Content-Type: text/plain; charset=us-ascii\r\n\r\nCafé", "Café"),
        ("Content-Type: text/plain; charset=utf-7\r\n\r\nCaf+AOk- x", "Café x"),
        ("Subject: =?iso-8859-1?q?Caf=E9?= =?utf-8?b?w6k=?=\r\n b\r\n\r\n", "Caféé b"),
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<td>1</td><td>2</td>\r\n--b--\r\n",
            "one|\t1\t\t2\t",
        ),
        ("Content-Type: text/plain; name=\"=?utf-8?q?bri=65f.txt?=\"\r\n\r\nx", "brief.txt|x"),
        ("Content-Type: application/octet-stream; name=a.csv\r\n\r\nx;y", "a.csv|x;y"),
    ] {
        assert_eq!(all(&read(mail)), expected, "{mail:?}");
    }
    let latin = b"Subject: Caf\xe9\r\n\r\nna\xefef";
    assert_eq!(all(&read(latin)), "Café|naïef");
}

#[test]
fn html_shows_hidden_text_and_no_scripts() {
    let text = all(&read(
        "Content-Type: text/html\r\n\r\n<style>p{}</style><p style='display:none'>BSN&nbsp;1</p><script>no()</script><img alt='foto'>",
    ));
    assert!(text.contains("BSN\u{a0}1") && text.contains("foto"), "{text}");
    assert!(!text.contains("no()") && !text.contains("p{}"), "{text}");
}

#[test]
fn what_stands_behind_a_script_is_read() {
    for html in [
        "<script>document.write('<script><style>')</script>BSN",
        "<style>a:before{content:'<script>'}</style>BSN",
        "</script></style>BSN",
    ] {
        let extract = read(format!("Content-Type: text/html\r\n\r\n{html}"));
        assert_eq!(all(&extract).trim(), "BSN", "{html}");
    }
}

#[test]
fn zero_bytes_and_lines_without_end_are_read() {
    let line = format!("\r\nBSN\0 {}CVA", "x ".repeat(500_000));
    let text = all(&read(line));
    assert!(text.starts_with("BSN") && text.ends_with("CVA"));
}

#[test]
fn documents_are_said_not_to_be_looked_into() {
    for (kind, document, reason) in [
        ("application/pdf", true, Reason::Unsupported),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            true,
            Reason::Unsupported,
        ),
        ("application/zip", true, Reason::Unsupported),
        ("application/ms-tnef", true, Reason::Unsupported),
        ("application/octet-stream", true, Reason::Unsupported),
        ("application/pkcs7-mime", true, Reason::Encrypted),
        ("x/y", true, Reason::Unsupported),
        ("image/png", false, Reason::Unsupported),
        ("application/pkcs7-signature", false, Reason::Unsupported),
    ] {
        let extract = read(format!("Content-Type: {kind}\r\n\r\n\u{1}"));
        assert_eq!(extract.opaque.len(), 1, "{kind}");
        assert_eq!(
            (extract.opaque[0].document, extract.opaque[0].reason),
            (document, reason),
            "{kind}"
        );
    }
}

#[test]
fn attached_messages_are_read_and_their_mark_is_seen() {
    let extract = read(
        "References: <a@b> <c@d>\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nX-NTA7516: S\r\nMessage-ID: <e@f>\r\n\r\nbody",
    );
    assert_eq!(all(&extract), "inner|body");
    assert!(extract.claims_nta);
    assert_eq!(extract.references, ["<a@b>", "<c@d>", "<e@f>"]);
    let forward = read("X-Forwarded-Message-Id: <g@h>\r\nSubject: Fwd: x\r\n\r\nx\r\n");
    assert_eq!(forward.references, ["<g@h>"]);
    assert!(read("\r\n> X-NTA7516: S\r\n").claims_nta);
    assert!(!read("X-NTA7516: S\r\n\r\nx").claims_nta, "the outer one is the mail program's own");
}

#[test]
fn what_is_too_deep_or_too_much_is_said() {
    let mut deep = String::new();
    for level in 0..1_000 {
        deep.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
        ));
    }
    deep.push_str("\r\nBSN 123456782\r\n");
    assert!(
        read(&deep).opaque.iter().any(|opaque| opaque.reason == Reason::TooDeep && opaque.document)
    );
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    assert!(read(nested).opaque.iter().any(|opaque| opaque.reason == Reason::TooDeep));
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\n\r\nx\r\n".repeat(10_000)
    );
    assert!(read(many).opaque.iter().any(|opaque| opaque.reason == Reason::TooMany));
    let small = Limits { text: 10, ..Limits::default() };
    let large = extract(&Message::new(b"\r\n0123456789abc".to_vec()), &small);
    assert_eq!(large.opaque[0].reason, Reason::TooLarge);
    assert_eq!(large.pieces[0].text, "0123456789");
}

#[test]
fn a_broken_encoding_is_said_and_read_as_far_as_it_goes() {
    let extract = read("Content-Transfer-Encoding: base64\r\n\r\nQlNO!!!!IDEyMzQ1Njc4Mg==");
    assert!(extract.opaque.iter().any(|opaque| opaque.reason == Reason::Damaged));
    assert!(all(&extract).contains("BSN"));
}

#[test]
fn parts_behind_a_second_encoding_and_pieces_of_a_message_are_not_taken_for_text() {
    for header in [
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
        "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: quoted-printable",
        "Content-Type: message/partial; id=a; number=1; total=2",
        "Content-Type: message/external-body; access-type=x",
    ] {
        let extract = read(format!("{header}\r\n\r\nQlNO\r\n"));
        let told = |opaque: &Opaque| opaque.reason == Reason::Unsupported && opaque.document;
        assert!(extract.opaque.iter().any(told), "{header}");
    }
    let receipt = "Content-Type: message/disposition-notification\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nQlNO\r\n";
    assert!(read(receipt).opaque.is_empty());
}

#[test]
fn a_charset_that_nobody_decodes_counts_as_none() {
    for label in ["hz-gb-2312", "iso-2022-kr", "iso-2022-cn", "replacement"] {
        let mail =
            format!("Content-Type: text/plain; charset={label}\r\n\r\nPatiënt, BSN 123456782");
        assert_eq!(all(&read(mail)), "Patiënt, BSN 123456782", "{label}");
    }
}

#[test]
fn an_attached_text_that_is_none_is_set_apart_as_a_file() {
    let apart = |head: &str, body: &[u8]| {
        let bytes = [head.as_bytes(), b"\r\n\r\n", body].concat();
        let (extract, files) = open(&Message::new(bytes), &Limits::default());
        assert!(files.len() == 1 || extract.opaque.is_empty(), "{head}");
        files.into_iter().next().map(|file| crate::read(&file, &Bounds::default()))
    };
    let named = "Content-Type: text/plain; name=a.txt";
    let attached = "Content-Type: text/plain\r\nContent-Disposition: attachment";
    let armour = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n-----END PGP MESSAGE-----\n".as_slice();
    let both = [b"Zie hieronder\n".as_slice(), armour].concat();
    for (body, reason) in [
        (armour, Reason::Encrypted),
        (&both, Reason::Encrypted),
        (b"7z\xbc\xaf\x27\x1c tekst tekst tekst", Reason::Unsupported),
        (b"Rar!\x1a\x07 tekst tekst tekst", Reason::Unsupported),
        (b"\x01\x02\x03\x04\x05\x06", Reason::Unsupported),
    ] {
        for head in [named, attached] {
            let told = apart(head, body).expect("set apart").opaque;
            assert_eq!((told.len(), told[0].reason, told[0].document), (1, reason, true), "{head}");
        }
        assert!(apart("Content-Type: text/plain", body).is_none(), "a body is what it shows");
    }
    let mail = b"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nQlNOIDEyMzQ1Njc4Mg==";
    for name in ["x.eml", "x.MHT", "x.mhtml"] {
        let opened =
            apart(&format!("Content-Type: text/plain; name={name}"), mail).expect("a mail");
        assert!(all(&opened).contains("BSN 123456782"), "{name}");
    }
    let wide: Vec<u8> = "BSN 123456782".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(apart("Content-Type: text/plain; name=a.txt; charset=utf-16le", &wide).is_none());
    assert!(apart(named, b"BSN 123456782").is_none());
}

#[test]
fn words_in_blocks_of_their_own_do_not_run_together() {
    for name in [
        "section",
        "main",
        "option",
        "caption",
        "article",
        "aside",
        "nav",
        "figure",
        "figcaption",
        "legend",
        "fieldset",
        "details",
        "summary",
        "form",
    ] {
        let html =
            format!("Content-Type: text/html\r\n\r\n<{name}>Jansen</{name}><{name}>BSN</{name}>");
        assert!(all(&read(html)).split_whitespace().eq(["Jansen", "BSN"]), "{name}");
    }
}

#[test]
fn a_tag_or_a_line_without_end_costs_no_more_than_its_length() {
    use core::fmt::Write as _;
    let mut html = "Content-Type: text/html\r\n\r\n<p ".to_owned();
    for number in 0..400_000 {
        let _ = write!(html, "a{number}{}", [" ", "/", "=\">\"", "='x' "][number % 4]);
    }
    html.push_str("alt=CVA>BSN 123456782");
    let text = all(&read(html));
    assert!(text.contains("BSN 123456782") && text.contains("CVA"));
    let folds = "QUOTED-PRINTABLE=\r\n".repeat(400_000);
    let card = format!("Content-Type: text/vcard\r\n\r\n{folds}x:1\r\nNOTE:BSN 123456782\r\n");
    assert!(all(&read(card)).contains("BSN 123456782"));
}

#[test]
fn long_attributes_and_comments_leave_what_stands_around_them() {
    let picture =
        format!("<img src='data:image/png;base64,{}' alt='CVA'>BSN", "ab/+".repeat(100_000));
    let words = format!("<p title=\"{}einde\">BSN</p>", "woord ".repeat(300));
    let comment = format!("<!-- {} <b alt='nee'> -->BSN", "weg weg ".repeat(100_000));
    let script = format!("<script>{}</script>BSN", "a < b ".repeat(100_000));
    for (html, expected, not) in [
        (picture, "CVA BSN", "ab/"),
        (words, "woord einde BSN", ">"),
        (comment, "BSN", "weg"),
        (script, "BSN", "a <"),
    ] {
        let text = all(&read(format!("Content-Type: text/html\r\n\r\n{html}")));
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.ends_with(expected) && !flat.contains(not),
            "{expected}: {}",
            &flat[..flat.len().min(200)]
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(bytes);
    }

    #[test]
    fn any_mime_soup_is_read_without_a_panic(parts in proptest::collection::vec(prop_oneof![
        Just("Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_owned()),
        Just("--b\r\n".to_owned()), Just("--b--\r\n".to_owned()), Just("\r\n".to_owned()),
        Just("Content-Type: message/rfc822\r\n\r\n".to_owned()),
        Just("Content-Type: text/html; charset=utf-7\r\n".to_owned()),
        Just("Content-Transfer-Encoding: base64\r\n".to_owned()),
        Just("Subject: =?utf-8?b?".to_owned()),
        "[ -~]{0,30}",
    ], 0..40)) {
        let _ = read(parts.concat());
    }

    #[test]
    fn tight_bounds_are_told(parts in proptest::collection::vec(prop_oneof![
        Just("Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_owned()),
        Just("--b\r\n".to_owned()), Just("--b--\r\n".to_owned()), Just("\r\n".to_owned()),
        Just("Content-Type: message/rfc822\r\n\r\n".to_owned()),
        "[ -~]{0,30}",
    ], 0..40)) {
        let message = Message::new(parts.concat().into_bytes());
        let every = extract(&message, &Limits::default());
        let some = extract(&message, &Limits { depth: 2, parts: 4, text: 64 });
        let told = some.opaque.iter().any(|opaque| opaque.document);
        prop_assert!(told || some.pieces.len() >= every.pieces.len());
    }
}
