//! Mails of which copies are made.
#![allow(unreachable_pub)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PICTURE: &[u8] = include_bytes!("picture.png");
pub const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"4\"/></svg>\n";

/// Base64 in lines (RFC 2045 section 6.8).
fn coded(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines = text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned());
    lines.collect::<Vec<_>>().join("\r\n")
}

const BODY: &str = "<html><head><title>x</title><style>p{color:red}</style></head><body>\
    <p>Geachte collega,</p><p>Bij <b>mevrouw</b> is bepaald:</p>\
    <ul><li>HbA1c is 58 mmol/mol, volgens <a href='https://nhg.example/diabetes'>de richtlijn</a></li><li>verder geen bijzonderheden bij de ziekenhuisopname van vorige maand, zodat de controles weer bij de huisarts kunnen</li></ul>\
    <table><tr><th>Bepaling</th><th>Uitslag</th><th>Grenzen</th></tr>\
    <tr><td>Kreatinine</td><td>110 µmol/l</td><td>60 – 110</td></tr><tr><td>Hemoglobine</td><td>8,2 mmol/l</td><td>7,5 – 10,0</td></tr></table>\
    <ol start='4'><li>Vierde punt</li><li>Vijfde punt</li></ol>\
    <h1>Eerder bericht</h1><blockquote><p>Beste Jan,</p><p>Hoe gaat het met de patiënt?</p></blockquote>\
    <p>Met <i>vriendelijke</i> groet,<br>Jan de Vries<script>alert(1)</script></p>\
    <img src='cid:foto@x' alt='Verloop van de bloedsuiker'><img src='https://tracker.example/logo.png' alt='Logo'>\
    <img src='https://tracker.example/dot.png' width='1' height='1'></body></html>";

/// What clinicians write to each other: HTML with a list, a table, a quote and a picture; four files.
pub fn letter() -> Vec<u8> {
    let head = "From: Jan de Vries <jan@praktijk.nl>\r\nTo: \"Bakker, A.\" <a@b.nl>, C <c@d.nl>\r\nCc: e@f.nl\r\n\
        Date: Mon, 23 Nov 2026 10:58:00 +0100\r\nMessage-ID: <1@praktijk.nl>\r\nSubject: Uitslag bloedonderzoek\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\n\
        Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
        Geachte collega,\r\n\r\nHbA1c is 58 mmol/mol.\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
    let mut mail = format!("{head}{BODY}\r\n--b--\r\n--r\r\nContent-Type: image/png; name=\"=?utf-8?q?=C3=BCn=C3=AFcode=2Epng?=\"\r\n").into_bytes();
    mail.extend(format!("Content-ID: <foto@x>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--r--\r\n", coded(PICTURE)).into_bytes());
    mail.extend(b"--a\r\nContent-Type: text/csv; charset=iso-8859-1; name=lab.csv\r\nContent-Disposition: attachment\r\n\r\nna\xefef;1\r\n");
    mail.extend(b"--a\r\nContent-Type: text/csv; name=lab.csv\r\nContent-Disposition: attachment\r\n\r\nb;2\r\n");
    mail.extend(format!("--a\r\nContent-Type: image/svg+xml; name=grafiek.svg\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n{}\r\n--a--\r\n", coded(SVG)).into_bytes());
    mail
}

/// Text in many scripts, and in one that no font of a copy has.
pub fn scripts() -> Vec<u8> {
    "Subject: =?utf-8?b?8J+YgCDYp9mE2LPZhNin2YU=?= =?utf-8?b?IOaCo+iAhQ==?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    Müller, Łódź, şüphe; Ελληνικά; Здравствуйте.\r\n\r\n\
    السلام عليكم، نتيجة HbA1c 58 مرتفعة قليلاً ويجب أن يعود المريض بعد أسبوعين لإجراء فحص آخر.\r\n\r\n\
    שלום, התוצאה של HbA1c 58 גבוהה (מעט).\r\n\r\n\
    患者需要复诊。血糖偏高，请在两周后再来检查。これは日本語の文です。\r\n\r\n\
    😀 👍🏽 ❤️ 👨‍👩‍👧 ✓ → €\r\n\r\nOud schrift: \u{13000}\r\n"
        .as_bytes()
        .to_vec()
}

