//! The mail program's IMAP: what it sees through us is what the provider says, and what goes wrong.

mod complaints;
mod equal;
mod programs;
mod safe;
mod thunderbird;
mod trouble;

use std::net::SocketAddr;

use tests::imap::Imap;
use tests::zorgzegel::Options;
use tests::{PASSWORD, Provider, SenderTls, Session, World, Zorgzegel};

fn provider() -> &'static Provider {
    World::shared().provider().unwrap()
}

/// An account of the world's provider, IMAP with it.
fn account(name: &str) -> Options {
    let imap = Some(provider().imap_implicit);
    Options { address: address(name), identity: false, imap, ..Options::default() }
}

/// An account whose IMAP server is on this machine and has no TLS.
fn clear(name: &str, imap: SocketAddr) -> Options {
    let more = "[listen.limits]\nsessions = 200\n[desktop]\nlanguage = \"en\"\n".to_owned();
    Options { imap: Some(imap), imap_tls: "none", imap_auth: "plain", more, ..account(name) }
}

fn address(name: &str) -> String {
    format!("{name}@praktijk.test")
}

fn start(session: &Session, options: Options) -> Zorgzegel {
    Zorgzegel::start(World::shared(), session, options).unwrap()
}

/// Logged in here.
fn through(product: &Zorgzegel) -> Imap {
    let login = (product.user(), product.local_password());
    Imap::log_in(product.imaps().unwrap(), SenderTls::Implicit, login).unwrap()
}

/// Logged in at the provider itself.
fn direct(user: &str) -> Imap {
    let login = (user, PASSWORD);
    Imap::log_in(provider().imap_implicit, SenderTls::Implicit, login).unwrap()
}

/// What a refused log-in is answered.
fn refused(product: &Zorgzegel) -> String {
    let login = (product.user(), product.local_password());
    let refused = Imap::log_in(product.imaps().unwrap(), SenderTls::Implicit, login);
    refused.expect_err("it is let in").to_string()
}
