use proptest::prelude::*;

use super::{DEPTH, Read};
use crate::block::{Block, Cell, From, Heads, List, Picture, Run, Style, Table, text_of};

fn read(html: &str) -> Read {
    super::read(html, "weg")
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph(vec![Run::plain(text)])
}

fn blocks(html: &str) -> Vec<Block> {
    read(html).blocks
}

/// All text, in the order of reading.
fn text(blocks: &[Block]) -> String {
    let one = |block: &Block| match block {
        Block::Heading(_, runs) | Block::Paragraph(runs) => text_of(runs),
        Block::List(list) => list.items.iter().map(|item| text(item)).collect(),
        Block::Quote(inner) => text(inner),
        Block::Table(table) => {
            table.rows.iter().flatten().map(|cell| text_of(&cell.runs)).collect()
        }
        _ => String::new(),
    };
    blocks.iter().map(one).collect::<Vec<_>>().join("|")
}

#[test]
fn blanks_collapse_and_breaks_stay() {
    let html = "<p> Beste\n  <b>dr. De Vries</b>,<br>\n tot  zo </p><pre>a   b\n c</pre>";
    let bold = Style { bold: true, mono: false };
    assert_eq!(
        blocks(html),
        [
            Block::Paragraph(vec![
                Run::plain("Beste"),
                Run { text: " dr. De Vries".to_owned(), style: bold },
                Run::plain(",\ntot zo"),
            ]),
            Block::Paragraph(vec![Run::mono("a   b\n c")]),
        ]
    );
}

#[test]
fn lists_quotes_and_headings_are_what_they_are() {
    let html = "<h2>Beleid</h2><ol start=3><li>een<li>twee<ul><li>diep</ul></ol><blockquote>zij schreef</blockquote>na";
    let deep = Block::List(List { first: None, items: vec![vec![paragraph("diep")]] });
    let items = vec![vec![paragraph("een")], vec![paragraph("twee"), deep]];
    assert_eq!(
        blocks(html),
        [
            Block::Heading(2, vec![Run::plain("Beleid")]),
            Block::List(List { first: Some(3), items }),
            Block::Quote(vec![paragraph("zij schreef")]),
            paragraph("na"),
        ]
    );
}

#[test]
fn a_table_of_data_stays_one_and_a_frame_around_text_goes() {
    let html = "<table><tr><th>Bepaling<th>Uitslag<tr><td>HbA1c<td>58</table>";
    let cell = |heads, text: &str| Cell { heads, span: 1, runs: vec![Run::plain(text)] };
    let rows = vec![
        vec![cell(Some(Heads::Column), "Bepaling"), cell(Some(Heads::Column), "Uitslag")],
        vec![cell(None, "HbA1c"), cell(None, "58")],
    ];
    assert_eq!(blocks(html), [Block::Table(Table { rows })]);
    let html =
        "<table><tr><td><table><tr><td>links</td><td>rechts</td></tr></table></td></tr></table>";
    assert_eq!(blocks(html), [paragraph("links"), paragraph("rechts")]);
}

#[test]
fn cells_that_reach_down_or_across_keep_the_columns_in_line() {
    let html = "<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td>e</table>";
    let [Block::Table(table)] = &blocks(html)[..] else { panic!("{:?}", blocks(html)) };
    let spans = |row: &Vec<Cell>| {
        row.iter().map(|cell| (text_of(&cell.runs), cell.span)).collect::<Vec<_>>()
    };
    let expect = |cells: &[(&str, usize)]| {
        cells.iter().map(|(text, n)| ((*text).to_owned(), *n)).collect::<Vec<_>>()
    };
    assert_eq!(spans(&table.rows[0]), expect(&[("a", 1), ("b", 2)]));
    assert_eq!(spans(&table.rows[1]), expect(&[("", 1), ("c", 1), ("d", 1)]));
    assert_eq!(spans(&table.rows[2]), expect(&[("e", 1), ("", 1), ("", 1)]));
}

#[test]
fn a_bold_first_row_heads_its_columns() {
    let html = "<table><tr><td><b>Middel</b><td><b>Dosis</b><tr><td>Metformine<td>500 mg</table>";
    let [Block::Table(table)] = &blocks(html)[..] else { panic!() };
    assert!(table.rows[0].iter().all(|cell| cell.heads == Some(Heads::Column)));
    assert!(table.rows[1].iter().all(|cell| cell.heads.is_none()));
}

#[test]
fn links_say_where_they_lead() {
    let html = "<a href='https://bank.example/x'>uw bank</a> <a href='https://nhg.org/'>nhg.org</a> \
        <a href='mailto:a@b.nl'>a@b.nl</a> <a href='javascript:alert(1)'>klik</a>";
    assert_eq!(text(&blocks(html)), "uw bank <https://bank.example/x> nhg.org a@b.nl klik");
}

#[test]
fn pictures_of_the_message_are_shown_and_others_named_never_fetched() {
    let html = "<img src='cid:p%40x' alt='Foto'><img src='http://x.example/a.png' alt='Logo'>\
        <img src='http://t.example/dot' width=1 height=1><img src='data:image/png;base64,AAEC'>";
    let part = Picture { from: From::Part("p@x".to_owned()), alt: "Foto".to_owned() };
    let here = Picture { from: From::Here(vec![0, 1, 2]), alt: String::new() };
    assert_eq!(
        blocks(html),
        [Block::Picture(part), paragraph("[weg: Logo]"), Block::Picture(here)]
    );
}

#[test]
fn scripts_styles_and_titles_are_no_text() {
    let html = "<head><title>t</title><style>p{}</style></head><body><script>if (a<b) document.write('<p>x</p>')</script>zichtbaar";
    assert_eq!(blocks(html), [paragraph("zichtbaar")]);
}

#[test]
fn text_outside_of_cells_and_items_is_kept() {
    let html =
        "<table>los<tr>ook los<td>in</td></tr></table><ul>stuk<li>punt</ul><td>kaal</td><li>item";
    let text = text(&blocks(html));
    for word in ["los", "ook los", "in", "stuk", "punt", "kaal", "item"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn what_nests_without_end_is_flattened_and_kept() {
    for (open, close) in [
        ("<div>", "</div>"),
        ("<blockquote>", "</blockquote>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<b><a href=x>", "</a></b>"),
    ] {
        let html = format!("{}diep{}na", open.repeat(5_000), close.repeat(5_000));
        let read = read(&html);
        assert!(depth(&read.blocks) <= 3 * DEPTH, "{open}");
        let text = text(&read.blocks);
        assert!(text.contains("diep") && text.contains("na"), "{open}: {text}");
    }
}

fn depth(blocks: &[Block]) -> usize {
    let one = |block: &Block| match block {
        Block::List(list) => 1 + list.items.iter().map(|item| depth(item)).max().unwrap_or(0),
        Block::Quote(inner) => 1 + depth(inner),
        _ => 0,
    };
    blocks.iter().map(one).max().unwrap_or(0)
}

#[test]
fn a_text_without_end_is_cut_and_said_to_be() {
    let read = read(&"<p>woord</p>".repeat(60_000));
    assert!(read.cut && !read.blocks.is_empty());
}

proptest! {
    #[test]
    fn every_html_is_read_to_its_end(html in "(<(/)?(b|ul|li|table|tr|td|p|a href=x|h2|pre|blockquote|img src=cid:x)>|[a-z &;<>/=\"'-]){0,60}") {
        let once = read(&html);
        prop_assert_eq!(&once, &read(&html));
        prop_assert!(depth(&once.blocks) <= 3 * DEPTH);
    }
}
