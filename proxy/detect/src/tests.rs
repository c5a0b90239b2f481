use std::sync::LazyLock;
use std::time::Duration;

use super::*;

fn judge(subject: &str, body: &str) -> Findings {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(Options::default()));
    DETECTOR.judge(&[
        Piece { field: Field::Subject, text: subject },
        Piece { field: Field::Body, text: body },
    ])
}

#[test]
fn the_example_of_the_house_is_certain() {
    let findings = judge("", "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA");
    assert_eq!(findings.level, Level::Certain);
    let kinds: Vec<Kind> = findings.findings.iter().map(|one| one.kind).collect();
    for kind in [Kind::Bsn, Kind::Name, Kind::Dob, Kind::Medical] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn a_person_without_health_and_health_without_a_person_pass() {
    assert!(
        !judge("Contract", "BSN 123456782, mw. Jansen, geb. 12-03-1980, start per 1 mei").health
    );
    assert!(!judge("Les", "Diabetes en hypertensie zijn risicofactoren voor een CVA.").health);
}

#[test]
fn a_signature_and_a_disclaimer_are_no_evidence() {
    let text = "Lunch om 12 uur?\n\nMet vriendelijke groet,\nMw. A. de Vries\nCardioloog, polikliniek cardiologie\n06-12345678\n";
    let findings = judge("", text);
    assert!(!findings.health, "{}", findings.score);
    assert!(findings.findings.iter().filter(|one| one.weight > 0.0).count() == 0);
}

#[test]
fn own_terms_and_staff_change_the_answer() {
    let text = "Mevrouw Bakker komt morgen voor de zorgstraat klierlab.";
    let plain = Detector::new(Options::default());
    let own =
        Detector::new(Options { own_terms: vec!["klierlab".to_owned()], ..Options::default() });
    let pieces = [Piece { field: Field::Body, text }];
    assert!(!plain.judge(&pieces).health);
    assert!(own.judge(&pieces).health);
    let staff = Options {
        staff: vec!["Bakker".to_owned()],
        own_terms: vec!["klierlab".to_owned()],
        ..Options::default()
    };
    assert!(!Detector::new(staff).judge(&pieces).health);
}

#[test]
fn findings_point_at_their_words() {
    let text = "Beste é, mw. Ünal, geb. 1-2-1950, heeft diabetes. Tel 06-12345678, a@b.nl";
    for one in judge("", text).findings {
        let words = &text[one.start..one.end];
        assert!(!words.trim().is_empty(), "{words:?}");
        assert!(!one.reason.nl.is_empty() && !one.reason.en.is_empty());
    }
}

/// Says that everything of these words was dismissed so many times.
#[derive(Debug)]
struct Dismissed(&'static [&'static str], u32);

impl Dismissals for Dismissed {
    fn times(&self, _: Kind, words: &str) -> u32 {
        if self.0.contains(&words) { self.1 } else { 0 }
    }
}

fn judge_with(words: &'static [&'static str], text: &str) -> Findings {
    let dismissals: Option<Arc<dyn Dismissals>> = Some(Arc::new(Dismissed(words, 3)));
    let detector = Detector::new(Options { dismissals, ..Options::default() });
    detector.judge(&[Piece { field: Field::Body, text }])
}

#[test]
fn what_was_dismissed_counts_no_more() {
    let text = "Hoi, mevrouw Bakker heeft last van haar knie en slikt nu naproxen.";
    let before = judge("", text);
    let words: Vec<&str> = before.findings.iter().map(|one| &text[one.start..one.end]).collect();
    assert!(words.contains(&"naproxen"), "{words:?}");
    let after = judge_with(&["naproxen"], text);
    assert!(after.score < before.score, "{} {}", after.score, before.score);
    let weight = |findings: &Findings| {
        let own = findings.findings.iter().find(|one| &text[one.start..one.end] == "naproxen");
        own.unwrap().weight
    };
    assert!(weight(&before) > 0.0 && weight(&after) == 0.0);
}

