//! Looks at everything that has to work, and says of each how it stands and what to do. Names no
//! content and no address of a mail: the report may be given to whoever helps.

mod program;

use std::sync::Arc;

use engine::identities::IdentityCard;
use engine::retrieval::{self, GateStanding};
use engine::{Engine, Protocol, identities, provider};
use nta7516::facts::Trouble;
use settings::{ListenTls, Unreadable};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What: `listener`, `program`, `provider`, `dns`, `keyring`, `journal`, `certificate`,
    /// `identity`, `setting` or `version`.
    pub what: &'static str,
    /// How it stands.
    pub state: Standing,
    /// In a sentence, Dutch and English.
    pub sentence: (String, String),
    /// What to do, Dutch and English.
    pub mend: Option<(String, String)>,
}

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As it must be.
    Good,
    /// It works, and wants attention.
    Attention,
    /// It does not work.
    Bad,
}

/// Looks at everything that has to work. Asks the network, so it takes its time.
pub async fn look(engine: &Arc<Engine>) -> Vec<Item> {
    let mut items = listener_items(engine);
    items.extend(program::items(engine));
    items.push(keyring_item(engine).await);
    items.push(journal_item(engine).await);
    items.push(certificate_item(engine).await);
    items.push(dns_item(engine.resolver().probe().await));
    items.extend(provider_items(engine).await);
    items.extend(identity_items(engine).await);
    items.extend(setting_items(engine));
    items.push(good(
        "version",
        &format!("Zorgzegel {}", env!("CARGO_PKG_VERSION")),
        &format!("Zorgzegel {}", env!("CARGO_PKG_VERSION")),
    ));
    items
}

fn listener_items(engine: &Engine) -> Vec<Item> {
    let word = |tls: ListenTls| match tls {
        ListenTls::StartTls => "STARTTLS",
        ListenTls::Implicit => "TLS",
        ListenTls::None => "-",
    };
    let mut items: Vec<Item> = engine
        .listeners()
        .iter()
        .map(|one| {
            let at = format!("{} ({})", one.address, word(one.tls));
            let (nl, en) = match one.protocol {
                Protocol::Smtp => ("", ""),
                Protocol::Imap => (" voor inkomende mail (IMAP)", " for incoming mail (IMAP)"),
            };
            let nl = format!("Zorgzegel luistert op {at}{nl}.");
            good("listener", &nl, &format!("Zorgzegel listens on {at}{en}."))
        })
        .collect();
    if items.is_empty() {
        items.push(bad(
            "listener",
            ("Zorgzegel luistert nergens; uw mailprogramma kan het niet bereiken.",
             "Zorgzegel listens nowhere; your mail program cannot reach it."),
            ("Start Zorgzegel opnieuw; gebruikt een ander programma de poort, dan kan uw ICT-beheerder een andere noemen in het instellingenbestand.",
             "Start Zorgzegel again; if another program uses the port, your administrator can name another in the settings file."),
        ));
    }
    items
}

async fn keyring_item(engine: &Arc<Engine>) -> Item {
    match engine.vault().await {
        Ok(_) => good(
            "keyring",
            "De sleutelbos is open; berichten worden versleuteld bewaard.",
            "The keyring is open; messages are kept encrypted.",
        ),
        Err(error) => bad(
            "keyring",
            (&error.nl(), &error.to_string()),
            (
                "Tot dit verholpen is, neemt Zorgzegel geen mail aan; uw mailprogramma probeert het later weer.",
                "Until this is mended, Zorgzegel takes no mail; your mail program tries again later.",
            ),
        ),
    }
}

