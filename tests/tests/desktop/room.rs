//! A desk with the app on it: what every scenario here begins with.

use serde_json::Value;
use tests::desktop::{App, Desk, Key, Look, Page};
use tests::zorgzegel::Options;
use tests::{
    Port, SenderTls, Session, Stored, Submission, World, Zorgzegel, guard, held_as, openssl,
};

/// What the window's title says while it asks.
pub(crate) const QUESTION: &str = "Zorgzegel vraagt uw keuze";
/// The main window's title.
pub(crate) const MAIN: &str = "Zorgzegel";
/// The button that does what is chosen, once the moment in which nothing counts is over.
pub(crate) const PRIMARY: &str = "#primary[aria-disabled=false]";

/// A session with a panel, and the product set up in it.
pub(crate) struct Room {
    pub(crate) desk: Desk,
    pub(crate) product: Zorgzegel,
    pub(crate) session: Session,
    port: Port,
}

impl Room {
    pub(crate) fn of(address: &str) -> Self {
        Self::with(Options { address: address.to_owned(), ..Options::default() })
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::made(options, Zorgzegel::prepare)
    }

    /// As a first run finds it: no account.
    pub(crate) fn blank() -> Self {
        Self::made(Options::default(), Zorgzegel::blank)
    }

    fn made(
        options: Options,
        make: fn(&World, &Session, Options) -> Result<Zorgzegel, tests::HarnessError>,
    ) -> Self {
        let session = Session::start().unwrap();
        let desk = Desk::start(&session).unwrap();
        let port = Port::take().unwrap();
        let options = Options { port: port.number(), ..options };
        let product = make(World::shared(), &session, options).unwrap();
        Self { desk, product, session, port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    /// The arguments that the app of this room starts with.
    pub(crate) fn config(&self) -> [String; 2] {
        ["--config".to_owned(), self.product.config().to_string_lossy().into_owned()]
    }

    /// Starts the app and waits until it takes mail.
    pub(crate) fn start(&self) -> App {
        let [flag, file] = self.config();
        let app = App::start(&self.session, &[&flag, &file]).unwrap();
        self.until_it_takes_mail();
        app
    }

    /// Starts the app where there is no account yet.
    pub(crate) fn start_without_mail(&self) -> App {
        let [flag, file] = self.config();
        App::start(&self.session, &[&flag, &file]).unwrap()
    }

    pub(crate) fn until_it_takes_mail(&self) {
        let open = || std::net::TcpStream::connect(("127.0.0.1", self.port())).ok();
        guard::until("the listener of the app", guard::PATIENCE, open).unwrap();
    }

    /// Sends a mail as a mail program does; what it was told.
    pub(crate) fn send(&self, to: &[&str], message: &str) -> String {
        let submission = Submission {
            server: ([127, 0, 0, 1], self.port()).into(),
            tls: SenderTls::StartTls,
            login: (self.product.user(), self.product.local_password()),
            mechanism: "PLAIN",
            from: self.product.user(),
            to,
        };
        submission.smtplib(message.as_bytes()).unwrap().text
    }

    /// Sends one that is held; its id.
    pub(crate) fn send_held(&self, to: &[&str], subject: &str) -> String {
        let said = self.send(to, &health(self.product.user(), to, subject));
        held_as(&said).unwrap_or_else(|| panic!("not held: {said}"))
    }

    /// What waits or failed, by the command line beside the app.
    pub(crate) fn pending(&self) -> Vec<Value> {
        let said = self.product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
        serde_json::from_str(&said).unwrap()
    }

    /// Where a message stands for its first recipient; `None` where it is held no longer.
    pub(crate) fn state(&self, id: &str) -> Option<String> {
        let held = self.pending().into_iter().find(|one| one["id"] == id)?;
        held["recipients"][0]["state"].as_str().map(str::to_owned)
    }

    pub(crate) fn until_settled(&self, id: &str) {
        let gone = || self.state(id).is_none().then_some(());
        guard::until("the message to be settled", guard::PATIENCE, gone).unwrap();
    }

    pub(crate) fn journal(&self) -> String {
        self.product.cli(&["journal", "export"]).unwrap().must("journal").unwrap()
    }
}

/// A mail about a patient.
pub(crate) fn health(from: &str, to: &[&str], subject: &str) -> String {
    let to = to.join(", ");
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         Graag uw oordeel over dhr. Jansen, geb. 12-03-1956, BSN 123456782.\r\n\
         Hij had een CVA. Met vriendelijke groet, santé\r\n"
    )
}

/// The window that asks, once it has this subject.
pub(crate) fn asked<'a>(app: &'a App, subject: &str) -> Page<'a> {
    let page = app.window(Look::Question).unwrap();
    page.reads(subject).unwrap();
    page
}

/// Gives Enter to such an element once keys count, and again until `done`: one in the first moment of what is shown
/// anew is swallowed, and makes that moment longer.
pub(crate) fn enter_until(page: &Page<'_>, on: &str, done: impl Fn() -> bool) {
    let ready = "return document.activeElement.matches(arguments[0]) \
                 && document.querySelector(arguments[1]) !== null";
    guard::until("Enter to count", guard::PATIENCE, || {
        if done() {
            return Some(());
        }
        if page.script(ready, vec![on.into(), PRIMARY.into()]).ok()? == true {
            page.key(Key::Enter).ok()?;
        }
        None
    })
    .unwrap();
}

/// Does this text have a word of capitals by itself? As a part of an id, which is 26 capitals and digits, it is none.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let of_id = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    text.split(|letter| !of_id(letter)).any(|one| one == word)
}

/// Picks an answer, once presses count.
pub(crate) fn pick(page: &Page<'_>, answer: &str) {
    page.text(PRIMARY).unwrap();
    page.click(&format!("input[name=way][value={answer}]")).unwrap();
}

/// Where the outcome stands for a recipient.
pub(crate) fn outcome(address: &str, state: &str) -> String {
    format!("li[data-address='{address}'][data-state='{state}']")
}

/// What a mail host stores comes a moment after its 250.
pub(crate) fn arrived(count: usize, look: impl Fn() -> Vec<Stored>) -> Vec<Stored> {
    let enough = || Some(look()).filter(|got| got.len() >= count);
    guard::until("the stored mail", guard::PATIENCE, enough).unwrap()
}

/// OpenSSL's word on a signed message: it must hold.
pub(crate) fn must_verify(product: &Zorgzegel, message: &[u8]) -> String {
    let certificate = product.folder().join("certificaat.pem");
    let out = certificate.to_string_lossy();
    product.cli(&["identity", "export", "--out", &out]).unwrap().must("export").unwrap();
    openssl::verify(product.folder(), message, &certificate).unwrap().content
}
