// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites on real connections, over the loopback device: when the kernel calls what, and
//! what a fake socket cannot show.
//!
//! What is registered or connected is dropped before anything is asserted.

use core::sync::atomic::{
    AtomicU32,
    Ordering::Relaxed, //
};
use ferrops::Registration;
use kernel::{
    module::this_module,
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
    types::Opaque, //
};
use tcp_cc::{
    callbacks::{
        self,
        TcpCongestionOps, //
    },
    prelude::*, //
};
use tcp_cc_kunit::{
    bindings as c,
    references,
    Family,
    RealSock, //
};

tcp_cc_kunit::kunit_module! {
    name: "connection_kunit",
    description: "KUnit suites of ferrops: real connections",
}

state! {
    /// What [`Recorder`] keeps.
    struct Count {
        /// How often it was called for this socket.
        calls: u32,
        /// What a test put there.
        seeded: u32,
    }
}

/// Has every callback of the classic family, or of the custom one, and writes down when it is
/// called.
///
/// What it writes down is not in the socket, where the kernel would throw it away with the
/// connection. So only one socket at a time may use it.
struct Recorder<const CUSTOM: bool = false>;

/// The callbacks as they are written down, with their argument in the lowest byte.
const INIT: u32 = 0x100;
const RELEASE: u32 = 0x200;
const SSTHRESH: u32 = 0x300;
const SET_STATE: u32 = 0x400;
const CWND_EVENT: u32 = 0x500;
const TX_START: u32 = 0x600;
const IN_ACK: u32 = 0x700;
const PKTS_ACKED: u32 = 0x800;
const CONG_AVOID: u32 = 0x900;
const OTHER: u32 = 0xa00;
const CONG_CONTROL: u32 = 0xb00;
/// Not a callback: an event has just sent an ACK.
const SENT: u32 = 0xc00;

/// What was written down: first how much.
static LENGTH: AtomicU32 = AtomicU32::new(0);
static LOG: [AtomicU32; 256] = [const { AtomicU32::new(0) }; 256];
/// How often a call found a state of zeroes.
static BEGINNINGS: AtomicU32 = AtomicU32::new(0);
/// How often it found one that was neither that nor what the call before had left.
static SURPRISES: AtomicU32 = AtomicU32::new(0);
/// The `seeded` of the last call.
static SEEDED: AtomicU32 = AtomicU32::new(0);
/// How many ACKs each event sends.
static ACKS: AtomicU32 = AtomicU32::new(0);

impl Count {
    /// Writes down a call.
    fn note(&mut self, call: u32) {
        let before = LENGTH.fetch_add(1, Relaxed);
        if self.calls == 0 {
            BEGINNINGS.fetch_add(1, Relaxed);
        } else if self.calls != before {
            SURPRISES.fetch_add(1, Relaxed);
        }
        self.calls = before.wrapping_add(1);
        SEEDED.store(self.seeded, Relaxed);
        if let Some(entry) = LOG.get(before as usize) {
            entry.store(call, Relaxed);
        }
    }
}

/// Begins a new record.
fn begin() {
    LENGTH.store(0, Relaxed);
    BEGINNINGS.store(0, Relaxed);
    SURPRISES.store(0, Relaxed);
    SEEDED.store(0, Relaxed);
    ACKS.store(0, Relaxed);
}

/// The call `i` of the record; 0 if there were not so many.
fn call(i: u32) -> u32 {
    if i >= LENGTH.load(Relaxed) {
        return 0;
    }
    LOG.get(i as usize).map_or(0, |entry| entry.load(Relaxed))
}

/// The calls of the record from `from` on; 0 where there were not so many.
fn calls<const N: usize>(from: u32) -> [u32; N] {
    let mut calls = [0; N];
    for (i, entry) in (from..).zip(&mut calls) {
        *entry = call(i);
    }
    calls
}

/// How many calls are in the record.
fn count(wanted: u32) -> usize {
    (0..LENGTH.load(Relaxed))
        .filter(|i| call(*i) == wanted)
        .count()
}

/// How often the state was of zeroes, and how often not what it should have been.
fn states() -> (u32, u32) {
    (BEGINNINGS.load(Relaxed), SURPRISES.load(Relaxed))
}

