//! Compressed rich text of Outlook (MS-OXRTFCP).

use super::Desk;
use crate::Reason;

/// Unpacks a compressed body; what a broken one gives up to its fault.
pub(crate) fn unpack(bytes: &[u8], desk: &mut Desk) -> Vec<u8> {
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let (Some(size), Some(kind)) = (word(4), word(8)) else {
        desk.cut(Reason::Damaged);
        return Vec::new();
    };
    let packed = bytes.get(16..).unwrap_or_default();
    if kind == UNCOMPRESSED {
        return packed.to_vec();
    }
    if kind != COMPRESSED {
        desk.cut(Reason::Damaged);
        return Vec::new();
    }
    let left = usize::try_from(desk.unpacked_left()).unwrap_or(usize::MAX);
    let limit = (size as usize).min(desk.bounds().file).min(left);
    let out = expand(packed, limit);
    desk.unpacked(out.len());
    out
}

/// A ring of 4,096 bytes that begins with what every such body has; each bit of a control byte says
/// whether a byte or a stretch of the ring follows.
fn expand(packed: &[u8], limit: usize) -> Vec<u8> {
    let mut ring = [b' '; 4096];
    ring[..BEGIN.len()].copy_from_slice(BEGIN);
    let (mut write, mut out) = (BEGIN.len(), Vec::new());
    let mut bytes = packed.iter().copied();
    while let Some(control) = bytes.next() {
        for bit in 0..8 {
            if out.len() >= limit {
                return out;
            }
            if control >> bit & 1 == 0 {
                let Some(byte) = bytes.next() else { return out };
                put(&mut ring, &mut write, &mut out, byte);
                continue;
            }
            let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else { return out };
            let token = usize::from(u16::from_be_bytes([high, low]));
            let (from, length) = (token >> 4, (token & 0xf) + 2);
            if from == write {
                return out;
            }
            for step in 0..length {
                let byte = ring[(from + step) % ring.len()];
                put(&mut ring, &mut write, &mut out, byte);
            }
        }
    }
    out
}

fn put(ring: &mut [u8; 4096], write: &mut usize, out: &mut Vec<u8>, byte: u8) {
    ring[*write] = byte;
    *write = (*write + 1) % ring.len();
    out.push(byte);
}

const COMPRESSED: u32 = 0x7546_5a4c;
const UNCOMPRESSED: u32 = 0x414c_454d;
/// MS-OXRTFCP section 2.1.2.1.
const BEGIN: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
