//! Any text is settings or a fault with a place in it; none makes the reader panic.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use settings::Settings;

fuzz_target!(|text: &str| {
    match Settings::parse(text, Path::new("zorgzegel.toml")) {
        Ok(settings) => assert!(settings.listen.smtp.iter().all(|l| l.address.ip().is_loopback())),
        Err(error) => {
            let lines = text.bytes().filter(|&byte| byte == b'\n').count() + 1;
            assert!(error.line().is_none_or(|line| (1..=lines).contains(&line)));
            assert!(!error.what().is_empty() && !error.mend().is_empty());
        }
    }
});