/// What the record ends with if a connection was broken off at this end: the kernel zeroes the
/// state after `release`, and still calls `set_state`.
const AT_THE_END: [u32; 2] = [RELEASE, SET_STATE | CaState::OPEN.as_raw() as u32];

/// The last two calls of the record.
fn last_two() -> [u32; 2] {
    let length = LENGTH.load(Relaxed);
    [call(length.wrapping_sub(2)), call(length.wrapping_sub(1))]
}

/// Which call of the record is the first of these.
fn first(wanted: u32) -> Option<u32> {
    (0..LENGTH.load(Relaxed)).find(|i| call(*i) == wanted)
}

/// Sends the ACKs of an event.
fn send_acks(sk: &mut Sock<Event<Count>>) {
    for _ in 0..ACKS.load(Relaxed) {
        sk.send_ack(sk.rcv_nxt());
        sk.state_mut().note(SENT);
    }
}

impl<const CUSTOM: bool> CongestionControl for Recorder<CUSTOM> {
    type State = Count;

    const OPS: Ops<Self> = Ops {
        name: if CUSTOM {
            "kunit_custom"
        } else {
            "kunit_recorder"
        },
        flags: Flags::NONE,
        control: if CUSTOM {
            Control::CongControl(|_, count: &mut Count, _, _, _| count.note(CONG_CONTROL))
        } else {
            Control::CongAvoid(|sk, count: &mut Count, ack, acked| {
                count.note(CONG_AVOID);
                reno::cong_avoid(sk, count, ack, acked);
            })
        },
        ssthresh: |sk, count| {
            count.note(SSTHRESH);
            reno::ssthresh(sk, count)
        },
        undo_cwnd: |sk, count| {
            count.note(OTHER);
            reno::undo_cwnd(sk, count)
        },
        optional: Optional {
            init: Some(|sk| sk.state_mut().note(INIT)),
            release: Some(|_, count| count.note(RELEASE)),
            set_state: Some(|_, count, state| count.note(SET_STATE | u32::from(state.as_raw()))),
            cwnd_event: Some(|sk, event| {
                sk.state_mut().note(CWND_EVENT | event.as_raw() & 0xff);
                send_acks(sk);
            }),
            cwnd_event_tx_start: Some(|sk| {
                sk.state_mut().note(TX_START);
                send_acks(sk);
            }),
            // With what is left in the retransmit queue.
            in_ack_event: Some(|sk, _| {
                let packets_out = sk.packets_out().get() & 0xff;
                sk.state_mut().note(IN_ACK | packets_out);
                send_acks(sk);
            }),
            pkts_acked: Some(|_, count, _| count.note(PKTS_ACKED)),
            ..Optional::NONE
        },
    };
}

/// Falls back as soon as it may.
struct Falling;

impl CongestionControl for Falling {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "kunit_falling",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(|sk| {
                sk.fall_back_to::<Fallback>();
            }),
            ..Optional::NONE
        },
    };
}

/// What is fallen back to. It is not registered.
struct Fallback;

