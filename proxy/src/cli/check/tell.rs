//! A report as lines of text or JSON.

use engine::doctor::{Link, Proof, Report, State, Step, Text, Topic, Verdict};
use serde::Serialize;
use settings::Language;

use crate::cli::{Failure, say, say_json};

/// How reports are told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A line of JSON each.
    Json,
    /// A line each, in columns; the first of this many characters.
    Table { width: usize },
    /// Every step.
    Whole,
}

/// What comes out for a domain; the schema is a contract. Texts are in the language of the settings
/// or of `--lang`; `verdict`, `step`, `proof`, and of each step `code`, `link`, `clause` and `state`
/// are the same in every language.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    domain: &'a str,
    verdict: Verdict,
    step: &'a str,
    proof: Option<Proof>,
    reasons: Vec<&'a str>,
    steps: Vec<AnswerStep<'a>>,
}

#[derive(Debug, Serialize)]
struct AnswerStep<'a> {
    code: Topic,
    link: Link,
    about: Option<&'a str>,
    clause: &'a str,
    state: State,
    seen: &'a str,
    mend: Option<&'a str>,
    publish: Option<AnswerRecord<'a>>,
}

/// A record to publish: `line` is the whole of it as a zone file has it.
#[derive(Debug, Serialize)]
struct AnswerRecord<'a> {
    name: &'a str,
    kind: &'a str,
    value: &'a str,
    line: String,
}

pub(super) fn tell(report: &Report, form: Form, language: Language) -> Result<(), Failure> {
    match form {
        Form::Json => say_json(&answer(report, language)),
        Form::Table { width } => say(row(report, width, language)),
        Form::Whole => whole(report, language).into_iter().try_for_each(say),
    }
}

fn of(text: &Text, language: Language) -> &str {
    match language {
        Language::Dutch => &text.nl,
        Language::English => &text.en,
    }
}

fn answer(report: &Report, language: Language) -> Answer<'_> {
    Answer {
        domain: report.domain.as_str(),
        verdict: report.verdict,
        step: &report.step,
        proof: report.proof,
        reasons: report.reasons.iter().map(|reason| of(reason, language)).collect(),
        steps: report.steps.iter().map(|step| answer_step(step, language)).collect(),
    }
}

fn answer_step(step: &Step, language: Language) -> AnswerStep<'_> {
    AnswerStep {
        code: step.code,
        link: step.link,
        about: step.about.as_deref(),
        clause: &step.clause,
        state: step.state,
        seen: of(&step.seen, language),
        mend: step.mend.as_ref().map(|mend| of(mend, language)),
        publish: step.publish.as_ref().map(|one| AnswerRecord {
            name: &one.name,
            kind: &one.kind,
            value: &one.value,
            line: one.line(),
        }),
    }
}

fn row(report: &Report, width: usize, language: Language) -> String {
    let proof = match report.proof {
        Some(Proof::Dane) => "dane",
        Some(Proof::Pkix) => "pkix",
        Some(Proof::Ou) => "ou",
        None => "-",
    };
    let why = match report.verdict {
        Verdict::Direct => "",
        _ => report.reasons.first().map_or("", |reason| of(reason, language)),
    };
    let line = format!(
        "{:width$}  {:9}  {:9}  {proof:4}  {why}",
        report.domain.to_unicode(),
        short(report.verdict, language),
        report.step,
    );
    line.trim_end().to_owned()
}

fn whole(report: &Report, language: Language) -> Vec<String> {
    let verdict = long(report.verdict, language);
    let mut lines = vec![format!("{}: {verdict} ({})", report.domain.to_unicode(), report.step)];
    lines.extend(report.reasons.iter().map(|reason| format!("  {}", of(reason, language))));
    let (act, publish) = match language {
        Language::Dutch => ("doen", "publiceren"),
        Language::English => ("to do", "publish"),
    };
    for step in &report.steps {
        let name = step.code.name();
        let about = step.about.iter().map(|about| format!(" {about}")).collect::<String>();
        lines.push(format!(
            "  [{}] {}{about} ({}): {}",
            state(step.state, language),
            of(&name, language),
            step.clause,
            of(&step.seen, language)
        ));
        lines.extend(step.mend.iter().map(|mend| format!("      {act}: {}", of(mend, language))));
        lines.extend(step.publish.iter().map(|one| format!("      {publish}: {}", one.line())));
    }
    lines
}

