//! Identities as they are kept: certificates in the database, the private key in the keyring, or on a card
//! that the place names. Which one signs, and how each stands, is for the room `identity` to say.

use cades::{KeyKind, NewIdentity, Signer, SoftwareKey};
use identity::{
    Answered, Identity, IdentityCard, IdentityError, NewRequest, Pending, Place, RequestCard,
    Revoked, Status, Wish,
};
use jiff::Timestamp;
use keyring::KeyringError;
use mail::Address;
use rusqlite::{Connection, OptionalExtension, params};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::error::{SecretKind, VaultError};
use crate::journal::Entry;
use crate::open::{Change, Vault, entry_name, lock};
use crate::time;

impl Vault {
    /// Keeps an identity for an account: from now on the account signs with it. Key and
    /// certificate are tried first, and the key is read back from the keyring.
    ///
    /// # Errors
    /// [`VaultError::Identity`] where key and certificate do not belong together, and
    /// [`IdentityError::OtherAccount`] where another account has the identity;
    /// [`KeyringError::TooLong`](crate::KeyringError::TooLong) where this platform's keyring cannot
    /// hold the key.
    pub fn add_identity(
        &self,
        account: &Address,
        new: &NewIdentity,
        now: Timestamp,
    ) -> Result<Identity, VaultError> {
        SoftwareKey::new(&new.pkcs8, new.chain.clone()).map_err(IdentityError::from)?;
        let identity = identity_of(account, &new.chain, Place::Software, now);
        // Before the keyring is touched.
        self.look(|database| may_keep(database, &identity))?;
        self.put_secret(&key_name(&identity.id), &new.pkcs8, |change| keep(change, &identity))?;
        Ok(identity)
    }

