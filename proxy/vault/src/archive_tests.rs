//! What is kept, found again and destroyed.

use super::*;
use crate::Choice;
use crate::tests::{address, at, hold, vault};

fn new<'a>(bytes: &'a [u8], meta: &'a ArchiveMeta) -> NewCopy<'a> {
    NewCopy { bytes, meta, text: &NO_TEXT }
}

static NO_TEXT: Text = Text::EMPTY;

fn meta(recipient: &str) -> ArchiveMeta {
    ArchiveMeta {
        account: address("jan@praktijk.nl"),
        direction: Direction::Sent,
        from: Some(address("jan@praktijk.nl")),
        recipients: vec![address(recipient)],
        subject: "Verwijzing".to_owned(),
        sent_at: at(5),
        signed: true,
        attachments: Vec::new(),
        proofs: vec![serde_json::json!({ "route": "direct", "to": recipient })],
    }
}

#[test]
fn a_copy_comes_back_byte_for_byte() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    let copy = vault.keep_copy(id, new(b"as sent", &meta("a@b.nl")), at(2)).unwrap();
    assert_eq!(copy.to_string(), id.to_string());
    assert_eq!(vault.read_copy(copy).unwrap().bytes(), b"as sent");
    assert_eq!(vault.list_copies().unwrap()[0].meta, meta("a@b.nl"));
}

#[test]
fn the_same_bytes_are_kept_once_and_gather_recipients() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    vault.keep_copy(id, new(b"as sent", &meta("a@b.nl")), at(2)).unwrap();
    vault.keep_copy(id, new(b"as sent", &meta("c@d.nl")), at(3)).unwrap();
    let other = vault.keep_copy(id, new(b"plain", &meta("e@f.nl")), at(4)).unwrap();
    assert_eq!(other.to_string(), format!("{id}-2"));
    assert_eq!(other, other.to_string().parse().unwrap());
    let copies = vault.list_copies().unwrap();
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0].meta.recipients.len(), 2);
    assert_eq!(copies[0].meta.proofs.len(), 2);
    assert_eq!(vault.read_copy(other).unwrap().bytes(), b"plain");
    assert_eq!(vault.copy(other).unwrap().unwrap().meta.recipients[0], address("e@f.nl"));
}

#[test]
fn an_answer_to_nta_mail_is_known_by_its_reference() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    let signed = b"Message-ID: <1@praktijk.nl>\r\n\r\nx";
    vault.keep_copy(id, new(signed, &meta("a@b.nl")), at(2)).unwrap();
    vault.note_nta_mail(&Message::new(b"Message-Id:\r\n <2@b.nl>\r\n\r\n".to_vec())).unwrap();
    let knows = |id: &str| vault.knows_nta_mail(&["<0@x>".to_owned(), id.to_owned()]).unwrap();
    assert!(knows("<1@praktijk.nl>") && knows("2@b.nl"));
    assert!(!knows("<3@b.nl>"));
    assert!(!vault.knows_nta_mail(&[]).unwrap());
}

#[test]
fn an_unknown_copy_is_said_to_be_unknown() {
    let (_folder, vault) = vault();
    let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    assert!(vault.copy(id).unwrap().is_none());
    assert!(matches!(vault.read_copy(id), Err(VaultError::UnknownMessage { .. })));
    assert!("01ARZ3NDEKTSV4RRFFQ69G5FAV-x".parse::<ArchiveId>().is_err());
}

/// A copy that came in at this second, with these words.
fn received(vault: &Vault, second: i64, subject: &str, body: &str) -> ArchiveId {
    let meta = ArchiveMeta {
        direction: Direction::Received,
        subject: subject.to_owned(),
        sent_at: at(second),
        ..meta("jan@praktijk.nl")
    };
    let text = Text {
        subject: subject.to_owned(),
        people: "Zoë van Dijk <z@ziekenhuis.nl>".to_owned(),
        body: body.to_owned(),
        files: "uitslag-mri.pdf".to_owned(),
    };
    let bytes = format!("Subject: {subject}\r\n\r\n{body}");
    let copy = NewCopy { bytes: bytes.as_bytes(), meta: &meta, text: &text };
    vault.keep_received(copy, at(second)).unwrap().unwrap()
}