#[test]
fn beside_a_labelled_citizen_service_number_nothing_is_taught_away() {
    let text = "BSN 123456782, dhr. Jansen, gebruikt metformine.";
    assert_eq!(judge_with(&[], text).score, judge_with(&["metformine", "jansen"], text).score);
}

#[test]
fn a_patient_in_the_middle_of_a_long_document_is_found_and_the_document_alone_is_not() {
    let page = "De werkgroep heeft de richtlijn herzien. Bij patiënten met diabetes wordt jaarlijks de \
        nierfunctie bepaald. Aanbevelingen staan in hoofdstuk 3 van dit protocol.\n";
    let long = page.repeat(200);
    assert!(!judge("Richtlijn", &long).health);
    let patient = "Betreft mevrouw J. de Vries, geb. 12-03-1956, BSN 123456782: opgenomen met een CVA, \
        gebruikt clopidogrel 1 dd 75 mg.\n";
    let hidden = [page.repeat(100).as_str(), patient, page.repeat(100).as_str()].concat();
    assert!(judge("Richtlijn", &hidden).health);
}

#[test]
fn who_stands_on_the_first_page_and_what_on_the_third_are_one_health_mail() {
    let who = "Betreft: mevrouw J. Jansen, geb. 12-03-1956, BSN 123456782.\n";
    let what = "Conclusie: mammacarcinoom met levermetastasen, start paclitaxel 80 mg wekelijks.\n";
    for between in [
        "Hieronder volgt het verslag zoals dat is vastgelegd in het systeem.\n",
        "De parkeergarage is open tot acht uur en de ingang ligt aan de achterzijde.\n",
    ] {
        for times in [10, 60, 150, 400] {
            let first = [who, &between.repeat(times), what].concat();
            let last = [what, &between.repeat(times), who].concat();
            for text in [first, last] {
                assert!(judge("", &text).health, "{times}: {}", judge("", &text).score);
            }
        }
    }
}

#[test]
fn daily_life_with_a_word_of_care_in_it_is_not_asked_about() {
    for (subject, body) in [
        ("moestuin", "Hoi Gerda, de slakken zaten weer in de sla. Groeten aan je moeder! Bart"),
        ("Re: afspraak", "Prima, dan zien we elkaar vrijdag om 10 uur bij de notaris. Groet, Els"),
        (
            "lekkage",
            "Beste verhuurder, boven de spreekkamer van de dokter lekt het dak. Hij wacht.",
        ),
        ("bowlen", "Hoi team, na het spreekuur bowlen en dan pannenkoeken. Kom je ook, Karin?"),
    ] {
        let findings = judge(subject, body);
        assert!(!findings.health, "{subject}: {}", findings.score);
    }
    assert!(judge("", "Hoi juf, mijn zoon heeft koorts en keelpijn, hij blijft thuis.").health);
}

#[test]
fn one_who_is_invented_is_no_patient_however_ill_he_is() {
    let ill = "Mevrouw Zandkasteel (72) heeft hartfalen en COPD, gebruikt metoprolol en furosemide en is benauwd.";
    assert!(judge("", ill).health);
    for said in [
        "Zij is door de docent verzonnen: een fictieve casus voor de studenten.",
        "Zij is een testpatiënt in de testomgeving, met een dummy dossier voor de demo.",
        "Zij is een personage uit het toneelstuk; de souffleur heeft het script.",
    ] {
        let findings = judge("", &format!("{ill} {said}"));
        assert!(!findings.health, "{said}: {}", findings.score);
    }
}

#[test]
fn a_trade_with_a_word_of_medicine_in_it_is_not_asked_about() {
    for body in [
        "Beste confrère, de rechtbank deed uitspraak over whiplash en de stelplicht. Het vonnis bespreek ik dinsdag. Mr. Koppelaar",
        "Hoi Teun, zaterdag bordspellen: jij bent de dokter, ik speel de quarantainekaart. Neem dobbelstenen mee.",
        "Beste redactie, voor het kerkblad: de collecte voor de leprazending bracht 310 euro op. De scriba",
        "Dag Mieke, er zijn nog 40 naaldencontainers en 6 dozen handschoenen; graag een nabestelling op inkooporder 4471.",
    ] {
        let findings = judge("", body);
        assert!(!findings.health, "{body}: {}", findings.score);
    }
}

