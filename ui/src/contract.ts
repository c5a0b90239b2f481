// Made from src-tauri/contract by `ZORGZEGEL_BLESS=1 cargo test -p contract`.
// A test keeps it equal to them; change those.

/**
 * A request of a page.
 */
export type Request = { "ask": "hello" } | { "ask": "choose" } & Choosing | { "ask": "snooze", 
/**
 * The message.
 */
id: string, } | { "ask": "next", 
/**
 * The message that the page shows.
 */
id: string, } | { "ask": "open", 
/**
 * The message.
 */
id: string, } | { "ask": "take_back", 
/**
 * The message.
 */
id: string, } | { "ask": "hurry", 
/**
 * The message.
 */
id: string, } | { "ask": "waiting" } | { "ask": "sent" } | { "ask": "settings" } | { "ask": "change", 
/**
 * Which, and to what.
 */
change: Change, } | { "ask": "dismiss", 
/**
 * The message.
 */
id: string, 
/**
 * The finding.
 */
finding: string, } | { "ask": "undo_dismissal", 
/**
 * The message.
 */
id: string, 
/**
 * The finding.
 */
finding: string, } | { "ask": "taught" } | { "ask": "forget", 
/**
 * Which; none: all.
 */
finding: string | null, } | { "ask": "judge" } & Pasted | { "ask": "checkup" } | { "ask": "domain" } & DomainQuestion | { "ask": "try_way", 
/**
 * The account.
 */
address: string, 
/**
 * Which.
 */
route: WayOut, } | { "ask": "keep_gateway" } & NewGateway | { "ask": "filing_of", 
/**
 * The message, or a copy in the archive.
 */
id: string, } | { "ask": "file", 
/**
 * The message, or a copy in the archive.
 */
id: string, 
/**
 * Under what.
 */
filing: FilingForm, } | { "ask": "stop_filing", 
/**
 * The message, or the copy.
 */
id: string, } | { "ask": "filing_stands", 
/**
 * The message, or the copy.
 */
id: string, } | { "ask": "keep_destination" } & NewDestination | { "ask": "remove_destination", 
/**
 * The account.
 */
address: string, 
/**
 * Which.
 */
name: string, } | { "ask": "try_destination", 
/**
 * The account.
 */
address: string, 
/**
 * Which.
 */
name: string, } | { "ask": "discover", 
/**
 * A mail address.
 */
address: string, } | { "ask": "add_account" } & NewAccount | { "ask": "change_servers" } & NewServers | { "ask": "remove_account", 
/**
 * Its address.
 */
address: string, } | { "ask": "visited", 
/**
 * The account.
 */
address: string, } | { "ask": "verify" } & Dropped | { "ask": "received" } | { "ask": "archive" } & Wanted | { "ask": "open_copy", 
/**
 * Its id.
 */
id: string, } | { "ask": "save_folder" } | { "ask": "pick_folder", 
/**
 * The folder that stands there now: the window begins there, or as near as there is one.
 */
from: string, } | { "ask": "save_copies" } & Saving | { "ask": "stop_saving" } | { "ask": "drag_copy", 
/**
 * Its id.
 */
id: string, } | { "ask": "stop_drag" } | { "ask": "delete_copies", 
/**
 * Which.
 */
ids: Array<string>, } | { "ask": "leaving" } | { "ask": "let_go", 
/**
 * The `at` of what was shown.
 */
shown: string, } | { "ask": "keep_agreed", 
/**
 * The account.
 */
account: string, } | { "ask": "recovery", 
/**
 * Makes one. Words that were made before no longer count then.
 */
make: boolean, } | { "ask": "identities" } | { "ask": "make_identity" } & NewKey | { "ask": "request_identity" } & NewRequest | { "ask": "install_identity", 
/**
 * The answer: PEM, DER or PKCS #7.
 */
file: Loaded, } | { "ask": "import_identity" } & NewIdentity | { "ask": "remove_identity", 
/**
 * Which.
 */
id: string, } | { "ask": "cards" } | { "ask": "use_card_software", 
/**
 * Its file.
 */
module: string, } | { "ask": "add_card" } & NewCard | { "ask": "unlock_card" } & CardPin | { "ask": "save_request", 
/**
 * Which.
 */
id: string, } | { "ask": "access", 
/**
 * The account.
 */
address: string, } | { "ask": "save", 
/**
 * The account.
 */
address: string, 
/**
 * Which.
 */
file: GuideFile, } | { "ask": "trust" } | { "ask": "first_mail", 
/**
 * The account.
 */
address: string, } | { "ask": "reopen" } | { "ask": "recovery_checked" } | { "ask": "quit" } | { "ask": "try", 
/**
 * Which.
 */
sample: Sample, };

/**
 * A choice.
 */
export type Choosing = { 
/**
 * The message.
 */
id: string, 
/**
 * For whom: those for whom something was to be chosen when the person chose. None: for
 * everyone for whom it is possible.
 */
recipients: Array<string> | null, 
/**
 * What.
 */
way: Way, 
/**
 * Why; asked for with `ordinary`.
 */
reason: string, 
/**
 * Under what it is filed; asked for with the dossier. `filing_faults` comes where something is
 * wrong with it, and nothing is chosen.
 */
filing: FilingForm | null, };

/**
 * What a person chooses.
 */
export type Way = "secure" | "secure_and_dossier" | "dossier" | "ordinary" | "plain" | "withdraw";

/**
 * A setting and its new value.
 */
export type Change = { "setting": "language", "value": Language } | { "setting": "remind_after", "value": number } | { "setting": "notifications", "value": boolean } | { "setting": "threshold", "value": number } | { "setting": "certain", "value": number } | { "setting": "own_terms", "value": string | null } | { "setting": "staff", "value": Array<string> } | { "setting": "exempt_domains", "value": Array<string> } | { "setting": "hold_unreadable", "value": boolean } | { "setting": "start_with_computer", "value": boolean } | { "setting": "routes", "value": RoutesOf };

/**
 * The routes of an account.
 */
export type RoutesOf = { 
/**
 * The account.
 */
address: string, 
/**
 * Those that are used, best first.
 */
routes: Array<WayOut>, 
/**
 * The provider's mark, where it is a named NTA supplier.
 */
mark: string | null, };

/**
 * A domain to look at, and what besides.
 */
