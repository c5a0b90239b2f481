//! What the pages are told. The types of the pages are made from these
//! (`ui/src/contract.ts`, kept by a test); sentences are in the user's language already, words of
//! a list are codes that the catalogue puts into words. Times are RFC 3339, UTC.

mod domain;
mod dossier;
mod frame;
mod held;
mod identity;
mod incoming;
mod passage;
mod sent;
mod setup;
mod signed;
mod teaching;
mod ways;

use serde::Serialize;
use ts_rs::TS;

pub use domain::{ChainLink, DomainReport, Link, SeenState, SeenStep, ToPublish, Verdict};
pub use dossier::{EarlierFiling, FilingFault, FilingStands, FilingView};
pub use filing::form::{
    DestinationKind, DestinationTried, DestinationView, DocumentKind, FilingField, FilingForm,
    Proposed,
};
pub use frame::{Fault, Frame, Language};
pub use held::{Held, HeldKind};
pub use identity::{
    CardCertificate, CardSoftware, CardView, CardsView, IdentitiesView, IdentityDone, IdentityView,
    KeyType, PinStands, RequestView,
};
pub use incoming::{Claim, ReceivedItem, ReceivedLine, Trust};
pub use passage::{Mark, Passage, Place, Run, UnreadFile};
pub use sent::{Fact, SentItem, SentRecipient};
pub use setup::{
    Access, AccessServer, AccountAdded, AccountChange, AccountChanged, AccountView, CheckItem,
    Discovered, Fetching, GuideFile, Sample, SavedFile, ServerAt, SettingsView, Standing, Trusted,
    Visited,
};
pub use shelf::{
    CopyFact, CopyFile, CopyItem, CopySignature, CopyView, Found, GoingView, LeavingView,
    RecoveryView, Saved,
};
pub use signed::{
    BlockKind, BlockView, Covered, Signed, SignerView, VerifiedFile, VerifiedPart, WhySigned,
};
pub use teaching::{Level, TaughtItem, Trial};
pub use ways::{GatewayView, RouteView, WayOut, WayTried};

