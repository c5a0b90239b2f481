use std::net::IpAddr;

use domain::base::name::ToName;
use domain::base::{Message, Name, Record, Rtype};
use domain::rdata::{AllRecordData, Cname};
use mail::Domain;
use nta7516::facts::{Security, Seen, Tlsa, Trouble};
use nta7516::record::Txt;

use super::MxAnswer;

pub(super) type Owner = Name<Vec<u8>>;

/// A validated answer: what stands at the end of its CNAME chain.
pub(super) struct Answer {
    pub(super) security: Security,
    pub(super) why: Option<String>,
    /// Of a bogus answer the names that its judgement rested on: keys were asked for along the way
    /// from the root to each.
    pub(super) rests_on: Vec<Owner>,
    end: Owner,
    data: Vec<Data>,
    signed_ttl: Option<u32>,
}

/// The record types that this program asks for.
enum Data {
    Txt(Txt),
    Mx(u16, Owner),
    Ip(IpAddr),
    Tlsa(Tlsa),
    Srv(u16, u16, Owner),
}

impl Answer {
    /// Reads the answer section. Where a record cannot be read, or there are more than anyone needs,
    /// the whole answer is garbled: to pass over one could turn "a TLSA record" into "no TLSA
    /// record".
    pub(super) fn new(
        name: Owner,
        security: Security,
        why: Option<String>,
        reply: &Message<bytes::Bytes>,
    ) -> Result<Self, Trouble> {
        let rests_on = match security {
            Security::Bogus => names(&name, reply),
            _ => Vec::new(),
        };
        let (data, signed_ttl) = (Vec::new(), None);
        let mut answer = Self { security, why, rests_on, end: name, data, signed_ttl };
        let section = reply.answer().map_err(|_| Trouble::Garbled)?;
        let records: Vec<_> = section
            .limit_to::<AllRecordData<_, _>>()
            .take(RECORDS + 1)
            .collect::<Result<_, _>>()
            .map_err(|_| Trouble::Garbled)?;
        if records.len() > RECORDS {
            return Err(Trouble::Garbled);
        }
        answer.follow(&records);
        for record in &records {
            if record.owner().name_eq(&answer.end) {
                answer.read(record.ttl().as_secs(), record.data());
            }
        }
        Ok(answer)
    }

    /// Goes along the CNAME chain from the name asked for (RFC 1034 section 3.6.2).
    fn follow<N: ToName, O>(&mut self, records: &[Record<N, AllRecordData<O, N>>]) {
        for _ in 0..CHAIN {
            let next = records.iter().find_map(|record| match record.data() {
                AllRecordData::Cname(cname) if record.owner().name_eq(&self.end) => {
                    Some(cname.cname().to_name::<Vec<u8>>())
                }
                _ => None,
            });
            let Some(next) = next else { return };
            self.end = next;
        }
    }

    fn read<N: ToName, O: AsRef<[u8]> + domain::dep::octseq::Octets>(
        &mut self,
        ttl: u32,
        data: &AllRecordData<O, N>,
    ) {
        match data {
            AllRecordData::Txt(txt) => {
                self.data.push(Data::Txt(Txt::join(txt.iter(), ttl)));
            }
            AllRecordData::Mx(mx) => {
                self.data.push(Data::Mx(mx.preference(), mx.exchange().to_name()));
            }
            AllRecordData::Srv(srv) => {
                self.data.push(Data::Srv(srv.priority(), srv.port(), srv.target().to_name()));
            }
            AllRecordData::A(a) => self.data.push(Data::Ip(a.addr().into())),
            AllRecordData::Aaaa(aaaa) => self.data.push(Data::Ip(aaaa.addr().into())),
            AllRecordData::Tlsa(tlsa) => self.data.push(Data::Tlsa(Tlsa {
                usage: tlsa.usage().to_int(),
                selector: tlsa.selector().to_int(),
                matching: tlsa.matching_type().to_int(),
                data: tlsa.data().as_ref().to_vec(),
            })),
            AllRecordData::Rrsig(rrsig) if rrsig.type_covered() == Rtype::TXT => {
                self.signed_ttl = Some(rrsig.original_ttl().as_secs());
            }
            _ => {}
        }
    }

