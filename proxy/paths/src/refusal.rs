use jiff::Timestamp;
use mail::days;
use serde::Serialize;

/// Why there is no path: of several that were tried, the one that came farthest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What is wrong.
    pub reason: Reason,
    /// Where on the way: 0 is the leaf, 1 its issuer, and so on.
    pub place: usize,
    /// Subject of the certificate at that place, as text.
    pub subject: String,
}

/// What is wrong with a path (RFC 5280 section 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes are no certificate as RFC 5280 section 4.1 says.
    Unreadable,
    /// It has expired.
    Expired {
        /// End of its validity.
        at: Timestamp,
    },
    /// It is not valid yet.
    NotYetValid {
        /// Start of its validity.
        from: Timestamp,
    },
    /// Nobody vouches for it but itself.
    SelfSigned,
    /// No certificate of its issuer is at hand, neither among the anchors nor in the message.
    NoIssuer {
        /// The issuer, as text.
        issuer: String,
    },
    /// The signature of its issuer is wrong.
    Signature,
    /// It issued another, and does not say that it may (section 6.1.4 (k)).
    NotCa,
    /// It issued another, and keyUsage does not allow that (section 6.1.4 (n)).
    NoCertSign,
    /// There are more issuers below it than pathLenConstraint allows (section 6.1.4 (l)).
    PathLength,
    /// keyUsage does not allow to sign mail (RFC 8550 section 4.4.2).
    KeyUsage,
    /// extendedKeyUsage does not allow mail (RFC 8550 section 4.4.4).
    ExtendedKeyUsage,
    /// A name lies outside what an issuer may name (section 6.1.3 (b) and (c)).
    NameConstraints {
        /// The name, as text.
        name: String,
    },
    /// A name constraint is of a form that is not understood, so that nothing passes it.
    UnknownConstraint,
    /// A critical extension is not understood (section 6.1.4 (o)).
    UnknownCritical {
        /// The extension, as dotted number.
        oid: String,
    },
    /// No certificate policy is left that all ask for (section 6.1.3 (f), 6.1.5 (g)).
    Policy,
    /// Mappings of certificate policies are not as section 6.1.4 (a) wants them.
    PolicyMapping,
    /// The key is too short.
    WeakKey {
        /// Its size.
        bits: usize,
    },
    /// The signature was made with a hash that can be forged.
    WeakHash {
        /// Its name.
        hash: String,
    },
    /// The signature is of a kind that is not used here, such as DSA.
    UnknownAlgorithm {
        /// The algorithm, as dotted number.
        oid: String,
    },
    /// The search was given up at a bound.
    TooMany(Bound),
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Bound {
    /// Certificates one above the other.
    Depth,
    /// Issuers that were tried.
    Tried,
    /// Names, constraints or policies in one certificate.
    Entries,
}