/// Mails made to break a reader, or broken.
pub fn nasty() -> Vec<(&'static str, Vec<u8>)> {
    let many = (0..1_000).fold(String::new(), |text, number| {
        text + &format!("--b\r\nContent-Type: application/pdf; name=\"f{number}.pdf\"\r\nContent-Disposition: attachment\r\n\r\nx\r\n")
    });
    let html =
        |body: &str| format!("Content-Type: text/html; charset=utf-8\r\n\r\n{body}").into_bytes();
    let cells = format!(
        "<table>{}</table>",
        format!("<tr>{}</tr>", "<td>woord</td>".repeat(5)).repeat(2_000)
    );
    let tall =
        format!("<table><tr><th>a<th>b</tr><tr><td>x<td>{}</table>", "regel<br>".repeat(160));
    let broken = format!(
        "<img src='data:image/png;base64,{}'><p>tekst</p>",
        STANDARD.encode(&PICTURE[..200])
    );
    let cid = "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src=cid:x>na\r\n--b\r\n\
        Content-Type: image/png\r\nContent-ID: <x>\r\n\r\nnot a picture\r\n--b--\r\n";
    vec![
        ("empty", Vec::new()),
        ("no-body", b"Subject: a\r\n\r\n".to_vec()),
        ("no-header", b"just text\r\n".to_vec()),
        ("controls", b"Subject: a\x01\x02\r\nFrom: \xff\xfe\r\n\r\n\0\0\x1b[31m\x0c]]> & <b>\r\n".to_vec()),
        ("many", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{many}--b--\r\n").into_bytes()),
        ("broken", b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--x\r\n".to_vec()),
        ("nest", "Content-Type: message/rfc822\r\n\r\n".repeat(100_000).into_bytes()),
        ("texts", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(100_000)).into_bytes()),
        ("bomb", html(&format!("{}x", "<div>".repeat(200_000)))),
        ("quotes", html(&format!("{}diep", "<blockquote>".repeat(5_000)))),
        ("lists", html(&format!("{}diep", "<ul><li>".repeat(5_000)))),
        ("tables", html(&format!("{}diep", "<table><tr><td>".repeat(5_000)))),
        ("cells", html(&cells)),
        ("tall", html(&tall)),
        ("long-word", [b"\r\n".to_vec(), vec![b'w'; 50_000]].concat()),
        ("long-subject", format!("Subject: {}\r\n\r\nx", "woord ".repeat(40_000)).into_bytes()),
        ("broken-picture", html(&broken)),
        ("no-picture", cid.as_bytes().to_vec()),
        ("private", "Content-Type: text/plain; charset=utf-8\r\n\r\n\u{e000}\u{f8ff} \u{fffe} \u{feff}x \u{301}a \u{fdd0}".as_bytes().to_vec()),
        ("headings", html("<h6>diep</h6><h1>hoog</h1><h4>weer diep</h4><h2></h2><ul><li></li></ul><table><tr><td></td><td>a</td></tr><tr><td>b</td><td></td></tr></table>")),
        ("odd-names", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: a/b; name=\"../../etc/passwd\"\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b\r\nContent-Type: x; name=\"bericht.eml\"\r\nContent-Disposition: attachment\r\n\r\ny\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nz\r\n--b--\r\n".to_vec()),
    ]
}

/// A mail with a file of this many bytes.
pub fn large(bytes: usize) -> Vec<u8> {
    let file: Vec<u8> = (0..bytes).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let head = "Subject: groot\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nzie bijlage\r\n--b\r\n\
        Content-Type: application/octet-stream; name=scan.bin\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n";
    format!("{head}{}\r\n--b--\r\n", coded(&file)).into_bytes()
}
