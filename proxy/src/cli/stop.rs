//! When this process is asked to end.

/// Done when the process is asked to end; never where the system cannot tell.
pub async fn told_to_end() {
    match asked() {
        Ok(stop) => stop.await,
        Err(_) => core::future::pending().await,
    }
}

/// Done when the process is asked to end: SIGINT or SIGTERM.
#[cfg(unix)]
pub(crate) fn asked() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done when the process is asked to end: Ctrl-C or Ctrl-Break, its console closed, the user logs
/// off, or the computer stops. After the last three Windows gives a few seconds.
#[cfg(windows)]
pub(crate) fn asked() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows;
    let mut interrupt = windows::ctrl_c()?;
    let mut stop = windows::ctrl_break()?;
    let mut close = windows::ctrl_close()?;
    let mut log_off = windows::ctrl_logoff()?;
    let mut shutdown = windows::ctrl_shutdown()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = stop.recv() => {}
            _ = close.recv() => {}
            _ = log_off.recv() => {}
            _ = shutdown.recv() => {}
        }
    })
}
