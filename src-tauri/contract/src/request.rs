//! What the pages may ask. One letter box takes them all; the answer is a [`View`](crate::view::View).

mod account;
mod dossier;
mod files;

use serde::Deserialize;
use ts_rs::TS;
use zeroize::Zeroizing;

pub use account::{NewAccount, NewServers};
pub use dossier::NewDestination;
pub use shelf::{Forms, Saving, Wanted};

pub use files::{Bytes, CardPin, Dropped, Loaded, NewCard, NewIdentity, NewKey, NewRequest};

use crate::view::{FilingForm, GuideFile, Language, Sample, WayOut};

/// A request of a page.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// The page is there: `frame` comes, and for the question window the question.
    Hello,
    /// A choice for recipients of a message. Refused as a whole where it is not possible for one of
    /// them any more: nobody gets a mail whom the person did not see.
    Choose(Choosing),
    /// Asks again later, and goes on to the next question.
    Snooze {
        /// The message.
        id: String,
    },
    /// Goes on to the next question; the window goes where there is none. Nothing happens where
    /// another message is asked about than the page shows.
    Next {
        /// The message that the page shows.
        id: String,
    },
    /// Brings the question window up for this message.
    Open {
        /// The message.
        id: String,
    },
    /// Takes a choice back that was not carried out yet, and asks about the message again.
    TakeBack {
        /// The message.
        id: String,
    },
    /// Tries again now what was put off.
    Hurry {
        /// The message.
        id: String,
    },
    /// Asks for `waiting`; afterwards it comes by itself when something changes.
    Waiting,
    /// Asks for `sent`; afterwards it comes by itself when something changes.
    Sent,
    /// Asks for `settings`.
    Settings,
    /// Changes one setting; `settings` and `frame` come.
    Change {
        /// Which, and to what.
        change: Change,
    },
    /// Says of a finding of a message that it is not right. The message is judged again: `question`
    /// comes, and `taught` to the main window.
    Dismiss {
        /// The message.
        id: String,
        /// The finding.
        finding: String,
    },
    /// Takes that back; the same comes.
    UndoDismissal {
        /// The message.
        id: String,
        /// The finding.
        finding: String,
    },
    /// Asks for `taught`; afterwards it comes by itself when something changes.
    Taught,
    /// Forgets a finding that was called wrong; `taught` comes.
    Forget {
        /// Which; none: all.
        finding: Option<String>,
    },
    /// Judges a text as mail would be judged now, and keeps nothing of it; `trial` comes.
    Judge(Pasted),
    /// Looks at everything; `checkup` comes at once and again when it is done.
    Checkup,
    /// Looks at what a domain publishes; `domain` comes at once and again when it is done.
    Domain(DomainQuestion),
    /// Tries a route of an account without sending anything; `way_tried` comes.
    TryWay {
        /// The account.
        address: String,
        /// Which.
        route: WayOut,
    },
    /// Logs in to a gateway and keeps it for an account where it lets us in; `settings` comes, and
    /// `gateway_kept`.
    KeepGateway(NewGateway),
    /// Asks for `filing_of`: under what a mail may be filed, or was to be.
    FilingOf {
        /// The message, or a copy in the archive.
        id: String,
    },
    /// Offers a mail to a record system; `filing_asked` comes, or `filing_faults`.
    File {
        /// The message, or a copy in the archive.
        id: String,
        /// Under what.
        filing: FilingForm,
    },
    /// Offers it no more; `filing_stopped` comes.
    StopFiling {
        /// The message, or the copy.
        id: String,
    },
    /// Asks for `filing_stands`; afterwards it comes by itself when something changes.
    FilingStands {
        /// The message, or the copy.
        id: String,
    },
    /// Keeps a record system for an account; `settings` comes, and `destination_kept`.
    KeepDestination(NewDestination),
    /// Takes a record system out of an account; the same comes.
    RemoveDestination {
        /// The account.
        address: String,
        /// Which.
        name: String,
    },
    /// Tries a record system without a word of any patient; `destination_tried` comes.
    TryDestination {
        /// The account.
        address: String,
        /// Which.
        name: String,
    },
    /// Asks for `discovered`.
    Discover {
        /// A mail address.
        address: String,
    },
    /// Tries the password at the provider and keeps the account; `account_added` comes.
    AddAccount(NewAccount),
    /// Tries other servers or another password of an account, and keeps them where they let us in;
    /// `settings` comes, and `account_changed`.
    ChangeServers(NewServers),
    /// Takes an account out, unless mail of it waits; the same comes.
    RemoveAccount {
        /// Its address.
        address: String,
    },
    /// Asks for `visited`; afterwards it comes by itself when the mail program is here.
    Visited {
        /// The account.
        address: String,
    },
    /// Verifies a mail or signature file, and keeps nothing of it; `verified` comes.
    Verify(Dropped),
    /// Asks for `received`; afterwards it comes by itself when something changes.
    Received,
    /// Asks for `archive`: a page of what is kept.
    Archive(Wanted),
    /// Opens a copy; `archive_copy` comes.
    OpenCopy {
        /// Its id.
        id: String,
    },
    /// Asks for `save_folder`.
    SaveFolder,
    /// Lets a person pick a folder in the system's own window; `folder_picked` comes when they did.
    PickFolder {
        /// The folder that stands there now: the window begins there, or as near as there is one.
        from: String,
    },
    /// Saves copies as files; `archive_saved` comes, and before it `archive_saving` where it takes time.
    SaveCopies(Saving),
    /// Stops saving everything; what is saved stays.
    StopSaving,
    /// Makes the PDF of a copy and lets a person drag it out of the window, where the button is pressed
    /// still; `dragged` comes at the end.
    DragCopy {
        /// Its id.
        id: String,
    },
    /// The button was let go: what is being made for it is dragged no more.
    StopDrag,
    /// Destroys copies for good; `archive_deleted` comes.
    DeleteCopies {
        /// Which.
        ids: Vec<String>,
    },
    /// Asks for `leaving`.
    Leaving,
    /// Lets go what was shown; `leaving` comes.
    LetGo {
        /// The `at` of what was shown.
        #[ts(type = "string")]
        shown: jiff::Timestamp,
    },
    /// Keeps after all what was let go of an account; `leaving` comes.
    KeepAgreed {
        /// The account.
        account: String,
    },
    /// Asks whether there is a recovery key, or with `make` for a new one; `recovery` comes.
    Recovery {
        /// Makes one. Words that were made before no longer count then.
        make: bool,
    },
    /// Asks for `identities`; afterwards it comes by itself when something changes.
    Identities,
    /// Makes an identity for trying out; `identities` and `identity_done` come. The same for what
    /// follows.
    MakeIdentity(NewKey),
    /// Makes a key and a request for an issuer.
    RequestIdentity(NewRequest),
    /// Installs what an issuer answered.
    InstallIdentity {
        /// The answer: PEM, DER or PKCS #7.
        file: Loaded,
    },
    /// Signs with a key and certificate from a file from now on.
    ImportIdentity(NewIdentity),
    /// Removes an identity, or a request that waits, and its key with it.
    RemoveIdentity {
        /// Which.
        id: String,
    },
    /// Looks for cards; `cards` comes.
    Cards,
    /// Uses software for cards that is installed here; `cards` comes.
    UseCardSoftware {
        /// Its file.
        module: String,
    },
    /// Signs with a key on a card from now on; `identities` and `identity_done` come.
    AddCard(NewCard),
    /// Unlocks the card of an identity; `card_unlocked` comes.
    UnlockCard(CardPin),
    /// Writes a request for an issuer into the user's downloads; `request_saved` comes.
    SaveRequest {
        /// Which.
        id: String,
    },
    /// Asks for `access`.
    Access {
        /// The account.
        address: String,
    },
    /// Writes a file for the mail program into the user's downloads; `saved` comes.
    Save {
        /// The account.
        address: String,
        /// Which.
        file: GuideFile,
    },
    /// Lets this user's programs trust the local certificate; `trusted` comes.
    Trust,
    /// Sends a mail to oneself; `first_mail` comes.
    FirstMail {
        /// The account.
        address: String,
    },
    /// Tries again at once what the settings did not let (the answer to a frame with a `fault`);
    /// `frame` comes.
    Reopen,
    /// Words of the recovery key were typed back rightly; `recovery` comes.
    RecoveryChecked,
    /// Stops Zorgzegel, knowing that mail waits (the answer to `confirm_quit`).
    Quit,
    /// Sends a sample as a mail program would; only in the try-out. `sample_sent` comes.
    Try {
        /// Which.
        sample: Sample,
    },
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Choosing {
    /// The message.
    pub id: String,
    /// For whom: those for whom something was to be chosen when the person chose. None: for
    /// everyone for whom it is possible.
    pub recipients: Option<Vec<String>>,
    /// What.
    pub way: Way,
    /// Why; asked for with `ordinary`.
    pub reason: String,
    /// Under what it is filed; asked for with the dossier. `filing_faults` comes where something is
    /// wrong with it, and nothing is chosen.
    pub filing: Option<FilingForm>,
}

