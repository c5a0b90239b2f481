use mail::Domain;
use serde::{Deserialize, Serialize};

use crate::facts::Trouble;
use crate::record::{Fault, Provider, RecordFault};

/// Why a mail is not handed over, and what to do: a fact, and a sentence or two in Dutch and
/// English made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    cause: Cause,
    nl: String,
    en: String,
}

/// The fact behind a [`Reason`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The address has an IP address in place of a domain: nobody can claim for it.
    AddressLiteral,
    /// The domain's record is not what it must be.
    Record(Domain, Lack),
    /// An answer ought to be signed and does not hold.
    Bogus(Looked),
    /// It cannot be told whether an answer ought to be signed.
    Indeterminate(Looked),
    /// No answer.
    Trouble(Looked, Trouble),
    /// The domain takes no mail (RFC 7505).
    NullMx(Domain),
    /// The domain has no mail host.
    NoHosts(Domain),
    /// The host has no address.
    NoAddress(Domain),
    /// The host is none of those that the record names.
    HostNotNamed(Domain),
    /// The domain's mail hosts were not seen securely.
    MailHostsInsecure(Domain),
    /// The domain's record did not come secure, and no proof of annex B can be had.
    RecordInsecure(Domain),
    /// The account has no route that can hand over.
    NoRoute,
    /// The account sends by its gateway before all else.
    GatewayPreferred,
    /// The record of the sender's own domain is not what it must be.
    OwnRecord(Domain, Lack),
    /// A supplier is not what it must be.
    Supplier(SupplierLack),
}

/// What is wrong with a domain's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// There is none.
    Absent,
    /// The set breaks the rules.
    Invalid(Vec<Fault>),
    /// None holds today.
    OutsidePeriod,
}

/// What is wrong with a supplier (R-DNS-4, R-SEND-10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SupplierLack {
    /// The recipient's supplier is not on the organisation's list.
    NotAccepted(Provider),
    /// The supplier that was looked up is not the one that the domain's record names.
    OtherMark {
        /// The mark in the domain's record.
        record: Provider,
        /// The mark of the supplier that was looked up.
        looked_up: Provider,
    },
    /// The account names no supplier.
    Unnamed,
    /// The supplier's domain has no supplier's record.
    Absent(Domain),
    /// The supplier's record breaks the rules.
    Invalid(Domain, Vec<RecordFault>),
    /// No supplier's record holds today.
    OutsidePeriod(Domain),
}

/// What was looked up, of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looked {
    /// The recipient's record.
    Record(Domain),
    /// The recipient's mail hosts.
    MailHosts(Domain),
    /// A host's addresses.
    Addresses(Domain),
    /// A host's TLSA records.
    Tlsa(Domain),
    /// The sender's own record.
    OwnRecord(Domain),
    /// A supplier's record.
    SupplierRecord(Domain),
}

impl Reason {
    /// The reason of a fact.
    #[must_use]
    pub fn new(cause: Cause) -> Self {
        let (nl, en) = (cause.nl(), cause.en());
        Self { cause, nl, en }
    }

    /// The fact.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What happened and what to do, in Dutch.
    #[must_use]
    pub fn nl(&self) -> &str {
        &self.nl
    }

    /// What happened and what to do, in English.
    #[must_use]
    pub fn en(&self) -> &str {
        &self.en
    }
}

impl Cause {
    fn nl(&self) -> String {
        let other = "Kies een andere manier.";
        match self {
            Self::AddressLiteral => format!(
                "Dit adres heeft een IP-nummer in plaats van een domein, dus niemand kan ervoor \
                 verklaren dat het aan NTA 7516 voldoet. {other}"
            ),
            Self::Record(domain, lack) => lack.nl(&domain.to_unicode()),
            Self::Bogus(looked) => format!(
                "De handtekening (DNSSEC) onder {} klopt niet: het antwoord kan vervalst zijn. Er \
                 wordt niets verzonden; vraag de beheerder van dat domein ernaar te kijken.",
                looked.nl()
            ),
            Self::Indeterminate(looked) => format!(
                "Of {} ondertekend hoort te zijn, is nu niet vast te stellen. {KEPT_NL}.",
                looked.nl()
            ),
            Self::Trouble(looked, trouble) => untold_nl(looked, *trouble),
            Self::NullMx(domain) => {
                format!("{} ontvangt geen e-mail. {other}", domain.to_unicode())
            }
            Self::NoHosts(domain) => {
                format!("{} heeft geen mailserver. {other}", domain.to_unicode())
            }
            Self::NoAddress(host) => format!("De mailserver {host} heeft geen adres. {other}"),
            Self::HostNotNamed(host) => {
                format!("De mailserver {host} staat niet in het NTA-record. {other}")
            }
            Self::MailHostsInsecure(domain) => format!(
                "Welke mailserver bij {} hoort, is niet met DNSSEC beveiligd. {other}",
                domain.to_unicode()
            ),
            Self::RecordInsecure(domain) => format!(
                "Het NTA-record van {} is niet met DNSSEC beveiligd, en een ander bewijs dat wordt \
                 aanvaard, is er niet. {other}",
                domain.to_unicode()
            ),
            Self::NoRoute => {
                "Dit account heeft geen route waarover NTA-mail verzonden kan worden. \
                              Voeg een route toe in de instellingen of kies een andere manier."
                    .to_owned()
            }
            Self::GatewayPreferred => "Dit account verzendt bij voorkeur via de \
                                       beveiligde-mailvoorziening van uw organisatie."
                .to_owned(),
            Self::OwnRecord(domain, lack) => lack.own_nl(&domain.to_unicode()),
            Self::Supplier(lack) => lack.nl(),
        }
    }

