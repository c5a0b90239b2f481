//! DNS with DNSSEC: every answer comes with its security state.
//!
//! Answers whose state counts are asked with CD and DO set and validated here by `domain`'s
//! validator, denials included: a resolver can withhold an answer, not forge one. Which resolver to
//! ask comes from the system (read by hickory) or from the settings, where it may be asked over TLS.
//!
//! No answer is kept: each message asks anew. The validator remembers zones' keys while they hold,
//! and never longer than a day (R-DNS-7).

mod anchors;
mod answer;
mod client;
mod line;
mod memory;

use core::time::Duration;
use std::net::{IpAddr, SocketAddr};

use domain::base::Rtype;
use mail::Domain;
use nta7516::facts::{Security, Seen, Tlsa, Trouble};
use nta7516::record::Txt;

use crate::tls::Roots;
use answer::Answer;
use client::Client;

/// How names are looked up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom to ask.
    pub resolver: Upstream,
    /// DS or DNSKEY lines of the root in zone file form; `None`: IANA's.
    pub trust_anchor: Option<String>,
    /// How long one answer may take, two repetitions of the question included. A whole look-up, with
    /// what validation asks for, may take three times as long, at each server that the system names.
    pub timeout: Duration,
}

/// Whom questions go to.
#[derive(Debug, Clone)]
pub enum Upstream {
    /// What the operating system is set up with.
    System,
    /// This server.
    Address(SocketAddr),
    /// This server, and only inside TLS.
    Tls(Dot),
}

/// A name server that is asked over TLS (RFC 7858), and only where it proves its name (RFC 8310
/// section 5, the strict profile): nobody on the way reads which domains are written to.
#[derive(Debug, Clone)]
pub struct Dot {
    /// Where it is; mostly port 853.
    pub address: SocketAddr,
    /// The name or IP address that its certificate must have.
    pub name: String,
    /// The roots that its certificate may lead to.
    pub roots: Roots,
}

impl Default for Settings {
    fn default() -> Self {
        Self { resolver: Upstream::System, trust_anchor: None, timeout: Duration::from_secs(5) }
    }
}

/// Why there is no resolver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// The trust anchor cannot be read.
    #[error(
        "the DNSSEC trust anchor cannot be read ({0}); it must hold DS or DNSKEY lines of the root"
    )]
    TrustAnchor(String),
}

/// What a domain says about where its mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MxAnswer {
    /// "This domain takes no mail" (RFC 7505).
    Null,
    /// Preference and host, as they came.
    Hosts(Vec<(u16, Domain)>),
    /// No MX records.
    None,
}

/// The addresses of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// IPv4 before IPv6.
    pub ips: Vec<IpAddr>,
    /// The end of the CNAME chain; the name itself where there is none, or where the answer is not
    /// secure.
    pub base: Domain,
}

/// The validating resolver.
#[derive(Debug)]
pub struct Resolver {
    client: Client,
}

impl Resolver {
    /// Sets the resolver up; nothing is asked yet, and that the system may name no resolver now is
    /// [`Trouble::Unreachable`] when something is asked.
    ///
    /// # Errors
    /// [`DnsError`].
    pub fn new(settings: Settings) -> Result<Self, DnsError> {
        Ok(Self { client: Client::new(settings)? })
    }

    /// The TXT records of a domain, with the original TTL where they are signed.
    ///
    /// # Errors
    /// [`Trouble`]: no answer.
    pub async fn txt(&self, name: &Domain) -> Result<Seen<Vec<Txt>>, Trouble> {
        let answer = self.client.ask(name.as_str(), Rtype::TXT).await?;
        Ok(answer.seen(Answer::txt))
    }

    /// Where the mail of a domain goes.
    ///
    /// # Errors
    /// [`Trouble`]: no answer.
    pub async fn mx(&self, name: &Domain) -> Result<Seen<MxAnswer>, Trouble> {
        let answer = self.client.ask(name.as_str(), Rtype::MX).await?;
        Ok(answer.seen(Answer::mx))
    }

    /// The addresses of a host. The state is the worst over A, AAAA and every CNAME on the way.
    ///
    /// # Errors
    /// [`Trouble`]: no answer for either family, or none for one while the other has no address.
    pub async fn addresses(&self, name: &Domain) -> Result<Seen<Addresses>, Trouble> {
        let (four, six) = tokio::join!(
            self.client.ask(name.as_str(), Rtype::A),
            self.client.ask(name.as_str(), Rtype::AAAA),
        );
        let mut ips = Vec::new();
        let mut base = name.clone();
        let mut security = Security::Secure;
        let mut why = None;
        let mut trouble = None;
        for family in [four, six] {
            match family {
                Ok(answer) => {
                    security = security.and(answer.security);
                    why = why.or_else(|| answer.why.clone());
                    ips.extend(answer.addresses());
                    base = answer.end().unwrap_or(base);
                }
                Err(error) => trouble = Some(error),
            }
        }
        if let Some(trouble) = trouble.filter(|_| ips.is_empty()) {
            return Err(trouble);
        }
        if security != Security::Secure {
            base = name.clone();
        }
        Ok(Seen { security, value: Addresses { ips, base }, why })
    }

    /// The state of the CNAME record at a name, or of its denial: whether a name that leads out of
    /// signed zones stands in one itself (RFC 7672 section 2.2.2).
    ///
    /// # Errors
    /// [`Trouble`]: no answer.
    pub async fn alias(&self, name: &Domain) -> Result<Seen<()>, Trouble> {
        let answer = self.client.ask(name.as_str(), Rtype::CNAME).await?;
        Ok(answer.seen(|_| ()))
    }

    /// The TLSA records for SMTP on a port of a host (RFC 7672 section 2.2.3).
    ///
    /// # Errors
    /// [`Trouble`]: no answer, which never means "no TLSA".
    pub async fn tlsa(&self, port: u16, host: &Domain) -> Result<Seen<Vec<Tlsa>>, Trouble> {
        let answer = self.client.ask(&format!("_{port}._tcp.{host}"), Rtype::TLSA).await?;
        Ok(answer.seen(Answer::tlsa))
    }

    /// The host and port of a service of a domain (RFC 2782, RFC 6186), such as
    /// `_submission._tcp`; `None` where it names none.
    ///
    /// # Errors
    /// [`Trouble`]: no answer.
    pub async fn srv(
        &self,
        service: &str,
        name: &Domain,
    ) -> Result<Seen<Option<(Domain, u16)>>, Trouble> {
        let answer = self.client.ask(&format!("{service}.{name}"), Rtype::SRV).await?;
        Ok(answer.seen(Answer::srv))
    }

    /// Asks for the keys of the root: does the resolver answer at all, and with signatures?
    ///
    /// # Errors
    /// [`Trouble::Stripped`] where it leaves them out; [`Trouble`] where it does not answer.
    pub async fn probe(&self) -> Result<(), Trouble> {
        self.client.probe().await
    }
}

#[cfg(test)]
mod tests;