impl CongestionControl for Fallback {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "kunit_fallback",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

const RECORDER: &CStr = c"kunit_recorder";
const CUSTOM: &CStr = c"kunit_custom";
const FALLING: &CStr = c"kunit_falling";

fn register<A: CongestionControl>() -> Result<Pin<KBox<Registration<TcpCongestionOps, 1>>>> {
    // SAFETY: The table is this module's, whose init has succeeded; the kernel drops its
    // reference after the suites. The tests drop what they get, after the sockets that use it.
    let registration =
        unsafe { Registration::new([Opaque::new(callbacks::table::<A>())], [A::OPS.name]) };
    KBox::pin_init(registration, GFP_KERNEL)
}

fn references_to_us() -> i32 {
    references(this_module::<LocalModule>())
}

/// Waits until `holds`; says whether it came to that.
fn wait_until(mut holds: impl FnMut() -> bool) -> bool {
    (0..10_000).any(|_| {
        let done = holds();
        if !done {
            fsleep(Delta::from_millis(10));
        }
        done
    })
}

/// A listening socket with its port.
fn listener(backlog: i32) -> Result<(RealSock, u16)> {
    let listener = RealSock::new(Family::V4)?;
    let port = listener.listen(backlog)?;
    Ok((listener, port))
}

/// The two ends of a connection: the one that connected uses `algorithm`.
fn pair(algorithm: &CStr) -> Result<(RealSock, RealSock)> {
    let (listener, port) = listener(1)?;
    let client = RealSock::new(Family::V4)?;
    client.select(algorithm)?;
    client.connect(port)?;
    Ok((client, listener.accept()?))
}

/// Sends a few bytes from one socket to another.
fn carries_data(from: &RealSock, to: &RealSock) -> Result<bool> {
    let mut data = [0; 5];
    from.send(b"bytes")?;
    to.receive(&mut data)?;
    Ok(&data == b"bytes")
}

/// A listener that answers no SYN, since it has a connection that nobody accepts.
fn deaf_listener() -> Result<(RealSock, u16, RealSock)> {
    let (listener, port) = listener(0)?;
    let filler = RealSock::new(Family::V4)?;
    filler.connect(port)?;
    let is_full = || {
        listener.locked(|tp, _| {
            // SAFETY: The socket is locked.
            let sk = unsafe { &(*tp).inet_conn.icsk_inet.sk };
            sk.sk_ack_backlog > sk.sk_max_ack_backlog
        })
    };
    if !wait_until(is_full) {
        return Err(ETIMEDOUT);
    }
    Ok((listener, port, filler))
}

#[kunit_tests(ferrops_connection)]
mod connection {
    use super::*;

    #[test]
    fn a_connection_from_beginning_to_end() -> Result {
        begin();
        let before = references_to_us();
        let registration = register::<Recorder>()?;
        let result = || -> Result<_> {
            let (client, server) = pair(RECORDER)?;
            let carried = carries_data(&client, &server)? && carries_data(&server, &client)?;
            let used = (client.algorithm(), references_to_us());
            drop(client);
            Ok((carried, used))
        }();
        let after = references_to_us();
        drop(registration);

        let (carried, used) = result?;
        assert!(carried);
        assert_eq!(used, (*b"kunit_recorder\0\0", before + 1));
        assert_eq!(after, before);
        assert_eq!((count(INIT), count(RELEASE)), (1, 1));
        assert!(first(INIT) < first(TX_START));
        assert!(count(TX_START) > 0);
        assert!(count(CONG_AVOID) > 0);
        assert!(count(IN_ACK) > 0);
        assert!(count(PKTS_ACKED) > 0);
        assert_eq!(count(SSTHRESH), 0);
        assert_eq!(last_two(), AT_THE_END);
        assert_eq!(states(), (2, 0));
        Ok(())
    }

    #[test]
    fn choosing_another_on_the_way() -> Result {
        begin();
        let before = references_to_us();
        let registration = register::<Recorder>()?;
        let result = || -> Result<_> {
            let (client, server) = pair(c"reno")?;
            client.select(RECORDER)?;
            let chosen = (call(0), LENGTH.load(Relaxed), references_to_us());
            let carried = carries_data(&client, &server)?;
            client.select(c"reno")?;
            let left = (count(RELEASE), references_to_us());
            Ok((carried && carries_data(&client, &server)?, chosen, left))
        }();
        let calls = LENGTH.load(Relaxed);
        drop(registration);

        let (carried, chosen, left) = result?;
        assert!(carried);
        assert_eq!(chosen, (INIT, 1, before + 1));
        assert_eq!(left, (1, before));
        // And no call after the last.
        assert_eq!(call(calls - 1), RELEASE);
        assert_eq!(states(), (1, 0));
        Ok(())
    }

