//! HTML of mails to blocks: to an end, within the bounds of depth and text, and twice alike; text outside of
//! tags is kept.

#![no_main]

use libfuzzer_sys::fuzz_target;
use typeset::block::{Block, text_of};
use typeset::html::{self, read};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let once = read(&text, "absent");
    assert_eq!(once, read(&text, "absent"));
    assert!(depth(&once.blocks) <= 2 * html::DEPTH);
    assert!(size(&once.blocks) <= 2 * html::TEXT);
    let plain = !text.contains(['<', '&']) && text.chars().any(|c| !c.is_whitespace() && !c.is_control());
    assert!(!plain || size(&once.blocks) > 0 || once.cut);
});

fn depth(blocks: &[Block]) -> usize {
    let one = |block: &Block| match block {
        Block::List(list) => 1 + list.items.iter().map(|item| depth(item)).max().unwrap_or(0),
        Block::Quote(inner) => 1 + depth(inner),
        _ => 0,
    };
    blocks.iter().map(one).max().unwrap_or(0)
}

fn size(blocks: &[Block]) -> usize {
    let one = |block: &Block| match block {
        Block::Heading(_, runs) | Block::Paragraph(runs) => text_of(runs).len(),
        Block::List(list) => list.items.iter().map(|item| size(item)).sum(),
        Block::Quote(inner) => size(inner),
        Block::Table(table) => table.rows.iter().flatten().map(|cell| text_of(&cell.runs).len()).sum(),
        _ => 0,
    };
    blocks.iter().map(one).sum()
}
