use crate::{Bounds, Extract, Opaque, Origin, Piece, Reason, walk};

/// The file that is being read.
#[derive(Debug, Clone)]
pub(crate) struct Here {
    /// Its name, with those of the files around it before it.
    pub(crate) name: Option<String>,
    /// Its media type, or a guess.
    pub(crate) content_type: String,
    /// Its size as it lies in what is around it.
    pub(crate) bytes: u64,
    /// How many files are around it.
    pub(crate) depth: usize,
}

impl Here {
    /// A file inside this one. One without a name goes by that of the file around it.
    pub(crate) fn inside(&self, name: Option<&str>, content_type: &str, bytes: u64) -> Self {
        let name = match (&self.name, name.map(shown).filter(|name| !name.is_empty())) {
            (Some(outer), Some(name)) => Some(format!("{outer} › {name}")),
            (outer, name) => name.or_else(|| outer.clone()),
        };
        Self { name, content_type: content_type.to_owned(), bytes, depth: self.depth + 1 }
    }

    /// The last part of the name: what the file itself is called.
    pub(crate) fn own_name(&self) -> &str {
        let name = self.name.as_deref().unwrap_or_default();
        name.rsplit(" › ").next().unwrap_or_default()
    }
}

/// A name as a person reads it: no control characters, no end.
fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(NAME).collect::<String>()
}

/// Where readers put what they find, and where what they may spend is counted.
#[derive(Debug)]
pub(crate) struct Desk {
    bounds: Bounds,
    text: usize,
    unpacked: u64,
    entries: usize,
    steps: u64,
    /// The bound that the file being read ran into.
    cut: Option<Reason>,
    out: Extract,
}

impl Desk {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            text: bounds.text,
            unpacked: bounds.unpacked,
            entries: bounds.entries,
            steps: bounds.steps,
            cut: None,
            out: Extract::default(),
        }
    }

    pub(crate) fn done(self) -> Extract {
        self.out
    }

    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    pub(crate) fn text_left(&self) -> usize {
        self.text
    }

    pub(crate) fn unpacked_left(&self) -> u64 {
        self.unpacked
    }

    /// Begins a file; gives back the bound that the file around it ran into so far.
    pub(crate) fn start(&mut self) -> Option<Reason> {
        self.cut.take()
    }

    /// Ends a file: says the bound that it ran into.
    pub(crate) fn finish(&mut self, outer: Option<Reason>, here: &Here) {
        if let Some(reason) = self.cut.take() {
            self.opaque(here, reason);
        }
        self.cut = outer;
    }

    /// The first bound that is met is the one that is said.
    pub(crate) fn cut(&mut self, reason: Reason) {
        self.cut.get_or_insert(reason);
    }

    /// Counts work; false once there was enough of it.
    pub(crate) fn step(&mut self, steps: usize) -> bool {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let enough = steps > self.steps;
        self.steps = self.steps.saturating_sub(steps);
        if enough {
            self.cut(Reason::TooLarge);
        }
        !enough
    }

    /// Counts a file in a container; false once there were enough of them.
    pub(crate) fn entry(&mut self) -> bool {
        if self.entries == 0 {
            self.cut(Reason::TooMany);
            return false;
        }
        self.entries -= 1;
        true
    }

    /// Counts what unpacking made.
    pub(crate) fn unpacked(&mut self, bytes: usize) {
        self.unpacked = self.unpacked.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// A text of this file.
    pub(crate) fn text(&mut self, here: &Here, text: &str) {
        let origin = Origin::Attached { name: here.name.clone() };
        self.piece(origin, text);
    }

    /// The name of a file inside a file.
    pub(crate) fn file_name(&mut self, name: &str) {
        self.piece(Origin::FileName, name);
    }

    fn piece(&mut self, origin: Origin, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let mut text = text;
        if text.len() > self.text {
            text = text.get(..text.floor_char_boundary(self.text)).unwrap_or_default();
            self.cut(Reason::TooLarge);
        }
        self.text -= text.len();
        self.out.claims_nta |= walk::quotes_nta(text);
        if !text.is_empty() {
            self.out.pieces.push(Piece { origin, text: text.to_owned() });
        }
    }

    /// This file cannot be looked into, wholly or to its end.
    pub(crate) fn opaque(&mut self, here: &Here, reason: Reason) {
        self.told(here, reason, true);
    }

    /// This file is a picture or a sound: it is named, and stops nobody.
    pub(crate) fn silent(&mut self, here: &Here) {
        self.told(here, Reason::Unsupported, false);
    }

    fn told(&mut self, here: &Here, reason: Reason, document: bool) {
        let opaque = Opaque {
            name: here.name.clone(),
            content_type: here.content_type.clone(),
            bytes: here.bytes,
            reason,
            document,
        };
        if self.out.opaque.len() < TOLD && !self.out.opaque.contains(&opaque) {
            self.out.opaque.push(opaque);
        }
    }

    /// What an enclosed message says, as text of this file.
    pub(crate) fn enclosed(&mut self, here: &Here, inner: Extract) {
        self.out.claims_nta |= inner.claims_nta;
        self.references(inner.references);
        for piece in inner.pieces {
            match piece.origin {
                Origin::FileName => self.file_name(&piece.text),
                Origin::Attached { name } => {
                    let inside = here.inside(name.as_deref(), "text/plain", 0);
                    self.text(&inside, &piece.text);
                }
                Origin::Subject | Origin::Body => self.text(here, &piece.text),
            }
        }
        for opaque in inner.opaque {
            let inside = here.inside(opaque.name.as_deref(), &opaque.content_type, opaque.bytes);
            self.told(&inside, opaque.reason, opaque.document);
        }
    }

    pub(crate) fn claims_nta(&mut self) {
        self.out.claims_nta = true;
    }

    pub(crate) fn references(&mut self, ids: Vec<String>) {
        let room = REFERENCES - self.out.references.len().min(REFERENCES);
        self.out.references.extend(ids.into_iter().take(room));
    }
}

/// Letters of one file name.
const NAME: usize = 255;
/// Files of which it is said that they cannot be looked into.
const TOLD: usize = 1_000;
/// Message-IDs.
const REFERENCES: usize = 1_000;
