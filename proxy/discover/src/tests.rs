#![allow(clippy::unwrap_used)]

use net::listen::{Listener, TlsAcceptor};
use net::local::LocalCertificate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::*;

/// A service, its host, its port, and how surely DNS says so.
type Service = (&'static str, &'static str, u16, Security);

/// A world in which the domain is `localhost`: its web server stands on loopback and speaks real
/// HTTPS, and DNS says what it is told to say.
struct Loopback {
    port: u16,
    roots: Roots,
    services: &'static [Service],
    mail_hosts: &'static [&'static str],
}

impl World for Loopback {
    async fn service(&self, service: &str, _: &Domain) -> Option<(Domain, u16, Security)> {
        let (_, host, port, security) = self.services.iter().find(|one| one.0 == service)?;
        Some((Domain::parse(host).unwrap(), *port, *security))
    }

    async fn mail_hosts(&self, _: &Domain) -> Vec<Domain> {
        self.mail_hosts.iter().map(|host| Domain::parse(host).unwrap()).collect()
    }

    async fn document(&self, host: &str, path: &'static str) -> Option<Vec<u8>> {
        super::document(&self.roots, host, self.port, path).await
    }
}

/// A web server that answers each visit with this until it is stopped.
async fn web(answer: String) -> (Roots, u16, JoinHandle<()>) {
    let certificate = LocalCertificate::create(jiff::Timestamp::now()).unwrap();
    let authority = ("authority".to_owned(), certificate.authority().into_bytes());
    let acceptor = TlsAcceptor::new(&certificate).unwrap();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = listener.address().port();
    let serving = tokio::spawn(async move {
        while let Ok(stream) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut asked = vec![0; 4096];
            let n = stream.read(&mut asked).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..n]).into_owned();
            assert!(!asked.contains("arts"), "who asks is told: {asked}");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (Roots::load(&[authority]).unwrap(), port, serving)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn server(kind: &str, host: &str, port: u16, socket: &str) -> String {
    let tag = if kind == "smtp" { "outgoingServer" } else { "incomingServer" };
    format!(
        "<{tag} type=\"{kind}\"><hostname>{host}</hostname><port>{port}</port>\
         <socketType>{socket}</socketType></{tag}>"
    )
}

const NO_SERVICES: &[Service] = &[];

/// What is found where the web answers so, and DNS so.
async fn with_web(
    answer: String,
    services: &'static [Service],
    mail_hosts: &'static [&'static str],
) -> Found {
    let (roots, port, serving) = web(answer).await;
    let world = Loopback { port, roots, services, mail_hosts };
    let found = found(&world, &Address::parse("arts@localhost").unwrap()).await;
    serving.abort();
    found
}

#[tokio::test]
async fn both_servers_are_read_from_what_the_domain_publishes_and_nobody_is_named() {
    let file = server("smtp", "uit.praktijk.test", 465, "SSL")
        + &server("imap", "in.praktijk.test", 993, "SSL");
    let found = with_web(ok(&format!("<c>{file}</c>")), NO_SERVICES, &[]).await;
    assert_eq!(
        (found.source, found.sure, found.login),
        (Source::Autoconfig, true, Login::Password)
    );
    assert_eq!(found.outgoing.host, "uit.praktijk.test");
    assert_eq!(found.outgoing.username.as_deref(), Some("arts@localhost"));
    let incoming = found.incoming.unwrap();
    assert_eq!((incoming.host.as_str(), incoming.port), ("in.praktijk.test", 993));
}

#[tokio::test]
async fn a_file_without_imap_leaves_imap_to_dns() {
    let file = server("smtp", "uit.praktijk.test", 587, "STARTTLS");
    let services = &[("_imaps._tcp", "in.localhost", 993, Security::Insecure)];
    let found = with_web(ok(&format!("<c>{file}</c>")), services, &[]).await;
    assert!(!found.outgoing.implicit);
    assert_eq!(found.incoming.unwrap().host, "in.localhost");
}

#[tokio::test]
async fn hostile_and_broken_pages_are_as_if_there_were_none() {
    let good = server("smtp", "evil.test", 465, "SSL");
    let bomb = "<!DOCTYPE c [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><c>&b;</c>".to_owned();
    let pages = [
        "HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n"
            .to_owned(),
        ok("<html>Welkom bij onze praktijk</html>"),
        ok(&bomb),
        ok(&format!("<!DOCTYPE c><c>{good}</c>")),
        ok(&format!("<c>{}</c>", server("smtp", "evil.test\r\nRCPT", 465, "SSL"))),
        ok(&format!("<c>{}</c>", server("smtp", "uit.test", 25, "plain"))),
        ok(&format!("<c>{good}")[..40]),
        ok(&format!("<c>{}{good}</c>", " ".repeat(LARGEST))),
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<c>".to_owned(),
        "220 mail.test ESMTP\r\n".to_owned(),
    ];
    for page in pages {
        let found = with_web(page.clone(), NO_SERVICES, &[]).await;
        assert_eq!((found.source, found.sure), (Source::Guess, false), "{page:.80}");
        assert_eq!(found.outgoing.host, "smtp.localhost");
        assert_eq!(found.incoming.unwrap().host, "imap.localhost");
    }
}

