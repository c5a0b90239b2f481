use proptest::prelude::*;

use super::*;

/// The tree as text: type, body and children of each part.
fn shape(bytes: &[u8]) -> String {
    fn write(bytes: &[u8], part: &Part) -> String {
        let children: Vec<String> = part.children.iter().map(|p| write(bytes, p)).collect();
        if children.is_empty() {
            let body = String::from_utf8_lossy(&bytes[part.body.clone()]);
            format!("{}:{body:?}", part.content_type.subtype)
        } else {
            format!("{}[{}]", part.content_type.subtype, children.join(" "))
        }
    }
    write(bytes, &tree_of(bytes, Limits::default()).root)
}

/// `M ` stands for a multipart/mixed header with boundary `b`.
const SHAPES: [(&str, &str); 17] = [
    ("Subject: s\r\n\r\nhello\r\n", r#"plain:"hello\r\n""#),
    ("", r#"plain:"""#),
    ("no header\r\n", r#"plain:"no header\r\n""#),
    // The line end before a boundary belongs to the boundary; blanks may follow it.
    (
        "M--b\r\n\r\na\r\n\r\n--b \t\r\nContent-Type: text/html\r\n\r\nc\r\n--b--  \r\n",
        r#"mixed[plain:"a\r\n" html:"c"]"#,
    ),
    ("M--b\n\na\n--b\n\nc\n--b--\n", r#"mixed[plain:"a" plain:"c"]"#),
    // Preamble and epilogue are no parts.
    ("M pre\r\n--b\r\n\r\na\r\n--b--\r\n\r\n--b\r\n\r\npost", r#"mixed[plain:"a"]"#),
    // A missing closing boundary.
    ("M--b\r\n\r\na\r\n", r#"mixed[plain:"a\r\n"]"#),
    // A part without header, one without empty line, one without anything.
    ("M--b\r\n\r\n--b\r\nX: y\r\n--b\r\n--b--", r#"mixed[plain:"" plain:"" plain:""]"#),
    // What only begins like the boundary is text.
    (
        "M--b\r\n\r\n--bb\r\n--b-\r\n--b-- x\r\n -- b\r\n--b--",
        r#"mixed[plain:"--bb\r\n--b-\r\n--b-- x\r\n -- b"]"#,
    ),
    // An outer boundary ends inner parts (RFC 2046 section 5.1.2).
    (
        "M--b\r\nContent-Type: multipart/related; boundary=i\r\n\r\n--i\r\n\r\na\r\n--b\r\n\r\nc\r\n--b--",
        r#"mixed[related[plain:"a"] plain:"c"]"#,
    ),
    // After an inner boundary is closed it is text.
    (
        "M--b\r\nContent-Type: multipart/related; boundary=i\r\n\r\n--i\r\n\r\na\r\n--i--\r\n--i\r\nx\r\n--b--",
        r#"mixed[related[plain:"a"]]"#,
    ),
    // A message inside, and one that is encoded, which is a leaf.
    ("Content-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n\r\nx", r#"rfc822[html:"x"]"#),
    (
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\neA==",
        r#"rfc822:"eA==""#,
    ),
    (
        "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: s\r\n\r\nx\r\n--b--",
        r#"digest[rfc822[plain:"x"]]"#,
    ),
    // A multipart without a boundary or without parts is a leaf.
    ("Content-Type: multipart/mixed\r\n\r\n--b\r\n", r#"mixed:"--b\r\n""#),
    ("M nothing\r\n", r#"mixed:"nothing\r\n""#),
    // A header line that looks like a boundary is one.
    (
        "Content-Type: multipart/mixed; boundary=\"b:c\"\r\n\r\n--b:c\r\nX: y\r\n--b:c--\r\n",
        r#"mixed[plain:""]"#,
    ),
];

#[test]
fn boundaries_make_parts() {
    let mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (message, expected) in SHAPES {
        let message = message.strip_prefix("M").map_or_else(
            || message.to_owned(),
            |body| format!("{mixed}{}", body.trim_start_matches(' ')),
        );
        assert_eq!(shape(message.as_bytes()), expected, "{message:?}");
    }
}

#[test]
fn ranges_name_the_exact_bytes() {
    let message = b"Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\nface\r\n--b\r\nA: 1\r\n 2\r\n\r\nx\r\n\
        --b--\r\npost\r\n";
    let tree = tree_of(message, Limits::default());
    let part = &tree.root.children[0];
    assert_eq!(&message[tree.root.preamble.clone()], b"pre\r\nface");
    assert_eq!(&message[tree.root.epilogue.clone()], b"post\r\n");
    assert_eq!(&message[part.whole.clone()], b"A: 1\r\n 2\r\n\r\nx");
    assert_eq!(&message[part.header.clone()], b"A: 1\r\n 2\r\n");
    assert_eq!(part.fields(message)[0].value(), b" 1\r\n 2");
    assert!(tree.root.closed);
    assert!(tree.cuts.is_empty());
}

#[test]
fn a_missing_closing_boundary_is_said() {
    let tree = tree_of(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx",
        Limits::default(),
    );
    assert!(!tree.root.closed);
}

#[test]
fn a_tree_too_deep_or_too_wide_is_cut_and_says_so() {
    let mut deep = Vec::new();
    let mut wide = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec();
    for level in 0..5000 {
        let head =
            format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
        deep.extend_from_slice(head.as_bytes());
        wide.extend_from_slice(b"--b\r\n\r\nx\r\n");
    }
    let no_limit = Limits { depth: usize::MAX, parts: usize::MAX };
    assert_eq!(tree_of(&deep, no_limit).cuts, [Cut::TooDeep]);
    assert_eq!(tree_of(&wide, no_limit).root.children.len(), 5000);
    let few = Limits { depth: 3, parts: 10 };
    let cut = tree_of(&wide, few);
    assert_eq!(cut.cuts, [Cut::TooMany]);
    assert_eq!(cut.root.children.len(), 9);
    assert!(wide[cut.root.epilogue.clone()].starts_with(b"--b\r\n"));
    let messages = b"Content-Type: message/rfc822\r\n\r\n".repeat(5000);
    assert_eq!(tree_of(&messages, Limits::default()).cuts, [Cut::TooDeep]);
}

type Params = &'static [(&'static str, &'static str)];

#[test]
fn content_types_are_read_as_they_are_written() {
    let table: [(&str, &str, Params); 12] = [
        ("text/plain", "text/plain", &[]),
        (
            "Text / HTML (a (nested) comment) ; Charset = UTF-8",
            "text/html",
            &[("charset", "UTF-8")],
        ),
        ("text/plain; charset=\"us\\-ascii\" (why; not)", "text/plain", &[("charset", "us-ascii")]),
        ("a/b; name=my file.pdf; x=1", "a/b", &[("name", "my file.pdf"), ("x", "1")]),
        ("a/b; charset=us-ascii (plain)", "a/b", &[("charset", "us-ascii")]),
        ("a/b; name=\"a;b=c\"; x", "a/b", &[("name", "a;b=c")]),
        // RFC 2231 sections 3 and 4.
        ("a/b; n*0=\"a\"; n*1=b; n*3=d", "a/b", &[("n", "ab")]),
        ("a/b; n*1*=%C3%AB; n*0*=utf-8'nl'co%20; n*2=f", "a/b", &[("n", "co ëf")]),
        ("a/b; n=plain; n*=utf-8''%E2%82%AC", "a/b", &[("n", "€")]),
        ("a/b; n*=utf-8''100%", "a/b", &[("n", "100%")]),
        ("text", "text/plain", &[]),
        ("", "text/plain", &[]),
    ];
    for (value, kind, params) in table {
        let read = ContentType::parse(value.as_bytes());
        assert_eq!(format!("{read:?}"), kind, "{value}");
        let found: Vec<(String, String)> =
            read.params.iter().map(|p| (p.name.clone(), p.text())).collect();
        let expected: Vec<(String, String)> =
            params.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(found, expected, "{value}");
    }
}

#[test]
fn transfer_encodings_are_undone() {
    use Encoding::{Base64, Other, QuotedPrintable, SevenBit};
    let table: [(Encoding, &[u8], &[u8], bool); 16] = [
        (SevenBit, b"a=3D", b"a=3D", false),
        (Other("x-uuencode".to_owned()), b"a", b"a", true),
        (Base64, b"aGVs\r\nbG8=\r\n", b"hello", false),
        (Base64, b"aGVsbG8", b"hello", false),
        (Base64, b"aGVsbA==\r\n", b"hell", false),
        (Base64, b"aG*Vs", b"hel", true),
        (Base64, b"aGVsb", b"hel", true),
        (Base64, b"aGVs=aGVs", b"hel", true),
        (Base64, b"", b"", false),
        (QuotedPrintable, b"co=C3=AB\r\nx", b"co\xc3\xab\r\nx", false),
        (QuotedPrintable, b"a=\r\nb=  \nc", b"abc", false),
        (QuotedPrintable, b"a  \t\r\nb ", b"a\r\nb", false),
        (QuotedPrintable, b"=c3=Ab", b"\xc3\xab", false),
        (QuotedPrintable, b"a=zz=4", b"a=zz=4", true),
        (QuotedPrintable, b"a=20\n", b"a \n", false),
        (QuotedPrintable, b"a=", b"a", false),
    ];
    for (encoding, body, content, damaged) in table {
        let decoded = decode(&encoding, body);
        assert_eq!(decoded.bytes.as_ref(), content, "{:?}", String::from_utf8_lossy(body));
        assert_eq!(decoded.damaged, damaged, "{:?}", String::from_utf8_lossy(body));
    }
}

#[test]
fn file_names_come_from_the_disposition_first() {
    let part = |header: &str| tree_of(header.as_bytes(), Limits::default()).root.file_name();
    assert_eq!(
        part("Content-Type: a/b; name=n\r\nContent-Disposition: x; filename=f\r\n").unwrap(),
        "f"
    );
    assert_eq!(part("Content-Type: a/b; name=n\r\n").unwrap(), "n");
    assert_eq!(part("Subject: s\r\n"), None);
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "\r\n",
        "\n",
        "\r\n--b\r\n",
        "\n--b\n",
        "--b--",
        "\r\n--i\r\n",
        "--i--",
        " ",
        "\t",
        "\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: multipart/mixed; boundary=\"i\"\n",
        "Content-Type: message/rfc822\r\n\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "X: y\r\n",
        "Content-Disposition: a; filename*0*=u'",
        "\"",
        "\\",
        ";",
        "(",
        "*=",
        "%",
    ])
    .prop_map(|word| word.as_bytes().to_vec());
    let bytes = proptest::collection::vec(any::<u8>(), 1..4);
    proptest::collection::vec(prop_oneof![5 => words, 1 => bytes], 0..60)
        .prop_map(|pieces| pieces.concat())
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end
}

fn assert_sound(bytes: &[u8], part: &Part) {
    for range in [&part.header, &part.body, &part.preamble, &part.epilogue] {
        assert!(within(range, &part.whole));
    }
    assert!(part.header.end <= part.body.start && part.body.end == part.whole.end);
    let mut last = part.body.start;
    for child in &part.children {
        assert!(within(&child.whole, &part.body) && child.whole.start >= last);
        last = child.whole.end;
        assert_sound(bytes, child);
    }
    let joined: usize = part.fields(bytes).iter().map(|field| field.raw().len()).sum();
    assert_eq!(joined, part.header.len());
    let _ = (part.decoded(bytes), part.file_name());
}

proptest! {
    #[test]
    fn ranges_lie_in_the_message_and_children_in_their_parents(bytes in pieces(), depth in 0_usize..5, parts in 0_usize..9) {
        for limits in [Limits::default(), Limits { depth, parts }] {
            let tree = tree_of(&bytes, limits);
            prop_assert_eq!(&tree.root.whole, &(0..bytes.len()));
            assert_sound(&bytes, &tree.root);
        }
    }

    #[test]
    fn the_root_agrees_with_the_index_of_the_message(bytes in pieces()) {
        let message = Message::new(bytes);
        let tree = tree(&message, Limits::default());
        prop_assert_eq!(&message.bytes()[tree.root.header.clone()], message.header());
        prop_assert_eq!(&message.bytes()[tree.root.body.clone()], message.body());
    }

    #[test]
    fn values_of_any_bytes_survive_being_written(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        let written = ContentType {
            kind: "a".to_owned(),
            subtype: "b".to_owned(),
            params: vec![Parameter { name: "name".to_owned(), value: value.clone(), charset: None }],
            given: true,
        }
        .encode();
        prop_assert!(written.is_ascii() && written.split("\r\n").all(|line| line.len() <= 78));
        let read = ContentType::parse(written.as_bytes());
        prop_assert_eq!(&read.param("name").unwrap().value, &value);
    }
}
