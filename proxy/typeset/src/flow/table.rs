use crate::block::{Cell, Heads, Run, Table};
use crate::flow::{BASE, Flow, LEADING, MARGIN, Mark, PAGE, Shade};
use crate::line::{self, Line};
use crate::tree::{Kind, NodeId};

/// How a row is set.
#[derive(Clone, Copy)]
struct Look {
    size: f32,
    pad: (f32, f32),
    ruled: bool,
}

/// A cell in its place.
struct Placed {
    node: NodeId,
    x: f32,
    width: f32,
    lines: Vec<Line>,
    shade: Shade,
    heads: bool,
}

impl Flow<'_> {
    pub(super) fn table(&mut self, parent: NodeId, table: &Table) {
        self.before(8.0);
        let edges = self.columns(table);
        let node = self.tree.add(parent, Kind::Table);
        let end = edges.last().copied().unwrap_or(self.right);
        // Where text goes from right to left, so do columns.
        let turned = table.direction() == Some(true);
        let (left, right) = (self.left, self.right);
        let set = |from: f32, to: f32| match turned {
            true => (left + right - to, left + right - from),
            false => (from, to),
        };
        let across = set(left, end);
        self.line_across(across.0, across.1);
        for row in &table.rows {
            if self.pages.len() > self.limit {
                self.cut = true;
                return;
            }
            let row_node = self.tree.add(node, Kind::Row);
            let mut placed = Vec::with_capacity(row.len());
            let mut column = 0;
            for cell in row {
                let x = edges.get(column).copied().unwrap_or(self.right);
                column += cell.span;
                let end = edges.get(column).copied().unwrap_or(self.right);
                placed.push(self.cell(row_node, cell, set(x, end), GRID, Shade::Black));
            }
            self.row_of(placed, GRID, across);
        }
        self.y += 2.0;
    }

    pub(super) fn pairs(&mut self, parent: NodeId, pairs: &[(String, Vec<Run>)]) {
        self.before(6.0);
        let node = self.tree.add(parent, Kind::Table);
        let edge = self.left + LABELS;
        for (label, value) in pairs {
            let row = self.tree.add(node, Kind::Row);
            let head = Cell { heads: Some(Heads::Row), span: 1, runs: vec![Run::plain(label)] };
            let data = Cell { heads: None, span: 1, runs: value.clone() };
            let placed = vec![
                self.cell(row, &head, (self.left, edge), LIST, Shade::Grey),
                self.cell(row, &data, (edge, self.right), LIST, Shade::Black),
            ];
            self.row_of(placed, LIST, (self.left, self.right));
        }
    }

    /// An empty cell has a blank, for a cell without content would be no cell to a screen reader.
    fn cell(
        &mut self,
        row: NodeId,
        cell: &Cell,
        edges: (f32, f32),
        look: Look,
        shade: Shade,
    ) -> Placed {
        let kind = match cell.heads {
            Some(heads) => Kind::Header(heads, cell.span),
            None => Kind::Data(cell.span),
        };
        let node = self.tree.add(row, kind);
        let (x, width) = (edges.0, edges.1 - edges.0);
        let blank = [Run::plain(" ")];
        let empty = cell.runs.iter().all(|run| run.text.is_empty());
        let mut runs = if empty { blank.to_vec() } else { cell.runs.clone() };
        if cell.heads.is_some() {
            runs.iter_mut().for_each(|run| run.style.bold = true);
        }
        let room = (width - 2.0 * look.pad.0).max(MIN);
        let lines = line::lines(&mut self.fonts, &runs, look.size, room);
        Placed { node, x, width, lines, shade, heads: cell.heads == Some(Heads::Column) }
    }

    /// Sets a row; one that is higher than what is left of the page goes on, line by line.
    fn row_of(&mut self, cells: Vec<Placed>, look: Look, across: (f32, f32)) {
        let step = look.size * LEADING;
        let most = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
        let height = most as f32 * step + 2.0 * look.pad.1;
        if height <= PAGE.1 - 2.0 * MARGIN {
            self.room(height);
        } else {
            self.room(step + 2.0 * look.pad.1);
        }
        let mut cells: Vec<(Placed, std::vec::IntoIter<Line>)> = cells
            .into_iter()
            .map(|mut cell| {
                let lines = core::mem::take(&mut cell.lines).into_iter();
                (cell, lines)
            })
            .collect();
        let mut left = most;
        while left > 0 {
            let fits =
                ((PAGE.1 - MARGIN - self.y - 2.0 * look.pad.1) / step + 0.01).floor().max(1.0);
            let now = left.min(fits as usize);
            let height = now as f32 * step + 2.0 * look.pad.1;
            for (cell, lines) in &mut cells {
                if cell.heads {
                    let (x, y, width) = (cell.x, self.y, cell.width);
                    self.push(None, Mark::Fill { x, y, width, height, shade: Shade::Pale });
                }
                for (at, line) in lines.by_ref().take(now).enumerate() {
                    let y = self.y + look.pad.1 + (at + 1) as f32 * step - BASE * look.size;
                    let mark = Mark::Text {
                        pieces: line.pieces,
                        x: cell.x + look.pad.0,
                        y,
                        size: look.size,
                        shade: cell.shade,
                    };
                    self.push(Some(cell.node), mark);
                }
            }
            self.y += height;
            left -= now;
            if look.ruled {
                self.line_across(across.0, across.1);
            }
            if left > 0 {
                if self.pages.len() > self.limit {
                    self.cut = true;
                    return;
                }
                self.pages.push(Vec::new());
                self.y = MARGIN;
            }
        }
    }

    /// The left edges of the columns: each as wide as its text, where that fits; else the words fit, and
    /// the longer texts share what is left.
    fn columns(&mut self, table: &Table) -> Vec<f32> {
        let count = table.columns().max(1);
        let room = self.right - self.left;
        let mut words = vec![MIN; count];
        let mut wanted = vec![MIN; count];
        for row in table.rows.iter().take(MEASURED) {
            let mut column = 0;
            for cell in row {
                if cell.span == 1 {
                    let mut runs = cell.runs.clone();
                    runs.iter_mut().for_each(|run| run.style.bold |= cell.heads.is_some());
                    let (word, line) = line::widths(&mut self.fonts, &runs, GRID.size);
                    let pad = 2.0 * GRID.pad.0 + 0.5;
                    if let (Some(least), Some(most)) =
                        (words.get_mut(column), wanted.get_mut(column))
                    {
                        *least = least.max(word + pad);
                        *most = most.max(line + pad);
                    }
                }
                column += cell.span;
            }
        }
        let (least, most): (f32, f32) = (words.iter().sum(), wanted.iter().sum());
        let width = |(least_one, wanted_one): (&f32, &f32)| {
            if most <= room {
                *wanted_one
            } else if least <= room {
                least_one + (wanted_one - least_one) * (room - least) / (most - least).max(1.0)
            } else {
                room * least_one / least
            }
        };
        let mut edges = Vec::with_capacity(count);
        let mut x = self.left;
        for pair in words.iter().zip(&wanted) {
            edges.push(x);
            x += width(pair);
        }
        // What comes behind the last column begins where it ends.
        edges.push(if most <= room { x } else { self.right });
        edges
    }
}

const GRID: Look = Look { size: 9.0, pad: (4.0, 2.5), ruled: true };
const LIST: Look = Look { size: 9.5, pad: (0.0, 1.0), ruled: false };
/// Where values stand beside their labels.
const LABELS: f32 = 104.0;
/// The narrowest column.
const MIN: f32 = 24.0;
/// Rows by which columns are measured; more tell nothing new.
const MEASURED: usize = 300;
