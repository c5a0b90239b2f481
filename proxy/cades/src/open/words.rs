//! The sentences of reasons, Dutch and English.

use mail::days;

use crate::open::author::Unclear;
use crate::open::reason::{Much, Reason};

impl Reason {
    /// What happened and what to do, in Dutch.
    #[must_use]
    pub fn dutch(&self) -> String {
        match self {
            Self::Signed { by, anchor } => {
                format!("Ondertekend door {by}; {anchor} staat voor die naam in.")
            }
            Self::NotCades { by } => format!(
                "De handtekening van {by} is gewoon S/MIME, geen CAdES: zij noemt haar certificaat niet."
            ),
            Self::OldAttribute { by } => format!(
                "De handtekening van {by} noemt haar certificaat met SHA-1, zoals vroeger gebruikelijk was."
            ),
            Self::NotKnown(revocation) | Self::Revoked(revocation) => {
                revocation.dutch().unwrap_or_default()
            }
            Self::NoPath(refusal) | Self::BadPath(refusal) => refusal.dutch(),
            Self::Inside { part } => format!(
                "Een handtekening binnen het ondertekende deel ({part}) is niet in orde. Vraag de afzender ernaar als dat deel ertoe doet."
            ),
            Self::NoAttributes { by } => format!(
                "De handtekening van {by} mist de gegevens waaraan te zien is wat er precies is ondertekend. Vraag de afzender om met een ander programma te ondertekenen."
            ),
            Self::Weak { by, what } => format!(
                "De handtekening van {by} is met {what} gemaakt en te vervalsen. Vraag de afzender om sterker te ondertekenen."
            ),
            Self::OtherSender { from, by } => format!(
                "Het bericht zegt van {from} te komen, maar is ondertekend door {by}. Controleer bij de afzender of het echt is."
            ),
            Self::NoAuthor(unclear) => format!(
                "Van wie het bericht is, is niet duidelijk: {}. Ga alleen af op wie er ondertekende.",
                unclear.dutch()
            ),
            Self::SigningTime { by, at } => format!(
                "{by} zegt te hebben ondertekend op {}, en dat kan niet: het certificaat gold toen niet, of die tijd moet nog komen. Vraag de afzender om de klok na te kijken.",
                days::dutch_moment(*at)
            ),
            Self::Changed { by } => format!(
                "Het bericht is na het ondertekenen door {by} veranderd. Vertrouw de inhoud niet en vraag de afzender om het opnieuw te sturen."
            ),
            Self::Signature { by } => format!(
                "De handtekening is niet van {by}, wiens certificaat erbij zit. Vertrouw dit bericht niet en neem contact op met de afzender."
            ),
            Self::OtherCertificate { by } => format!(
                "De handtekening noemt een ander certificaat dan dat van {by}, dat erbij zit. Vertrouw dit bericht niet en neem contact op met de afzender."
            ),
            Self::Attributes { by } => format!(
                "Bij de handtekening van {by} ontbreekt een verplicht gegeven, of het staat er dubbel of onleesbaar. Vraag de afzender om het bericht opnieuw te sturen."
            ),
            Self::Algorithm { by, oid } => format!(
                "De handtekening van {by} is gemaakt op een manier ({oid}) die dit programma niet kent. Vraag de afzender om anders te ondertekenen."
            ),
            Self::Disagree { by } => format!(
                "De handtekening van {by} spreekt zichzelf tegen over hoe zij is gemaakt. Vraag de afzender om met een ander programma te ondertekenen."
            ),
            Self::TooMuch(much) => format!(
                "Het bericht heeft te veel {} om te beoordelen. Vraag uw beheerder om het te bekijken.",
                much.dutch()
            ),
            plain => plain.fixed().0.to_owned(),
        }
    }

