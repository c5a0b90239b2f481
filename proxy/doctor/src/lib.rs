//! What a domain publishes for NTA mail, and how good it is: step by step, each with what to do.
//!
//! ```text
//!   World (DNS, mail hosts) --look--> Facts --judge--> Report { verdict, steps }
//! ```
//!
//! Looking and judging are apart: [`look`] asks a [`World`] one question after the other, [`judge`]
//! makes a [`Report`] of the [`Facts`] and asks nobody. This room has no socket, no clock and no
//! runtime: who has them is a `World`.
//!
//! It judges what the domain itself publishes. Whether a mail may go there is the scheme's own
//! answer ([`nta7516::plan`]), which stands in the report's verdict; a step that wants attention
//! never makes it better or worse.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod dkim;
mod dmarc;
pub mod facts;
mod judge;
mod options;
mod report;
mod spf;
mod tags;
#[cfg(test)]
mod testing;
mod walk;

use mail::{Address, Domain};

pub use facts::Facts;
pub use judge::{before_sending, judge};
pub use options::{Mailbox, Options, Selector};
pub use report::{Link, Proof, Publish, Report, State, Step, Text, Topic, Verdict};
pub use walk::{MailHosts, World, look};

/// Looks at a domain and judges it.
pub async fn examine<W: World>(world: &W, domain: &Domain, options: &Options) -> Report {
    match Address::parse(&format!("NTA7516@{domain}")) {
        Ok(address) => judge(&look(world, domain, address, options).await),
        Err(_) => Report {
            domain: domain.clone(),
            verdict: Verdict::OtherWay,
            step: "R-SEND-2".into(),
            proof: None,
            reasons: vec![Text::new(
                "Deze domeinnaam kan geen mailadres hebben.",
                "This domain name can have no mail address.",
            )],
            steps: Vec::new(),
        },
    }
}
