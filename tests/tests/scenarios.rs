//! Scenarios with real servers at both ends, and what holds for the whole house.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scenarios {
    mod architecture;
    mod crash;
    mod harness;
    mod main_job;
}