export type DomainQuestion = { 
/**
 * A mail domain, or a mail address there, as the person wrote it.
 */
domain: string, 
/**
 * DKIM selectors.
 */
selectors: Array<string>, 
/**
 * The domain of the supplier.
 */
supplier: string | null, 
/**
 * Is the mail host asked whether it takes mail for `NTA7516@` the domain?
 */
mailbox: boolean, };

/**
 * A text that a person tries.
 */
export type Pasted = { 
/**
 * Given back with the answer: a later one is newer.
 */
number: number, 
/**
 * The text; judged, and kept nowhere.
 */
text: string, };

/**
 * An account to add.
 */
export type NewAccount = { 
/**
 * Its address.
 */
address: string, 
/**
 * The provider's submission server.
 */
outgoing: ServerAt, 
/**
 * The provider's IMAP server, where mail that comes in is to be looked at.
 */
incoming: ServerAt | null, 
/**
 * The password at the provider; kept in the keyring only, and wiped here.
 */
password: string, 
/**
 * Safe mail leaves by ourselves (`direct`).
 */
direct: boolean, 
/**
 * The provider's mark where it is a named NTA supplier (`provider`). With neither, health mail
 * stays held.
 */
supplier: string | null, };

/**
 * Other servers of an account, or another password.
 */
export type NewServers = { 
/**
 * The account.
 */
address: string, 
/**
 * The provider's submission server.
 */
outgoing: ServerAt, 
/**
 * The provider's IMAP server; none: mail that comes in is not looked at.
 */
incoming: ServerAt | null, 
/**
 * The password at the provider; kept in the keyring only, and wiped here. Empty: the one that
 * is kept.
 */
password: string, };

/**
 * A gateway to keep.
 */
export type NewGateway = { 
/**
 * The account.
 */
address: string, 
/**
 * The server.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * TLS from the first byte, or else STARTTLS.
 */
implicit: boolean, 
/**
 * The name to log in with.
 */
username: string, 
/**
 * The password there; kept in the keyring only, and wiped here. Empty: the one that is kept.
 */
password: string, };

/**
 * A record system to keep.
 */
export type NewDestination = { 
/**
 * The account.
 */
address: string, 
/**
 * The name of the one that it replaces; none: it is new.
 */
before: string | null, 
/**
 * What a person calls it.
 */
name: string, 
/**
 * What it is.
 */
kind: DestinationKind, 
/**
 * The folder or the address.
 */
place: string, 
/**
 * Who sends, as the carrier knows them; for `medvri`.
 */
sender: string, 
/**
 * Who gets it.
 */
receiver: string, 
/**
 * A server knows us by a certificate rather than by a token.
 */
certificate: boolean, 
/**
 * The token, or the password of the file; wiped here. Empty: the one that is kept, or none.
 */
secret: string, 
/**
 * The file with certificate and key; none: the one that is kept.
 */
file: Loaded | null, };

/**
 * A file that a person picked or dropped.
 */
export type Loaded = { 
/**
 * Its name.
 */
name: string, 
/**
 * What is in it, in base64 (RFC 4648 section 4); wiped.
 */
bytes: string, };

/**
 * A file to verify.
 */
export type Dropped = { 
/**
 * A mail, or a signature.
 */
file: Loaded, 
/**
 * The file with the content that a signature signs.
 */
content: Loaded | null, };

/**
 * An identity to make, for trying out.
 */
export type NewKey = { 
/**
 * The account that signs with it.
 */
address: string, 
/**
 * The name in the certificate.
 */
name: string, 
/**
 * The kind of key.
 */
key: KeyType, };

/**
 * An identity to ask an issuer for.
 */
export type NewRequest = { 
/**
 * The account that is to sign with it.
 */
address: string, 
/**
 * The name in the certificate.
 */
name: string, 
/**
 * The organisation in it; empty: none.
 */
organisation: string, 
/**
 * The kind of key.
 */
key: KeyType, };

/**
 * An identity to take over from a file.
 */
export type NewIdentity = { 
/**
 * The account that signs with it.
 */
address: string, 
/**
 * The file: PKCS #12, or PEM.
 */
file: Loaded, 
/**
 * Its password; empty: none was given. Wiped.
 */
password: string, };

/**
 * An identity on a card to sign with.
 */
export type NewCard = { 
/**
 * The account that signs with it.
 */
address: string, 
/**
 * Where the key is, as it was told.
 */
place: string, 
/**
 * The PIN; empty where it is given at the reader. Kept nowhere, and wiped.
 */
pin: string, };

/**
 * A PIN for a card that is registered.
 */
export type CardPin = { 
/**
 * The identity.
 */
id: string, 
/**
 * The PIN; empty where it is given at the reader. Kept nowhere, and wiped.
 */
pin: string, };

/**
 * An answer, sent to a window as the event `view`.
 */
