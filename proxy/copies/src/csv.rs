/// A list as CSV (RFC 4180, R-KEEP-2): UTF-8, a comma between fields, CRLF after each record, the first record
/// the names of the columns. A mark at the beginning (U+FEFF) tells Excel that it is UTF-8.
///
/// A field that a spreadsheet would take for a formula (`=`, `+`, `-`, `@` and the blanks before which
/// it still would) gets an apostrophe before it: a mail's subject must not compute.
#[must_use]
pub fn csv<R, F>(columns: &[&str], rows: impl IntoIterator<Item = R>) -> String
where
    R: IntoIterator<Item = F>,
    F: AsRef<str>,
{
    let mut out = csv_head(columns);
    rows.into_iter().for_each(|row| out.push_str(&csv_record(row)));
    out
}

/// The beginning of a list that is written record by record: the mark, and the names of the columns.
#[must_use]
pub fn csv_head(columns: &[&str]) -> String {
    format!("{MARK}{}", csv_record(columns))
}

/// One record.
#[must_use]
pub fn csv_record<F: AsRef<str>>(fields: impl IntoIterator<Item = F>) -> String {
    let mut out = String::new();
    for (at, one) in fields.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        field(&mut out, one.as_ref());
    }
    out.push_str("\r\n");
    out
}

fn field(out: &mut String, text: &str) {
    let computes = text.trim_start().starts_with(FORMULA) || text.starts_with(['\t', '\r', '\n']);
    let quoted = computes || text.contains([',', '"', '\r', '\n', '\'', ';', '\t', '\0']);
    if !quoted {
        out.push_str(text);
        return;
    }
    out.push('"');
    if computes {
        out.push('\'');
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\"\""),
            // No reader of CSV knows what to do with it.
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push('"');
}

const MARK: &str = "\u{feff}";
/// What begins a formula in Excel, LibreOffice and Google Sheets, wide forms too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be_and_formulas_are_text() {
        let rows = [
            ["a", "b,c"],
            ["say \"hi\"", "two\r\nlines"],
            ["=HYPERLINK(\"http://x\")", " +31 6"],
            ["", "-"],
        ];
        assert_eq!(
            csv(&["id", "subject"], rows),
            "\u{feff}id,subject\r\na,\"b,c\"\r\n\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n\
             \"'=HYPERLINK(\"\"http://x\"\")\",\"' +31 6\"\r\n,\"'-\"\r\n"
        );
    }

    /// RFC 4180 section 2, read by its grammar.
    fn read(text: &str) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let (mut row, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
        while let Some(c) = chars.next() {
            match (quoted, c) {
                (true, '"') if chars.peek() == Some(&'"') => field.extend(chars.next()),
                (_, '"') => quoted = !quoted,
                (false, ',') => row.push(core::mem::take(&mut field)),
                (false, '\r') => {
                    chars.next();
                    row.push(core::mem::take(&mut field));
                    rows.push(core::mem::take(&mut row));
                }
                (_, c) => field.push(c),
            }
        }
        rows
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(rows in prop::collection::vec([".*", "[-=+@ ]?.*"], 0..6)) {
            let text = csv(&["a", "b"], &rows);
            let told = |field: &String| field.replace('\0', "\u{fffd}");
            for (read, row) in read(&text).iter().skip(1).zip(&rows) {
                for (read, field) in read.iter().zip(row) {
                    let plain = read.strip_prefix('\'').filter(|_| !field.starts_with('\''));
                    prop_assert_eq!(plain.unwrap_or(read), told(field));
                    prop_assert!(!read.trim_start().starts_with(FORMULA));
                }
            }
        }
    }
}
