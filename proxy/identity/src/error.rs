use cades::CadesError;
use mail::days;

use crate::standing::Standing;

/// What stands in the way of taking, asking for or using an identity. Nothing was kept or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The file is of no kind that holds an identity.
    #[error("the file holds no identity; choose a .p12, .pfx or PEM file of your issuer")]
    NoIdentityFile,
    /// The file is larger than such files are.
    #[error("the file is larger than 1 MiB, which no identity is; choose another file")]
    TooLarge,
    /// The file is no proper PKCS #12 (RFC 7292): cut short, or damaged.
    #[error("the file is damaged or cut short; export it again where it comes from")]
    Damaged,
    /// The file is protected and no password was given.
    #[error("the file is protected with a password; give the password with it")]
    PasswordNeeded,
    /// The password does not open the file, or the file was changed.
    #[error("the password does not open this file, or the file was changed; try again")]
    Password,
    /// The file is protected in a way that is not read here.
    #[error(
        "the file is protected in a way that is not read here ({what}); export it again with AES and SHA-256"
    )]
    Protection {
        /// The algorithm, as dotted number or name.
        what: String,
    },
    /// The file asks for more work than any program puts into such files.
    #[error(
        "the file asks for {rounds} rounds of work with the password, which no program does; export it again"
    )]
    TooMuchWork {
        /// What it asks for.
        rounds: u64,
    },
    /// There is no key in the file that is used here.
    #[error(
        "the file has no private key that is used here (P-256, P-384, RSA of 2048 bits or more); choose the file with the key in it"
    )]
    NoKey,
    /// There is no certificate in the file.
    #[error("there is no certificate in the file; put key and certificate into one file")]
    NoCertificate,
    /// No certificate in the file belongs to a key in it.
    #[error("key and certificate in the file do not belong together; choose another file")]
    KeyMismatch,
    /// What the signing room says of key or certificate.
    #[error(transparent)]
    Certificate(#[from] CadesError),
    /// The certificate answers no request that waits here.
    #[error(
        "the certificate answers no request of this computer; install it where the request was made, or make a new request with `zorgzegel identity request`"
    )]
    NoRequest,
    /// The certificate that answers a request vouches for itself.
    #[error("the certificate vouches for itself; ask the issuer for one that the issuer signed")]
    NotIssued,
    /// There is no identity or request of this id, or more than one begins so.
    #[error("there is no identity {id}; see `zorgzegel identity list`")]
    Unknown {
        /// The id that was asked for.
        id: String,
    },
    /// The account has an identity, and it signs nothing now.
    #[error("the message cannot be signed. {}", .standing.en().unwrap_or_default())]
    Unusable {
        /// How it stands.
        standing: Standing,
    },
    /// The key of the identity is on a card, which this cannot reach.
    #[error("the key of this identity is on a card; put the card in and let Zorgzegel run")]
    OnCard,
    /// The identity is another account's already.
    #[error(
        "this identity belongs to the account {account} already; remove it there first with `zorgzegel identity remove`"
    )]
    OtherAccount {
        /// Whose it is.
        account: String,
    },
    /// The key of a certificate on a card is in the keyring too, and would be lost.
    #[error(
        "the key of this certificate is kept on this computer already; to sign with the card, remove that identity first"
    )]
    KeyHere,
    /// The account has no identity.
    #[error(
        "the account has no identity to sign with; make or import one with `zorgzegel identity`"
    )]
    None,
    /// What was given as revocation list or answer tells nothing about the identities here.
    #[error(
        "the file says nothing that can be checked about an identity of this computer; get the list of the identity's own issuer"
    )]
    NoStatus,
}

