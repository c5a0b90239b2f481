//! The types of the pages, as text: `ui/src/contract.ts` is this and nothing else.

#![cfg(test)]
#![allow(clippy::unwrap_used)]

use ts_rs::{Config, TS};

use crate::request::{
    Change, Choosing, DomainQuestion, NewAccount, NewGateway, NewIdentity, Pasted, Request,
    RoutesOf, Way,
};
use crate::view;

const HEAD: &str = "// Made from src-tauri/src/view.rs and request.rs by `ZORGZEGEL_BLESS=1 cargo test -p desktop \
contract`.\n// A test keeps it equal to them; change those.\n";

fn contract() -> String {
    let config = Config::default();
    let mut text = HEAD.to_owned();
    let mut add = |docs: Option<String>, decl: String| {
        text.push('\n');
        text.push_str(&docs.unwrap_or_default());
        text.push_str("export ");
        text.push_str(&decl);
        text.push('\n');
    };
    macro_rules! add {
        ($($type:ty),* $(,)?) => { $(add(<$type>::docs(), <$type>::decl(&config));)* };
    }
    add!(
        Request,
        Choosing,
        Way,
        Change,
        RoutesOf,
        DomainQuestion,
        Pasted,
        NewAccount,
        NewGateway,
        NewIdentity,
        view::View,
        view::Frame,
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
        view::SentItem,
        view::SentRecipient,
        view::Fact,
        view::Level,
        view::TaughtItem,
        view::Trial,
        view::SettingsView,
        view::AccountView,
        view::RouteView,
        view::WayOut,
        view::GatewayView,
        view::WayTried,
        view::IdentityView,
        view::CheckItem,
        view::Standing,
        view::Discovered,
        view::Access,
        view::GuideFile,
        view::Sample,
    );
    text
}

#[test]
fn the_types_of_the_pages_are_ours() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/contract.ts");
    let contract = contract();
    if std::env::var_os("ZORGZEGEL_BLESS").is_some() {
        std::fs::write(file, &contract).unwrap();
    }
    let there = std::fs::read_to_string(file).unwrap();
    assert!(there == contract, "ui/src/contract.ts is old; its head says how it is made");
}