/// What a person chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By a way that NTA 7516 accepts.
    Secure,
    /// The same, and a copy into the dossier.
    SecureAndDossier,
    /// Into the dossier, and not sent.
    Dossier,
    /// As ordinary mail.
    Ordinary,
    /// As ordinary mail without a reason: nothing is found in it any more.
    Plain,
    /// Not at all.
    Withdraw,
}

/// A setting and its new value.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(tag = "setting", content = "value", rename_all = "snake_case")]
pub enum Change {
    /// The language of the pages.
    Language(Language),
    /// Minutes after which a mail that was put off is asked about again.
    RemindAfter(u32),
    /// Whether notifications are used.
    Notifications(bool),
    /// From which score a mail counts as health mail, 0 to 1.
    Threshold(f32),
    /// From which score it is health mail beyond doubt, 0 to 1.
    Certain(f32),
    /// The file with the organisation's own terms; none: there is none.
    OwnTerms(Option<String>),
    /// Names and mail addresses of staff.
    Staff(Vec<String>),
    /// The domains of which mail is not asked about.
    ExemptDomains(Vec<String>),
    /// Whether a document that cannot be looked into holds its mail.
    HoldUnreadable(bool),
    /// Whether Zorgzegel starts with the computer.
    StartWithComputer(bool),
    /// The routes of an account.
    Routes(RoutesOf),
}

