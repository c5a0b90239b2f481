//! tmp
#![allow(missing_docs, unused_must_use)]
use detect::*;
fn main() {
    let t = std::time::Instant::now();
    let d = Detector::new(Options::default());
    println!("start {:?}", t.elapsed());
    let mut text = String::new();
    for f in std::fs::read_dir("tests/corpus/develop").unwrap() {
        text += &std::fs::read_to_string(f.unwrap().path()).unwrap();
    }
    let text = text.replace("[[", "").replace("]]", "");
    let mut big = String::new();
    while big.len() < 15_000_000 {
        big += &text;
    }
    let t = std::time::Instant::now();
    let r = d.judge(&[Piece { field: Field::Body, text: &text }]);
    println!("{} B {:?} {}", text.len(), t.elapsed(), r.findings.len());
    let t = std::time::Instant::now();
    d.judge(&[Piece { field: Field::Body, text: &text }]);
    println!("{} B {:?}", text.len(), t.elapsed());
    let t = std::time::Instant::now();
    d.judge(&[Piece { field: Field::Body, text: &big }]);
    println!("{} B {:?}", big.len(), t.elapsed());
    println!(
        "{}",
        std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .filter(|l| l.starts_with("VmHWM") || l.starts_with("VmRSS"))
            .collect::<Vec<_>>()
            .join(" ")
    );
}