    #[test]
    fn a_child_before_init() -> Result {
        begin();
        let before = references_to_us();
        let registration = register::<Recorder>()?;
        let result = || -> Result<_> {
            let (listener, port) = listener(1)?;
            listener.select(RECORDER)?;
            // Of a listener no callback is called, but its children have its state.
            let early = LENGTH.load(Relaxed);
            // SAFETY: The socket is locked, and the state is that of `Recorder`.
            listener.locked(|tp, _| unsafe {
                let state = &raw mut (*tp).inet_conn.icsk_ca_priv;
                (*state.cast::<Count>()).seeded = 0x5eed;
            });
            let client = RealSock::new(Family::V4)?;
            client.select(c"reno")?;
            client.connect(port)?;
            let child = listener.accept()?;
            let used = (child.algorithm(), references_to_us());
            let seeded = SEEDED.load(Relaxed);
            let carried = carries_data(&client, &child)? && carries_data(&child, &client)?;
            Ok((carried, early, used, seeded))
        }();
        drop(registration);

        let (carried, early, used, seeded) = result?;
        assert!(carried);
        assert_eq!(early, 0);
        assert_eq!(used, (*b"kunit_recorder\0\0", before + 2));
        assert_eq!(seeded, 0x5eed);
        assert_eq!(call(0), SET_STATE | u32::from(CaState::OPEN.as_raw()));
        assert!(first(INIT) > Some(0));
        assert_eq!((count(INIT), count(RELEASE)), (1, 1));
        assert_eq!(last_two(), AT_THE_END);
        assert_eq!(states(), (2, 0));
        assert_eq!(references_to_us(), before);
        Ok(())
    }

    /// What a timeout of the SYN calls, in this order and before `init`.
    const ON_TIMEOUT: [u32; 3] = [
        SSTHRESH,
        CWND_EVENT | CwndEvent::LOSS.as_raw(),
        SET_STATE | CaState::LOSS.as_raw() as u32,
    ];

    /// Has a connection whose SYN gets no answer until it has timed out. Gives the first calls, and
    /// whether the connection carries data then.
    pub(super) fn times_out_at_first(
        connect: impl FnOnce(&RealSock, u16) -> Result,
    ) -> Result<([u32; 3], bool)> {
        let (listener, port, _filler) = deaf_listener()?;
        let client = RealSock::new(Family::V4)?;
        client.select(RECORDER)?;
        connect(&client, port)?;
        if !wait_until(|| LENGTH.load(Relaxed) >= 3) {
            return Err(ETIMEDOUT);
        }
        let calls = [call(0), call(1), call(2)];

        let _filler = listener.accept()?;
        client.connect(port)?;
        let server = listener.accept()?;
        let carried = carries_data(&client, &server)? && carries_data(&server, &client)?;
        Ok((calls, carried))
    }

    #[test]
    fn a_syn_timeout_before_init() -> Result {
        begin();
        let before = references_to_us();
        let registration = register::<Recorder>()?;
        let result = times_out_at_first(|client, port| client.connect_later(port));
        drop(registration);

        assert_eq!(result, Ok((ON_TIMEOUT, true)));
        assert!(first(INIT) > Some(2));
        assert_eq!((count(INIT), count(RELEASE)), (1, 1));
        assert_eq!(states(), (1, 0));
        assert_eq!(references_to_us(), before);
        Ok(())
    }

    #[test]
    fn a_fast_open_timeout_before_init() -> Result {
        begin();
        let before = references_to_us();
        let registration = register::<Recorder>()?;
        let mut had_data = 0;
        let result = times_out_at_first(|client, port| {
            client.set_number(c::TCP_FASTOPEN_NO_COOKIE, 1)?;
            client.connect_fast(port, b"bytes")?;
            // SAFETY: The socket is locked.
            had_data = client.locked(|tp, _| unsafe { c::tcp_sock::syn_data_raw(tp) });
            Ok(())
        });
        drop(registration);

        // The data of the SYN comes first.
        assert_eq!(result, Ok((ON_TIMEOUT, true)));
        assert_eq!(had_data, 1);
        assert!(first(INIT) > Some(2));
        assert_eq!((count(INIT), count(RELEASE)), (1, 1));
        assert_eq!(states(), (1, 0));
        assert_eq!(references_to_us(), before);
        Ok(())
    }

    #[test]
    fn a_connection_that_never_is() -> Result {
        begin();
        let before = references_to_us();
        let registration = register::<Recorder>()?;
        let result = || -> Result<_> {
            let (listener, port, filler) = deaf_listener()?;
            let client = RealSock::new(Family::V4)?;
            client.select(RECORDER)?;
            client.set_number(c::TCP_SYNCNT, 1)?;
            let refused = client.connect(port);
            let calls = [call(0), call(1), call(2)];
            let without_init = (count(INIT), count(RELEASE));

            // The socket can be used again, and its state is as new.
            drop(filler);
            drop(listener.accept()?);
            client.connect(port)?;
            let server = listener.accept()?;
            let carried = carries_data(&client, &server)?;
            Ok((refused, calls, without_init, carried))
        }();
        drop(registration);

        assert_eq!(result, Ok((Err(ETIMEDOUT), ON_TIMEOUT, (0, 0), true)));
        assert_eq!((count(INIT), count(RELEASE)), (1, 1));
        assert_eq!(states(), (2, 0));
        assert_eq!(references_to_us(), before);
        Ok(())
    }
}

/// Which callback comes when: what Documentation/contract.rst says of it.
#[kunit_tests(ferrops_order)]
mod order {
    use super::*;

