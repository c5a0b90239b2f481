//! The zones of the test world: their text, and their signatures.
//!
//! All are signed with one key, which each vouches for under its own name: making keys would cost
//! more than signing. What proves a zone is its parent's DS, which is of name and key.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};

use crate::HarnessError;
use crate::domains::publishes::BELOW;
use crate::domains::{self, Case, PROVIDER, Spoil, Zone};
use crate::guard::run;
use crate::place::write;

/// A host as the zones publish it.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) name: String,
    pub(crate) at: At,
    /// TLSA data, and below which name they stand.
    pub(crate) tlsa: Vec<(Below, String)>,
}

/// Where a host's name leads.
#[derive(Debug)]
pub(crate) enum At {
    Address(Ipv4Addr),
    Alias(String),
}

/// The name before the host's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Below {
    /// `_port._tcp`, for port 25 and the world's.
    Port,
    /// `*._tcp`
    Wildcard,
}

/// What named loads: zone name (with the last dot) and file; and the root's DNSKEY line.
#[derive(Debug)]
pub(crate) struct Zones {
    pub(crate) files: Vec<(String, PathBuf)>,
    pub(crate) anchor: String,
}

/// A zone to be written.
struct Plan {
    apex: &'static str,
    zone: Zone,
    text: String,
}

/// Writes and signs all zones in this folder; `text` is the name and text of one more TXT record.
pub(crate) fn make(
    folder: &Path,
    hosts: &[Published],
    text: &(String, String),
    port: u16,
) -> Result<Zones, HarnessError> {
    let key = Key::make(folder)?;
    let plans = plans(&key, hosts, text, port);
    let anchor = key.line("");
    Ok(Zones { files: sign_all(folder, &key, &plans)?, anchor })
}

fn plans(key: &Key, hosts: &[Published], (name, text): &(String, String), port: u16) -> Vec<Plan> {
    let fixed = [("", Zone::Nsec), (TOP, Zone::Nsec3), (PROVIDER, Zone::Nsec)];
    let own = domains::all().filter_map(|case| Some((case.apex()?, case.zone)));
    let zones: Vec<(&str, Zone)> = fixed.into_iter().chain(own).collect();
    let plan = |(apex, zone)| Plan { apex, zone, text: start(apex) };
    let mut plans: Vec<Plan> = zones.iter().copied().map(plan).collect();
    let mut add = |name: &str, inside: bool, text: String| {
        let home = home(&zones, name, inside);
        let plan = plans.iter_mut().find(|plan| plan.apex == home);
        plan.map(|plan| plan.text.push_str(&text))
    };
    for (apex, zone) in zones.iter().filter(|(apex, _)| !apex.is_empty()) {
        add(apex, false, format!("{apex}. NS ns.{PROVIDER}.\n{}", key.ds(apex, *zone)));
    }
    for case in domains::all().filter(|case| case.zone != Zone::Missing) {
        add(case.domain, true, mail_records(case));
    }
    let below = BELOW.iter().map(|(domain, name, text)| (format!("{name}.{domain}"), *text));
    for (name, text) in below.chain([(name.clone(), text.as_str())]) {
        add(&name, false, format!("{name}. TXT {}\n", strings(text.as_bytes())));
    }
    for host in hosts {
        add(&host.name, true, host_records(host, port));
    }
    let supplier = "version=NTA7516-1;startdate:2020-01;enddate:2035-12";
    add(PROVIDER, true, format!("{PROVIDER}. TXT {}\n", strings(supplier.as_bytes())));
    plans
}

/// The zone that a name stands in: its own, where it may be inside, or the closest above it.
fn home<'a>(zones: &[(&'a str, Zone)], name: &str, inside: bool) -> &'a str {
    let above = |apex: &str| apex.is_empty() || name.ends_with(&format!(".{apex}"));
    let apexes = zones.iter().map(|(apex, _)| *apex);
    let homes = apexes.filter(|apex| above(apex) || (inside && *apex == name));
    homes.max_by_key(|apex| apex.len()).unwrap_or_default()
}

fn start(apex: &str) -> String {
    // The name server's address stands in its own zone, and as glue above it.
    let above = [PROVIDER, TOP, ""].contains(&apex);
    let glue = if above { format!("ns.{PROVIDER}. A 127.0.0.1\n") } else { String::new() };
    format!(
        "$TTL 300\n{apex}. SOA ns.{PROVIDER}. beheer.{PROVIDER}. 1 3600 600 86400 60\n\
         {apex}. NS ns.{PROVIDER}.\n{glue}"
    )
}

fn mail_records(case: &Case) -> String {
    let mut text = String::new();
    let (domain, ttl) = (case.domain, case.ttl);
    for txt in case.txt {
        text.push_str(&format!("{domain}. {ttl} TXT {}\n", strings(txt.as_bytes())));
    }
    for (preference, host) in case.mx {
        let host = if *host == "." { ".".to_owned() } else { format!("{host}.") };
        text.push_str(&format!("{domain}. MX {preference} {host}\n"));
    }
    text
}

