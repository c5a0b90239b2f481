//! What a domain's record says, and what is wrong with it (R-DNS-1, R-DNS-2).

use super::Verdict::{AnotherWay, Direct};
use super::Zone::{Above, Missing};
use super::{Case, Verdict, case, lasting, zoned};
use super::{VALID, Zone};

/// A domain of which only the records matter.
const fn record(
    domain: &'static str,
    purpose: &'static str,
    txt: &'static [&'static str],
    verdict: Verdict,
    step: &'static str,
) -> Case {
    zoned(Above, case(domain, purpose, txt, &[(10, GOOD)], verdict, step))
}

/// Two character-strings cannot hold it: they have 255 octets each at most (RFC 1035 section 3.3.14).
const LONG: &str = "v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;\
    ntamx=10 mx.goed.test;ntamx=20 een-reserve-met-een-lange-naam.noord.lang.test;\
    ntamx=30 een-reserve-met-een-lange-naam.oost.lang.test;\
    ntamx=40 een-reserve-met-een-lange-naam.zuid.lang.test;\
    ntamx=50 een-reserve-met-een-lange-naam.west.lang.test;\
    ntamx=60 een-reserve-met-een-lange-naam.midden.lang.test;\
    ntamx=70 een-reserve-met-een-lange-naam.elders.lang.test;\
    ntamx=80 een-reserve-met-een-lange-naam.verder.lang.test";

const GOOD: &str = "mx.goed.test";