    /// The change to this state.
    const fn to(state: CaState) -> u32 {
        SET_STATE | state.as_raw() as u32
    }

    /// This event.
    const fn event(event: CwndEvent) -> u32 {
        CWND_EVENT | event.as_raw()
    }

    /// The first calls for a socket that connects with `algorithm`, after `prepare`; and how many
    /// there were before.
    fn of_an_active_open<const N: usize>(
        algorithm: &CStr,
        prepare: impl FnOnce(&RealSock),
    ) -> Result<(u32, [u32; N])> {
        begin();
        let registrations = (register::<Recorder>()?, register::<Recorder<true>>()?);
        let result = || -> Result<_> {
            let (_listener, port) = listener(1)?;
            let client = RealSock::new(Family::V4)?;
            client.select(algorithm)?;
            prepare(&client);
            let early = LENGTH.load(Relaxed);
            client.connect(port)?;
            Ok((early, calls(0)))
        }();
        drop(registrations);
        result
    }

    #[test]
    fn before_init_of_an_active_open() -> Result {
        // When it is chosen for a closed socket none is called, not even `init`.
        assert_eq!(
            of_an_active_open(RECORDER, |_| ()),
            Ok((0, [PKTS_ACKED, IN_ACK, INIT]))
        );
        assert_eq!(
            of_an_active_open(CUSTOM, |_| ()),
            Ok((0, [PKTS_ACKED, IN_ACK, CONG_CONTROL, INIT]))
        );
        // A SYN grows the window where `net.ipv4.tcp_reordering` was lowered since the socket was
        // made.
        let expect_reordering = |client: &RealSock| {
            // SAFETY: The socket is locked.
            client.locked(|tp, _| unsafe { (*tp).reordering += 1 });
        };
        assert_eq!(
            of_an_active_open(RECORDER, expect_reordering),
            Ok((0, [PKTS_ACKED, IN_ACK, CONG_AVOID, INIT]))
        );
        Ok(())
    }

    /// The first calls for a connection that a listener with `algorithm` accepts.
    fn of_a_passive_open(algorithm: &CStr) -> Result<[u32; 3]> {
        begin();
        let registrations = (register::<Recorder>()?, register::<Recorder<true>>()?);
        let result = || -> Result<_> {
            let (listener, port) = listener(1)?;
            listener.select(algorithm)?;
            let client = RealSock::new(Family::V4)?;
            client.select(c"reno")?;
            client.connect(port)?;
            let _child = listener.accept()?;
            Ok(calls(0))
        }();
        drop(registrations);
        result
    }

    #[test]
    fn before_init_of_a_passive_open() -> Result {
        const CALLS: [u32; 3] = [to(CaState::OPEN), IN_ACK, INIT];
        assert_eq!(of_a_passive_open(RECORDER), Ok(CALLS));
        assert_eq!(of_a_passive_open(CUSTOM), Ok(CALLS));
        Ok(())
    }

    #[test]
    fn init_of_a_socket_that_connects() -> Result {
        begin();
        let registration = register::<Recorder>()?;
        let result = || -> Result<_> {
            let (listener, port, _filler) = deaf_listener()?;
            let client = RealSock::new(Family::V4)?;
            client.select(c"reno")?;
            client.connect_later(port)?;
            client.select(RECORDER)?;
            let first = call(0);
            let _filler = listener.accept()?;
            client.connect(port)?;
            let server = listener.accept()?;
            Ok((first, carries_data(&client, &server)?))
        }();
        drop(registration);

        // Once, although the connection is established later.
        assert_eq!(result, Ok((INIT, true)));
        assert_eq!((count(INIT), count(RELEASE)), (1, 1));
        Ok(())
    }

