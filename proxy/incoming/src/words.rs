//! The sentences, in Dutch and in English.

use cades::{RevocationReason, Word};
use jiff::Timestamp;
use mail::days;
use nta7516::facts::Trouble;

use crate::dkim::Why;
use crate::reason::{KeyState, Others, Reason};
use crate::received::Moment;

type Both = (String, String);

impl Reason {
    pub(crate) fn sentences(&self) -> Both {
        match self {
            Self::NoRecord { .. }
            | Self::OutsidePeriod { .. }
            | Self::Faulty { .. }
            | Self::OtherMark { .. } => self.against(),
            Self::Declared { .. }
            | Self::Mark
            | Self::Bogus { .. }
            | Self::Indeterminate { .. }
            | Self::NoAnswer { .. }
            | Self::Insecure { .. }
            | Self::SeenLater { .. }
            | Self::NoDay
            | Self::Ordinary { .. } => self.of_record(),
            Self::OwnDomain { .. }
            | Self::NotAccepted { .. }
            | Self::SupplierRecord { .. }
            | Self::SupplierTrouble { .. }
            | Self::SupplierUnknown { .. }
            | Self::Unsigned => self.of_parties(),
            Self::RevokedSince { subject, when, why } => revoked(subject, *when, *why),
            _ => self.of_origin(),
        }
    }

    /// What the record has against the header.
    fn against(&self) -> Both {
        let (what, seen) = match self {
            Self::NoRecord { domain, seen } => (
                (
                    format!(
                        "Het bericht zegt NTA-mail te zijn, maar {domain} verklaart niet dat het aan NTA 7516 voldoet: het is gewone mail."
                    ),
                    format!(
                        "The message says that it is NTA mail, but {domain} does not declare that it complies with NTA 7516: it is ordinary mail."
                    ),
                ),
                seen,
            ),
            Self::OutsidePeriod { domain, month, seen } => (
                (
                    format!(
                        "Het bericht zegt NTA-mail te zijn, maar de verklaring van {domain} gold niet in {month}, toen het werd ontvangen."
                    ),
                    format!(
                        "The message says that it is NTA mail, but the declaration of {domain} did not hold in {month}, when it was received."
                    ),
                ),
                seen,
            ),
            Self::Faulty { domain, seen } => (
                (
                    format!(
                        "Het bericht zegt NTA-mail te zijn, maar de verklaring van {domain} bevat fouten en telt niet. De afzender kan haar laten nakijken (zorgzegel check {domain})."
                    ),
                    format!(
                        "The message says that it is NTA mail, but the declaration of {domain} has faults and does not count. The sender can have it checked (zorgzegel check {domain})."
                    ),
                ),
                seen,
            ),
            Self::OtherMark { mark, record, seen } => (
                (
                    format!(
                        "Het bericht noemt leverancier {mark}, maar de verklaring van de afzender noemt {record}: het kenmerk telt niet."
                    ),
                    format!(
                        "The message names supplier {mark}, but the sender's declaration names {record}: the mark does not count."
                    ),
                ),
                seen,
            ),
            _ => return self.of_record(),
        };
        or_later(what, *seen)
    }

    fn of_record(&self) -> Both {
        let both = |nl: String, en: String| (nl, en);
        match self {
            Self::Declared { domain, mark } => both(
                format!("{domain} verklaart aan NTA 7516 te voldoen, met leverancier {mark}, en het bericht draagt dat kenmerk."),
                format!("{domain} declares that it complies with NTA 7516, with supplier {mark}, and the message bears that mark."),
            ),
            Self::Bogus { domain, seen } => or_later((
                format!("Het DNS-antwoord over {domain} klopt niet met zijn DNSSEC-handtekening: het kan zijn vervalst. Geloof het kenmerk van dit bericht niet."),
                format!("The DNS answer about {domain} does not fit its DNSSEC signature: it may be forged. Do not believe the mark of this message."),
            ), *seen),
            Self::Indeterminate { domain } => both(
                format!("Nu is niet te zeggen of het DNS-antwoord over {domain} klopt. Zorgzegel probeert het opnieuw."),
                format!("Whether the DNS answer about {domain} holds cannot be told now. Zorgzegel tries again."),
            ),
            Self::NoAnswer { domain, trouble } => both(
                format!("Wat {domain} verklaart, is nu niet op te zoeken. {}. Zorgzegel probeert het opnieuw.", trouble.nl()),
                format!("What {domain} declares cannot be looked up now: {trouble}. Zorgzegel tries again."),
            ),
            Self::Insecure { domain } => both(
                format!("De verklaring van {domain} is niet met DNSSEC beveiligd; dat zij echt is, is daarmee niet bewezen."),
                format!("The declaration of {domain} is not secured by DNSSEC; that it is genuine is not proved by it."),
            ),
            Self::SeenLater { month } => both(
                format!("Het bericht is in {month} ontvangen en pas later bekeken; toen stond in DNS misschien iets anders."),
                format!("The message was received in {month} and looked at only later; DNS may have said something else then."),
            ),
            Self::NoDay => both(
                "Wanneer uw provider het bericht ontving, is niet te lezen; het is beoordeeld naar vandaag.".to_owned(),
                "When your provider received the message cannot be read; it was judged by today.".to_owned(),
            ),
            Self::Ordinary { domain } => both(
                format!("{domain} verklaart aan NTA 7516 te voldoen, maar dit bericht is als gewone mail verstuurd."),
                format!("{domain} declares that it complies with NTA 7516, but this message was sent as ordinary mail."),
            ),
            // Mark; all others have sentences elsewhere.
            _ => both(
                "Het bericht zegt NTA-mail te zijn, maar noemt geen leverancier die te lezen is, of meer dan één.".to_owned(),
                "The message says that it is NTA mail, but names no supplier that can be read, or more than one.".to_owned(),
            ),
        }
    }

