use nta7516::facts::Seen;

use super::*;
use crate::testing::{domain, good_keys, key, keys, mail, now, received, txt, with_dkim};

fn whys(message: &Message, keys: &Keys) -> Vec<Why> {
    let checked = verify(message, Some(&domain("umc.nl")), keys, now());
    checked.iter().map(|one| one.why).collect()
}

fn signed() -> String {
    String::from_utf8(with_dkim(mail(None))).unwrap()
}

fn message(text: &str) -> Message {
    received("", text.as_bytes())
}

#[test]
fn a_signature_holds_and_breaks_with_the_text_the_header_and_another_key() {
    let text = signed();
    let good = good_keys();
    let name = domain("s1._domainkey.umc.nl");
    let needed = wanted(&message(&text), Some(&domain("umc.nl")));
    assert_eq!(needed, [Wanted { name, aligned: Alignment::Author }]);
    let checked = verify(&message(&text), Some(&domain("umc.nl")), &good, now());
    assert_eq!(checked[0].why, Why::Holds);
    assert_eq!(checked[0].result.result, Word::Pass);
    assert_eq!(checked[0].result.aligned, Alignment::Author);
    assert_eq!(checked[0].result.key, Some(Security::Secure));
    assert_eq!(whys(&message(&text.replace("Hallo", "hallo")), &good), [Why::Body]);
    assert_eq!(whys(&message(&text.replace("Subject: x", "Subject: y")), &good), [Why::Header]);
    let other = Key::read(&Key::generate().unwrap()).unwrap().record().unwrap();
    assert_eq!(whys(&message(&text), &keys(Ok(Seen::secure(txt(&other))))), [Why::Header]);
    assert!(whys(&received("", &mail(None)), &good).is_empty());
}

use ::dkim::Key;

#[test]
fn what_the_key_is_worth_is_told_apart() {
    let text = signed();
    let record = key().record().unwrap();
    let of = |seen| whys(&message(&text), &keys(seen));
    assert_eq!(of(Ok(Seen::insecure(txt(&record)))), [Why::Holds]);
    assert_eq!(of(Ok(Seen::new(Security::Bogus, txt(&record)))), [Why::Bogus]);
    let unknown = Seen::new(Security::Indeterminate, txt(&record));
    assert_eq!(of(Ok(unknown)), [Why::Trouble(Trouble::ServFail)]);
    assert_eq!(of(Err(Trouble::Timeout)), [Why::Trouble(Trouble::Timeout)]);
    assert_eq!(of(Ok(Seen::secure(Vec::new()))), [Why::NoKey]);
    assert_eq!(of(Ok(Seen::secure(txt("v=spf1 -all")))), [Why::BadKey]);
    assert_eq!(of(Ok(Seen::secure(txt("v=DKIM1; p=")))), [Why::Revoked]);
    let both = [txt("v=spf1 -all"), txt(&record)].concat();
    assert_eq!(of(Ok(Seen::secure(both))), [Why::Holds], "the first that is a key counts");
    assert_eq!(whys(&message(&text), &Keys::new()), [Why::NoKey], "nobody else is asked");
}

#[test]
fn a_signature_that_proves_little_is_not_counted() {
    let text = signed();
    let good = good_keys();
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        whys(&message(&text.replacen(from, to, 1)), &good)
    };
    assert_eq!(with("v=1;", "v=1; x=1000;"), [Why::Expired]);
    assert_eq!(with("v=1;", "v=1; l=3;"), [Why::Partial]);
    assert_eq!(with("a=rsa-sha256", "a=rsa-sha1"), [Why::Weak]);
    assert_eq!(with("v=1;", "v=7;"), [Why::Unreadable]);
    // It was good when the message came: that it is over now is no matter.
    let later = with("v=1;", &format!("v=1; x={};", now().as_second() + 60));
    assert_eq!(later, [Why::Header], "only the mathematics is against it");
    let lines: Vec<&str> = text.split("\r\n").collect();
    let without: Vec<String> =
        lines.iter().map(|line| line.replace("\th=From:", "\th=").replace(":From;", ";")).collect();
    assert_eq!(whys(&message(&without.join("\r\n")), &good), [Why::Unreadable]);
}

#[test]
fn another_domains_signature_is_told_as_such_and_very_many_cost_little() {
    let text = signed();
    let stranger = verify(&message(&text), Some(&domain("elders.nl")), &good_keys(), now());
    assert_eq!(stranger[0].result.aligned, Alignment::Other);
    let field = &text[..text.find("From: Arts").unwrap()];
    let many = format!("{}{text}", field.repeat(100));
    assert_eq!(whys(&message(&many), &good_keys()).len(), MOST);
    // However many of others stand on top, that of the author's domain is looked at, and first.
    let foreign = field.replace("d=umc.nl", "d=elders.nl");
    assert_ne!(foreign, field);
    let hidden = message(&format!("{}{text}", foreign.repeat(100)));
    let needed = wanted(&hidden, Some(&domain("umc.nl")));
    let of = |one: &Wanted| (one.name.to_string(), one.aligned);
    let of: Vec<_> = needed.iter().map(of).collect();
    assert_eq!(
        of,
        [
            ("s1._domainkey.umc.nl".to_owned(), Alignment::Author),
            ("s1._domainkey.elders.nl".to_owned(), Alignment::Other)
        ]
    );
    let found = whys(&hidden, &good_keys());
    assert_eq!((found.len(), found.contains(&Why::Holds)), (MOST, true), "{found:?}");
}