#[test]
fn illness_in_the_words_of_lay_people_is_asked_about() {
    for body in [
        "Mijn moeder mag niet autorijden van de neuroloog en valt steeds om. Kunt u haar bellen? Groet, Lia",
        "Hoi juf, Bram heeft de hele nacht overgegeven en houdt niks binnen. Hij blijft thuis.",
    ] {
        let findings = judge("", body);
        assert!(findings.health, "{body}: {}", findings.score);
    }
}

#[test]
fn words_of_daily_life_hide_no_diagnosis() {
    let text = "Hoi allebei, zaterdag ruimen we de garage en de zolder op. Mijn moeder ligt met een longontsteking in het ziekenhuis en krijgt amoxicilline. Neem de aanhanger mee, de tuin moet ook nog.";
    let findings = judge("garage en tuin", text);
    assert!(findings.health, "{}", findings.score);
}

#[test]
fn household_that_someone_cannot_do_any_more_is_care() {
    let text = "Mevrouw De Groot kan sinds haar heupoperatie niet meer stofzuigen, strijken en afwassen. Graag huishoudelijke hulp.";
    assert!(judge("aanvraag hulp", text).health);
}

const PATIENT: &str =
    "Dhr. Jansen (geb. 12-03-1956, BSN 123456782): CVA, metoprolol 50 mg 2dd, RR 138/82.\n";

/// Judges a body of so many letters that leave no doubt, behind a number that it does not tell of; then
/// thirty files' names, and a file of this name and text.
fn judge_letters(letters: usize, name: &str, text: &str) -> Findings {
    let letter = [
        "Beste collega,\n",
        PATIENT,
        "Patiënt werd opgenomen met pijn op de borst, koorts en benauwdheid. Diagnose: pneumonie.\n\
         Mevrouw De Vries (geb. 3-4-1961) heeft diabetes en hypertensie, zij gebruikt metformine 500 mg.\n\
         De klachten namen toe na de operatie; labuitslag: CRP 145, Hb 6.1.\n\
         Voorgeschiedenis: hartfalen, COPD. Medicatie: furosemide 40 mg. Lichamelijk onderzoek: RR 138/82.\n\
         Graag uw beoordeling van deze patiënte, mw. Bakker.\n",
    ];
    let body = format!("Zie 7654321.\n{}", letter.concat().repeat(letters));
    let names = ["Bijlage"; 30].map(|text| Piece { field: Field::FileName, text });
    let file = [(Field::Body, &*body), (Field::FileName, name), (Field::Attachment, text)];
    let [body, name, text] = file.map(|(field, text)| Piece { field, text });
    let pieces = [&[body][..], &names, &[name, text]].concat();
    Detector::new(Options::default()).judge(&pieces)
}

#[test]
fn a_message_that_says_all_is_judged_before_its_end_and_another_to_its_end() {
    // The last file, where it is read, tells what the number at the beginning is.
    let is_known = |judged: &Findings| {
        let first = judged.findings.first().unwrap();
        (first.piece, first.start, first.kind) == (0, 4, Kind::PatientNumber)
    };
    let last = "Patiëntnummer: 7654321, diabetes.";
    let few = judge_letters(20, "brief.txt", last);
    assert!(is_known(&few), "{:?}", few.findings.first());
    let many = judge_letters(1_200, "brief.txt", last);
    assert_eq!(many.level, Level::Certain);
    assert_eq!(many.findings.len(), crate::score::SHOWN);
    assert!(!is_known(&many), "the last file was read");
    let plain =
        "Factuur 118: rollators, krukken, verband, naalden, pleisters naar Kerkstraat 12 te Ede.\n";
    let late = judge("Facturen", &[&plain.repeat(6_500), PATIENT].concat());
    assert!(late.health, "{}", late.score);
}