    fn of_parties(&self) -> Both {
        let both = |nl: String, en: String| (nl, en);
        match self {
            Self::OwnDomain { domain } => both(
                format!("Uw eigen domein {domain} verklaarde toen niet aan NTA 7516 te voldoen: dit bericht had u niet als NTA-mail mogen bereiken. Over de afzender zegt dat niets."),
                format!("Your own domain {domain} did not declare then that it complies with NTA 7516: this message should not have reached you as NTA mail. Of the sender that says nothing."),
            ),
            Self::NotAccepted { mark } => both(
                format!("Leverancier {mark} staat niet in de lijst van leveranciers die uw organisatie aanvaardt ([nta] suppliers)."),
                format!("Supplier {mark} is not in the list of suppliers that your organisation accepts ([nta] suppliers)."),
            ),
            Self::SupplierRecord { mark, domain, seen } => or_later((
                format!("Leverancier {mark} toonde toen bij {domain} geen geldige eigen verklaring."),
                format!("Supplier {mark} did not show a valid declaration of its own at {domain} then."),
            ), *seen),
            Self::SupplierTrouble { mark, trouble } => both(
                format!("De eigen verklaring van leverancier {mark} is nu niet op te zoeken. {}. Zorgzegel probeert het opnieuw.", trouble.nl()),
                format!("The declaration of supplier {mark} itself cannot be looked up now: {trouble}. Zorgzegel tries again."),
            ),
            Self::SupplierUnknown { mark } => both(
                format!("Of leverancier {mark} gecertificeerd is, is hier niet bekend; zet de leveranciers die u aanvaardt in de instellingen ([nta] suppliers)."),
                format!("Whether supplier {mark} is certified is not known here; put the suppliers that you accept into the settings ([nta] suppliers)."),
            ),
            // Unsigned; all others have sentences elsewhere.
            _ => both(
                "NTA-mail is ondertekend, en dit bericht niet: wie het schreef en of het is veranderd, is niet te zeggen.".to_owned(),
                "NTA mail is signed, and this message is not: who wrote it, and whether it was changed, cannot be told.".to_owned(),
            ),
        }
    }

    fn of_origin(&self) -> Both {
        let both = |nl: String, en: String| (nl, en);
        match self {
            Self::Dkim { domain, key: KeyState::Secure } => both(
                format!("De DKIM-handtekening van {domain} klopt: het bericht komt van dat domein."),
                format!("The DKIM signature of {domain} holds: the message comes from that domain."),
            ),
            Self::Dkim { domain, key: KeyState::Insecure } => both(
                format!("De DKIM-handtekening van {domain} klopt; de sleutel is niet met DNSSEC beveiligd."),
                format!("The DKIM signature of {domain} holds; its key is not secured by DNSSEC."),
            ),
            Self::NoDkim { others: Others::None } => both(
                "Er is geen DKIM-handtekening: dat het bericht van het domein van de afzender komt, is niet bewezen.".to_owned(),
                "There is no DKIM signature: that the message comes from the sender's domain is not proved.".to_owned(),
            ),
            Self::NoDkim { others: Others::Some } => both(
                "De DKIM-handtekening is van een ander domein dan dat van de afzender.".to_owned(),
                "The DKIM signature is that of another domain than the sender's.".to_owned(),
            ),
            Self::DkimNot { domain, why, seen } => {
                let of = |nl| match domain {
                    Some(domain) if nl => format!(" van {domain}"),
                    Some(domain) => format!(" of {domain}"),
                    None => String::new(),
                };
                let (nl, en) = because(*why);
                if *seen == Moment::Later && why.is_of_the_key() {
                    return both(
                        format!("De DKIM-handtekening{} is niet meer na te gaan: de sleutel van vandaag hoeft niet die van toen te zijn ({nl}).", of(true)),
                        format!("The DKIM signature{} cannot be checked any more: the key of today need not be that of then ({en}).", of(false)),
                    );
                }
                both(
                    format!("De DKIM-handtekening{} telt niet: {nl}.", of(true)),
                    format!("The DKIM signature{} does not count: {en}.", of(false)),
                )
            }
            Self::DkimBefore { id } => both(
                format!("De DKIM-handtekening klopt niet meer, maar klopte volgens uw provider ({id}) toen het bericht daar binnenkwam."),
                format!("The DKIM signature does not hold any more, but held by the word of your provider ({id}) when the message came in there."),
            ),
            Self::Dmarc { id, word } => stated("DMARC", id, *word),
            Self::Spf { id, word } => stated("SPF", id, *word),
            Self::NotStated { id } => both(
                format!("Uw provider zegt onder {id} niets over SPF en DMARC van dit bericht."),
                format!("Your provider says nothing under {id} about SPF and DMARC of this message."),
            ),
            // NoId; all others have sentences elsewhere.
            _ => both(
                "Wat uw provider over SPF en DMARC zegt, telt niet mee: de instellingen noemen zijn kenmerk niet (authserv_id).".to_owned(),
                "What your provider says about SPF and DMARC does not count: the settings do not name its id (authserv_id).".to_owned(),
            ),
        }
    }
}