/// A TXT record's data in character-strings, the first one short, as long records come (R-DNS-1).
fn strings(txt: &[u8]) -> String {
    let (first, rest) = txt.split_at(txt.len().min(40));
    let strings = [first].into_iter().chain(rest.chunks(200));
    strings.map(|string| format!("\"{}\" ", quoted(string))).collect()
}

/// RFC 1035 section 5.1: what cannot be written as it is.
fn quoted(string: &[u8]) -> String {
    let octet = |octet: &u8| match octet {
        b'"' | b'\\' => format!("\\{}", char::from(*octet)),
        b' '..=b'~' => char::from(*octet).to_string(),
        _ => format!("\\{octet:03}"),
    };
    string.iter().map(octet).collect()
}

fn host_records(host: &Published, port: u16) -> String {
    let name = &host.name;
    let mut text = match &host.at {
        At::Address(address) => format!("{name}. A {address}\n"),
        At::Alias(other) => format!("{name}. CNAME {other}.\n"),
    };
    for (below, data) in &host.tlsa {
        // Real senders ask for port 25, the product under test for the port it really uses.
        let below = match below {
            Below::Port => vec!["_25._tcp".to_owned(), format!("_{port}._tcp")],
            Below::Wildcard => vec!["*._tcp".to_owned()],
        };
        for below in below {
            text.push_str(&format!("{below}.{name}. TLSA {data}\n"));
        }
    }
    text
}

/// The key of all zones.
struct Key {
    /// Algorithm and key tag as file names have them: `+013+12345`.
    id: String,
    /// `257 3 13 base64`
    data: String,
    /// The same as octets.
    wire: Vec<u8>,
    private: PathBuf,
}

impl Key {
    fn make(folder: &Path) -> Result<Self, HarnessError> {
        let mut command = Command::new("dnssec-keygen");
        command.current_dir(folder).args(["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "."]);
        let stem = run(&mut command)?.trim().to_owned();
        let file = folder.join(format!("{stem}.key"));
        let text = fs::read_to_string(&file).map_err(HarnessError::file(&file))?;
        let line = text.lines().find(|line| !line.starts_with(';')).unwrap_or_default();
        let (_, data) = line.split_once("DNSKEY ").unwrap_or_default();
        let base64: String = data.split(' ').skip(3).collect();
        let mut wire = vec![1, 1, 3, 13];
        wire.extend(octets(&base64));
        let id = stem.trim_start_matches("K.").to_owned();
        let private = folder.join(format!("{stem}.private"));
        Ok(Self { id, data: data.to_owned(), wire, private })
    }

    /// The DNSKEY line of a zone.
    fn line(&self, apex: &str) -> String {
        format!("{apex}. IN DNSKEY {}\n", self.data)
    }

    /// The DS line of a zone for its parent (RFC 4034 section 5.1.4); empty for a zone that nobody
    /// vouches for.
    fn ds(&self, apex: &str, zone: Zone) -> String {
        let mut key = self.wire.clone();
        match (zone, key.last_mut()) {
            (Zone::Unsigned | Zone::Island, _) => return String::new(),
            (Zone::WrongDs, Some(last)) => *last ^= 1,
            _ => {}
        }
        let labels = apex.split('.').chain([""]);
        let length = |label: &str| u8::try_from(label.len()).unwrap_or(0);
        let owner = labels.flat_map(|label| [&[length(label)], label.as_bytes()].concat());
        let hash = digest(&SHA256, &owner.chain(key).collect::<Vec<u8>>());
        let hash: String = hash.as_ref().iter().map(|octet| format!("{octet:02X}")).collect();
        let tag = self.id.rsplit('+').next().unwrap_or_default();
        format!("{apex}. DS {tag} 13 2 {hash}\n")
    }

    /// Makes it the zone's own under the names that the signer looks for.
    fn lend(&self, folder: &Path, apex: &str) -> Result<String, HarnessError> {
        let stem = format!("K{apex}.{}", self.id);
        write(&folder.join(format!("{stem}.key")), self.line(apex))?;
        let private = folder.join(format!("{stem}.private"));
        if private != self.private {
            fs::copy(&self.private, &private).map_err(HarnessError::file(&private))?;
        }
        Ok(stem)
    }
}

/// The octets of a text in base64 (RFC 4648 section 4).
fn octets(base64: &str) -> Vec<u8> {
    let value = |c: u8| BASE64.iter().position(|&one| one == c);
    let digits: Vec<usize> = base64.bytes().filter_map(value).collect();
    let mut octets = Vec::new();
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - four.len()));
        let three = [bits >> 16, bits >> 8, bits].map(|octet| (octet & 0xff) as u8);
        octets.extend(three.into_iter().take(four.len() - 1));
    }
    octets
}

