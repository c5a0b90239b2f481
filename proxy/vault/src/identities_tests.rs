use cades::create_identity;
use identity::{Purpose, RevokedFor, Standing};

use super::*;
use crate::tests::{address, at, open, vault_and_keyring};
use keyring::Keyring;

const ACCOUNT: &str = "jan@praktijk.nl";

fn account() -> Address {
    address(ACCOUNT)
}

fn new(name: &str) -> NewIdentity {
    create_identity(KeyKind::P256, &account(), name, at(0), 2).unwrap()
}

fn wish() -> Wish {
    Wish { kind: KeyKind::P256, name: "Jan".to_owned(), organisation: None, purpose: Purpose::Sign }
}

/// Without those of the vault itself.
fn keys(keyring: &crate::MemoryKeyring) -> usize {
    keyring.names().iter().filter(|name| name.contains("identity/")).count()
}

#[test]
fn an_account_signs_with_its_newest_identity_also_after_a_restart() {
    let (folder, keyring, vault) = vault_and_keyring();
    let signer = |vault: &Vault, who: &str| vault.signer(&address(who), None, at(3));
    assert!(matches!(signer(&vault, ACCOUNT), Err(VaultError::NoIdentity)));
    let first = vault.add_identity(&account(), &new("Jan"), at(1)).unwrap();
    let second = vault.add_identity(&account(), &new("Jan J."), at(2)).unwrap();
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(vault.identities().unwrap(), [first, second.clone()]);
    let found = signer(&vault, "JAN@praktijk.nl").unwrap();
    assert_eq!(found.chain().certificates(), second.chain);
    assert!(!found.sign(b"text").unwrap().is_empty());
    assert!(matches!(signer(&vault, "piet@praktijk.nl"), Err(VaultError::NoIdentity)));
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let mut mixed = new("Jan");
    mixed.chain = new("Jan").chain;
    let refused = vault.add_identity(&account(), &mixed, at(1));
    assert!(matches!(refused, Err(VaultError::Identity(IdentityError::Certificate(_)))));
    assert_eq!(keyring.names().len(), 1, "the master key alone");
}

#[test]
fn a_key_that_the_keyring_lost_is_said() {
    let (_folder, keyring, vault) = vault_and_keyring();
    vault.add_identity(&account(), &new("Jan"), at(1)).unwrap();
    let names = keyring.names();
    let name = names.iter().find(|name| name.contains("identity")).unwrap();
    keyring.delete(name).unwrap();
    let lost = vault.signer(&account(), None, at(2));
    assert!(matches!(lost, Err(VaultError::SecretLost { kind: SecretKind::Identity })));
}

#[test]
fn an_identity_that_expired_signs_nothing_and_says_so() {
    let (_folder, _keyring, vault) = vault_and_keyring();
    vault.add_identity(&account(), &new("Jan"), at(1)).unwrap();
    let late = at(3 * 366 * 24 * 60 * 60);
    let Err(VaultError::Identity(error)) = vault.signer(&account(), None, late) else {
        panic!("it signs");
    };
    assert!(matches!(error, IdentityError::Unusable { standing: Standing::Expired { .. } }));
    assert!(error.nl().contains("verlopen") && error.en().contains("expired"), "{error}");
}

#[test]
fn an_identity_on_a_card_has_no_secret_here() {
    let (folder, keyring, vault) = vault_and_keyring();
    let chain = new("Jan").chain;
    let kept = vault.add_card_identity(&account(), &chain, "pkcs11:".to_owned(), at(1)).unwrap();
    assert_eq!(keys(&keyring), 0);
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(vault.signing_identity(&account(), None, at(2)).unwrap(), kept);
    let refused = vault.signer(&account(), None, at(2));
    assert!(matches!(refused, Err(VaultError::Identity(IdentityError::OnCard))));
    let none = vault.add_card_identity(&account(), &[], String::new(), at(3));
    assert!(matches!(none, Err(VaultError::Identity(IdentityError::NoCertificate))));
}

#[test]
fn a_certificate_on_a_card_does_not_take_the_place_of_a_key_that_is_kept_here() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let new = new("Jan");
    let kept = vault.add_identity(&account(), &new, at(1)).unwrap();
    let refused = vault.add_card_identity(&account(), &new.chain, "pkcs11:".to_owned(), at(2));
    let Err(VaultError::Identity(error @ IdentityError::KeyHere)) = refused else { panic!() };
    assert!(error.nl().contains("verwijder") && error.en().contains("remove"));
    assert_eq!((vault.identities().unwrap(), keys(&keyring)), (vec![kept], 1));
    assert!(vault.signer(&account(), None, at(3)).is_ok());
}

