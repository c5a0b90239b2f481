use std::collections::HashSet;

use lexicon::Quick;

use crate::cues::Cue;
use crate::score::{Evidence, Role};
use crate::{Field, medical};

/// What the model weighs: how much there is of each kind of evidence, and how it stands together.
///
/// Sums fade: the second finding of a kind counts less than the first, so that a long mail is not
/// health mail by its length.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    strong: Vec<f32>,
    titled: Vec<f32>,
    named: Vec<f32>,
    given: Vec<f32>,
    greeted: f32,
    professionals: f32,
    contacts: f32,
    age: f32,
    medical: [Vec<f32>; 4],
    /// Medical words of all tiers, heaviest first.
    all_medical: Vec<f32>,
    /// An everyday word is met that is no profession and no place of care.
    everyday: bool,
    deliberate_medical: f32,
    deliberate_person: f32,
    together: [Vec<f32>; WAYS],
    cues: Vec<f32>,
    seen_cues: HashSet<u64, Quick>,
    /// A labelled number or birth date and a diagnosis, medicine or measurement in one sentence.
    sure: bool,
    /// Another passage of the message labels someone.
    carried: bool,
    words: f32,
    amounts: f32,
    links: f32,
    shares: f32,
}

/// One piece as it is read for features.
pub(crate) struct Read<'a> {
    pub(crate) field: Field,
    /// The folded text.
    pub(crate) text: &'a str,
    /// Each with the weight that is left of it.
    pub(crate) evidence: &'a [(Evidence, f32)],
    /// Those that do not stand in quiet places.
    pub(crate) cues: &'a [Cue],
    pub(crate) groups: &'a [String],
}

impl Gathered {
    pub(crate) fn add(&mut self, read: &Read<'_>) {
        self.cues.resize(read.groups.len().max(self.cues.len()), 0.0);
        let deliberate = read.field.is_name();
        for (evidence, weight) in read.evidence.iter().filter(|(_, weight)| *weight > 0.0) {
            self.one(evidence, *weight, deliberate);
        }
        for cue in read.cues {
            if self.seen_cues.insert(cue.word as u64)
                && let Some(sum) = self.cues.get_mut(cue.group)
            {
                *sum += cue.weight;
            }
        }
        self.sentences(read);
        self.words += count(words(read.text));
        self.amounts += count(memchr::memmem::find_iter(read.text.as_bytes(), "\u{20ac}").count());
        self.shares += count(memchr::memchr_iter(b'%', read.text.as_bytes()).count());
        self.links += count(links(read.text));
    }

    fn one(&mut self, evidence: &Evidence, weight: f32, deliberate: bool) {
        let person = match evidence.role {
            Role::Strong => &mut self.strong,
            Role::Person if evidence.titled => &mut self.titled,
            Role::Person => &mut self.named,
            Role::First => &mut self.given,
            Role::Reader => {
                self.greeted += weight;
                return;
            }
            Role::Contact => {
                self.contacts += weight;
                return;
            }
            Role::Cue => {
                self.age = self.age.max(weight);
                return;
            }
            Role::Nobody | Role::Hailed => return,
            Role::Medical => {
                let tier = match evidence.weight {
                    weight if weight >= 3.0 => 0,
                    weight if weight >= 2.0 => 1,
                    weight if weight >= 1.0 => 2,
                    _ => 3,
                };
                self.medical[tier].push(weight);
                self.everyday |= !core::ptr::eq(evidence.why, &medical::CARE);
                self.all_medical.push(weight);
                if deliberate {
                    self.deliberate_medical += weight;
                }
                return;
            }
        };
        person.push(weight);
        if deliberate {
            self.deliberate_person += weight;
        }
    }

    pub(crate) fn professional(&mut self) {
        self.professionals += 1.0;
    }

