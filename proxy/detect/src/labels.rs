// What stands before numbers, and how numbers look.

/// What stands before the number of a patient.
pub(crate) const STRONG_LABELS: &str = r"(?:pati[^ \n0-9]{2,6}t(?:en)?|pat|pt|cli[^ \n0-9]{2,4}t(?:en)?|bewoner(?:s)?|epd|zis|mrn|opname|ziekenhuis|z|hospital|hist|patient|client|zorgdossier|zorg|huisarts|verzekerden?|verzekerings|behandel|apotheek|hap|deelnemers?|studie|subject|proefpersoon|proefpersonen|case|casus|mdn|medisch dossier|lab|pa|monster|hulpvraag|indicatie|cak|machtigings|aanmeld|inschrijf|traject|kinder|gezins|leerling|ecd|kamer|pgb|study|participant|record|chart)[- .]{0,2}(?:nummer|nrs?\.?|no\.?|id|number|dossier|code)|pnr\.?|ptnr\.?|patnr\.?|clnr\.?|oud nr\.?|mrn|mdn|zis|epd|ecd|hix|pid|pat\.? ?id|zorgid|patient id|subject id|verzekerde|cli[eë]nt id|id-nr\.?";
/// What stands before numbers of patients and of other things.
pub(crate) const WEAK_LABELS: &str = r"(?:relatie|dossier|doss|zaak|zaaks|lid|lidmaatschaps|insurance|policy|member|polis|beschikking|aanvraag|declaratie|melding|claim|schade|registratie|referentie|volg|ons|uw|our|your|case|file)[- .]{0,2}(?:nummer|nr\.?|no\.?|number|ref\.?|reference|kenmerk|code|id)?|kenmerk|nr\.?|nummer|no\.|number|cli[eë]nte?|pati[eë]nte?|pt|id|code|dossier|deelnemer|proefpersoon|subject|participant|casus|zaak|traject|kenm\.|pat\.|subj\.|accession|order|[a-z]{3,18}-?(?:nummer|nr\.?)";
/// Labels of numbers that are nobody's: of things, firms, staff, places and telephones.
pub(crate) const OTHER_LABELS: [&str; 46] = [
    "telefoon",
    "tel",
    "mobiel",
    "fax",
    "huis",
    "kamer",
    "rekening",
    "factuur",
    "serie",
    "bestel",
    "artikel",
    "kvk",
    "btw",
    "big",
    "agb",
    "versie",
    "pagina",
    "spoor",
    "lijn",
    "vlucht",
    "debiteur",
    "kenteken",
    "chassis",
    "model",
    "lot",
    "batch",
    "charge",
    "productie",
    "contract",
    "offerte",
    "inkoop",
    "project",
    "ticket",
    "incident",
    "vergader",
    "sein",
    "toestel",
    "personeels",
    "medewerker",
    "student",
    "bank",
    "iban",
    "pers.",
    "ean",
    "zending",
    "crediteur",
];
/// A number as patients have it: digits in groups, with capitals before, between or behind.
pub(crate) const CODE: &str =
    r"\b[A-Z]{0,5}[-/. ]?[A-Z]{0,3}[-/]?[0-9](?:[0-9A-Z./-]|[ ][0-9]){2,16}\b";
