//! A file of any bytes that is handed over: it is no mail, or has a verdict and as many blocks as are told.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verify::{Anchors, BLOCKS_MOST, Block, Cover, look};

fuzz_target!(|data: &[u8]| {
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    let Ok(looked) = look(data, None, &Anchors::new(), now) else { return };
    assert!(!looked.verdict.valid(), "nobody is trusted");
    assert!(count(&looked.blocks, looked.verdict.parts.len()) <= BLOCKS_MOST);
});

/// How many there are; each names a signed part that is there.
fn count(blocks: &[Block], parts: usize) -> usize {
    let inside = blocks.iter().map(|block| {
        if let Cover::Intact(part) | Cover::Broken(part) = block.cover {
            assert!(part < parts);
        }
        count(&block.inside, parts)
    });
    blocks.len() + inside.sum::<usize>()
}
