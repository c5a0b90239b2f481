//! Scenarios with real servers at both ends, and what holds for the whole house.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// A scenario is a story told from beginning to end, and says what it saw.
#![allow(clippy::too_many_lines, clippy::print_stdout)]

mod scenarios {
    mod another_way;
    mod answers;
    mod architecture;
    mod archive;
    mod attachments;
    mod card;
    mod crash;
    mod direct;
    mod disk;
    mod dkim;
    mod doctor;
    mod dossier;
    mod dossier_trouble;
    mod harness;
    mod identities;
    mod incoming;
    mod mailboxes;
    mod main_job;
    mod resolvers;
    mod retrieval;
    mod routes;
    mod second_opinion;
    mod signatures;
    mod submission;
    mod suppliers;
    mod tls_outside;
}
