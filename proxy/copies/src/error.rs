/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The XML writer refused.
    #[error("the XML cannot be written ({0}); keep the message as .eml instead")]
    Xml(String),
    /// The page writer refused, in this form and in plainer ones.
    #[error("the PDF cannot be made ({0}); keep the message as .eml instead")]
    Pdf(String),
    /// The program that sets pages cannot be started.
    #[error(
        "the PDF cannot be made: {0} cannot be started; install Zorgzegel again, or keep the message as .eml"
    )]
    NoWorker(String),
    /// Other copies took too long.
    #[error("other copies are still being made; try again in a minute")]
    Busy,
}

impl CopyError {
    /// The same in Dutch.
    #[must_use]
    pub fn dutch(&self) -> String {
        match self {
            Self::Xml(what) => {
                format!("De XML kan niet worden gemaakt ({what}); bewaar het bericht als .eml.")
            }
            Self::Pdf(what) => {
                format!("De PDF kan niet worden gemaakt ({what}); bewaar het bericht als .eml.")
            }
            Self::NoWorker(program) => format!(
                "De PDF kan niet worden gemaakt: {program} start niet. Installeer Zorgzegel opnieuw, of bewaar het bericht als .eml."
            ),
            Self::Busy => {
                "Er worden nog andere kopieën gemaakt; probeer het over een minuut opnieuw."
                    .to_owned()
            }
        }
    }
}