    /// Keeps an identity whose key is on a card: from now on the account signs with it. No secret
    /// is kept. `reference` is how the card and its key are found again.
    ///
    /// # Errors
    /// [`VaultError::Identity`] where a certificate cannot be read; [`IdentityError::KeyHere`] where its
    /// key is in the keyring; [`IdentityError::OtherAccount`] where another account has the identity.
    pub fn add_card_identity(
        &self,
        account: &Address,
        chain: &[Vec<u8>],
        reference: String,
        now: Timestamp,
    ) -> Result<Identity, VaultError> {
        for certificate in chain {
            cades::describe(certificate).map_err(IdentityError::from)?;
        }
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate.into());
        }
        let identity = identity_of(account, chain, Place::Card { reference }, now);
        self.change(|change| keep(change, &identity))?;
        Ok(identity)
    }

    /// All identities, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn identities(&self) -> Result<Vec<Identity>, VaultError> {
        self.look(all)
    }

    /// The same as people are shown them.
    ///
    /// # Errors
    /// Where the database or a certificate in it cannot be read.
    pub fn identity_cards(&self, now: Timestamp) -> Result<Vec<IdentityCard>, VaultError> {
        Ok(identity::cards(&self.identities()?, now)?)
    }

    /// The requests that wait for their issuer, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn requests(&self) -> Result<Vec<Pending>, VaultError> {
        self.look(waiting)
    }

    /// Makes an identity to try out with, which vouches for itself for so many years. Its id.
    ///
    /// # Errors
    /// [`VaultError::Identity`] where name, address or years cannot stand in a certificate, and as
    /// [`add_identity`](Self::add_identity).
    pub fn create_identity(
        &self,
        account: &Address,
        kind: KeyKind,
        name: &str,
        years: u8,
        now: Timestamp,
    ) -> Result<String, VaultError> {
        let made = cades::create_identity(kind, account, name, now, years);
        Ok(self.add_identity(account, &made.map_err(IdentityError::from)?, now)?.id)
    }

    /// Makes a key and a request for its certificate, and keeps both until the answer is
    /// [installed](Self::install_identity).
    ///
    /// # Errors
    /// [`VaultError::Identity`] where the wish cannot stand in a request; where the keyring does
    /// not take the key.
    pub fn request_identity(
        &self,
        account: &Address,
        wish: &Wish,
        now: Timestamp,
    ) -> Result<RequestCard, VaultError> {
        let NewRequest { id, pkcs8, request, .. } = NewRequest::make(account, wish)?;
        let pending = Pending { id, account: account.clone(), request, created_at: now };
        self.put_secret(&key_name(&pending.id), &pkcs8, |change| {
            let Pending { id, account, request, created_at } = &pending;
            change.execute(
                "INSERT INTO identity_request (id, account, request, created_at)
                 VALUES (?1, ?2, ?3, ?4)",
                params![id, account.to_string(), request, created_at.as_millisecond()],
            )?;
            let (account, request) = (account.clone(), id.clone());
            change.journal(&Entry::IdentityRequested { account, request }, now)
        })?;
        Ok(RequestCard::of(&pending))
    }

    /// Takes an issuer's answer to a request that waits: from now on the account signs with it. Its
    /// id.
    ///
    /// # Errors
    /// [`IdentityError::NoRequest`] and what else is wrong with the answer;
    /// [`VaultError::SecretLost`] where the keyring no longer has the request's key.
    pub fn install_identity(&self, file: &[u8], now: Timestamp) -> Result<String, VaultError> {
        let waiting = self.requests()?;
        let Answered { pending, chain } = identity::answered(file, &waiting)?;
        let secret = self.secret(SecretKind::Identity, &key_name(&pending.id))?;
        let pkcs8 = Zeroizing::new(secret.expose_secret().to_vec());
        let new = NewIdentity { pkcs8, chain };
        let begins = new.chain.first().and_then(|leaf| cades::describe(leaf).ok());
        // The issuer's clock may run ahead, and a certificate may be for next month: it waits then.
        let at = begins.map_or(now, |summary| summary.not_before.max(now));
        new.check(&pending.account, at).map_err(IdentityError::from)?;
        let identity = self.add_identity(&pending.account, &new, now)?;
        // Who stops the program before this has the key twice, and may remove the request.
        self.forget_request(&pending.id)?;
        Ok(identity.id)
    }

    /// Takes an identity over from a file: .p12, .pfx or PEM. From now on the account signs with
    /// it. Its id.
    ///
    /// # Errors
    /// [`VaultError::Identity`] with what is wrong with file or password; as
    /// [`add_identity`](Self::add_identity).
    pub fn import_identity(
        &self,
        account: &Address,
        file: &[u8],
        password: Option<&str>,
        now: Timestamp,
    ) -> Result<String, VaultError> {
        let new = identity::read(file, password, account, now)?;
        new.check(account, now).map_err(IdentityError::from)?;
        Ok(self.add_identity(account, &new, now)?.id)
    }

    /// The certificates of an identity as PEM, its own first; never its key.
    ///
    /// # Errors
    /// [`IdentityError::Unknown`] where there is none of this id.
    pub fn export_identity(&self, id: &str) -> Result<String, VaultError> {
        let identity = only(self.identities()?, id, |one| &one.id)?;
        let blocks = identity.chain.iter().map(|der| identity::encode_pem("CERTIFICATE", der));
        Ok(blocks.collect())
    }

    /// Removes an identity or a request that waits, with its key. `id` may be its beginning.
    ///
    /// # Errors
    /// [`IdentityError::Unknown`] where there is none of this id, or more than one; where the
    /// keyring does not answer: asked again, it goes on where it stopped.
    pub fn remove_identity(&self, id: &str, now: Timestamp) -> Result<(), VaultError> {
        let kept = self.identities()?.into_iter().map(|one| (one.id, one.account));
        let waiting = self.requests()?.into_iter().map(|one| (one.id, one.account));
        let (id, account) = only(kept.chain(waiting).collect(), id, |one| &one.0)?;
        self.forget_key(&id, |change| {
            change.execute(
                "INSERT OR REPLACE INTO identity_revoked (id, revoked)
                 SELECT id, revoked FROM identity WHERE id = ?1 AND revoked IS NOT NULL",
                [&id],
            )?;
            change.execute("DELETE FROM identity WHERE id = ?1", [&id])?;
            change.execute("DELETE FROM identity_request WHERE id = ?1", [&id])?;
            change.journal(&Entry::IdentityRemoved { account, identity: id.clone() }, now)
        })
    }

    /// What was known of the revocation of an identity that was removed, by its certificate's
    /// [fingerprint](cades::fingerprint()).
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn revoked_before(&self, fingerprint: &str) -> Result<Option<Revoked>, VaultError> {
        let id: String = fingerprint.chars().take(ID_LENGTH).collect();
        let text: Option<String> = self.look(|database| {
            let query = "SELECT revoked FROM identity_revoked WHERE id = ?1";
            Ok(database.query_row(query, [&id], |row| row.get(0)).optional()?)
        })?;
        let damaged = |_| VaultError::corrupt("a row of what was revoked");
        text.map(|text| serde_json::from_str(&text).map_err(damaged)).transpose()
    }

    /// Notes what a revocation list or an OCSP answer says of the identities: each of which it says
    /// something that can be checked, and how it stands `after` that: [`Status::after`] where a person
    /// handed it in, [`Status::heard_after`] where it was fetched. `issuers` help to check it (DER).
    ///
    /// # Errors
    /// [`IdentityError::NoStatus`] where it says nothing of any.
    pub fn note_status(
        &self,
        (file, issuers): (&[u8], &[Vec<u8>]),
        after: fn(Status, Option<Revoked>) -> Status,
        now: Timestamp,
    ) -> Result<Vec<(Identity, Status)>, VaultError> {
        let told: Vec<(Identity, Status)> = self
            .identities()?
            .into_iter()
            .map(|one| {
                let status = after(identity::status(&one, file, issuers, now), one.revoked);
                (one, status)
            })
            .filter(|(_, status)| *status != Status::Unknown)
            .collect();
        if told.is_empty() {
            return Err(IdentityError::NoStatus.into());
        }
        for (identity, status) in &told {
            let revoked = match status {
                Status::Revoked(revoked) => Some(*revoked),
                Status::Good | Status::Unknown => None,
            };
            if revoked != identity.revoked {
                self.note_revoked(identity, revoked, now)?;
            }
        }
        Ok(told)
    }

    /// The identity that signs what an account sends from this address; `None`: from its own.
    ///
    /// # Errors
    /// [`VaultError::NoIdentity`] where the account has none; [`IdentityError::Unusable`] where it
    /// signs nothing now, and why.
    pub fn signing_identity(
        &self,
        account: &Address,
        from: Option<&Address>,
        now: Timestamp,
    ) -> Result<Identity, VaultError> {
        match identity::pick(&self.identities()?, account, from, now) {
            Ok(identity) => Ok(identity.clone()),
            Err(IdentityError::None) => Err(VaultError::NoIdentity),
            Err(error) => Err(error.into()),
        }
    }

    /// The key of an identity that is in the keyring, ready to sign.
    ///
    /// # Errors
    /// [`IdentityError::OnCard`] where it is not; [`VaultError::SecretLost`] where the keyring no
    /// longer has it.
    pub fn software_key(&self, identity: &Identity) -> Result<SoftwareKey, VaultError> {
        if identity.place != Place::Software {
            return Err(IdentityError::OnCard.into());
        }
        let key = self.secret(SecretKind::Identity, &key_name(&identity.id))?;
        let key = SoftwareKey::new(key.expose_secret(), identity.chain.clone());
        Ok(key.map_err(IdentityError::from)?)
    }

    /// Both in one: who signs what an account sends from this address, where its key is in the
    /// keyring.
    ///
    /// # Errors
    /// As [`signing_identity`](Self::signing_identity) and [`software_key`](Self::software_key).
    pub fn signer(
        &self,
        account: &Address,
        from: Option<&Address>,
        now: Timestamp,
    ) -> Result<Box<dyn Signer + Send + Sync>, VaultError> {
        let identity = self.signing_identity(account, from, now)?;
        Ok(Box::new(self.software_key(&identity)?))
    }

    fn note_revoked(
        &self,
        identity: &Identity,
        revoked: Option<Revoked>,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let text = revoked.as_ref().map(serde_json::to_string).transpose().map_err(unwritable)?;
        let (id, account) = (identity.id.clone(), identity.account.clone());
        self.change(|change| {
            change.execute("UPDATE identity SET revoked = ?2 WHERE id = ?1", params![id, text])?;
            change.journal(&Entry::IdentityRevoked { account, identity: id, revoked }, now)
        })
    }

    fn forget_request(&self, id: &str) -> Result<(), VaultError> {
        self.forget_key(id, |change| {
            change.execute("DELETE FROM identity_request WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Takes a key out of the keyring, then out of the database with what belongs to it.
    fn forget_key(
        &self,
        id: &str,
        with: impl FnOnce(&mut Change<'_>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let name = key_name(id);
        match self.keyring.delete(&entry_name(&self.id, &name)) {
            Ok(()) | Err(KeyringError::NoEntry) => {}
            Err(error) => return Err(error.into()),
        }
        self.change(|change| {
            change.execute("DELETE FROM secret WHERE name = ?1", [&name])?;
            with(change)
        })?;
        lock(&self.secrets).remove(&name);
        Ok(())
    }
}

fn identity_of(
    account: &Address,
    chain: &[Vec<u8>],
    place: Place,
    created_at: Timestamp,
) -> Identity {
    let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
    Identity {
        id: cades::fingerprint(leaf).chars().take(ID_LENGTH).collect(),
        account: account.clone(),
        chain: chain.to_vec(),
        place,
        revoked: None,
        created_at,
    }
}

/// What another row of the same certificate stands in the way of: an identity is one account's, and a
/// card does not take the place of a key that is kept here, which may be the only one.
fn may_keep(database: &Connection, identity: &Identity) -> Result<(), VaultError> {
    let Some(known) = all(database)?.into_iter().find(|one| one.id == identity.id) else {
        return Ok(());
    };
    if known.account != identity.account {
        let account = known.account.to_string();
        return Err(IdentityError::OtherAccount { account }.into());
    }
    match (known.place, &identity.place) {
        (Place::Software, Place::Card { .. }) => Err(IdentityError::KeyHere.into()),
        _ => Ok(()),
    }
}

/// Writes the row and its line in the journal. The same identity added again becomes the newest; what
/// its issuer said of it is not forgotten by that, nor by its removal before.
fn keep(change: &mut Change<'_>, identity: &Identity) -> Result<(), VaultError> {
    may_keep(change, identity)?;
    let Identity { id, account, chain, place, created_at, .. } = identity;
    let rows = serde_json::to_vec(chain).map_err(unwritable)?;
    let place = serde_json::to_string(place).map_err(unwritable)?;
    // One row at most: a removed one has none in the first table, and its row in the second goes here.
    let revoked: Option<Option<String>> = change
        .query_row(
            "SELECT revoked FROM identity WHERE id = ?1
             UNION ALL SELECT revoked FROM identity_revoked WHERE id = ?1",
            [id],
            |row| row.get(0),
        )
        .optional()?;
    change.execute("DELETE FROM identity_revoked WHERE id = ?1", [id])?;
    change.execute("DELETE FROM identity WHERE id = ?1", [id])?;
    change.execute(
        "INSERT INTO identity (id, account, chain, created_at, place, revoked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            id,
            account.to_string(),
            rows,
            created_at.as_millisecond(),
            place,
            revoked.flatten()
        ],
    )?;
    let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
    let entry = Entry::IdentityCreated {
        account: account.clone(),
        identity: id.clone(),
        certificate: cades::fingerprint(leaf),
    };
    change.journal(&entry, *created_at)
}

fn all(database: &Connection) -> Result<Vec<Identity>, VaultError> {
    let damaged = || VaultError::corrupt("a row of the identities");
    let mut statement = database.prepare_cached(
        "SELECT id, account, chain, created_at, place, revoked FROM identity ORDER BY seq",
    )?;
    let mut rows = statement.query([])?;
    let mut identities = Vec::new();
    while let Some(row) = rows.next()? {
        let account: String = row.get(1)?;
        let chain: Vec<u8> = row.get(2)?;
        let place: Option<String> = row.get(4)?;
        let revoked: Option<String> = row.get(5)?;
        let place = place.map(|text| serde_json::from_str(&text).map_err(|_| damaged()));
        let revoked = revoked.map(|text| serde_json::from_str(&text).map_err(|_| damaged()));
        identities.push(Identity {
            id: row.get(0)?,
            account: Address::parse(&account).map_err(|_| damaged())?,
            chain: serde_json::from_slice(&chain).map_err(|_| damaged())?,
            place: place.transpose()?.unwrap_or(Place::Software),
            revoked: revoked.transpose()?,
            created_at: time::from_ms(row.get(3)?),
        });
    }
    Ok(identities)
}

fn waiting(database: &Connection) -> Result<Vec<Pending>, VaultError> {
    let damaged = || VaultError::corrupt("a row of the requests for identities");
    let mut statement = database.prepare_cached(
        "SELECT id, account, request, created_at FROM identity_request ORDER BY seq",
    )?;
    let mut rows = statement.query([])?;
    let mut requests = Vec::new();
    while let Some(row) = rows.next()? {
        let account: String = row.get(1)?;
        requests.push(Pending {
            id: row.get(0)?,
            account: Address::parse(&account).map_err(|_| damaged())?,
            request: row.get(2)?,
            created_at: time::from_ms(row.get(3)?),
        });
    }
    Ok(requests)
}

/// The one whose id this is, or begins so.
fn only<T>(all: Vec<T>, id: &str, id_of: impl Fn(&T) -> &String) -> Result<T, VaultError> {
    let meant = |one: &T| id.len() >= ID_LEAST && id_of(one).starts_with(id);
    let mut meant = all.into_iter().filter(meant);
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(IdentityError::Unknown { id: id.to_owned() }.into()),
    }
}

fn unwritable(_: serde_json::Error) -> VaultError {
    VaultError::corrupt("an identity")
}

fn key_name(id: &str) -> String {
    format!("identity/{id}")
}

/// Half of a SHA-256, in hexadecimal.
const ID_LENGTH: usize = 32;
/// Fewer letters of an id are a slip of the hand.
const ID_LEAST: usize = 4;

#[cfg(test)]
#[path = "identities_tests.rs"]
mod tests;
