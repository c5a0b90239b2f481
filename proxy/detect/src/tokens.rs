use crate::lexicon::{self, Known};

/// A word of the text: letters, with digits and apostrophes inside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) text: &'a str,
    pub(crate) shape: Shape,
    /// What it is known as in lower case.
    pub(crate) known: Known,
    /// It begins a line, a sentence, a cell or an item.
    pub(crate) first: bool,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One capital letter.
    Letter,
    /// A capital and small letters.
    Title,
    /// Capitals only.
    Upper,
    /// Anything else.
    Lower,
}

/// The words of a text, in order.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::with_capacity(text.len() / 6);
    let mut lower = String::new();
    let mut first = true;
    let mut chars = text.char_indices().peekable();
    while let Some((start, char)) = chars.next() {
        if !char.is_alphabetic() {
            match char {
                ' ' | '\'' | '"' | '(' => {}
                '\n' | '.' | '!' | '?' | '>' | '|' | '*' | '\t' | ':' | ';' => first = true,
                '-' | '/' | ',' | '\r' => {}
                _ => first = false,
            }
            continue;
        }
        let mut end = start + char.len_utf8();
        while let Some(&(at, next)) = chars.peek() {
            let inside = next == '\'' && {
                let mut ahead = chars.clone();
                ahead.next();
                ahead.peek().is_some_and(|(_, after)| after.is_alphabetic())
            };
            if !next.is_alphanumeric() && !inside {
                break;
            }
            chars.next();
            end = at + next.len_utf8();
        }
        let word = text.get(start..end).unwrap_or_default();
        let shape = shape(word);
        let known = if shape == Shape::Lower
            && word.is_ascii()
            && !word.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            lexicon::known(word)
        } else {
            lower.clear();
            lower.extend(word.chars().flat_map(char::to_lowercase));
            lexicon::known(&lower)
        };
        out.push(Token { start, end, text: word, shape, known, first });
        first = false;
    }
    out
}

fn shape(word: &str) -> Shape {
    let mut chars = word.chars();
    if !chars.next().is_some_and(char::is_uppercase) {
        return Shape::Lower;
    }
    let rest = chars.as_str();
    if rest.is_empty() {
        Shape::Letter
    } else if rest.chars().any(|char| char.is_ascii_digit()) {
        Shape::Lower
    } else if rest.chars().all(|char| char.is_uppercase() || char == '\'') {
        Shape::Upper
    } else {
        Shape::Title
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_shape_and_whether_they_begin_something() {
        let words = tokens("Dag Jan, d'Anjou belde. CVA\n- mw A. el Idrissi");
        let told: Vec<(&str, Shape, bool)> =
            words.iter().map(|word| (word.text, word.shape, word.first)).collect();
        assert_eq!(told[0], ("Dag", Shape::Title, true));
        assert_eq!(told[1], ("Jan", Shape::Title, false));
        assert_eq!(told[2], ("d'Anjou", Shape::Lower, false));
        assert_eq!(told[4], ("CVA", Shape::Upper, true));
        assert_eq!(told[5], ("mw", Shape::Lower, true));
        assert_eq!(told[6], ("A", Shape::Letter, false));
        assert_eq!(told[8], ("Idrissi", Shape::Title, false));
    }
}