#[test]
fn the_names_of_all_files_are_read_in_a_message_that_is_judged_before_its_end() {
    let long = format!("{} BSN 111222333.pdf", "brief van de dokter ".repeat(40));
    for name in ["Ontslagbrief BSN 111222333.pdf", &long] {
        let judged = judge_letters(1_200, name, "Niets.");
        assert_eq!(judged.level, Level::Certain);
        let found = judged.findings.iter().find(|one| one.piece == 31 && one.kind == Kind::Bsn);
        let found = found.unwrap_or_else(|| panic!("nothing in {name}"));
        assert!(found.weight > 0.0);
        assert_eq!(&name[found.start..found.end], "111222333");
        // They take no room from the rest.
        let body = judged.findings.iter().filter(|one| one.piece == 0).count();
        assert_eq!(body, crate::score::SHOWN);
    }
}

/// The processor's time that this thread took, which other work on the machine does not lengthen; `None`
/// where the system has no file that tells it.
fn worked() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    assert!(told.is_some() || cfg!(not(target_os = "linux")), "no time of the thread");
    Some(Duration::from_nanos(told?.split(' ').next()?.parse().unwrap()))
}

#[test]
fn nasty_texts_are_judged_in_time_and_without_a_deep_stack() {
    judge("", "Het eerste oordeel maakt de lijsten.");
    for (word, times) in [
        ("Jansen-", 30_000),
        ("Ab-", 30_000),
        ("CVA en ", 20_000),
        ("nr 12345678 ", 20_000),
        ("12-03-1956 ", 20_000),
        ("A. ", 50_000),
        ("van de ", 30_000),
        ("mw. ", 50_000),
        ("a@b.nl ", 20_000),
        ("[[[[", 50_000),
        ("A1", 30_000),
    ] {
        let took = |parts: usize| {
            let text = word.repeat(times / parts);
            let small = std::thread::Builder::new().stack_size(1 << 20);
            let judged = small.spawn(move || {
                let start = worked();
                (0..parts).for_each(|_| drop(judge("", &text)));
                Some(worked()? - start?)
            });
            judged.unwrap().join().unwrap_or_else(|_| panic!("{word}"))
        };
        // Linear work takes as long on the whole as on its parts; quadratic work four times as long
        // and more, for a block is as long as four parts. A processor that is slower for a while, as a
        // borrowed one may be, is so for one measurement and not for each.
        let mut last = None;
        let linear = (0..5).any(|_| {
            last = took(16).zip(took(1));
            last.is_none_or(|(parts, whole)| whole < parts * 2 + Duration::from_millis(50))
        });
        assert!(linear, "{word}: {last:?}");
    }
}

#[test]
fn a_sentence_behind_a_greeting_and_a_line_that_begins_with_met_count() {
    for text in [
        "Piet Jansen belde\nmet vragen over zijn kuur.\nHij heeft een longontsteking en slikt amoxicilline 500 mg 3 dd 1.",
        "Groeten,\nPiet\nO ja, mevrouw Jansen van kamer 12 heeft een delier.\nIk heb haloperidol gestart.",
        "Van: mevrouw Jansen heeft een CVA gehad en gebruikt clopidogrel 75 mg",
    ] {
        assert!(judge("", text).health, "{text}: {}", judge("", text).score);
    }
}

#[test]
fn a_colleagues_surname_hides_no_patient() {
    for staff in ["Anna de Vries", "Smit"] {
        let options = Options { staff: vec![staff.to_owned()], ..Options::default() };
        let detector = Detector::new(options);
        for text in [
            "Mevrouw De Vries heeft een CVA gehad en gebruikt clopidogrel.",
            "Mevrouw Hamersmit heeft een CVA gehad en gebruikt clopidogrel.",
        ] {
            let findings = detector.judge(&[Piece { field: Field::Body, text }]);
            assert!(findings.health, "{staff}: {text} {}", findings.score);
        }
    }
}

