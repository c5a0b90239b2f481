//! The types of the pages, as text: `ui/src/contract.ts` is this and nothing else.

#![cfg(test)]
#![allow(clippy::unwrap_used)]

use ts_rs::{Config, TS};

use crate::request::{
    CardPin, Change, Choosing, DomainQuestion, Dropped, Loaded, NewAccount, NewCard,
    NewDestination, NewGateway, NewIdentity, NewKey, NewRequest, NewServers, Pasted, Request,
    RoutesOf, Way,
};
use crate::view;

const HEAD: &str = "// Made from src-tauri/contract by `ZORGZEGEL_BLESS=1 cargo test -p contract`.\n// A test keeps it equal to them; change those.\n";

/// A type: its words, and how it is declared.
type Declared = (Option<String>, String);

macro_rules! declared {
    ($($type:ty),* $(,)?) => {
        vec![$((<$type>::docs(), <$type>::decl(&Config::default()))),*]
    };
}

fn contract() -> String {
    let mut text = HEAD.to_owned();
    let all = [asked(), told(), set_up(), signed(), kept()];
    for (docs, decl) in all.into_iter().flatten() {
        text.push('\n');
        text.push_str(&docs.unwrap_or_default());
        text.push_str("export ");
        text.push_str(&decl);
        text.push('\n');
    }
    text
}

fn asked() -> Vec<Declared> {
    declared!(
        Request,
        Choosing,
        Way,
        Change,
        RoutesOf,
        DomainQuestion,
        Pasted,
        NewAccount,
        NewServers,
        NewGateway,
        NewDestination,
        Loaded,
        Dropped,
        NewKey,
        NewRequest,
        NewIdentity,
        NewCard,
        CardPin,
    )
}

/// What is told of mail and of domains.
fn told() -> Vec<Declared> {
    declared!(
        view::View,
        view::Frame,
        view::Fault,
        view::Language,
        view::Question,
        view::Stage,
        view::Why,
        view::Passage,
        view::Place,
        view::Run,
        view::Mark,
        view::UnreadFile,
        view::Recipient,
        view::State,
        view::Outlook,
        view::Proof,
        view::ChainLink,
        view::Link,
        view::SeenState,
        view::SeenStep,
        view::ToPublish,
        view::DomainReport,
        view::Verdict,
        view::Held,
        view::HeldKind,
        view::SentItem,
        view::SentRecipient,
        view::Fact,
        view::Level,
        view::TaughtItem,
        view::Trial,
        view::ReceivedItem,
        view::Trust,
        view::ReceivedLine,
        view::Claim,
        view::Proposed,
        view::FilingForm,
        view::DocumentKind,
        view::FilingField,
        view::FilingFault,
        view::FilingStands,
        view::FilingView,
        view::EarlierFiling,
    )
}

/// What is told of how it is set up and how it stands.
fn set_up() -> Vec<Declared> {
    declared!(
        view::SettingsView,
        view::AccountView,
        view::RouteView,
        view::WayOut,
        view::GatewayView,
        view::WayTried,
        view::DestinationKind,
        view::DestinationView,
        view::DestinationTried,
        view::CheckItem,
        view::Standing,
        view::ServerAt,
        view::Discovered,
        view::AccountAdded,
        view::Fetching,
        view::AccountChanged,
        view::AccountChange,
        view::Visited,
        view::Trusted,
        view::Access,
        view::AccessServer,
        view::GuideFile,
        view::SavedFile,
        view::Sample,
    )
}

/// What is told of signatures and of who signs.
fn signed() -> Vec<Declared> {
    declared!(
        view::VerifiedFile,
        view::Signed,
        view::WhySigned,
        view::VerifiedPart,
        view::SignerView,
        view::BlockView,
        view::BlockKind,
        view::Covered,
        view::IdentitiesView,
        view::IdentityView,
        view::RequestView,
        view::KeyType,
        view::IdentityDone,
        view::CardsView,
        view::CardSoftware,
        view::CardView,
        view::PinStands,
        view::CardCertificate,
    )
}

/// What is asked and told of what is kept.
fn kept() -> Vec<Declared> {
    declared!(
        shelf::Wanted,
        shelf::Saving,
        shelf::Forms,
        view::Found,
        view::CopyItem,
        view::CopyView,
        view::CopyFile,
        view::CopySignature,
        view::CopyFact,
        view::Saved,
        shelf::Lacking,
        shelf::End,
        view::DragEnd,
        view::LeavingView,
        view::GoingView,
        view::RecoveryView,
    )
}

#[test]
fn the_types_of_the_pages_are_ours() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/contract.ts");
    let contract = contract();
    if std::env::var_os("ZORGZEGEL_BLESS").is_some() {
        std::fs::write(file, &contract).unwrap();
    }
    let there = std::fs::read_to_string(file).unwrap();
    assert!(there == contract, "ui/src/contract.ts is old; its head says how it is made");
}
