use jiff::Timestamp;

/// What is asked of [`judge`](crate::judge): one certificate, at one time, with all that may help.
///
/// Nothing in it is trusted: certificates, CRLs and OCSP responses are what a message or a cache
/// holds, in DER as received. What cannot be read is passed over.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The certificate in question.
    pub leaf: &'a [u8],
    /// Certificates that may lie between it and an anchor. The leaf may be among them.
    pub pool: Vec<&'a [u8]>,
    /// Certificate revocation lists (RFC 5280 section 5).
    pub crls: Vec<&'a [u8]>,
    /// OCSP responses (RFC 6960 section 4.2.1): an OCSPResponse, or the BasicOCSPResponse in it, which
    /// is what a SignedData carries (RFC 5940 section 2.1, CAdES revocation-values).
    pub ocsp: Vec<&'a [u8]>,
    /// What the certificate was used for.
    pub purpose: Purpose,
    /// The time for which it is asked: when the message came in, or now.
    pub at: Timestamp,
    /// What becomes of SHA-1 and of RSA keys under 2,048 bits.
    pub weak: Weak,
    /// The inputs of RFC 5280 section 6.1.1 (c) to (g).
    pub policies: PolicyInputs,
}

impl<'a> Question<'a> {
    /// A question with nothing that helps, in which weak keys are refused and no policy is asked for.
    #[must_use]
    pub fn new(leaf: &'a [u8], purpose: Purpose, at: Timestamp) -> Self {
        Self {
            leaf,
            pool: Vec::new(),
            crls: Vec::new(),
            ocsp: Vec::new(),
            purpose,
            at,
            weak: Weak::Refuse,
            policies: PolicyInputs::default(),
        }
    }
}

/// What a certificate was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign mail (RFC 8550 section 4.4): keyUsage and extendedKeyUsage must allow it.
    Mail,
    /// Whatever: keyUsage and extendedKeyUsage of the leaf are not looked at.
    Any,
}

/// What becomes of SHA-1 and of RSA keys under 2,048 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// No path goes over them, and the refusal says so.
    Refuse,
    /// They pass, for old mail that a person wants to look at. MD5 and RSA under 1,024 bits never do.
    Allow,
}

/// The inputs of RFC 5280 section 6.1.1 (c) to (g). The default asks for no policy, as mail does;
/// certificates that ask for one themselves are heard all the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyInputs {
    /// user-initial-policy-set, as dotted numbers. Empty: any-policy.
    pub acceptable: Vec<String>,
    /// initial-explicit-policy.
    pub explicit: bool,
    /// initial-policy-mapping-inhibit.
    pub inhibit_mapping: bool,
    /// initial-any-policy-inhibit.
    pub inhibit_any: bool,
}