    /// Who and what in one sentence, or in the one before.
    fn sentences(&mut self, read: &Read<'_>) {
        let bounds = bounds(read.text);
        let mut sure = vec![(false, false); bounds.len()];
        let mut people = vec![[0.0_f32; WAYS]; bounds.len()];
        let mut medical = vec![0.0_f32; bounds.len()];
        let at = |place: usize| bounds.partition_point(|end| *end <= place).min(bounds.len() - 1);
        for (evidence, weight) in read.evidence {
            let (sentence, weight) = (at(evidence.start), weight.min(3.0));
            sure[sentence].0 |= evidence.role == Role::Strong && weight > 0.0;
            sure[sentence].1 |= evidence.role == Role::Medical && weight >= 2.0;
            match evidence.role {
                Role::Medical => medical[sentence] += weight,
                Role::Strong | Role::Person | Role::Cue => {
                    raise(&mut people[sentence][STATED], weight)
                }
                Role::First => raise(&mut people[sentence][GIVEN], weight),
                Role::Reader => raise(&mut people[sentence][ADDRESSED], weight),
                Role::Contact | Role::Nobody | Role::Hailed => {}
            }
        }
        for cue in read.cues {
            let way = match read.groups.get(cue.group).map(String::as_str) {
                Some("patient" | "titled" | "room") => STATED,
                Some("relative") => RELATED,
                Some("pronoun") => THIRD,
                Some("own") => OWN,
                Some("reader") => ADDRESSED,
                Some("care" | "english" | "home") => continue,
                _ => GENERAL,
            };
            raise(&mut people[at(cue.start)][way], cue.weight);
        }
        self.sure |= sure.contains(&(true, true));
        let mut start = 0;
        for (sentence, end) in bounds.iter().enumerate() {
            let text = read.text.get(start..*end).unwrap_or_default();
            start = *end;
            if medical[sentence] > 0.0 {
                pronouns(text, &mut people[sentence]);
            }
        }
        for (sentence, weight) in medical.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            let before = sentence.checked_sub(1).map_or([0.0; WAYS], |before| people[before]);
            let ways = self.together.iter_mut().zip(people[sentence]).zip(before);
            for ((together, here), before) in ways {
                let person = here.max(before * BEFORE);
                if person > 0.0 {
                    together.push(person.min(*weight));
                }
            }
        }
    }

    /// Is anybody told of at all? Without, no words of medicine make a health mail.
    pub(crate) fn anybody(&self, groups: &[String]) -> bool {
        let people = [&self.strong, &self.titled, &self.named, &self.given];
        let cues = self.said(groups, |group| PERSONAL.contains(&group));
        let told = self.together.iter().take(GENERAL).any(|way| !way.is_empty());
        people.iter().any(|people| !people.is_empty()) || self.greeted > 0.0 || cues || told
    }

    /// Does a cue of such a group stand in the passage?
    fn said(&self, groups: &[String], is: impl Fn(&str) -> bool) -> bool {
        self.cues.iter().zip(groups).any(|(sum, group)| *sum > 0.0 && is(group))
    }

    /// Takes in whom other passages of the message tell of: a letter names its patient once.
    pub(crate) fn carry(&mut self, people: impl Iterator<Item = (Evidence, f32)>) {
        for (evidence, weight) in people {
            self.carried |= evidence.role == Role::Strong;
            self.one(&evidence, weight, false);
        }
    }

    /// Does one sentence hold all that makes a health mail, and no word says that it is invented? Or does a
    /// passage tell plainly of treatment, and another one of whom, and no word that it is about nobody?
    pub(crate) fn sure(&self, groups: &[String]) -> bool {
        let heavy = |least| self.all_medical.iter().filter(|weight| **weight >= least).count();
        let treated = heavy(3.0) > 0 || heavy(2.0) > 1;
        let invented = self.cues.iter().zip(groups);
        let invented = invented.filter(|(_, group)| INVENTED.contains(&group.as_str()));
        let invented = invented.map(|(sum, _)| sum).sum::<f32>() >= TELLING;
        let general =
            self.said(groups, |group| !PERSONAL.contains(&group) && !CARING.contains(&group));
        (self.sure && !invented) || (self.carried && treated && !general)
    }

    /// The values, in the order of `names`.
    pub(crate) fn values(mut self, groups: &[String]) -> Vec<f32> {
        let person = fading(&mut self.strong, 0.6)
            + fading(&mut self.titled, 0.5)
            + fading(&mut self.named, 0.5)
            + self.age;
        let medical = fading(&mut self.all_medical, 0.75);
        let weak = medical > 0.0 && self.medical.iter().take(3).all(Vec::is_empty);
        let doubt = (-medical / ENOUGH).exp();
        let mut out = vec![
            fading(&mut self.strong, 0.5),
            fading(&mut self.titled, 0.5),
            fading(&mut self.named, 0.5),
            fading(&mut self.given, 0.6),
            self.greeted.min(2.0),
            self.professionals.min(4.0),
            self.contacts.min(2.0),
            self.age,
            fading(&mut self.medical[0], 0.6),
            fading(&mut self.medical[1], 0.7),
            fading(&mut self.medical[2], 0.7),
            fading(&mut self.medical[3], 0.7),
            self.deliberate_medical.min(4.0),
            self.deliberate_person.min(4.0),
            person.min(medical).min(5.0),
            // One everyday word is little; from some diagnoses on, more of them say no more.
            1.0 - doubt,
            (self.words + 1.0).ln() - 4.0,
            (self.amounts + 1.0).ln(),
            (self.shares + 1.0).ln(),
            (self.links + 1.0).ln(),
            // People write of their families all day; without a medical word it is hardly of their health.
            f32::from(u8::from(medical <= 0.0)),
            // "Dokter" or "hoofd" by itself is of everyday life; the first says nothing of anyone at all.
            f32::from(u8::from(weak)),
            f32::from(u8::from(weak && !self.everyday)),
        ];
        out.extend(self.together.iter_mut().map(|together| fading(together, 0.7).min(6.0)));
        // An invented patient has as much of medicine as a real one: the more there is, the more it matters.
        let unreal =
            self.cues.iter().zip(groups).filter(|(_, group)| INVENTED.contains(&group.as_str()));
        out.push((unreal.map(|(sum, _)| sum).sum::<f32>() + 1.0).ln() * (1.0 - doubt));
        // Words of daily life stand beside a diagnosis too: the less there is of medicine, the more they tell.
        let share = |group: &str| if FADING.contains(&group) { doubt } else { 1.0 };
        // The logarithm: five words of trade say little more than three.
        let cues = self.cues.iter().zip(groups).map(|(sum, group)| (sum + 1.0).ln() * share(group));
        out.extend(cues);
        out
    }
}

