//! PEM (RFC 7468), as issuers and programs hand it out: with text around the blocks, with other labels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

/// One block. What is in it may be a key, so that it is wiped when dropped.
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// Whether the bytes are text with at least one block in it.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// The blocks; `None` where one is damaged, or there are too many.
pub(crate) fn blocks(bytes: &[u8]) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    for block in Pem::iter_from_buffer(bytes) {
        if blocks.len() == BLOCKS_MOST {
            return None;
        }
        let block = block.ok()?;
        blocks.push(Block { label: block.label, der: Zeroizing::new(block.contents) });
    }
    Some(blocks)
}

/// A block of PEM, its lines 64 long and ended by LF. For what is no secret: it is not wiped.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

const BEGIN: &[u8] = b"-----BEGIN ";
/// A key, its certificate and a handful of issuers.
const BLOCKS_MOST: usize = 200;