#[test]
fn an_own_term_counts_like_a_diagnosis_however_short_it_is() {
    for (term, text) in [("rx", "mw. Bakker kreeg rx"), ("pijn", "mw. Bakker had pijn")] {
        let options = Options { own_terms: vec![term.to_owned()], ..Options::default() };
        let findings = Detector::new(options).judge(&[Piece { field: Field::Body, text }]).findings;
        let own = findings.iter().find(|one| one.kind == Kind::Medical).map(|one| one.weight);
        assert_eq!(own, Some(2.0), "{term}");
    }
}

#[test]
fn what_has_a_label_keeps_a_message_asked_about_whatever_is_dismissed() {
    for text in
        ["Dhr. Jansen, geb. 12-03-1956, had een CVA.", "Dhr. Jansen (123456782) had een CVA."]
    {
        let words = &["cva", "jansen", "123456782", "had een cva", "een cva"];
        assert_eq!(judge_with(&[], text).score, judge_with(words, text).score, "{text}");
    }
}

#[test]
fn a_patients_number_is_known_again_in_the_name_of_a_file() {
    let detector = Detector::new(Options::default());
    let text = "Uitslag van patiëntnummer 7714402 volgt.";
    let pieces = [
        Piece { field: Field::Body, text },
        Piece { field: Field::FileName, text: "scan_7714402_thorax.pdf" },
    ];
    let findings = detector.judge(&pieces).findings;
    let again = findings.iter().find(|one| one.piece == 1 && one.kind == Kind::PatientNumber);
    assert_eq!(again.map(|one| (one.start, one.end)), Some((5, 12)));
}