/// The names of the features before those of the groups of cues.
pub(crate) const NAMES: [&str; 31] = [
    "labelled numbers and birth dates",
    "titles with names",
    "full names",
    "given names",
    "addressed by name",
    "professionals",
    "ways to reach someone",
    "age",
    "treatment and measurements",
    "diagnoses, procedures, medicines",
    "complaints and care",
    "everyday words of health",
    "medical subject or file name",
    "person in subject or file name",
    "person and medical content",
    "medical content on the whole",
    "length",
    "amounts",
    "percentages",
    "links",
    "nothing medical",
    "only everyday words",
    "only professions and places of care",
    "together: a person told",
    "together: a given name",
    "together: he, she",
    "together: a relative",
    "together: the writer",
    "together: the reader",
    "together: the public",
    "invented and medical content",
];

/// The groups of cues that tell of no real patient, or of one who is an employee.
const INVENTED: [&str; 6] = ["teaching", "fiction", "software", "animals", "hr", "research"];
/// How much they say together before they count: a word in passing says nothing.
const TELLING: f32 = 1.0;
/// The groups of cues that tell of one person.
const PERSONAL: [&str; 6] = ["patient", "relative", "titled", "pronoun", "own", "reader"];
/// The groups of cues of care, of daily life and of a trade, which tell of nobody in particular nor of one person.
const CARING: [&str; 13] = [
    "care", "english", "room", "home", "law", "stage", "worship", "games", "courses", "cover",
    "quality", "roster", "supply",
];
/// The groups of cues of daily life, which count the less the more there is of medicine.
const FADING: [&str; 2] = ["home", "leisure"];
/// The sum of medical weights of which a third is still to come.
const ENOUGH: f32 = 1.5;
const WAYS: usize = 7;
const STATED: usize = 0;
const GIVEN: usize = 1;
const THIRD: usize = 2;
const RELATED: usize = 3;
const OWN: usize = 4;
const ADDRESSED: usize = 5;
const GENERAL: usize = 6;
/// Bytes of the longest pronoun.
const LONGEST_PRONOUN: usize = 5;
/// Bytes whose words a byte can count.
const COUNTED: usize = 128;
/// What is left of a person told one sentence before.
const BEFORE: f32 = 0.6;

fn raise(value: &mut f32, to: f32) {
    *value = value.max(to);
}

/// How many words stand between blanks.
fn words(text: &str) -> usize {
    if fold::beyond_ascii(text).any(|(_, char)| char.is_whitespace()) {
        return text.split_whitespace().count();
    }
    let blank = |byte: u8| (byte == b' ') | (byte.wrapping_sub(b'\t') < 5);
    let bytes = text.as_bytes();
    let first = bytes.first().is_some_and(|byte| !blank(*byte));
    // A stretch is counted in bytes, many of which the processor adds at once.
    let stretches = bytes.chunks(COUNTED).zip(bytes.get(1..).unwrap_or_default().chunks(COUNTED));
    let begun = stretches.map(|(ones, twos)| {
        let pairs = ones.iter().zip(twos);
        pairs.map(|(one, two)| u8::from(blank(*one) & !blank(*two))).sum::<u8>()
    });
    usize::from(first) + begun.map(usize::from).sum::<usize>()
}

