// SPDX-License-Identifier: GPL-2.0-only

//! From the kernel's callbacks to an algorithm's: the same in every world.
//!
//! For whoever puts algorithms into a world; an algorithm itself needs nothing of this.

use crate::{
    AckEventFlags,
    AckFlags,
    AckSample,
    Acked,
    CaState,
    CongestionControl,
    Control,
    CwndEvent,
    EventSock,
    Info,
    InfoSock,
    InitSock,
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
    assert!(
        align_of::<A::State>() <= align_of::<u64>(),
        "the state needs more alignment than a socket gives it (8 bytes): drop its `align`"
    );
    assert!(
        size_of::<A::State>() <= backend::CA_PRIV_SIZE,
        "the state is larger than a socket has room for (icsk_ca_priv, 104 bytes): make it smaller"
    );

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

/// Splits what the kernel passes into the socket and the state inside it.
///
/// # Safety
///
/// `sk` must be what the kernel passed to a callback of `A`'s table, during that callback.
#[inline(always)]
unsafe fn enter<'a, A: CongestionControl>(sk: *mut RawSock) -> (Sock<'a>, &'a mut A::State) {
    // SAFETY: The kernel calls back with a full socket whose lock is held, so that this callback
    // owns it. `Sock` does not touch `icsk_ca_priv`, so that `State` may be borrowed beside it.
    // `icsk_ca_priv` is large enough and aligned (`table` checks), and by the contract of `State`
    // any bytes are a valid one.
    unsafe { (Sock::from_raw(sk), &mut *backend::ca_priv(sk).cast()) }
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

/// Generates callbacks that enter the algorithm with a socket and its state.
macro_rules! callbacks {
    ($(
        $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?
            = |$sk:ident, $ca:ident, $algorithm:ident| $body:block;
    )*) => { $(
        called_by_c! {
            /// The table's member of this name.
            ///
            /// # Safety
            ///
            /// To be called by the kernel as a member of the table of `A`.
            #[inline]
            pub unsafe fn $name<$algorithm: CongestionControl>(
                sk: *mut RawSock $(, $arg: $ty)*
            ) $(-> $ret)? {
                #[allow(unused_mut)]
                // SAFETY: By this function's contract.
                let (mut $sk, $ca) = unsafe { enter::<$algorithm>(sk) };
                $body
            }
        }
    )* };
}

callbacks! {
    cong_avoid(ack: u32, acked: u32) = |sk, ca, A| {
        if let Control::Classic(cong_avoid) = const { A::OPS.control } {
            cong_avoid(&mut sk, ca, SeqNo::new(ack), Acked::of_kernel(acked));
        }
    };

    cong_control(ack: u32, flag: i32, rs: *const RawRateSample) = |sk, ca, A| {
        if let Control::Custom(cong_control) = const { A::OPS.control } {
            // SAFETY: The kernel passes a sample that is valid during the callback.
            let rs = unsafe { RateSample::from_raw(rs) };
            cong_control(&mut sk, ca, SeqNo::new(ack), AckFlags::from_raw(flag), &rs);
        }
    };

    ssthresh() -> u32 = |sk, ca, A| {
        (const { A::OPS.ssthresh })(&mut sk, ca).get()
    };

    undo_cwnd() -> u32 = |sk, ca, A| {
        (const { A::OPS.undo_cwnd })(&mut sk, ca).get()
    };

    init() = |sk, ca, A| {
        if let Some(init) = const { A::OPS.hooks.init } {
            // SAFETY: This is `init`.
            init(&mut unsafe { InitSock::new(sk) }, ca);
        }
    };

    release() = |sk, ca, A| {
        if let Some(release) = const { A::OPS.hooks.release } {
            release(&mut sk, ca);
        }
    };

    set_state(new_state: u8) = |sk, ca, A| {
        if let Some(set_state) = const { A::OPS.hooks.set_state } {
            set_state(&mut sk, ca, CaState::from_raw(new_state));
        }
    };

    cwnd_event(event: RawEvent) = |sk, ca, A| {
        if let Some(cwnd_event) = const { A::OPS.hooks.cwnd_event } {
            let event = CwndEvent::from_raw(backend::event_number(event));
            // SAFETY: This is `cwnd_event`.
            cwnd_event(&mut unsafe { EventSock::new(sk) }, ca, event);
        }
    };

    cwnd_event_tx_start() = |sk, ca, A| {
        if let Some(tx_start) = const { A::OPS.hooks.cwnd_event_tx_start } {
            // SAFETY: This is `cwnd_event_tx_start`.
            tx_start(&mut unsafe { EventSock::new(sk) }, ca);
        }
    };

    in_ack_event(flags: u32) = |sk, ca, A| {
        if let Some(in_ack_event) = const { A::OPS.hooks.in_ack_event } {
            // SAFETY: This is `in_ack_event`.
            let mut sk = unsafe { EventSock::new(sk) };
            in_ack_event(&mut sk, ca, AckEventFlags::from_raw(flags));
        }
    };

    pkts_acked(sample: *const RawAckSample) = |sk, ca, A| {
        if let Some(pkts_acked) = const { A::OPS.hooks.pkts_acked } {
            // SAFETY: The kernel passes a sample that is valid during the callback.
            pkts_acked(&mut sk, ca, &unsafe { AckSample::from_raw(sample) });
        }
    };

    min_tso_segs() -> u32 = |sk, ca, A| {
        match const { A::OPS.hooks.min_tso_segs } {
            // With 0 nothing might be sent at all.
            Some(min_tso_segs) => min_tso_segs(&mut sk, ca).get().max(1),
            None => 1,
        }
    };

    sndbuf_expand() -> u32 = |sk, ca, A| {
        match const { A::OPS.hooks.sndbuf_expand } {
            // The kernel multiplies it with a window and its overhead, as an `int`.
            Some(sndbuf_expand) => sndbuf_expand(&mut sk, ca).clamp(1, 128),
            None => 1,
        }
    };
}

called_by_c! {
    /// The table's member of this name.
    ///
    /// # Safety
    ///
    /// To be called by the kernel as a member of the table of `A`.
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

    // SAFETY: The kernel passes a full socket that is there during the callback. Its lock may not
    // be held.
    let (sk, ca) = unsafe { (InfoSock::from_raw(sk), snapshot::<A>(sk)) };
    // `ss` asks with VEGASINFO for whatever the algorithm has.
    // SAFETY: The kernel passes valid places for the answer.
    unsafe {
        match get_info(&sk, &ca) {
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

/// A copy of the state, made while another callback may write to it.
///
/// # Safety
///
/// `sk` must be a valid, full TCP socket.
#[inline(always)]
unsafe fn snapshot<A: CongestionControl>(sk: *mut RawSock) -> A::State {
    // Between its fields there may be holes, which hold nothing.
    // SAFETY: By this function's contract.
    let words = unsafe { backend::state_words(sk) };
    // SAFETY: They have as many bytes as the state, as `table` checks, and any are a valid state.
    unsafe { words.as_ptr().cast::<A::State>().read() }
}