#[test]
fn names_are_found_in_every_dress() {
    for (text, name) in [
        ("Gisteren belde mw. van der Meulen-Smit terug.", "van der Meulen-Smit"),
        ("dhr J wil langskomen", "J"),
        ("mevr jansen was er niet", "jansen"),
        ("Overdracht door J.P. de Wit.", "J.P. de Wit"),
        ("Graag bellen met Fatima El Amrani vandaag", "Fatima El Amrani"),
        ("Naam: OOSTERHUIS-TEN BRINKE, G.H.", "OOSTERHUIS-TEN BRINKE, G.H."),
        ("Beste Marieke,", "Marieke"),
        ("Onze zoon Yassin is ziek", "Yassin"),
    ] {
        let findings = judge("", text).findings;
        let names: Vec<&str> = findings
            .iter()
            .filter(|one| one.kind == Kind::Name)
            .map(|one| &text[one.start..one.end])
            .collect();
        assert!(names.contains(&name), "{text}: {names:?}");
    }
    for text in [
        "De Rabobank in Utrecht",
        "Onderwerp: Vergadering Maandag",
        "A. Inleiding",
        "Apotheek De Vijzel",
    ] {
        let names = judge("", text).findings;
        assert!(!names.iter().any(|one| one.kind == Kind::Name), "{text}: {names:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_judged_without_a_panic(text in "\\PC{0,300}", subject in "\\PC{0,80}") {
        let findings = judge(&subject, &text);
        let texts = [&subject, &text];
        for one in findings.findings {
            proptest::prop_assert!(texts[one.piece].get(one.start..one.end).is_some());
        }
    }
}

#[test]
fn what_identifies_is_found_beside_words_of_trade_and_in_a_row_of_a_table() {
    for text in [
        "Factuur BSN 123456782 mw. Jansen, wortelkanaalbehandeling",
        "Melding BSN 123456782, mw. Jansen heeft een hernia",
        "Referentie: BSN 123456782, dhr. Jansen, diabetes",
        "Jansen,12-03-1956,123456782,diabetes",
    ] {
        let kinds: Vec<Kind> = judge("", text).findings.iter().map(|one| one.kind).collect();
        assert!(kinds.contains(&Kind::Bsn), "{text}: {kinds:?}");
    }
    for (text, kind, is) in [
        ("Jansen,12-03-1956,123456782,diabetes", Kind::Dob, true),
        ("Incident geb 12-03-1956", Kind::Dob, true),
        ("Melding tel 0612345678", Kind::Phone, true),
        ("Overleg 05-06-2025 10:00 uur", Kind::Phone, false),
        ("mw de vries heeft pijn", Kind::Name, true),
        ("dhr van der berg heeft pijn", Kind::Name, true),
        ("Jan Smit, geb. 12/mrt/1950", Kind::Dob, true),
        ("Jan Smit, geb. 12.mrt.1950", Kind::Dob, true),
        ("Jan Smit, geb. 12 sept.1950", Kind::Dob, true),
        ("Jan Smit *12-03-1956", Kind::Dob, true),
        ("Richtlijn diabetes dd 12-03-2025", Kind::Dob, false),
        ("* 12-05-2025 nascholing COPD", Kind::Dob, false),
        ("De baby is geboren. Controle 14-05-2025", Kind::Dob, false),
    ] {
        let found = judge("", text).findings;
        assert_eq!(found.iter().any(|one| one.kind == kind), is, "{text}: {found:?}");
    }
    let named = judge("", "Sinds gisteren heeft Chantal migraine en Pascal hernia gehad.").findings;
    let medical = named.iter().filter(|one| one.kind == Kind::Medical);
    assert!(medical.clone().all(|one| one.end - one.start < 13), "{named:?}");
}

#[test]
fn a_word_in_passing_does_not_make_a_patient_invented() {
    let text = "Pati\u{eb}nt N. Jansen, patnr 4410928, heeft een longontsteking.";
    assert!(judge("", text).health);
}

#[test]
fn what_identifies_is_found_however_it_is_joined_to_its_label() {
    for (text, kind, words) in [
        ("Ticket bsn.123456782", Kind::Bsn, Some("123456782")),
        ("Melding geb.12-03-1956", Kind::Dob, Some("12-03-1956")),
        ("Melding gd 12-03-1956", Kind::Dob, Some("12-03-1956")),
        ("Melding tel.0612345678", Kind::Phone, Some("0612345678")),
        ("Factuur F-123456782", Kind::Bsn, None),
        ("geb. 12 03 1956", Kind::Dob, Some("12 03 1956")),
        ("geb. 12/mrt/1950", Kind::Dob, Some("12/mrt/1950")),
        ("geb. 12.mrt.1950", Kind::Dob, Some("12.mrt.1950")),
        ("geb. 12mrt1950", Kind::Dob, Some("12mrt1950")),
        ("geb. 12 sept.1950", Kind::Dob, Some("12 sept.1950")),
        ("geb. 12  maart 1950", Kind::Dob, Some("12  maart 1950")),
        ("geb. Mar 12, 1956", Kind::Dob, Some("Mar 12, 1956")),
        ("kamers 12 03 1956", Kind::Dob, None),
        ("De baby is geboren! Controle 14-05-2025", Kind::Dob, None),
        ("- * 12-05-2025 nascholing", Kind::Dob, None),
        ("Jansen * 12-05-1956", Kind::Dob, Some("12-05-1956")),
        ("Jansen, \u{b0}12-05-1956", Kind::Dob, Some("12-05-1956")),
        ("05 06 2025 10:00", Kind::Phone, None),
        ("05-06-2025 1000", Kind::Phone, None),
        ("05-06-25 - 07-06-25", Kind::Phone, None),
        ("06-12-34-56-78", Kind::Phone, Some("06-12-34-56-78")),
        ("1/0612345678", Kind::Phone, Some("0612345678")),
        ("+31-06-12345678", Kind::Phone, Some("06-12345678")),
    ] {
        let detector = Detector::new(Options::default());
        let told = detector.judge(&[Piece { field: Field::Body, text }]).findings;
        let own = told.iter().find(|one| one.kind == kind);
        assert_eq!(own.map(|one| &text[one.start..one.end]), words, "{text}");
    }
}
