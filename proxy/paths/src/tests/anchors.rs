use super::*;

#[test]
fn takes_pem_as_people_keep_it() {
    let (one, two) = (Party::root("Een"), Party::root("Twee"));
    let pem = |party: &Party| {
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &party.der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----")
    };
    let text =
        format!("Root of all\r\n{}\r\n\r\nand  {}\n", pem(&one).replace('\n', "\r\n"), pem(&two));
    let mut anchors = Anchors::new();
    assert_eq!(anchors.add_pem(None, text.as_bytes()), Ok(2));
    let names: Vec<_> = anchors.iter().map(|anchor| anchor.name.as_str()).collect();
    assert_eq!(names, ["Een", "Twee"]);
    // The same again changes nothing.
    assert_eq!(anchors.add_file(Some("Other"), &one.der), Ok(1));
    assert_eq!((anchors.len(), anchors.is_empty()), (2, false));
    let spaced = pem(&one).replace('=', "").replace("MII", " M I I ");
    assert_eq!(Anchors::new().add_file(None, spaced.as_bytes()), Ok(1));
    let trusted = pem(&one).replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    assert_eq!(Anchors::new().add_pem(None, trusted.as_bytes()), Ok(1));
}

#[test]
fn a_file_with_a_fault_adds_nothing() {
    let one = Party::root("Een");
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &one.der);
    let good = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    let mut anchors = Anchors::new();
    let bad = format!("{good}{}", good.replace(&text, "AAAA"));
    assert_eq!(anchors.add_pem(None, bad.as_bytes()), Err(PathsError::Certificate { place: 2 }));
    assert!(anchors.is_empty());
    assert_eq!(anchors.add_pem(None, b"hello"), Err(PathsError::Empty));
    assert_eq!(anchors.add_der(None, b"hello"), Err(PathsError::Certificate { place: 1 }));
}

#[test]
fn a_name_shown_to_people_cannot_turn_their_screen_around() {
    let root = Party::root("Jan\u{202e}gnirts\u{7}\nx");
    assert_eq!(anchors(&[&root]).iter().next().unwrap().name, "Jan\u{fffd}gnirts\u{fffd}\u{fffd}x");
}

#[test]
fn names_are_the_same_whatever_their_case_blanks_and_encoding() {
    let name = |tag: u8, text: &[u8]| {
        let pair = tlv(0x30, &[&[6, 3, 0x55, 4, 3], &tlv(tag, &[text])]);
        tlv(0x30, &[&tlv(0x31, &[&pair])])
    };
    let one = name(0x13, b"Jan  de Vries ");
    assert!(same_name(&one, &name(0x0c, b"jan de VRIES")));
    assert!(same_name(
        &one,
        &name(0x1e, &"JAN de Vries".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>())
    ));
    assert!(same_name(&name(0x0c, "Zo\u{eb}".as_bytes()), &name(0x0c, "ZOE\u{308}".as_bytes())));
    assert!(same_name(&name(0x14, b"Zo\xeb"), &name(0x0c, "zo\u{eb}".as_bytes())));
    assert!(!same_name(&one, &name(0x0c, b"Jan deVries")));
    assert!(!same_name(b"", b""), "what is no name is the same as nothing");
    let two = tlv(0x30, &[&one[2..], &one[2..]]);
    assert!(!same_name(&one, &two));
}

#[test]
fn a_certificate_without_end_of_validity_ends_with_time() {
    let time = |tag, text: &'static str| {
        der::time(der::Reader::new(&tlv(tag, &[text.as_bytes()])).any().unwrap())
    };
    assert_eq!(time(0x18, "99991231235959Z"), Ok(Timestamp::MAX));
    assert_eq!(time(0x17, "500101000000Z"), Ok("1950-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(time(0x17, "491231235959Z"), Ok("2049-12-31T23:59:59Z".parse().unwrap()));
    for (tag, wrong) in [
        (0x17, "4912312359Z"),
        (0x17, "491231235959+0100"),
        (0x18, "20261301000000Z"),
        (0x18, "20260101000000.5Z"),
        (0x04, "20260101000000Z"),
    ] {
        assert_eq!(time(tag, wrong), Err(der::Malformed), "{wrong}");
    }
}

#[test]
fn lengths_are_read_only_as_der_writes_them() {
    for bytes in [
        &[0x30][..],
        &[0x30, 0x80, 0, 0],
        &[0x30, 0x81, 0x05, 0, 0, 0, 0, 0],
        &[0x30, 0x82, 0, 0x80],
        &[0x30, 0x85, 1, 1, 1, 1, 1],
        &[0x30, 0x05, 0],
        &[0x3f, 0x81, 0, 0],
    ] {
        assert_eq!(der::Reader::new(bytes).any(), Err(der::Malformed), "{bytes:?}");
    }
    assert_eq!(der::count(&[0x7f, 0xff, 0xff, 0xff, 0xff]), Ok(u32::MAX), "too large to count");
    assert_eq!(der::count(&[0xff]), Err(der::Malformed), "below zero");
    assert_eq!(der::dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]), "1.2.840.113549");
    assert_eq!(der::dotted(&[0x88, 0x37, 3]), "2.999.3");
}