/// An answer, sent to a window as the event `view`.
#[derive(Clone, PartialEq, Serialize, TS)]
#[serde(tag = "view", rename_all = "snake_case")]
pub enum View {
    /// What stands around every page; sent to every window when it changes.
    Frame(Frame),
    /// What is asked now. Sent again whenever it changes.
    Question(Box<Question>),
    /// Nothing is left to ask: the window is about to go.
    NothingToAsk,
    /// What waits, is on its way or failed.
    Waiting {
        /// Oldest first; none where it cannot be seen now, which is not that nothing waits.
        items: Option<Vec<Held>>,
    },
    /// What was sent.
    Sent {
        /// Newest first.
        items: Vec<SentItem>,
    },
    /// How it is set up.
    Settings(Box<SettingsView>),
    /// Which findings were called wrong.
    Taught {
        /// The latest first.
        items: Vec<TaughtItem>,
    },
    /// What the detector says of a text that a person tried.
    Trial(Trial),
    /// How everything stands.
    Checkup {
        /// Still looking; then `items` are those of the last time.
        running: bool,
        /// One for each thing that was looked at.
        items: Vec<CheckItem>,
        /// The same as text for who helps: no content, no address.
        report: String,
    },
    /// What a domain publishes, and whether health mail may go there.
    Domain {
        /// What was asked about, as the person wrote it.
        asked: String,
        /// What was found; none: still looking.
        report: Option<Box<DomainReport>>,
    },
    /// What the signatures of a file are worth.
    Verified {
        /// Still looking; then there is no file.
        file: Option<Box<VerifiedFile>>,
    },
    /// What came in and claimed something.
    Received {
        /// Newest first.
        items: Vec<ReceivedItem>,
    },
    /// A page of the archive.
    Archive(Found),
    /// A copy, opened.
    ArchiveCopy(Box<CopyView>),
    /// Everything is being saved.
    ArchiveSaving {
        /// How many copies are saved.
        done: u32,
        /// Of how many.
        of: u32,
    },
    /// Copies were saved as files.
    ArchiveSaved(Saved),
    /// A copy was dragged out of the window, or was not.
    Dragged {
        /// How it ended.
        end: DragEnd,
    },
    /// Copies were destroyed.
    ArchiveDeleted {
        /// Which.
        ids: Vec<String>,
    },
    /// Copies that are over their time and stay until a person lets them go.
    Leaving {
        /// As of when.
        at: String,
        /// Of each account that has any.
        items: Vec<LeavingView>,
        /// How many were let go just now.
        agreed: u32,
        /// What was let go before and is there still, of each account that has any.
        going: Vec<GoingView>,
    },
    /// The folder into which copies are saved unless a person names another.
    SaveFolder {
        /// It, from its beginning.
        folder: String,
    },
    /// A person picked a folder, or closed the window.
    FolderPicked {
        /// It, from its beginning.
        folder: Option<String>,
    },
    /// The recovery key, or whether there is one.
    Recovery(RecoveryView),
    /// The identities.
    Identities(IdentitiesView),
    /// Something was done with one; `identities` came before.
    IdentityDone {
        /// What.
        done: IdentityDone,
        /// The account that it is for; empty where it is for none.
        account: String,
    },
    /// A request was written.
    RequestSaved {
        /// Which.
        id: String,
        /// Where.
        path: String,
    },
    /// What is in the readers for cards.
    Cards(CardsView),
    /// A card wants its PIN before anything is signed with it.
    AskPin {
        /// The identity.
        id: String,
        /// What the card is called.
        card: String,
        /// How its PIN stands: whether the next wrong one locks it, and whether it is asked here at all.
        pin: PinStands,
    },
    /// The card is unlocked; what waited for it goes on.
    CardUnlocked {
        /// The identity.
        id: String,
    },
    /// What came of trying a route.
    WayTried(WayTried),
    /// What is wrong with what a mail is to be filed under; the answer to `choose` and `file`.
    FilingFaults {
        /// The message.
        id: String,
        /// In the order of the form.
        faults: Vec<FilingFault>,
    },
    /// Under what a mail was to be filed, to be corrected.
    FilingOf {
        /// The message.
        id: String,
        /// What was confirmed last.
        proposed: Box<Proposed>,
    },
    /// A mail is offered to the record system again.
    FilingAsked {
        /// The message.
        id: String,
    },
    /// A mail is offered to the record system no more.
    FilingStopped {
        /// The message, or the copy.
        id: String,
    },
    /// How far a mail is with the record system.
    FilingStands {
        /// The message, or the copy.
        id: String,
        /// How far; none: it was not offered.
        filing: Option<FilingView>,
    },
    /// What came of trying a record system.
    DestinationTried(DestinationTried),
    /// A record system was kept or removed; `settings` came before.
    DestinationKept {
        /// The account.
        address: String,
        /// Which.
        name: String,
    },
    /// The gateway is kept, or is no more; `settings` came before.
    GatewayKept {
        /// The account.
        address: String,
    },
    /// The servers that an address most likely has.
    Discovered(Discovered),
    /// The account is kept: password tried, identity made.
    AccountAdded(AccountAdded),
    /// An account was changed or taken out; `settings` came before.
    AccountChanged(AccountChanged),
    /// When the mail program of an account was here.
    Visited(Visited),
    /// What goes into the mail program.
    Access(Access),
    /// A file was written.
    Saved(SavedFile),
    /// The local certificate is trusted now, or how to do it by hand.
    Trusted(Trusted),
    /// The first mail: taken by the provider.
    FirstMail {
        /// To whom it went.
        address: String,
    },
    /// A sample of the try-out was sent; the mail program was told this.
    SampleSent {
        /// Which.
        sample: Sample,
        /// The engine's reply.
        reply: String,
    },
    /// The person wants to stop Zorgzegel while mail waits or is on its way, or may.
    ConfirmQuit {
        /// How many messages; none where it cannot be seen now.
        waiting: Option<u32>,
    },
    /// What was asked could not be done. Nothing was changed.
    Trouble {
        /// The word of the request (`ask`) that it belongs to.
        ask: String,
        /// What happened, and what to do.
        sentence: String,
    },
}