fn links(text: &str) -> usize {
    let all = |what: &str| memchr::memmem::find_iter(text.as_bytes(), what).count();
    all("http") + all("www.")
}

fn pronouns(text: &str, people: &mut [f32; WAYS]) {
    let (bytes, mut from, mut at) = (text.as_bytes(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_alphabetic() || *byte == b'\'' {
            at += 1;
            continue;
        }
        let char = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        let end = at;
        at += char.len_utf8();
        if !char.is_alphabetic() {
            pronoun(&bytes[from..end], people);
            from = at;
        }
    }
    pronoun(&bytes[from..], people);
}

fn pronoun(word: &[u8], people: &mut [f32; WAYS]) {
    let mut small = [0; LONGEST_PRONOUN];
    let Some(small) = small.get_mut(..word.len()) else {
        return;
    };
    small.copy_from_slice(word);
    small.make_ascii_lowercase();
    let way = match &*small {
        b"hij" | b"zij" | b"ze" | b"haar" | b"hem" | b"hij's" | b"ie" | b"he" | b"she" | b"his"
        | b"her" => THIRD,
        b"ik" | b"mij" | b"me" | b"mijn" | b"m'n" | b"mn" | b"my" | b"i" | b"k" | b"'k" => OWN,
        b"u" | b"uw" | b"je" | b"jij" | b"jouw" | b"jou" | b"your" | b"you" => ADDRESSED,
        _ => return,
    };
    raise(&mut people[way], 0.8);
}

/// Where sentences and lines end, in bytes; the last is the text's end.
fn bounds(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = |at: usize| {
        bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace)
            // An abbreviation or an initial ends no sentence.
            && bytes.get(at.saturating_sub(3)..at).is_some_and(|before| {
                before.len() == 3 && before.iter().all(u8::is_ascii_lowercase)
            })
    };
    let stops = memchr::memchr3_iter(b'.', b'!', b'?', bytes).filter(|at| ends(*at));
    let mut out: Vec<usize> = memchr::memchr_iter(b'\n', bytes).chain(stops).collect();
    out.iter_mut().for_each(|at| *at += 1);
    // Two sorted runs: this sort merges them.
    out.sort();
    out.push(text.len() + 1);
    out
}

/// A sum in which each next one, from the heaviest on, counts less.
fn fading(weights: &mut [f32], factor: f32) -> f32 {
    weights.sort_by(|a, b| b.total_cmp(a));
    let (mut share, mut sum) = (1.0, 0.0);
    for weight in weights {
        sum += *weight * share;
        share *= factor;
    }
    sum
}

#[allow(clippy::cast_precision_loss)] // a mail has no sixteen million words
pub(crate) fn count(number: usize) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_blanks_cut_them() {
        for text in [
            "",
            " ",
            "a",
            " a  b\t\nc ",
            "één\u{a0}twee drie",
            "caf\u{e9}\u{2003}x",
            "\u{85}a\u{2028}b",
            &" a".repeat(300),
            &"ab c  ".repeat(COUNTED),
        ] {
            assert_eq!(words(text), text.split_whitespace().count(), "{text:?}");
        }
    }

    #[test]
    fn pronouns_stand_by_themselves() {
        let said = |text: &str| {
            let mut people = [0.0; WAYS];
            pronouns(text, &mut people);
            [THIRD, OWN, ADDRESSED].map(|way| people[way] > 0.0)
        };
        for (text, third, own, addressed) in [
            ("Hij belt", true, false, false),
            ("belt zij", true, false, false),
            ("\u{201c}ik\u{201d}", false, true, false),
            ("'k weet, uw", false, true, true),
            ("ikzelf hijs u\u{eb} ware", false, false, false),
            ("", false, false, false),
        ] {
            assert_eq!(said(text), [third, own, addressed], "{text}");
        }
    }

    #[test]
    fn the_groups_that_fade_are_there() {
        let cues = crate::cues::Cues::new();
        assert!(FADING.iter().all(|own| cues.groups().iter().any(|group| group == own)));
    }
}
