//! A resolver that stands before the real name server and lies.

use std::net::SocketAddr;
use std::sync::Arc;

use domain::base::iana::Rcode;
use domain::base::name::ToName;
use domain::base::{Message, MessageBuilder, Name, Rtype, Serial, Ttl};
use domain::rdata::{A, AllRecordData, Soa};
use tokio::net::UdpSocket;

use super::zones::World;

pub(super) struct Fake;

/// What is asked.
pub(super) struct Query {
    pub(super) name: String,
    pub(super) kind: Rtype,
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Say {
    /// What the name server says.
    Truth,
    /// What it says, changed.
    Changed(fn(&mut [u8])),
    /// What it says to somebody who asks for no signatures.
    Stripped,
    /// Nothing, with this code.
    Empty(Rcode),
    /// Nothing, with the SOA of another zone that is not signed.
    ForeignDenial(Rcode),
    /// Nothing, with the whole denial, signatures and all, of another name.
    DenialOf(&'static str, Rtype),
    /// An address, whatever is asked.
    Address([u8; 4]),
}

impl Fake {
    /// Starts on a port of the system's choice.
    pub(super) async fn start(rule: impl Fn(&Query) -> Say + Send + 'static) -> SocketAddr {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 4_096];
            loop {
                let Ok((count, client)) = socket.recv_from(&mut buffer).await else {
                    continue;
                };
                let query = Message::from_octets(buffer[..count].to_vec()).unwrap();
                let asked = query.sole_question().unwrap();
                let (name, kind) = (asked.qname().to_string(), asked.qtype());
                let say = rule(&Query { name, kind });
                let socket = Arc::clone(&socket);
                tokio::spawn(async move {
                    let reply = answer(&query, say).await;
                    socket.send_to(&reply, client).await.unwrap();
                });
            }
        });
        address
    }
}

async fn answer(query: &Message<Vec<u8>>, say: Say) -> Vec<u8> {
    match say {
        Say::Truth => ask(query.as_slice()).await,
        Say::Changed(change) => {
            let mut reply = ask(query.as_slice()).await;
            change(&mut reply);
            reply
        }
        Say::Stripped => {
            let mut bare = MessageBuilder::new_vec();
            *bare.header_mut() = query.header();
            let mut bare = bare.question();
            bare.push(query.sole_question().unwrap()).unwrap();
            ask(&bare.finish()).await
        }
        Say::Empty(code) => MessageBuilder::new_vec().start_answer(query, code).unwrap().finish(),
        Say::ForeignDenial(code) => {
            let reply = MessageBuilder::new_vec().start_answer(query, code).unwrap();
            let mut reply = reply.authority();
            let zone = Name::<Vec<u8>>::vec_from_str("plain.test.").unwrap();
            let second = Ttl::from_secs(1);
            let soa =
                Soa::new(zone.clone(), zone.clone(), Serial(1), second, second, second, second);
            reply.push((zone, 3_600, soa)).unwrap();
            reply.finish()
        }
        Say::DenialOf(name, kind) => {
            let denial = ask(&question(name, kind)).await;
            let denial = Message::from_octets(denial).unwrap();
            let reply = MessageBuilder::new_vec().start_answer(query, Rcode::NOERROR).unwrap();
            let mut reply = reply.authority();
            for record in denial.authority().unwrap().limit_to::<AllRecordData<_, _>>() {
                reply.push(record.unwrap()).unwrap();
            }
            reply.finish()
        }
        Say::Address(address) => {
            let mut reply = MessageBuilder::new_vec().start_answer(query, Rcode::NOERROR).unwrap();
            let name = query.sole_question().unwrap().qname().to_name::<Vec<u8>>();
            let [a, b, c, d] = address;
            reply.push((name, 0, A::from_octets(a, b, c, d))).unwrap();
            reply.finish()
        }
    }
}

/// A question with RD, DO and CD set.
pub(super) fn question(name: &str, kind: Rtype) -> Vec<u8> {
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_rd(true);
    message.header_mut().set_cd(true);
    let mut message = message.question();
    message.push((Name::<Vec<u8>>::vec_from_str(name).unwrap(), kind)).unwrap();
    let mut message = message.additional();
    message
        .opt(|opt| {
            opt.set_udp_payload_size(4_096);
            opt.set_dnssec_ok(true);
            Ok(())
        })
        .unwrap();
    message.finish()
}

pub(super) async fn ask(query: &[u8]) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(World::get().server).await.unwrap();
    socket.send(query).await.unwrap();
    let mut reply = vec![0; 4_096];
    let count = socket.recv(&mut reply).await.unwrap();
    reply.truncate(count);
    reply
}

/// Replaces bytes by as many others wherever they occur.
pub(super) fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    for at in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from) {
            bytes[at..at + from.len()].copy_from_slice(to);
        }
    }
}
