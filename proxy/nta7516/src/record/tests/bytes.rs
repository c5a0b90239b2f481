//! The readers against any bytes.

use proptest::prelude::*;

use super::*;

fn months() -> impl Strategy<Value = (Month, Month)> {
    let month =
        (0..=9999_u16, 1..=12_u8).prop_map(|(year, month)| Month::new(year, month).unwrap());
    (month.clone(), month).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

fn records() -> impl Strategy<Value = Record> {
    let mx = (0..=999_u16, "[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?(\\.[a-z]{2,8}){1,3}");
    let ntamx = proptest::collection::vec(mx, 0..5);
    (months(), "[!#-:<-~]{1,40}", ntamx).prop_map(|((start, end), provider, ntamx)| Record {
        start,
        end,
        provider: Provider::parse(&provider).unwrap(),
        ntamx: ntamx
            .into_iter()
            .map(|(priority, host)| NtaMx { priority, host: mail::Domain::parse(&host).unwrap() })
            .collect(),
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(record in records()) {
        let text = record.to_string();
        prop_assert_eq!(Record::parse(text.as_bytes()), Ok(record));
    }

    #[test]
    fn a_suppliers_record_that_is_written_is_read_again((start, end) in months()) {
        let record = SupplierRecord { start, end };
        let text = record.to_string();
        prop_assert_eq!(SupplierRecord::parse(text.as_bytes()), Ok(record.clone()));
        let equals = text.replace(':', "=");
        prop_assert_eq!(SupplierRecord::parse(equals.as_bytes()), Ok(record));
    }

    #[test]
    fn a_record_with_one_byte_changed_is_read_strictly(
        record in records(), at in any::<prop::sample::Index>(), byte: u8,
    ) {
        let mut data = record.to_string().into_bytes();
        let at = at.index(data.len());
        data[at] = byte;
        match Record::parse(&data) {
            // What parses is written as it came, but for letter case in host names and noughts
            // before a priority.
            Ok(read) => prop_assert_eq!(Record::parse(read.to_string().as_bytes()), Ok(read)),
            Err(fault) => prop_assert!(fault.place() <= data.len()),
        }
    }

    #[test]
    fn no_bytes_break_the_readers(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Err(fault) = Record::parse(&data) {
            prop_assert!(fault.place() <= data.len());
        }
        let _ = SupplierRecord::parse(&data);
        let claim = Claim::read(&[Txt { data: data.clone(), ttl: 0 }]);
        prop_assert_eq!(matches!(claim, Claim::None), !data.starts_with(b"v=NTA7516"));
    }

    #[test]
    fn a_cut_record_is_never_another_valid_record_of_longer_reach(
        record in records(), at in any::<prop::sample::Index>(),
    ) {
        let data = record.to_string().into_bytes();
        let cut = &data[..at.index(data.len())];
        if let Ok(shorter) = Record::parse(cut) {
            prop_assert_eq!((shorter.start, shorter.end), (record.start, record.end));
            prop_assert!(shorter.ntamx.len() <= record.ntamx.len());
        }
    }
}
