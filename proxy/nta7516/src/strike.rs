//! The headers that an unprotected mail must not carry (R-HDR-1, annex A of the guide).

/// True where a header field of this name is struck from mail that is sent unprotected
/// (R-HDR-1).
///
/// `name` is the field name without its colon; upper and lower case are the same
/// (RFC 5322 section 1.2.2).
#[must_use]
pub fn struck(name: &[u8]) -> bool {
    STRUCK_HEADERS.iter().any(|header| header.as_bytes().eq_ignore_ascii_case(name))
}

/// The names of annex A, as the guide writes them and in its order (R-HDR-1).
pub const STRUCK_HEADERS: [&str; 74] = [
    "Accept-Language",
    "Apparently-To",
    "ARC-Authentication-Results",
    "ARC-Message-Signature",
    "ARC-Seal",
    "Base",
    "Content-Base",
    "Content-Language",
    "DL-Expansion-History",
    "Downgraded-Bcc",
    "Downgraded-Cc",
    "Downgraded-Disposition-Notification-To",
    "Downgraded-From",
    "Downgraded-Mail-From",
    "Downgraded-Rcpt-To",
    "Downgraded-Reply-To",
    "Downgraded-Resent-Bcc",
    "Downgraded-Resent-Cc",
    "Downgraded-Resent-From",
    "Downgraded-Resent-Reply-To",
    "Downgraded-Resent-Sender",
    "Downgraded-Resent-To",
    "Downgraded-Return-Path",
    "Downgraded-Sender",
    "Downgraded-To",
    "EDIINT-Features",
    "Eesst-Version",
    "Errors-To",
    "Form-Sub",
    "Jabber-ID",
    "Language",
    "List-Archive",
    "List-Help",
    "List-ID",
    "List-Owner",
    "List-Post",
    "List-Subscribe",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MMHS-Acp127-Message-Identifier",
    "MMHS-Authorizing-Users",
    "MMHS-Codress-Message-Indicator",
    "MMHS-Copy-Precedence",
    "MMHS-Exempted-Address",
    "MMHS-Extended-Authorisation-Info",
    "MMHS-Handling-Instructions",
    "MMHS-Message-Instructions",
    "MMHS-Message-Type",
    "MMHS-Originator-PLAD",
    "MMHS-Originator-Reference",
    "MMHS-Other-Recipients-Indicator-CC",
    "MMHS-Other-Recipients-Indicator-To",
    "MMHS-Primary-Precedence",
    "MMHS-Subject-Indicator-Codes",
    "Organization",
    "Privicon",
    "Resent-Reply-To",
    "SIO-Label",
    "SIO-Label-History",
    "X-Archived-At",
    "X-Mittente",
    "X-Ricevuta",
    "X-Riferimento-Message-ID",
    "X-TipoRicevuta",
    "X-Trasporto",
    "X-VerificaSicurezza",
    "X400-Content-Identifier",
    "X400-Content-Return",
    "X400-Content-Type",
    "X400-MTS-Identifier",
    "X400-Originator",
    "X400-Received",
    "X400-Recipients",
    "X400-Trace",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_annex_names_74_headers_once_each() {
        let distinct: BTreeSet<String> =
            STRUCK_HEADERS.iter().map(|name| name.to_ascii_lowercase()).collect();
        assert_eq!(STRUCK_HEADERS.len(), 74);
        assert_eq!(distinct.len(), 74);
    }

    #[test]
    fn case_makes_no_difference() {
        for name in STRUCK_HEADERS {
            assert!(struck(name.as_bytes()), "{name}");
            assert!(struck(name.to_ascii_uppercase().as_bytes()), "{name}");
            assert!(struck(name.to_ascii_lowercase().as_bytes()), "{name}");
        }
    }

    #[test]
    fn other_headers_stay() {
        for name in [
            "Received",
            "From",
            "To",
            "Subject",
            "Message-ID",
            "DKIM-Signature",
            "X-NTA7516",
            "List-",
            "List-Idx",
            "X-X-Mittente",
            "",
        ] {
            assert!(!struck(name.as_bytes()), "{name}");
        }
    }
}