/// What was seen later is said so.
fn or_later((nl, en): Both, seen: Moment) -> Both {
    match seen {
        Moment::InTime => (nl, en),
        Moment::Later => (
            format!("{nl} Dit is later gezien; op de dag zelf kan het anders zijn geweest."),
            format!("{en} This was seen later; on the day itself it may have been otherwise."),
        ),
    }
}

fn revoked(subject: &str, when: Timestamp, why: RevocationReason) -> Both {
    let (nl, en) = (why.dutch(), why.english());
    (
        format!(
            "Het certificaat van {subject} is op {} ingetrokken ({nl}). Toen dit bericht binnenkwam, gold het nog; tegen dit bericht zegt dat niets. Ga na of de afzender nog op dit adres werkt, voor u antwoordt.",
            days::dutch(when)
        ),
        format!(
            "The certificate of {subject} was revoked on {} ({en}). When this message came in it still held; that says nothing against this message. Before you reply, see whether the sender still works at this address.",
            days::english(when)
        ),
    )
}

fn stated(method: &str, id: &str, word: Word) -> Both {
    let (nl, en) = match word {
        Word::Pass => ("klopt", "holds"),
        Word::Fail => ("klopt niet", "does not hold"),
        Word::Policy => ("klopt waarschijnlijk niet", "probably does not hold"),
        Word::None => ("zegt niets", "says nothing"),
        Word::TempError => ("was toen niet te controleren", "could not be checked then"),
        Word::PermError => ("is niet te controleren", "cannot be checked"),
    };
    (
        format!("{method} van de afzender {nl}, volgens uw provider ({id})."),
        format!("{method} of the sender {en}, by the word of your provider ({id})."),
    )
}

fn because(why: Why) -> Both {
    let (nl, en) = match why {
        // Not told as a reason against it.
        Why::Holds => ("zij klopt", "it holds"),
        Why::Body => ("de tekst is daarna veranderd", "the text was changed after it"),
        Why::Header => (
            "de kop is daarna veranderd, of een andere sleutel tekende",
            "the header was changed after it, or another key signed",
        ),
        Why::Expired => {
            ("zij was al verlopen toen het bericht aankwam", "it was over when the message arrived")
        }
        Why::Partial => {
            ("zij dekt maar een deel van de tekst (l=)", "it covers only a part of the text (l=)")
        }
        Why::Weak => ("zij is gemaakt met SHA-1", "it is made with SHA-1"),
        Why::Unreadable => ("zij is niet te lezen", "it cannot be read"),
        Why::NoKey => ("er is geen sleutel bij te vinden", "there is no key for it"),
        Why::BadKey => ("de sleutel deugt niet", "its key is no good"),
        Why::Revoked => ("de sleutel is ingetrokken", "its key was taken back"),
        Why::Bogus => (
            "het DNS-antwoord met de sleutel klopt niet",
            "the DNS answer with its key does not hold",
        ),
        Why::Trouble(trouble) => return trouble_with_key(trouble),
    };
    (nl.to_owned(), en.to_owned())
}

fn trouble_with_key(trouble: Trouble) -> Both {
    let mut nl = trouble.nl().to_owned();
    if let Some(first) = nl.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    (
        format!("de sleutel is nu niet op te zoeken ({nl}); Zorgzegel probeert het opnieuw"),
        format!("its key cannot be looked up now ({trouble}); Zorgzegel tries again"),
    )
}