    fn en(&self) -> String {
        let other = "Choose another way.";
        match self {
            Self::AddressLiteral => format!(
                "This address has an IP address in place of a domain, so nobody can declare for it \
                 that it complies with NTA 7516. {other}"
            ),
            Self::Record(domain, lack) => lack.en(&domain.to_unicode()),
            Self::Bogus(looked) => format!(
                "The signature (DNSSEC) of {} is wrong: the answer may be forged. Nothing is sent; \
                 ask the administrator of that domain to look into it.",
                looked.en()
            ),
            Self::Indeterminate(looked) => {
                format!("Whether {} ought to be signed cannot be told now. {KEPT_EN}.", looked.en())
            }
            Self::Trouble(looked, trouble) => untold_en(looked, *trouble),
            Self::NullMx(domain) => format!("{} takes no mail. {other}", domain.to_unicode()),
            Self::NoHosts(domain) => format!("{} has no mail host. {other}", domain.to_unicode()),
            Self::NoAddress(host) => format!("The mail host {host} has no address. {other}"),
            Self::HostNotNamed(host) => {
                format!("The mail host {host} is not in the NTA record. {other}")
            }
            Self::MailHostsInsecure(domain) => format!(
                "Which mail host belongs to {} is not secured by DNSSEC. {other}",
                domain.to_unicode()
            ),
            Self::RecordInsecure(domain) => format!(
                "The NTA record of {} is not secured by DNSSEC, and there is no other proof that \
                 is accepted. {other}",
                domain.to_unicode()
            ),
            Self::NoRoute => {
                "This account has no route on which NTA mail can be sent. Add a route \
                              in the settings or choose another way."
                    .to_owned()
            }
            Self::GatewayPreferred => "This account prefers to send by the secure-mail gateway of \
                                       your organisation."
                .to_owned(),
            Self::OwnRecord(domain, lack) => lack.own_en(&domain.to_unicode()),
            Self::Supplier(lack) => lack.en(),
        }
    }
}

impl Lack {
    fn nl(&self, domain: &str) -> String {
        match self {
            Self::Absent => {
                format!("{domain} verklaart niet te voldoen aan NTA 7516. Kies een andere manier.")
            }
            Self::Invalid(faults) => format!(
                "Het NTA-record van {domain} klopt niet: {}. Kies een andere manier of vraag de \
                 ontvanger het te verbeteren.",
                listed(faults, Fault::nl)
            ),
            Self::OutsidePeriod => format!(
                "Het NTA-record van {domain} geldt vandaag niet. Kies een andere manier of vraag de \
                 ontvanger het te verlengen."
            ),
        }
    }

    fn en(&self, domain: &str) -> String {
        match self {
            Self::Absent => {
                format!("{domain} does not declare to comply with NTA 7516. Choose another way.")
            }
            Self::Invalid(faults) => format!(
                "The NTA record of {domain} is wrong: {}. Choose another way or ask the recipient \
                 to mend it.",
                listed(faults, Fault::en)
            ),
            Self::OutsidePeriod => format!(
                "The NTA record of {domain} does not hold today. Choose another way or ask the \
                 recipient to renew it."
            ),
        }
    }

    fn own_nl(&self, domain: &str) -> String {
        match self {
            Self::Absent => format!(
                "Uw eigen domein {domain} heeft geen NTA-record, dus u kunt geen NTA-mail \
                 verzenden. Laat uw organisatie het record publiceren of kies een andere manier."
            ),
            Self::Invalid(faults) => format!(
                "Het NTA-record van uw eigen domein {domain} klopt niet: {}. Laat het verbeteren of \
                 kies een andere manier.",
                listed(faults, Fault::nl)
            ),
            Self::OutsidePeriod => format!(
                "Het NTA-record van uw eigen domein {domain} geldt vandaag niet. Laat het verlengen \
                 of kies een andere manier."
            ),
        }
    }

    fn own_en(&self, domain: &str) -> String {
        match self {
            Self::Absent => format!(
                "Your own domain {domain} has no NTA record, so you cannot send NTA mail. Have your \
                 organisation publish the record or choose another way."
            ),
            Self::Invalid(faults) => format!(
                "The NTA record of your own domain {domain} is wrong: {}. Have it mended or choose \
                 another way.",
                listed(faults, Fault::en)
            ),
            Self::OutsidePeriod => format!(
                "The NTA record of your own domain {domain} does not hold today. Have it renewed or \
                 choose another way."
            ),
        }
    }
}

