use crate::names::Form;
use crate::tokens::Shape;

/// A word that is formed like a Dutch noun of several parts, and no name.
pub(super) fn formed(lower: &str) -> bool {
    lower.chars().count() > 10
        || [
            "ing", "heid", "schap", "iteit", "atie", "isch", "ische", "lijk", "lijke", "zorg",
            "arts",
        ]
        .iter()
        .any(|end| lower.ends_with(end))
}

pub(super) fn title(lower: &str, shape: Shape) -> Option<Form> {
    match lower {
        "heer" | "dhr" | "hr" | "meneer" | "mevrouw" | "mevr" | "mw" | "mej" | "mijnheer"
        | "mvr" | "mevrouws" | "familie" | "fam" | "baby" | "patiënt" | "patiënte" | "patient"
        | "patiente" | "cliënt" | "cliënte" | "client" | "cliente" | "bewoner" | "bewoonster"
        | "echtpaar" | "echtp" | "pt" | "pte" | "mr" | "mrs" | "ms" | "miss" | "herr" | "frau"
        | "oma" | "opa" | "tante" | "oom" | "mevrw" | "mevouw" | "mvrouw" | "dochter" | "zoon"
        | "kleinzoon" | "kleindochter" | "partner" | "echtgenote" | "echtgenoot" | "weduwe"
        | "dhrn" | "kind" => Some(Form::Titled),
        "dr" | "drs" | "prof" | "ir" | "dokter" | "doctor" | "zuster" | "broeder" => {
            Some(Form::Professional)
        }
        "m" | "v" if shape == Shape::Lower => None,
        _ => None,
    }
}

pub(super) fn is_greeting(lower: &str) -> bool {
    matches!(
        lower,
        "geachte"
            | "beste"
            | "dag"
            | "hallo"
            | "lieve"
            | "dear"
            | "hoi"
            | "goedemorgen"
            | "goedemiddag"
            | "goedendag"
            | "hi"
            | "hey"
            | "hee"
            | "ha"
            | "goedenavond"
            | "hello"
            | "hé"
            | "liefste"
            | "best"
            | "waarde"
    )
}

pub(super) fn is_particle(lower: &str) -> bool {
    matches!(
        lower,
        "van"
            | "von"
            | "de"
            | "den"
            | "der"
            | "het"
            | "'t"
            | "t"
            | "ten"
            | "ter"
            | "te"
            | "el"
            | "al"
            | "ben"
            | "bin"
            | "op"
            | "in"
            | "la"
            | "le"
            | "du"
            | "vd"
            | "vdr"
            | "da"
            | "dos"
            | "di"
            | "ait"
            | "aït"
            | "ou"
            | "bel"
            | "zum"
            | "aan"
            | "d"
            | "v"
            | "à"
            | "abu"
            | "bint"
            | "ould"
            | "uit"
    )
}

/// Does a profession stand beside the name?
pub(super) fn is_professional(text: &str, start: usize, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let most = rest.char_indices().nth(30).map_or(rest.len(), |(at, _)| at);
    let after = rest.get(..most).unwrap_or_default().split('\n').next().unwrap_or_default();
    let after = after.to_lowercase();
    let after = after.trim_start_matches([',', ' ', '(', '-']);
    let rest = text.get(..start).unwrap_or_default();
    let least = rest.char_indices().rev().nth(25).map_or(0, |(at, _)| at);
    let before = rest.get(least..).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let before = before.to_lowercase();
    let before = before.trim_end_matches([' ', '.', ':']);
    let after_word = after.split([' ', '.', ',', ')', '\n']).next().unwrap_or_default();
    PROFESSIONS.iter().any(|job| after.starts_with(job) || after_word.ends_with(job))
        || PROFESSIONS.iter().any(|job| before.ends_with(job))
        || before.ends_with("dr")
        || before.ends_with("drs")
        || (before.ends_with("collega") && !before.ends_with("onze collega"))
}

