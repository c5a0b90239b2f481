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
        let wide: Secret = Zeroizing::new(units.flat_map(u16::to_be_bytes).collect());
        let plain = Zeroizing::new(text.as_bytes().to_vec());
        let mut all = Self { plain: vec![plain, wide.clone()], wide: vec![wide] };
        if text.is_empty() {
            all.wide.push(Zeroizing::new(Vec::new()));
        } else if !text.is_ascii() {
            // Programs that take the bytes of UTF-8 for letters of Latin-1: OpenSSL before 1.1, and others.
            let bytes = text.bytes().flat_map(|byte| [0, byte]).chain([0, 0]);
            all.wide.push(Zeroizing::new(bytes.collect()));
            let latin: Option<Vec<u8>> =
                text.chars().map(|sign| u8::try_from(u32::from(sign)).ok()).collect();
            all.plain.extend(latin.map(Zeroizing::new));
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

#[cfg(test)]
mod tests {
    use super::*;

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
