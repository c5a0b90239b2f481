//! Received: any header has a day of receipt or none, and never one that lies ahead.

#![no_main]

use incoming::{Header, ReceiptBy, Stands, Trusted, receipt};
use libfuzzer_sys::fuzz_target;
use mail::Message;

fuzz_target!(|data: &[u8]| {
    let now = "2026-11-26T12:00:00Z".parse().expect("a time");
    let message = Message::new(data);
    let found = receipt(&message, now);
    assert_eq!(found.is_some(), message.field("received").is_some());
    if let Some(found) = found {
        assert!(found.at.duration_since(now).as_hours() <= 24);
        assert!(found.by == ReceiptBy::Provider || found.at == now);
    }
    let header = Header::read(&message, Some(Trusted { id: "mx.a.nl", stands: Stands::Top }), now);
    assert!(header.receipt == found && header.keys.len() <= 8);
});
