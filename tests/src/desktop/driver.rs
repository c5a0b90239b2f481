//! tauri-driver with WebKitWebDriver, and the WebDriver session in which an app runs.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::HarnessError;
use crate::guard::{Launch, Process};
use crate::place::Port;

/// A driver with the one app that it started. Both end with it.
pub(crate) struct Driver {
    // The client is told off before its driver goes.
    client: Option<Client>,
    runtime: Runtime,
    process: Process,
    _ports: [Port; 2],
}

impl Driver {
    /// Starts the app with these arguments and this environment.
    pub(crate) fn start(
        app: &Path,
        args: &[String],
        env: &[(String, String)],
        log: &Path,
    ) -> Result<Self, HarnessError> {
        // WebKitWebDriver gives the app a port that was free when it looked: another program may be quicker.
        for _ in 1..STARTS {
            match Self::try_start(app, args, env, log) {
                Err(HarnessError::Failed { said, .. }) if said.starts_with(REFUSED) => {}
                done => return done,
            }
        }
        Self::try_start(app, args, env, log)
    }

    fn try_start(
        app: &Path,
        args: &[String],
        env: &[(String, String)],
        log: &Path,
    ) -> Result<Self, HarnessError> {
        let ports = [Port::take()?, Port::take()?];
        let [port, native] = ports.each_ref().map(Port::number);
        let mut process = Launch::new(program()?.to_string_lossy())
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .only_env(env)
            .log(log)
            .start()?;
        let reached = |port: u16| TcpStream::connect(("127.0.0.1", port)).ok();
        process.until("its ports", |_| reached(port).and(reached(native)).map(drop))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(HarnessError::socket("a runtime for WebDriver"))?;
        let app = app.to_string_lossy();
        let wanted = json!({ "tauri:options": { "application": app, "args": args } });
        let wanted = wanted.as_object().cloned().unwrap_or_default();
        let client = runtime.block_on(connect(port, wanted));
        let client = client.map_err(|said| failed(&format!("{said}; {}", process.said())))?;
        Ok(Self { client: Some(client), runtime, process, _ports: ports })
    }

    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// Does one thing in the session.
    pub(crate) fn run<T>(
        &self,
        act: impl AsyncFnOnce(&Client) -> Result<T, CmdError>,
    ) -> Result<T, HarnessError> {
        let client = self.client.as_ref().ok_or(HarnessError::NotStarted("a session"))?;
        let act = async { tokio::time::timeout(ANSWER, act(client)).await };
        match self.runtime.block_on(act) {
            // In words the code of an error is left out.
            Ok(done) => done.map_err(|error| failed(&format!("{error:?}"))),
            Err(_) => Err(HarnessError::Late { what: "an answer of WebDriver".to_owned() }),
        }
    }

    /// Ends the session, and the app with it where it still runs.
    pub(crate) fn end(&mut self) {
        if let Some(client) = self.client.take() {
            // An app that has gone already has no session to end.
            let _ = self
                .runtime
                .block_on(async { tokio::time::timeout(FAREWELL, client.close()).await });
        }
        self.process.kill9();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

async fn connect(port: u16, wanted: Map<String, Value>) -> Result<Client, String> {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let at = format!("http://127.0.0.1:{port}");
    let client = builder.capabilities(wanted);
    match tokio::time::timeout(START, client.connect(&at)).await {
        Ok(client) => client.map_err(|error| format!("{REFUSED}{error}")),
        Err(_) => Err(format!("{REFUSED}no session in time")),
    }
}

pub(crate) fn failed(said: &str) -> HarnessError {
    HarnessError::Failed { program: "WebDriver".to_owned(), said: said.to_owned() }
}

/// tauri-driver as `scripts/setup test` installs it, or `TAURI_DRIVER`.
fn program() -> Result<PathBuf, HarnessError> {
    if let Some(path) = std::env::var_os("TAURI_DRIVER") {
        return Ok(path.into());
    }
    let own = std::env::current_exe().map_err(HarnessError::file("this test binary"))?;
    // target/debug/deps/desktop-0123: the tool is in target/tools/bin.
    let found = own.ancestors().skip(1).take(3).map(|folder| folder.join("tools/bin/tauri-driver"));
    found
        .into_iter()
        .find(|path| path.is_file())
        .ok_or(HarnessError::NotStarted("tauri-driver: `make setup-test` installs it"))
}

/// How it is told that the driver gave no session.
const REFUSED: &str = "no session: ";
const STARTS: usize = 3;
/// A debug build on a loaded machine starts in seconds.
const START: Duration = Duration::from_secs(120);
const ANSWER: Duration = Duration::from_secs(120);
const FAREWELL: Duration = Duration::from_secs(5);