/// The domains.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    record("tweerecords.test", "two records whose periods do not overlap", &["v=NTA7516-1;startdate=2019-01;enddate=2019-12;provider=OUD", VALID], Direct(GOOD), "R-SEND-5"),
    record("aansluitend.test", "two records, the second from the month after the first", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB", "v=NTA7516-1;startdate=2036-01;enddate=2038-12;provider=LAB"], Direct(GOOD), "R-SEND-5"),
    record("langrecord.test", "a record of more than 255 octets, in three character-strings", &[LONG], Direct(GOOD), "R-SEND-5"),
    record("gezelschap.test", "a record beside SPF and other TXT records", &["v=spf1 mx -all", VALID, "google-site-verification=abc", "nta7516", "MS=ms12345678"], Direct(GOOD), "R-SEND-5"),
    lasting(86_400, record("dagttl.test", "a record with a TTL of a day, the longest allowed", &[VALID], Direct(GOOD), "R-SEND-5")),
    record("kleinkenmerk.test", "another supplier, whose mark is in small letters", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=lab"], Direct(GOOD), "R-SEND-5"),
    record("leesteken.test", "a supplier's mark of punctuation, equals sign and colon included", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=a=b:c!~"], Direct(GOOD), "R-SEND-5"),
    record("eencijfer.test", "an ntamx whose priority has one digit", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=5 mx.goed.test"], Direct(GOOD), "R-SEND-5"),
    record("beide.test", "a professional's record beside a supplier's: it is both", &[VALID, "version=NTA7516-1;startdate:2020-01;enddate:2035-12"], Direct(GOOD), "R-SEND-5"),

    record("zonderclaim.test", "a sender whose domain claims nothing", &[], AnotherWay, "R-SEND-2"),
    zoned(Zone::Nsec3, record("zonderrecord.test", "no record; its mail host is good", &["v=spf1 -all"], AnotherWay, "R-SEND-2")),
    zoned(Missing, record("bestaatniet.test", "a domain that does not exist", &[], AnotherWay, "R-SEND-2")),
    record("kleineletter.test", "the first tag in a capital: no claim", &["V=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB"], AnotherWay, "R-SEND-2"),
    record("aangehaald.test", "the record within quotation marks that are part of it", &["\"v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB\""], AnotherWay, "R-SEND-2"),
    record("leveranciersrecord.test", "a supplier's record in place of the professional's", &["version=NTA7516-1;startdate:2020-01;enddate:2035-12"], AnotherWay, "R-SEND-2"),
    record("spatievooraf.test", "a blank before the record: no claim", &[" v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB"], AnotherWay, "R-SEND-2"),

    record("verlopen.test", "a record whose period is over", &["v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("toekomst.test", "a record whose period is to come", &["v=NTA7516-1;startdate=2090-01;enddate=2090-12;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("tussenin.test", "two valid records, and today is between them", &["v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=LAB", "v=NTA7516-1;startdate=2090-01;enddate=2090-12;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("omgekeerd.test", "it ends before it starts", &["v=NTA7516-1;startdate=2035-12;enddate=2020-01;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("overlap.test", "two records whose periods overlap", &[VALID, "v=NTA7516-1;startdate=2030-01;enddate=2036-12;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("zelfdemaand.test", "two records that share the one month in which both end and start", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB", "v=NTA7516-1;startdate=2035-12;enddate=2038-12;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("drierecords.test", "three records", &["v=NTA7516-1;startdate=2018-01;enddate=2018-12;provider=LAB", "v=NTA7516-1;startdate=2019-01;enddate=2019-12;provider=LAB", VALID], AnotherWay, "R-SEND-3"),
    record("goedenslecht.test", "a good record and one that breaks the grammar", &[VALID, "v=NTA7516-1;startdate=2036-01"], AnotherWay, "R-SEND-3"),
    lasting(200_000, record("langettl.test", "a record with a TTL of 200000 s (R-DNS-2)", &[VALID], AnotherWay, "R-SEND-3")),
    lasting(86_401, record("dagenmeer.test", "a record with a TTL of a day and a second", &[VALID], AnotherWay, "R-SEND-3")),
    record("ongeldig.test", "a record that breaks the grammar", &["v=NTA7516-1; startdate=2020-1;enddate=2035-12;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("spatie.test", "a blank after the semicolons", &["v=NTA7516-1; startdate=2020-01; enddate=2035-12; provider=LAB"], AnotherWay, "R-SEND-3"),
    record("concept.test", "the dialect of the guide's draft", &["v=NTA7516;version:1;startdate:2020-01;enddate:2035-12;provider:LAB"], AnotherWay, "R-SEND-3"),
    record("startdubbelepunt.test", "a colon behind startdate", &["v=NTA7516-1;startdate:2020-01;enddate=2035-12;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("ntamxdubbelepunt.test", "a colon behind ntamx", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx:10 mx.goed.test"], AnotherWay, "R-SEND-3"),
    record("aanhalingsteken.test", "a quotation mark in the record", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=L\"AB"], AnotherWay, "R-SEND-3"),
    record("hoofdletter.test", "a tag with a capital", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;Provider=LAB"], AnotherWay, "R-SEND-3"),
    record("onbekendetag.test", "a tag that nobody knows", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;extra=1"], AnotherWay, "R-SEND-3"),
    record("andervolgorde.test", "the fields in another order", &["v=NTA7516-1;provider=LAB;startdate=2020-01;enddate=2035-12"], AnotherWay, "R-SEND-3"),
    record("puntkomma.test", "a semicolon at the end", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;"], AnotherWay, "R-SEND-3"),
    record("versie2.test", "a version that is not known here", &["v=NTA7516-2;startdate=2020-01;enddate=2035-12;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("legeleverancier.test", "no supplier", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider="], AnotherWay, "R-SEND-3"),
    record("zonderleverancier.test", "the field for the supplier is left out", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12"], AnotherWay, "R-SEND-3"),
    record("nietascii.test", "octets over 126 in the supplier's mark", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LÁB"], AnotherWay, "R-SEND-3"),
    record("maand13.test", "a thirteenth month", &["v=NTA7516-1;startdate=2020-01;enddate=2035-13;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("dag.test", "a date with a day", &["v=NTA7516-1;startdate=2020-01-01;enddate=2035-12-31;provider=LAB"], AnotherWay, "R-SEND-3"),
    record("ntamxadres.test", "an ntamx that is an address", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 127.0.0.1"], AnotherWay, "R-SEND-3"),
    record("viercijfers.test", "an ntamx whose priority has four digits", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=1000 mx.goed.test"], AnotherWay, "R-SEND-3"),
    record("zonderpriority.test", "an ntamx without priority", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=mx.goed.test"], AnotherWay, "R-SEND-3"),
];
