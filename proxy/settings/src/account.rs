use std::net::IpAddr;
use std::ops::Range;

use mail::Address;
use toml::Spanned;

use super::check::{Checked, Checker};
use super::raw;
use super::{Account, Auth, AuthservPlace, Dkim, Endpoint, KeepReceived, Route, Sent, Tls};

impl Account {
    /// An account with nothing but its submission server: no route yet, so health mail stays held.
    #[must_use]
    pub fn new(address: Address, smtp: Endpoint) -> Self {
        Self {
            address,
            smtp,
            imap: None,
            routes: Vec::new(),
            provider: None,
            gateway: None,
            helo: None,
            dossiers: Vec::new(),
            keep_years: None,
            dkim: None,
            authserv_id: None,
            authserv_place: AuthservPlace::default(),
            keep_received: KeepReceived::default(),
            sent: Sent::Leave,
        }
    }
}

impl Checker<'_> {
    pub(super) fn accounts(&self, list: Vec<Spanned<raw::Account>>) -> Checked<Vec<Account>> {
        let mut accounts: Vec<Account> = Vec::with_capacity(list.len());
        for entry in list {
            let span = entry.span();
            let account = self.account(entry.into_inner(), span.clone())?;
            let same = |other: &Account| other.address.is_same_mailbox(&account.address);
            if accounts.iter().any(same) {
                let what = format!("the account {} stands here twice", account.address);
                return Err(self.fault(span, what, "remove one of the two"));
            }
            accounts.push(account);
        }
        Ok(accounts)
    }

    fn account(&self, raw: raw::Account, span: Range<usize>) -> Checked<Account> {
        let address = Address::parse(raw.address.get_ref()).map_err(|error| {
            let what = format!("`{}` is no mail address: {error}", raw.address.get_ref());
            self.fault(raw.address.span(), what, "write it as name@domain")
        })?;
        let submission = |endpoint| self.endpoint(endpoint, &address, SUBMISSION);
        let smtp = submission(raw.smtp)?;
        let gateway = raw.gateway.map(submission).transpose()?;
        let retrieval = |endpoint| self.endpoint(endpoint, &address, RETRIEVAL);
        let imap = raw.imap.map(retrieval).transpose()?;
        let provider = match &raw.provider {
            Some(mark) => Some(self.mark(mark)?),
            None => None,
        };
        let mut routes = Vec::with_capacity(raw.routes.len());
        for word in raw.routes {
            let span = word.span();
            let route = self.word(&Some(word), "routes", ROUTES)?;
            self.has_what_it_needs(route, &span, provider.is_some(), gateway.is_some())?;
            if routes.contains(&route) {
                let what = format!("the route {} stands here twice", route.as_str());
                return Err(self.fault(span, what, "remove one of the two"));
            }
            routes.push(route);
        }
        let helo = raw.helo.as_ref().map(|name| self.domain(name)).transpose()?;
        let dossiers = self.dossiers(raw.dossier)?;
        if address.domain().is_none() {
            let what = "an account's address needs a domain, not an IP address";
            return Err(self.fault(span, what, "write it as name@domain"));
        }
        let dkim = raw.dkim.map(|dkim| self.dkim(dkim, &address)).transpose()?;
        let sent = self.sent(&raw.sent, imap.is_some())?;
        let keep_years = match &raw.keep_years {
            Some(_) => Some(self.number(&raw.keep_years, 1..=100, 1)?),
            None => None,
        };
        let authserv_id = raw.authserv_id.as_ref().map(|id| self.authserv_id(id)).transpose()?;
        let authserv_place = self.word(&raw.authserv_place, "authserv_place", AUTHSERV_PLACE)?;
        let keep_received = self.word(&raw.keep_received, "keep_received", KEEP_RECEIVED)?;
        Ok(Account {
            address,
            smtp,
            imap,
            routes,
            provider,
            gateway,
            helo,
            dossiers,
            keep_years,
            dkim,
            authserv_id,
            authserv_place,
            keep_received,
            sent,
        })
    }

    /// A token of RFC 8601 section 2.2; providers take a host name of theirs.
    fn authserv_id(&self, id: &Spanned<String>) -> Checked<String> {
        let text = id.get_ref();
        let plain = |byte: u8| byte.is_ascii_graphic() && !b";=\"\\,()<>[]?:@/".contains(&byte);
        if text.is_empty() || text.len() > 255 || !text.bytes().all(plain) {
            let what = format!("`{text}` is no id of a mail provider");
            let mend = "copy the first word of the provider's Authentication-Results field";
            return Err(self.fault(id.span(), what, mend));
        }
        Ok(text.clone())
    }

    fn sent(&self, raw: &raw::Text, imap: bool) -> Checked<Sent> {
        let sent = self.word(raw, "sent", SENT)?;
        if let (Some(word), Sent::AsSent, false) = (raw, sent, imap) {
            let what = "sent = \"as-sent\" needs the provider's IMAP server";
            let mend = "add imap = { host = \"...\" } to the account, or leave sent out";
            return Err(self.fault(word.span(), what, mend));
        }
        Ok(sent)
    }

    fn dkim(&self, raw: Spanned<Dkim>, address: &Address) -> Checked<Dkim> {
        let (span, dkim) = (raw.span(), raw.into_inner());
        match dkim.key(address) {
            Ok(_) => Ok(dkim),
            Err(error) => Err(self.fault(span, error.to_string(), "correct it, or leave it out")),
        }
    }

    fn has_what_it_needs(
        &self,
        route: Route,
        span: &Range<usize>,
        provider: bool,
        gateway: bool,
    ) -> Checked<()> {
        let (what, mend) = match route {
            Route::Provider if !provider => (
                "the route \"provider\" needs the provider's mark",
                "add provider = \"MARK\" to the account, or remove the route",
            ),
            Route::Gateway if !gateway => (
                "the route \"gateway\" needs a gateway",
                "add gateway = { host = \"...\" } to the account, or remove the route",
            ),
            _ => return Ok(()),
        };
        Err(self.fault(span.clone(), what, mend))
    }

    fn endpoint(
        &self,
        raw: Spanned<raw::Endpoint>,
        address: &Address,
        kind: Kind,
    ) -> Checked<Endpoint> {
        let raw = raw.into_inner();
        let host = match raw.host.get_ref().parse::<IpAddr>() {
            Ok(ip) => ip.to_string(),
            Err(_) => self.domain(&raw.host)?,
        };
        let tls = match &raw.tls {
            Some(_) => self.word(&raw.tls, "tls", ENDPOINT_TLS)?,
            None => kind.tls,
        };
        if let (Some(word), Tls::None, false) = (&raw.tls, tls, is_loopback(&host)) {
            let what = format!("without TLS, password and mail would go to {host} readable");
            let mend = "write tls = \"starttls\" or \"implicit\"; \"none\" is for loopback only";
            return Err(self.fault(word.span(), what, mend));
        }
        let default = match tls {
            Tls::Implicit => kind.implicit_port,
            Tls::StartTls | Tls::None => kind.port,
        };
        let username = match &raw.username {
            Some(name) if name.get_ref().is_empty() || name.get_ref().contains('\0') => {
                let what = "the username is empty or has a NUL character";
                return Err(self.fault(name.span(), what, "write the name, or leave it out"));
            }
            Some(name) => name.get_ref().clone(),
            None => address.to_string(),
        };
        Ok(Endpoint {
            host,
            port: self.number(&raw.port, 1..=65_535, default)?,
            tls,
            auth: self.word(&raw.auth, "auth", AUTHS)?,
            username,
        })
    }

    /// The mark ends up in a header field and in DNS: visible ASCII without separators.
    fn mark(&self, mark: &Spanned<String>) -> Checked<String> {
        let text = mark.get_ref();
        let plain = |byte: u8| byte.is_ascii_graphic() && !b";=\"\\,".contains(&byte);
        if text.is_empty() || text.len() > 255 || !text.bytes().all(plain) {
            let what = format!("`{text}` is no provider's mark");
            let mend = "write the mark as the provider publishes it: letters, digits and hyphens";
            return Err(self.fault(mark.span(), what, mend));
        }
        Ok(text.clone())
    }
}