    /// The value with the state in which it came.
    pub(super) fn seen<T>(self, value: impl FnOnce(&Self) -> T) -> Seen<T> {
        let value = value(&self);
        Seen { security: self.security, value, why: self.why }
    }

    pub(super) fn txt(&self) -> Vec<Txt> {
        let own = self.data.iter().filter_map(|data| match data {
            Data::Txt(txt) => Some(txt.clone()),
            _ => None,
        });
        own.map(|txt| Txt { ttl: self.signed_ttl.unwrap_or(txt.ttl), ..txt }).collect()
    }

    pub(super) fn mx(&self) -> MxAnswer {
        let mut hosts = Vec::new();
        let mut null = false;
        for data in &self.data {
            let Data::Mx(preference, host) = data else {
                continue;
            };
            if host.is_root() {
                null = true;
            } else if let Ok(host) = Domain::parse(&host.to_string()) {
                hosts.push((*preference, host));
            }
        }
        match (hosts.is_empty(), null) {
            (true, true) => MxAnswer::Null,
            // Names that are no host names cannot be reached, and are no "no MX" either.
            (true, false) if !self.data.is_empty() => MxAnswer::Hosts(Vec::new()),
            (true, false) => MxAnswer::None,
            (false, _) => MxAnswer::Hosts(hosts),
        }
    }

    /// Host and port of the best service; none where the domain says that it has none.
    pub(super) fn srv(&self) -> Option<(Domain, u16)> {
        let services = self.data.iter().filter_map(|data| match data {
            Data::Srv(priority, port, host) if !host.is_root() => Some((priority, port, host)),
            _ => None,
        });
        let (_, port, host) = services.min_by_key(|(priority, ..)| **priority)?;
        Some((Domain::parse(&host.to_string()).ok()?, *port))
    }

    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let ip = |data: &Data| match data {
            Data::Ip(ip) => Some(*ip),
            _ => None,
        };
        self.data.iter().filter_map(ip).take(ADDRESSES).collect()
    }

    pub(super) fn tlsa(&self) -> Vec<Tlsa> {
        let tlsa = |data: &Data| match data {
            Data::Tlsa(tlsa) => Some(tlsa.clone()),
            _ => None,
        };
        self.data.iter().filter_map(tlsa).collect()
    }

    /// The end of the CNAME chain.
    pub(super) fn end(&self) -> Option<Domain> {
        Domain::parse(&self.end.to_string()).ok()
    }
}

/// The name that was asked for, the owners of all records, and where aliases lead: what the validator
/// may ask keys for.
fn names(asked: &Owner, reply: &Message<bytes::Bytes>) -> Vec<Owner> {
    let mut names = vec![asked.clone()];
    for section in [reply.answer(), reply.authority()].into_iter().flatten() {
        for record in section.flatten() {
            names.push(record.owner().to_name());
            if let Ok(Some(alias)) = record.to_record::<Cname<_>>() {
                names.push(alias.data().cname().to_name());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Records of one answer at most: a stranger's zone chooses how many it sends.
const RECORDS: usize = 500;
/// CNAMEs followed; resolvers stop at about the same number.
const CHAIN: usize = 12;
/// Addresses kept of one family.
const ADDRESSES: usize = 8;

#[cfg(test)]
mod tests {
    use core::str::FromStr;

    use domain::base::MessageBuilder;
    use domain::rdata::A;

    use super::*;

    #[test]
    fn an_answer_with_more_records_than_are_read_is_no_answer() {
        let name = Owner::from_str("x.test.").unwrap();
        let read = |count: u32| {
            let mut reply = MessageBuilder::new_vec().answer();
            for number in 0..count {
                reply.push((&name, 60, A::new(number.into()))).unwrap();
            }
            let reply = Message::from_octets(bytes::Bytes::from(reply.finish())).unwrap();
            Answer::new(name.clone(), Security::Secure, None, &reply).map(|read| read.data.len())
        };
        assert_eq!(read(500), Ok(500));
        assert_eq!(read(501), Err(Trouble::Garbled));
    }
}