    /// The calls that an ACK with an echo of congestion causes, and those for the packet before.
    fn of_one_ack<const N: usize>(algorithm: &CStr) -> Result<[u32; N]> {
        begin();
        let registrations = (register::<Recorder>()?, register::<Recorder<true>>()?);
        let result = || -> Result<_> {
            let (client, server) = pair(algorithm)?;
            // As if both had agreed on ECN, and the server had received a mark.
            // SAFETY: The sockets are locked.
            client.locked(|tp, _| unsafe { (*tp).ecn_flags = 1 });
            server.locked(|tp, _| unsafe {
                (*tp).ecn_flags = 1 | c::FERROPS_ECN_DEMAND_CWR as u8;
            });
            let from = LENGTH.load(Relaxed);
            client.send(b"bytes")?;
            wait_until(|| LENGTH.load(Relaxed) >= from + N as u32);
            Ok(calls(from))
        }();
        drop(registrations);
        result
    }

    #[test]
    fn within_one_ack() -> Result {
        // The kernel reduces the window itself,
        assert_eq!(
            of_one_ack(RECORDER),
            Ok([TX_START, PKTS_ACKED, IN_ACK, SSTHRESH, to(CaState::CWR)])
        );
        // or has the algorithm do it.
        assert_eq!(
            of_one_ack(CUSTOM),
            Ok([
                TX_START,
                PKTS_ACKED,
                IN_ACK,
                SSTHRESH,
                to(CaState::CWR),
                CONG_CONTROL,
            ])
        );
        Ok(())
    }

    /// How many packets [`congested`] has sent while another algorithm could be chosen with
    /// `bpf_setsockopt()`, and how many while it could not.
    static SWITCHABLE: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

    /// Sends a packet, and says that the network is congested, as a qdisc does that is full, or a
    /// BPF program of the cgroup.
    unsafe extern "C" fn congested(
        sk: *mut c::sock,
        skb: *mut c::sk_buff,
        fl: *mut c::flowi,
    ) -> i32 {
        const NET_XMIT_CN: i32 = 2;
        // SAFETY: TCP calls this with the socket locked.
        let changes = unsafe { c::tcp_sock::bpf_chg_cc_inprogress_raw(sk.cast()) };
        if let Some(packets) = SWITCHABLE.get(usize::from(changes)) {
            packets.fetch_add(1, Relaxed);
        }
        // SAFETY: TCP calls this instead.
        match unsafe { c::ip_queue_xmit(sk, skb, fl) } {
            0 => NET_XMIT_CN,
            error => error,
        }
    }

    /// Calls `f` while the socket, one of IPv4, sends with [`congested`].
    fn while_congested<R>(sock: &RealSock, f: impl FnOnce() -> R) -> Result<R> {
        let mut ops = KBox::new(c::inet_connection_sock_af_ops::default(), GFP_KERNEL)?;
        let table: *mut c::inet_connection_sock_af_ops = &raw mut *ops;
        // SAFETY: The socket is locked, and its table is there; so is the copy until it has its own
        // back.
        let own = sock.locked(|tp, _| unsafe {
            let place = &raw mut (*tp).inet_conn.icsk_af_ops;
            let own = place.read();
            table.write(own.read());
            (*table).queue_xmit = Some(congested);
            place.write(table);
            own
        });
        let result = f();
        // SAFETY: As above.
        sock.locked(|tp, _| unsafe { (*tp).inet_conn.icsk_af_ops = own });
        Ok(result)
    }

