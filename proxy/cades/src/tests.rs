// Other programs' opinion: they are Debian's.
mod forge;
mod frame;
#[cfg(unix)]
mod interop;
#[cfg(unix)]
mod interop_open;
mod opened;
mod opened_mail;
mod pki;
mod seven_bit;
mod strict;

use jiff::Timestamp;
use mail::{Address, Message};

use crate::{KeyKind, NewIdentity, SoftwareKey, create_identity};

fn now() -> Timestamp {
    // The tools check with the clock of the machine: a fixed time would expire.
    Timestamp::now()
}

fn identity(kind: KeyKind) -> NewIdentity {
    let address = Address::parse("j.devries@praktijk.example").unwrap();
    let yesterday = now() - jiff::SignedDuration::from_hours(24);
    create_identity(kind, &address, "J. de Vries, huisarts", yesterday, 2).unwrap()
}

fn key(identity: &NewIdentity) -> SoftwareKey {
    SoftwareKey::new(&identity.pkcs8, identity.chain.clone()).unwrap()
}

fn signed(message: &[u8], key: &SoftwareKey) -> Message {
    let message = Message::new(message.to_vec());
    Message::new(crate::sign(&message, Some("praktijk.example"), key, now(), [9; 16]).unwrap())
}
