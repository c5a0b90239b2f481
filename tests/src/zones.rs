//! The zones of the test world: their text, and their signatures.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::HarnessError;
use crate::domains::{Case, DOMAINS, PROVIDER, Tlsa, Zone};
use crate::guard::run;
use crate::place::write;

/// A host as the zones publish it.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) tlsa: Tlsa,
    /// SHA-256 of the public key that the TLSA record is about, in hexadecimal.
    pub(crate) key: String,
}

/// What named loads: zone name (with the last dot) and file; and the root's DNSKEY line.
#[derive(Debug)]
pub(crate) struct Zones {
    pub(crate) files: Vec<(String, PathBuf)>,
    pub(crate) anchor: String,
}

/// Writes and signs all zones in this folder; `name` has one more TXT record.
pub(crate) fn make(
    folder: &Path,
    hosts: &[Published],
    (name, txt): &(String, String),
    port: u16,
) -> Result<Zones, HarnessError> {
    let mut jobs: Vec<(String, Zone, String)> = DOMAINS
        .iter()
        .map(|case| {
            let mut text = start(case.apex());
            text.push_str(&mail_records(case));
            text.push_str(&host_records(case.apex(), hosts, port));
            if name.ends_with(&format!(".{}", case.apex())) {
                text.push_str(&format!("{name}. TXT {}\n", strings(txt)));
            }
            (format!("{}.", case.apex()), case.zone, text)
        })
        .collect();
    jobs.push((format!("{PROVIDER}."), Zone::Nsec, provider_zone(hosts, port)));
    let signed = sign_all(folder, &jobs)?;

    let mut test = start("test");
    for (name, _, ds) in &signed {
        test.push_str(&format!("{name} NS ns.{PROVIDER}.\n{ds}"));
    }
    let test = sign(folder, "test.", Zone::Nsec3, &test)?;
    let root = format!("{}test. NS ns.{PROVIDER}.\n{}", start(""), test.2);
    let root = sign(folder, ".", Zone::Nsec, &root)?;
    let anchor = anchor(folder)?;
    let files = signed.into_iter().chain([test, root]).map(|(name, file, _)| (name, file));
    Ok(Zones { files: files.collect(), anchor })
}

fn start(apex: &str) -> String {
    // The name server's address stands in its own zone, and as glue above it.
    let above = [PROVIDER, "test", ""].contains(&apex);
    let glue = if above { format!("ns.{PROVIDER}. A 127.0.0.1\n") } else { String::new() };
    format!(
        "$TTL 300\n{apex}. SOA ns.{PROVIDER}. beheer.{PROVIDER}. 1 3600 600 86400 60\n\
         {apex}. NS ns.{PROVIDER}.\n{glue}"
    )
}

fn mail_records(case: &Case) -> String {
    let mut text = String::new();
    let (domain, ttl) = (case.domain, case.ttl());
    for txt in case.txt {
        text.push_str(&format!("{domain}. {ttl} TXT {}\n", strings(txt)));
    }
    for (preference, host) in case.mx {
        let host = if *host == "." { ".".to_owned() } else { format!("{host}.") };
        text.push_str(&format!("{domain}. MX {preference} {host}\n"));
    }
    text
}

/// A TXT record's data in two character-strings and more, as long records come (R-DNS-1).
fn strings(txt: &str) -> String {
    let (first, rest) = txt.split_at_checked(40).unwrap_or((txt, ""));
    let rest: Vec<char> = rest.chars().collect();
    let rest = rest.chunks(255).map(|part| format!(" \"{}\"", String::from_iter(part)));
    format!("\"{first}\"{}", rest.collect::<String>())
}

fn host_records(apex: &str, hosts: &[Published], port: u16) -> String {
    let mut text = String::new();
    for host in hosts.iter().filter(|host| host.name.ends_with(&format!(".{apex}"))) {
        let Published { name, address, key, .. } = host;
        text.push_str(&format!("{name}. A {address}\n"));
        let data = match host.tlsa {
            Tlsa::Absent => continue,
            Tlsa::Ee => format!("3 1 1 {key}"),
            Tlsa::Ta => format!("2 1 1 {key}"),
            Tlsa::Mismatch => format!("3 1 1 {}", "0123456789ABCDEF".repeat(4)),
            Tlsa::Unusable => format!("1 1 1 {key}"),
        };
        // Real senders ask for port 25, the product under test for the port it really uses.
        for at in [25, port] {
            text.push_str(&format!("_{at}._tcp.{name}. TLSA {data}\n"));
        }
    }
    text
}