fn long(verdict: Verdict, language: Language) -> &'static str {
    match (language, verdict) {
        (Language::Dutch, Verdict::Direct) => "veilige mail kan",
        (Language::Dutch, Verdict::OtherWay) => "een andere manier is nodig",
        (Language::Dutch, Verdict::Refuse) => "niet versturen",
        (Language::Dutch, Verdict::Tempfail) => "nu niet te zeggen, probeer het later",
        (Language::English, Verdict::Direct) => "safe mail can go",
        (Language::English, Verdict::OtherWay) => "another way is needed",
        (Language::English, Verdict::Refuse) => "do not send",
        (Language::English, Verdict::Tempfail) => "cannot be told now, try later",
    }
}

/// One word for the table.
fn short(verdict: Verdict, language: Language) -> &'static str {
    match (language, verdict) {
        (Language::Dutch, Verdict::Direct) => "kan",
        (Language::Dutch, Verdict::OtherWay) => "anders",
        (Language::Dutch, Verdict::Refuse) => "niet",
        (Language::Dutch, Verdict::Tempfail) => "later",
        (Language::English, Verdict::Direct) => "direct",
        (Language::English, Verdict::OtherWay) => "other-way",
        (Language::English, Verdict::Refuse) => "refuse",
        (Language::English, Verdict::Tempfail) => "tempfail",
    }
}

fn state(state: State, language: Language) -> &'static str {
    match (language, state) {
        (Language::Dutch, State::Good) => "goed",
        (Language::Dutch, State::Attention) => "let op",
        (Language::Dutch, State::Bad) => "fout",
        (Language::Dutch, State::Unknown) => "onbekend",
        (Language::Dutch, State::NotLookedAt) => "niet gekeken",
        (Language::English, State::Good) => "good",
        (Language::English, State::Attention) => "attention",
        (Language::English, State::Bad) => "bad",
        (Language::English, State::Unknown) => "unknown",
        (Language::English, State::NotLookedAt) => "not looked at",
    }
}

#[cfg(test)]
mod tests {
    use engine::doctor::Publish;
    use mail::Domain;

    use super::*;

    fn report() -> Report {
        Report {
            domain: Domain::parse("xn--dr-lka.nl").unwrap(),
            verdict: Verdict::OtherWay,
            step: "R-SEND-2".into(),
            proof: None,
            reasons: vec![Text::new("geen record", "no record")],
            steps: vec![Step {
                code: Topic::Spf,
                link: Link::Sender,
                about: None,
                clause: "R-SPF-1".into(),
                state: State::Bad,
                seen: Text::new("~all", "~all"),
                mend: Some(Text::new("sluit af", "close it")),
                publish: Some(Publish::txt("xn--dr-lka.nl", "v=spf1 -all")),
            }],
        }
    }

    /// The schema is a contract with scripts: names, order and words.
    #[test]
    fn json_has_the_fields_of_the_contract_in_their_order() {
        let json = serde_json::to_string(&answer(&report(), Language::English)).unwrap();
        assert_eq!(
            json,
            r#"{"domain":"xn--dr-lka.nl","verdict":"other-way","step":"R-SEND-2","proof":null,"reasons":["no record"],"steps":[{"code":"spf","link":"sender","about":null,"clause":"R-SPF-1","state":"bad","seen":"~all","mend":"close it","publish":{"name":"xn--dr-lka.nl","kind":"TXT","value":"v=spf1 -all","line":"xn--dr-lka.nl. IN TXT \"v=spf1 -all\""}}]}"#
        );
        for (verdict, word) in [
            (Verdict::Direct, "direct"),
            (Verdict::OtherWay, "other-way"),
            (Verdict::Refuse, "refuse"),
            (Verdict::Tempfail, "tempfail"),
        ] {
            assert_eq!(serde_json::to_value(verdict).unwrap(), word);
        }
        for (proof, word) in [(Proof::Dane, "dane"), (Proof::Pkix, "pkix"), (Proof::Ou, "ou")] {
            assert_eq!(serde_json::to_value(proof).unwrap(), word);
        }
    }

    #[test]
    fn text_says_each_step_what_to_do_and_what_to_publish() {
        assert_eq!(
            whole(&report(), Language::Dutch),
            [
                "dør.nl: een andere manier is nodig (R-SEND-2)",
                "  geen record",
                "  [fout] SPF (R-SPF-1): ~all",
                "      doen: sluit af",
                "      publiceren: xn--dr-lka.nl. IN TXT \"v=spf1 -all\"",
            ]
        );
        let row = row(&report(), 8, Language::English);
        assert_eq!(row, "dør.nl    other-way  R-SEND-2   -     no record");
    }
}
