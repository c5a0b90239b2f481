//! The command line `zorgzegel`.
fn main() {}