#[test]
fn a_received_copy_that_was_destroyed_does_not_come_back() {
    let (_folder, vault) = vault();
    let mut meta = ArchiveMeta { direction: Direction::Received, ..meta("jan@praktijk.nl") };
    let keep = |meta: &ArchiveMeta| vault.keep_received(new(b"in", meta), at(9)).unwrap();
    let id = keep(&meta).unwrap();
    assert!(!vault.knows_nta_mail(&["<1@x>".to_owned()]).unwrap());
    // Seen once more, with a verdict that is final now.
    meta.proofs = vec![serde_json::json!({ "verdict": "pass" })];
    assert_eq!(keep(&meta), Some(id));
    assert_eq!(vault.copy(id).unwrap().unwrap().meta, meta);
    assert_eq!(vault.list_copies().unwrap().len(), 1);
    vault.delete_copies(&[id], &Gone::Person("jan".to_owned()), at(10)).unwrap();
    assert_eq!(keep(&meta), None);
    assert!(vault.list_copies().unwrap().is_empty());
    // The same bytes in another account are another copy.
    meta.account = address("piet@praktijk.nl");
    assert!(keep(&meta).is_some());
}

fn found(vault: &Vault, query: &Query) -> Vec<ArchiveId> {
    vault.find_copies(query, 50).unwrap().copies.into_iter().map(|copy| copy.id).collect()
}

fn words(words: &str) -> Query {
    Query { words: words.to_owned(), ..Query::default() }
}

#[test]
fn a_copy_is_found_by_the_beginning_of_a_word_wherever_it_stands() {
    let (_folder, vault) = vault();
    let knee = received(&vault, 1, "Knie", "De meniscus is gescheurd; ëlders niets.");
    let hip = received(&vault, 2, "Heup", "Fysiotherapie helpt.");
    assert_eq!(found(&vault, &words("menis")), [knee]);
    assert_eq!(found(&vault, &words("KNIE elders")), [knee]);
    assert_eq!(found(&vault, &words("zoe mri")), [hip, knee], "newest first");
    assert_eq!(found(&vault, &words("\"heup\" (* NEAR")), [], "operators are words");
    assert_eq!(found(&vault, &words("\"heup\" (*")), [hip]);
    assert!(found(&vault, &words("knie heup")).is_empty());
    assert_eq!(found(&vault, &words(" ,;")), [hip, knee], "nothing typed is everything");
}

#[test]
fn what_narrows_a_list_is_asked_of_an_index_and_no_row_is_read_but_those_shown() {
    let (_folder, vault) = vault();
    for query in [
        Query::default(),
        words("brief"),
        Query { direction: Some(Direction::Sent), ..words("brief") },
        Query { since: Some(at(11)), account: Some(address("p@q.nl")), ..Query::default() },
        Query { until: Some(at(3)), after: Some(7), ..Query::default() },
    ] {
        let plan = vault.look(|database| {
            let (sql, values) = super::search::statement(&query, 50);
            let mut plan = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let steps = plan.query_map(rusqlite::params_from_iter(values), |row| row.get(3))?;
            Ok(steps.collect::<Result<Vec<String>, _>>()?.join("\n"))
        });
        let plan = plan.unwrap();
        assert!(plan.contains("archive USING INTEGER PRIMARY KEY"), "{plan}");
        assert!(plan.contains("a USING COVERING INDEX archive_facts"), "{plan}");
    }
}

