// SPDX-License-Identifier: GPL-2.0-only

//! Sockets for KUnit, with no connection behind them.
//!
//! A [`FakeSock`] is a zeroed `struct tcp_sock` whose [`Fields`] a test sets at will. Its callbacks
//! go through a [`Table`]: the C table that the kernel would get of an algorithm, or that of the C
//! twin. [`Twins`] does the same to two sockets and says whether the same came of it.
//!
//! Only in kernels with `CONFIG_KUNIT=y`.

use core::{
    marker::PhantomData,
    mem::MaybeUninit,
    ptr::{
        addr_of,
        addr_of_mut,
        NonNull, //
    },
};
use kernel::{
    alloc::flags::__GFP_ZERO,
    error::to_result,
    prelude::*, //
};
use tcp_bindings as bindings;
use tcp_cc::{
    callbacks,
    AckSample,
    CongestionControl,
    Jiffies32,
    Sock,
    CA_PRIV_SIZE, //
};
use tcp_cc_backend as backend;

/// A table of callbacks that may be called on a [`FakeSock`].
///
/// # Invariants
///
/// The callbacks may be called, on any socket that the caller owns and with any state, while the
/// value lives.
pub struct Table {
    ops: bindings::tcp_congestion_ops,
    /// Keeps the module of the callbacks loaded.
    _user: Option<KernelSock>,
}

impl Table {
    /// The table that [`Registration`](crate::Registration) registers for `A`.
    #[inline]
    pub fn of<A: CongestionControl>() -> Self {
        // INVARIANT: The adapter's callbacks want such a socket, and any state is valid by the
        // contract of `tcp_cc::State`. They are in the module that calls this.
        Self {
            ops: const { callbacks::table::<A>() },
            _user: None,
        }
    }

    /// The callbacks of `tcp_reno`.
    #[inline]
    pub fn reno() -> Self {
        // INVARIANT: The kernel exports these for congestion controls to call on the socket that
        // they own; they read and write nothing but fields of `struct tcp_sock`.
        Self {
            ops: bindings::tcp_congestion_ops {
                cong_avoid: Some(bindings::tcp_reno_cong_avoid),
                ssthresh: Some(bindings::tcp_reno_ssthresh),
                undo_cwnd: Some(bindings::tcp_reno_undo_cwnd),
                ..Default::default()
            },
            _user: None,
        }
    }

    /// The table of the kernel's `cubic`.
    ///
    /// On some states that it never makes, its `cong_avoid` divides by 0 (with a `cnt` of 0), or
    /// runs very long (with an `ack_cnt` much larger than the window).
    #[inline]
    pub fn cubic() -> Result<Self> {
        let user = KernelSock::new(c"cubic")?;
        // INVARIANT: `user` holds a reference to the module. The callbacks read and write fields of
        // the socket and of the state in it, and compute; they follow no pointer but that to the
        // network namespace, which a `FakeSock` has.
        Ok(Self {
            ops: user.ops(),
            _user: Some(user),
        })
    }

    /// The C table.
    #[inline]
    pub fn as_raw(&self) -> &bindings::tcp_congestion_ops {
        &self.ops
    }
}

/// The table that the kernel has under `name`, if there is one.
#[inline]
pub fn registered(name: &CStr) -> Result<bindings::tcp_congestion_ops> {
    Ok(KernelSock::new(name)?.ops())
}

/// A real, closed TCP socket.
///
/// # Invariants
///
/// The pointer is a socket that `sock_create_kern()` made and that is ours alone.
struct KernelSock(NonNull<bindings::socket>);

