use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, SHA384, digest};
use cades::{Algorithm, CadesError, Chain, Signer};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::Slot;
use std::time::Instant;

use crate::cards::{ForUse, Open, lock, refused};
use crate::error::CardError;
use crate::module::failed;
use crate::place::Place;

/// A key on a card that was unlocked. It signs as long as the card is in and its time lasts.
pub struct Key {
    open: Arc<Mutex<Open>>,
    algorithm: Algorithm,
    chain: Chain,
}

impl Key {
    pub(crate) fn new(open: Arc<Mutex<Open>>, algorithm: Algorithm, chain: Chain) -> Self {
        Self { open, algorithm, chain }
    }

    fn sign_bytes(&self, tbs: &[u8]) -> Result<Vec<u8>, CardError> {
        let mut open = lock(&self.open);
        let label = open.place.label.clone();
        if Instant::now() >= open.until {
            return Err(CardError::PinNeeded { label });
        }
        let key = find(&open.session, &open.place)?;
        let (slot, mechanisms) = mechanisms(&open)?;
        let signature = if key.always {
            let hand = core::mem::replace(&mut open.pin, ForUse::Used);
            let pin = match &hand {
                ForUse::Given(pin) => Some(pin),
                ForUse::AtReader => None,
                ForUse::Nothing | ForUse::Used => return Err(CardError::PinNeeded { label }),
            };
            let signature =
                with_pin(&open, slot, &mechanisms, (self.algorithm, key.handle), tbs, pin);
            // One that failed may have left the token amid an operation: then a new session is due.
            if pin.is_none() && signature.is_ok() {
                open.pin = hand;
            }
            signature?
        } else {
            let (mechanism, input) = whole(self.algorithm, &mechanisms, tbs)?;
            open.session.sign(&mechanism, key.handle, &input).map_err(signing(&label))?
        };
        self.algorithm_form(signature)
    }

    /// The signature in the form that CMS wants.
    fn algorithm_form(&self, raw: Vec<u8>) -> Result<Vec<u8>, CardError> {
        let half = match self.algorithm {
            Algorithm::EcdsaP256Sha256 => 32,
            Algorithm::EcdsaP384Sha384 => 48,
            _ => return Ok(raw),
        };
        ecdsa_der(&raw, half).ok_or_else(|| CardError::Failed {
            words: format!("C_Sign: {} bytes of ECDSA", raw.len()),
        })
    }
}

impl Signer for Key {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, CadesError> {
        Ok(self.sign_bytes(tbs)?)
    }
}

impl core::fmt::Debug for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "card::Key({:?})", self.algorithm)
    }
}

/// A private key on a token.
pub(crate) struct Found {
    pub(crate) handle: ObjectHandle,
    /// Whether it wants the PIN at every signature.
    pub(crate) always: bool,
}

/// The private key of that place; seen only after the PIN.
///
/// # Errors
/// [`CardError::PinNeeded`] where the card was locked meanwhile: then it hides its keys, and none of them is
/// missing. [`CardError::NoKey`] where it is.
pub(crate) fn find(session: &Session, place: &Place) -> Result<Found, CardError> {
    if !logged_in(session)? {
        return Err(CardError::PinNeeded { label: place.label.clone() });
    }
    let template = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(place.key.clone())];
    let objects = session.find_objects(&template).map_err(failed)?;
    let handle = *objects.first().ok_or(CardError::NoKey)?;
    let attributes =
        session.get_attributes(handle, &[AttributeType::AlwaysAuthenticate]).map_err(failed)?;
    Ok(Found { handle, always: attributes.contains(&Attribute::AlwaysAuthenticate(true)) })
}

/// Whether the PIN is good in this session still. All sessions of a process with a card are logged out
/// together (PKCS #11 section 5.6.9).
pub(crate) fn logged_in(session: &Session) -> Result<bool, CardError> {
    let state = session.get_session_info().map_err(failed)?.session_state();
    Ok(matches!(state, SessionState::RoUser | SessionState::RwUser))
}

