//! The NTA record, the supplier's record, and whether DNSSEC proves them.

use nta7516::facts::Security;
use nta7516::record::{
    Claim, Fault, Month, NtaMx, Provider, Record, RecordFault, RecordSet, SupplierClaim, Txt,
};

use super::{believed, bogus, not_looked, shown, troubled};
use crate::facts::Facts;
use crate::{Publish, State, Step, Text, Topic};

pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    vec![record(facts), dnssec(facts), supplier(facts)]
}

const RECORD: (Topic, &str) = (Topic::Record, "R-DNS-1");

pub(super) fn record(facts: &Facts) -> Step {
    let step = |state, seen| Step::new(RECORD.0, RECORD.1, state, seen);
    let claim = match believed(&facts.recipient.claim, RECORD, ("het NTA-record", "the NTA record"))
    {
        Ok(claim) => claim,
        Err(step) => return *step,
    };
    let domain = shown(&facts.domain);
    match claim {
        Claim::None => step(State::Bad, absent(facts, &domain))
        .mend(
            "Voldoet uw organisatie, publiceer dan dit TXT-record bij het maildomein; vul bij provider= het kenmerk van uw leverancier in.",
            "If your organisation complies, publish this TXT record at the mail domain; put your supplier's mark behind provider=.",
        )
        .publish(Publish::txt(facts.domain.as_str(), template(facts))),
        Claim::Valid(set) => valid(facts, set),
        Claim::Invalid(faults) => invalid(facts, faults),
    }
}

/// A record that does not begin as one must is no claim; where one was meant, that is said.
fn absent(facts: &Facts, domain: &str) -> Text {
    let records = facts.txt.as_ref().map_or(&[][..], |seen| seen.value.as_slice());
    let like = records.iter().find_map(|txt| {
        let named = txt.data.windows(7).any(|part| part == b"NTA7516" || part == b"nta7516");
        Record::parse(&txt.data).err().filter(|_| named)
    });
    let (nl, en) = like.map_or_else(Default::default, |fault| {
        (
            format!(" Een TXT-record lijkt erop: {}.", fault.nl()),
            format!(" One TXT record looks like it: {}.", fault.en()),
        )
    });
    Text::new(
        format!("{domain} publiceert geen NTA-record en verklaart dus niet te voldoen.{nl}"),
        format!("{domain} publishes no NTA record, and so does not declare to comply.{en}"),
    )
}

fn valid(facts: &Facts, set: &RecordSet) -> Step {
    let domain = shown(&facts.domain);
    let Some(record) = set.current(facts.now) else {
        let periods: Vec<_> =
            set.records().iter().map(|one| format!("{} – {}", one.start, one.end)).collect();
        let periods = periods.join(", ");
        let anew = set.records().last().map(|last| renewed(facts, last));
        let step = Step::new(
            RECORD.0,
            RECORD.1,
            State::Bad,
            Text::new(
                format!("{domain} publiceert een goed NTA-record, maar het geldt vandaag niet ({periods})."),
                format!("{domain} publishes a good NTA record, but it does not hold today ({periods})."),
            ),
        )
        .mend(
            "Voldoet de organisatie nog, pas dan de maanden aan; beide maanden tellen mee.",
            "If the organisation still complies, change the months; both months count.",
        );
        return match anew {
            Some(record) => step.publish(Publish::txt(facts.domain.as_str(), record.to_string())),
            None => step,
        };
    };
    let seen = Text::new(
        format!(
            "Het NTA-record is goed en geldt van {} tot en met {}; leverancier {}.",
            record.start, record.end, record.provider
        ),
        format!(
            "The NTA record is good and holds from {} through {}; supplier {}.",
            record.start, record.end, record.provider
        ),
    );
    let follows = set.records().iter().any(|other| other.start > record.end);
    if record.end == Month::of(facts.now) && !follows {
        let next = renewed(facts, record);
        return Step::new(RECORD.0, RECORD.1, State::Attention, seen)
            .mend(
                "Dit is de laatste maand. Verleng het record voor de maand om is.",
                "This is its last month. Renew the record before the month is over.",
            )
            .publish(Publish::txt(facts.domain.as_str(), next.to_string()));
    }
    Step::new(RECORD.0, RECORD.1, State::Good, seen)
}

