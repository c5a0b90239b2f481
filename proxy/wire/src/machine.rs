/// A protocol core: bytes in, pauses out.
///
/// The shell calls [`Machine::next`] until it answers [`Pause::Read`], carries each pause out, and
/// feeds what it reads. Between an event and its answer a machine asks for nothing: `next` returns
/// [`Pause::Read`] only where bytes of the peer can bring it further.
pub trait Machine {
    /// What the machine tells the room that decides.
    type Event;
    /// Why the dialogue cannot go on.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Takes bytes that the peer sent, in order, cut in any way.
    fn feed(&mut self, bytes: &[u8]);

    /// The peer will send no more bytes.
    fn feed_end(&mut self);

    /// What is to be done next. Bytes to write always come before the event that follows them.
    fn next(&mut self) -> Pause<Self::Event, Self::Error>;
}

/// What a [`Machine`] waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pause<E, F> {
    /// Something happened that the owner of the machine must know, or must answer by a method.
    Event(E),
    /// These bytes are to be written, whole and in order; replies that belong together come as one.
    Write(Vec<u8>),
    /// Nothing can happen before the peer sends bytes (or ends).
    Read,
    /// The dialogue is over; the connection is to be dropped after what was written.
    Failed(F),
}
