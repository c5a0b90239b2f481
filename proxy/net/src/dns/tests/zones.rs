//! A private signed root and the zones below it, served by BIND for as long as the tests run.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

pub(super) struct World {
    pub(super) server: SocketAddr,
    /// The root's key as a DNSKEY line.
    pub(super) anchor: String,
    /// The same as a DS line.
    pub(super) anchor_ds: String,
    /// Its standard input ends with this process, and with that the name server.
    _named: Child,
}

impl World {
    pub(super) fn get() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(start)
    }
}

/// Zone, extra arguments to the signer (`None`: unsigned), records.
const ZONES: [(&str, Option<&[&str]>, &str); 11] = [
    ("unknown.test.", None, "@ TXT \"by an algorithm of tomorrow\"\n"),
    // Signed, and nobody above says so.
    ("island.test.", Some(&[]), "@ TXT island\n"),
    ("plain.optout.test.", None, "@ TXT \"below opt-out\"\n"),
    (
        "optout.test.",
        Some(&["-3", "-", "-H", "0", "-A"]),
        "@ TXT \"opt-out itself\"\nplain NS ns.test.\n",
    ),
    ("plain.test.", None, "@ TXT unsigned\n@ A 127.0.0.2\nmx A 127.0.0.2\nback CNAME test.\n"),
    (
        "n3.test.",
        Some(&["-3", "-", "-H", "0"]),
        "@ TXT \"by nsec3\"\nmx A 127.0.0.3\n*.wild TXT \"by nsec3 wildcard\"\n",
    ),
    ("changed.test.", Some(&[]), "@ TXT original\n"),
    ("expired.test.", Some(&["-s", "20200101000000", "-e", "20200201000000"]), "@ TXT late\n"),
    ("wrongds.test.", Some(&[]), "@ TXT unproved\n"),
    ("test.", Some(&[]), TEST),
    (".", Some(&[]), "test. NS ns.test.\nns.test. A 127.0.0.1\n"),
];

const TEST: &str = r#"
@ TXT "in the zone itself"
@ MX 10 mx
@ MX 20 mx.n3
mx A 127.0.0.1
mx AAAA ::1
_25._tcp.mx TLSA 3 1 1 abababababababababababababababababababababababababababababababab
nomail MX 0 .
*.wild TXT "by wildcard"
*.wild MX 5 mx
alias CNAME test.
into CNAME n3
out CNAME plain
mxalias CNAME mx
mxinto CNAME mx.n3
mxout CNAME mx.plain
plain NS ns
n3 NS ns
changed NS ns
expired NS ns
wrongds NS ns
island NS ns
optout NS ns
unknown NS ns
unknown DS 4711 200 2 abababababababababababababababababababababababababababababababab
*.cwild CNAME test.
moved DNAME wild
loop CNAME pool
pool CNAME loop
tobogus CNAME changed
toisland CNAME island
"#;

fn start() -> World {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().to_owned();
    let mut anchor = String::new();
    let mut served = String::new();
    for (zone, signed, records) in ZONES {
        let file = format!("zone-{zone}");
        let mut text = format!(
            "$ORIGIN {zone}\n$TTL 3600\n@ SOA ns.test. admin.test. 1 3600 600 86400 300\n@ NS ns.test.\n{records}"
        );
        if zone == "test." {
            text.push_str("ns A 127.0.0.1\n");
            for number in 0..12 {
                let _ = writeln!(text, "long TXT \"{number} {}\"", "x".repeat(200));
            }
        }
        for child in children(zone) {
            if let Ok(ds) = fs::read_to_string(dir.join(format!("dsset-{child}"))) {
                text.push_str(&ds);
            }
        }
        if let Some(arguments) = signed {
            anchor = sign(&dir, zone, &file, &text, arguments);
        } else {
            fs::write(dir.join(&file), text).unwrap();
        }
        let _ = writeln!(served, "zone \"{zone}\" {{ type primary; file \"{file}\"; }};");
    }
    let changed = dir.join("zone-changed.test.");
    let text = fs::read_to_string(&changed).unwrap().replace("original", "replaced");
    fs::write(&changed, text).unwrap();
    let (server, named) = serve(&dir, &served);
    // From here on the shell removes it.
    let _ = place.keep();
    World {
        server,
        anchor,
        anchor_ds: fs::read_to_string(dir.join("dsset-.")).unwrap(),
        _named: named,
    }
}

