//! NTA 7516 norm pack: record grammar, sending scheme, struck headers, TLS profiles.
