// SPDX-License-Identifier: GPL-2.0-only

//! From the kernel's callbacks to an algorithm's: the same in every world.
//!
//! For whoever puts algorithms into a world; an algorithm itself needs nothing of this.

use crate::{
    context::Unlocked,
    sock::split,
    state,
    units::FromKernel,
    AckEventFlags,
    AckFlags,
    AckSample,
    Acked,
    CaState,
    CongestionControl,
    Control,
    CwndEvent,
    Info,
    RateSample,
    SeqNo,
    Sock, //
};
use tcp_cc_backend as backend;

use backend::{
    RawAckSample,
    RawCcInfo,
    RawEvent,
    RawOps,
    RawRateSample,
    RawSock, //
};

/// The table of `A`: a member for each callback that it has, `NULL` for the others.
pub const fn table<A: CongestionControl>() -> RawOps {
    // Not in a `const` block, so that a message shows whose table it is.
    state::assert_fits::<A::State>();

    /// The callback, if the algorithm has the hook.
    macro_rules! optional {
        ($($hook:ident: $callback:ident),* $(,)?) => {
            RawOps {
                ssthresh: Some(ssthresh::<A>),
                undo_cwnd: Some(undo_cwnd::<A>),
                $($hook: if A::OPS.hooks.$hook.is_some() { Some($callback::<A>) } else { None },)*
                name: c_name(A::OPS.name),
                flags: A::OPS.flags.bits(),
                ..backend::NO_OPS
            }
        };
    }

    let mut ops = optional! {
        init: init,
        release: release,
        set_state: set_state,
        cwnd_event: cwnd_event,
        cwnd_event_tx_start: cwnd_event_tx_start,
        in_ack_event: in_ack_event,
        pkts_acked: pkts_acked,
        min_tso_segs: min_tso_segs,
        sndbuf_expand: sndbuf_expand,
        get_info: get_info,
    };
    match A::OPS.control {
        Control::Classic(_) => ops.cong_avoid = Some(cong_avoid::<A>),
        Control::Custom(_) => ops.cong_control = Some(cong_control::<A>),
    }
    ops
}

/// `name` as the table's member wants it.
const fn c_name(name: &str) -> [u8; backend::NAME_MAX + 1] {
    let bytes = name.as_bytes();
    assert!(
        !bytes.is_empty() && bytes.len() <= backend::NAME_MAX,
        "the name of a congestion control has 1 to 15 bytes: choose a shorter one"
    );
    let mut c_name = [0; backend::NAME_MAX + 1];
    let mut i = 0;
    while i < bytes.len() {
        assert!(
            bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_' || bytes[i] == b'-',
            "the name of a congestion control is made of ASCII letters, digits, '_' and '-'"
        );
        c_name[i] = bytes[i];
        i += 1;
    }
    c_name
}