async fn journal_item(engine: &Arc<Engine>) -> Item {
    use vault::journal::JournalState;
    match engine.with_vault(|vault| vault.verify_journal()).await {
        Ok(JournalState::Whole { .. }) => good(
            "journal",
            "Het logboek is heel: elke regel past op de vorige.",
            "The journal is whole: every line fits the one before.",
        ),
        Ok(_) => bad(
            "journal",
            (
                "Het logboek is veranderd buiten Zorgzegel om.",
                "The journal was changed by something other than Zorgzegel.",
            ),
            (
                "Zet de gegevensmap terug uit een reservekopie. Uw ICT-beheerder ziet met `zorgzegel journal verify` waar het begint.",
                "Restore the data folder from a backup. Your administrator sees with `zorgzegel journal verify` where it begins.",
            ),
        ),
        Err(error) => bad(
            "journal",
            (&error.nl(), &error.to_string()),
            ("Verhelp eerst de sleutelbos.", "Mend the keyring first."),
        ),
    }
}

async fn certificate_item(engine: &Arc<Engine>) -> Item {
    match engine.acceptor().await {
        Ok(_) => good(
            "certificate",
            "Het lokale certificaat is in orde; het geldt alleen voor deze computer.",
            "The local certificate is in order; it is good for this computer only.",
        ),
        Err(error) => bad(
            "certificate",
            (&error.nl(), &error.to_string()),
            ("Verhelp eerst de sleutelbos.", "Mend the keyring first."),
        ),
    }
}

async fn provider_items(engine: &Arc<Engine>) -> Vec<Item> {
    let mut items = Vec::new();
    for account in &engine.settings().accounts {
        let tried = match provider::connect(engine, account).await {
            Ok(session) => {
                session.quit().await;
                None
            }
            Err(error) => Some((error.nl(), error.to_string())),
        };
        items.push(provider_item(&account.smtp.host, tried));
        let Some(imap) = &account.imap else { continue };
        let tried = match retrieval::connect(engine, account).await {
            Ok(upstream) => {
                upstream.log_out().await;
                None
            }
            Err(error) => Some((error.nl(), error.to_string())),
        };
        items.push(provider_item(&imap.host, tried));
        // Asked after the try: whoever gets in opens the gate.
        if engine.gate().standing(&account.address.to_string()) == Some(GateStanding::Shut) {
            items.push(shut_item(&imap.host));
        }
    }
    items
}

async fn identity_items(engine: &Arc<Engine>) -> Vec<Item> {
    let all = match engine.identities().await {
        Ok(all) => all,
        Err(error) => {
            let mend = ("Verhelp eerst de sleutelbos.", "Mend the keyring first.");
            return vec![bad("identity", (&error.nl(), &error.to_string()), mend)];
        }
    };
    let mut items = Vec::new();
    for account in &engine.settings().accounts {
        let own: Vec<&IdentityCard> =
            all.iter().filter(|one| one.account.is_same_mailbox(&account.address)).collect();
        // The one that signs; where none does, the newest, which says why.
        let signs = own.iter().find(|one| one.signs_for_account).or(own.last());
        items.push(identity_item(signs.copied()));
    }
    items
}

fn setting_items(engine: &Engine) -> Vec<Item> {
    let mut items = Vec::new();
    if engine.settings().detect.unreadable == Unreadable::Pass {
        items.push(Item {
            what: "setting",
            state: Standing::Attention,
            sentence: (
                "Mail met een bestand waarin niet gekeken kan worden, gaat zonder vraag door."
                    .into(),
                "Mail with a file that cannot be looked into passes without a question.".into(),
            ),
            mend: Some((
                "Zet in Instellingen aan dat zulke mail wordt vastgehouden.".into(),
                "Let Settings hold such mail.".into(),
            )),
        });
    }
    items
}

/// `failed`: why, Dutch and English.
fn provider_item(host: &str, failed: Option<(String, String)>) -> Item {
    let Some((nl, en)) = failed else {
        let works = format!("Logging in to {host} works.");
        return good("provider", &format!("Aanmelden bij {host} lukt."), &works);
    };
    bad(
        "provider",
        (
            &format!("Aanmelden bij {host} lukt niet: {nl}"),
            &format!("Logging in to {host} does not work: {en}"),
        ),
        (
            "Kijk of er internet is, en of server en wachtwoord nog kloppen: Instellingen, ‘Mailserver en wachtwoord’.",
            "See whether there is internet, and whether server and password are still right: Settings, “Mail server and password”.",
        ),
    )
}

