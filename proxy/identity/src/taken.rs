//! An identity out of a file: whatever the file is, its keys and certificates, and of those the one that
//! is meant.

use cades::{CadesError, NewIdentity, PrivateKey, SoftwareKey};
use jiff::Timestamp;
use mail::Address;

use crate::chain::chain;
use crate::error::IdentityError;
use crate::p12::{self, Bag, Bags, Password, Work};
use crate::pem;

/// Takes an identity out of a file: PKCS #12 (RFC 7292) in BER, DER or PEM, or keys and certificates in
/// PEM. `None` as password is the empty one.
///
/// Where there are several keys it is the one whose certificate names the address and may sign mail, and
/// of more than one of those the one that ends last. The chain is the key's certificate and those
/// between it and a root, which recipients must have from elsewhere.
///
/// # Errors
/// [`IdentityError`]; nothing of the file is kept then.
pub fn read(
    file: &[u8],
    password: Option<&str>,
    address: &Address,
    now: Timestamp,
) -> Result<NewIdentity, IdentityError> {
    read_within(file, password, address, now, ROUNDS_MOST)
}

/// The same for who has less patience: `rounds` of hashing with the password at most.
///
/// # Errors
/// As [`read`].
pub fn read_within(
    file: &[u8],
    password: Option<&str>,
    address: &Address,
    now: Timestamp,
    rounds: u64,
) -> Result<NewIdentity, IdentityError> {
    if file.len() > FILE_MOST {
        return Err(IdentityError::TooLarge);
    }
    let (work, given) = (Work::of(rounds), Password::new(password.unwrap_or_default()));
    let bags = bags(file, &given, &work).map_err(|error| match (error, password) {
        (IdentityError::Password, None) => IdentityError::PasswordNeeded,
        (error, _) => error,
    })?;
    choose(bags, address, now)
}

fn bags(file: &[u8], password: &Password, work: &Work) -> Result<Bags, IdentityError> {
    if pem::is_pem(file) {
        return from_pem(file, password, work);
    }
    // Both begin with a SEQUENCE; only the file that is meant goes on with a version.
    if file.first() != Some(&cades::ber::SEQUENCE) {
        return Err(IdentityError::NoIdentityFile);
    }
    if cades::describe(file).is_ok() {
        return Err(IdentityError::NoKey);
    }
    p12::open(file, password, work)
}

fn from_pem(file: &[u8], password: &Password, work: &Work) -> Result<Bags, IdentityError> {
    let mut bags = Bags::default();
    for block in pem::blocks(file, LABELS).ok_or(IdentityError::Damaged)? {
        match block.label {
            "PKCS12" => return p12::open(&block.der, password, work),
            "PRIVATE KEY" => bags.keys.push(Bag { der: block.der, pair: None }),
            "ENCRYPTED PRIVATE KEY" => {
                let der = p12::unlock_key(&block.der, password, work)?;
                bags.keys.push(Bag { der, pair: None });
            }
            "CERTIFICATE" | "X509 CERTIFICATE" => {
                bags.certificates.push(Bag { der: block.der.to_vec(), pair: None });
            }
            _ => {}
        }
    }
    Ok(bags)
}

/// A key with a certificate of its own.
struct Pair {
    key: usize,
    certificate: usize,
    rank: Rank,
}

/// What speaks for a pair, the weightiest first.
type Rank = (bool, bool, bool, Timestamp);

fn choose(bags: Bags, address: &Address, now: Timestamp) -> Result<NewIdentity, IdentityError> {
    let keys: Vec<Bag<PrivateKey>> = bags
        .keys
        .into_iter()
        .filter_map(|bag| Some(Bag { der: PrivateKey::read(bag.der).ok()?, pair: bag.pair }))
        .collect();
    if keys.is_empty() {
        return Err(IdentityError::NoKey);
    }
    let mut certificates = bags.certificates;
    if certificates.is_empty() {
        return Err(IdentityError::NoCertificate);
    }
    let mut best: Option<Pair> = None;
    for (place, certificate) in certificates.iter().enumerate() {
        let Some(public) = cades::public_key(&certificate.der) else { continue };
        for (number, key) in keys.iter().enumerate() {
            if key.der.public_key() != public {
                continue;
            }
            let paired = key.pair.is_some() && key.pair == certificate.pair;
            let rank = rank(&certificate.der, paired, address, now)?;
            if best.as_ref().is_none_or(|best| best.rank < rank) {
                best = Some(Pair { key: number, certificate: place, rank });
            }
        }
    }
    let Some(best) = best else {
        return Err(certificates
            .iter()
            .position(|one| cades::describe(&one.der).is_err())
            .map_or(IdentityError::KeyMismatch, |place| CadesError::Certificate { place }.into()));
    };
    let leaf = certificates.swap_remove(best.certificate).der;
    let others: Vec<Vec<u8>> = certificates.into_iter().map(|bag| bag.der).collect();
    let key = keys.into_iter().nth(best.key).ok_or(IdentityError::NoKey)?;
    let new = NewIdentity { pkcs8: key.der.into_pkcs8(), chain: chain(leaf, &others) };
    // A name that no signature can repeat would be found out at the first mail.
    SoftwareKey::new(&new.pkcs8, new.chain.clone())?;
    Ok(new)
}

fn rank(
    certificate: &[u8],
    paired: bool,
    address: &Address,
    now: Timestamp,
) -> Result<Rank, IdentityError> {
    let summary = cades::describe(certificate)?;
    let named = crate::pick::names(&summary.addresses, address);
    let signs = cades::may_sign_mail(certificate, now).is_ok();
    Ok((named, signs, paired, summary.not_after))
}

/// Files of one identity have 2 to 10 kB; a whole store with photographs of cards has less than this.
const FILE_MOST: usize = 1024 * 1024;
/// Windows asks for 2,000 rounds a part, OpenSSL for 2,048, Firefox and GnuTLS for 600,000; a password may
/// be tried in three forms, and a file has three parts. This many take some ten seconds, whoever wrote
/// the file.
const ROUNDS_MOST: u64 = 20_000_000;
/// What may hold an identity or a part of it; CERTIFICATE under its old name too (RFC 7468 section 5.1).
const LABELS: &[&str] =
    &["PKCS12", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "CERTIFICATE", "X509 CERTIFICATE"];
