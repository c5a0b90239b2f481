//! What a message that came in claims, and what is true of it.


mod received;

pub use cades::Word;
pub use received::{
    Alignment, Case, Claim, DkimResult, Keyword, Receipt, ReceiptBy, Received, RecordState,
    SenderDomain, Signature, Signer, Statement, Told,
};
