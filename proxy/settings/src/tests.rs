use std::path::Path;

use super::*;

const ACCOUNT: &str = "[[account]]\naddress = \"a@b.nl\"\nsmtp = { host = \"smtp.b.nl\" }\n";
const EXAMPLE: &str = include_str!("../../../zorgzegel.example.toml");

/// Address line, the lines after it, and the line and words of the fault.
const ACCOUNT_FAULTS: &[(&str, &str, usize, &str)] = &[
    ("address = \"a\"", "smtp = { host = \"h.nl\" }", 2, "no mail address"),
    ("address = \"a@[127.0.0.1]\"", "smtp = { host = \"h.nl\" }", 1, "domain"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h_ nl\" }", 3, "no host name"),
    ("address = \"a@b.nl\"", "smtp = { port = 25 }", 3, "host"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\nauthserv_id = \"a; b\"", 4, "first word"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\", pass = \"x\" }", 3, "pass"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\", port = 0 }", 3, "65535"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\", tls = \"none\" }", 3, "loopback"),
    ("address = \"a@b.nl\"", "smtp = { host = \"192.0.2.1\", tls = \"none\" }", 3, "loopback"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\", auth = \"ntlm\" }", 3, "cram-md5"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\nroutes = [\"fax\"]", 4, "direct"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\nroutes = [\"provider\"]", 4, "mark"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\nroutes = [\"gateway\"]", 4, "gateway"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\nprovider = \"a b\"", 4, "mark"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\ndossier = \"http://x\"", 4, "https"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\nsent = \"keep\"", 4, "as-sent"),
    ("address = \"a@b.nl\"", "smtp = { host = \"h.nl\" }\nsent = \"as-sent\"", 4, "imap"),
    (
        "address = \"a@b.nl\"",
        "smtp = { host = \"h.nl\" }\ndkim = { selector = \"a b\" }",
        4,
        "domain",
    ),
    (
        "address = \"a@b.nl\"",
        "smtp = { host = \"h.nl\" }\ndkim = { selector = \"s\", domain = \"x.b.nl\" }",
        4,
        "or above it",
    ),
    (
        "address = \"a@b.nl\"",
        "smtp = { host = \"h.nl\" }\nroutes = [\"direct\", \"direct\"]",
        4,
        "twice",
    ),
];

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(text, Path::new("/etc/zz/zorgzegel.toml"))
}

/// The line and the words of the fault.
fn fault(text: &str) -> (usize, String) {
    let error = parse(text).expect_err(text);
    (error.line().unwrap_or(0), error.to_string())
}

#[test]
fn an_empty_file_is_the_defaults() {
    let settings = parse("data_dir = \"d\"").unwrap();
    assert_eq!(settings.data_dir, Path::new("/etc/zz/d"));
    let listeners: Vec<String> =
        settings.listen.smtp.iter().map(|l| l.address.to_string()).collect();
    assert_eq!(listeners, ["127.0.0.1:1025", "[::1]:1025"]);
    assert_eq!(settings.listen.tls, ListenTls::StartTls);
    assert_eq!(settings.dns.resolver, Resolver::System);
    assert_eq!(settings.delivery.port, 25);
    assert_eq!(settings.detect.unreadable, Unreadable::Hold);
    assert_eq!(settings.prompt.default, PromptDefault::Ask);
    assert_eq!(settings.log.level, LogLevel::Info);
    assert!(settings.accounts.is_empty() && settings.tls.extra_roots.is_empty());
    assert!(settings.anchors.is_empty());
    assert_eq!(settings.fetch, Fetch::Never, "nobody is told whose mail is read");
}

#[test]
fn modules_of_cards_are_named_and_a_time_and_a_padding_are_words() {
    let text = "data_dir = \"d\"\n[sign]\nrsa = \"pss\"\n[cards]\nmodules = [\"a.so\", \"/b.so\"]\n\
        stay_unlocked = \"2m\"\n";
    let settings = parse(text).unwrap();
    assert_eq!(settings.sign.rsa, RsaPadding::Pss);
    assert_eq!(settings.cards.modules, [Path::new("/etc/zz/a.so"), Path::new("/b.so")]);
    assert_eq!(settings.cards.stay_unlocked, Duration::from_secs(120));
    assert_eq!(fault("data_dir = \"d\"\n[sign]\nrsa = \"raw\"\n").0, 3);
    assert_eq!(fault("data_dir = \"d\"\n[cards]\nstay_unlocked = \"0s\"\n").0, 3);
}

#[test]
fn issuers_are_asked_where_the_settings_say_so_and_in_no_other_words() {
    let fetch = |word: &str| parse(&format!("data_dir = \"d\"\n[trust]\nfetch = \"{word}\"\n"));
    assert_eq!(fetch("public").unwrap().fetch, Fetch::Public);
    assert_eq!(fetch("everywhere").unwrap().fetch, Fetch::Everywhere);
    assert_eq!(fault("data_dir = \"d\"\n[trust]\nfetch = \"yes\"\n").0, 3);
}

#[test]
fn the_example_is_read_and_says_the_defaults() {
    let example = parse(EXAMPLE).unwrap();
    let defaults = parse(&format!("data_dir = \"data\"\n{ACCOUNT}")).unwrap();
    assert_eq!(example.listen, defaults.listen);
    assert_eq!(example.dns, defaults.dns);
    assert_eq!(example.tls, defaults.tls);
    assert_eq!((&example.anchors, example.fetch), (&defaults.anchors, defaults.fetch));
    assert_eq!((example.sign, &example.cards), (defaults.sign, &defaults.cards));
    assert_eq!(example.detect, defaults.detect);
    assert_eq!(example.prompt, defaults.prompt);
    assert_eq!(example.delivery, defaults.delivery);
    assert_eq!(example.search, defaults.search);
    assert_eq!(example.log, defaults.log);
    let account = &example.accounts[0];
    assert_eq!(account.smtp.port, 587);
    assert_eq!(account.smtp.auth, Auth::Auto);
    assert_eq!(account.routes, [Route::Provider, Route::Gateway]);
    assert_eq!(account.gateway.as_ref().unwrap().tls, Tls::Implicit);
    assert_eq!(account.authserv_id.as_deref(), Some("mx.provider.example"));
    assert_eq!(account.authserv_place, AuthservPlace::Top);
    assert_eq!(account.keep_received, KeepReceived::Claims);
}

#[test]
fn the_example_mentions_every_field() {
    let raw = include_str!("raw.rs");
    let fields = raw.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("pub(super) ")?.split_once(':')?.0;
        name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_').then_some(name)
    });
    let mut seen = 0;
    for field in fields {
        let forms = [format!("{field} = "), format!("[{field}]"), format!(".{field}]")];
        assert!(forms.iter().any(|form| EXAMPLE.contains(form.as_str())), "{field}");
        seen += 1;
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn a_fault_is_told_with_its_line_and_what_to_do() {
    let cases = [
        ("data_dri = \"x\"", 1, "data_dri"),
        ("\n\n[listen]\nsmpt = []", 4, "smpt"),
        ("[listen]\nsmtp = \"127.0.0.1:1\"", 2, "list in [ ]"),
        ("[listen]\ntls = \"ssl\"", 2, "\"starttls\" or \"implicit\" or \"none\""),
        ("[listen]\nsmtp = [\"0.0.0.0:25\"]", 2, "other machines"),
        ("[listen]\nsmtp = [\"192.168.1.4:25\"]", 2, "127.0.0.1"),
        ("[listen]\nsmtp = [\"localhost:25\"]", 2, "no IP address"),
        ("[listen]\nsmtp = [\n \"127.0.0.1:1\",\n \"127.0.0.1\"]", 4, "no IP address"),
        ("[listen]\nsmtp = [7]", 2, "listener"),
        ("[listen]\nsmtp = [{ address = \"127.0.0.1:1\", tsl = \"none\" }]", 2, "tsl"),
        ("[listen]\nsmtp = [{ tls = \"none\" }]", 2, "address"),
        ("[listen.limits]\nrecipients = 0", 2, "between 1 and"),
        ("[listen.limits]\nrecipients = \"many\"", 2, "whole number"),
        ("[listen.limits]\nidle = \"5\"", 2, "5m"),
        ("[dns]\nresolver = \"ns.example\"", 2, "IP:PORT"),
        ("[dns]\nresolver = \"tls://9.9.9.9:853\"", 2, "tls://IP:PORT#NAME"),
        ("[dns]\nresolver = \"tls://dns.quad9.net\"", 2, "tls://IP:PORT#NAME"),
        ("[dns]\nresolver = \"tls://9.9.9.9#a b\"", 2, "names no resolver"),
        ("[dns]\nresolver = \"9.9.9.9#dns.quad9.net\"", 2, "names no resolver"),
        ("[tls]\nprofile = \"new\"", 2, "guide"),
        ("[detect]\nthreshold = 1.5", 2, "between 0 and 1"),
        ("[detect]\nthreshold = nan", 2, "between 0 and 1"),
        ("[detect]\ncertain = -1.0", 2, "certain = -1 is not between 0 and 1"),
        ("[detect]\nthreshold = 0.7\ncertain = 0.6", 3, "certain (0.6) is below"),
        ("[detect]\nexempt_domains = \"zorg.nl\"", 2, "list in [ ]"),
        ("[detect]\nexempt_domains = [\n \"zorg.nl\",\n \"*.zorg.nl\"]", 4, "by its own name"),
        ("[detect]\nexempt_domains = [\"a@zorg.nl\"]", 2, "by its own name"),
        ("[detect]\nexempt_domains = [\"zorg nl\"]", 2, "no single domain"),
        ("[detect]\nstaff = [\"A. Bakker\",\n\"bakker@\"]", 3, "no mail address"),
        ("[detect]\nstaff = [\" \"]", 2, "no name"),
        ("[detect]\nunreadable = true", 2, "text in quotes"),
        ("[prompt]\ndefault = \"send\"", 2, "ask"),
        ("[delivery]\nport = 70000", 2, "65535"),
        ("[delivery]\ngive_up = \"99999999999d\"", 2, "365d"),
        ("[delivery]\nfirst_retry = \"2h\"\nlongest_retry = \"1h\"", 3, "shorter"),
        ("[log]\nlevel = \"loud\"", 2, "info"),
        ("a = [", 1, ""),
        ("[listen]\n[listen]", 2, "duplicate"),
    ];
    for (text, line, words) in cases {
        // The default data folder may be missing where there is no home.
        let (found, said) = fault(text);
        assert_eq!(found, line, "{text}: {said}");
        assert!(said.contains(words), "{text}: {said}");
        assert!(said.contains("; "), "{text} says what to do: {said}");
        assert!(said.starts_with("/etc/zz/zorgzegel.toml, line "), "{said}");
    }
}

#[test]
fn a_fault_in_an_account_is_told_with_its_line() {
    for (address, rest, line, words) in ACCOUNT_FAULTS.iter().copied() {
        let text = format!("[[account]]\n{address}\n{rest}\n");
        let (found, said) = fault(&text);
        assert_eq!(found, line, "{text}: {said}");
        assert!(said.contains(words), "{text}: {said}");
    }
    let twice = format!("{ACCOUNT}{}", ACCOUNT.replace("a@b.nl", "A@B.nl"));
    assert!(fault(&twice).1.contains("twice"));
    assert!(fault("[[account]]\naddress = \"a@b.nl\"\n").1.contains("smtp"));
}

#[test]
fn ports_and_names_have_the_defaults_of_their_kind() {
    let text = "[[account]]\naddress = \"a@b.nl\"\nsmtp = { host = \"127.0.0.1\", tls = \"none\" }\n\
        imap = { host = \"i.nl\" }\ngateway = { host = \"G.nl.\", tls = \"implicit\" }\n";
    let account = parse(text).unwrap().account(&Address::parse("A@b.nl").unwrap()).unwrap();
    assert_eq!((account.smtp.port, account.smtp.tls), (587, Tls::None));
    assert_eq!(account.smtp.username, "a@b.nl");
    let imap = account.imap.unwrap();
    assert_eq!((imap.port, imap.tls), (993, Tls::Implicit));
    let gateway = account.gateway.unwrap();
    assert_eq!((gateway.host.as_str(), gateway.port), ("g.nl", 465));
}

#[test]
fn each_listener_may_have_tls_of_its_own() {
    let text = "[listen]\nsmtp = [\"127.0.0.1:0\", { address = \"[::1]:465\", tls = \"implicit\" }]\ntls = \"none\"";
    let tls: Vec<ListenTls> = parse(text).unwrap().listen.smtp.iter().map(|l| l.tls).collect();
    assert_eq!(tls, [ListenTls::None, ListenTls::Implicit]);
}

#[test]
fn a_resolver_is_the_system_s_an_address_or_a_name_over_tls() {
    let tls = |at: &str, name: &str| Resolver::Tls(at.parse().unwrap(), name.to_owned());
    let address = |at: &str| Resolver::Address(at.parse().unwrap());
    for (text, resolver) in [
        ("system", Resolver::System),
        ("127.0.0.1", address("127.0.0.1:53")),
        ("[::1]:5353", address("[::1]:5353")),
        ("2620:fe::fe", address("[2620:fe::fe]:53")),
        ("tls://9.9.9.9:853#dns.quad9.net", tls("9.9.9.9:853", "dns.quad9.net")),
        ("tls://9.9.9.9#DNS.Quad9.net", tls("9.9.9.9:853", "dns.quad9.net")),
        ("tls://[2620:fe::fe]#dns.quad9.net", tls("[2620:fe::fe]:853", "dns.quad9.net")),
        ("tls://[2620:fe::fe]:8853#2620:fe::fe", tls("[2620:fe::fe]:8853", "2620:fe::fe")),
    ] {
        let settings = parse(&format!("[dns]\nresolver = \"{text}\"")).unwrap();
        assert_eq!(settings.dns.resolver, resolver, "{text}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("zorgzegel.toml");
    assert!(Settings::load(&file).unwrap_err().to_string().contains("zorgzegel.toml"));
    std::fs::write(&file, "\n[tls]\nextra_roots = [\"own-ca.pem\"]\n").unwrap();
    let error = Settings::load(&file).unwrap_err();
    assert!(error.what().contains("own-ca.pem"), "{error}");
    assert_eq!(error.line(), Some(3));
    std::fs::write(folder.path().join("own-ca.pem"), "pem").unwrap();
    let settings = Settings::load(&file).unwrap();
    assert_eq!(settings.tls.extra_roots, [folder.path().join("own-ca.pem")]);
    std::fs::write(&file, "[trust]\nanchors = [\"own-ca.pem\", \"weg.pem\"]\n").unwrap();
    assert!(Settings::load(&file).unwrap_err().what().contains("weg.pem"));
    std::fs::write(folder.path().join("weg.pem"), "pem").unwrap();
    let named = ["own-ca.pem", "weg.pem"].map(|name| folder.path().join(name));
    assert_eq!(Settings::load(&file).unwrap().anchors, named);
}

#[test]
fn what_the_guide_leaves_open_is_set_and_a_fault_has_its_line() {
    let text = "data_dir = \"d\"\n[nta]\nou_marks = [\"NTA\"]\nsuppliers = [\"ZorgMail\"]\n\
                [[nta.supplier]]\nmark = \"ZorgMail\"\ndomain = \"ZorgMail.example\"\n";
    let nta = parse(text).unwrap().nta;
    assert_eq!(nta.ou_marks, ["NTA"]);
    assert_eq!(nta.supplier[0].domain.as_str(), "zorgmail.example");
    assert_eq!(parse("data_dir = \"d\"").unwrap().nta, Policy::default());
    for (lines, at, words) in [
        ("ou_marks = [\"\"]", 2, "no mark of an OU"),
        ("ou_marks = [\"a \"]", 2, "no mark of an OU"),
        ("suppliers = [\"a;b\"]", 2, "mark"),
        ("marks = []", 2, "marks"),
        ("[[nta.supplier]]\nmark = \"a\"\ndomain = \"a b\"", 4, "domain"),
    ] {
        let (line, said) = fault(&format!("[nta]\n{lines}\n"));
        assert!(line == at && said.contains(words), "{lines}: {line} {said}");
    }
}

#[test]
fn a_dkim_key_is_named_by_its_selector_and_may_be_of_a_domain_above() {
    let dkim = |value: &str| {
        let text = format!("{ACCOUNT}dkim = {value}\n").replace("a@b.nl", "a@x.b.nl");
        parse(&text).map(|settings| settings.accounts[0].dkim.clone().unwrap())
    };
    let own = dkim("{ selector = \"s1\" }").unwrap();
    assert_eq!((own.selector.as_str(), own.domain), ("s1", None));
    let above = dkim("{ selector = \"s1.mail\", domain = \"b.nl\" }").unwrap();
    assert_eq!(above.domain.unwrap().as_str(), "b.nl");
    for foreign in ["c.nl", "y.b.nl", "ab.nl"] {
        assert!(dkim(&format!("{{ selector = \"s\", domain = \"{foreign}\" }}")).is_err());
    }
}

#[test]
fn own_terms_are_lines_without_comments() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("zorgzegel.toml");
    std::fs::write(&file, "[detect]\nown_terms = \"t.txt\"\n").unwrap();
    std::fs::write(folder.path().join("t.txt"), "# ours\n\n zorgpad X \nPOH\n").unwrap();
    let settings = Settings::load(&file).unwrap();
    assert_eq!(settings.detect.own_terms().unwrap(), ["zorgpad X", "POH"]);
}

#[test]
fn adding_and_removing_an_account_keeps_the_comments() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("zorgzegel.toml");
    let before = format!("# mine\ndata_dir = \"d\" # here\n\n{ACCOUNT}# the end\n");
    std::fs::write(&file, &before).unwrap();
    let mut new = Settings::load(&file).unwrap().accounts[0].clone();
    new.address = Address::parse("new@b.nl").unwrap();
    new.smtp.username = "n".to_owned();
    new.smtp.tls = Tls::Implicit;
    new.routes = vec![Route::Gateway, Route::Direct];
    new.gateway = Some(new.smtp.clone());
    add_account(&file, &new).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# mine\ndata_dir = \"d\" # here\n"), "{text}");
    assert_eq!(Settings::load(&file).unwrap().accounts[1], new);
    let again = add_account(&file, &new).unwrap_err();
    assert!(again.to_string().contains("twice"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "unchanged");
    assert!(remove_account(&file, &new.address).unwrap());
    assert!(!remove_account(&file, &new.address).unwrap());
    let settings = Settings::load(&file).unwrap();
    assert_eq!(settings.accounts.len(), 1);
    assert!(std::fs::read_to_string(&file).unwrap().contains("# mine"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no leftovers");
}

#[test]
fn the_first_account_makes_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/zorgzegel.toml");
    let account = parse(ACCOUNT).unwrap().accounts.remove(0);
    add_account(&file, &account).unwrap();
    assert_eq!(Settings::load(&file).unwrap().accounts, [account]);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = parse(&text);
        let _ = parse(&format!("[listen]\nsmtp = [{text}]\n{ACCOUNT}"));
    }
}

#[test]
fn a_change_keeps_comments_and_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zorgzegel.toml");
    fs::write(
        &path,
        format!(
            "data_dir = \"d\"\n# mine\n[detect]\nstaff = [\"A\"] # us\n# asked\nthreshold = 0.4 # low\n\n\
             {ACCOUNT}"
        ),
    )
    .unwrap();
    for one in [
        Change::Language(Language::English),
        Change::RemindAfter(30),
        Change::Notifications(false),
        Change::Threshold(0.7),
        Change::Unreadable(Unreadable::Pass),
    ] {
        change(&path, &one).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("# mine") && text.contains("# us"), "{text}");
    assert!(text.contains("# asked\nthreshold = 0.7 # low\n"), "{text}");
    let settings = Settings::load(&path).unwrap();
    assert_eq!(settings.desktop.language, Language::English);
    assert_eq!(settings.desktop.remind_after, Duration::from_secs(1800));
    assert!(!settings.desktop.notifications && settings.accounts.len() == 1);
    assert_eq!(settings.detect.staff, ["A"]);
    assert_eq!(settings.detect.unreadable, Unreadable::Pass);
    change(&path, &Change::Threshold(7.0)).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn ways_out_are_changed_where_they_are_others_and_all_else_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zorgzegel.toml");
    let first = "[[account]] # ours\naddress = \"c@b.nl\"\nsmtp = { host = \"smtp.b.nl\" } # by us\n\
                 # the only way\nroutes = [\"direct\"]\n";
    fs::write(&path, format!("data_dir = \"d\"\n{first}\n{ACCOUNT}")).unwrap();
    let mut account = Settings::load(&path).unwrap().accounts.remove(0);
    account.routes = vec![Route::Gateway, Route::Direct];
    account.gateway = Some(Endpoint {
        host: "poort.b.nl".to_owned(),
        port: 465,
        tls: Tls::Implicit,
        auth: Auth::Plain,
        username: "u".to_owned(),
    });
    change_ways(&path, &account).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    for kept in ["# ours", "# by us", "# the only way"] {
        assert!(text.contains(kept), "{text}");
    }
    let read = Settings::load(&path).unwrap().accounts;
    assert_eq!((read.len(), &read[0]), (2, &account));

    let mut without = account.clone();
    without.gateway = None;
    change_ways(&path, &without).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "a route without its gateway is refused");
    without.routes.clear();
    change_ways(&path, &without).unwrap();
    assert_eq!(Settings::load(&path).unwrap().accounts[0], without);
    without.address = Address::parse("x@b.nl").unwrap();
    change_ways(&path, &without).unwrap_err();
}

#[test]
fn a_change_makes_the_file_where_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("zorgzegel.toml");
    change(&path, &Change::Language(Language::English)).unwrap();
    assert_eq!(Settings::load(&path).unwrap().desktop.language, Language::English);
}

