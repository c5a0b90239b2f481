use mail::Param;

use crate::CommandError;

/// Which command a parameter stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Mail,
    Rcpt,
}

/// Parses the parameters of MAIL or RCPT and refuses what is not offered.
pub(crate) fn parse(text: &str, place: Place) -> Result<Vec<Param>, CommandError> {
    let mut params: Vec<Param> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let param = Param::parse(word).map_err(|_| CommandError::Parameter)?;
        if params.iter().any(|earlier| earlier.is(param.keyword())) {
            return Err(CommandError::ParameterTwice);
        }
        check(&param, place)?;
        params.push(param);
    }
    Ok(params)
}

fn check(param: &Param, place: Place) -> Result<(), CommandError> {
    let keyword = param.keyword().to_ascii_uppercase();
    let good = match (place, keyword.as_str(), param.value()) {
        // RFC 3030 section 3: a server without BINARYMIME refuses it as an unknown parameter.
        (Place::Mail, "BODY", Some(value)) if value.eq_ignore_ascii_case("BINARYMIME") => {
            return Err(CommandError::ParameterUnknown);
        }
        // RFC 6152 section 3.
        (Place::Mail, "BODY", Some(value)) => is_one_of(value, &["7BIT", "8BITMIME"]),
        // RFC 1870 section 3: up to 20 digits.
        (Place::Mail, "SIZE", Some(value)) => is_number(value),
        // RFC 6531 section 3.4: no value.
        (Place::Mail, "SMTPUTF8", value) => value.is_none(),
        // RFC 3461 sections 4.3 and 4.4.
        (Place::Mail, "RET", Some(value)) => is_one_of(value, &["FULL", "HDRS"]),
        (Place::Mail, "ENVID", Some(value)) => is_xtext(value),
        // RFC 4954 section 5.
        (Place::Mail, "AUTH", Some(value)) => value == "<>" || is_xtext(value),
        // RFC 3461 sections 4.1 and 4.2, RFC 6533 section 3.
        (Place::Rcpt, "NOTIFY", Some(value)) => is_notify(value),
        (Place::Rcpt, "ORCPT", Some(value)) => is_original(value),
        (Place::Mail, "BODY" | "SIZE" | "RET" | "ENVID" | "AUTH", None)
        | (Place::Rcpt, "NOTIFY" | "ORCPT", None) => false,
        _ => return Err(CommandError::ParameterUnknown),
    };
    good.then_some(()).ok_or(CommandError::Parameter)
}

/// The declared size, where there is one; more digits than a number holds are the largest number.
pub(crate) fn declared_size(params: &[Param]) -> Option<u64> {
    let value = params.iter().find(|param| param.is("SIZE"))?.value()?;
    Some(value.parse().unwrap_or(u64::MAX))
}

fn is_one_of(value: &str, allowed: &[&str]) -> bool {
    allowed.iter().any(|word| value.eq_ignore_ascii_case(word))
}

fn is_number(value: &str) -> bool {
    value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_notify(value: &str) -> bool {
    let words = ["SUCCESS", "FAILURE", "DELAY"];
    value.eq_ignore_ascii_case("NEVER") || value.split(',').all(|word| is_one_of(word, &words))
}

/// `addr-type ";" xtext`, where an `utf-8` address may have its own letters.
fn is_original(value: &str) -> bool {
    value.split_once(';').is_some_and(|(kind, address)| {
        let international = kind.eq_ignore_ascii_case("utf-8");
        let kind_ok = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let named = !kind.is_empty() && kind.bytes().all(kind_ok);
        named && !address.is_empty() && (international || is_xtext(address))
    })
}

/// RFC 3461 section 4: printable ASCII in which `+` stands before two upper-case hexadecimal
/// digits.
fn is_xtext(value: &str) -> bool {
    let hex = |byte: Option<u8>| matches!(byte, Some(b'0'..=b'9' | b'A'..=b'F'));
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let good = match byte {
            b'+' => hex(bytes.next()) && hex(bytes.next()),
            _ => byte.is_ascii_graphic(),
        };
        if !good {
            return false;
        }
    }
    true
}
