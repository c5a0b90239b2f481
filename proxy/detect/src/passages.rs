use std::ops::Range;

use crate::score::Reading;

/// Stretches of the readings that are weighed together, by the number of the reading.
pub(crate) type Passage = Vec<(usize, Range<usize>)>;

/// Cuts a message into passages. One of ordinary length is one passage; of a longer one each stretch of
/// some pages is weighed with the subject and the names of the files, for what the model learnt from
/// mails does not hold for the sum of a hundred pages.
pub(crate) struct Passages {
    /// Weighed with every passage.
    short: Passage,
    /// The passage that is not full yet.
    open: Passage,
    room: usize,
}

impl Passages {
    pub(crate) fn new(readings: &[Reading<'_>]) -> Self {
        let whole = |(at, reading): (usize, &Reading<'_>)| (at, 0..reading.len);
        let total: usize = readings.iter().map(|reading| reading.len).sum();
        let readings = readings.iter().enumerate();
        let short: Passage = if total <= PASSAGE {
            readings.map(whole).collect()
        } else {
            readings.filter(|(_, reading)| is_short(reading)).take(NAMES).map(whole).collect()
        };
        let room = if total <= PASSAGE { 0 } else { PASSAGE };
        Self { open: short.clone(), short, room }
    }

    /// What every passage reads.
    pub(crate) fn short(&self) -> &Passage {
        &self.short
    }

    /// Is it weighed by its stretches?
    pub(crate) fn cuts(&self, reading: &Reading<'_>) -> bool {
        self.room > 0 && !is_short(reading)
    }

    /// The passages that are full with this reading; `text` is the whole of it.
    pub(crate) fn add(&mut self, at: usize, text: &str) -> Vec<Passage> {
        let (mut out, mut from) = (Vec::new(), 0);
        while from < text.len() {
            let to = crate::edge(text, from, self.room.max(LEAST));
            self.open.push((at, from..to));
            self.room = self.room.saturating_sub(to - from);
            from = to;
            if self.room < LEAST {
                out.push(std::mem::replace(&mut self.open, self.short.clone()));
                self.room = PASSAGE;
                // What the end of a passage cuts through is whole in the next.
                if to < text.len() {
                    from = text.floor_char_boundary(to.saturating_sub(OVERLAP));
                }
            }
        }
        out
    }

    /// The last passage, or what there is of it.
    pub(crate) fn open(&self) -> &Passage {
        &self.open
    }
}

fn is_short(reading: &Reading<'_>) -> bool {
    reading.field.is_name() && reading.len <= SHORT
}

/// Bytes weighed together: the longest mail that people write.
const PASSAGE: usize = 4_000;
/// The least left of a passage that another piece may begin in.
const LEAST: usize = 1_000;
/// Bytes of the end of a passage that are read again in the next.
const OVERLAP: usize = 400;
/// Bytes of a subject or a file's name that is weighed with every passage.
const SHORT: usize = 500;
/// How many of them.
const NAMES: usize = 20;