impl core::fmt::Debug for View {
    /// Which it is, and nothing of a mail or a password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let word = serde_json::to_value(self).ok();
        let word = word.as_ref().and_then(|view| view.get("view")?.as_str());
        write!(f, "View({})", word.unwrap_or_default())
    }
}

/// What is asked about one message, and then how it goes.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Question {
    /// The message.
    pub id: String,
    /// Which of those that wait this is, from 1.
    pub number: u32,
    /// How many wait.
    pub of: u32,
    /// How many others are asked about after it; what was put off is not.
    pub left: u32,
    /// Its subject.
    pub subject: String,
    /// The account that sends it.
    pub account: String,
    /// When it came in.
    pub held_at: String,
    /// Why it is held.
    pub why: Why,
    /// It was held for health information, and nothing is found any more.
    pub settled: bool,
    /// How sure it is that it is health information.
    pub level: Level,
    /// Stretches of text with marks in them, in the order of the message.
    pub passages: Vec<Passage>,
    /// How many more places there are that are left out of these.
    pub more: u32,
    /// The beginning of the text, where nothing is marked in it.
    pub opening: String,
    /// Names of its files.
    pub files: Vec<String>,
    /// Files that could not be looked into.
    pub unread: Vec<UnreadFile>,
    /// Who gets it.
    pub recipients: Vec<Recipient>,
    /// The ways are still being looked up.
    pub looking_up: bool,
    /// What is proposed for the patient record; none where the account has none.
    pub dossier: Option<Proposed>,
    /// How far it is with the record system, where it was offered to one.
    pub filing: Option<FilingView>,
    /// How far it is.
    pub stage: Stage,
}

/// How a drag out of a window ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DragEnd {
    /// Somebody was given the file.
    Dropped,
    /// Nobody took it, or the person thought better of it.
    Nowhere,
    /// The button was let go before the file was there.
    TooEarly,
}

/// How far a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It waits for the person.
    Choose,
    /// What was chosen is being done.
    Underway,
    /// It is done for every recipient, or wants another choice.
    Done,
}

/// Why a message is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Health information about someone.
    Health,
    /// It goes on from NTA mail.
    GoesOnFromNta,
    /// A file cannot be looked into.
    CannotLookInside,
    /// It could not be judged.
    CannotJudge,
}

/// How it stands with one recipient.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Recipient {
    /// Who.
    pub address: String,
    /// Where the message stands for them.
    pub state: State,
    /// What safe sending would come to.
    pub outlook: Outlook,
    /// The proof that the mail host has to give, where it is handed over by ourselves.
    pub proof: Option<Proof>,
    /// The mail host, where it is handed over by ourselves.
    pub host: Option<String>,
    /// What the route gives; none where there is no route.
    pub guarantee: Option<String>,
    /// What the route gives, or why it cannot be used or did not go before, and what to do.
    pub sentence: String,
    /// What was seen of the recipient's domain; empty where it was not looked up.
    pub chain: Vec<ChainLink>,
    /// The step of the scheme that says no, as a clause (`R-SEND-5`).
    pub step: Option<String>,
    /// The server's last words.
    pub words: Option<String>,
    /// Whether the server may have it although no answer was seen.
    pub in_doubt: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Option<String>,
}

/// Where a message stands for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// For a person's choice.
    Waiting,
    /// Chosen, to be handed over.
    Chosen,
    /// Being handed over.
    Sending,
    /// Taken by the server.
    Sent,
    /// Failed; a person may choose again.
    Failed,
    /// Not sent, by choice.
    Withdrawn,
}

/// What safe sending would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// Not looked up yet, or no longer of interest.
    Unknown,
    /// The recipient's own mail host, under its proof (green).
    Direct,
    /// The provider is a named NTA supplier (green).
    Provider,
    /// Not as NTA mail, but by the organisation's gateway (amber).
    Gateway,
    /// Not now: something could not be seen (amber).
    Later,
    /// No safe way (red).
    NoWay,
    /// A proof does not hold (red).
    Refused,
}

/// What a mail host has to prove itself with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// DANE (RFC 7672).
    Dane,
    /// A certificate that chains to a trusted root and names the host.
    Pkix,
    /// The same, with the mark of a certified supplier.
    Ou,
}
