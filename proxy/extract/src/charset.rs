use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Bytes as text. A charset that is not named, not known or plainly wrong is guessed: UTF-8 where
/// the bytes are UTF-8, else Windows-1252, which has a letter for nearly every byte. Digits and
/// plain letters, which carry what matters most, are the same in all of them.
pub(crate) fn text(bytes: &[u8], charset: Option<&str>) -> String {
    let label = charset.unwrap_or_default().trim();
    if label.eq_ignore_ascii_case("utf-7") {
        return utf7(bytes);
    }
    // Labels of charsets that browsers refuse stand for one that makes every text a single mark.
    let named = Encoding::for_label_no_replacement(label.as_bytes());
    match named {
        Some(encoding) if encoding != UTF_8 && !encoding.name().starts_with("UTF-16") => {
            // us-ascii and latin-1 labels often stand over UTF-8 bytes.
            match core::str::from_utf8(bytes) {
                Ok(text) if encoding == WINDOWS_1252 => text.to_owned(),
                _ => encoding.decode(bytes).0.into_owned(),
            }
        }
        Some(encoding) if encoding != UTF_8 => encoding.decode(bytes).0.into_owned(),
        _ => match core::str::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) => {
                UTF_8.decode(bytes).0.into_owned()
            }
            Err(_) => WINDOWS_1252.decode(bytes).0.into_owned(),
        },
    }
}

/// RFC 2152: text with stretches of base64 between `+` and `-`.
fn utf7(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == b'+') {
        out.push_str(&String::from_utf8_lossy(&rest[..at]));
        rest = &rest[at + 1..];
        let end = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'+' && *byte != b'/')
            .unwrap_or(rest.len());
        if end == 0 {
            out.push('+');
        } else {
            out.push_str(&utf16_of_base64(&rest[..end]));
        }
        rest = &rest[end..];
        rest = rest.strip_prefix(b"-").unwrap_or(rest);
    }
    out.push_str(&String::from_utf8_lossy(rest));
    out
}

fn utf16_of_base64(text: &[u8]) -> String {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut units = Vec::new();
    let (mut bits, mut have) = (0_u32, 0);
    for &byte in text {
        bits = (bits << 6) | value(byte);
        have += 6;
        if have >= 16 {
            have -= 16;
            units.push(u16::try_from((bits >> have) & 0xffff).unwrap_or(0));
            bits &= (1 << have) - 1;
        }
    }
    String::from_utf16_lossy(&units)
}