fn invalid(facts: &Facts, faults: &[Fault]) -> Step {
    let list = |of: fn(&Fault) -> String| faults.iter().map(of).collect::<Vec<_>>().join("; ");
    let clause = match faults.first() {
        Some(Fault::Record { .. }) | None => RECORD.1,
        Some(_) => "R-DNS-2",
    };
    let step = Step::new(
        RECORD.0,
        clause,
        State::Bad,
        Text::new(
            format!("Het NTA-record klopt niet: {}.", list(Fault::nl)),
            format!("The NTA record is wrong: {}.", list(Fault::en)),
        ),
    )
    .mend(
        "Een verklaring met een fout geldt niet, ook niet voor een deel. Verbeter het record.",
        "A declaration with a fault does not hold, not even in part. Mend the record.",
    );
    let broken = facts.txt.as_ref().ok().and_then(|seen| {
        let mut claims = seen.value.iter().filter(|txt| txt.data.starts_with(b"v=NTA7516"));
        // Which of two records is meant, a person must say.
        match (claims.next(), claims.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    });
    match broken.and_then(|txt| mended(txt, facts)) {
        Some(record) => step.publish(Publish::txt(facts.domain.as_str(), record.to_string())),
        None => step,
    }
}

/// A record that says what a faulty one seems to mean; `None` where it names no supplier. It is a
/// proposal for a person to read, and never taken for the record itself.
fn mended(txt: &Txt, facts: &Facts) -> Option<Record> {
    if Record::parse(&txt.data).is_ok() {
        return None;
    }
    let text = core::str::from_utf8(&txt.data).ok().filter(|text| text.len() <= LONGEST)?;
    let fields: Vec<(String, &str)> = text
        .split(';')
        .filter_map(|field| {
            let field = field.trim_matches(|c: char| c.is_whitespace() || c == '"');
            let at = field.find(['=', ':'])?;
            Some((field[..at].trim().to_ascii_lowercase(), field[at + 1..].trim()))
        })
        .collect();
    let find = |names: &[&str]| {
        fields.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| *value)
    };
    let provider = Provider::parse(find(&["provider"])?).ok()?;
    let mut ntamx = Vec::new();
    for (_, value) in fields.iter().filter(|(name, _)| name == "ntamx").take(HOSTS) {
        let (priority, host) = value.split_once(char::is_whitespace).unwrap_or(("", value));
        let next = 10 * (u16::try_from(ntamx.len()).unwrap_or(0) + 1);
        let priority = priority.parse().ok().filter(|number| *number < 1_000).unwrap_or(next);
        ntamx.push(NtaMx { priority, host: mail::Domain::parse(host.trim()).ok()? });
    }
    let month = |names: &[&str]| find(names).and_then(|value| Month::parse(value).ok());
    let period = month(&["startdate", "version"]).zip(month(&["enddate", "expire"]));
    let now = Month::of(facts.now);
    let (start, end) = period
        .filter(|(start, end)| start <= end && *end >= now)
        .unwrap_or_else(|| three_years(facts));
    let record = Record { start, end, provider, ntamx };
    // What is proposed must itself hold, whatever a stranger wrote.
    Record::parse(record.to_string().as_bytes()).ok()
}

/// Three years from this month, as long as a certificate of the norm is good for.
fn three_years(facts: &Facts) -> (Month, Month) {
    let start = Month::of(facts.now);
    (start, later(start, 35))
}

fn renewed(facts: &Facts, record: &Record) -> Record {
    let (start, end) = three_years(facts);
    Record { start, end, ..record.clone() }
}

/// A record in which a person still has to write the supplier's mark.
fn template(facts: &Facts) -> String {
    let (start, end) = three_years(facts);
    format!("v=NTA7516-1;startdate={start};enddate={end};provider=KENMERK")
}

fn later(month: Month, count: u16) -> Month {
    let months = u16::from(month.month()) - 1 + count;
    let number = u8::try_from(months % 12).unwrap_or(0) + 1;
    Month::new(month.year() + months / 12, number).unwrap_or(month)
}

