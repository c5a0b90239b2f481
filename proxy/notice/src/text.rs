//! The part for a person, and the subject.

use jiff::Timestamp;
use mail::days;

use crate::{Failed, Language, Notice};

/// Names no person and no subject: a list of mail is read over shoulders.
pub(crate) fn subject(notice: &Notice) -> String {
    let when = days::clocks().to_datetime(notice.arrived);
    match notice.language {
        Language::Dutch => {
            format!("Niet bezorgd: uw bericht van {}", when.strftime("%d-%m-%Y %H:%M"))
        }
        Language::English => {
            format!("Not delivered: your message of {}", when.strftime("%Y-%m-%d %H:%M"))
        }
    }
}

/// Both languages, the person's own first. Lines end with a bare LF.
pub(crate) fn of(notice: &Notice) -> String {
    let (dutch, english) = (dutch(notice), english(notice));
    match notice.language {
        Language::Dutch => format!("{dutch}\n-- English --\n\n{english}"),
        Language::English => format!("{english}\n-- Nederlands --\n\n{dutch}"),
    }
}

fn dutch(notice: &Notice) -> String {
    format!(
        "Dit bericht maakte Zorgzegel op uw eigen computer.\n\n\
         Uw bericht van {when} uur is niet bezorgd bij:\n\n{who}\n\
         Zorgzegel probeert het niet opnieuw. Uw bericht is niet weg: het staat nog in\n\
         Zorgzegel. Is de oorzaak weg, kies daar dan opnieuw; bel anders de ontvanger of\n\
         gebruik een portaal, en trek het bericht in. Verstuur het niet zomaar als gewone\n\
         mail.\n\n\
         Wat er in uw bericht staat, staat niet in deze melding. U herkent het bericht aan\n\
         zijn nummer in Zorgzegel: {held}\n",
        when = moment(notice.arrived, Language::Dutch),
        who = list(&notice.failed, |failed| &failed.nl),
        held = notice.held,
    )
}

fn english(notice: &Notice) -> String {
    format!(
        "Zorgzegel made this message on your own computer.\n\n\
         Your message of {when} was not delivered to:\n\n{who}\n\
         Zorgzegel does not try again. Your message is not lost: it is still in Zorgzegel.\n\
         Once the cause is gone, choose again there; else call the recipient or use a\n\
         portal, and withdraw the message. Do not simply send it as ordinary mail.\n\n\
         Nothing of what your message says is in this notice. You know the message by its\n\
         number in Zorgzegel: {held}\n",
        when = moment(notice.arrived, Language::English),
        who = list(&notice.failed, |failed| &failed.en),
        held = notice.held,
    )
}

fn list(failed: &[Failed], why: impl Fn(&Failed) -> &str) -> String {
    let one = |failed: &Failed| format!("  {}\n    {}\n", failed.recipient, one_line(why(failed)));
    failed.iter().map(one).collect()
}

fn one_line(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn moment(at: Timestamp, language: Language) -> String {
    match language {
        Language::Dutch => days::dutch_moment(at),
        Language::English => days::english_moment(at),
    }
}
