//! The autoconfiguration of a domain: any text ends in servers with TLS and plain names, or in
//! none.

#![no_main]

use discover::autoconfig;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(found) = autoconfig::read(text, "arts", "praktijk.test") {
        for server in [Some(found.outgoing), found.incoming].into_iter().flatten() {
            assert!(!server.host.is_empty() && server.host.is_ascii());
        }
    }
});
