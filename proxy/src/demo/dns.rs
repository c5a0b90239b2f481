//! A name server for the demonstration: one signed root zone with everything in it.
//!
//! Every answer is signed when it is asked for (ECDSA P-256, RFC 6605), denials by an NSEC record
//! that stands at the name asked for (RFC 4470). The resolver of the product validates it against
//! this zone's key, exactly as it validates the internet's.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::net::UdpSocket;

/// The zone and its key.
pub(super) struct Zone {
    records: Vec<Record>,
    key: EcdsaKeyPair,
    inception: u32,
    expiration: u32,
}

struct Record {
    name: String,
    kind: u16,
    data: Vec<u8>,
}

struct Question {
    id: [u8; 2],
    flags: u16,
    name: String,
    kind: u16,
    raw: Vec<u8>,
}

impl Zone {
    /// An empty zone, valid from an hour ago for a day. `now` in seconds since 1970.
    pub(super) fn new(now: i64) -> io::Result<Self> {
        let random = |_| io::Error::other("the system gives no key for the demonstration's zone");
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(random)?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())
            .map_err(|_| io::Error::other("the demonstration's zone key cannot be used"))?;
        let now = u32::try_from(now).unwrap_or(u32::MAX / 2);
        let mut zone =
            Self { records: Vec::new(), key, inception: now - 3_600, expiration: now + 86_400 };
        let dnskey = zone.dnskey();
        zone.add("", DNSKEY, dnskey);
        Ok(zone)
    }

    /// The key of the zone as a trust anchor line.
    pub(super) fn trust_anchor(&self) -> String {
        format!(". 3600 IN DNSKEY 257 3 13 {}\n", STANDARD.encode(&self.dnskey()[4..]))
    }

    /// A TXT record.
    pub(super) fn txt(&mut self, name: &str, text: &str) {
        let mut data = Vec::new();
        for part in text.as_bytes().chunks(255) {
            data.push(u8::try_from(part.len()).unwrap_or(255));
            data.extend_from_slice(part);
        }
        self.add(name, TXT, data);
    }

    /// An MX record of preference 10.
    pub(super) fn mx(&mut self, name: &str, host: &str) {
        let mut data = vec![0, 10];
        data.extend(wire_name(host));
        self.add(name, MX, data);
    }

    /// An A record.
    pub(super) fn address(&mut self, name: &str, ip: Ipv4Addr) {
        self.add(name, A, ip.octets().to_vec());
    }

    /// A TLSA record 3 1 1: the SHA-256 of the server's public key.
    pub(super) fn tlsa(&mut self, name: &str, digest: &[u8]) {
        let mut data = vec![3, 1, 1];
        data.extend_from_slice(digest);
        self.add(name, TLSA, data);
    }

    fn add(&mut self, name: &str, kind: u16, data: Vec<u8>) {
        self.records.push(Record { name: name.to_ascii_lowercase(), kind, data });
    }

    fn dnskey(&self) -> Vec<u8> {
        let mut data = vec![1, 1, 3, ALGORITHM];
        // The public key without the byte that says "uncompressed" (RFC 6605 section 4).
        data.extend_from_slice(&self.key.public_key().as_ref()[1..]);
        data
    }

    /// RFC 4034 appendix B.
    fn key_tag(&self) -> u16 {
        let sum = self.dnskey().iter().enumerate().fold(0_u32, |sum, (at, byte)| {
            sum + (u32::from(*byte) << if at % 2 == 0 { 8 } else { 0 })
        });
        u16::try_from((sum + (sum >> 16)) & 0xffff).unwrap_or(0)
    }

    fn answer(&self, packet: &[u8]) -> Option<Vec<u8>> {
        let question = Question::parse(packet)?;
        let set: Vec<&[u8]> = self
            .records
            .iter()
            .filter(|record| record.name == question.name && record.kind == question.kind)
            .map(|record| record.data.as_slice())
            .collect();
        let mut body = Vec::new();
        let (answers, authority) = if set.is_empty() {
            let denied = self.denial(&question.name, &mut body)?;
            (0, denied)
        } else {
            (self.signed(&question.name, question.kind, &set, &mut body)?, 0)
        };
        let mut reply = Vec::new();
        reply.extend(question.id);
        // QR and AA; RD and CD as asked.
        reply.extend((0x8400 | (question.flags & 0x0110)).to_be_bytes());
        for count in [1, answers, authority, 1] {
            reply.extend(u16::to_be_bytes(count));
        }
        reply.extend(&question.raw);
        reply.extend(body);
        // EDNS (RFC 6891): 1232 octets, DNSSEC understood.
        reply.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0]);
        Some(reply)
    }

    /// SOA and NSEC, each with its signature: this name has other types than the one asked for.
    fn denial(&self, name: &str, body: &mut Vec<u8>) -> Option<u16> {
        let mut soa = vec![0, 0];
        for number in [1_u32, 3_600, 600, 86_400, 60] {
            soa.extend(number.to_be_bytes());
        }
        let mut next = vec![1, 0];
        next.extend(wire_name(name));
        next.extend(bitmap(self.kinds_at(name)));
        let count = self.signed("", SOA, &[&soa], body)?;
        Some(count + self.signed(name, NSEC, &[&next], body)?)
    }

    fn kinds_at(&self, name: &str) -> Vec<u16> {
        let own = self.records.iter().filter(|record| record.name == name);
        let mut kinds: Vec<u16> = own.map(|record| record.kind).chain([RRSIG, NSEC]).collect();
        if name.is_empty() {
            kinds.extend([SOA, NS]);
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Writes a set with its RRSIG (RFC 4034 section 3.1.8.1) and gives the number of records.
    fn signed(&self, name: &str, kind: u16, set: &[&[u8]], body: &mut Vec<u8>) -> Option<u16> {
        let owner = wire_name(name);
        let labels = if name.is_empty() { 0 } else { name.split('.').count() };
        let mut rrsig = Vec::new();
        rrsig.extend(kind.to_be_bytes());
        rrsig.extend([ALGORITHM, u8::try_from(labels).ok()?]);
        for number in [TTL, self.expiration, self.inception] {
            rrsig.extend(number.to_be_bytes());
        }
        rrsig.extend(self.key_tag().to_be_bytes());
        rrsig.push(0);
        let mut sorted = set.to_vec();
        sorted.sort_unstable();
        let mut signed = rrsig.clone();
        for data in &sorted {
            write_record(&owner, kind, data, &mut signed)?;
            write_record(&owner, kind, data, body)?;
        }
        let signature = self.key.sign(&SystemRandom::new(), &signed).ok()?;
        rrsig.extend_from_slice(signature.as_ref());
        write_record(&owner, RRSIG, &rrsig, body)?;
        u16::try_from(set.len() + 1).ok()
    }
}

impl Question {
    fn parse(packet: &[u8]) -> Option<Self> {
        let id = [*packet.first()?, *packet.get(1)?];
        let flags = u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]);
        let mut labels = Vec::new();
        let mut at = 12;
        loop {
            let length = usize::from(*packet.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            let label = packet.get(at..at + length).filter(|_| length < 64)?;
            labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
        let raw = packet.get(12..at + 4)?.to_vec();
        Some(Self { id, flags, name: labels.join("."), kind, raw })
    }
}

/// Serves the zone on a port of 127.0.0.1 that the system gives, until the task is dropped.
pub(super) async fn serve(
    zone: Arc<Zone>,
) -> io::Result<(SocketAddr, tokio::task::JoinHandle<()>)> {
    let socket = UdpSocket::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await?;
    let address = socket.local_addr()?;
    let task = tokio::spawn(async move {
        let mut packet = [0; 1_500];
        while let Ok((length, peer)) = socket.recv_from(&mut packet).await {
            if let Some(reply) = zone.answer(&packet[..length]) {
                let _ = socket.send_to(&reply, peer).await;
            }
        }
    });
    Ok((address, task))
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        wire.push(u8::try_from(label.len()).unwrap_or(63));
        wire.extend_from_slice(label.as_bytes());
    }
    wire.push(0);
    wire
}

