use core::time::Duration;

/// How long a peer is waited for, step by step. RFC 5321 section 4.5.3.2 names minimum times for a
/// client that queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The TCP connection, each address.
    pub dial: Duration,
    /// The greeting, EHLO, STARTTLS and the TLS handshake, each.
    pub opening: Duration,
    /// AUTH, MAIL, RCPT, RSET (sections 4.5.3.2.2 and 4.5.3.2.3).
    pub command: Duration,
    /// DATA up to its 354 (section 4.5.3.2.4).
    pub data: Duration,
    /// Each block of the message (section 4.5.3.2.5).
    pub block: Duration,
    /// The reply to the final dot (section 4.5.3.2.6): giving up early sends messages twice.
    pub end: Duration,
}

impl Patience {
    /// Towards the account's own servers. The mail program gives up after 60 to 100 s while it waits
    /// for us, so the steps before the message are shorter than those of the RFC; who is slower is
    /// tried again later, and nothing is lost.
    pub const SHORT: Self = Self {
        dial: Duration::from_secs(15),
        opening: Duration::from_secs(30),
        command: Duration::from_secs(60),
        data: Duration::from_secs(120),
        block: Duration::from_secs(180),
        end: Duration::from_secs(600),
    };

    /// Towards a recipient's host, where nobody waits. With 5 minutes for a reply all but the
    /// opening are the times of RFC 5321. The opening is a fifth of it: before MAIL nothing is at
    /// stake, and the next host and the next attempt are better than the wait.
    #[must_use]
    pub fn of(dial: Duration, reply: Duration) -> Self {
        Self {
            dial,
            opening: reply / 5,
            command: reply,
            data: reply * 2 / 5,
            block: reply * 3 / 5,
            end: reply * 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_five_minutes_for_a_reply_the_times_are_those_of_the_rfc() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let patience = Patience::of(Duration::from_secs(30), minutes(5));
        assert_eq!([patience.command, patience.data], [minutes(5), minutes(2)]);
        assert_eq!([patience.block, patience.end], [minutes(3), minutes(10)]);
    }
}