impl SupplierLack {
    fn nl(&self) -> String {
        match self {
            Self::NotAccepted(mark) => format!(
                "De leverancier {mark} van de ontvanger staat niet op de lijst van uw organisatie. \
                 Kies een andere manier."
            ),
            Self::OtherMark { record, looked_up } => format!(
                "Het NTA-record noemt leverancier {record}, maar ingesteld is {looked_up}. Maak \
                 deze gelijk of kies een andere manier."
            ),
            Self::Unnamed => "Voor dit account is niet ingesteld welke NTA-leverancier uw \
                              mailleverancier is. Stel het kenmerk in of kies een andere manier."
                .to_owned(),
            Self::Absent(domain) => format!(
                "De leverancier {} publiceert geen NTA-leveranciersrecord. Vraag de leverancier \
                 ernaar of kies een andere manier.",
                domain.to_unicode()
            ),
            Self::Invalid(domain, faults) => format!(
                "Het leveranciersrecord van {} klopt niet: {}. Vraag de leverancier het te \
                 verbeteren of kies een andere manier.",
                domain.to_unicode(),
                listed(faults, RecordFault::nl)
            ),
            Self::OutsidePeriod(domain) => format!(
                "Het leveranciersrecord van {} geldt vandaag niet. Vraag de leverancier het te \
                 verlengen of kies een andere manier.",
                domain.to_unicode()
            ),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::NotAccepted(mark) => format!(
                "The recipient's supplier {mark} is not on the list of your organisation. Choose \
                 another way."
            ),
            Self::OtherMark { record, looked_up } => format!(
                "The NTA record names the supplier {record}, but {looked_up} is set. Make them the \
                 same or choose another way."
            ),
            Self::Unnamed => {
                "It is not set for this account which NTA supplier your mail provider \
                              is. Set the mark or choose another way."
                    .to_owned()
            }
            Self::Absent(domain) => format!(
                "The supplier {} publishes no NTA supplier's record. Ask the supplier for it or \
                 choose another way.",
                domain.to_unicode()
            ),
            Self::Invalid(domain, faults) => format!(
                "The supplier's record of {} is wrong: {}. Ask the supplier to mend it or choose \
                 another way.",
                domain.to_unicode(),
                listed(faults, RecordFault::en)
            ),
            Self::OutsidePeriod(domain) => format!(
                "The supplier's record of {} does not hold today. Ask the supplier to renew it or \
                 choose another way.",
                domain.to_unicode()
            ),
        }
    }
}

impl Looked {
    fn nl(&self) -> String {
        match self {
            Self::Record(domain) => format!("het NTA-record van {}", domain.to_unicode()),
            Self::MailHosts(domain) => format!("de mailservers van {}", domain.to_unicode()),
            Self::Addresses(host) => format!("de adressen van {host}"),
            Self::Tlsa(host) => format!("de TLSA-records (DANE) van {host}"),
            Self::OwnRecord(domain) => {
                format!("het NTA-record van uw eigen domein {}", domain.to_unicode())
            }
            Self::SupplierRecord(domain) => {
                format!("het leveranciersrecord van {}", domain.to_unicode())
            }
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Record(domain) => format!("the NTA record of {}", domain.to_unicode()),
            Self::MailHosts(domain) => format!("the mail hosts of {}", domain.to_unicode()),
            Self::Addresses(host) => format!("the addresses of {host}"),
            Self::Tlsa(host) => format!("the TLSA records (DANE) of {host}"),
            Self::OwnRecord(domain) => {
                format!("the NTA record of your own domain {}", domain.to_unicode())
            }
            Self::SupplierRecord(domain) => {
                format!("the supplier's record of {}", domain.to_unicode())
            }
        }
    }
}

/// What went wrong, what to do where something can be done, and that nothing is lost.
fn untold_nl(looked: &Looked, trouble: Trouble) -> String {
    let what = trouble.nl();
    match trouble.mend() {
        Some((mend, _)) => format!("{what}. {mend} {KEPT_NL}."),
        None => format!("{what} bij het opvragen van {}. {KEPT_NL}.", looked.nl()),
    }
}

fn untold_en(looked: &Looked, trouble: Trouble) -> String {
    let mend = trouble.mend().map(|(_, mend)| format!(" {mend}")).unwrap_or_default();
    format!("Looking up {} failed: {trouble}.{mend} {KEPT_EN}.", looked.en())
}

fn listed<T>(faults: &[T], text: impl Fn(&T) -> String) -> String {
    faults.iter().map(text).collect::<Vec<_>>().join("; ")
}

const KEPT_NL: &str = "Het bericht blijft bewaard en wordt later opnieuw geprobeerd";
const KEPT_EN: &str = "The message is kept and tried again later";
