// SPDX-License-Identifier: GPL-2.0-only

//! What can happen to a socket, and how a file says it.
//!
//! One event a line: a name and numbers. `#` begins a comment, and the last line is `end`, so that
//! half a file is not taken for a whole one.

use crate::side;
use kernel::{
    fmt,
    prelude::*, //
};
use tcp_cc_backend::{
    RawAckSample,
    RawCcInfo,
    RawEvent,
    RawRateSample, //
};

/// Events, in their order.
pub(crate) type Events = VVec<Event>;

/// How many numbers of an event stand for an argument of a callback.
trait Numbers {
    const NUMBERS: usize;
}

/// Implements [`Numbers`].
macro_rules! numbers {
    ($($raw:ty = $numbers:literal;)*) => {
        $(impl Numbers for $raw {
            const NUMBERS: usize = $numbers;
        })*
    };
}

numbers! {
    u8 = 1;
    u32 = 1;
    i32 = 1;
    RawEvent = 1;
    // `pkts_acked`, `rtt_us`, `in_flight`
    *const RawAckSample = 3;
    // It is what was [`Set`](Kind::Set).
    *const RawRateSample = 0;
    // Places for the answer.
    *mut i32 = 0;
    *mut RawCcInfo = 0;
}

/// Generates [`Kind`].
macro_rules! kinds {
    ([$($bpf:tt)*] [$($others:tt)*]) => { kinds! { @ $($bpf)* $($others)* } };
    (@ $($member:ident($($arg:ident: $raw:ty),*) $(-> $ret:ty)?;)*) => {
        /// What happens. All but the first three are callbacks. What `ssthresh` and `undo_cwnd`
        /// return the kernel stores; the state of `set_state` the socket is in afterwards.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind {
            /// The clock stands at so many jiffies from now on.
            Clock,
            /// The kernel sets a field of the socket, which comes by its name. See
            /// [`side::FIELDS`].
            Set,
            /// A 32-bit word of the algorithm's state gets a value.
            State,
            $($member,)*
        }

        /// Each kind, in their order, with its name in files and how many numbers it has.
        const KINDS: &[(Kind, &str, usize)] = &[
            (Kind::Clock, "clock", 1),
            (Kind::Set, "set", 2),
            (Kind::State, "state", 2),
            $((Kind::$member, stringify!($member), 0 $(+ <$raw as Numbers>::NUMBERS)*),)*
        ];
    };
}

tcp_cc_backend::raw_tcp_congestion_ops!(kinds);

/// Something that happens to a socket.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    pub(crate) arguments: [u64; 3],
}

impl Event {
    /// The numbers of the event that an algorithm sees.
    pub(crate) fn new(kind: Kind, arguments: &[u64]) -> Self {
        let mut event = Self {
            kind,
            arguments: [0; 3],
        };
        for (to, from) in event.arguments.iter_mut().zip(arguments) {
            *to = *from;
        }
        event
    }

    /// Its name in files.
    pub(crate) fn name(&self) -> &'static str {
        KINDS[self.kind as usize].1
    }

    /// Whether an algorithm is called.
    pub(crate) fn is_callback(&self) -> bool {
        !matches!(self.kind, Kind::Clock | Kind::Set | Kind::State)
    }

    /// The argument `i`, as most callbacks take it.
    pub(crate) fn word(&self, i: usize) -> u32 {
        self.arguments[i] as u32
    }

    /// Reads a line that is not empty.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let name = words.next()?;
        let &(kind, _, count) = KINDS.iter().find(|(_, known, _)| *known == name)?;
        let mut event = Self::new(kind, &[]);
        for i in 0..count {
            let word = words.next()?;
            event.arguments[i] = if kind == Kind::Set && i == 0 {
                side::FIELDS.iter().position(|field| field.name == word)? as u64
            } else if let Ok(negative) = word.parse::<i32>() {
                i64::from(negative) as u64
            } else {
                word.parse().ok()?
            };
        }
        let fits = kind != Kind::State || event.arguments[0] < side::STATE_WORDS as u64;
        (fits && words.next().is_none()).then_some(event)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let count = KINDS[self.kind as usize].2;
        for (i, argument) in self.arguments.iter().enumerate().take(count) {
            match side::FIELDS.get(*argument as usize) {
                Some(field) if self.kind == Kind::Set && i == 0 => write!(f, " {}", field.name)?,
                _ => write!(f, " {argument}")?,
            }
        }
        Ok(())
    }
}

/// Reads the events in a file; says which line is wrong if one is.
pub(crate) fn parse(content: &[u8]) -> Result<Events> {
    let text = core::str::from_utf8(content).map_err(|_| {
        pr_err!("error: the file with the events is not a text\n");
        EINVAL
    })?;
    let mut events = Events::new();
    let mut is_complete = false;
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        is_complete = line == "end";
        if is_complete {
            continue;
        }
        match Event::parse(line) {
            Some(event) => events.push(event, GFP_KERNEL)?,
            None => {
                pr_err!(
                    "error: line {} of the events is not an event: '{}'\n",
                    i + 1,
                    line
                );
                return Err(EINVAL);
            }
        }
    }
    if !is_complete {
        pr_err!("error: the file with the events is cut off: its last line has to be 'end'\n");
        return Err(EINVAL);
    }
    Ok(events)
}