fn sign_all(
    folder: &Path,
    key: &Key,
    plans: &[Plan],
) -> Result<Vec<(String, PathBuf)>, HarnessError> {
    let share = plans.len().div_ceil(SIGNERS).max(1);
    std::thread::scope(|scope| {
        let sign_part = |part: &[Plan]| -> Result<Vec<_>, HarnessError> {
            part.iter()
                .map(|plan| Ok((format!("{}.", plan.apex), sign(folder, key, plan)?)))
                .collect()
        };
        let parts = plans.chunks(share);
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || sign_part(part))).collect();
        let mut all = Vec::new();
        for thread in threads {
            let part = thread.join().map_err(|_| HarnessError::Late { what: "signing".into() })?;
            all.extend(part?);
        }
        Ok(all)
    })
}

/// Writes and signs one zone; its file.
fn sign(folder: &Path, key: &Key, plan: &Plan) -> Result<PathBuf, HarnessError> {
    let Plan { apex, zone, text } = plan;
    let stem = if apex.is_empty() { "root" } else { apex };
    let plain = folder.join(format!("{stem}.zone"));
    if *zone == Zone::Unsigned {
        write(&plain, text)?;
        return Ok(plain);
    }
    let own = key.lend(folder, apex)?;
    write(&plain, format!("{text}$INCLUDE {own}.key\n"))?;
    let file = folder.join(format!("{stem}.signed"));
    let mut command = Command::new("dnssec-signzone");
    // -z: the one key signs everything. -P: it would refuse to write what does not verify, and ask
    // for time to see that. -O full: a record a line.
    command.current_dir(folder).args(["-q", "-z", "-P", "-O", "full", "-o", apex_or_root(apex)]);
    match zone {
        Zone::Nsec3 => drop(command.args(["-3", "ab12"])),
        Zone::OptOut => drop(command.args(["-3", "ab12", "-A"])),
        Zone::ExpiredSignatures => drop(command.args(EXPIRED)),
        Zone::FutureSignatures => drop(command.args(FUTURE)),
        _ => {}
    }
    run(command.arg("-f").arg(&file).arg(&plain))?;
    if let Zone::Spoilt(what) = zone {
        let text = fs::read_to_string(&file).map_err(HarnessError::file(&file))?;
        write(&file, spoil(&text, *what, apex)?)?;
    }
    Ok(file)
}

fn apex_or_root(apex: &str) -> &str {
    if apex.is_empty() { "." } else { apex }
}

/// Alters what was signed, line by line.
fn spoil(text: &str, what: Spoil, apex: &str) -> Result<String, HarnessError> {
    let mut changed = false;
    let mut spoilt = String::new();
    for line in text.lines() {
        let after = spoil_line(line, what);
        changed |= after.as_deref() != Some(line);
        spoilt.extend(after.into_iter().flat_map(|line| [line, "\n".to_owned()]));
    }
    if changed {
        return Ok(spoilt);
    }
    let said = format!("nothing to spoil in {apex}");
    Err(HarnessError::Failed { program: "dnssec-signzone".to_owned(), said })
}

/// `name ttl IN TYPE data`; what stands in its place.
fn spoil_line(line: &str, what: Spoil) -> Option<String> {
    let mut words = line.split_whitespace().skip(3);
    let kind = words.next().unwrap_or_default();
    let covered = if kind == "RRSIG" { words.next().unwrap_or_default() } else { "" };
    let changed = |from: &str, to: &str| Some(line.replacen(from, to, 1));
    match (what, kind) {
        (Spoil::Txt, "TXT") => changed("provider=LAB", "provider=LAX"),
        (Spoil::Mx, "MX") => changed("\t10 ", "\t11 "),
        (Spoil::Addresses, "A") => changed("\t127.", "\t126."),
        (Spoil::Tlsa, "TLSA") => changed("\t3 1 1", "\t3 0 1"),
        (Spoil::NoTxt, "TXT") | (Spoil::NoMx, "MX") | (Spoil::NoTlsa, "TLSA") => None,
        (Spoil::NoTxt | Spoil::NoSignature, "RRSIG") if covered == "TXT" => None,
        (Spoil::NoMx, "RRSIG") if covered == "MX" => None,
        (Spoil::NoTlsa, "RRSIG") if covered == "TLSA" => None,
        _ => Some(line.to_owned()),
    }
}

/// The zone below the root.
const TOP: &str = "test";
const EXPIRED: [&str; 4] = ["-s", "20200101000000", "-e", "20200201000000"];
const FUTURE: [&str; 4] = ["-s", "20900101000000", "-e", "20910101000000"];
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Two: the smallest machine that the tests run on has two processors.
const SIGNERS: usize = 2;
