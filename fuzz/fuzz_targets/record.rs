//! The record readers: any TXT data ends in a value or a fault with a place inside the data, and
//! what was read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nta7516::record::{Claim, MAX_LENGTH, Record, SupplierClaim, SupplierRecord, Txt};

fuzz_target!(|data: &[u8]| {
    match Record::parse(data) {
        Ok(record) => {
            let written = record.to_string();
            assert_eq!(Record::parse(written.as_bytes()).as_ref(), Ok(&record));
        }
        Err(fault) => {
            assert!(fault.place() <= data.len().min(MAX_LENGTH));
            assert!(!fault.nl().is_empty() && !fault.en().is_empty());
        }
    }
    if let Ok(record) = SupplierRecord::parse(data) {
        let written = record.to_string();
        assert_eq!(SupplierRecord::parse(written.as_bytes()).as_ref(), Ok(&record));
    }
    // Several records in one answer, cut at line ends.
    let records: Vec<Txt> =
        data.split(|&byte| byte == b'\n').map(|line| Txt::join([line], 3600)).collect();
    let claims = records.iter().any(|txt| txt.data.starts_with(b"v=NTA7516"));
    assert_eq!(!matches!(Claim::read(&records), Claim::None), claims);
    let _ = SupplierClaim::read(&records);
});
