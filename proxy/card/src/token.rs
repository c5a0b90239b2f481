use std::path::Path;

use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass};
use cryptoki::session::Session;
use cryptoki::slot::TokenInfo;
use serde::{Deserialize, Serialize};

use crate::error::CardError;
use crate::module::{Module, failed, tries};
use crate::pin::Tries;
use crate::place::Place;

/// A card or token that is in a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// What it is called.
    pub label: String,
    /// Its serial number.
    pub serial: String,
    /// Who made it.
    pub maker: String,
    /// What it is.
    pub model: String,
    /// How its PIN stands.
    pub pin: PinState,
    /// The certificates on it, in its own order.
    pub certificates: Vec<OnCard>,
}

/// How a card's PIN stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinState {
    /// It works; so many wrong ones are taken.
    Ready(Tries),
    /// Too many wrong ones were given.
    Locked,
    /// None was set yet, or it must be changed first.
    ToSet,
    /// It is given at the reader's own keys.
    AtReader,
}

/// A certificate on a card that has an id by which its key is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnCard {
    /// Where its key is, as a PKCS #11 URI.
    pub place: Place,
    /// What the card calls it.
    pub name: String,
    /// The certificates in DER: this one, and those of its issuers that are on the card too.
    #[serde(skip)]
    pub chain: Vec<Vec<u8>>,
}

impl PinState {
    pub(crate) fn of(info: &TokenInfo) -> Self {
        if info.user_pin_locked() {
            Self::Locked
        } else if info.login_required()
            && (!info.user_pin_initialized() || info.user_pin_to_be_changed())
        {
            Self::ToSet
        } else if info.protected_authentication_path() {
            Self::AtReader
        } else {
            Self::Ready(tries(info))
        }
    }
}

impl Token {
    /// Everything that a module sees without a PIN.
    pub(crate) fn all(module: &Module) -> Result<Vec<Self>, CardError> {
        let mut all = Vec::new();
        for (slot, info) in module.tokens()? {
            let session = module.library.open_ro_session(slot).map_err(failed)?;
            all.push(Self {
                label: info.label().to_owned(),
                serial: info.serial_number().to_owned(),
                maker: info.manufacturer_id().to_owned(),
                model: info.model().to_owned(),
                pin: PinState::of(&info),
                certificates: certificates(&session, &module.file, &info)?,
            });
        }
        Ok(all)
    }
}

/// Whether a token may get the PIN of that place, as far as it shows without one. Makers that number
/// nothing give another card the same serial number, so one that shows certificates, and not that of
/// the key, is another; and one whose name is another has to show it.
///
/// # Errors
/// [`CardError::NoCard`] where it is another card; as [`own_certificate`].
pub(crate) fn check_meant(
    session: &Session,
    info: &TokenInfo,
    place: &Place,
) -> Result<(), CardError> {
    let shows_own = own_certificate(session, place)?;
    let any = [Attribute::Class(ObjectClass::CERTIFICATE)];
    let shows_any = !session.find_objects(&any).map_err(failed)?.is_empty();
    if shows_own || (!shows_any && info.label() == place.label) {
        Ok(())
    } else {
        Err(CardError::NoCard { label: place.label.clone() })
    }
}

/// Whether the certificate of that place's key is seen in this session. Cards of one maker number their keys
/// alike, so the id alone does not tell whose it is.
///
/// # Errors
/// [`CardError::OtherCertificate`] where the key of that id has another one.
pub(crate) fn own_certificate(session: &Session, place: &Place) -> Result<bool, CardError> {
    let template = [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::Id(place.key.clone())];
    let objects = session.find_objects(&template).map_err(failed)?;
    if objects.is_empty() || place.certificate.is_empty() {
        return Ok(!objects.is_empty());
    }
    for object in objects.into_iter().take(CERTIFICATES) {
        let values = session.get_attributes(object, &[AttributeType::Value]).map_err(failed)?;
        let same = |value: &Attribute| match value {
            Attribute::Value(value) => cades::fingerprint(whole(value)) == place.certificate,
            _ => false,
        };
        if values.iter().any(same) {
            return Ok(true);
        }
    }
    Err(CardError::OtherCertificate { label: place.label.clone() })
}

fn certificates(
    session: &Session,
    module: &Path,
    info: &TokenInfo,
) -> Result<Vec<OnCard>, CardError> {
    let template = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
    ];
    let mut found: Vec<(Vec<u8>, String, Vec<u8>)> = Vec::new();
    for object in session.find_objects(&template).map_err(failed)?.into_iter().take(CERTIFICATES) {
        let wanted = [AttributeType::Id, AttributeType::Label, AttributeType::Value];
        let (mut id, mut name, mut value) = (Vec::new(), String::new(), Vec::new());
        for attribute in session.get_attributes(object, &wanted).map_err(failed)? {
            match attribute {
                Attribute::Id(bytes) => id = bytes,
                Attribute::Label(bytes) => name = String::from_utf8_lossy(&bytes).into_owned(),
                Attribute::Value(bytes) => value = bytes,
                _ => {}
            }
        }
        // Some modules leave zeros of the card's file behind it.
        let value = whole(&value).to_vec();
        found.push((id, name, value));
    }
    let all: Vec<Vec<u8>> = found.iter().map(|(_, _, value)| value.clone()).collect();
    let own = found.into_iter().filter(|(id, _, value)| {
        !id.is_empty() && id.len() <= ID_MOST && cades::describe(value).is_ok()
    });
    let on_card = own.map(|(id, name, value)| OnCard {
        place: Place {
            module: module.to_owned(),
            serial: info.serial_number().to_owned(),
            label: info.label().to_owned(),
            model: info.model().to_owned(),
            key: id,
            certificate: cades::fingerprint(&value),
        },
        name,
        chain: cades::chain_from(&value, &all),
    });
    Ok(on_card.collect())
}

/// The bytes up to the end that the outer DER element names.
fn whole(bytes: &[u8]) -> &[u8] {
    let length = match bytes {
        [0x30, short, ..] if *short < 0x80 => 2 + usize::from(*short),
        [0x30, 0x81, a, ..] => 3 + usize::from(*a),
        [0x30, 0x82, a, b, ..] => 4 + (usize::from(*a) << 8 | usize::from(*b)),
        _ => bytes.len(),
    };
    bytes.get(..length).unwrap_or(bytes)
}

/// A UZI pass has three, and those of its issuers.
const CERTIFICATES: usize = 64;
/// A CKA_ID is a few bytes, or a digest.
const ID_MOST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_behind_a_certificate_on_the_card_is_cut_off() {
        assert_eq!(whole(&[0x30, 1, 5, 0, 0]), [0x30, 1, 5]);
        let long = [vec![0x30, 0x81, 200], vec![7; 200]].concat();
        assert_eq!(whole(&[long.clone(), vec![0; 9]].concat()), long);
        let longer = [vec![0x30, 0x82, 1, 1], vec![7; 257]].concat();
        assert_eq!(whole(&[longer.clone(), vec![0; 9]].concat()), longer);
        for odd in [&[][..], &[0x30], &[0x30, 0x82, 9], &[0x30, 9, 1], &[4, 1, 1, 0]] {
            assert_eq!(whole(odd), odd);
        }
    }
}
