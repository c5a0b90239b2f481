//! What a supplier says of itself (R-DNS-4), as the provider of an account whose route `provider` it
//! is. As mail domains they claim nothing.

use super::Verdict::{AnotherWay, Refuse};
use super::Zone::{Above, Spoilt, Unsigned};
use super::{Case, Spoil, Verdict, case, zoned};

/// A supplier that an account submits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supplier {
    /// Its submission host; its record stands at one of the domains above that.
    pub host: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Why nothing goes by it (R-SEND-10); `None`: it may.
    pub no: Option<Verdict>,
}

/// The suppliers' domains.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    zoned(Above, case("lever-is.test", "a supplier's record with equals signs", &["version=NTA7516-1;startdate=2020-01;enddate=2035-12"], &[], AnotherWay, "R-SEND-2")),
    zoned(Unsigned, case("lever-onveilig.test", "a supplier's record in an unsigned zone", &["version=NTA7516-1;startdate:2020-01;enddate:2035-12"], &[], AnotherWay, "R-SEND-2")),
    zoned(Above, case("lever-verlopen.test", "a supplier's record whose year is over", &["version=NTA7516-1;startdate:2019-06;enddate:2020-09"], &[], AnotherWay, "R-SEND-2")),
    zoned(Above, case("lever-kapot.test", "a supplier's record that breaks the grammar", &["version=NTA7516-1;startdate:2020-01"], &[], AnotherWay, "R-SEND-2")),
    zoned(Above, case("lever-anders.test", "a professional's record in place of the supplier's", &["v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=LAB"], &[], AnotherWay, "R-SEND-3")),
    zoned(Above, case("lever-leeg.test", "a supplier without a record", &["v=spf1 -all"], &[], AnotherWay, "R-SEND-2")),
    zoned(Spoilt(Spoil::NoTxt), case("lever-weg.test", "a supplier's record taken out after signing", &["version=NTA7516-1;startdate:2020-01;enddate:2035-12"], &[], Refuse, "R-SEND-4")),
];

/// The suppliers. All are the one provider of the world under another name.
#[rustfmt::skip]
pub const SUPPLIERS: &[Supplier] = &[
    Supplier { host: "smtp.lever-is.test", purpose: "a record with equals signs", no: None },
    Supplier { host: "uit.smtp.lever-is.test", purpose: "a record two names above the host", no: None },
    Supplier { host: "smtp.lever-onveilig.test", purpose: "a record that is not signed", no: None },
    Supplier { host: "smtp.lever-verlopen.test", purpose: "a record whose year is over", no: Some(AnotherWay) },
    Supplier { host: "smtp.lever-kapot.test", purpose: "a record that breaks the grammar", no: Some(AnotherWay) },
    Supplier { host: "smtp.lever-anders.test", purpose: "a professional's record", no: Some(AnotherWay) },
    Supplier { host: "smtp.lever-leeg.test", purpose: "no record", no: Some(AnotherWay) },
    Supplier { host: "smtp.lever-weg.test", purpose: "a record taken out after signing", no: Some(Refuse) },
];