/// Makes a function one that C may call. On the host, where panics unwind, they go through: a test
/// is to see them.
#[cfg(not(panic = "unwind"))]
macro_rules! called_by_c {
    ($(#[$attr:meta])* pub unsafe fn $($function:tt)*) => {
        $(#[$attr])* pub unsafe extern "C" fn $($function)*
    };
}
#[cfg(panic = "unwind")]
macro_rules! called_by_c {
    ($(#[$attr:meta])* pub unsafe fn $($function:tt)*) => {
        $(#[$attr])* pub unsafe extern "C-unwind" fn $($function)*
    };
}

/// Generates callbacks: each turns what the kernel passes into the algorithm's arguments.
macro_rules! callbacks {
    ($(
        $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?
            = |$sk:ident, $algorithm:ident| $body:block;
    )*) => { $(
        called_by_c! {
            /// The table's member of this name.
            ///
            /// # Safety
            ///
            /// - `sk` is a valid, full TCP socket, whose lock is held by the caller (contract 5).
            /// - No reference to its `icsk_ca_priv` is in use (contract 19).
            /// - A sample is valid for reads, aligned or not, during the call.
            #[inline]
            pub unsafe fn $name<$algorithm: CongestionControl>(
                $sk: *mut RawSock $(, $arg: $ty)*
            ) $(-> $ret)? $body
        }
    )* };
}

callbacks! {
    cong_avoid(ack: u32, acked: u32) = |sk, A| {
        if let Control::Classic(cong_avoid) = const { A::OPS.control } {
            // SAFETY: By this function's contract.
            let (sk, ca) = unsafe { split(sk) };
            cong_avoid(sk, ca, SeqNo::new(ack), Acked::from_kernel(acked));
        }
    };

    cong_control(ack: u32, flag: i32, rs: *const RawRateSample) = |sk, A| {
        if let Control::Custom(cong_control) = const { A::OPS.control } {
            // SAFETY: By this function's contract.
            let ((sk, ca), rs) = unsafe { (split(sk), RateSample::from_raw(rs)) };
            cong_control(sk, ca, SeqNo::new(ack), AckFlags::from_raw(flag), rs);
        }
    };

    ssthresh() -> u32 = |sk, A| {
        // SAFETY: By this function's contract.
        let (sk, ca) = unsafe { split(sk) };
        (const { A::OPS.ssthresh })(sk, ca).get()
    };

    undo_cwnd() -> u32 = |sk, A| {
        // SAFETY: By this function's contract.
        let (sk, ca) = unsafe { split(sk) };
        (const { A::OPS.undo_cwnd })(sk, ca).get()
    };

    init() = |sk, A| {
        if let Some(init) = const { A::OPS.hooks.init } {
            // SAFETY: By this function's contract, and this is `init`.
            init(unsafe { Sock::from_raw(sk) });
        }
    };

    release() = |sk, A| {
        if let Some(release) = const { A::OPS.hooks.release } {
            // SAFETY: By this function's contract.
            let (sk, ca) = unsafe { split(sk) };
            release(sk, ca);
        }
    };

    set_state(new_state: u8) = |sk, A| {
        if let Some(set_state) = const { A::OPS.hooks.set_state } {
            // SAFETY: By this function's contract.
            let (sk, ca) = unsafe { split(sk) };
            set_state(sk, ca, CaState::from_raw(new_state));
        }
    };

    cwnd_event(event: RawEvent) = |sk, A| {
        if let Some(cwnd_event) = const { A::OPS.hooks.cwnd_event } {
            let event = CwndEvent::from_raw(backend::event_number(event));
            // SAFETY: By this function's contract, and this is an event (contract 19).
            cwnd_event(unsafe { Sock::from_raw(sk) }, event);
        }
    };

    cwnd_event_tx_start() = |sk, A| {
        if let Some(tx_start) = const { A::OPS.hooks.cwnd_event_tx_start } {
            // SAFETY: By this function's contract, and this is an event (contract 19).
            tx_start(unsafe { Sock::from_raw(sk) });
        }
    };

    in_ack_event(flags: u32) = |sk, A| {
        if let Some(in_ack_event) = const { A::OPS.hooks.in_ack_event } {
            // SAFETY: By this function's contract, and this is an event (contract 19).
            in_ack_event(unsafe { Sock::from_raw(sk) }, AckEventFlags::from_raw(flags));
        }
    };

    pkts_acked(sample: *const RawAckSample) = |sk, A| {
        if let Some(pkts_acked) = const { A::OPS.hooks.pkts_acked } {
            // SAFETY: By this function's contract.
            let ((sk, ca), sample) = unsafe { (split(sk), AckSample::from_raw(sample)) };
            pkts_acked(sk, ca, sample);
        }
    };

    min_tso_segs() -> u32 = |sk, A| {
        match const { A::OPS.hooks.min_tso_segs } {
            Some(min_tso_segs) => {
                // SAFETY: By this function's contract.
                let (sk, ca) = unsafe { split(sk) };
                // With 0 nothing might be sent at all.
                min_tso_segs(sk, ca).get().max(1)
            }
            None => 1,
        }
    };

    sndbuf_expand() -> u32 = |sk, A| {
        match const { A::OPS.hooks.sndbuf_expand } {
            Some(sndbuf_expand) => {
                // SAFETY: By this function's contract.
                let (sk, ca) = unsafe { split(sk) };
                // The kernel multiplies it with a window and its overhead, as an `int`.
                sndbuf_expand(sk, ca).clamp(1, 128)
            }
            None => 1,
        }
    };
}

called_by_c! {
    /// The table's member of this name.
    ///
    /// # Safety
    ///
    /// - `sk` is a valid, full TCP socket; its lock need not be held (contract 4).
    /// - `attr` and `info` are valid for writes.
    #[inline]
    pub unsafe fn get_info<A: CongestionControl>(
        sk: *mut RawSock,
        ext: u32,
        attr: *mut i32,
        info: *mut RawCcInfo,
    ) -> usize {
        // SAFETY: By this function's contract.
        unsafe { answer::<A>(sk, ext, attr, info) }
    }
}

/// Asks `A` for its [`Info`], and answers the kernel.
///
/// # Safety
///
/// As for [`get_info`].
#[inline(always)]
unsafe fn answer<A: CongestionControl>(
    sk: *mut RawSock,
    ext: u32,
    attr: *mut i32,
    info: *mut RawCcInfo,
) -> usize {
    const VEGASINFO: u32 = 1 << (3 - 1);
    const DCTCPINFO: u32 = 1 << (9 - 1);
    const BBRINFO: u32 = 1 << (16 - 1);

    let Some(get_info) = (const { A::OPS.hooks.get_info }) else {
        return 0;
    };
    if ext & (VEGASINFO | DCTCPINFO | BBRINFO) == 0 {
        return 0;
    }

    // SAFETY: By this function's contract.
    let (sk, ca) = unsafe { (&*Sock::<Unlocked>::from_raw(sk), snapshot::<A>(sk)) };
    // `ss` asks with VEGASINFO for whatever the algorithm has.
    // SAFETY: By this function's contract.
    unsafe {
        match get_info(sk, &ca) {
            Info::Vegas(vegas) if ext & VEGASINFO != 0 => backend::put_vegas_info(
                attr,
                info,
                [vegas.enabled.into(), vegas.rttcnt, vegas.rtt, vegas.minrtt],
            ),
            Info::Dctcp(dctcp) if ext & (VEGASINFO | DCTCPINFO) != 0 => backend::put_dctcp_info(
                attr,
                info,
                [dctcp.enabled.into(), dctcp.ce_state],
                [dctcp.alpha, dctcp.ab_ecn, dctcp.ab_tot],
            ),
            Info::Bbr(bbr) if ext & (VEGASINFO | BBRINFO) != 0 => backend::put_bbr_info(
                attr,
                info,
                bbr.bw,
                [bbr.min_rtt, bbr.pacing_gain, bbr.cwnd_gain],
            ),
            _ => 0,
        }
    }
}

/// A copy of the state, made while another callback may write to it: each word is read once
/// (`READ_ONCE()`), and two of them may be from before and after a change (contract 4).
///
/// # Safety
///
/// `sk` must be a valid, full TCP socket.
#[inline(always)]
unsafe fn snapshot<A: CongestionControl>(sk: *mut RawSock) -> A::State {
    const { state::assert_fits::<A::State>() };
    // SAFETY: By this function's contract.
    let priv_words: *const Word = unsafe { backend::ca_priv(sk) }.cast();
    let mut words = [const { Word::uninit() }; backend::CA_PRIV_SIZE / size_of::<u64>()];
    for (i, word) in words[..const { size_of::<A::State>().div_ceil(size_of::<u64>()) }].iter_mut().enumerate() {
        // SAFETY: Inside of `icsk_ca_priv`, which has room for the state, and aligned.
        *word = unsafe { priv_words.add(i).read_volatile() };
    }
    // SAFETY: So many words have all bytes of the state, of which any are a valid one. Holes between
    // its fields hold nothing.
    unsafe { words.as_ptr().cast::<A::State>().read() }
}

/// A word of a state, which may have holes.
type Word = core::mem::MaybeUninit<u64>;