impl IdentityError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::NoIdentityFile => "In het bestand staat geen identiteit; kies een .p12-, .pfx- of PEM-bestand van uw uitgever.".to_owned(),
            Self::TooLarge => "Het bestand is groter dan 1 MiB, en dat is geen identiteit; kies een ander bestand.".to_owned(),
            Self::Damaged => "Het bestand is beschadigd of afgebroken; exporteer het opnieuw waar het vandaan komt.".to_owned(),
            Self::PasswordNeeded => "Het bestand is met een wachtwoord beveiligd; geef het wachtwoord erbij.".to_owned(),
            Self::Password => "Het wachtwoord opent dit bestand niet, of het bestand is veranderd; probeer het opnieuw.".to_owned(),
            Self::Protection { what } => format!("Het bestand is beveiligd op een manier die hier niet wordt gelezen ({what}); exporteer het opnieuw met AES en SHA-256."),
            Self::TooMuchWork { rounds } => format!("Het bestand vraagt {rounds} ronden rekenwerk met het wachtwoord, en dat doet geen programma; exporteer het opnieuw."),
            Self::NoKey => "In het bestand staat geen bruikbare sleutel (P-256, P-384 of RSA van 2048 bits of meer); kies het bestand met de sleutel erin.".to_owned(),
            Self::NoCertificate => "In het bestand staat geen certificaat; zet sleutel en certificaat in één bestand.".to_owned(),
            Self::KeyMismatch => "Sleutel en certificaat in het bestand horen niet bij elkaar; kies een ander bestand.".to_owned(),
            Self::Certificate(error) => certificate_nl(error),
            Self::NoRequest => "Het certificaat hoort bij geen aanvraag van deze computer; installeer het waar de aanvraag is gemaakt, of maak bij Identiteiten een nieuwe (`zorgzegel identity request`).".to_owned(),
            Self::NotIssued => "Het certificaat staat alleen voor zichzelf in; vraag de uitgever om een dat hij heeft ondertekend.".to_owned(),
            Self::Unknown { id } => format!("Er is geen identiteit {id}; zie `zorgzegel identity list`."),
            Self::Unusable { standing } => format!("Het bericht kan niet worden ondertekend. {}", standing.nl().unwrap_or_default()),
            Self::OnCard => "De sleutel van deze identiteit staat op een pas; steek de pas in en laat Zorgzegel draaien.".to_owned(),
            Self::OtherAccount { account } => format!("Deze identiteit hoort al bij het account {account}; verwijder haar daar eerst, bij Identiteiten (`zorgzegel identity remove`)."),
            Self::KeyHere => "De sleutel van dit certificaat staat al op deze computer; wilt u met de pas ondertekenen, verwijder die identiteit dan eerst.".to_owned(),
            Self::None => "Het account heeft geen identiteit om mee te ondertekenen; maak er een of neem er een over bij Identiteiten (`zorgzegel identity`).".to_owned(),
            Self::NoStatus => "Het bestand zegt niets controleerbaars over een identiteit van deze computer; haal de lijst van de uitgever van de identiteit zelf.".to_owned(),
        }
    }

    /// The sentence in English: what happened, and what to do.
    #[must_use]
    pub fn en(&self) -> String {
        self.to_string()
    }
}

fn certificate_nl(error: &CadesError) -> String {
    match error {
        CadesError::Key => IdentityError::NoKey.nl(),
        CadesError::Encrypted => "De sleutel in het PEM-bestand is met een wachtwoord versleuteld; haal dat er eerst af, of neem het .p12-bestand.".to_owned(),
        CadesError::NoCertificate => IdentityError::NoCertificate.nl(),
        CadesError::KeyMismatch => IdentityError::KeyMismatch.nl(),
        CadesError::Certificate { .. } => "Een certificaat is niet te lezen; vraag de uitgever om een nieuw bestand.".to_owned(),
        CadesError::OtherAddress { names } => format!("Het certificaat is voor {names} en niet voor dit account; kies een ander bestand."),
        CadesError::Expired { at } => format!("Het certificaat is verlopen op {}; vraag een nieuw aan.", days::dutch(*at)),
        CadesError::NotYetValid { from } => format!("Het certificaat geldt pas vanaf {}; kijk of de klok van deze computer goed staat.", days::dutch_moment(*from)),
        CadesError::Use => "Het certificaat is niet bedoeld om mail te ondertekenen; kies een ander.".to_owned(),
        CadesError::Name => "De naam moet 1 tot 64 leesbare tekens hebben; kies een andere naam.".to_owned(),
        CadesError::Address => "Het adres kan niet in een certificaat staan: dat kan alleen met gewone letters en cijfers voor de @.".to_owned(),
        CadesError::Validity => "De geldigheid moet 1 tot 10 jaar zijn.".to_owned(),
        other => format!("Dit is niet te gebruiken: {other}."),
    }
}
