use proptest::prelude::*;

use super::*;

fn parse(value: &str) -> Results {
    Results::parse(value).unwrap_or_else(|| panic!("{value}"))
}

fn of(header: &str, stands: Stands) -> Option<Statement> {
    let message = Message::new(format!("{header}\r\n\r\nx\r\n").into_bytes());
    let trusted = Trusted { id: "mx.provider.nl", stands };
    statement(&message, trusted, Some(&Domain::parse("umc.nl").unwrap()))
}

/// By a provider that writes on top.
fn stated(header: &str) -> Option<Statement> {
    of(header, Stands::Top)
}

/// By one that writes below its own Received field.
fn below(header: &str) -> Option<Statement> {
    of(header, Stands::Below)
}

fn words(statement: Option<Statement>) -> Option<(Option<Word>, Option<Word>, Option<Word>)> {
    statement.map(|it| (it.dkim, it.spf, it.dmarc))
}

#[test]
fn the_examples_of_the_standard_are_read() {
    // RFC 8601 appendix B.
    assert_eq!(parse("example.org 1; none").methods, []);
    let one = parse(
        "example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n \
         spf=pass smtp.mailfrom=example.net",
    );
    assert_eq!(one.id, "example.com");
    assert_eq!(one.methods.len(), 2);
    assert_eq!(one.methods[0].property("smtp.auth"), Some("sender@example.net"));
    let odd = parse(
        "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for \
         it) fail\r\n policy (A dot can go here) . (like that) expired\r\n (this surprised me) = (as \
         I wasn't expecting it) 1362471462",
    );
    assert_eq!((odd.methods[0].name.as_str(), odd.methods[0].word()), ("dkim", Word::Fail));
}

#[test]
fn what_servers_write_is_read() {
    let gmail = parse(
        "mx.google.com; dkim=pass header.i=@umc.nl header.s=s1 header.b=\"ab/c;d\"; \
         spf=softfail (google.com: domain of b does (not; really) designate) \
         smtp.mailfrom=\"a b=c\"@umc.nl; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=umc.nl",
    );
    let words: Vec<_> = gmail.methods.iter().map(|it| (it.name.as_str(), it.word())).collect();
    assert_eq!(words, [("dkim", Word::Pass), ("spf", Word::Policy), ("dmarc", Word::Pass)]);
    assert_eq!(gmail.methods[1].property("smtp.mailfrom"), Some("a b=c@umc.nl"));
    let verp = parse("x; spf=pass smtp.mailfrom=bounce+a=b.nl@c.nl; foo; dmarc=none");
    assert_eq!(verp.methods[0].property("smtp.mailfrom"), Some("bounce+a=b.nl@c.nl"));
    assert_eq!(verp.methods.len(), 2, "what cannot be read is passed over");
}

#[test]
fn a_field_without_an_id_is_nobodys_word() {
    for value in [
        "",
        ";",
        "; dmarc=pass",
        "spf=pass smtp.mailfrom=x; dmarc=pass",
        "mx.provider.nl dmarc=pass",
        "mx.provider.nl x; dmarc=pass",
        "\"mx.provider.nl; dmarc=pass",
    ] {
        assert_eq!(Results::parse(value), None, "{value}");
    }
    let long = format!("mx.provider.nl; dmarc=pass {}", "x".repeat(20_000));
    assert_eq!(Results::parse(&long), None);
}

const GENUINE: &str = "Authentication-Results: MX.provider.nl; dkim=fail header.d=umc.nl;\r\n \
    spf=fail smtp.mailfrom=umc.nl; dmarc=fail header.from=umc.nl\r\n";
const FORGED: &str = "Authentication-Results: mx.provider.nl; dkim=pass header.d=umc.nl;\r\n \
    spf=pass smtp.mailfrom=umc.nl; dmarc=pass header.from=umc.nl\r\n";
const BORDER: &str = "Received: from x by mx.provider.nl; Wed, 25 Nov 2026 22:30:00 +0000\r\n";
const AUTHOR: &str = "From: arts@umc.nl\r\nSubject: x\r\n";