impl KernelSock {
    /// Makes a socket that uses the algorithm `name`.
    #[inline]
    fn new(name: &CStr) -> Result<Self> {
        const AF_INET: i32 = 2;
        const SOCK_STREAM: i32 = 1;

        let mut sock = core::ptr::null_mut();
        // SAFETY: `init_net` always exists, and `sock` is valid for writes.
        to_result(unsafe {
            bindings::sock_create_kern(
                addr_of_mut!(bindings::init_net),
                AF_INET,
                SOCK_STREAM,
                0,
                &mut sock,
            )
        })?;
        // INVARIANT: The socket was just made.
        let sock = Self(NonNull::new(sock).ok_or(EINVAL)?);

        let mut optval = bindings::sockptr_t {
            __bindgen_anon_1: bindings::sockptr_t__bindgen_ty_1 {
                kernel: name.as_char_ptr().cast_mut().cast(),
            },
            ..Default::default()
        };
        optval.set_is_kernel(true);
        // SAFETY: The socket is valid by the type invariants, and `optval` is a kernel pointer to
        // as many bytes as are said to be there; the kernel only reads them.
        to_result(unsafe {
            bindings::sock_common_setsockopt(
                sock.0.as_ptr(),
                bindings::SOL_TCP as i32,
                bindings::TCP_CONGESTION as i32,
                optval,
                name.to_bytes().len() as u32,
            )
        })?;
        Ok(sock)
    }

    /// A copy of the table of the socket's algorithm, less what the kernel writes to.
    #[inline]
    fn ops(&self) -> bindings::tcp_congestion_ops {
        macro_rules! copy {
            ($from:expr, $($member:ident),*) => {
                bindings::tcp_congestion_ops {
                    // SAFETY: `$from` is valid for reads, as the only caller below says.
                    $($member: unsafe { addr_of!((*$from).$member).read() },)*
                    ..Default::default()
                }
            };
        }

        // SAFETY: By the type invariants the socket is valid and a TCP one, and nobody else changes
        // its algorithm.
        let ops = unsafe {
            let sk: *mut bindings::inet_connection_sock = (*self.0.as_ptr()).sk.cast();
            (*sk).icsk_ca_ops
        };
        // The table is there as long as a socket uses it, and these members do not change after
        // registration.
        copy!(
            ops,
            cong_avoid,
            cong_control,
            ssthresh,
            set_state,
            cwnd_event,
            cwnd_event_tx_start,
            in_ack_event,
            pkts_acked,
            min_tso_segs,
            undo_cwnd,
            sndbuf_expand,
            get_info,
            name,
            owner,
            init,
            release
        )
    }
}

impl Drop for KernelSock {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: Ours, by the type invariants, and not used after this.
        unsafe { bindings::sock_release(self.0.as_ptr()) };
    }
}

/// Generates [`Fields`] and its way into a socket and out of it.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident: $ty:ty = $($path:ident).+;)*) => {
        /// What algorithms read and write of a socket, under the kernel's names.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[expect(missing_docs, reason = "`tcp_cc::Sock` says what they are")]
        pub struct Fields {
            $(pub $field: $ty,)*
            pub is_cwnd_limited: bool,
        }

        impl<A: CongestionControl> FakeSock<'_, A> {
            /// The fields of the socket.
            #[inline]
            pub fn fields(&self) -> Fields {
                let tp = self.sock.as_ptr();
                Fields {
                    // SAFETY: A `tcp_sock` by the type invariants.
                    $($field: unsafe { addr_of!((*tp).$($path).+).read() },)*
                    // SAFETY: As above.
                    is_cwnd_limited: unsafe {
                        bindings::tcp_sock::is_cwnd_limited_raw(tp) != 0
                    },
                }
            }

            /// Sets the fields of the socket.
            #[inline]
            pub fn set_fields(&mut self, fields: Fields) {
                let tp = self.sock.as_mut_ptr();
                // SAFETY: A `tcp_sock` that is ours, by the type invariants.
                $(unsafe { addr_of_mut!((*tp).$($path).+).write(fields.$field) };)*
                // SAFETY: As above.
                unsafe {
                    bindings::tcp_sock::set_is_cwnd_limited_raw(tp, fields.is_cwnd_limited.into())
                };
            }
        }
    };
}