#[tokio::test]
async fn a_page_of_a_server_that_does_not_prove_its_name_is_not_read() {
    let file = server("smtp", "evil.test", 465, "SSL");
    let (_, port, serving) = web(ok(&format!("<c>{file}</c>"))).await;
    let roots = Roots::load(&[]).unwrap();
    let world = Loopback { port, roots, services: NO_SERVICES, mail_hosts: &[] };
    let found = found(&world, &Address::parse("arts@localhost").unwrap()).await;
    assert_eq!(found.source, Source::Guess);
    serving.abort();
}

const NO_PAGE: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn services_in_dns_are_sure_only_where_proved_or_below_the_domain() {
    let cases: &[(&'static [Service], &str, bool, bool)] = &[
        (
            &[("_submissions._tcp", "uit.localhost", 465, Security::Insecure)],
            "uit.localhost",
            true,
            true,
        ),
        (
            &[("_submission._tcp", "uit.elders.test", 587, Security::Secure)],
            "uit.elders.test",
            false,
            true,
        ),
        (
            &[("_submission._tcp", "uit.evil.test", 587, Security::Insecure)],
            "uit.evil.test",
            false,
            false,
        ),
        (
            &[
                ("_submissions._tcp", "uit.localhost", 465, Security::Insecure),
                ("_imaps._tcp", "in.evil.test", 993, Security::Insecure),
            ],
            "uit.localhost",
            true,
            false,
        ),
    ];
    for (services, host, implicit, sure) in cases {
        let found = with_web(NO_PAGE.to_owned(), services, &[]).await;
        assert_eq!((found.source, found.sure), (Source::Dns, *sure), "{services:?}");
        assert_eq!((found.outgoing.host.as_str(), found.outgoing.implicit), (*host, *implicit));
        assert_eq!(found.incoming.is_some(), services.len() == 2);
    }
}

#[tokio::test]
async fn a_practice_at_a_large_provider_is_known_by_its_mail_host() {
    let hosts = &["mx1.elders.test", "praktijk-nl.mail.protection.outlook.com"];
    let found = with_web(NO_PAGE.to_owned(), NO_SERVICES, hosts).await;
    assert_eq!((found.source, found.outgoing.host.as_str()), (Source::Table, "smtp.office365.com"));
    // Its IMAP takes no password, and its submission only where the administrator lets it.
    assert_eq!((found.incoming, found.login), (None, Login::Allowed));
    let found = with_web(NO_PAGE.to_owned(), NO_SERVICES, &["smtpin.rzone.de"]).await;
    assert_eq!(found.outgoing.host, "smtp.strato.de");
}

/// What a domain publishes says nothing of how its provider lets a program in.
#[tokio::test]
async fn a_published_server_of_a_known_provider_has_its_way_of_logging_in() {
    let file = server("smtp", "smtp.office365.com", 587, "STARTTLS")
        + &server("imap", "outlook.office365.com", 993, "SSL");
    let found = with_web(ok(&format!("<c>{file}</c>")), NO_SERVICES, &[]).await;
    assert_eq!((found.login, found.incoming), (Login::Allowed, None));
    let services = &[("_submissions._tcp", "smtp.gmail.com", 465, Security::Secure)];
    let found = with_web(NO_PAGE.to_owned(), services, &[]).await;
    assert!(matches!(found.login, Login::AppPassword(page) if page.starts_with("https://")));
}

#[test]
fn a_domain_belongs_to_a_provider_only_with_whole_labels() {
    let found = |domain: &str| table::by_domain(domain);
    for domain in ["ziggo.nl", "thuis.Ziggo.nl", "home.nl", "quicknet.nl"] {
        assert_eq!(found(domain).unwrap().outgoing.host, "smtp.ziggo.nl", "{domain}");
    }
    assert_eq!(found("nietziggo.nl"), None);
    assert!(!found("ziggo.nl").unwrap().outgoing.implicit);
    assert!(found("gmail.com").unwrap().outgoing.implicit);
}

#[test]
fn where_no_password_lets_a_program_in_the_table_says_so() {
    for domain in ["outlook.com", "hotmail.nl", "live.nl", "msn.com"] {
        let found = table::by_domain(domain).unwrap();
        assert_eq!((found.login, found.incoming), (Login::NotPossible, None), "{domain}");
    }
    for domain in ["gmail.com", "icloud.com", "yahoo.com", "fastmail.com"] {
        let login = table::by_domain(domain).unwrap().login;
        assert!(login.page().is_some_and(|page| page.starts_with("https://")), "{domain}");
    }
    assert_eq!(table::by_domain("kpnmail.nl").unwrap().login, Login::Password);
}

#[test]
fn a_host_of_another_domain_is_no_host_of_this_one() {
    let domain = Domain::parse("praktijk.nl").unwrap();
    assert!(below("smtp.Praktijk.nl", &domain) && below("praktijk.nl", &domain));
    assert!(!below("smtp.elders.example", &domain) && !below("nepraktijk.nl", &domain));
}