    #[test]
    fn an_ack_that_an_event_sends() -> Result {
        begin();
        SWITCHABLE
            .each_ref()
            .map(|packets| packets.store(0, Relaxed));
        let registration = register::<Recorder>()?;
        let result = || -> Result<_> {
            let (client, server) = pair(RECORDER)?;
            let from = LENGTH.load(Relaxed);
            ACKS.store(2, Relaxed);
            let carried = while_congested(&client, || -> Result<_> {
                Ok(carries_data(&client, &server)?
                    && wait_until(|| LENGTH.load(Relaxed) >= from + 14))
            })??;
            // SAFETY: The socket is locked.
            let changes =
                client.locked(|tp, _| unsafe { c::tcp_sock::bpf_chg_cc_inprogress_raw(tp) });
            Ok((carried, calls(from), changes))
        }();
        drop(registration);

        let (carried, calls, changes) = result?;
        assert!(carried);
        assert_eq!(
            calls,
            [
                TX_START,
                // Out of the first ACK comes the reduction, and out of no other: the socket is in
                // CWR then.
                SSTHRESH,
                to(CaState::CWR),
                SENT,
                SENT,
                PKTS_ACKED,
                IN_ACK,
                SENT,
                SENT,
                event(CwndEvent::COMPLETE_CWR),
                SENT,
                SENT,
                to(CaState::OPEN),
                CONG_AVOID,
            ]
        );
        // Nobody chooses another algorithm out of an ACK; out of the packet with data one may.
        let switchable = SWITCHABLE.each_ref().map(|packets| packets.load(Relaxed));
        assert_eq!((switchable, changes), ([1, 6], 0));
        // The event sees what `ssthresh` and `set_state` wrote.
        assert_eq!(states(), (1, 0));
        Ok(())
    }

    #[test]
    fn an_ack_before_a_connection() -> Result {
        begin();
        let registration = register::<Recorder>()?;
        let result = connection::times_out_at_first(|client, port| {
            ACKS.store(1, Relaxed);
            client.connect_later(port)
        });
        drop(registration);

        assert_eq!(result, Ok(([SSTHRESH, event(CwndEvent::LOSS), SENT], true)));
        assert!(first(INIT) > Some(2));
        assert_eq!(states(), (1, 0));
        Ok(())
    }
}

#[kunit_tests(ferrops_fallback)]
mod fallback {
    use super::*;

    #[test]
    fn of_a_connection() -> Result {
        let before = references_to_us();
        let registration = register::<Falling>()?;
        let result = || -> Result<_> {
            let (client, server) = pair(FALLING)?;
            let used = (client.algorithm(), references_to_us());
            Ok((used, carries_data(&client, &server)?))
        }();
        drop(registration);
        assert_eq!(result, Ok(((*b"kunit_fallback\0\0", before + 1), true)));
        assert_eq!(references_to_us(), before);
        Ok(())
    }

    #[test]
    fn not_of_others() -> Result {
        let before = references_to_us();
        let result = || -> Result<_> {
            let (client, server) = pair(c"reno")?;
            let fell = client.in_init(|sk| sk.fall_back_to::<Fallback>());
            let used = (client.algorithm(), references_to_us());
            Ok((fell, used, carries_data(&client, &server)?))
        }();
        assert_eq!(
            result,
            Ok((false, (*b"reno\0\0\0\0\0\0\0\0\0\0\0\0", before), true))
        );
        assert_eq!(references_to_us(), before);
        Ok(())
    }
}

#[kunit_tests(ferrops_real_socket)]
mod real_socket {
    use super::*;

    #[test]
    fn clear_ect() -> Result {
        for family in [Family::V4, Family::V6] {
            for tos in 0..=u8::MAX {
                let socket = RealSock::new(family)?;
                // SAFETY: The socket is locked; one of IPv6 has its part.
                socket.locked(|tp, _| unsafe {
                    let inet = &raw mut (*tp).inet_conn.icsk_inet;
                    (*inet).tos = tos;
                    if family == Family::V6 {
                        (*(*inet).pinet6).tclass = tos;
                    }
                });
                socket.in_init(|sk| sk.clear_ect());
                // SAFETY: As above.
                let after = socket.locked(|tp, _| unsafe {
                    let inet = &raw const (*tp).inet_conn.icsk_inet;
                    match family {
                        Family::V4 => ((*inet).tos, tos & !3),
                        Family::V6 => ((*inet).tos, (*(*inet).pinet6).tclass),
                    }
                });
                drop(socket);
                // The other six bits are those of the application.
                assert_eq!(after, (tos & !3, tos & !3));
            }
        }
        Ok(())
    }

    /// No sock_ops program is attached that would know it.
    #[test]
    fn base_rtt_without_a_program() -> Result {
        let socket = RealSock::new(Family::V4)?;
        let base_rtt = socket.in_init(|sk| sk.base_rtt());
        // SAFETY: The socket is locked.
        let changing = socket.locked(|tp, _| unsafe { (*tp).bpf_chg_cc_inprogress() });
        drop(socket);
        assert_eq!((base_rtt, changing), (None, 0));
        Ok(())
    }

