//! PEM (RFC 7468), as issuers and programs hand it out: with text around the blocks, with other labels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// One block. What is in it may be a key, so that it is wiped when dropped.
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// Whether the bytes are text with at least one block in it.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// The blocks with one of these labels, in their order; `None` where one of them is damaged, or there
/// are too many. Others are passed over: some have lines that are no base64 (RFC 1421).
pub(crate) fn blocks<'a>(bytes: &'a [u8], labels: &[&str]) -> Option<Vec<Block<'a>>> {
    let mut blocks = Vec::new();
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES))
        else {
            continue;
        };
        let label = core::str::from_utf8(label).ok().filter(|label| labels.contains(label));
        let Some(label) = label else { continue };
        // As long as the whole, so that no copy is left behind when it grows.
        let mut text = Zeroizing::new(Vec::with_capacity(bytes.len()));
        loop {
            let line = lines.next()?;
            if line.starts_with(END) {
                break;
            }
            text.extend_from_slice(line);
        }
        let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
        let length = STANDARD.decode_slice(&*text, &mut der).ok()?;
        der.truncate(length);
        if blocks.len() == BLOCKS_MOST {
            return None;
        }
        blocks.push(Block { label, der });
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
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// A key, its certificate and a handful of issuers.
const BLOCKS_MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_other_text_whatever_ends_the_lines() {
        let der: Vec<u8> = (0..200).collect();
        let text = format!(
            "Bag Attributes\n  naam: x\n{}-----BEGIN OLD-----\nProc-Type: 4\n-----END OLD-----\n{}",
            encode("CERTIFICATE", &der),
            encode("PRIVATE KEY", b"key")
        );
        for text in [text.clone(), text.replace('\n', "\r\n"), text.replace('\n', " \r")] {
            let found = blocks(text.as_bytes(), &["CERTIFICATE", "PRIVATE KEY"]).unwrap();
            let found: Vec<_> = found.iter().map(|one| (one.label, one.der.as_slice())).collect();
            assert_eq!(found, [("CERTIFICATE", der.as_slice()), ("PRIVATE KEY", b"key")]);
            assert!(blocks(text.as_bytes(), &["OLD"]).is_none(), "no base64");
        }
    }

    #[test]
    fn a_block_without_its_end_and_too_many_blocks_are_damage() {
        assert!(blocks(b"-----BEGIN X-----\nAAAA\n", &["X"]).is_none());
        assert!(blocks(encode("X", b"").repeat(BLOCKS_MOST).as_bytes(), &["X"]).is_some());
        assert!(blocks(encode("X", b"").repeat(BLOCKS_MOST + 1).as_bytes(), &["X"]).is_none());
    }
}
