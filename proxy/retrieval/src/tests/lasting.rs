//! Sessions that last, and connections that die without a word.

use super::*;

#[tokio::test(start_paused = true)]
async fn an_hour_of_idle_passes_and_the_next_word_comes_at_once() {
    let mut lab = session(b"", b"").await;
    lab.program.write_all(b"a IDLE\r\n").await.unwrap();
    hear(&mut lab.provider, b"a IDLE\r\n").await;
    lab.provider.write_all(b"+ idling\r\n").await.unwrap();
    hear(&mut lab.program, b"+ idling\r\n").await;
    for _ in 0..60 {
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(!lab.pump.is_finished(), "nobody ends a session that rests");
    }
    lab.provider.write_all(b"* 1 EXISTS\r\n").await.unwrap();
    hear(&mut lab.program, b"* 1 EXISTS\r\n").await;
    lab.program.write_all(b"DONE\r\n").await.unwrap();
    hear(&mut lab.provider, b"DONE\r\n").await;
    lab.provider.write_all(b"a OK done\r\n").await.unwrap();
    hear(&mut lab.program, b"a OK done\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_waited_for_and_nothing_of_ours_stands_in_it() {
    let mut lab = session(b"", b"").await;
    lab.program.write_all(b"a SELECT Groot\r\n").await.unwrap();
    hear(&mut lab.provider, b"a SELECT Groot\r\n").await;
    lab.provider.write_all(b"* 200000 EX").await.unwrap();
    hear(&mut lab.program, b"* 200000 EX").await;
    for _ in 0..20 {
        let mut early = [0; 16];
        let early = tokio::time::timeout(Duration::from_secs(61), lab.program.read(&mut early));
        assert!(early.await.is_err(), "neither a word of ours nor an end");
    }
    lab.provider.write_all(b"ISTS\r\na OK in\r\n").await.unwrap();
    hear(&mut lab.program, b"ISTS\r\na OK in\r\n").await;
}

#[tokio::test]
async fn a_connection_that_was_reset_ends_the_other_too() {
    // The provider's, as after a restart or under another address: the program hears why.
    let mut lab = session(b"", b"* 1 EXISTS\r\n").await;
    hear(&mut lab.program, b"* 1 EXISTS\r\n").await;
    lab.provider.set_zero_linger().unwrap();
    drop(lab.provider);
    let mut said = String::new();
    lab.program.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, format!("* BYE [UNAVAILABLE] {}\r\n", Words::ENGLISH.lost));
    lab.pump.await.unwrap();

    // The mail program's: the provider's place is free again.
    let mut lab = session(b"", b"* 1 EXISTS\r\n").await;
    hear(&mut lab.program, b"* 1 EXISTS\r\n").await;
    lab.program.set_zero_linger().unwrap();
    drop(lab.program);
    let mut said = Vec::new();
    lab.provider.read_to_end(&mut said).await.unwrap();
    assert!(said.is_empty());
    // It says nothing to that, and is not waited for.
    drop(lab.provider);
    lab.pump.await.unwrap();

    // Both, as when a computer wakes up.
    let mut lab = session(b"", b"* 1 EXISTS\r\n").await;
    hear(&mut lab.program, b"* 1 EXISTS\r\n").await;
    for side in [lab.program, lab.provider] {
        side.set_zero_linger().unwrap();
        drop(side);
    }
    lab.pump.await.unwrap();
}