export type View = { "view": "frame" } & Frame | { "view": "question" } & Question | { "view": "nothing_to_ask" } | { "view": "waiting", 
/**
 * Oldest first; none where it cannot be seen now, which is not that nothing waits.
 */
items: Array<Held> | null, } | { "view": "sent", 
/**
 * Newest first.
 */
items: Array<SentItem>, } | { "view": "settings" } & SettingsView | { "view": "taught", 
/**
 * The latest first.
 */
items: Array<TaughtItem>, } | { "view": "trial" } & Trial | { "view": "checkup", 
/**
 * Still looking; then `items` are those of the last time.
 */
running: boolean, 
/**
 * One for each thing that was looked at.
 */
items: Array<CheckItem>, 
/**
 * The same as text for who helps: no content, no address.
 */
report: string, } | { "view": "domain", 
/**
 * What was asked about, as the person wrote it.
 */
asked: string, 
/**
 * What was found; none: still looking.
 */
report: DomainReport | null, } | { "view": "verified", 
/**
 * Still looking; then there is no file.
 */
file: VerifiedFile | null, } | { "view": "received", 
/**
 * Newest first.
 */
items: Array<ReceivedItem>, } | { "view": "archive" } & Found | { "view": "archive_copy" } & CopyView | { "view": "archive_saving", 
/**
 * How many copies are saved.
 */
done: number, 
/**
 * Of how many.
 */
of: number, } | { "view": "archive_saved" } & Saved | { "view": "dragged", 
/**
 * How it ended.
 */
end: DragEnd, } | { "view": "archive_deleted", 
/**
 * Which.
 */
ids: Array<string>, } | { "view": "leaving", 
/**
 * As of when.
 */
at: string, 
/**
 * Of each account that has any.
 */
items: Array<LeavingView>, 
/**
 * How many were let go just now.
 */
agreed: number, 
/**
 * What was let go before and is there still, of each account that has any.
 */
going: Array<GoingView>, } | { "view": "save_folder", 
/**
 * It, from its beginning.
 */
folder: string, } | { "view": "folder_picked", 
/**
 * It, from its beginning.
 */
folder: string | null, } | { "view": "recovery" } & RecoveryView | { "view": "identities" } & IdentitiesView | { "view": "identity_done", 
/**
 * What.
 */
done: IdentityDone, 
/**
 * The account that it is for; empty where it is for none.
 */
account: string, } | { "view": "request_saved", 
/**
 * Which.
 */
id: string, 
/**
 * Where.
 */
path: string, } | { "view": "cards" } & CardsView | { "view": "ask_pin", 
/**
 * The identity.
 */
id: string, 
/**
 * What the card is called.
 */
card: string, 
/**
 * How its PIN stands: whether the next wrong one locks it, and whether it is asked here at all.
 */
pin: PinStands, } | { "view": "card_unlocked", 
/**
 * The identity.
 */
id: string, } | { "view": "way_tried" } & WayTried | { "view": "filing_faults", 
/**
 * The message.
 */
id: string, 
/**
 * In the order of the form.
 */
faults: Array<FilingFault>, } | { "view": "filing_of", 
/**
 * The message.
 */
id: string, 
/**
 * What was confirmed last.
 */
proposed: Proposed, } | { "view": "filing_asked", 
/**
 * The message.
 */
id: string, } | { "view": "filing_stopped", 
/**
 * The message, or the copy.
 */
id: string, } | { "view": "filing_stands", 
/**
 * The message, or the copy.
 */
id: string, 
/**
 * How far; none: it was not offered.
 */
filing: FilingView | null, } | { "view": "destination_tried" } & DestinationTried | { "view": "destination_kept", 
/**
 * The account.
 */
address: string, 
/**
 * Which.
 */
name: string, } | { "view": "gateway_kept", 
/**
 * The account.
 */
address: string, } | { "view": "discovered" } & Discovered | { "view": "account_added" } & AccountAdded | { "view": "account_changed" } & AccountChanged | { "view": "visited" } & Visited | { "view": "access" } & Access | { "view": "saved" } & SavedFile | { "view": "trusted" } & Trusted | { "view": "first_mail", 
/**
 * To whom it went.
 */
address: string, } | { "view": "sample_sent", 
/**
 * Which.
 */
sample: Sample, 
/**
 * The engine's reply.
 */
reply: string, } | { "view": "confirm_quit", 
/**
 * How many messages; none where it cannot be seen now.
 */
waiting: number | null, } | { "view": "trouble", 
/**
 * The word of the request (`ask`) that it belongs to.
 */
ask: string, 
/**
 * What happened, and what to do.
 */
sentence: string, };

/**
 * What stands around every page.
 */
export type Frame = { 
/**
 * The language of the pages.
 */
language: Language, 
/**
 * The product's version.
 */
version: string, 
/**
 * The addresses of the accounts, in the order of the settings.
 */
accounts: Array<string>, 
/**
 * Messages that wait for a choice.
 */
waiting: number, 
/**
 * Other messages that want a person: sending failed for someone, or a record system refused them.
 */
failed: number, 
/**
 * What does not work at all, if anything: the sentence says what to do.
 */
trouble: string | null, 
/**
 * Why nothing can be shown or set up: the settings cannot be used. `trouble` says it too.
 */
fault: Fault | null, 
/**
 * The built-in try-out provider is used: nothing leaves this computer.
 */
try_out: boolean, 
/**
 * Minutes after which a mail that was put off is asked about again.
 */
remind_after: number, };

/**
 * Why there is no engine behind the pages. Mail is where it was; nothing of it can be shown.
 */
export type Fault = { 
/**
 * What is wrong, and what to do.
 */
sentence: string, 
/**
 * The settings file that was read; none where not even its place is known.
 */
file: string | null, };

/**
 * A language of the pages.
 */
export type Language = "nl" | "en";

/**
 * What is asked about one message, and then how it goes.
 */
export type Question = { 
/**
 * The message.
 */
id: string, 
/**
 * Which of those that wait this is, from 1.
 */
number: number, 
/**
 * How many wait.
 */
of: number, 
/**
 * How many others are asked about after it; what was put off is not.
 */
left: number, 
/**
 * Its subject.
 */
subject: string, 
/**
 * The account that sends it.
 */
account: string, 
/**
 * When it came in.
 */
held_at: string, 
/**
 * Why it is held.
 */
why: Why, 
/**
 * It was held for health information, and nothing is found any more.
 */
settled: boolean, 
/**
 * How sure it is that it is health information.
 */
level: Level, 
/**
 * Stretches of text with marks in them, in the order of the message.
 */
passages: Array<Passage>, 
/**
 * How many more places there are that are left out of these.
 */
more: number, 
/**
 * The beginning of the text, where nothing is marked in it.
 */
opening: string, 
/**
 * Names of its files.
 */
files: Array<string>, 
/**
 * Files that could not be looked into.
 */
unread: Array<UnreadFile>, 
/**
 * Who gets it.
 */
recipients: Array<Recipient>, 
/**
 * The ways are still being looked up.
 */
looking_up: boolean, 
/**
 * What is proposed for the patient record; none where the account has none.
 */
dossier: Proposed | null, 
/**
 * How far it is with the record system, where it was offered to one.
 */
filing: FilingView | null, 
/**
 * How far it is.
 */
stage: Stage, };

/**
 * How far a question is.
 */
export type Stage = "choose" | "underway" | "done";

/**
 * Why a message is held.
 */
export type Why = "health" | "goes_on_from_nta" | "cannot_look_inside" | "cannot_judge";

/**
 * A stretch of text with marks.
 */
export type Passage = { 
/**
 * Where it stands.
 */
place: Place, 
/**
 * The file's name, for an attachment.
 */
name: string | null, 
/**
 * Text was left out before it.
 */
cut_before: boolean, 
/**
 * Text was left out after it.
 */
cut_after: boolean, 
/**
 * The text, cut where marks begin and end. Shown as text only.
 */
runs: Array<Run>, };

