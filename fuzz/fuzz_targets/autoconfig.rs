//! The autoconfiguration of a domain: any text ends in a server with TLS and a plain name, or in
//! none.

#![no_main]

use discover::autoconfig;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(found) = autoconfig::read(text, "arts", "praktijk.test") {
        assert!(!found.host.is_empty() && found.host.is_ascii());
    }
});