#[test]
fn account_direction_and_time_narrow_what_is_found_and_pages_go_on() {
    let (_folder, vault) = vault();
    let held = hold(&vault, "x", at(1));
    let sent = vault.keep_copy(held, new(b"as sent", &meta("a@b.nl")), at(1)).unwrap();
    let all: Vec<ArchiveId> =
        (10..15).map(|second| received(&vault, second, "Brief", &second.to_string())).collect();
    let only = Query { direction: Some(Direction::Sent), ..Query::default() };
    assert_eq!(found(&vault, &only), [sent]);
    let between = Query { since: Some(at(11)), until: Some(at(13)), ..words("brief") };
    assert_eq!(found(&vault, &between), [all[2], all[1]]);
    let nobody = Query { account: Some(address("p@q.nl")), ..Query::default() };
    assert!(found(&vault, &nobody).is_empty());
    for words in ["", "brief"] {
        let mut query = Query { words: words.to_owned(), ..Query::default() };
        query.direction = Some(Direction::Received);
        let mut seen = Vec::new();
        loop {
            let page = vault.find_copies(&query, 2).unwrap();
            assert!(page.copies.len() <= 2);
            seen.extend(page.copies.iter().map(|copy| copy.id));
            query.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(seen, all.iter().rev().copied().collect::<Vec<_>>());
    }
}

#[test]
fn what_came_in_twice_is_kept_once() {
    let (_folder, vault) = vault();
    let one = received(&vault, 1, "Knie", "x");
    assert_eq!(received(&vault, 9, "Knie", "x"), one);
    assert_eq!(vault.list_copies().unwrap().len(), 1);
}

#[test]
fn a_deleted_copy_cannot_be_read_or_found_and_its_file_and_words_are_gone() {
    let (folder, vault) = vault();
    let knee = received(&vault, 1, "Knie", "meniscusscheur");
    let hip = received(&vault, 2, "Heup", "x");
    let gone = Gone::Person("jan".to_owned());
    assert_eq!(vault.delete_copies(&[knee], &gone, at(3)).unwrap(), 1);
    assert_eq!(vault.delete_copies(&[knee], &gone, at(3)).unwrap(), 0);
    assert!(matches!(vault.read_copy(knee), Err(VaultError::UnknownMessage { .. })));
    assert!(found(&vault, &words("meniscus")).is_empty());
    assert_eq!(found(&vault, &Query::default()), [hip]);
    assert_eq!(std::fs::read_dir(folder.path().join("bodies")).unwrap().count(), 1);
    vault.purge_words().unwrap();
    vault.purge_words().unwrap();
    assert_eq!(found(&vault, &words("heup")), [hip]);
    let index: i64 = vault
        .look(|database| {
            let blocks = "SELECT count(*) FROM archive_text_data
                          WHERE instr(CAST(block AS TEXT), 'eniscus') > 0";
            Ok(database.query_row(blocks, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(index, 0, "no part of the index has the word");
    let lines = vault.export_journal().unwrap();
    let line = lines.iter().find(|line| matches!(line.entry, Entry::CopyDestroyed { .. }));
    assert!(line.is_some());
}

#[test]
fn the_words_of_many_destroyed_copies_leave_an_index_of_many_parts_and_all_others_are_found() {
    let (_folder, vault) = vault();
    // Words that share no beginning: the index keeps of each only what differs from the one before.
    let body = |copy: i64| {
        let word = |n: i64| format!("{:05}geheim{copy}zz ", (n * 7_919 + copy * 104_729) % 100_000);
        (0..3_000).map(word).collect::<String>()
    };
    let copies: Vec<_> =
        (0..40).map(|copy| received(&vault, copy, &format!("Brief {copy}"), &body(copy))).collect();
    let blocks = |copy: usize| -> i64 {
        let count = "SELECT count(*) FROM archive_text_data
                     WHERE instr(block, CAST(?1 AS BLOB)) > 0";
        let word = format!("geheim{copy}zz");
        vault.look(|database| Ok(database.query_row(count, [word], |row| row.get(0))?)).unwrap()
    };
    let all: i64 = vault
        .look(|database| {
            let count = "SELECT count(*) FROM archive_text_data";
            Ok(database.query_row(count, [], |row| row.get(0))?)
        })
        .unwrap();
    assert!(all > 500, "{all} blocks are more than one step merges");
    let odd: Vec<_> = copies.iter().copied().skip(1).step_by(2).collect();
    let gone = Gone::Person("jan".to_owned());
    assert_eq!(vault.delete_copies(&odd, &gone, at(99)).unwrap(), 20);
    assert!((1..40).step_by(2).all(|copy| blocks(copy) > 0), "destroyed, and still in the index");
    vault.purge_words().unwrap();
    for (copy, id) in copies.iter().enumerate() {
        let is_kept = copy % 2 == 0;
        assert_eq!(blocks(copy) > 0, is_kept, "{copy}");
        let brief = found(&vault, &words(&format!("brief {copy}")));
        assert_eq!(brief.contains(id), is_kept, "{copy}");
    }
}

#[test]
fn with_the_last_copy_of_a_message_that_is_done_its_held_text_goes_too() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    let one = vault.keep_copy(id, new(b"one", &meta("a@b.nl")), at(2)).unwrap();
    let two = vault.keep_copy(id, new(b"two", &meta("c@d.nl")), at(2)).unwrap();
    let gone = Gone::Person("jan".to_owned());
    vault.delete_copies(&[one], &gone, at(3)).unwrap();
    assert!(vault.read(id).is_ok(), "another copy is kept, and someone still waits for it");
    vault.choose(id, Choice::Withdraw, at(4)).unwrap();
    let count = vault.delete_copies(&[two], &gone, at(5)).unwrap();
    assert_eq!(count, 1, "copies are counted, and not the files that go with them");
    assert!(matches!(vault.read(id), Err(VaultError::Discarded)));
    assert_eq!(vault.get(id).unwrap().evidence, "{}");
}

#[test]
fn a_copy_goes_by_its_age_only_after_a_person_agreed_and_not_where_it_is_kept_longer_since() {
    let (_folder, vault) = vault();
    let old = received(&vault, 10, "Oud", "x");
    received(&vault, 1000, "Nieuw", "x");
    let account = address("jan@praktijk.nl");
    let expired = |told| vault.expired_copies(&account, at(100), told).unwrap();
    assert_eq!(vault.expiring_copies(&account, Some(at(100))).unwrap().copies, 1);
    assert!(expired(at(5000)).is_empty(), "nobody agreed");
    let agreed = |second| vault.agree_to_expiry(&account, at(100), at(second)).unwrap();
    assert_eq!(agreed(2000).iter().map(|copy| copy.id).collect::<Vec<_>>(), [old]);
    assert!(agreed(2001).is_empty(), "once");
    assert_eq!(vault.expiring_copies(&account, Some(at(100))).unwrap().copies, 0);
    assert!(expired(at(2000)).is_empty());
    assert_eq!(expired(at(2001)), [old]);
    // Kept longer, or for good: what was agreed to is void.
    assert_eq!(vault.expiring_copies(&account, None).unwrap().copies, 0);
    assert!(expired(at(5000)).is_empty());
}

#[test]
fn a_copy_whose_file_was_changed_is_unsound_and_the_others_are_not() {
    let (folder, vault) = vault();
    let bent = received(&vault, 1, "Knie", "x");
    let sound = received(&vault, 2, "Heup", "x");
    let name = format!("{bent}.copy-1");
    let file = std::fs::read_dir(folder.path().join("bodies"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_string_lossy().starts_with(&name))
        .unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(vault.verify_copy(bent).unwrap().unwrap().id, bent);
    assert_eq!(vault.verify_copy(sound).unwrap(), None);
}

#[test]
fn copies_of_before_the_index_are_indexed_later() {
    let (_folder, vault) = vault();
    let copy = received(&vault, 1, "Knie", "x");
    vault
        .change(|change| {
            change.execute("UPDATE archive SET indexed = 0", [])?;
            Ok(())
        })
        .unwrap();
    assert_eq!(vault.unindexed_copies(9).unwrap(), [copy]);
    let text = Text { body: "enkel".to_owned(), ..Text::EMPTY };
    vault.index_copy(copy, &text).unwrap();
    assert!(vault.unindexed_copies(9).unwrap().is_empty());
    assert_eq!(found(&vault, &words("enkel")), [copy]);
    assert!(found(&vault, &words("uitslag")).is_empty(), "in place of what stood there");
}