fn provider_zone(hosts: &[Published], port: u16) -> String {
    let supplier = "version=NTA7516-1;startdate:2020-01;enddate:2035-12";
    let mut text = start(PROVIDER);
    text.push_str(&format!("{PROVIDER}. TXT {}\n", strings(supplier)));
    text.push_str(&host_records(PROVIDER, hosts, port));
    text
}

type Signed = (String, PathBuf, String);

fn sign_all(folder: &Path, jobs: &[(String, Zone, String)]) -> Result<Vec<Signed>, HarnessError> {
    let share = jobs.len().div_ceil(SIGNERS).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = jobs
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    let signed =
                        part.iter().map(|(name, zone, text)| sign(folder, name, *zone, text));
                    signed.collect::<Result<Vec<Signed>, HarnessError>>()
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            let part = thread.join().map_err(|_| HarnessError::Late { what: "signing".into() })?;
            all.extend(part?);
        }
        Ok(all)
    })
}

/// Writes and signs one zone: its name, its file, and the DS lines for its parent.
fn sign(folder: &Path, name: &str, zone: Zone, text: &str) -> Result<Signed, HarnessError> {
    let stem = if name == "." { "root".to_owned() } else { name.trim_end_matches('.').to_owned() };
    let plain = folder.join(format!("{stem}.zone"));
    if zone == Zone::Unsigned {
        write(&plain, text)?;
        return Ok((name.to_owned(), plain, String::new()));
    }
    let key = keygen(folder, name)?;
    write(&plain, format!("{text}$INCLUDE {key}.key\n"))?;
    let file = folder.join(format!("{stem}.signed"));
    let mut command = Command::new("dnssec-signzone");
    // -z: the one key signs everything.
    command.current_dir(folder).args(["-q", "-z", "-o", name, "-f"]).arg(&file);
    match zone {
        Zone::Nsec3 => drop(command.args(["-3", "ab12"])),
        // -P: it would refuse to write what does not verify.
        Zone::ExpiredSignatures => drop(command.args(EXPIRED)),
        _ => {}
    }
    run(command.arg(&plain))?;
    spoil(&file, zone)?;
    let ds = if zone == Zone::WrongDs { keygen(folder, name)? } else { key };
    let ds = run(Command::new("dnssec-dsfromkey").current_dir(folder).args(["-2", &ds]))?;
    Ok((name.to_owned(), file, ds))
}

fn keygen(folder: &Path, name: &str) -> Result<String, HarnessError> {
    let mut command = Command::new("dnssec-keygen");
    command.current_dir(folder).args(["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", name]);
    Ok(run(&mut command)?.trim().to_owned())
}

/// Alters what was signed.
fn spoil(file: &Path, zone: Zone) -> Result<(), HarnessError> {
    let (from, to) = match zone {
        Zone::BogusTxt => ("provider=LAB", "provider=LAX"),
        Zone::BogusTlsa => ("TLSA\t3 1 1", "TLSA\t3 0 1"),
        _ => return Ok(()),
    };
    let text = fs::read_to_string(file).map_err(HarnessError::file(file))?;
    if !text.contains(from) {
        let said = format!("nothing to spoil in {}", file.display());
        return Err(HarnessError::Failed { program: "dnssec-signzone".to_owned(), said });
    }
    write(file, text.replace(from, to))
}

/// The root's DNSKEY as one line.
fn anchor(folder: &Path) -> Result<String, HarnessError> {
    let entries = fs::read_dir(folder).map_err(HarnessError::file(folder))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("K.+") && name.ends_with(".key") {
            let text = fs::read_to_string(&path).map_err(HarnessError::file(&path))?;
            let line = text.lines().find(|line| !line.starts_with(';'));
            return Ok(format!("{}\n", line.unwrap_or_default()));
        }
    }
    Err(HarnessError::Late { what: "the root's key".to_owned() })
}

const EXPIRED: [&str; 5] = ["-P", "-s", "20200101000000", "-e", "20200201000000"];
/// Two: the smallest machine that the tests run on has two processors.
const SIGNERS: usize = 2;
