//! What the signatures of a file are worth, as the pages are told it. Everything here is a pure function.

use verify::{
    Block, BlockKind, Cover, Coverage, File, FromMatch, Known, Looked, Reason, SignedBy,
    SignedPart, Verdict, Word,
};

use crate::view::{
    BlockKind as Kind, BlockView, Covered, Signed, SignerView, VerifiedFile, VerifiedPart,
    WhySigned,
};
use crate::words::Words;

pub(crate) fn verified(
    words: &Words,
    name: String,
    content: Option<String>,
    looked: &Looked,
) -> VerifiedFile {
    let verdict = &looked.verdict;
    let mut told = VerifiedFile {
        name,
        content,
        mail: looked.file == File::Mail,
        from: looked.from.clone(),
        subject: looked.subject.clone(),
        outcome: outcome(verdict),
        wants_content: looked.file == File::Signature
            && verdict.reasons.contains(&Reason::NoContent),
        reasons: reasons(words, &verdict.reasons),
        parts: verdict.parts.iter().map(|one| part(words, one)).collect(),
        blocks: looked.blocks.iter().map(block).collect(),
        left_out: small(looked.left_out),
        text: String::new(),
    };
    told.text = text(words, &told);
    told
}

/// What a verdict comes to: the same that the command line says.
pub(crate) fn outcome(verdict: &Verdict) -> Signed {
    match (verdict.verdict, verdict.coverage) {
        _ if verdict.valid() => Signed::Valid,
        (Word::None, _) => Signed::NotSigned,
        (Word::Fail, _) => Signed::Broken,
        (Word::PermError, _) => Signed::Unclear,
        (Word::TempError, _) => Signed::Later,
        (_, Coverage::Partial) => Signed::Partly,
        (Word::Pass | Word::Policy, _) => Signed::NotTrusted,
    }
}

pub(super) fn of_word(word: Word) -> Signed {
    match word {
        Word::None => Signed::NotSigned,
        Word::Pass => Signed::Valid,
        Word::Policy => Signed::NotTrusted,
        Word::TempError => Signed::Later,
        Word::PermError => Signed::Unclear,
        Word::Fail => Signed::Broken,
    }
}

/// The gravest first; of the same weight as they were found.
fn reasons(words: &Words, all: &[Reason]) -> Vec<WhySigned> {
    let mut sorted: Vec<&Reason> = all.iter().collect();
    sorted.sort_by_key(|reason| core::cmp::Reverse(reason.word()));
    let told = |reason: &Reason| WhySigned {
        code: reason.code().to_owned(),
        outcome: of_word(reason.word()),
        sentence: words.pick(reason.dutch(), reason.english()),
    };
    sorted.into_iter().map(told).collect()
}

fn part(words: &Words, part: &SignedPart) -> VerifiedPart {
    VerifiedPart {
        outcome: of_word(part.verdict),
        cades: part.cades,
        signers: part.signers.iter().map(signer).collect(),
        reasons: reasons(words, &part.reasons),
    }
}

fn signer(signer: &SignedBy) -> SignerView {
    SignerView {
        address: signer.address.clone(),
        subject: signer.subject.clone(),
        is_author: match signer.from_match {
            FromMatch::Same => Some(true),
            FromMatch::Other => Some(false),
            FromMatch::NotAsked => None,
        },
        intact: signer.intact,
        anchor: signer.anchor.clone(),
        path: signer.path.clone(),
        revocation: match signer.revocation {
            Known::Good => "good",
            Known::Revoked => "revoked",
            Known::Unknown => "unknown",
        }
        .to_owned(),
        algorithms: signer.algorithms.join(", "),
        signing_time: signer.signing_time.map(|time| time.to_string()),
    }
}

fn block(block: &Block) -> BlockView {
    let (kind, own) = match block.kind {
        BlockKind::Header => (Kind::Header, None),
        BlockKind::Text => (Kind::Text, None),
        BlockKind::Picture => (Kind::Picture, None),
        BlockKind::Calendar => (Kind::Calendar, None),
        BlockKind::File => (Kind::File, None),
        BlockKind::Message => (Kind::Message, None),
        BlockKind::Signed(part) => (Kind::Signed, Some(part)),
        BlockKind::Signature => (Kind::Signature, None),
        BlockKind::Encrypted => (Kind::Encrypted, None),
    };
    let (cover, by) = match block.cover {
        Cover::Nothing => (Covered::Nothing, None),
        Cover::Intact(part) => (Covered::Signed, Some(part)),
        Cover::Broken(part) => (Covered::Broken, Some(part)),
    };
    BlockView {
        kind,
        name: block.name.clone(),
        size: small(block.size),
        cover,
        part: own.or(by).map(small),
        inside: block.inside.iter().map(self::block).collect(),
    }
}

/// The verdict as text for who helps: without addresses of others than the signers, and no content.
fn text(words: &Words, told: &VerifiedFile) -> String {
    let key = match told.outcome {
        Signed::Valid => "verify.outcome.valid",
        Signed::Partly => "verify.outcome.partly",
        Signed::NotTrusted => "verify.outcome.not_trusted",
        Signed::NotSigned => "verify.outcome.not_signed",
        Signed::Later => "verify.outcome.later",
        Signed::Unclear => "verify.outcome.unclear",
        Signed::Broken => "verify.outcome.broken",
    };
    let mut lines = vec![words.with("report.verify.title", "name", &told.name), words.get(key)];
    lines.extend(told.reasons.iter().map(|why| format!("- {} ({})", why.sentence, why.code)));
    for signer in told.parts.iter().flat_map(|part| &part.signers) {
        let address = signer.address.as_deref().unwrap_or("-");
        lines.push(format!("{address}: {}; {}", signer.subject, signer.algorithms));
        lines.extend(signer.path.iter().map(|name| format!("    {name}")));
    }
    lines.join("\n")
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