impl Refusal {
    /// What happened and what to do, in Dutch.
    #[must_use]
    pub fn dutch(&self) -> String {
        let who = &self.subject;
        match &self.reason {
            Reason::Unreadable => {
                "Het certificaat is niet te lezen. Vraag de afzender om het bericht opnieuw te sturen."
                    .to_owned()
            }
            Reason::Expired { at } => format!(
                "Het certificaat van {who} is verlopen op {}. Vraag de afzender om een nieuw certificaat te gebruiken.",
                days::dutch(*at)
            ),
            Reason::NotYetValid { from } => format!(
                "Het certificaat van {who} geldt pas vanaf {}. Controleer de klok van deze computer.",
                days::dutch_moment(*from)
            ),
            Reason::SelfSigned => format!(
                "Niemand staat in voor het certificaat van {who}: het is door zichzelf ondertekend. Controleer bij de afzender, bijvoorbeeld telefonisch, of het echt is."
            ),
            Reason::NoIssuer { issuer } => format!(
                "De uitgever {issuer} van het certificaat van {who} is niet bekend als vertrouwd. Voeg het stamcertificaat toe als uw organisatie deze uitgever vertrouwt."
            ),
            Reason::Signature => format!(
                "De handtekening van de uitgever onder het certificaat van {who} klopt niet. Vertrouw dit bericht niet en neem contact op met de afzender."
            ),
            Reason::NotCa | Reason::NoCertSign => format!(
                "Met het certificaat van {who} is een ander certificaat uitgegeven, en dat mag niet. Vertrouw dit bericht niet en neem contact op met de afzender."
            ),
            Reason::PathLength => format!(
                "Onder het certificaat van {who} staan meer uitgevers dan het toestaat. Vertrouw dit bericht niet en neem contact op met de afzender."
            ),
            Reason::KeyUsage | Reason::ExtendedKeyUsage => format!(
                "Het certificaat van {who} is niet bedoeld om e-mail te ondertekenen. Vraag de afzender om een certificaat voor e-mail te gebruiken."
            ),
            Reason::NameConstraints { name } => format!(
                "De uitgever mag geen certificaat voor {name} uitgeven. Vertrouw dit bericht niet en neem contact op met de afzender."
            ),
            Reason::UnknownConstraint | Reason::UnknownCritical { .. } => format!(
                "Het certificaat van {who} stelt een eis die dit programma niet kent. Vraag uw beheerder om het certificaat te beoordelen."
            ),
            Reason::Policy | Reason::PolicyMapping => format!(
                "Het certificaat van {who} voldoet niet aan het certificaatbeleid dat zijn uitgever eist. Vraag uw beheerder om het certificaat te beoordelen."
            ),
            Reason::WeakKey { bits } => format!(
                "De sleutel van {who} is met {bits} bits te kort om te vertrouwen. Vraag de afzender om een nieuw certificaat te gebruiken."
            ),
            Reason::WeakHash { hash } => format!(
                "Het certificaat van {who} is ondertekend met {hash}, dat te vervalsen is. Vraag de afzender om een nieuw certificaat te gebruiken."
            ),
            Reason::UnknownAlgorithm { oid } => format!(
                "Het certificaat van {who} is ondertekend op een manier ({oid}) die dit programma niet kent. Vraag de afzender om een ander certificaat te gebruiken."
            ),
            Reason::TooMany(_) => format!(
                "Bij het certificaat van {who} horen te veel gegevens om te beoordelen. Vraag uw beheerder om het bericht te bekijken."
            ),
        }
    }

    /// What happened and what to do, in English.
    #[must_use]
    pub fn english(&self) -> String {
        let who = &self.subject;
        match &self.reason {
            Reason::Unreadable => {
                "The certificate cannot be read. Ask the sender to send the message again."
                    .to_owned()
            }
            Reason::Expired { at } => format!(
                "The certificate of {who} expired on {}. Ask the sender to use a new certificate.",
                days::english(*at)
            ),
            Reason::NotYetValid { from } => format!(
                "The certificate of {who} is valid only from {}. Check the clock of this computer.",
                days::english_moment(*from)
            ),
            Reason::SelfSigned => format!(
                "Nobody vouches for the certificate of {who}: it is signed by itself. Ask the sender, by telephone for instance, whether it is genuine."
            ),
            Reason::NoIssuer { issuer } => format!(
                "The issuer {issuer} of the certificate of {who} is not known as trusted. Add its root certificate if your organisation trusts this issuer."
            ),
            Reason::Signature => format!(
                "The issuer's signature under the certificate of {who} is wrong. Do not trust this message, and ask the sender."
            ),
            Reason::NotCa | Reason::NoCertSign => format!(
                "The certificate of {who} was used to issue another, which it may not. Do not trust this message, and ask the sender."
            ),
            Reason::PathLength => format!(
                "There are more issuers below the certificate of {who} than it allows. Do not trust this message, and ask the sender."
            ),
            Reason::KeyUsage | Reason::ExtendedKeyUsage => format!(
                "The certificate of {who} is not meant for signing mail. Ask the sender to use a certificate for mail."
            ),
            Reason::NameConstraints { name } => format!(
                "The issuer may not issue a certificate for {name}. Do not trust this message, and ask the sender."
            ),
            Reason::UnknownConstraint | Reason::UnknownCritical { .. } => format!(
                "The certificate of {who} demands something that this program does not know. Ask your administrator to look at the certificate."
            ),
            Reason::Policy | Reason::PolicyMapping => format!(
                "The certificate of {who} does not meet the certificate policy that its issuer demands. Ask your administrator to look at the certificate."
            ),
            Reason::WeakKey { bits } => format!(
                "The key of {who}, of {bits} bits, is too short to trust. Ask the sender to use a new certificate."
            ),
            Reason::WeakHash { hash } => format!(
                "The certificate of {who} is signed with {hash}, which can be forged. Ask the sender to use a new certificate."
            ),
            Reason::UnknownAlgorithm { oid } => format!(
                "The certificate of {who} is signed in a way ({oid}) that this program does not know. Ask the sender to use another certificate."
            ),
            Reason::TooMany(_) => format!(
                "The certificate of {who} comes with too much to judge. Ask your administrator to look at the message."
            ),
        }
    }
}