#[test]
fn only_the_topmost_block_of_the_trusted_id_counts() {
    let bad = Some((Some(Word::Fail), Some(Word::Fail), Some(Word::Fail)));
    for header in [
        format!("{GENUINE}{BORDER}{FORGED}{AUTHOR}"),
        // Where the provider leaves a forged one right below its own, its own word stands.
        format!("{GENUINE}X-Spam: no\r\n{FORGED}{AUTHOR}"),
        format!("X-Filter: 1\r\nARC-Seal: i=1\r\n{GENUINE}{BORDER}{AUTHOR}"),
    ] {
        assert_eq!(words(stated(&header)), bad, "{header}");
        assert_eq!(words(below(&header)), bad, "{header}");
    }
    for header in [
        format!("{BORDER}{GENUINE}{AUTHOR}{FORGED}"),
        format!("{BORDER}{GENUINE}DKIM-Signature: v=1\r\n{FORGED}{AUTHOR}"),
        format!("{BORDER}{GENUINE}X-Spam: no\r\n{FORGED}{AUTHOR}"),
        format!("{BORDER}X-Filter: 1\r\nARC-Seal: i=1\r\n{GENUINE}{AUTHOR}"),
        format!("{INSIDE}{BORDER}{GENUINE}{OUTSIDE}{FORGED}{AUTHOR}"),
    ] {
        assert_eq!(words(below(&header)), bad, "{header}");
    }
}

const INSIDE: &str =
    "Received: by 2002:a05:6a11:1 with SMTP id x; Wed, 25 Nov 2026 22:30:01 +0000\r\n";
const OUTSIDE: &str =
    "Received: from mx.provider.nl (y) by out.umc.nl; Wed, 25 Nov 2026 22:29:59 +0000\r\n";

#[test]
fn a_forged_field_below_the_providers_received_is_not_believed_where_its_own_is_missing() {
    for header in [
        format!("{BORDER}{FORGED}{AUTHOR}"),
        format!("{INSIDE}{BORDER}{FORGED}{AUTHOR}"),
        format!("{BORDER}{FORGED}{BORDER}{AUTHOR}"),
        format!("{BORDER}{OUTSIDE}{FORGED}{AUTHOR}"),
    ] {
        assert_eq!(stated(&header), None, "{header}");
    }
    // A provider that writes there takes away what others wrote there; what they wrote further down, or
    // under a host of their own, is nobody's word with it either.
    for header in [
        format!("{BORDER}{OUTSIDE}{FORGED}{AUTHOR}"),
        format!("{OUTSIDE}{FORGED}{AUTHOR}"),
        format!("{OUTSIDE}{FORGED}{BORDER}{AUTHOR}"),
        format!("Received: from a by b.nl (by mx.provider.nl); x\r\n{FORGED}{AUTHOR}"),
    ] {
        assert_eq!(below(&header), None, "{header}");
    }
}

#[test]
fn what_stands_below_the_authors_fields_or_under_another_id_is_the_senders_word() {
    let other = FORGED.replace("mx.provider.nl", "mx.elders.nl");
    for header in [
        format!("{BORDER}{AUTHOR}{FORGED}"),
        format!("{BORDER}DKIM-Signature: v=1; d=umc.nl\r\n{FORGED}{AUTHOR}"),
        format!("{BORDER}{other}{AUTHOR}"),
        format!("{BORDER}{AUTHOR}"),
    ] {
        assert_eq!(stated(&header), None, "{header}");
        assert_eq!(below(&header), None, "{header}");
    }
}

#[test]
fn several_filters_of_one_provider_speak_together() {
    let header = format!(
        "Authentication-Results: mx.provider.nl; dmarc=pass header.from=umc.nl\r\n\
         Received-SPF: pass\r\nAuthentication-Results: mx.provider.nl; spf=pass smtp.helo=x\r\n\
         Authentication-Results: mx.provider.nl; dkim=fail header.d=umc.nl; dkim=pass\r\n \
         header.d=mail.umc.nl; dkim=pass header.d=bulk.nl\r\n"
    );
    let good = Some((Some(Word::Pass), Some(Word::Pass), Some(Word::Pass)));
    assert_eq!(words(stated(&format!("{header}{BORDER}{AUTHOR}"))), good);
    assert_eq!(words(below(&format!("{BORDER}{header}{AUTHOR}"))), good);
    let stranger = "Authentication-Results: mx.provider.nl; dkim=pass header.d=bulk.nl\r\n";
    assert_eq!(words(stated(&format!("{stranger}{AUTHOR}"))), Some((None, None, None)));
}

proptest! {
    #[test]
    fn any_text_is_read_or_not_and_never_more_than_the_bounds(value in "[ -~]{0,400}") {
        if let Some(results) = Results::parse(&value) {
            prop_assert!(!results.id.is_empty() && results.methods.len() <= METHODS);
        }
    }
}