/// Whom one greets without a name.
pub(super) const GREETED_GROUPS: [&str; 26] = [
    "collega",
    "collegae",
    "allen",
    "allemaal",
    "team",
    "dokter",
    "leden",
    "ouders",
    "lezer",
    "relatie",
    "klant",
    "heer",
    "mevrouw",
    "iedereen",
    "mensen",
    "dames",
    "heren",
    "meiden",
    "mannen",
    "all",
    "colleague",
    "colleagues",
    "sir",
    "madam",
    "bewoners",
    "deelnemers",
];
/// Bytes of the longest title, greeting or particle in small letters.
pub(super) const LONGEST_SMALL: usize = 13;
/// Words behind which a town stands rather than a person.
pub(super) const BEFORE_PLACES: [&str; 10] =
    ["in", "te", "uit", "naar", "near", "from", "at", "regio", "gemeente", "vanuit"];
/// Verbs behind a name that begins a sentence.
pub(super) const VERBS: [&str; 60] = [
    "is", "was", "heeft", "had", "belde", "belt", "komt", "kwam", "gaat", "ging", "wil", "wilde",
    "kan", "kon", "zegt", "zei", "vraagt", "vroeg", "moet", "moest", "doet", "deed", "zit", "zat",
    "ligt", "lag", "krijgt", "kreeg", "geeft", "gaf", "mag", "mocht", "slaapt", "sliep", "eet",
    "at", "blijft", "bleef", "woont", "werkt", "neemt", "nam", "voelt", "voelde", "vertelde",
    "vertelt", "huilt", "huilde", "regelt", "stuurt", "has", "says", "said", "will", "en", "and",
    "zal", "zou", "wordt", "werd",
];
/// Words in small letters that follow a title and are no surname.
pub(super) const NOT_BEHIND_TITLES: [&str; 12] = [
    "van", "de", "is", "was", "van der", "goed", "klein", "groot", "jong", "lang", "stil", "zwart",
];
/// Words with capitals that are no names, wherever they stand.
pub(super) const NEVER: [&str; 24] = [
    "ik", "u", "uw", "hij", "zij", "we", "wij", "je", "jij", "i", "the", "and", "bsn", "re", "fw",
    "fwd", "ps", "nb", "mvg", "tel", "dhr", "mw", "mevr", "dr",
];
/// What firms and houses are called, and what their names end in.
pub(super) const FIRMS: [&str; 44] = [
    "apotheek",
    "praktijk",
    "stichting",
    "ziekenhuis",
    "huisartsenpost",
    "verpleeghuis",
    "zorgcentrum",
    "woonzorgcentrum",
    "hotel",
    "restaurant",
    "café",
    "school",
    "college",
    "basisschool",
    "vereniging",
    "bank",
    "bv",
    "kliniek",
    "lab",
    "laboratorium",
    "groothandel",
    "medisch",
    "centrum",
    "huis",
    "residentie",
    "locatie",
    "afdeling",
    "vleugel",
    "gebouw",
    "zaal",
    "team",
    "gemeente",
    "uitgeverij",
    "thuiszorg",
    "thuiszorgwinkel",
    "zorggroep",
    "hospice",
    "fysiotherapie",
    "sporthal",
    "clinic",
    "hospital",
    "gmbh",
    "ltd",
    "software",
];
pub(super) const PROFESSIONS: [&str; 42] = [
    "huisarts",
    "arts",
    "aios",
    "anios",
    "cardioloog",
    "internist",
    "chirurg",
    "neuroloog",
    "psychiater",
    "psycholoog",
    "gz-psycholoog",
    "klinisch",
    "verpleegkundige",
    "fysiotherapeut",
    "specialist",
    "apotheker",
    "doktersassistente",
    "assistente",
    "secretaresse",
    "secretariaat",
    "orthopeed",
    "gynaecoloog",
    "uroloog",
    "longarts",
    "mdl-arts",
    "radioloog",
    "dermatoloog",
    "kinderarts",
    "geriater",
    "internist-oncoloog",
    "oncoloog",
    "praktijkmanager",
    "praktijkondersteuner",
    "directeur",
    "manager",
    "bestuurder",
    "teamleider",
    "hoogleraar",
    "verzekeringsarts",
    "bedrijfsarts",
    "tandarts",
    "adviseur",
];