/// A root with nothing below it, whose signatures end so many seconds from now.
pub(super) fn brief(seconds: u32) -> World {
    let dir = tempfile::tempdir().unwrap().keep();
    let text = "$ORIGIN .\n$TTL 3600\n@ SOA ns. admin. 1 3600 600 86400 300\n@ NS ns.\n\
                ns A 127.0.0.1\nbrief TXT \"for a moment\"\n";
    let anchor = sign(&dir, ".", "zone-.", text, &["-e", &format!("now+{seconds}")]);
    let (server, named) = serve(&dir, "zone \".\" { type primary; file \"zone-.\"; };");
    World { server, anchor, anchor_ds: String::new(), _named: named }
}

fn children(zone: &str) -> Vec<&'static str> {
    let parent = |child: &str| {
        child != zone
            && child != "."
            && child != "island.test."
            && match zone {
                "." => child == "test.",
                _ => child.ends_with(&format!(".{zone}")),
            }
    };
    ZONES.iter().map(|zone| zone.0).filter(|child| parent(child)).collect()
}

/// Signs a zone with a key of its own and gives the key's DNSKEY line.
fn sign(dir: &Path, zone: &str, file: &str, text: &str, arguments: &[&str]) -> String {
    let keygen = ["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", zone];
    let key = run(dir, "dnssec-keygen", &keygen);
    let line = fs::read_to_string(dir.join(format!("{}.key", key.trim()))).unwrap();
    fs::write(dir.join(file), format!("{text}{line}")).unwrap();
    let mut all = vec!["-q", "-P", "-z", "-N", "keep", "-o", zone, "-f", file];
    all.extend_from_slice(arguments);
    all.extend_from_slice(&[file, key.trim()]);
    run(dir, "dnssec-signzone", &all);
    if zone == "wrongds.test." {
        let path = dir.join(format!("dsset-{zone}"));
        let ds = fs::read_to_string(&path).unwrap();
        let digest = ds.split_whitespace().nth(6).unwrap();
        fs::write(&path, ds.replace(digest, &"0".repeat(digest.len()))).unwrap();
    }
    line
}

fn serve(dir: &Path, zones: &str) -> (SocketAddr, Child) {
    // Another process may take the port between the choice and the start: then another is chosen.
    for _ in 0..20 {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_err() {
            continue;
        }
        drop(tcp);
        let path = dir.display();
        let port = address.port();
        let conf = format!(
            "options {{ directory \"{path}\"; listen-on port {port} {{ 127.0.0.1; }}; \
             listen-on-v6 {{ none; }}; recursion yes; pid-file none; session-keyfile none; \
             minimal-responses yes; dnssec-validation no; }};\ncontrols {{ }};\n{zones}"
        );
        fs::write(dir.join("named.conf"), conf).unwrap();
        // The shell ends the name server when this process is gone, however it went.
        let script = "named -f -n 1 -c named.conf >named.log 2>&1 & \
                      read -r again; kill $!; wait $!; [ \"$again\" ] || rm -rf \"$PWD\"";
        let mut named =
            command(dir, "sh").args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
        let started = std::time::Instant::now();
        while started.elapsed().as_secs() < 20 {
            if TcpStream::connect(address).is_ok() && UdpSocket::bind(address).is_err() {
                return (address, named);
            }
            std::thread::yield_now();
        }
        named.stdin.take().unwrap().write_all(b"again\n").unwrap();
        named.wait().unwrap();
    }
    panic!("named does not start; see {}", dir.display());
}

fn run(dir: &Path, program: &str, arguments: &[&str]) -> String {
    let done = command(dir, program).args(arguments).output();
    let done = done.unwrap_or_else(|error| {
        panic!("{program}: {error}; these tests need BIND 9 (bind9, bind9-utils)")
    });
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn command(dir: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    // A user's PATH does not always have the folder of the name server.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin")).current_dir(dir);
    command
}