#[test]
fn what_is_certain_is_never_below_what_is_asked_about() {
    let certain =
        |text: &str| parse(&format!("data_dir = \"d\"\n[detect]\n{text}")).unwrap().detect;
    assert_eq!(certain("").certain, 0.85);
    assert_eq!(certain("threshold = 0.9").certain, 0.9);
    assert_eq!(certain("threshold = 0.4\ncertain = 0.4").certain, 0.4);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zorgzegel.toml");
    fs::write(&path, "data_dir = \"d\"\n[detect]\ncertain = 0.6 # ours\n").unwrap();
    change(&path, &Change::Threshold(0.7)).unwrap();
    let detect = Settings::load(&path).unwrap().detect;
    assert_eq!((detect.threshold, detect.certain), (0.7, 0.7));
    change(&path, &Change::Certain(0.6)).unwrap_err();
    change(&path, &Change::Certain(0.95)).unwrap();
    assert_eq!(Settings::load(&path).unwrap().detect.certain, 0.95);
}

#[test]
fn an_organisations_own_is_changed_and_a_terms_file_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zorgzegel.toml");
    fs::write(&path, "data_dir = \"d\"\n").unwrap();
    let domain = |name: &str| Domain::parse(name).unwrap();
    for one in [
        Change::Staff(vec!["A. \"Bram\" Bakker".to_owned(), "a@b.nl".to_owned()]),
        Change::ExemptDomains(vec![domain("Zorg.nl"), domain("afdeling.zorg.nl")]),
    ] {
        change(&path, &one).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let gone = change(&path, &Change::OwnTerms(Some("t.txt".to_owned()))).unwrap_err();
    assert!(gone.to_string().contains("t.txt"), "{gone}");
    fs::write(folder.path().join("t.txt"), b"\xff\xfe").unwrap();
    let no_text = change(&path, &Change::OwnTerms(Some("t.txt".to_owned()))).unwrap_err();
    assert!(no_text.to_string().contains("UTF-8"), "{no_text}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "unchanged");
    fs::write(folder.path().join("t.txt"), "zorgpad X\n").unwrap();
    change(&path, &Change::OwnTerms(Some("t.txt".to_owned()))).unwrap();
    let detect = Settings::load(&path).unwrap().detect;
    assert_eq!(detect.own_terms().unwrap(), ["zorgpad X"]);
    assert_eq!(detect.staff, ["A. \"Bram\" Bakker", "a@b.nl"]);
    assert_eq!(detect.exempt_domains, [domain("zorg.nl"), domain("afdeling.zorg.nl")]);
    change(&path, &Change::OwnTerms(None)).unwrap();
    assert_eq!(Settings::load(&path).unwrap().detect.own_terms, None);
}
