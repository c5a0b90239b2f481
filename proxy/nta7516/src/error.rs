/// Why a text is no value of this room. What a *record* does wrong is told by
/// [`RecordFault`](crate::record::RecordFault), with its place and its mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No month in the form `YYYY-MM` (R-DNS-1).
    #[error("this is no month: write YYYY-MM, with a month from 01 to 12")]
    Month,
    /// No supplier's mark (R-DNS-1, `provider`).
    #[error("this is no supplier's mark: use visible ASCII without quotation mark and semicolon")]
    Provider,
    /// A set of records that breaks R-DNS-2.
    #[error("the set of records is not valid: {0} faults")]
    RecordSet(usize),
}