pub(super) fn dnssec(facts: &Facts) -> Step {
    let (code, clause) = (Topic::Dnssec, "R-SEND-4");
    let what = ("het NTA-record", "the NTA record");
    let seen = match &facts.txt {
        Err(trouble) => return troubled(code, clause, *trouble, what),
        Ok(seen) => seen,
    };
    match seen.security {
        Security::Secure => Step::new(
            code,
            clause,
            State::Good,
            Text::new(
                "DNSSEC bewijst dat het antwoord van het domein zelf komt.",
                "DNSSEC proves that the answer is the domain's own.",
            ),
        ),
        Security::Insecure => Step::new(
            code,
            clause,
            State::Bad,
            Text::new(
                "De zone van het domein is niet ondertekend (DNSSEC), dus niemand kan weten of het NTA-record echt is.",
                "The domain's zone is not signed (DNSSEC), so nobody can know whether the NTA record is real.",
            ),
        )
        .mend(
            "Laat de beheerder van de naamservers DNSSEC aanzetten en het DS-record bij de registrar opgeven.",
            "Have the administrator of the name servers switch DNSSEC on and give the DS record to the registrar.",
        ),
        Security::Bogus => bogus(code, clause, seen.why.as_deref(), what),
        Security::Indeterminate => match believed(&facts.txt, (code, clause), what) {
            Err(step) => *step,
            Ok(_) => not_looked(code, clause, "", ""),
        },
    }
}

const SUPPLIER: (Topic, &str) = (Topic::Supplier, "R-DNS-4");

fn supplier(facts: &Facts) -> Step {
    let Some(asked) = &facts.supplier else {
        return not_looked(
            SUPPLIER.0,
            SUPPLIER.1,
            "Niet gekeken: het domein van de leverancier is niet bekend. Noem het bij het controleren.",
            "Not looked at: the supplier's domain is not known. Name it with the check.",
        );
    };
    let name = shown(&asked.name);
    let records = match believed(
        &asked.txt,
        SUPPLIER,
        (
            &format!("het leveranciersrecord van {name}"),
            &format!("the supplier's record of {name}"),
        ),
    ) {
        Ok(records) => records,
        Err(step) => return step.about(&asked.name),
    };
    supplier_claim(facts, &SupplierClaim::read(records), &name).about(&asked.name)
}

fn supplier_claim(facts: &Facts, claim: &SupplierClaim, name: &str) -> Step {
    let month = Month::of(facts.now);
    let fresh = format!("version=NTA7516-1;startdate:{month};enddate:{}", later(month, 11));
    let at = facts.supplier.as_ref().map_or("", |asked| asked.name.as_str());
    let step =
        |state, nl: String, en: String| Step::new(SUPPLIER.0, SUPPLIER.1, state, Text::new(nl, en));
    match claim {
        SupplierClaim::Valid(records) => {
            let Some(record) = records.iter().find(|record| record.covers(month)) else {
                return step(
                    State::Bad,
                    format!("Het leveranciersrecord van {name} is goed geschreven, maar geldt vandaag niet."),
                    format!("The supplier's record of {name} is well written, but does not hold today."),
                )
                .mend("Laat de leverancier het verlengen.", "Have the supplier renew it.")
                .publish(Publish::txt(at, fresh));
            };
            let (start, end) = (record.start, record.end);
            step(
                State::Good,
                format!(
                    "Het leveranciersrecord van {name} is goed en geldt van {start} tot en met {end}."
                ),
                format!(
                    "The supplier's record of {name} is good and holds from {start} through {end}."
                ),
            )
        }
        SupplierClaim::None => step(
            State::Bad,
            format!("{name} publiceert geen leveranciersrecord."),
            format!("{name} publishes no supplier's record."),
        )
        .mend(
            "Laat de leverancier dit TXT-record publiceren; het geldt een jaar.",
            "Have the supplier publish this TXT record; it holds for a year.",
        )
        .publish(Publish::txt(at, fresh)),
        SupplierClaim::Invalid(faults) => {
            let list = |of: fn(&RecordFault) -> String| {
                faults.iter().map(of).collect::<Vec<_>>().join("; ")
            };
            step(
                State::Bad,
                format!("Het leveranciersrecord van {name} klopt niet: {}.", list(RecordFault::nl)),
                format!("The supplier's record of {name} is wrong: {}.", list(RecordFault::en)),
            )
            .mend("Laat de leverancier het verbeteren.", "Have the supplier mend it.")
            .publish(Publish::txt(at, fresh))
        }
    }
}

/// The longest faulty record for which a mend is proposed, in bytes.
const LONGEST: usize = 2_048;
/// Hosts taken over from a faulty record at most.
const HOSTS: usize = 20;