/**
 * Where a passage stands.
 */
export type Place = "subject" | "body" | "file_name" | "attachment";

/**
 * A piece of a passage.
 */
export type Run = { 
/**
 * Its text.
 */
text: string, 
/**
 * What was found, where it is a mark.
 */
mark: Mark | null, };

/**
 * What was found.
 */
export type Mark = { 
/**
 * `bsn`, `dob`, `name`, `address`, `patient_number`, `phone`, `email` or `medical`.
 */
kind: string, 
/**
 * Why, in a sentence.
 */
reason: string, 
/**
 * By which name it can be called wrong, in a held message.
 */
finding: string | null, 
/**
 * It always counts: it cannot be called wrong.
 */
firm: boolean, 
/**
 * It was called wrong in this message, and counts for nothing.
 */
dismissed: boolean, };

/**
 * A file that could not be looked into.
 */
export type UnreadFile = { 
/**
 * Its name, or else its media type.
 */
name: string, 
/**
 * Why not, in a sentence.
 */
reason: string, };

/**
 * How it stands with one recipient.
 */
export type Recipient = { 
/**
 * Who.
 */
address: string, 
/**
 * Where the message stands for them.
 */
state: State, 
/**
 * What safe sending would come to.
 */
outlook: Outlook, 
/**
 * The proof that the mail host has to give, where it is handed over by ourselves.
 */
proof: Proof | null, 
/**
 * The mail host, where it is handed over by ourselves.
 */
host: string | null, 
/**
 * What the route gives; none where there is no route.
 */
guarantee: string | null, 
/**
 * What the route gives, or why it cannot be used or did not go before, and what to do.
 */
sentence: string, 
/**
 * What was seen of the recipient's domain; empty where it was not looked up.
 */
chain: Array<ChainLink>, 
/**
 * The step of the scheme that says no, as a clause (`R-SEND-5`).
 */
step: string | null, 
/**
 * The server's last words.
 */
words: string | null, 
/**
 * Whether the server may have it although no answer was seen.
 */
in_doubt: boolean, 
/**
 * How often it was tried.
 */
attempts: number, 
/**
 * When it is tried next.
 */
next_attempt_at: string | null, };

/**
 * Where a message stands for one recipient.
 */
export type State = "waiting" | "chosen" | "sending" | "sent" | "failed" | "withdrawn";

/**
 * What safe sending would come to.
 */
export type Outlook = "unknown" | "direct" | "provider" | "gateway" | "later" | "no_way" | "refused";

/**
 * What a mail host has to prove itself with.
 */
export type Proof = "dane" | "pkix" | "ou";

/**
 * A link of the chain from which a health mail hangs.
 */
export type ChainLink = { 
/**
 * Which.
 */
link: Link, 
/**
 * The worst of its steps.
 */
state: SeenState, 
/**
 * What was looked at.
 */
steps: Array<SeenStep>, };

/**
 * Which link of the chain.
 */
export type Link = "record" | "dnssec" | "host" | "proof";

/**
 * How a link or a step stands.
 */
export type SeenState = "good" | "not_looked_at" | "attention" | "unknown" | "bad";

/**
 * One thing that was looked at.
 */
export type SeenStep = { 
/**
 * What it is called.
 */
name: string, 
/**
 * Of what, where there can be several.
 */
about: string | null, 
/**
 * The clause that asks for it, such as `R-DANE-1`.
 */
clause: string, 
/**
 * How it stands.
 */
state: SeenState, 
/**
 * What was seen.
 */
seen: string, 
/**
 * What to do.
 */
mend: string | null, 
/**
 * A record to publish, where one helps.
 */
publish: ToPublish | null, };

/**
 * A record to publish in DNS.
 */
export type ToPublish = { 
/**
 * Where.
 */
name: string, 
/**
 * `TXT` or `TLSA`.
 */
kind: string, 
/**
 * What.
 */
value: string, };

/**
 * What was found of a domain.
 */
export type DomainReport = { 
/**
 * The domain.
 */
domain: string, 
/**
 * May health mail go there?
 */
verdict: Verdict, 
/**
 * How the mail host proved itself, where it did.
 */
proof: Proof | null, 
/**
 * The step of the scheme that decided, as a clause (`R-SEND-5`).
 */
step: string, 
/**
 * Why, in sentences.
 */
reasons: Array<string>, 
/**
 * The chain, in order.
 */
links: Array<ChainLink>, 
/**
 * What stands beside it: what the domain publishes for the mail that it sends.
 */
beside: Array<SeenStep>, 
/**
 * All of it as text for whoever manages the domain.
 */
text: string, };

/**
 * May health mail go to a domain?
 */
export type Verdict = "direct" | "other_way" | "refuse" | "later";

/**
 * A line of the list of what waits.
 */
export type Held = { 
/**
 * The message, or the copy.
 */
id: string, 
/**
 * What it is.
 */
kind: HeldKind, 
/**
 * Its subject.
 */
subject: string, 
/**
 * The account that sends it, or that it came to.
 */
account: string, 
/**
 * When it came in.
 */
held_at: string, 
/**
 * When it is asked about again, where it was put off.
 */
asked_again_at: string | null, 
/**
 * Someone waits for a choice.
 */
can_choose: boolean, 
/**
 * Someone is to be tried again later, and could be now.
 */
can_hurry: boolean, 
/**
 * A choice that was not carried out yet can be taken back.
 */
can_take_back: boolean, 
/**
 * Everybody who has not got it can be withdrawn.
 */
can_withdraw: boolean, 
/**
 * Who gets it.
 */
recipients: Array<Recipient>, 
/**
 * How far it is with the record system, where it was offered to one.
 */
filing: FilingView | null, };

/**
 * What waits.
 */
export type HeldKind = "message" | "copy";

/**
 * A message that reached someone.
 */
export type SentItem = { 
/**
 * The message.
 */
id: string, 
/**
 * Its subject.
 */
subject: string, 
/**
 * The account that sent it.
 */
account: string, 
/**
 * When it was chosen.
 */
chosen_at: string | null, 
/**
 * Who chose.
 */
who: string | null, 
/**
 * Who got it.
 */
recipients: Array<SentRecipient>, 
/**
 * How far it is with the record system, where it was offered to one.
 */
filing: FilingView | null, };

/**
 * Someone who got a message.
 */