#[test]
fn an_identity_of_one_account_is_not_taken_by_another() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let (new, piet) = (new("Jan"), address("piet@praktijk.nl"));
    let kept = vault.add_identity(&account(), &new, at(1)).unwrap();
    let refused = vault.add_identity(&piet, &new, at(2));
    let Err(VaultError::Identity(error)) = refused else { panic!() };
    assert_eq!(error, IdentityError::OtherAccount { account: ACCOUNT.to_owned() });
    assert!(error.nl().contains(ACCOUNT) && error.en().contains(ACCOUNT));
    let by_card = vault.add_card_identity(&piet, &new.chain, "pkcs11:".to_owned(), at(2));
    assert!(matches!(by_card, Err(VaultError::Identity(IdentityError::OtherAccount { .. }))));
    assert_eq!((vault.identities().unwrap(), keys(&keyring)), (vec![kept], 1));
    let card = self::new("Piet").chain;
    vault.add_card_identity(&account(), &card, "pkcs11:".to_owned(), at(3)).unwrap();
    let again = vault.add_card_identity(&account(), &card, "pkcs11:".to_owned(), at(4));
    assert!(again.is_ok(), "the account's own");
}

#[test]
fn a_request_waits_with_its_key_until_the_answer_is_installed() {
    let (folder, keyring, vault) = vault_and_keyring();
    let card = vault.request_identity(&account(), &wish(), at(1)).unwrap();
    assert!(card.pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    let waiting = vault.requests().unwrap();
    assert_eq!((waiting.len(), waiting[0].id == card.id), (1, true));
    let stranger = new("Piet").chain.remove(0);
    let refused = vault.install_identity(&stranger, at(2));
    assert!(matches!(refused, Err(VaultError::Identity(IdentityError::NoRequest))));
    let answer = answer_to(&vault, &card.id, ACCOUNT);
    let id = vault.install_identity(&answer, at(2)).unwrap();
    assert!(vault.requests().unwrap().is_empty());
    assert_eq!(keys(&keyring), 1, "the request's key has become the identity's");
    let signer = vault.signer(&account(), None, at(3)).unwrap();
    assert_eq!(signer.chain().certificates(), core::slice::from_ref(&answer));
    assert_eq!(vault.identity_cards(at(3)).unwrap()[0].id, id);
    let again = vault.install_identity(&answer, at(4));
    assert!(matches!(again, Err(VaultError::Identity(IdentityError::NoRequest))));
}

#[test]
fn an_answer_for_another_address_leaves_the_request_waiting() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let card = vault.request_identity(&account(), &wish(), at(1)).unwrap();
    let answer = answer_to(&vault, &card.id, "piet@praktijk.nl");
    let refused = vault.install_identity(&answer, at(2));
    assert!(matches!(refused, Err(VaultError::Identity(IdentityError::Certificate(_)))));
    assert_eq!((vault.requests().unwrap().len(), keys(&keyring)), (1, 1));
}

/// What an issuer answers to a request that waits in this vault.
fn answer_to(vault: &Vault, id: &str, address: &str) -> Vec<u8> {
    let secret = vault.secret(SecretKind::Identity, &key_name(id)).unwrap();
    let key = cades::PrivateKey::read(secret.expose_secret().to_vec().into()).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Uitgever");
    let (issuer, issuer_key) = (params, rcgen::KeyPair::generate().unwrap());
    let issuer = rcgen::Issuer::from_params(&issuer, &issuer_key);
    let mut params = rcgen::CertificateParams::default();
    params.subject_alt_names = vec![rcgen::SanType::Rfc822Name(address.try_into().unwrap())];
    params.distinguished_name.push(rcgen::DnType::CommonName, "Jan");
    params.signed_by(&key, &issuer).unwrap().der().to_vec()
}

#[test]
fn what_is_removed_takes_its_key_along_and_a_beginning_of_its_id_is_enough() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let kept = vault.add_identity(&account(), &new("Jan"), at(1)).unwrap();
    let request = vault.request_identity(&account(), &wish(), at(2)).unwrap();
    let unknown = |id: &str| {
        let refused = vault.remove_identity(id, at(3));
        matches!(refused, Err(VaultError::Identity(IdentityError::Unknown { .. })))
    };
    assert!(unknown("") && unknown("abc") && unknown("zzzz") && unknown(&kept.id[..3]));
    vault.remove_identity(&kept.id[..8], at(3)).unwrap();
    vault.remove_identity(&request.id, at(3)).unwrap();
    assert!(vault.identities().unwrap().is_empty() && vault.requests().unwrap().is_empty());
    assert_eq!(keys(&keyring), 0);
    assert!(matches!(vault.signer(&account(), None, at(4)), Err(VaultError::NoIdentity)));
}

