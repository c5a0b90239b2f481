//! Large providers: their servers, as they document them for mail programs, and how they let a
//! program log in.

use crate::{Found, Login, Server, Source};

/// Servers of a provider, and the domains or mail hosts by which it is known.
struct Provider {
    /// Mail domains of its own, and the mail hosts (MX) of domains that it serves.
    known_by: Known,
    outgoing: (&'static str, u16),
    incoming: Option<&'static str>,
    login: Login,
}

/// By what a provider is known.
struct Known {
    domains: &'static [&'static str],
    mail_hosts: &'static [&'static str],
}

/// The provider whose mail domain this is, or lies above it.
pub(crate) fn by_domain(domain: &str) -> Option<Found> {
    let known = |one: &&Provider| belongs_to_any(domain, one.known_by.domains);
    PROVIDERS.iter().find(known).map(Provider::found)
}

/// The provider that serves the domains of others from this mail host. Those known by their mail
/// hosts come first: Microsoft 365 has its own below `outlook.com`, where mailboxes of people are.
pub(crate) fn by_mail_host(host: &str) -> Option<Found> {
    let serves = |one: &&Provider| belongs_to_any(host, one.known_by.mail_hosts);
    let serving = PROVIDERS.iter().find(serves).map(Provider::found);
    serving.or_else(|| by_domain(host))
}

/// How a submission server of this name lets a program log in, whatever the mail domain: what a
/// domain publishes says so seldom.
pub(crate) fn login_at(host: &str) -> Login {
    let known = |one: &&Provider| one.outgoing.0.eq_ignore_ascii_case(host);
    PROVIDERS.iter().find(known).map_or(Login::Password, |one| one.login)
}

fn belongs_to_any(name: &str, suffixes: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    suffixes.iter().any(|suffix| {
        name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

impl Provider {
    fn found(&self) -> Found {
        let server = |host: &str, port| Server {
            host: host.to_owned(),
            port,
            implicit: port != 587,
            username: None,
        };
        Found {
            outgoing: server(self.outgoing.0, self.outgoing.1),
            incoming: self.incoming.map(|host| server(host, 993)),
            source: Source::Table,
            sure: true,
            login: self.login,
        }
    }
}

/// Google Workspace is Gmail under other domains. Microsoft's IMAP takes no password anywhere.
const PROVIDERS: &[Provider] = &[
    Provider {
        known_by: Known {
            domains: &["gmail.com", "googlemail.com"],
            mail_hosts: &["google.com", "googlemail.com"],
        },
        outgoing: ("smtp.gmail.com", 465),
        incoming: Some("imap.gmail.com"),
        login: Login::AppPassword("https://myaccount.google.com/apppasswords"),
    },
    Provider {
        known_by: Known {
            domains: &[
                "outlook.com",
                "outlook.nl",
                "hotmail.com",
                "hotmail.nl",
                "live.com",
                "live.nl",
                "msn.com",
            ],
            mail_hosts: &[],
        },
        outgoing: ("smtp-mail.outlook.com", 587),
        incoming: None,
        login: Login::NotPossible,
    },
    Provider {
        known_by: Known {
            domains: &["onmicrosoft.com"],
            mail_hosts: &["protection.outlook.com", "mx.microsoft"],
        },
        outgoing: ("smtp.office365.com", 587),
        incoming: None,
        login: Login::Allowed,
    },
    Provider {
        known_by: Known { domains: &["icloud.com", "me.com", "mac.com"], mail_hosts: &[] },
        outgoing: ("smtp.mail.me.com", 587),
        incoming: Some("imap.mail.me.com"),
        login: Login::AppPassword("https://account.apple.com"),
    },
    Provider {
        known_by: Known { domains: &["yahoo.com"], mail_hosts: &[] },
        outgoing: ("smtp.mail.yahoo.com", 465),
        incoming: Some("imap.mail.yahoo.com"),
        login: Login::AppPassword("https://login.yahoo.com/account/security"),
    },
    Provider {
        known_by: Known { domains: &["fastmail.com"], mail_hosts: &["messagingengine.com"] },
        outgoing: ("smtp.fastmail.com", 465),
        incoming: Some("imap.fastmail.com"),
        login: Login::AppPassword("https://app.fastmail.com/settings/security"),
    },
    Provider {
        known_by: Known { domains: &["mailbox.org"], mail_hosts: &[] },
        outgoing: ("smtp.mailbox.org", 465),
        incoming: Some("imap.mailbox.org"),
        login: Login::Password,
    },
    Provider {
        known_by: Known { domains: &["soverin.net"], mail_hosts: &[] },
        outgoing: ("smtp.soverin.net", 465),
        incoming: Some("imap.soverin.net"),
        login: Login::Password,
    },
    Provider {
        known_by: Known {
            domains: &[
                "ziggo.nl",
                "ziggomail.com",
                "casema.nl",
                "chello.nl",
                "home.nl",
                "multiweb.nl",
                "quicknet.nl",
                "upcmail.nl",
            ],
            mail_hosts: &[],
        },
        outgoing: ("smtp.ziggo.nl", 587),
        incoming: Some("imap.ziggo.nl"),
        login: Login::Password,
    },
    Provider {
        known_by: Known {
            domains: &[
                "kpnmail.nl",
                "kpnplanet.nl",
                "planet.nl",
                "hetnet.nl",
                "wxs.nl",
                "xs4all.nl",
                "telfort.nl",
                "tiscali.nl",
                "freeler.nl",
                "onsbrabantnet.nl",
                "onsmail.nl",
            ],
            mail_hosts: &[],
        },
        outgoing: ("smtp.kpnmail.nl", 465),
        incoming: Some("imap.kpnmail.nl"),
        login: Login::Password,
    },
    Provider {
        known_by: Known { domains: &["freedom.nl"], mail_hosts: &[] },
        outgoing: ("smtp.freedom.nl", 465),
        incoming: Some("imap.freedom.nl"),
        login: Login::Password,
    },
    Provider {
        known_by: Known { domains: &[], mail_hosts: &["transip.email"] },
        outgoing: ("smtp.transip.email", 465),
        incoming: Some("imap.transip.email"),
        login: Login::Password,
    },
    Provider {
        known_by: Known { domains: &["strato.de"], mail_hosts: &["rzone.de"] },
        outgoing: ("smtp.strato.de", 465),
        incoming: Some("imap.strato.de"),
        login: Login::Password,
    },
];
