use lexicon::labels::MONTHS;

/// A calendar date as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: u32,
}

/// Reads `12-03-1956`, `12/3/56`, `12 maart 1956`, `1956-03-12`, `19560312`; `None` for what no
/// calendar has. Two-digit years are of the last century from 30 on.
pub(crate) fn parse(text: &str) -> Option<Date> {
    let words = text.split(|char: char| !char.is_alphanumeric());
    let parts: Vec<&str> = words.flat_map(numbers_and_month).collect();
    let (day, month, year) = match parts.as_slice() {
        [whole] if whole.len() == 8 && whole.is_ascii() => {
            let first: u32 = whole.get(..4)?.parse().ok()?;
            if (1900..2100).contains(&first) {
                (whole.get(6..)?, whole.get(4..6)?, whole.get(..4)?)
            } else {
                (whole.get(..2)?, whole.get(2..4)?, whole.get(4..)?)
            }
        }
        [year, month, day] if year.len() == 4 => (*day, *month, *year),
        // "March 12, 1956"
        [month, day, year] if month.starts_with(char::is_alphabetic) => (*day, *month, *year),
        [day, month, year] => (*day, *month, *year),
        _ => return None,
    };
    let day: u32 = day.parse().ok()?;
    month_of(month)?;
    let number: u32 = year.parse().ok()?;
    let year = match year.len() {
        2 if number >= 30 => 1900 + number,
        2 => 2000 + number,
        4 => number,
        _ => return None,
    };
    let exists = (1..=31).contains(&day) && (1600..2100).contains(&year);
    exists.then_some(Date { year })
}

/// `12mrt1950` cut where digits and letters meet, and `12e` without its ending.
fn numbers_and_month(word: &str) -> impl Iterator<Item = &str> {
    let digit = |char: char| char.is_ascii_digit();
    let (day, rest) = word.split_at(word.find(|char| !digit(char)).unwrap_or(word.len()));
    let (month, year) = rest.split_at(rest.find(digit).unwrap_or(rest.len()));
    let ordinal = !day.is_empty() && ["e", "st", "nd", "rd", "th"].contains(&month);
    let month = if ordinal { "" } else { month };
    [day, month, year].into_iter().filter(|part| !part.is_empty())
}

/// Reads `120356`: day, month, year of the last century.
pub(crate) fn parse_short(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(2)?;
    let (month, year) = rest.split_at_checked(2)?;
    parse(&format!("{day}-{month}-{year}"))
}

fn month_of(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse::<u32>() {
        return (1..=12).contains(&number).then_some(number);
    }
    let start: String = text.to_lowercase().chars().take(3).collect();
    let at = MONTHS.iter().position(|names| names.contains(&start.as_str()))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_usual_form() {
        for (text, year) in [
            ("12-03-1956", Some(1956)),
            ("12/3/56", Some(1956)),
            ("1.1.04", Some(2004)),
            ("12 maart 1956", Some(1956)),
            ("3 mei '88", Some(1988)),
            ("12 03 1956", Some(1956)),
            ("12mrt1950", Some(1950)),
            ("12e juni 1950", Some(1950)),
            ("Mar 12th, 1956", Some(1956)),
            ("1956-03-12", Some(1956)),
            ("19560312", Some(1956)),
            ("12031956", Some(1956)),
            ("32-01-1956", None),
            ("12-13-1956", None),
            ("12 euro 1956", None),
            ("12-03", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(|date| date.year), year, "{text}");
        }
    }
}