fn is_loopback(host: &str) -> bool {
    let ip = host.parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

/// What differs between submission and IMAP.
#[derive(Clone, Copy)]
struct Kind {
    tls: Tls,
    port: i64,
    implicit_port: i64,
}

const SUBMISSION: Kind = Kind { tls: Tls::StartTls, port: 587, implicit_port: 465 };
const RETRIEVAL: Kind = Kind { tls: Tls::Implicit, port: 143, implicit_port: 993 };

pub(super) const ENDPOINT_TLS: &[(&str, Tls)] =
    &[("starttls", Tls::StartTls), ("implicit", Tls::Implicit), ("none", Tls::None)];
pub(super) const AUTHS: &[(&str, Auth)] = &[
    ("auto", Auth::Auto),
    ("cram-md5", Auth::CramMd5),
    ("plain", Auth::Plain),
    ("login", Auth::Login),
    ("none", Auth::None),
];
pub(super) const AUTHSERV_PLACE: &[(&str, AuthservPlace)] =
    &[("top", AuthservPlace::Top), ("below", AuthservPlace::Below)];
pub(super) const KEEP_RECEIVED: &[(&str, KeepReceived)] =
    &[("claims", KeepReceived::Claims), ("nta", KeepReceived::Nta), ("none", KeepReceived::None)];
pub(super) const SENT: &[(&str, Sent)] = &[("leave", Sent::Leave), ("as-sent", Sent::AsSent)];
pub(super) const ROUTES: &[(&str, Route)] =
    &[("direct", Route::Direct), ("provider", Route::Provider), ("gateway", Route::Gateway)];