#[test]
fn what_was_revoked_stays_so_also_where_it_is_added_again() {
    let (folder, keyring, vault) = vault_and_keyring();
    let new = new("Jan");
    let kept = vault.add_identity(&account(), &new, at(1)).unwrap();
    let revoked = Revoked { since: at(1), reason: RevokedFor::Compromise };
    vault.note_revoked(&kept, Some(revoked), at(2)).unwrap();
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    vault.add_identity(&account(), &new, at(3)).unwrap();
    let refused = vault.signer(&account(), None, at(4));
    let Err(VaultError::Identity(IdentityError::Unusable { standing })) = refused else {
        panic!("it signs");
    };
    assert_eq!(standing, Standing::Revoked(revoked));
    let nothing = vault.note_status((b"nothing", &[]), Status::after, at(5));
    assert!(matches!(nothing, Err(VaultError::Identity(IdentityError::NoStatus))));
}

#[test]
fn one_that_was_revoked_and_removed_is_still_revoked_where_it_is_taken_over_again() {
    let (folder, keyring, vault) = vault_and_keyring();
    let (new, other) = (new("Jan"), new("Els"));
    let kept = vault.add_identity(&account(), &new, at(1)).unwrap();
    let revoked = Revoked { since: at(1), reason: RevokedFor::Compromise };
    vault.note_revoked(&kept, Some(revoked), at(2)).unwrap();
    vault.remove_identity(&kept.id, at(3)).unwrap();
    let fingerprint = cades::fingerprint(&new.chain[0]);
    assert_eq!(vault.revoked_before(&fingerprint).unwrap(), Some(revoked));
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    vault.add_identity(&account(), &new, at(4)).unwrap();
    assert_eq!(vault.identities().unwrap()[0].revoked, Some(revoked));
    assert_eq!(vault.revoked_before(&fingerprint).unwrap(), None, "it is known of itself again");
    assert!(vault.signer(&account(), None, at(5)).is_err(), "it signs");
    let other = vault.add_identity(&account(), &other, at(6)).unwrap();
    vault.remove_identity(&other.id, at(7)).unwrap();
    let good = cades::fingerprint(&other.chain[0]);
    assert_eq!(vault.revoked_before(&good).unwrap(), None);
    let kept = vault.identities().unwrap().remove(0);
    vault.remove_identity(&kept.id, at(8)).unwrap();
    assert_eq!(vault.revoked_before(&fingerprint).unwrap(), Some(revoked), "as often as it is");
}

#[test]
fn a_list_without_it_brings_back_only_what_was_put_on_hold() {
    let (_folder, _keyring, vault) = vault_and_keyring();
    let (key, issuer_key) =
        (rcgen::KeyPair::generate().unwrap(), rcgen::KeyPair::generate().unwrap());
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Uitgever");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
    let own = params.self_signed(&issuer_key).unwrap().der().to_vec();
    let issuer = rcgen::Issuer::from_params(&params, &issuer_key);
    let leaf = rcgen::CertificateParams::default().signed_by(&key, &issuer).unwrap();
    let list = rcgen::CertificateRevocationListParams {
        this_update: rcgen::date_time_ymd(2026, 11, 25),
        next_update: rcgen::date_time_ymd(2026, 12, 25),
        crl_number: rcgen::SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    let list = list.signed_by(&issuer).unwrap().der().to_vec();
    let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
    let chain = [leaf.der().to_vec(), own];
    let kept = vault.add_card_identity(&account(), &chain, String::new(), now).unwrap();
    for (reason, back) in [(RevokedFor::Hold, true), (RevokedFor::Compromise, false)] {
        let revoked = Revoked { since: at(1), reason };
        vault.note_revoked(&kept, Some(revoked), now).unwrap();
        // What was fetched may be older than the hold.
        let told = vault.note_status((&list, &[]), Status::heard_after, now).unwrap();
        assert_eq!(told[0].1, Status::Revoked(revoked));
        let told = vault.note_status((&list, &[]), Status::after, now).unwrap();
        let stands = if back { Status::Good } else { Status::Revoked(revoked) };
        assert_eq!(told[0].1, stands);
        assert_eq!(vault.identities().unwrap()[0].revoked, (!back).then_some(revoked));
    }
    let told = |reason| Revoked { since: at(2), reason };
    let (hold, stolen) = (told(RevokedFor::Hold), told(RevokedFor::Compromise));
    let held = Status::Revoked(hold).after(Some(stolen));
    assert_eq!(held, Status::Revoked(stolen), "an older list that only put it on hold");
    assert_eq!(Status::Revoked(stolen).after(Some(hold)), Status::Revoked(stolen));
}