    /// How much of what a socket has sent is not acknowledged, in bytes.
    fn unacknowledged(sock: &RealSock) -> u32 {
        // SAFETY: The socket is locked.
        sock.locked(|tp, _| unsafe { (*tp).snd_nxt.wrapping_sub((*tp).snd_una) })
    }

    /// A connection whose second end has an ACK of 10 bytes to send, and delays it.
    fn with_a_delayed_ack() -> Result<(RealSock, RealSock)> {
        const TCP_NODELAY: u32 = 1;
        const TCP_QUICKACK: u32 = 12;
        // The delay may be over before anybody has looked.
        for _ in 0..100 {
            let (client, server) = pair(c"reno")?;
            client.set_number(TCP_NODELAY, 1)?;
            server.set_number(TCP_QUICKACK, 0)?;
            client.send(&[0; 10])?;
            if server.in_event(|sk| sk.is_ack_delayed()) && unacknowledged(&client) == 10 {
                return Ok((client, server));
            }
        }
        Err(ETIMEDOUT)
    }

    #[test]
    fn send_ack() -> Result {
        let result = || -> Result<_> {
            let (client, server) = with_a_delayed_ack()?;
            // First of 6 of the bytes, then of all.
            server.in_event(|sk| {
                let rcv_nxt = sk.rcv_nxt().get();
                sk.send_ack(SeqNo::new(rcv_nxt.wrapping_sub(4)));
            });
            let partly = unacknowledged(&client);
            let delayed = server.in_event(|sk| {
                sk.send_ack(sk.rcv_nxt());
                sk.is_ack_delayed()
            });
            let fully = wait_until(|| unacknowledged(&client) == 0);
            Ok((partly, delayed, fully))
        }();
        assert_eq!(result, Ok((4, false, true)));
        Ok(())
    }

    #[test]
    fn ack_now() -> Result {
        let result = || -> Result<_> {
            let (client, server) = with_a_delayed_ack()?;
            server.in_event(|sk| sk.ack_now());
            // The first byte has its ACK at once, with that of the others.
            client.send(&[0])?;
            let after = (
                unacknowledged(&client),
                server.in_event(|sk| sk.is_ack_delayed()),
            );
            // SAFETY: The socket is locked.
            let pending = server.locked(|tp, _| unsafe { (*tp).inet_conn.icsk_ack.pending });
            Ok((after, pending & 16))
        }();
        assert_eq!(result, Ok(((0, false), 0)));
        Ok(())
    }

    /// With `net.ipv4.tcp_plb_enabled`, which tests/guest/kunit.sh sets, and the other values as
    /// they are: congested is a round with half of its packets marked, and idle connections are
    /// rerouted after 3 rounds.
    #[test]
    fn plb() -> Result {
        let result = || -> Result<_> {
            let (client, _server) = pair(c"reno")?;
            // SAFETY: The socket is locked.
            let rerouted = || client.locked(|tp, _| unsafe { (*tp).plb_rehash });
            let after = |plb: &mut Plb, rounds: &[i32]| {
                client.in_event(|sk| {
                    let (sk, ()) = sk.split();
                    for ratio in rounds {
                        plb.update(sk, *ratio);
                    }
                    plb.check_rehash(sk);
                });
                rerouted()
            };
            let mut plb = Plb::new();
            let mut counts = [0; 8];
            counts[0] = after(&mut plb, &[128, 256]);
            counts[1] = after(&mut plb, &[128]);
            // It begins anew; a round without a word does not count, one with few marks ends it.
            counts[2] = after(&mut plb, &[256, 256, -1]);
            counts[3] = after(&mut plb, &[127, 256, 256]);
            counts[4] = after(&mut plb, &[256]);
            // What is forgotten does not count either.
            after(&mut plb, &[256, 256]);
            plb.clear();
            counts[5] = after(&mut plb, &[256]);
            // After a timeout not for a minute, unless that is forgotten.
            client.in_event(|sk| plb.upon_rto(sk.split().0));
            counts[6] = after(&mut plb, &[256; 20]);
            plb.clear();
            counts[7] = after(&mut plb, &[256; 3]);
            Ok(counts)
        }();
        assert_eq!(result, Ok([0, 1, 1, 1, 2, 2, 2, 3]));
        Ok(())
    }
}
