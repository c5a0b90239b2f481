//! What the signatures of a file are worth, and how the file is built.

use serde::Serialize;
use ts_rs::TS;

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct VerifiedFile {
    /// Its name.
    pub name: String,
    /// The name of the file with its content, where that was handed over beside a signature.
    pub content: Option<String>,
    /// It is a mail, and else a signature file.
    pub mail: bool,
    /// Who it says that it is from, as it stands there.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// What its signatures are worth.
    pub outcome: Signed,
    /// It is a signature whose content is wanted beside it.
    pub wants_content: bool,
    /// Why, in sentences; the gravest first.
    pub reasons: Vec<WhySigned>,
    /// Each signed part.
    pub parts: Vec<VerifiedPart>,
    /// The file, piece by piece.
    pub blocks: Vec<BlockView>,
    /// Pieces that are left out of these.
    pub left_out: u32,
    /// All of it as text for who helps.
    pub text: String,
}

/// What signatures are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Signed {
    /// All of it is signed by its author, for whom someone vouches.
    Valid,
    /// A part of it is signed.
    Partly,
    /// Signed, and the signer is not to be trusted.
    NotTrusted,
    /// Not signed.
    NotSigned,
    /// Not now.
    Later,
    /// It cannot be judged.
    Unclear,
    /// A signature does not hold.
    Broken,
}

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WhySigned {
    /// A word that does not change, such as `changed`.
    pub code: String,
    /// How grave it is.
    pub outcome: Signed,
    /// What happened, and what to do.
    pub sentence: String,
}

/// A part that is signed, or says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct VerifiedPart {
    /// What its signature is worth. It says nothing about what stands around it.
    pub outcome: Signed,
    /// It is signed as NTA 7516 asks (CAdES-BES).
    pub cades: bool,
    /// Who signed.
    pub signers: Vec<SignerView>,
    /// Why.
    pub reasons: Vec<WhySigned>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SignerView {
    /// The mail address in the certificate.
    pub address: Option<String>,
    /// Whom the certificate names.
    pub subject: String,
    /// The signer is who the mail is from; none where there is nobody to compare with.
    pub is_author: Option<bool>,
    /// Content and signature fit.
    pub intact: bool,
    /// Who vouches for the signer.
    pub anchor: Option<String>,
    /// From the signer to who vouches.
    pub path: Vec<String>,
    /// `good`, `revoked` or `unknown`.
    pub revocation: String,
    /// How it was signed.
    pub algorithms: String,
    /// When, by the signer's own clock.
    pub signing_time: Option<String>,
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BlockView {
    /// What it is.
    pub kind: BlockKind,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Bytes.
    pub size: u32,
    /// What covers it.
    pub cover: Covered,
    /// The signed part that it is, or that covers it; counted from 0.
    pub part: Option<u32>,
    /// What lies inside.
    pub inside: Vec<BlockView>,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// From, To, Date and Subject.
    Header,
    /// Text.
    Text,
    /// A picture.
    Picture,
    /// An invitation.
    Calendar,
    /// A file.
    File,
    /// A message that is attached.
    Message,
    /// A signed part.
    Signed,
    /// The signature.
    Signature,
    /// Something encrypted.
    Encrypted,
}

/// What covers a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Covered {
    /// Nothing.
    Nothing,
    /// A signature that is worth what its part says.
    Signed,
    /// A signature that does not hold or cannot be judged.
    Broken,
}
