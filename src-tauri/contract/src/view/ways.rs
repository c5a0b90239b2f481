//! The ways out of an account: its routes, its gateway, and what comes of trying one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A route of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RouteView {
    /// Which.
    pub route: WayOut,
    /// It is used.
    pub used: bool,
    /// What it gives, in a sentence: the same everywhere.
    pub guarantee: String,
}

/// A way by which health mail may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WayOut {
    /// We hand over to the recipient's mail host ourselves.
    Direct,
    /// The provider is a named NTA supplier.
    Provider,
    /// The gateway of the account.
    Gateway,
}

/// A gateway. Its password is never told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct GatewayView {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte, or else STARTTLS.
    pub implicit: bool,
    /// The name to log in with.
    pub username: String,
}

/// What came of trying a route. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WayTried {
    /// The account.
    pub address: String,
    /// Which route.
    pub route: WayOut,
    /// It works.
    pub works: bool,
    /// What was seen, and what to do.
    pub sentence: String,
}