fields! {
    snd_cwnd: u32 = snd_cwnd;
    snd_cwnd_cnt: u32 = snd_cwnd_cnt;
    snd_cwnd_clamp: u32 = snd_cwnd_clamp;
    snd_ssthresh: u32 = snd_ssthresh;
    prior_cwnd: u32 = prior_cwnd;
    max_packets_out: u32 = max_packets_out;
    snd_nxt: u32 = snd_nxt;
    snd_una: u32 = snd_una;
    lsndtime: u32 = lsndtime;
    tcp_mstamp: u64 = tcp_mstamp;
    sk_pacing_rate: usize = inet_conn.icsk_inet.sk.sk_pacing_rate;
    sk_pacing_status: u32 = inet_conn.icsk_inet.sk.sk_pacing_status;
    sk_gso_max_size: u32 = inet_conn.icsk_inet.sk.sk_gso_max_size;
}

/// A socket on which `A`'s callbacks, or those of its twin, can be called.
///
/// Zeroed, but for what the test and the callbacks set. It belongs to the first network namespace,
/// whose counters it counts in.
///
/// # Invariants
///
/// `sock` is zeroed memory with a valid `sk_net`, and with valid values in what was written since.
/// Nobody else knows it: whoever has the `FakeSock` owns the socket as if its lock were held.
pub struct FakeSock<'t, A: CongestionControl> {
    sock: KBox<MaybeUninit<bindings::tcp_sock>>,
    table: &'t Table,
    _algorithm: PhantomData<A>,
}

