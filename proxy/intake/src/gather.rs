//! The facts around a message: records and keys out of DNS, the signature, DKIM.

use std::sync::Arc;

use cades::Verdict;
use incoming::dkim::{self, Wanted};
use incoming::{Facts, Header, Mark, Received, Stands, Trusted, decide};
use jiff::Timestamp;
use mail::{Domain, Message};
use net::dns::Resolver;
use nta7516::facts::{Seen, SenderFacts, SupplierFacts};
use nta7516::plan::Policy;
use nta7516::record::{Claim, SupplierClaim};
use revocation::Book;
use settings::{Account, AuthservPlace, Settings};
use tokio::task::{JoinHandle, JoinSet};

use crate::trust::Trust;

/// Judges a message of this account.
pub(crate) async fn judge(
    message: &Message,
    account: &Account,
    settings: &Arc<Settings>,
    (resolver, book, trust): (&Arc<Resolver>, &Book, &Trust),
    now: Timestamp,
) -> Option<Received> {
    let trusted = account.authserv_id.clone();
    let stands = match account.authserv_place {
        AuthservPlace::Top => Stands::Top,
        AuthservPlace::Below => Stands::Below,
    };
    let whose = trusted.as_deref().map(|id| Trusted { id, stands });
    let header = Header::read(message, whose, now);
    let at = header.receipt?.at;
    let marked = header.mark != Mark::None;
    let own = account.address.domain().filter(|_| marked);
    let (sender, own, supplier, keys) = tokio::join!(
        claim(resolver, header.domain()),
        claim(resolver, own),
        supplier(resolver, &settings.nta, &header.mark),
        keys(resolver, &header.keys),
    );
    let signature = signature(message, settings, (book, trust), (at, now)).await?;
    let (message, settings) = (message.clone(), Arc::clone(settings));
    let judged = tokio::task::spawn_blocking(move || {
        let dkim = dkim::verify(&message, header.domain(), &keys, at);
        let (policy, trusted) = (&settings.nta, trusted.as_deref());
        decide(&Facts {
            header: &header,
            sender,
            own,
            supplier,
            policy,
            signature,
            dkim,
            trusted,
            now,
        })
    });
    finished(judged).await
}

/// The verdict on the signature, for the day of receipt. Where issuers may be asked whether the signer was
/// revoked, they are, and what they said counts.
async fn signature(
    message: &Message,
    settings: &Arc<Settings>,
    (book, trust): (&Book, &Trust),
    (at, now): (Timestamp, Timestamp),
) -> Option<Verdict> {
    let judge = || {
        let (message, settings) = (message.clone(), Arc::clone(settings));
        let mut anchors = trust.anchors(&settings.anchors);
        book.tell(&mut anchors, now);
        // The mathematics takes a second for a message of 50 MB.
        finished(tokio::task::spawn_blocking(move || cades::open(&message, &anchors, at)))
    };
    let verdict = judge().await?;
    match book.ask_as_set(&verdict, settings, now).await {
        true => judge().await,
        false => Some(verdict),
    }
}

async fn finished<T>(work: JoinHandle<T>) -> Option<T> {
    match work.await {
        Ok(done) => Some(done),
        Err(error) => {
            tracing::error!(%error, "a message that came in could not be judged");
            None
        }
    }
}

/// What a domain declares.
pub(crate) async fn claim(resolver: &Resolver, domain: Option<&Domain>) -> Option<SenderFacts> {
    let domain = domain?.clone();
    let claim = resolver.txt(&domain).await.map(|seen| seen.map(|records| Claim::read(&records)));
    Some(SenderFacts { domain, claim })
}

/// What the supplier that the header names says of itself, where its domain is known (R-SEND-10).
async fn supplier(resolver: &Resolver, policy: &Policy, mark: &Mark) -> Option<SupplierFacts> {
    let Mark::One(mark) = mark else {
        return None;
    };
    let domain = policy.domain_of(mark)?.clone();
    let seen = resolver.txt(&domain).await;
    let claim = seen.map(|seen: Seen<_>| seen.map(|records| SupplierClaim::read(&records)));
    Some(SupplierFacts { mark: mark.clone(), domain, claim })
}

/// The DKIM keys, each asked for by itself: those of other domains say nothing of the author, and their
/// name servers may be slow or gone, which is no trouble of the message's.
async fn keys(resolver: &Arc<Resolver>, wanted: &[Wanted]) -> dkim::Keys {
    let mut asking = JoinSet::new();
    for Wanted { name, .. } in wanted {
        let (resolver, name) = (Arc::clone(resolver), name.clone());
        asking.spawn(async move {
            let seen = resolver.txt(&name).await;
            (name, seen)
        });
    }
    asking.join_all().await.into_iter().collect()
}