export type SentRecipient = { 
/**
 * Who.
 */
address: string, 
/**
 * `direct`, `provider`, `gateway` or `ordinary`.
 */
route: string | null, 
/**
 * What the route gives, in a sentence.
 */
guarantee: string, 
/**
 * Why it went as ordinary mail.
 */
reason: string | null, 
/**
 * What was checked: name and value.
 */
proof: Array<Fact>, };

/**
 * A name and its value.
 */
export type Fact = { 
/**
 * The name.
 */
name: string, 
/**
 * The value.
 */
value: string, };

/**
 * How sure the detector is.
 */
export type Level = "none" | "possible" | "certain";

/**
 * A finding that was called wrong. Its words are not known any more.
 */
export type TaughtItem = { 
/**
 * Which.
 */
finding: string, 
/**
 * `bsn`, `dob`, `name`, `address`, `patient_number`, `phone`, `email` or `medical`.
 */
kind: string, 
/**
 * In how many mails it was called wrong, three at most.
 */
count: number, 
/**
 * When it was last.
 */
last_at: string, };

/**
 * What the detector says of a text that a person tried. Kept nowhere.
 */
export type Trial = { 
/**
 * The number of the request that it answers.
 */
number: number, 
/**
 * 0 to 1.
 */
score: number, 
/**
 * The score from which mail is asked about.
 */
threshold: number, 
/**
 * What the score means.
 */
level: Level, 
/**
 * The whole text, cut where marks begin and end. Shown as text only.
 */
runs: Array<Run>, };

/**
 * A mail that came in and claimed to be signed, or to be NTA mail.
 */
export type ReceivedItem = { 
/**
 * Its id here.
 */
id: string, 
/**
 * The account that it came to.
 */
account: string, 
/**
 * When it came in, as far as the provider says, or else when it was first seen here.
 */
received_at: string, 
/**
 * Who it says that it is from, as it stands there.
 */
from: string, 
/**
 * Its subject.
 */
subject: string, 
/**
 * What its claims are worth.
 */
trust: Trust, 
/**
 * What was looked at, in order.
 */
lines: Array<ReceivedLine>, 
/**
 * Why, in sentences; the gravest first.
 */
reasons: Array<WhySigned>, 
/**
 * The copy that is kept of it: what a record system can be offered.
 */
copy: string | null, 
/**
 * How far it is with the record system, where it was offered to one.
 */
filing: FilingView | null, };

/**
 * What the claims of a mail are worth.
 */
export type Trust = "proved" | "partly" | "later" | "ordinary" | "failed";

/**
 * One thing that was looked at.
 */
export type ReceivedLine = { 
/**
 * Which.
 */
what: Claim, 
/**
 * How it stands.
 */
state: SeenState, 
/**
 * What was seen, in a sentence.
 */
sentence: string, };

/**
 * What a mail can claim, or what stands for it.
 */
export type Claim = "signature" | "author" | "nta" | "domain";

/**
 * What is proposed for filing a mail.
 */
export type Proposed = { 
/**
 * The record systems of the account.
 */
destinations: Array<DestinationView>, 
/**
 * What is proposed.
 */
form: FilingForm, 
/**
 * The mail names more than one patient.
 */
several: boolean, };

/**
 * Under what a mail is filed: told as a proposal, and asked as a person left it.
 */
export type FilingForm = { 
/**
 * The record system.
 */
destination: string, 
/**
 * The patient's name.
 */
name: string, 
/**
 * The date of birth, as people write it: day, month, year.
 */
birth_date: string, 
/**
 * The citizen service number.
 */
bsn: string, 
/**
 * Who wrote the mail.
 */
author: string, 
/**
 * The day on which it was written, as people write it.
 */
date: string, 
/**
 * When that was, where the day is left as it was proposed.
 */
written_at: string, 
/**
 * What it is.
 */
kind: DocumentKind, 
/**
 * The person said that this is the patient. Never so in a proposal.
 */
confirmed: boolean, };

/**
 * What kind of document is filed.
 */
export type DocumentKind = "correspondence" | "referral" | "result";

/**
 * A field of the form.
 */
export type FilingField = "destination" | "name" | "birth_date" | "bsn" | "author" | "date" | "confirmed";

/**
 * What is wrong with a field.
 */
export type FilingFault = { 
/**
 * Which.
 */
field: FilingField, 
/**
 * What, and what to do.
 */
sentence: string, };

/**
 * How far a filing is.
 */
export type FilingStands = "after_sending" | "due" | "filed" | "refused" | "stopped";

/**
 * How far a mail is with the record system.
 */
export type FilingView = { 
/**
 * How far.
 */
stands: FilingStands, 
/**
 * Why it was not taken, and what to do.
 */
sentence: string | null, 
/**
 * What the record system said itself.
 */
said: string | null, 
/**
 * It was tried, and is not known to be refused or taken: the record system may have it.
 */
maybe_there: boolean, 
/**
 * Where it lies, as the record system says it.
 */
place: string | null, 
/**
 * When it is offered again.
 */
next_attempt_at: string | null, 
/**
 * Which record system is offered it, or took it, where that has a name.
 */
system: string | null, 
/**
 * What became of it before it was corrected or stopped, oldest first.
 */
earlier: Array<EarlierFiling>, };

/**
 * What a record system took, or may have taken, before an offer was corrected or stopped.
 */
export type EarlierFiling = { 
/**
 * Which; none: a folder took it, for a person to file. Empty where it has no name.
 */
system: string | null, 
/**
 * When; of what is in doubt, until when it was offered there.
 */
at: string, 
/**
 * Where it lies, as the record system says it.
 */
place: string | null, 
/**
 * It was tried there, and no answer was seen.
 */
in_doubt: boolean, };

/**
 * How it is set up.
 */
export type SettingsView = { 
/**
 * The accounts.
 */
accounts: Array<AccountView>, 
/**
 * The identities.
 */
identities: Array<IdentityView>, 
/**
 * From which score a mail counts as health mail, 0 to 1.
 */
threshold: number, 
/**
 * From which score it is health mail beyond doubt, 0 to 1.
 */
certain: number, 
/**
 * The file with the organisation's own terms.
 */
own_terms: string | null, 
/**
 * Names and mail addresses of staff.
 */
staff: Array<string>, 
/**
 * Mail whose recipients are all in these domains is not asked about.
 */
exempt_domains: Array<string>, 
/**
 * A document that cannot be looked into holds its mail.
 */
hold_unreadable: boolean, 
/**
 * Notifications are used.
 */
notifications: boolean, 
/**
 * Minutes after which a mail that was put off is asked about again.
 */
remind_after: number, 
/**
 * Zorgzegel starts with the computer.
 */
start_with_computer: boolean, 
/**
 * The settings file, for what is not on the page.
 */
file: string | null, };

