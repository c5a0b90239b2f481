//! What the tests of this crate share.

use std::sync::Arc;

use jiff::Timestamp;
use keyring::MemoryKeyring;
use mail::{Address, Envelope, Message, Recipient};
use nta7516::facts::Route;
use nta7516::proof::{End, Host, Proof, Way, Words};

use crate::outbox::{HeldId, NewHeld};
use crate::{Vault, VaultError};

/// A new vault in a folder of its own.
pub(crate) fn vault() -> (tempfile::TempDir, Vault) {
    let (folder, _, vault) = vault_and_keyring();
    (folder, vault)
}

pub(crate) fn vault_and_keyring() -> (tempfile::TempDir, Arc<MemoryKeyring>, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Arc::new(MemoryKeyring::new());
    let vault = open(&folder, &keyring).unwrap();
    (folder, keyring, vault)
}

pub(crate) fn open(
    folder: &tempfile::TempDir,
    keyring: &Arc<MemoryKeyring>,
) -> Result<Vault, VaultError> {
    Vault::open(folder.path(), Arc::clone(keyring) as _)
}

/// So many seconds after some moment.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub(crate) fn envelope(recipients: &[&str]) -> Envelope {
    let recipient = |text: &&str| Recipient { address: address(text), params: Vec::new() };
    Envelope {
        reverse_path: Some(address("jan@praktijk.nl")),
        params: Vec::new(),
        recipients: recipients.iter().map(recipient).collect(),
    }
}

/// A message with this text to a@b.nl and c@d.nl.
pub(crate) fn held(text: &str) -> NewHeld {
    let bytes = format!("Subject: x\r\n\r\n{text}\r\n");
    NewHeld {
        account: address("jan@praktijk.nl"),
        envelope: envelope(&["a@b.nl", "c@d.nl"]),
        message: Message::new(bytes.into_bytes()),
        evidence: r#"{"score":1}"#.to_owned(),
    }
}

pub(crate) fn hold(vault: &Vault, text: &str, now: Timestamp) -> HeldId {
    vault.hold(held(text), now).unwrap().id()
}

/// What was seen of a hand-over to these before its end.
pub(crate) fn seen(recipients: &[Address]) -> Vec<Proof> {
    let end = End::InDoubt { words: Words::new("nog niet", "not yet") };
    let proof = |to: &Address| {
        let way = Some(Way::Route(Route::Direct));
        let host = Some(Host::configured("mx.b.nl"));
        Proof { host, ..Proof::new(to.clone(), at(2), way, end.clone()) }
    };
    recipients.iter().map(proof).collect()
}
