//! A mail as blocks: what a person sees of it, and what covers each piece.

use cades::place::{LEVELS_MOST, inner, named};
use cades::{SignedPart, Verdict};
use mail::Message;
use mail::mime::{Limits, Part, tree_of};

use crate::{BLOCKS_MOST, File};

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// A file's name, or an attached message's subject; decoded.
    pub name: Option<String>,
    /// Bytes of its content; those of what is inside it are not counted.
    pub size: usize,
    /// What covers it.
    pub cover: Cover,
    /// What lies inside.
    pub inside: Vec<Block>,
}

/// What a piece of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// From, To, Date and Subject: of the mail itself never covered by a signature.
    Header,
    /// Text that is read.
    Text,
    /// A picture.
    Picture,
    /// An invitation.
    Calendar,
    /// A file that is attached.
    File,
    /// A message that is attached.
    Message,
    /// What is signed: the place in [`Verdict::parts`].
    Signed(usize),
    /// The signature itself.
    Signature,
    /// Encrypted content.
    Encrypted,
}

/// What covers a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Nothing: anybody may have added or changed it.
    Nothing,
    /// An intact signature: its place in [`Verdict::parts`]. Whether its signer is to be trusted is
    /// another question.
    Intact(usize),
    /// A signature that does not hold or cannot be judged.
    Broken(usize),
}

/// The blocks of a file, and how many are left out.
pub(crate) fn blocks(
    kind: File,
    file: &[u8],
    content: Option<&[u8]>,
    verdict: &Verdict,
) -> (Vec<Block>, usize) {
    let mut walk = Walk { verdict, left: BLOCKS_MOST, left_out: 0 };
    let blocks = match kind {
        File::Mail => {
            let header = walk.block(BlockKind::Header, None, 0, Cover::Nothing);
            let mut all: Vec<Block> = header.into_iter().collect();
            all.extend(walk.entity(file, "", Cover::Nothing, 0));
            all
        }
        File::Signature => walk.signature(file, content),
    };
    (blocks, walk.left_out)
}

/// From and Subject, decoded.
pub(crate) fn titles(message: &Message) -> (String, String) {
    let title = |name: &str| {
        let value = message.field(name).map(|field| field.unfolded());
        value.map(|value| extract::words(value.as_bytes())).unwrap_or_default()
    };
    (title("from"), title("subject"))
}

struct Walk<'a> {
    verdict: &'a Verdict,
    left: usize,
    left_out: usize,
}