/**
 * An account.
 */
export type AccountView = { 
/**
 * Its address.
 */
address: string, 
/**
 * The provider's submission server.
 */
outgoing: ServerAt, 
/**
 * The provider's IMAP server; none: mail that comes in is not looked at.
 */
incoming: ServerAt | null, 
/**
 * Its routes: those that are used, best first, then the others. None used means: health mail
 * stays held.
 */
routes: Array<RouteView>, 
/**
 * The provider's mark, where it is a named NTA supplier.
 */
mark: string | null, 
/**
 * The gateway, where there is one.
 */
gateway: GatewayView | null, 
/**
 * Its record systems.
 */
destinations: Array<DestinationView>, };

/**
 * A route of an account.
 */
export type RouteView = { 
/**
 * Which.
 */
route: WayOut, 
/**
 * It is used.
 */
used: boolean, 
/**
 * What it gives, in a sentence: the same everywhere.
 */
guarantee: string, };

/**
 * A way by which health mail may leave.
 */
export type WayOut = "direct" | "provider" | "gateway";

/**
 * A gateway. Its password is never told.
 */
export type GatewayView = { 
/**
 * The server.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * TLS from the first byte, or else STARTTLS.
 */
implicit: boolean, 
/**
 * The name to log in with.
 */
username: string, };

/**
 * What came of trying a route. Nothing was sent.
 */
export type WayTried = { 
/**
 * The account.
 */
address: string, 
/**
 * Which route.
 */
route: WayOut, 
/**
 * It works.
 */
works: boolean, 
/**
 * What was seen, and what to do.
 */
sentence: string, };

/**
 * What a record system is.
 */
export type DestinationKind = "folder" | "fhir" | "medvri";

/**
 * A record system of an account. Its secret is never told.
 */
export type DestinationView = { 
/**
 * What a person calls it.
 */
name: string, 
/**
 * What it is.
 */
kind: DestinationKind, 
/**
 * The folder or the address.
 */
place: string, 
/**
 * It knows us by a certificate rather than by a token.
 */
certificate: boolean, 
/**
 * Who sends, as the carrier knows them; for `medvri`.
 */
sender: string, 
/**
 * Who gets it.
 */
receiver: string, };

/**
 * What came of trying a record system. No word of a patient was told it.
 */
export type DestinationTried = { 
/**
 * The account.
 */
address: string, 
/**
 * Which.
 */
name: string, 
/**
 * It works.
 */
works: boolean, 
/**
 * What was seen, and what to do.
 */
sentence: string, };

/**
 * One thing that was looked at.
 */
export type CheckItem = { 
/**
 * `listener`, `program`, `provider`, `dns`, `keyring`, `journal`, `certificate`, `identity`,
 * `setting` or `version`.
 */
what: string, 
/**
 * How it stands.
 */
standing: Standing, 
/**
 * In a sentence.
 */
sentence: string, 
/**
 * What to do.
 */
mend: string | null, 
/**
 * The page where it is done.
 */
link: string | null, };

/**
 * How a thing stands.
 */
export type Standing = "good" | "attention" | "bad";

/**
 * A server to log in to.
 */
export type ServerAt = { 
/**
 * Its name.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * TLS from the first byte, or else STARTTLS.
 */
implicit: boolean, 
/**
 * The name to log in with.
 */
username: string, };

/**
 * The servers that an address most likely has.
 */
export type Discovered = { 
/**
 * The address that was asked about.
 */
address: string, 
/**
 * Where mail is handed in.
 */
outgoing: ServerAt, 
/**
 * Where it is fetched by IMAP.
 */
incoming: ServerAt | null, 
/**
 * `password`, `app_password`, `allowed` (where the administrator lets it) or `not_possible`.
 */
login: string, 
/**
 * The page of the provider where an app password is made.
 */
page: string | null, 
/**
 * `autoconfig`, `table`, `dns` or `guess`.
 */
source: string, 
/**
 * The table, the domain itself or proved DNS says so; else a person has to look at it before
 * a password is tried there (RFC 6186 section 6).
 */
sure: boolean, };

/**
 * An account that is kept.
 */
export type AccountAdded = { 
/**
 * Its address.
 */
address: string, 
/**
 * What became of fetching its mail.
 */
fetching: Fetching, 
/**
 * Why fetching does not work, where it does not.
 */
trouble: string | null, };

/**
 * What became of fetching the mail of a new account.
 */
export type Fetching = "not_asked" | "works" | "refused";

/**
 * An account that was changed.
 */
export type AccountChanged = { 
/**
 * Its address.
 */
address: string, 
/**
 * How.
 */
change: AccountChange, };

/**
 * What was done to an account.
 */
export type AccountChange = "servers" | "removed";

/**
 * When the mail program of an account was here.
 */
export type Visited = { 
/**
 * The account.
 */
address: string, 
/**
 * It last handed in a mail.
 */
handed_in: string | null, 
/**
 * It last logged in to fetch mail.
 */
fetched: string | null, };

/**
 * Whether the local certificate is trusted now.
 */
export type Trusted = { 
/**
 * What was done, or what is left to do.
 */
sentence: string, 
/**
 * Whether it is trusted.
 */
done: boolean, };

/**
 * What goes into the mail program.
 */
export type Access = { 
/**
 * The account.
 */
address: string, 
/**
 * The server: `localhost`.
 */
server: string, 
/**
 * Its port.
 */
port: number, 
/**
 * `starttls`, `implicit` or `none`.
 */
tls: string, 
/**
 * The name to log in with.
 */
username: string, 
/**
 * The local password.
 */
password: string, 
/**
 * Where mail is fetched, with the same name and password; none: where it was.
 */
incoming: AccessServer | null, };

/**
 * A server of Zorgzegel's.
 */
export type AccessServer = { 
/**
 * `localhost`.
 */
server: string, 
/**
 * Its port.
 */
port: number, 
/**
 * `starttls`, `implicit` or `none`.
 */
tls: string, };

