//! The copies that a record system is offered: of what was signed and sent, where it was, with the proof of its
//! way.

use copies::CopyError;
use filing::Made;
use mail::Message;
use nta7516::proof::Proof;
use vault::archive::{ArchiveId, Archived};
use vault::filing::{DueFiling, Form, Source};
use vault::outbox::HeldId;
use vault::{Vault, VaultError};

use crate::House;

/// What is offered, read.
struct Read {
    message: Message,
    form: Option<Form>,
    known: Known,
}

/// What is known of it besides its bytes.
enum Known {
    Held(Vec<Proof>),
    Copy(Box<Archived>),
}

/// The copies of what is offered, and the form of a held message of which they are. Made aside, and without
/// the vault: setting a long message on pages takes seconds.
pub(crate) async fn made<H: House>(
    house: &H,
    due: &DueFiling,
) -> Result<Result<(Made, Option<Form>), CopyError>, VaultError> {
    let (source, form) = (due.source, due.form);
    let read = house.with_vault(move |vault| read(vault, source, form)).await?;
    let (settings, workers, now) = (house.settings(), house.workers(), house.now());
    let make = move || {
        let Read { message, form, known } = read;
        let about = match known {
            Known::Held(proofs) => {
                let said = (settings.anchors.as_slice(), settings.desktop.language);
                filing::about(&message, said, &proofs, now)
            }
            Known::Copy(copy) => {
                let anchors = filing::anchors(&settings.anchors);
                let language = shelf::language(settings.desktop.language);
                shelf::about(&copy, &message, &anchors, language, now)
            }
        };
        Ok((Made::of(&workers, message, &about)?, form))
    };
    match tokio::task::spawn_blocking(make).await {
        Ok(made) => Ok(made),
        // It is told where the attempt is made, of this message alone.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(VaultError::Interrupted),
    }
}

fn read(vault: &Vault, source: Source, before: Option<Form>) -> Result<Read, VaultError> {
    match source {
        Source::Copy(id) => {
            let unknown = || VaultError::UnknownMessage { id: id.to_string() };
            let known = Known::Copy(Box::new(vault.copy(id)?.ok_or_else(unknown)?));
            Ok(Read { message: vault.read_copy(id)?, form: None, known })
        }
        Source::Held(id) => {
            let held = vault.get(id)?;
            let sent: Option<ArchiveId> = id.to_string().parse().ok();
            let sent = sent.map(|copy| vault.copy(copy)).transpose()?.flatten();
            let now = vault.filing_form(source)?.unwrap_or(Form::Held);
            let (form, message) =
                match before.map(|form| (form, whole(vault, id, form, sent.as_ref()))) {
                    // Its text went with time: what was sent is still there.
                    Some((form, Err(VaultError::Discarded))) if form != now => {
                        (now, whole(vault, id, now, sent.as_ref())?)
                    }
                    Some((form, read)) => (form, read?),
                    None => (now, whole(vault, id, now, sent.as_ref())?),
                };
            let proof = |json: &String| serde_json::from_str(json).ok();
            let proofs = held.recipients.iter().filter_map(|one| one.proof_json.as_ref());
            let known = Known::Held(proofs.filter_map(proof).collect());
            Ok(Read { message, form: Some(form), known })
        }
    }
}

fn whole(
    vault: &Vault,
    id: HeldId,
    form: Form,
    sent: Option<&Archived>,
) -> Result<Message, VaultError> {
    match (form, sent) {
        (Form::Signed, _) => vault.read_signed(id)?.ok_or(VaultError::Discarded),
        (Form::Sent, Some(copy)) => vault.read_copy(copy.id),
        (Form::Sent, None) => Err(VaultError::Discarded),
        (Form::Held, _) => vault.read(id),
    }
}