    /// What happened and what to do, in English.
    #[must_use]
    pub fn english(&self) -> String {
        match self {
            Self::Signed { by, anchor } => {
                format!("Signed by {by}; {anchor} vouches for that name.")
            }
            Self::NotCades { by } => format!(
                "The signature of {by} is plain S/MIME, not CAdES: it does not name its certificate."
            ),
            Self::OldAttribute { by } => {
                format!("The signature of {by} names its certificate by SHA-1, as was usual once.")
            }
            Self::NotKnown(revocation) | Self::Revoked(revocation) => {
                revocation.english().unwrap_or_default()
            }
            Self::NoPath(refusal) | Self::BadPath(refusal) => refusal.english(),
            Self::Inside { part } => format!(
                "A signature inside the signed part ({part}) is not in order. Ask the sender about it if that part matters."
            ),
            Self::NoAttributes { by } => format!(
                "The signature of {by} lacks the data that show what exactly was signed. Ask the sender to sign with another program."
            ),
            Self::Weak { by, what } => format!(
                "The signature of {by} was made with {what} and can be forged. Ask the sender to sign in a stronger way."
            ),
            Self::OtherSender { from, by } => format!(
                "The message says that it is from {from}, but {by} signed it. Ask the sender whether it is genuine."
            ),
            Self::NoAuthor(unclear) => format!(
                "Who the message is from is not clear: {}. Go by who signed, and nothing else.",
                unclear.english()
            ),
            Self::SigningTime { by, at } => format!(
                "{by} claims to have signed on {}, which cannot be: the certificate was not valid then, or that time is still to come. Ask the sender to check the clock.",
                days::english_moment(*at)
            ),
            Self::Changed { by } => format!(
                "The message was changed after {by} signed it. Do not trust what it says, and ask the sender to send it again."
            ),
            Self::Signature { by } => format!(
                "The signature is not by {by}, whose certificate is enclosed. Do not trust this message, and ask the sender."
            ),
            Self::OtherCertificate { by } => format!(
                "The signature names another certificate than that of {by}, which is enclosed. Do not trust this message, and ask the sender."
            ),
            Self::Attributes { by } => format!(
                "In the signature of {by} something required is missing, doubled or unreadable. Ask the sender to send the message again."
            ),
            Self::Algorithm { by, oid } => format!(
                "The signature of {by} was made in a way ({oid}) that this program does not know. Ask the sender to sign in another way."
            ),
            Self::Disagree { by } => format!(
                "The signature of {by} contradicts itself about how it was made. Ask the sender to sign with another program."
            ),
            Self::TooMuch(much) => format!(
                "The message has too many {} to judge. Ask your administrator to look at it.",
                much.english()
            ),
            plain => plain.fixed().1.to_owned(),
        }
    }

    /// Sentences that name nobody, Dutch and English.
    fn fixed(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotSigned => ("Het bericht is niet ondertekend.", "The message is not signed."),
            Self::CertificatesOnly => (
                "Het bericht heeft alleen certificaten bij zich en is niet ondertekend.",
                "The message carries certificates only, and is not signed.",
            ),
            Self::Encrypted => (
                "Het bericht is versleuteld; of het ondertekend is, is hier niet te zien.",
                "The message is encrypted; whether it is signed cannot be seen here.",
            ),
            Self::NotSmime => (
                "Het bericht is op een andere manier dan S/MIME ondertekend; dat is hier niet na te gaan.",
                "The message is signed in another way than S/MIME, which cannot be checked here.",
            ),
            Self::Outside => (
                "Buiten de delen van het bericht staat tekst die niet ondertekend is; mailprogramma's tonen die niet.",
                "Outside the parts of the message stands text that is not signed; mail programs do not show it.",
            ),
            Self::Partly => (
                "Alleen een deel van het bericht is ondertekend. Wat daarbuiten staat, kan van een ander zijn.",
                "Only a part of the message is signed. What stands outside it may be somebody else's.",
            ),
            Self::TwoContents => (
                "De handtekening heeft een eigen inhoud naast die van het bericht. Vertrouw dit bericht niet en neem contact op met de afzender.",
                "The signature has content of its own beside that of the message. Do not trust this message, and ask the sender.",
            ),
            Self::Structure => (
                "Het ondertekende bericht bestaat niet uit precies een inhoud en een handtekening. Vraag de afzender om het opnieuw te sturen.",
                "The signed message is not exactly a content and a signature. Ask the sender to send it again.",
            ),
            Self::Damaged => (
                "De handtekening is onderweg beschadigd. Vraag de afzender om het bericht opnieuw te sturen.",
                "The signature was damaged on its way. Ask the sender to send the message again.",
            ),
            Self::NoContent => (
                "De handtekening kwam zonder wat zij ondertekent. Geef ook het bestand dat is ondertekend.",
                "The signature came without what it signs. Give the file that was signed too.",
            ),
            Self::NoCertificate => (
                "Het certificaat van de ondertekenaar zit er niet bij of is niet te lezen. Vraag de afzender om het mee te sturen.",
                "The signer's certificate is not enclosed or cannot be read. Ask the sender to send it along.",
            ),
            // Unreadable; all others have names in their sentences.
            _ => (
                "De handtekening is niet te lezen. Vraag de afzender om het bericht opnieuw te sturen.",
                "The signature cannot be read. Ask the sender to send the message again.",
            ),
        }
    }
}

