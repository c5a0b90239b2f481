use serde::{Deserialize, Serialize};

use crate::Language;

/// How much of a message's layout a copy shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// All of it.
    Whole,
    /// Its text without layout and pictures, because of this.
    Plain(Why),
    /// Its header as it is written, because of this; the rest is in the original inside.
    Bare(Why),
}

/// Why a copy is plainer than its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The richer one took too long, or too much memory.
    TooMuch,
    /// Setting the richer one went wrong.
    Broke,
}

impl Form {
    /// The next plainer form, because of this; None where there is none.
    #[must_use]
    pub fn plainer(self, why: Why) -> Option<Self> {
        match self {
            Self::Whole => Some(Self::Plain(why)),
            Self::Plain(_) => Some(Self::Bare(why)),
            Self::Bare(_) => None,
        }
    }

    /// What a plainer copy says of itself.
    #[must_use]
    pub fn notice(self, language: Language) -> Option<String> {
        let (what, why) = match self {
            Self::Whole => return None,
            Self::Plain(why) => {
                let nl = "Deze kopie toont de tekst zonder opmaak en afbeeldingen";
                (language.choose(nl, "This copy shows the text without layout and pictures"), why)
            }
            Self::Bare(why) => {
                let nl = "Deze kopie toont alleen de kopregels";
                (language.choose(nl, "This copy shows the header only"), why)
            }
        };
        let why = match why {
            Why::TooMuch => {
                language.choose("het opmaken duurde te lang", "setting it took too long")
            }
            Why::Broke => language.choose("het opmaken lukte niet", "setting it failed"),
        };
        let whole = language
            .choose("Het hele bericht zit in bericht.eml.", "The whole message is in bericht.eml.");
        Some(format!("{what}: {why}. {whole}"))
    }
}
