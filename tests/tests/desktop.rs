//! The desktop app end to end: real mail in, real windows, real mail out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// A scenario is a story told from beginning to end.
#![allow(clippy::too_many_lines)]

mod desktop {
    mod accessible;
    mod archive;
    mod attachments;
    mod choices;
    mod domains;
    mod dragging;
    mod first_run;
    mod handed;
    mod main_job;
    mod panel;
    mod record;
    mod room;
    mod secrecy;
    mod starting;
    mod teaching;
    mod waiting;
}
