// SPDX-License-Identifier: GPL-2.0-only

//! Congestion control algorithms as BPF programs.
//!
//! An algorithm is portable ([`tcp_cc`]); this crate puts it into a BPF object. It goes by the name
//! of the crate that puts one into a kernel module, `ferrops`, and has its macro: so the file that
//! makes a module makes a BPF object too, when `scripts/build-bpf` compiles it.
//!
//! The macro leaves in what rustc writes, for each algorithm, a function for every callback that a
//! table may have, and a description of the table it does have: from it the script knows what to
//! write in C around them.

#![no_std]

use tcp_cc::{
    callbacks,
    CongestionControl, //
};

/// What the macro's expansion needs.
#[doc(hidden)]
pub mod __private {
    pub use tcp_cc::callbacks;
    pub use tcp_cc_backend::{
        RawAckSample,
        RawEvent,
        RawRateSample,
        RawSock, //
    };
}

/// A text that is put together by the compiler: its length, and as many of its bytes as there is
/// room for.
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    /// Appends a byte.
    const fn push(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }

    /// Appends a line of two words.
    const fn line(&mut self, key: &str, value: &[u8]) {
        let mut i = 0;
        while i < key.len() {
            self.push(key.as_bytes()[i]);
            i += 1;
        }
        self.push(b' ');
        let mut i = 0;
        while i < value.len() && value[i] != 0 {
            self.push(value[i]);
            i += 1;
        }
        self.push(b'\n');
    }
}

/// The description of the table of `A`, cut off after `N` bytes.
const fn describe<A: CongestionControl, const N: usize>() -> Text<N> {
    let ops = callbacks::table::<A>();
    let mut text = Text {
        bytes: [0; N],
        len: 0,
    };
    text.line("name", &ops.name);
    text.line("flags", &decimal(ops.flags));

    /// A line for each callback that is there.
    macro_rules! callbacks {
        ($($callback:ident)*) => { $(
            if ops.$callback.is_some() {
                text.line("callback", stringify!($callback).as_bytes());
            }
        )* };
    }
    callbacks! {
        cong_avoid cong_control ssthresh set_state cwnd_event cwnd_event_tx_start in_ack_event
        pkts_acked min_tso_segs undo_cwnd sndbuf_expand get_info init release
    }

    let mut i = 0;
    while i < A::PARAMETERS.list.len() {
        text.line("parameter", A::PARAMETERS.list[i].name.to_bytes());
        i += 1;
    }
    text
}

/// A number in ten decimal digits.
const fn decimal(mut value: u32) -> [u8; 10] {
    let mut digits = [b'0'; 10];
    let mut i = digits.len();
    while i > 0 {
        i -= 1;
        digits[i] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    digits
}

/// How long the description of the table of `A` is, in bytes.
#[doc(hidden)]
pub const fn description_len<A: CongestionControl>() -> usize {
    describe::<A, 0>().len
}

/// The description of the table of `A`: lines of two words.
#[doc(hidden)]
pub const fn description<A: CongestionControl, const N: usize>() -> [u8; N] {
    describe::<A, N>().bytes
}

/// Declares BPF programs for congestion control algorithms.
///
/// Of what the macro of this name takes for a kernel module, only the algorithms are of use here.
#[macro_export]
macro_rules! module_tcp_congestion_ops {
    (algorithm: $algorithm:ty, $($for_the_module:tt)*) => {
        $crate::__tables! { [0] $algorithm }
    };
    (algorithms: [$($algorithm:ty),+ $(,)?], $($for_the_module:tt)*) => {
        $crate::__tables! { [0 1 2 3 4 5 6 7] $($algorithm),+ }
    };
}

/// The types of kfuncs' arguments, for the file of a module to import: a BPF object has no kfuncs.
pub mod kfunc {
    use core::marker::PhantomData;

    /// Bytes of a caller's, to be read.
    pub struct Mem<'a>(PhantomData<&'a [u8]>);

    /// Bytes of a caller's, to be read and written.
    pub struct MemMut<'a>(PhantomData<&'a mut [u8]>);

    /// A socket that can be read.
    pub struct TcpSock(());
}

/// Declares kfuncs. BPF programs call those of a module.
#[macro_export]
macro_rules! kfuncs {
    ($($for_the_module:tt)*) => {};
}

/// Declares callbacks as kfuncs: a matter of modules.
#[macro_export]
macro_rules! callback_kfuncs {
    ($($for_the_module:tt)*) => {};
}

/// Generates, for each algorithm, the description of its table, and a function for each callback
/// that one may have, under names that C knows.
#[doc(hidden)]
#[macro_export]
macro_rules! __tables {
    ([$($numbers:literal)*]) => {};
    ([$number:literal $($numbers:literal)*] $algorithm:ty $(, $rest:ty)*) => {
        const _: () = {
            use $crate::__private::{
                RawAckSample,
                RawEvent,
                RawRateSample,
                RawSock, //
            };

            const LEN: usize = $crate::description_len::<$algorithm>();

            #[export_name = concat!("ferrops_", $number)]
            static DESCRIPTION: [u8; LEN] = $crate::description::<$algorithm, LEN>();

            $crate::__entry_points! { $number, $algorithm:
                cong_avoid(ack: u32, acked: u32);
                cong_control(ack: u32, flag: i32, rs: *const RawRateSample);
                ssthresh() -> u32;
                set_state(new_state: u8);
                cwnd_event(event: RawEvent);
                cwnd_event_tx_start();
                in_ack_event(flags: u32);
                pkts_acked(sample: *const RawAckSample);
                min_tso_segs() -> u32;
                undo_cwnd() -> u32;
                sndbuf_expand() -> u32;
                init();
                release();
            }
        };
        $crate::__tables! { [$($numbers)*] $($rest),* }
    };
}

/// Generates functions that C calls, `ferrops_NUMBER_CALLBACK`.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry_points {
    ($number:literal, $algorithm:ty: $(
        $callback:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;
    )*) => { $(
        #[export_name = concat!("ferrops_", $number, "_", stringify!($callback))]
        unsafe extern "C" fn $callback(sk: *mut RawSock $(, $arg: $ty)*) $(-> $ret)? {
            // SAFETY: The kernel calls the program, and it this function, as the table's member.
            unsafe { $crate::__private::callbacks::$callback::<$algorithm>(sk $(, $arg)*) }
        }
    )* };
}