/**
 * A file that sets up a mail program, or helps to.
 */
export type GuideFile = "certificate" | "apple" | "thunderbird";

/**
 * A file that was written.
 */
export type SavedFile = { 
/**
 * What.
 */
file: GuideFile, 
/**
 * Where.
 */
path: string, };

/**
 * A mail of the try-out.
 */
export type Sample = "lunch" | "referral";

/**
 * A file that was looked at.
 */
export type VerifiedFile = { 
/**
 * Its name.
 */
name: string, 
/**
 * The name of the file with its content, where that was handed over beside a signature.
 */
content: string | null, 
/**
 * It is a mail, and else a signature file.
 */
mail: boolean, 
/**
 * Who it says that it is from, as it stands there.
 */
from: string, 
/**
 * Its subject.
 */
subject: string, 
/**
 * What its signatures are worth.
 */
outcome: Signed, 
/**
 * It is a signature whose content is wanted beside it.
 */
wants_content: boolean, 
/**
 * Why, in sentences; the gravest first.
 */
reasons: Array<WhySigned>, 
/**
 * Each signed part.
 */
parts: Array<VerifiedPart>, 
/**
 * The file, piece by piece.
 */
blocks: Array<BlockView>, 
/**
 * Pieces that are left out of these.
 */
left_out: number, 
/**
 * All of it as text for who helps.
 */
text: string, };

/**
 * What signatures are worth.
 */
export type Signed = "valid" | "partly" | "not_trusted" | "not_signed" | "later" | "unclear" | "broken";

/**
 * A reason.
 */
export type WhySigned = { 
/**
 * A word that does not change, such as `changed`.
 */
code: string, 
/**
 * How grave it is.
 */
outcome: Signed, 
/**
 * What happened, and what to do.
 */
sentence: string, };

/**
 * A part that is signed, or says so.
 */
export type VerifiedPart = { 
/**
 * What its signature is worth. It says nothing about what stands around it.
 */
outcome: Signed, 
/**
 * It is signed as NTA 7516 asks (CAdES-BES).
 */
cades: boolean, 
/**
 * Who signed.
 */
signers: Array<SignerView>, 
/**
 * Why.
 */
reasons: Array<WhySigned>, };

/**
 * Who signed.
 */
export type SignerView = { 
/**
 * The mail address in the certificate.
 */
address: string | null, 
/**
 * Whom the certificate names.
 */
subject: string, 
/**
 * The signer is who the mail is from; none where there is nobody to compare with.
 */
is_author: boolean | null, 
/**
 * Content and signature fit.
 */
intact: boolean, 
/**
 * Who vouches for the signer.
 */
anchor: string | null, 
/**
 * From the signer to who vouches.
 */
path: Array<string>, 
/**
 * `good`, `revoked` or `unknown`.
 */
revocation: string, 
/**
 * How it was signed.
 */
algorithms: string, 
/**
 * When, by the signer's own clock.
 */
signing_time: string | null, };

/**
 * A piece of a file.
 */
export type BlockView = { 
/**
 * What it is.
 */
kind: BlockKind, 
/**
 * Its name, where it has one.
 */
name: string | null, 
/**
 * Bytes.
 */
size: number, 
/**
 * What covers it.
 */
cover: Covered, 
/**
 * The signed part that it is, or that covers it; counted from 0.
 */
part: number | null, 
/**
 * What lies inside.
 */
inside: Array<BlockView>, };

/**
 * What a piece is.
 */
export type BlockKind = "header" | "text" | "picture" | "calendar" | "file" | "message" | "signed" | "signature" | "encrypted";

/**
 * What covers a piece.
 */
export type Covered = "nothing" | "signed" | "broken";

/**
 * The identities, and what waits to be one.
 */
export type IdentitiesView = { 
/**
 * The identities, oldest first.
 */
items: Array<IdentityView>, 
/**
 * Requests that wait for an issuer's answer, oldest first.
 */
requests: Array<RequestView>, };

/**
 * An identity.
 */
export type IdentityView = { 
/**
 * Its id.
 */
id: string, 
/**
 * The account that signs with it.
 */
account: string, 
/**
 * The mail addresses in it.
 */
addresses: Array<string>, 
/**
 * Whom the certificate names.
 */
subject: string, 
/**
 * Who vouches for it.
 */
issuer: string, 
/**
 * The kind of key.
 */
key: string, 
/**
 * The key is on a card.
 */
on_card: boolean, 
/**
 * It vouches for itself: for trying out.
 */
self_signed: boolean, 
/**
 * SHA-256 of the certificate, by which people compare.
 */
fingerprint: string, 
/**
 * When it ends to be valid; none: never.
 */
not_after: string | null, 
/**
 * Whole days until then; negative where it expired.
 */
days_left: number | null, 
/**
 * How it stands.
 */
standing: Standing, 
/**
 * What is to be known and done, where something is.
 */
advice: string | null, 
/**
 * What the account sends is signed with this one.
 */
signs: boolean, 
/**
 * What recipients see.
 */
seen: string, };

/**
 * A request to an issuer.
 */
export type RequestView = { 
/**
 * Its id.
 */
id: string, 
/**
 * The account that is to sign with it.
 */
account: string, 
/**
 * When it was made.
 */
made_at: string, 
/**
 * The request, PEM.
 */
pem: string, };

/**
 * A kind of key.
 */
export type KeyType = "p256" | "p384" | "rsa3072" | "rsa4096";

/**
 * What was done with an identity.
 */
export type IdentityDone = "made" | "requested" | "installed" | "imported" | "card_added" | "removed";

/**
 * Cards, and the software that reads them.
 */
export type CardsView = { 
/**
 * Software for cards that is installed here.
 */
software: Array<CardSoftware>, 
/**
 * What is in the readers.
 */
cards: Array<CardView>, 
/**
 * What software could not do, in sentences.
 */
troubles: Array<string>, };

/**
 * Software that reads cards: it runs inside this program, so a person says that it is used.
 */
export type CardSoftware = { 
/**
 * Whose it is.
 */
name: string, 
/**
 * Its file.
 */
module: string, 
/**
 * It is used.
 */
used: boolean, };

/**
 * A card in a reader.
 */
export type CardView = { 
/**
 * What it is called.
 */
label: string, 
/**
 * How its PIN stands.
 */
pin: PinStands, 
/**
 * What is on it.
 */
certificates: Array<CardCertificate>, };

