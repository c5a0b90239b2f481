//! The lexical part that header fields share (RFC 5322 section 3.2): blanks, comments that nest, quoted
//! strings.

/// A place in a text.
pub(crate) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Takes this sign, where it comes next.
    pub(crate) fn take(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The signs up to the first that `stop` names.
    pub(crate) fn run(&mut self, stop: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(stop).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    /// Passes over blanks and comments (CFWS). A comment that is not closed goes on to the end.
    pub(crate) fn blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.take('(') {
                return;
            }
            let mut depth = 1_usize;
            while depth > 0 {
                let Some(sign) = self.next() else {
                    return;
                };
                match sign {
                    '\\' => drop(self.next()),
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
            }
        }
    }

    /// A quoted string, its quotes and backslashes undone; none where it is not closed.
    pub(crate) fn quoted(&mut self) -> Option<String> {
        if !self.take('"') {
            return None;
        }
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.next()?),
                sign => text.push(sign),
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.peek()?;
        self.rest = &self.rest[sign.len_utf8()..];
        Some(sign)
    }

    /// Passes over everything up to a semicolon that stands in no comment and no quoted string.
    pub(crate) fn to_semicolon(&mut self) {
        loop {
            self.blank();
            match self.peek() {
                None | Some(';') => return,
                Some('"') => {
                    if self.quoted().is_none() {
                        self.rest = "";
                    }
                }
                Some(_) => drop(self.next()),
            }
        }
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }
}
