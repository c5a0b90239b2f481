//! What is kept, all encrypted: keyring, identities, outbox, journal, settings.
