use std::path::Path;

use super::{Failure, Outcome, log_to_stderr, say, settings_path, stop, system_keyring};
use engine::{Engine, Protocol};
use settings::ListenTls;

/// `zorgzegel run`.
pub(crate) fn run(config: Option<&Path>) -> Result<Outcome, Failure> {
    let path = settings_path(config)?;
    let settings = settings::Settings::load(&path)?;
    log_to_stderr(settings.log.level.as_str());
    let engine = Engine::new(settings, Some(path), system_keyring())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(Failure::failed)?;
    runtime.block_on(async {
        let stop = stop::asked()?;
        let ready = |listeners: &[engine::Ready]| {
            for listener in listeners {
                let protocol = match listener.protocol {
                    Protocol::Smtp => "smtp",
                    Protocol::Imap => "imap",
                };
                let (address, tls) = (listener.address, word(listener.tls));
                let _ = say(format_args!("listening {protocol} {address} {tls}"));
            }
        };
        engine.run(ready, stop).await.map_err(Failure::from)
    })?;
    Ok(Outcome::Holds)
}

fn word(tls: ListenTls) -> &'static str {
    match tls {
        ListenTls::StartTls => "starttls",
        ListenTls::Implicit => "implicit",
        ListenTls::None => "none",
    }
}

/// Threads that serve sockets: a workstation's mail needs few, and each costs memory.
const WORKERS: usize = 2;