fn mechanisms(open: &Open) -> Result<(Slot, Vec<MechanismType>), CardError> {
    let slot = open.session.get_session_info().map_err(failed)?.slot_id();
    let list = open.module.library.get_mechanism_list(slot).map_err(failed)?;
    Ok((slot, list))
}

/// A key that wants its PIN between C_SignInit and the signature (PKCS #11 section 5.6.2): then the
/// data go in pieces, since nothing else lets the PIN in between.
fn with_pin(
    open: &Open,
    slot: Slot,
    offered: &[MechanismType],
    (algorithm, key): (Algorithm, ObjectHandle),
    tbs: &[u8],
    pin: Option<&crate::pin::Pin>,
) -> Result<Vec<u8>, CardError> {
    let (mechanism, input) = pieces(algorithm, offered, tbs)?;
    let session = &open.session;
    let signing = signing(&open.place.label);
    session.sign_init(&mechanism, key).map_err(&signing)?;
    session.login(UserType::ContextSpecific, pin.map(crate::pin::Pin::secret)).map_err(
        |error| match open.module.library.get_token_info(slot) {
            Ok(info) => refused(error, &info),
            Err(_) => failed(error),
        },
    )?;
    session.sign_update(&input).map_err(&signing)?;
    session.sign_final().map_err(&signing)
}

fn signing(label: &str) -> impl Fn(Error) -> CardError {
    move |error| match error {
        Error::Pkcs11(RvError::UserNotLoggedIn, _) => {
            CardError::PinNeeded { label: label.to_owned() }
        }
        Error::Pkcs11(RvError::KeyHandleInvalid | RvError::KeyFunctionNotPermitted, _) => {
            CardError::NoMechanism { words: "the key may not sign" }
        }
        other => failed(other),
    }
}

/// A mechanism in one step and what goes into it: hashed here, where the token takes that.
fn whole(
    algorithm: Algorithm,
    offered: &[MechanismType],
    tbs: &[u8],
) -> Result<(Mechanism<'static>, Vec<u8>), CardError> {
    let (bare, hashing) = both(algorithm)?;
    if offered.contains(&bare.mechanism_type()) {
        Ok((bare, hashed(algorithm, tbs)))
    } else {
        chosen(hashing, offered).map(|mechanism| (mechanism, tbs.to_vec()))
    }
}

/// As [`whole`], but one that hashes itself first: bare ones take no pieces on many tokens.
fn pieces(
    algorithm: Algorithm,
    offered: &[MechanismType],
    tbs: &[u8],
) -> Result<(Mechanism<'static>, Vec<u8>), CardError> {
    let (bare, hashing) = both(algorithm)?;
    if offered.contains(&hashing.mechanism_type()) {
        Ok((hashing, tbs.to_vec()))
    } else {
        chosen(bare, offered).map(|mechanism| (mechanism, hashed(algorithm, tbs)))
    }
}

fn chosen(
    mechanism: Mechanism<'static>,
    offered: &[MechanismType],
) -> Result<Mechanism<'static>, CardError> {
    let words = match mechanism {
        Mechanism::RsaPkcs | Mechanism::Sha256RsaPkcs => "RSA PKCS #1 v1.5",
        Mechanism::RsaPkcsPss(_) | Mechanism::Sha256RsaPkcsPss(_) => "RSA PSS",
        _ => "ECDSA",
    };
    let there = offered.contains(&mechanism.mechanism_type());
    there.then_some(mechanism).ok_or(CardError::NoMechanism { words })
}

