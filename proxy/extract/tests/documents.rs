//! Files as people attach them, made byte by byte: what is read out of each, and what is said of those
//! that cannot be read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod documents {
    mod bounds;
    mod build;
    mod containers;
    mod office;
    mod outlook;
    mod pdf;
    mod scans;
    mod sheets;
}
