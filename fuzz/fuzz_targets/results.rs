//! Authentication-Results: any header is read within bounds, and a stranger's id is never believed.

#![no_main]

use incoming::{Results, Stands, Trusted, statement};
use libfuzzer_sys::fuzz_target;
use mail::{Domain, Message};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = core::str::from_utf8(data)
        && let Some(results) = Results::parse(text)
    {
        assert!(!results.id.is_empty() && results.methods.len() <= 50);
        for method in &results.methods {
            assert!(!method.name.is_empty() && method.properties.len() <= 20);
            let _ = method.word();
        }
    }
    let author = Domain::parse("a.nl").expect("a domain");
    let message = Message::new(data);
    let trusted = Trusted { id: "mx.a.nl", stands: Stands::Top };
    if let Some(stated) = statement(&message, trusted, Some(&author)) {
        let named = message.fields().any(|field| {
            field.is("authentication-results")
                && Results::parse(&field.unfolded())
                    .is_some_and(|it| it.id.eq_ignore_ascii_case("mx.a.nl"))
        });
        assert!(named && stated.id == "mx.a.nl");
    }
});