/// The mechanism that takes a hash, and the one that hashes itself.
fn both(algorithm: Algorithm) -> Result<(Mechanism<'static>, Mechanism<'static>), CardError> {
    // Salt as long as the hash (RFC 4055 section 3.1).
    let pss = || PkcsPssParams {
        hash_alg: MechanismType::SHA256,
        mgf: PkcsMgfType::MGF1_SHA256,
        s_len: 32.into(),
    };
    match algorithm {
        Algorithm::RsaSha256 => Ok((Mechanism::RsaPkcs, Mechanism::Sha256RsaPkcs)),
        Algorithm::RsaPssSha256 => {
            Ok((Mechanism::RsaPkcsPss(pss()), Mechanism::Sha256RsaPkcsPss(pss())))
        }
        Algorithm::EcdsaP256Sha256 => Ok((Mechanism::Ecdsa, Mechanism::EcdsaSha256)),
        Algorithm::EcdsaP384Sha384 => Ok((Mechanism::Ecdsa, Mechanism::EcdsaSha384)),
        _ => Err(CardError::NoMechanism { words: "an algorithm that is new" }),
    }
}

/// What a mechanism that does not hash takes.
fn hashed(algorithm: Algorithm, tbs: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::EcdsaP384Sha384 => digest(&SHA384, tbs).as_ref().to_vec(),
        // RFC 8017 section 9.2: EMSA-PKCS1-v1_5 pads a DigestInfo.
        Algorithm::RsaSha256 => [DIGEST_INFO_SHA256, digest(&SHA256, tbs).as_ref()].concat(),
        _ => digest(&SHA256, tbs).as_ref().to_vec(),
    }
}

/// r and s as a token gives them (PKCS #11 section 6.3.1), as an Ecdsa-Sig-Value in DER (RFC 3279
/// section 2.2.3). `None` where they have not the curve's length.
fn ecdsa_der(raw: &[u8], half: usize) -> Option<Vec<u8>> {
    if raw.len() != half * 2 {
        return None;
    }
    let mut body = Vec::with_capacity(raw.len() + 8);
    for number in raw.chunks(half) {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let bare = number.get(zeros..)?;
        // A first bit set would make it negative; nothing at all would be no number.
        let pad = usize::from(bare.first().is_none_or(|first| *first >= 0x80));
        body.extend([0x02, u8::try_from(bare.len() + pad).ok()?]);
        body.extend(core::iter::repeat_n(0, pad));
        body.extend_from_slice(bare);
    }
    // 2 * (48 + 3) is less than 128: one byte of length.
    let mut der = vec![0x30, u8::try_from(body.len()).ok().filter(|length| *length < 0x80)?];
    der.append(&mut body);
    Some(der)
}

/// RFC 8017 section 9.2, note 1.
const DIGEST_INFO_SHA256: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_ecdsa_becomes_two_positive_numbers_of_least_length() {
        let raw = [&[0, 0, 0x7f][..], &[0x80, 1, 2]].concat();
        assert_eq!(ecdsa_der(&raw, 3).unwrap(), [0x30, 9, 2, 1, 0x7f, 2, 4, 0, 0x80, 1, 2]);
        assert_eq!(ecdsa_der(&[0, 1], 1).unwrap(), [0x30, 6, 2, 1, 0, 2, 1, 1]);
        assert_eq!(ecdsa_der(&[1; 63], 32), None);
        assert_eq!(ecdsa_der(&[0xff; 96], 48).unwrap().len(), 2 + 2 * (2 + 49));
    }

    #[test]
    fn a_token_that_cannot_hash_gets_the_hash_and_one_that_must_gets_the_text() {
        let tbs = b"text";
        let taken = |offered: &[MechanismType]| {
            whole(Algorithm::EcdsaP256Sha256, offered, tbs)
                .map(|(how, input)| (how.mechanism_type(), input.len()))
        };
        let (bare, hashing) = (MechanismType::ECDSA, MechanismType::ECDSA_SHA256);
        assert_eq!(taken(&[bare, hashing]), Ok((bare, 32)));
        assert_eq!(taken(&[hashing]), Ok((hashing, tbs.len())));
        assert_eq!(taken(&[]), Err(CardError::NoMechanism { words: "ECDSA" }));
        let split = pieces(Algorithm::RsaSha256, &[MechanismType::RSA_PKCS], tbs).unwrap();
        assert_eq!(split.1.len(), 19 + 32, "DigestInfo");
    }
}
