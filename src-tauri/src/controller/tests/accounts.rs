//! Accounts: their mail program is noticed, their servers change, one is taken out.

use engine::Protocol;
use tokio::io::AsyncReadExt;

use super::*;
use crate::request::NewServers;
use crate::view::{AccountChange, AccountView, Discovered, ServerAt, Visited};

const ADDRESS: &str = "praktijk@praktijk.test";

impl App {
    async fn view<T>(&self, what: &str, of: impl Fn(&View) -> Option<T>) -> T {
        self.until(what, |done| match done {
            Done::Post(Window::Main, view) => of(view),
            _ => None,
        })
        .await
    }

    async fn visit(&self, what: &str, so: impl Fn(&Visited) -> bool) -> Visited {
        self.view(what, |view| match view {
            View::Visited(visited) if so(visited) => Some(visited.clone()),
            _ => None,
        })
        .await
    }

    async fn accounts(&self) -> Vec<AccountView> {
        self.view("the settings", |view| match view {
            View::Settings(settings) => Some(settings.accounts.clone()),
            _ => None,
        })
        .await
    }

    fn server(&self) -> ServerAt {
        let account = self.engine.settings().accounts[0].clone();
        let username = account.smtp.username;
        ServerAt { host: account.smtp.host, port: account.smtp.port, implicit: false, username }
    }

    fn change_servers(&self, outgoing: ServerAt, incoming: Option<ServerAt>) {
        let (address, password) = (ADDRESS.to_owned(), String::new().into());
        let new = NewServers { address, outgoing, incoming, password };
        self.ask(Window::Main, Request::ChangeServers(new));
    }
}

/// Everything may be green while the mail program still sends past us.
#[tokio::test]
async fn a_mail_program_is_noticed_when_it_hands_in_and_our_own_first_mail_is_none() {
    let app = App::trying_out().await;
    let address = ADDRESS.to_owned();
    app.ask(Window::Main, Request::FirstMail { address: address.clone() });
    let taken = |view: &View| matches!(view, View::FirstMail { .. }).then_some(());
    app.view("the first mail", taken).await;
    app.ask(Window::Main, Request::Visited { address: address.clone() });
    let none = app.visit("the answer", |_| true).await;
    assert_eq!((none.address, none.handed_in, none.fetched), (address, None, None));
    let program = |items: Vec<checkup::Item>| items.into_iter().find(|one| one.what == "program");
    let item = program(checkup::look(&app.engine).await).unwrap();
    assert_eq!(item.state, checkup::Standing::Attention);
    app.send();
    let seen = app.visit("the visit", |one| one.handed_in.is_some()).await;
    assert_eq!(seen.address, ADDRESS);
    let item = program(checkup::look(&app.engine).await).unwrap();
    assert_eq!((item.state, item.mend), (checkup::Standing::Good, None));
}

#[tokio::test]
async fn other_servers_are_kept_only_where_they_let_us_in() {
    let app = App::trying_out().await;
    let server = app.server();
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = ServerAt { port: nobody.local_addr().unwrap().port(), ..server.clone() };
    app.change_servers(closed.clone(), None);
    let sentence = app.trouble("change_servers").await;
    assert!(sentence.contains("liet ons niet binnen"), "{sentence}");
    assert_eq!(app.server(), server, "the old one stays");
    let named = ServerAt { username: "een-andere-naam".to_owned(), ..server };
    app.change_servers(named.clone(), None);
    let accounts = app.accounts().await;
    assert_eq!((&accounts[0].outgoing, &accounts[0].incoming), (&named, &None));
    let changed = app
        .view("that it is kept", |view| match view {
            View::AccountChanged(changed) => Some(changed.clone()),
            _ => None,
        })
        .await;
    assert_eq!((changed.address.as_str(), changed.change), (ADDRESS, AccountChange::Servers));
    app.change_servers(ServerAt { host: " ".to_owned(), ..named }, None);
    assert!(app.trouble("change_servers").await.contains("naam van de server"));
}

#[tokio::test]
async fn an_account_goes_only_when_nothing_of_it_waits_and_its_identity_stays() {
    let app = App::trying_out().await;
    app.send();
    let question = app.question("the question", ready).await;
    app.ask(Window::Main, Request::RemoveAccount { address: ADDRESS.to_owned() });
    let sentence = app.trouble("remove_account").await;
    assert!(sentence.contains("wacht nog één mail") && sentence.contains(ADDRESS), "{sentence}");
    assert_eq!(app.engine.held().await.unwrap().len(), 1, "nothing is lost");
    assert_eq!(app.engine.settings().accounts.len(), 1);
    app.choose(&question, Way::Withdraw, "");
    app.question("the end", |one| one.stage == Asked::Done).await;
    app.ask(Window::Main, Request::RemoveAccount { address: ADDRESS.to_owned() });
    assert_eq!(app.accounts().await, Vec::new());
    assert_eq!(app.engine.identities().await.unwrap().len(), 1);
    app.ask(Window::Main, Request::RemoveAccount { address: ADDRESS.to_owned() });
    assert!(app.trouble("remove_account").await.contains("geen account"));
}

/// An account that gets a server for fetching needs no restart.
#[tokio::test]
async fn imap_is_listened_for_at_once_and_at_the_next_start() {
    let app = App::trying_out().await;
    app.engine.listen_for_imap().await.unwrap();
    let listeners = app.engine.listeners();
    let imap: Vec<_> = listeners.iter().filter(|one| one.protocol == Protocol::Imap).collect();
    let kept: Vec<_> = app.engine.settings().listen.imap.iter().map(|one| one.address).collect();
    assert_eq!(imap.iter().map(|one| one.address).collect::<Vec<_>>(), kept);
    let mut stream = tokio::net::TcpStream::connect(imap[0].address).await.unwrap();
    let mut greeting = [0; 4];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"* OK");
    app.engine.listen_for_imap().await.unwrap();
    assert_eq!(app.engine.listeners().len(), listeners.len(), "once is enough");
}

/// With DNS on loopback that says of no server.
#[tokio::test]
async fn what_nobody_names_is_guessed_and_said_to_be_a_guess() {
    let app = App::trying_out().await;
    app.ask(Window::Main, Request::Discover { address: "arts@ziekenhuis.test".to_owned() });
    let found: Discovered = app
        .view("what was found", |view| match view {
            View::Discovered(found) => Some(found.clone()),
            _ => None,
        })
        .await;
    assert_eq!((found.source.as_str(), found.sure), ("guess", false));
    assert_eq!(found.outgoing.host, "smtp.ziekenhuis.test");
    assert_eq!(found.incoming.map(|one| one.host).as_deref(), Some("imap.ziekenhuis.test"));
    assert_eq!((found.login.as_str(), found.page), ("password", None));
    app.ask(Window::Main, Request::Discover { address: "arts@hotmail.nl".to_owned() });
    let found = app
        .view("what is known", |view| match view {
            View::Discovered(found) if found.source == "table" => Some(found.clone()),
            _ => None,
        })
        .await;
    assert_eq!((found.login.as_str(), found.incoming), ("not_possible", None));
}
