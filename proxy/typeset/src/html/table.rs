use crate::block::{Block, Cell, Heads, Run, Style, Table, text_of};

/// A cell as it was read.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) heads: bool,
    pub(super) span: usize,
    pub(super) rows: usize,
    pub(super) blocks: Vec<Block>,
}

/// A table of data stays one. What mail programs use tables for besides (columns of a page, frames
/// around text) is set one after the other, as a screen reader would want it.
pub(super) fn settle(rows: Vec<Vec<Raw>>) -> Vec<Block> {
    let rows: Vec<Vec<Raw>> = rows.into_iter().filter(|row| !row.is_empty()).collect();
    if is_data(&rows) {
        let table = Table { rows: grid(&rows) };
        if (2..=COLUMNS).contains(&table.columns()) {
            return vec![Block::Table(table)];
        }
    }
    rows.into_iter().flatten().flat_map(|cell| cell.blocks).collect()
}

fn is_data(rows: &[Vec<Raw>]) -> bool {
    let wide = rows.iter().filter(|row| row.len() > 1).count();
    let texts = rows.iter().flatten().all(|cell| {
        let text = |block: &Block| {
            matches!(block, Block::Paragraph(_) | Block::Heading(..) | Block::List(_))
        };
        cell.blocks.iter().all(text)
            && flat(&cell.blocks).iter().map(|run| run.text.len()).sum::<usize>() <= CELL
    });
    let filled = rows.iter().flatten().filter(|cell| !cell.blocks.is_empty()).count();
    rows.len() > 1 && wide > 1 && filled > 1 && texts
}

/// Rows of cells, with an empty one wherever a cell of a row above reaches down.
fn grid(rows: &[Vec<Raw>]) -> Vec<Vec<Cell>> {
    let mut down = [0_usize; COLUMNS + 1];
    let mut out: Vec<Vec<Cell>> = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = Vec::new();
        let mut column = 0;
        let mut row = row.iter().peekable();
        while row.peek().is_some()
            || down.get(column..).is_some_and(|rest| rest.iter().any(|n| *n > 0))
        {
            match down.get_mut(column) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    cells.push(Cell { heads: None, span: 1, runs: Vec::new() });
                    column += 1;
                    continue;
                }
                None => break,
                Some(_) => {}
            }
            let Some(raw) = row.next() else {
                cells.push(Cell { heads: None, span: 1, runs: Vec::new() });
                column += 1;
                continue;
            };
            for left in down.iter_mut().skip(column).take(raw.span) {
                *left = raw.rows - 1;
            }
            let heads = raw.heads.then_some(match (out.is_empty(), column) {
                (false, 0) => Heads::Row,
                _ => Heads::Column,
            });
            cells.push(Cell { heads, span: raw.span, runs: flat(&raw.blocks) });
            column += raw.span;
        }
        // What no column has room for makes the table too wide to be one.
        cells.extend(row.map(|raw| Cell { heads: None, span: raw.span, runs: flat(&raw.blocks) }));
        out.push(cells);
    }
    head_by_weight(&mut out);
    fill(&mut out);
    out
}

/// Mail programs write headers as bold text: a first row that is bold, in a table without headers,
/// heads its columns.
fn head_by_weight(rows: &mut [Vec<Cell>]) {
    let headed = rows.iter().flatten().any(|cell| cell.heads.is_some());
    let bold = |cell: &Cell| {
        !cell.runs.is_empty()
            && cell.runs.iter().all(|run| run.style.bold || run.text.trim().is_empty())
    };
    let later = rows.iter().skip(1).flatten().any(|cell| !cell.runs.is_empty() && !bold(cell));
    if let Some(first) = rows.first_mut()
        && !headed
        && later
        && first.len() > 1
        && first.iter().all(bold)
    {
        for cell in first {
            cell.heads = Some(Heads::Column);
        }
    }
}

/// Every row gets as many columns as the widest.
fn fill(rows: &mut [Vec<Cell>]) {
    let width = |row: &Vec<Cell>| row.iter().map(|cell| cell.span).sum::<usize>();
    let most = rows.iter().map(width).max().unwrap_or(0);
    if most > COLUMNS {
        return;
    }
    for row in rows {
        let missing = most - width(row);
        row.extend((0..missing).map(|_| Cell { heads: None, span: 1, runs: Vec::new() }));
    }
}

/// The blocks of a cell as lines of text.
fn flat(blocks: &[Block]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for block in blocks {
        let more = match block {
            Block::Paragraph(more) => more.clone(),
            Block::Heading(_, more) => more
                .iter()
                .map(|run| Run { text: run.text.clone(), style: Style { bold: true, ..run.style } })
                .collect(),
            Block::List(list) => {
                let items = list.items.iter().map(|item| format!("• {}", text_of(&flat(item))));
                vec![Run::plain(items.collect::<Vec<_>>().join("\n"))]
            }
            _ => Vec::new(),
        };
        if !runs.is_empty() && !more.is_empty() {
            runs.push(Run::plain("\n"));
        }
        runs.extend(more);
    }
    runs
}

/// Columns of a table that fits on a page.
pub(super) const COLUMNS: usize = 12;
/// Bytes of a cell of data; more is a text of its own.
const CELL: usize = 1_000;
