use super::*;
use crate::tests::{address, at, open, vault, vault_and_keyring};
use keyring::Keyring;

#[test]
fn a_password_comes_back_after_a_restart() {
    let (folder, keyring, vault) = vault_and_keyring();
    let account = address("jan@praktijk.nl");
    vault.set_provider_password(&account, &"geheim".into(), at(1)).unwrap();
    vault.set_gateway_password(&account, &"anders".into(), at(1)).unwrap();
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(vault.provider_password(&account).unwrap().expose_secret(), "geheim");
    assert_eq!(vault.gateway_password(&account).unwrap().expose_secret(), "anders");
    let same = address("Jan@praktijk.nl");
    assert_eq!(vault.provider_password(&same).unwrap().expose_secret(), "geheim");
}

#[test]
fn a_password_never_given_and_one_that_was_lost_are_two_answers() {
    let (folder, keyring, vault) = vault_and_keyring();
    let account = address("jan@praktijk.nl");
    let never = vault.provider_password(&account);
    assert!(matches!(never, Err(VaultError::NoSecret { kind: SecretKind::Provider })));
    vault.set_provider_password(&account, &"geheim".into(), at(1)).unwrap();
    vault.local_password(&account).unwrap();
    drop(vault);
    for name in keyring.names().iter().filter(|name| name.contains("password")) {
        keyring.delete(name).unwrap();
    }
    let vault = open(&folder, &keyring).unwrap();
    let lost = vault.provider_password(&account);
    assert!(matches!(lost, Err(VaultError::SecretLost { kind: SecretKind::Provider })));
    let lost = vault.local_password(&account);
    assert!(
        matches!(lost, Err(VaultError::SecretLost { kind: SecretKind::Local })),
        "not made anew"
    );
}

#[test]
fn the_local_password_is_made_once_and_easy_to_type() {
    let (_folder, vault) = vault();
    let account = address("jan@praktijk.nl");
    let password = vault.local_password(&account).unwrap();
    let text = password.expose_secret();
    assert_eq!(text.len(), 23);
    assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5]);
    assert!(text.bytes().all(|b| b == b'-' || b.is_ascii_alphanumeric() && !b"ilo01".contains(&b)));
    assert_eq!(vault.local_password(&account).unwrap().expose_secret(), text);
    let other = vault.local_password(&address("piet@praktijk.nl")).unwrap();
    assert_ne!(other.expose_secret(), text);
    let new = vault.reset_local_password(&account, at(1)).unwrap();
    assert_ne!(new.expose_secret(), text);
    assert_eq!(vault.local_password(&account).unwrap().expose_secret(), new.expose_secret());
}

#[test]
fn a_password_set_by_another_process_is_seen() {
    let (folder, keyring, vault) = vault_and_keyring();
    let account = address("jan@praktijk.nl");
    vault.set_provider_password(&account, &"old".into(), at(1)).unwrap();
    assert_eq!(vault.provider_password(&account).unwrap().expose_secret(), "old");
    let other = open(&folder, &keyring).unwrap();
    other.set_provider_password(&account, &"new".into(), at(2)).unwrap();
    assert_eq!(vault.provider_password(&account).unwrap().expose_secret(), "new");
}

#[test]
fn a_known_password_needs_no_keyring() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let account = address("jan@praktijk.nl");
    vault.local_password(&account).unwrap();
    vault.local_password(&account).unwrap();
    keyring.fail_with(Some(KeyringError::Locked));
    assert!(vault.local_password(&account).is_ok());
    vault.forget_cached_secrets();
    let locked = vault.local_password(&account);
    assert!(matches!(locked, Err(VaultError::Keyring(KeyringError::Locked))));
}

#[test]
fn forgotten_passwords_are_gone_from_the_keyring() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let account = address("jan@praktijk.nl");
    vault.set_provider_password(&account, &"x".into(), at(1)).unwrap();
    vault.local_password(&account).unwrap();
    vault.forget_passwords(&account).unwrap();
    assert_eq!(keyring.names().len(), 1, "the master key alone");
    assert!(matches!(vault.provider_password(&account), Err(VaultError::NoSecret { .. })));
}

#[test]
fn a_small_secret_of_the_program_comes_back() {
    let (_folder, vault) = vault();
    assert!(vault.read_sealed("certificate").unwrap().is_none());
    vault.write_sealed("certificate", b"\0key").unwrap();
    assert_eq!(vault.read_sealed("certificate").unwrap().unwrap().as_slice(), b"\0key");
    for _ in 0..2 {
        vault.remove_sealed("certificate").unwrap();
        assert!(vault.read_sealed("certificate").unwrap().is_none(), "what is destroyed is gone");
    }
}

#[test]
fn a_secret_too_long_for_a_keyring_lies_sealed_in_the_database_and_its_key_in_the_keyring() {
    let (_folder, keyring, vault) = vault_and_keyring();
    let long = "certificate and key ".repeat(500);
    for secret in [long.as_bytes(), b"short", &[7; 2_501], &[8; 64 * 1024]] {
        vault.write_sealed("certificate", secret).unwrap();
        assert_eq!(vault.read_sealed("certificate").unwrap().unwrap().as_slice(), secret);
        for name in keyring.names() {
            let length = keyring.get(&name).unwrap().expose_secret().len();
            assert!(length <= 2_500, "Windows takes no more: {length}");
        }
    }
    assert!(vault.write_sealed("certificate", &[0; 64 * 1024 + 1]).is_err());
    let name = keyring.names().into_iter().find(|name| name.contains("own/")).unwrap();
    // The keyring, or the data folder, was put back from an older copy.
    for other in [&[9; 32][..], b"a short secret of then"] {
        keyring.set(&name, other).unwrap();
        vault.forget_cached_secrets();
        let lost = vault.read_sealed("certificate").unwrap_err();
        assert!(matches!(lost, VaultError::SecretLost { kind: SecretKind::Own }), "{lost:?}");
        assert!(lost.nl().contains("stel het opnieuw in"), "{}", lost.nl());
    }
    vault.remove_sealed("certificate").unwrap();
    assert!(vault.read_sealed("certificate").unwrap().is_none());
}

#[test]
fn no_secret_shows_in_debug_output() {
    let (_folder, vault) = vault();
    let password = vault.local_password(&address("jan@praktijk.nl")).unwrap();
    let shown = format!("{vault:?} {password:?}");
    assert!(!shown.contains(password.expose_secret()), "{shown}");
}
