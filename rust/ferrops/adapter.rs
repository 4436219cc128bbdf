// SPDX-License-Identifier: GPL-2.0-only

//! From the kernel's callbacks to an algorithm's.

use core::marker::PhantomData;
use tcp_bindings as bindings;
use tcp_cc::{
    AckSample,
    CaState,
    CongestionControl,
    Control,
    SeqNo,
    Sock, //
};
use tcp_cc_backend as backend;

/// The C callbacks of an algorithm.
pub(crate) struct Adapter<A>(PhantomData<A>);

/// Splits what the kernel passes into the socket and the state inside it.
///
/// # Safety
///
/// `sk` must be what the kernel passed to a callback of `A`'s table, during that callback.
#[inline(always)]
unsafe fn enter<'a, A: CongestionControl>(sk: *mut bindings::sock) -> (Sock<'a>, &'a mut A::State) {
    const {
        assert!(
            align_of::<A::State>() <= align_of::<u64>(),
            "the state needs more alignment than a socket gives it (8 bytes)"
        );
        assert!(
            size_of::<A::State>() <= backend::CA_PRIV_SIZE,
            "the state is larger than a socket has room for (icsk_ca_priv, 104 bytes)"
        );
    };
    // SAFETY: The kernel calls back with a full socket whose lock is held, so that this callback
    // owns it. `Sock` does not touch `icsk_ca_priv`, so that `State` may be borrowed beside it.
    // `icsk_ca_priv` is large enough and aligned (checked above), and by the contract of
    // `tcp_cc::State` any bytes are a valid one.
    unsafe { (Sock::from_raw(sk), &mut *backend::ca_priv(sk).cast()) }
}

impl<A: CongestionControl> Adapter<A> {
    /// The table to register: a member for each callback that the algorithm has.
    pub(crate) fn table(owner: *mut bindings::module) -> bindings::tcp_congestion_ops {
        let hooks = const { A::OPS.hooks };
        bindings::tcp_congestion_ops {
            cong_avoid: match const { A::OPS.control } {
                Control::Classic(_) => Some(Self::cong_avoid_callback),
            },
            ssthresh: Some(Self::ssthresh_callback),
            undo_cwnd: Some(Self::undo_cwnd_callback),
            init: hooks.init.is_some().then_some(Self::init_callback),
            release: hooks.release.is_some().then_some(Self::release_callback),
            set_state: hooks
                .set_state
                .is_some()
                .then_some(Self::set_state_callback),
            cwnd_event_tx_start: hooks
                .cwnd_event_tx_start
                .is_some()
                .then_some(Self::cwnd_event_tx_start_callback),
            pkts_acked: hooks
                .pkts_acked
                .is_some()
                .then_some(Self::pkts_acked_callback),
            name: const { c_name(A::OPS.name) },
            owner,
            ..Default::default()
        }
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn cong_avoid_callback(sk: *mut bindings::sock, ack: u32, acked: u32) {
        let Control::Classic(cong_avoid) = const { A::OPS.control };
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        cong_avoid(&mut sk, ca, SeqNo::new(ack), acked);
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn ssthresh_callback(sk: *mut bindings::sock) -> u32 {
        let ssthresh = const { A::OPS.ssthresh };
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        ssthresh(&mut sk, ca).get()
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn undo_cwnd_callback(sk: *mut bindings::sock) -> u32 {
        let undo_cwnd = const { A::OPS.undo_cwnd };
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        // The kernel stores the result and warns about what is not a positive `int`.
        undo_cwnd(&mut sk, ca).clamp(1, i32::MAX as u32)
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn init_callback(sk: *mut bindings::sock) {
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        if let Some(init) = const { A::OPS.hooks.init } {
            init(&mut sk, ca);
        }
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn release_callback(sk: *mut bindings::sock) {
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        if let Some(release) = const { A::OPS.hooks.release } {
            release(&mut sk, ca);
        }
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn set_state_callback(sk: *mut bindings::sock, new_state: u8) {
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        if let Some(set_state) = const { A::OPS.hooks.set_state } {
            set_state(&mut sk, ca, CaState::from_raw(new_state));
        }
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn cwnd_event_tx_start_callback(sk: *mut bindings::sock) {
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        if let Some(tx_start) = const { A::OPS.hooks.cwnd_event_tx_start } {
            tx_start(&mut sk, ca);
        }
    }

    /// # Safety
    ///
    /// To be called by the kernel as a member of the table.
    unsafe extern "C" fn pkts_acked_callback(
        sk: *mut bindings::sock,
        sample: *const bindings::ack_sample,
    ) {
        // SAFETY: By this function's contract.
        let (mut sk, ca) = unsafe { enter::<A>(sk) };
        if let Some(pkts_acked) = const { A::OPS.hooks.pkts_acked } {
            // SAFETY: The kernel passes a sample that is valid during the callback.
            let sample = unsafe { AckSample::from_raw(sample) };
            pkts_acked(&mut sk, ca, &sample);
        }
    }
}

/// `name` as the table's member wants it.
const fn c_name(name: &str) -> [kernel::ffi::c_char; backend::NAME_MAX + 1] {
    let bytes = name.as_bytes();
    assert!(
        !bytes.is_empty() && bytes.len() <= backend::NAME_MAX,
        "the name of a congestion control has 1 to 15 bytes; choose a shorter one"
    );
    let mut c_name = [0; backend::NAME_MAX + 1];
    let mut i = 0;
    while i < bytes.len() {
        assert!(
            bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_' || bytes[i] == b'-',
            "the name of a congestion control is made of ASCII letters, digits, '_' and '-'"
        );
        c_name[i] = bytes[i] as kernel::ffi::c_char;
        i += 1;
    }
    c_name
}