impl Walk<'_> {
    fn block(
        &mut self,
        kind: BlockKind,
        name: Option<String>,
        size: usize,
        cover: Cover,
    ) -> Option<Block> {
        let Some(left) = self.left.checked_sub(1) else {
            self.left_out += 1;
            return None;
        };
        self.left = left;
        Some(Block { kind, name, size, cover, inside: Vec::new() })
    }

    /// A block around others.
    fn around(
        &mut self,
        kind: BlockKind,
        name: Option<String>,
        cover: Cover,
        inside: impl FnOnce(&mut Self) -> Vec<Block>,
    ) -> Vec<Block> {
        let Some(mut block) = self.block(kind, name, 0, cover) else { return Vec::new() };
        block.inside = inside(self);
        vec![block]
    }

    fn entity(&mut self, bytes: &[u8], place: &str, cover: Cover, level: usize) -> Vec<Block> {
        let tree = tree_of(bytes, Limits::default());
        self.part(bytes, &tree.root, At { place, cover, level })
    }

    fn part(&mut self, bytes: &[u8], part: &Part, at: At<'_>) -> Vec<Block> {
        if let Some(index) = self.signed(&named(at.place)) {
            return self.signed_part(bytes, part, at, index);
        }
        let kind = &part.content_type;
        if kind.kind == "message" && !part.children.is_empty() {
            let inner_header = part.children.first().map(|child| &bytes[child.header.clone()]);
            let header = Message::new([inner_header.unwrap_or_default(), b"\r\n"].concat());
            let (_, subject) = titles(&header);
            let name = Some(subject).filter(|text| !text.is_empty());
            return self.around(BlockKind::Message, name, at.cover, |walk| {
                let header = walk.block(BlockKind::Header, None, 0, at.cover);
                header.into_iter().chain(walk.children(bytes, part, at)).collect()
            });
        }
        if !part.children.is_empty() {
            let mut inside = self.children(bytes, part, at);
            if kind.is("multipart", "alternative") {
                one_text(&mut inside);
            }
            return inside;
        }
        let decoded = part.decoded(bytes).bytes;
        let kind = leaf(part);
        // Mail programs put empty texts beside attachments.
        if kind == BlockKind::Text && decoded.trim_ascii().is_empty() {
            return Vec::new();
        }
        let name = part.file_name().map(|name| extract::words(name.as_bytes()));
        self.block(kind, name, decoded.len(), at.cover).into_iter().collect()
    }

    fn children(&mut self, bytes: &[u8], part: &Part, at: At<'_>) -> Vec<Block> {
        let mut all = Vec::new();
        for (n, child) in part.children.iter().enumerate() {
            let place = inner(at.place, n + 1);
            all.extend(self.part(bytes, child, At { place: &place, ..at }));
        }
        all
    }

    fn signed_part(&mut self, bytes: &[u8], part: &Part, at: At<'_>, index: usize) -> Vec<Block> {
        let cover = self.within(at.cover, index);
        let within = At { cover, ..at };
        let size = part.body.len();
        self.around(BlockKind::Signed(index), None, at.cover, |walk| {
            if !part.content_type.is("multipart", "signed") {
                let decoded = part.decoded(bytes);
                return walk.enclosed(&decoded.bytes, within);
            }
            let mut inside = Vec::new();
            for (n, child) in part.children.iter().enumerate() {
                let place = inner(at.place, n + 1);
                let at = At { place: &place, ..within };
                match (n, leaf(child)) {
                    (1.., BlockKind::Signature) => {
                        let size = child.decoded(bytes).bytes.len();
                        let signature =
                            walk.block(BlockKind::Signature, None, size, Cover::Nothing);
                        inside.extend(signature);
                    }
                    (0, _) => inside.extend(walk.part(bytes, child, at)),
                    // RFC 1847 section 2.1 knows two parts: what more there is, nobody signed.
                    _ => inside.extend(walk.part(bytes, child, At { cover: Cover::Nothing, ..at })),
                }
            }
            if part.children.is_empty() && size > 0 {
                inside.extend(walk.block(BlockKind::Text, None, size, cover));
            }
            inside
        })
    }

    /// What travels inside an opaque signature.
    fn enclosed(&mut self, signature: &[u8], at: At<'_>) -> Vec<Block> {
        let Some(content) = cades::enclosed(signature).filter(|_| at.level < LEVELS_MOST) else {
            return Vec::new();
        };
        // The root's name is not its place: "0" stands for the empty one.
        let place = format!("{}/", at.place);
        self.entity(&content, &place, at.cover, at.level + 1)
    }

    /// A signature file.
    fn signature(&mut self, file: &[u8], content: Option<&[u8]>) -> Vec<Block> {
        let Some(index) = self.signed("0") else {
            return self
                .block(leaf_of_signature(self.verdict), None, file.len(), Cover::Nothing)
                .into_iter()
                .collect();
        };
        let cover = self.within(Cover::Nothing, index);
        self.around(BlockKind::Signed(index), None, Cover::Nothing, |walk| match content {
            Some(content) => {
                let own = walk.block(BlockKind::File, None, content.len(), cover);
                let signature = walk.block(BlockKind::Signature, None, file.len(), Cover::Nothing);
                own.into_iter().chain(signature).collect()
            }
            None => {
                let inside = walk.enclosed(file, At { place: "", cover, level: 0 });
                let signature = walk.block(BlockKind::Signature, None, file.len(), Cover::Nothing);
                inside.into_iter().chain(signature).collect()
            }
        })
    }

    /// The signed part of this name.
    fn signed(&self, name: &str) -> Option<usize> {
        self.verdict.parts.iter().position(|part| part.part == name)
    }

    /// What covers the inside of a signed part: the outermost signature that is intact.
    fn within(&self, around: Cover, index: usize) -> Cover {
        match around {
            Cover::Intact(_) => around,
            _ if self.verdict.parts.get(index).is_some_and(intact) => Cover::Intact(index),
            Cover::Broken(_) => around,
            Cover::Nothing => Cover::Broken(index),
        }
    }
}

/// Where the walk is.
#[derive(Clone, Copy)]
struct At<'a> {
    place: &'a str,
    cover: Cover,
    /// Opaque signatures around it.
    level: usize,
}

/// True where digest and signature of every signer fit.
fn intact(part: &SignedPart) -> bool {
    !part.signers.is_empty() && part.signers.iter().all(|signer| signer.intact)
}

/// Forms of one text are one text to who reads it, as long as the same covers them.
fn one_text(blocks: &mut Vec<Block>) {
    let mut seen: Vec<Cover> = Vec::new();
    blocks.retain(|block| {
        let again = block.kind == BlockKind::Text && seen.contains(&block.cover);
        if block.kind == BlockKind::Text && !again {
            seen.push(block.cover);
        }
        !again
    });
}

fn leaf(part: &Part) -> BlockKind {
    let kind = &part.content_type;
    let attached = part.disposition.as_ref().is_some_and(|one| one.kind == "attachment");
    match (kind.kind.as_str(), kind.subtype.as_str()) {
        ("application", "pkcs7-signature" | "x-pkcs7-signature") => BlockKind::Signature,
        ("application", "pkcs7-mime" | "x-pkcs7-mime") => BlockKind::Encrypted,
        ("multipart", "encrypted") => BlockKind::Encrypted,
        ("text", "calendar") => BlockKind::Calendar,
        ("text" | "multipart", _) if !attached && part.file_name().is_none() => BlockKind::Text,
        ("image", _) => BlockKind::Picture,
        _ => BlockKind::File,
    }
}

/// A file in which nobody signed.
fn leaf_of_signature(verdict: &Verdict) -> BlockKind {
    let encrypted = verdict.reasons.contains(&cades::Reason::Encrypted);
    if encrypted { BlockKind::Encrypted } else { BlockKind::Signature }
}