/// The routes of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct RoutesOf {
    /// The account.
    pub address: String,
    /// Those that are used, best first.
    pub routes: Vec<WayOut>,
    /// The provider's mark, where it is a named NTA supplier.
    pub mark: Option<String>,
}

/// A domain to look at, and what besides.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct DomainQuestion {
    /// A mail domain, or a mail address there, as the person wrote it.
    pub domain: String,
    /// DKIM selectors.
    pub selectors: Vec<String>,
    /// The domain of the supplier.
    pub supplier: Option<String>,
    /// Is the mail host asked whether it takes mail for `NTA7516@` the domain?
    pub mailbox: bool,
}

/// A gateway to keep.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewGateway {
    /// The account.
    pub address: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte, or else STARTTLS.
    pub implicit: bool,
    /// The name to log in with.
    pub username: String,
    /// The password there; kept in the keyring only, and wiped here. Empty: the one that is kept.
    #[ts(type = "string")]
    pub password: Zeroizing<String>,
}

impl core::fmt::Debug for NewGateway {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewGateway").finish_non_exhaustive()
    }
}

/// A text that a person tries.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Pasted {
    /// Given back with the answer: a later one is newer.
    pub number: u32,
    /// The text; judged, and kept nowhere.
    pub text: String,
}

impl core::fmt::Debug for Pasted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pasted").field("number", &self.number).finish_non_exhaustive()
    }
}
