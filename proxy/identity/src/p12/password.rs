//! A password in the ways in which programs turn it into bytes.

use zeroize::Zeroizing;

use super::Secret;

/// A password as it may have been written down as bytes. RFC 7292 appendix B.1 wants two bytes a
/// character and two zeros at the end for its own derivation; PBKDF2 is given UTF-8 by most programs
/// and the other form by some. An empty password has one form with the zeros and one without.
pub(crate) struct Password {
    wide: Vec<Secret>,
    plain: Vec<Secret>,
}

impl Password {
    /// A password as a person gave it.
    pub(crate) fn new(text: &str) -> Self {
        let units = text.encode_utf16().chain([0]);
        // A unit comes of one byte of UTF-8 at least.
        let wide = collected(units.flat_map(u16::to_be_bytes), 2 * text.len() + 2);
        let plain = Zeroizing::new(text.as_bytes().to_vec());
        let mut all = Self { plain: vec![plain, wide.clone()], wide: vec![wide] };
        if text.is_empty() {
            all.wide.push(Zeroizing::new(Vec::new()));
        } else if !text.is_ascii() {
            // Programs that take the bytes of UTF-8 for letters of Latin-1: OpenSSL before 1.1, and others.
            let bytes = text.bytes().flat_map(|byte| [0, byte]).chain([0, 0]);
            all.wide.push(collected(bytes, 2 * text.len() + 2));
            if text.chars().all(|sign| u32::from(sign) < 0x100) {
                let latin = text.chars().filter_map(|sign| u8::try_from(u32::from(sign)).ok());
                all.plain.push(collected(latin, text.len()));
            }
        }
        all
    }

    /// For the derivation of RFC 7292 appendix B.
    pub(super) fn wide(&self) -> &[Secret] {
        &self.wide
    }

    /// For PBKDF2.
    pub(super) fn plain(&self) -> &[Secret] {
        &self.plain
    }

    /// The same, where it is known which form the writer used for RFC 7292: only that is tried again.
    pub(super) fn with_wide(&self, form: &Secret) -> Self {
        Self { wide: vec![form.clone()], plain: self.plain.clone() }
    }

    /// The same, where it is known which form the writer used for PBKDF2.
    pub(super) fn with_plain(&self, form: &Secret) -> Self {
        Self { wide: self.wide.clone(), plain: vec![form.clone()] }
    }
}

/// The bytes, in a buffer that never grows: one that moves leaves its old place unwiped.
fn collected(bytes: impl Iterator<Item = u8>, most: usize) -> Secret {
    let mut out = Zeroizing::new(Vec::with_capacity(most));
    out.extend(bytes.take(most));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_password_outgrows_its_buffer_which_is_wiped() {
        for text in ["", "abc", "wáchtwoord", "wachtwoord€", "\u{1F511}"] {
            let units: usize = text.encode_utf16().count();
            let password = Password::new(text);
            assert_eq!(password.wide()[0].len(), 2 * units + 2, "{text}");
            let latin = text.chars().all(|sign| u32::from(sign) < 0x100) && !text.is_ascii();
            assert_eq!(password.plain().len(), if latin { 3 } else { 2 }, "{text}");
        }
        let latin = Password::new("wáchtwoord");
        assert_eq!(*latin.plain()[2], *b"w\xe1chtwoord");
        assert_eq!(latin.wide()[1].len(), 2 * "wáchtwoord".len() + 2);
    }

    #[test]
    fn letters_become_two_bytes_and_two_zeros_end_them() {
        let password = Password::new("aé€");
        assert_eq!(*password.wide()[0], [0, 0x61, 0, 0xe9, 0x20, 0xac, 0, 0]);
        assert_eq!(password.wide().len(), 2);
        assert_eq!(*password.plain()[0], *"aé€".as_bytes());
    }

    #[test]
    fn an_empty_password_is_tried_with_zeros_and_without() {
        let password = Password::new("");
        assert_eq!(password.wide().iter().map(|form| form.len()).collect::<Vec<_>>(), [2, 0]);
    }
}