fn write_record(owner: &[u8], kind: u16, data: &[u8], to: &mut Vec<u8>) -> Option<()> {
    to.extend_from_slice(owner);
    to.extend(kind.to_be_bytes());
    to.extend(1_u16.to_be_bytes());
    to.extend(TTL.to_be_bytes());
    to.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
    to.extend_from_slice(data);
    Some(())
}

/// The type bitmap of NSEC (RFC 4034 section 4.1.2); all types used here are in window 0.
fn bitmap(kinds: Vec<u16>) -> Vec<u8> {
    let mut bits = [0_u8; 32];
    for kind in kinds.into_iter().map(usize::from).filter(|kind| *kind < 256) {
        bits[kind / 8] |= 0x80 >> (kind % 8);
    }
    let length = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let mut map = vec![0, u8::try_from(length).unwrap_or(32)];
    map.extend_from_slice(&bits[..length]);
    map
}

/// ECDSA P-256 with SHA-256 (RFC 6605).
const ALGORITHM: u8 = 13;
/// Seconds; NTA records must stay within a day (R-DNS-2).
const TTL: u32 = 3_600;
const A: u16 = 1;
const NS: u16 = 2;
const SOA: u16 = 6;
const MX: u16 = 15;
const TXT: u16 = 16;
const RRSIG: u16 = 46;
const NSEC: u16 = 47;
const DNSKEY: u16 = 48;
const TLSA: u16 = 52;