/**
 * How the PIN of a card stands.
 */
export type PinStands = "ready" | "few" | "last" | "locked" | "to_set" | "at_reader";

/**
 * A certificate on a card.
 */
export type CardCertificate = { 
/**
 * Where its key is.
 */
place: string, 
/**
 * Whom it names.
 */
subject: string, 
/**
 * Who vouches for it.
 */
issuer: string, 
/**
 * When it ends to be valid.
 */
not_after: string, 
/**
 * Why it signs no mail now, where it does not.
 */
refusal: string | null, };

/**
 * What a person looks for. All that is given must hold.
 */
export type Wanted = { 
/**
 * Given back with the answer: a later one is newer.
 */
number: number, 
/**
 * Words, each of which stands in the copy or begins a word there.
 */
words: string, 
/**
 * Only this account.
 */
account: string | null, 
/**
 * Only what was sent, or what came in.
 */
direction: 'sent' | 'received' | null, 
/**
 * From this time on.
 */
since: string | null, 
/**
 * Before this time.
 */
until: string | null, 
/**
 * Goes on behind an earlier page: its `next`.
 */
after: number | null, };

/**
 * Copies to save.
 */
export type Saving = { 
/**
 * Which; none: everything that is kept, into a folder of its own, and a list of it.
 */
ids: Array<string> | null, 
/**
 * The folder, from its beginning.
 */
folder: string, 
/**
 * Which forms.
 */
forms: Forms, };

/**
 * Which forms of a copy.
 */
export type Forms = { 
/**
 * A PDF that anyone can open, with the signed original inside.
 */
pdf: boolean, 
/**
 * The message, byte for byte.
 */
eml: boolean, 
/**
 * XML, for programs.
 */
xml: boolean, };

/**
 * A page of what was found.
 */
export type Found = { 
/**
 * The number of what was looked for.
 */
number: number, 
/**
 * It goes on behind an earlier page.
 */
more: boolean, 
/**
 * Newest first.
 */
items: Array<CopyItem>, 
/**
 * Where the next page goes on; none at the end.
 */
next: number | null, 
/**
 * Something was looked for: that there is nothing does not mean that nothing is kept.
 */
narrowed: boolean, };

/**
 * A line of the list.
 */
export type CopyItem = { 
/**
 * Its id.
 */
id: string, 
/**
 * The message of which it is a copy: what a record system is offered.
 */
message: string, 
/**
 * The account that sent or received it.
 */
account: string, 
/**
 * Whether it was sent or came in.
 */
direction: 'sent' | 'received', 
/**
 * Who got it, or who it says that it is from.
 */
people: Array<string>, 
/**
 * Its subject.
 */
subject: string, 
/**
 * When it was sent, or came in.
 */
at: string, 
/**
 * How many files are in it.
 */
files: number, };

/**
 * A copy, opened.
 */
export type CopyView = { 
/**
 * The line of the list.
 */
item: CopyItem, 
/**
 * Who it says that it is from.
 */
from: string, 
/**
 * Whom it was to.
 */
to: Array<string>, 
/**
 * What a reader reads, without markup. Shown as text only.
 */
text: string, 
/**
 * The text goes on; the files that are saved have all of it.
 */
cut: boolean, 
/**
 * The files in it.
 */
files: Array<CopyFile>, 
/**
 * What became of its signatures, judged now.
 */
signature: CopySignature, 
/**
 * The proof of its way, a group a recipient.
 */
proof: Array<Array<CopyFact>>, };

/**
 * A file in it.
 */
export type CopyFile = { 
/**
 * Its name; empty where it has none.
 */
name: string, 
/**
 * Bytes.
 */
size: number, };

/**
 * What became of its signatures.
 */
export type CopySignature = { 
/**
 * The word of RFC 8601: `none`, `pass`, `policy`, `temperror`, `permerror` or `fail`.
 */
word: string, 
/**
 * In a few words.
 */
headline: string, 
/**
 * Why, in sentences.
 */
reasons: Array<string>, 
/**
 * Who signed, and how.
 */
signers: Array<CopyFact>, };

/**
 * A name and its value.
 */
export type CopyFact = { 
/**
 * The name.
 */
name: string, 
/**
 * The value.
 */
value: string, };

/**
 * What was saved.
 */
export type Saved = { 
/**
 * The folder.
 */
folder: string, 
/**
 * The names of the files in it; not told of everything.
 */
files: Array<string>, 
/**
 * How many copies have at least one file there.
 */
copies: number, 
/**
 * How many of them show less than the message, and say so on their first page.
 */
plainer: number, 
/**
 * Copies of which not all is there that was asked for, the first [`NAMED`]. Where everything was
 * saved, all of them stand in a list in the folder.
 */
lacking: Array<Lacking>, 
/**
 * How many those are in all.
 */
lacks: number, 
/**
 * How it ended.
 */
end: End, };

/**
 * A copy of which not all is there that was asked for.
 */
export type Lacking = { 
/**
 * Its id.
 */
id: string, 
/**
 * Day and subject.
 */
name: string, 
/**
 * What is there of it.
 */
there: 'message' | 'nothing', 
/**
 * Why, and what to do.
 */
why: string, };

/**
 * How saving ended.
 */
export type End = { "how": "whole" } | { "how": "stopped" } | { "how": "broke", 
/**
 * What happened and what to do.
 */
why: string, };

/**
 * How a drag out of a window ended.
 */
export type DragEnd = "dropped" | "nowhere" | "too_early";

/**
 * Copies of an account that are over their time.
 */
export type LeavingView = { 
/**
 * The account.
 */
account: string, 
/**
 * How many.
 */
copies: number, 
/**
 * When the oldest was sent or came in.
 */
from: string, 
/**
 * When the newest was.
 */
to: string, };

/**
 * Copies of an account that a person let go, and that are there still.
 */
export type GoingView = { 
/**
 * The account.
 */
account: string, 
/**
 * How many.
 */
copies: number, 
/**
 * When the first of them goes.
 */
first: string, };

/**
 * The words of a recovery key.
 */
export type RecoveryView = { 
/**
 * One was made before; with new words those no longer count.
 */
made: boolean, 
/**
 * Words of that one were typed back by a person: they are written down somewhere.
 */
checked: boolean, 
/**
 * The words, in their order; empty where none were asked for. Shown once, and kept nowhere.
 */
words: Array<string>, };