/// The provider refused the password to our own connections.
fn shut_item(host: &str) -> Item {
    bad(
        "provider",
        (
            &format!(
                "Zorgzegel meldt zich zelf niet meer aan bij {host}, want naam of wachtwoord werd geweigerd \
                 en de provider kan het account blokkeren: ontvangen mail wordt nu niet bekeken."
            ),
            &format!(
                "Zorgzegel no longer logs in to {host} by itself, for user name or password was refused, \
                 and the provider may lock the account: mail that comes in is not looked at now."
            ),
        ),
        (
            "Geef het goede wachtwoord op bij Instellingen, onder ‘Mailserver en wachtwoord’.",
            "Give the right password in Settings, under “Mail server and password”.",
        ),
    )
}

fn identity_item(own: Option<&IdentityCard>) -> Item {
    let Some(own) = own else {
        return bad(
            "identity",
            (
                "Er is nog geen identiteit om mee te ondertekenen.",
                "There is no identity to sign with yet.",
            ),
            (
                "Maak er een bij Identiteiten, onder Instellingen.",
                "Make one at Identities, under Settings.",
            ),
        );
    };
    let pair = |(nl, en): (&str, &str)| (nl.to_owned(), en.to_owned());
    let sentence = match (own.standing.nl(), own.standing.en(), own.days_left) {
        (Some(nl), Some(en), _) => (nl, en),
        (_, _, Some(days)) => (
            format!("De identiteit is nog {days} dagen geldig."),
            format!("The identity is valid for {days} more days."),
        ),
        _ => pair(("De identiteit is geldig, zonder eind.", "The identity is valid, without end.")),
    };
    let (state, mend) = match (own.standing, own.trying_out) {
        (standing, _) if !standing.signs() => (Standing::Bad, Some(pair(ASK_ANEW))),
        (_, true) => (Standing::Attention, Some(pair(TRYING_OUT))),
        (identities::Standing::Good, false) => (Standing::Good, None),
        _ => (Standing::Attention, Some(pair(ASK_ANEW))),
    };
    Item { what: "identity", state, sentence, mend }
}

fn dns_item(probed: Result<(), Trouble>) -> Item {
    let Err(trouble) = probed else {
        return good(
            "dns",
            "De naamserver geeft DNSSEC-handtekeningen door; wegen kunnen bewezen worden.",
            "The name server passes on DNSSEC signatures; routes can be proved.",
        );
    };
    let (nl, en) = (format!("{}.", trouble.nl()), format!("{trouble}."));
    let mend = match trouble.mend() {
        Some((nl, en)) => (
            format!("{nl} Veilige mail blijft tot dan vastgehouden."),
            format!("{en} Safe mail stays held until then."),
        ),
        None => (
            "Veilige mail blijft vastgehouden tot dit werkt. Uw ICT-beheerder kan een andere naamserver noemen: [dns] resolver in het instellingenbestand.".to_owned(),
            "Safe mail stays held until this works. Your administrator can name another name server: [dns] resolver in the settings file.".to_owned(),
        ),
    };
    bad("dns", (&nl, &en), (&mend.0, &mend.1))
}

fn good(what: &'static str, nl: &str, en: &str) -> Item {
    Item { what, state: Standing::Good, sentence: (nl.to_owned(), en.to_owned()), mend: None }
}

fn bad(what: &'static str, said: (&str, &str), mend: (&str, &str)) -> Item {
    let pair = |(nl, en): (&str, &str)| (nl.to_owned(), en.to_owned());
    Item { what, state: Standing::Bad, sentence: pair(said), mend: Some(pair(mend)) }
}

const ASK_ANEW: (&str, &str) = (
    "Vraag een nieuw certificaat aan bij Identiteiten, onder Instellingen.",
    "Request a new certificate at Identities, under Settings.",
);
const TRYING_OUT: (&str, &str) = (
    "Deze identiteit is om uit te proberen (zelf ondertekend). Vraag een certificaat aan bij een uitgever die uw ontvangers vertrouwen.",
    "This identity is for trying out (self-signed). Request a certificate from an issuer that your recipients trust.",
);