impl Unclear {
    fn dutch(self) -> &'static str {
        match self {
            Self::Missing => "er staat geen afzender in",
            Self::Fields => "er staan meer afzendervelden in",
            Self::Addresses => "er staan meer afzenders in",
            Self::Unreadable => "de afzender is geen mailadres",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Missing => "it names no sender",
            Self::Fields => "it has several From fields",
            Self::Addresses => "it names several senders",
            Self::Unreadable => "the sender is no mail address",
        }
    }
}

impl Much {
    fn dutch(self) -> &'static str {
        match self {
            Self::Signers => "ondertekenaars",
            Self::Depth => "lagen in de handtekening",
            Self::Elements => "stukken in de handtekening",
            Self::Parts => "delen of lagen",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Signers => "signers",
            Self::Depth => "levels in its signature",
            Self::Elements => "pieces in its signature",
            Self::Parts => "parts or levels",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_sentence_in_both_languages() {
        let by = || "Jan".to_owned();
        let reasons = [
            Reason::NotSigned,
            Reason::CertificatesOnly,
            Reason::Encrypted,
            Reason::NotSmime,
            Reason::Signed { by: by(), anchor: by() },
            Reason::NotCades { by: by() },
            Reason::OldAttribute { by: by() },
            Reason::Outside,
            Reason::Inside { part: "1".to_owned() },
            Reason::Partly,
            Reason::NoAttributes { by: by() },
            Reason::Weak { by: by(), what: "MD5".to_owned() },
            Reason::OtherSender { from: by(), by: by() },
            Reason::NoAuthor(Unclear::Missing),
            Reason::NoAuthor(Unclear::Fields),
            Reason::NoAuthor(Unclear::Addresses),
            Reason::NoAuthor(Unclear::Unreadable),
            Reason::Changed { by: by() },
            Reason::Signature { by: by() },
            Reason::OtherCertificate { by: by() },
            Reason::TwoContents,
            Reason::Structure,
            Reason::Damaged,
            Reason::Unreadable,
            Reason::NoContent,
            Reason::TooMuch(Much::Signers),
            Reason::TooMuch(Much::Depth),
            Reason::TooMuch(Much::Elements),
            Reason::TooMuch(Much::Parts),
            Reason::NoCertificate,
            Reason::Attributes { by: by() },
            Reason::Algorithm { by: by(), oid: "1.2".to_owned() },
            Reason::Disagree { by: by() },
        ];
        let mut sentences: Vec<String> =
            reasons.iter().flat_map(|reason| [reason.dutch(), reason.english()]).collect();
        assert!(sentences.iter().all(|sentence| sentence.ends_with('.')));
        sentences.sort();
        let all = sentences.len();
        sentences.dedup();
        assert_eq!(sentences.len(), all);
    }
}