/// Generates the callbacks.
macro_rules! callbacks {
    ($($(#[$doc:meta])* $member:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => { $(
        $(#[$doc])*
        ///
        /// Does nothing if the table has no such member.
        #[inline]
        pub fn $member(&mut self, $($arg: $ty),*) $(-> $ret)? {
            match self.table.ops.$member {
                // SAFETY: By the invariants of `Table` this may be called on a socket that the
                // caller owns, and by those of this type we own it.
                Some(callback) => unsafe { callback(self.as_raw(), $($arg),*) },
                None => Default::default(),
            }
        }
    )* };
}

impl<'t, A: CongestionControl> FakeSock<'t, A> {
    /// A socket whose callbacks are those of `table`.
    #[inline]
    pub fn new(table: &'t Table) -> Result<Self> {
        let mut sock = KBox::<bindings::tcp_sock>::new_uninit(GFP_KERNEL | __GFP_ZERO)?;
        let sk: *mut bindings::sock = sock.as_mut_ptr().cast();
        // SAFETY: `sk` begins the `tcp_sock` that was just allocated. `init_net` always exists; its
        // address is all that is taken.
        unsafe { (*sk).__sk_common.skc_net.net = addr_of_mut!(bindings::init_net) };
        // INVARIANT: It was just made, and `skc_net` set.
        Ok(Self {
            sock,
            table,
            _algorithm: PhantomData,
        })
    }

    /// The socket as the kernel passes it to callbacks.
    #[inline]
    fn as_raw(&mut self) -> *mut bindings::sock {
        self.sock.as_mut_ptr().cast()
    }

    /// The socket as algorithms see it.
    #[inline]
    pub fn sock(&mut self) -> Sock<'_> {
        // SAFETY: What an algorithm reads and writes of a socket is valid by the type invariants,
        // and ours. The result borrows `self`, so that nothing else touches it meanwhile.
        unsafe { Sock::from_raw(self.as_raw()) }
    }

    /// The algorithm's state.
    #[inline]
    pub fn state(&mut self) -> &mut A::State {
        const {
            assert!(align_of::<A::State>() <= align_of::<u64>());
            assert!(size_of::<A::State>() <= CA_PRIV_SIZE);
        };
        // SAFETY: `icsk_ca_priv` is initialised by the type invariants, large enough and aligned as
        // was just asserted, and any bytes are a valid state by the contract of `tcp_cc::State`.
        // The result borrows `self`, so that nothing else touches it meanwhile.
        unsafe { &mut *backend::ca_priv(self.as_raw()).cast() }
    }

    /// All the bytes that a state may have, whether the algorithm uses them or not.
    #[inline]
    pub fn state_bytes(&mut self) -> [u8; CA_PRIV_SIZE] {
        // SAFETY: This computes an address in a socket that is ours.
        let bytes = unsafe { backend::ca_priv(self.as_raw()) };
        // SAFETY: There are so many bytes. The volatile read is of whatever lies there, also where
        // a state has padding.
        core::array::from_fn(|i| unsafe { bytes.add(i).read_volatile() })
    }

    /// Overwrites what [`state_bytes`](Self::state_bytes) gives.
    #[inline]
    pub fn set_state_bytes(&mut self, bytes: &[u8; CA_PRIV_SIZE]) {
        // SAFETY: `icsk_ca_priv` has that size, and is ours.
        unsafe { *backend::ca_priv(self.as_raw()).cast::<[u8; CA_PRIV_SIZE]>() = *bytes };
    }

    /// Makes the fields and the state equal to those of another socket.
    #[inline]
    pub fn copy_from(&mut self, other: &mut Self) {
        self.set_fields(other.fields());
        self.set_state_bytes(&other.state_bytes());
    }

    callbacks! {
        /// `cong_avoid`: packets were acknowledged.
        cong_avoid(ack: u32, acked: u32);
        /// `ssthresh`: the threshold after a loss.
        ssthresh() -> u32;
        /// `undo_cwnd`: the window to go back to.
        undo_cwnd() -> u32;
        /// `init`: the algorithm begins.
        init();
        /// `release`: the algorithm ends.
        release();
        /// `set_state`: the socket's congestion state changes.
        set_state(new_state: u8);
        /// `cwnd_event_tx_start`: the first packet after an idle period.
        cwnd_event_tx_start();
    }

    /// `pkts_acked`: an ACK was measured; a negative `rtt_us` is none.
    ///
    /// Does nothing if the table has no such member.
    #[inline]
    pub fn pkts_acked(&mut self, pkts_acked: u32, rtt_us: i32) {
        let sample = bindings::ack_sample {
            pkts_acked,
            rtt_us,
            in_flight: 0,
        };
        if let Some(callback) = self.table.ops.pkts_acked {
            // SAFETY: By the invariants of `Table` this may be called on a socket that the caller
            // owns, and by those of this type we own it. The sample lives during the call.
            unsafe { callback(self.as_raw(), &sample) };
        }
    }
}

/// Calls `f` with a sample.
#[inline]
pub fn with_sample<R>(pkts_acked: u32, rtt_us: i32, f: impl FnOnce(&AckSample<'_>) -> R) -> R {
    let sample = bindings::ack_sample {
        pkts_acked,
        rtt_us,
        in_flight: 0,
    };
    // SAFETY: `sample` lives during the call of `f`, and the reference does not outlive that.
    f(&unsafe { AckSample::from_raw(&sample) })
}

/// C's `__usecs_to_jiffies()`.
#[inline]
pub fn c_usecs_to_jiffies(usecs: u32) -> u64 {
    // SAFETY: It only computes.
    unsafe { bindings::__usecs_to_jiffies(usecs) as u64 }
}

/// Two sockets to which the same happens, one with an algorithm and one with its twin.
pub struct Twins<'t, A: CongestionControl> {
    sock: FakeSock<'t, A>,
    twin: FakeSock<'t, A>,
    /// As both were before a step.
    before: FakeSock<'t, A>,
}

impl<'t, A: CongestionControl> Twins<'t, A> {
    /// Two equal sockets.
    #[inline]
    pub fn new(table: &'t Table, twin: &'t Table) -> Result<Self> {
        Ok(Self {
            sock: FakeSock::new(table)?,
            twin: FakeSock::new(twin)?,
            before: FakeSock::new(table)?,
        })
    }

    /// Changes the first socket, and makes the second equal to it.
    #[inline]
    pub fn set(&mut self, change: impl FnOnce(&mut FakeSock<'t, A>)) {
        change(&mut self.sock);
        self.twin.copy_from(&mut self.sock);
    }

    /// Does `step` to both, in the same tick of the clock. Says whether it gave the same and left
    /// the same behind.
    #[inline]
    pub fn agree<R: PartialEq>(&mut self, mut step: impl FnMut(&mut FakeSock<'t, A>) -> R) -> bool {
        self.before.copy_from(&mut self.sock);
        let (result, twins) = in_one_tick(|_| {
            self.sock.copy_from(&mut self.before);
            self.twin.copy_from(&mut self.before);
            (step(&mut self.sock), step(&mut self.twin))
        });
        result == twins
            && self.sock.fields() == self.twin.fields()
            && self.sock.state_bytes() == self.twin.state_bytes()
    }

    /// The fields as they were before the last step, and now on either socket.
    #[inline]
    pub fn fields(&self) -> [Fields; 3] {
        [self.before.fields(), self.sock.fields(), self.twin.fields()]
    }

    /// The bytes of the state as they were before the last step, and now on either socket.
    #[inline]
    pub fn state_bytes(&mut self) -> [[u8; CA_PRIV_SIZE]; 3] {
        [
            self.before.state_bytes(),
            self.sock.state_bytes(),
            self.twin.state_bytes(),
        ]
    }
}

/// Calls `f` with the current tick, again and again until the clock did not tick meanwhile.
#[inline]
pub fn in_one_tick<R>(mut f: impl FnMut(Jiffies32) -> R) -> R {
    loop {
        let now = Jiffies32::now();
        let result = f(now);
        if Jiffies32::now() == now {
            return result;
        }
    }
}

/// A repeatable sequence of numbers: Marsaglia's xorshift64, its upper half.
pub struct Random(u64);

impl Random {
    /// The sequence of `seed`, which is not 0.
    #[inline]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    #[inline]
    pub fn any(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32
    }

    /// A number less than `bound`, which is not 0.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        self.any() % bound
    }

    /// A number with at most `bits` bits (at most 32): small ones are as likely as large ones.
    #[inline]
    pub fn sized(&mut self, bits: u32) -> u32 {
        let unused = 32 - self.below(bits + 1);
        self.any().checked_shr(unused).unwrap_or(0)
    }

    /// The bytes of a state.
    #[inline]
    pub fn state_bytes(&mut self) -> [u8; CA_PRIV_SIZE] {
        core::array::from_fn(|_| self.any() as u8)
    }

    /// What a socket may look like: a window of 1 to 2^30 packets, all else of any size.
    #[inline]
    pub fn fields(&mut self) -> Fields {
        Fields {
            snd_cwnd: self.sized(30).max(1),
            snd_cwnd_cnt: self.sized(32),
            snd_cwnd_clamp: match self.below(4) {
                0 => self.sized(31).max(1),
                _ => u32::MAX,
            },
            snd_ssthresh: match self.below(4) {
                0 => i32::MAX as u32,
                _ => self.sized(31).max(2),
            },
            prior_cwnd: self.sized(31),
            max_packets_out: self.sized(32),
            snd_nxt: self.any(),
            snd_una: self.any(),
            lsndtime: Jiffies32::now().since(Jiffies32::new(self.sized(32))).get() as u32,
            tcp_mstamp: u64::from(self.any()) << 8 | u64::from(self.any()),
            sk_pacing_rate: match self.below(4) {
                0 => usize::MAX,
                _ => self.sized(32) as usize,
            },
            sk_pacing_status: self.below(3),
            sk_gso_max_size: self.sized(20),
            is_cwnd_limited: self.below(4) != 0,
        }
    }
}

/// Does `holds` for `count` numbers 0, 1, ..: says which is the first for which it does not.
#[inline]
pub fn all(count: u32, mut holds: impl FnMut(u32) -> bool) -> bool {
    match (0..count).find(|&i| !holds(i)) {
        Some(i) => {
            kernel::kunit::err(fmt!("    # does not hold for case {i}\n"));
            false
        }
        None => true,
    }
}

/// Shows what a failed case was about; returns `false`.
#[inline]
pub fn explain(what: &dyn core::fmt::Debug) -> bool {
    kernel::kunit::err(fmt!("    # {what:?}\n"));
    false
}
