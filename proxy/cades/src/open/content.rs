use core::cell::RefCell;
use std::borrow::Cow;

use aws_lc_rs::digest::Digest;

use crate::open::algorithms::Hash;

/// What a signature covers, in the forms in which it may have been signed.
pub(crate) struct Content<'a> {
    forms: Vec<Cow<'a, [u8]>>,
    digests: RefCell<Vec<(Hash, Digest)>>,
}

impl<'a> Content<'a> {
    /// What travelled inside the signature: as it is.
    pub(crate) fn inside(bytes: &'a [u8]) -> Self {
        Self { forms: vec![Cow::Borrowed(bytes)], digests: RefCell::default() }
    }

    /// What travelled beside it. Mail is signed with CRLF line ends (RFC 8551 section 3.1.1), and a file on
    /// disk may have lost them: a bare LF is read as CRLF, once, and nothing else is changed.
    pub(crate) fn beside(bytes: &'a [u8]) -> Self {
        let mut forms = Vec::new();
        forms.extend(canonical(bytes).map(Cow::Owned));
        forms.push(Cow::Borrowed(bytes));
        Self { forms, digests: RefCell::default() }
    }

    pub(crate) fn forms(&self) -> impl Iterator<Item = &[u8]> {
        self.forms.iter().map(AsRef::as_ref)
    }

    /// True where this is the digest of one of the forms.
    pub(crate) fn has(&self, hash: Hash, digest: &[u8]) -> bool {
        let mut known = self.digests.borrow_mut();
        if !known.iter().any(|(of, _)| *of == hash) {
            known.extend(self.forms().map(|form| (hash, hash.digest(form))));
        }
        known.iter().any(|(of, own)| *of == hash && own.as_ref() == digest)
    }
}

/// With each bare LF as CRLF; None where there is none.
fn canonical(bytes: &[u8]) -> Option<Vec<u8>> {
    let bare = |at: &usize| *at == 0 || bytes[*at - 1] != b'\r';
    let mut ends = memchr::memchr_iter(b'\n', bytes).filter(bare).peekable();
    ends.peek()?;
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut start = 0;
    for end in ends {
        out.extend_from_slice(&bytes[start..end]);
        out.push(b'\r');
        start = end;
    }
    out.extend_from_slice(&bytes[start..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_line_feeds_become_crlf_and_nothing_else_changes() {
        assert_eq!(canonical(b"a\r\nb\r\n"), None);
        assert_eq!(canonical(b"\na\r\n\nb\r c").unwrap(), b"\r\na\r\n\r\nb\r c");
        let content = Content::beside(b"a\n");
        let digest = |bytes: &[u8]| Hash::Sha256.digest(bytes);
        assert!(content.has(Hash::Sha256, digest(b"a\r\n").as_ref()));
        assert!(content.has(Hash::Sha256, digest(b"a\n").as_ref()));
        assert!(!content.has(Hash::Sha256, digest(b"a").as_ref()));
        assert!(!content.has(Hash::Sha384, digest(b"a\n").as_ref()));
        assert!(!Content::inside(b"a\n").has(Hash::Sha256, digest(b"a\r\n").as_ref()));
    }
}
