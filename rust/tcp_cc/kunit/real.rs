// SPDX-License-Identifier: GPL-2.0-only

//! Sockets of the kernel's, and connections over the loopback device of the first network
//! namespace, which has to be up.

use core::{
    mem::size_of,
    ptr::{
        addr_of,
        addr_of_mut,
        null_mut,
        NonNull, //
    },
};
use ferrops_bindings as bindings;
use kernel::{
    error::to_result,
    prelude::*, //
};
use tcp_cc::{
    context::{
        Event,
        Init, //
    },
    Sock, //
};

/// How many references there are to a module: one for each socket that uses one of its algorithms,
/// and one while it is being loaded.
#[inline]
pub fn references(module: &'static ThisModule) -> i32 {
    // SAFETY: The module is there.
    unsafe { bindings::module_refcount(module.as_ptr().cast()) }
}

/// The family of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `AF_INET`
    V4,
    /// `AF_INET6`
    V6,
}

/// A TCP socket of the kernel's.
///
/// Dropping it ends its connection at once, and so its use of the algorithm.
///
/// # Invariants
///
/// The pointer is a TCP socket that `sock_create_kern()` or `kernel_accept()` made and that is ours
/// alone.
pub struct RealSock(NonNull<bindings::socket>);

/// An IPv4 address of this machine, with a port.
#[derive(Clone, Copy)]
#[repr(C)]
struct Loopback {
    family: u16,
    /// In network byte order.
    port: u16,
    address: [u8; 4],
    padding: [u8; 8],
}

impl Loopback {
    /// The address with this port, or with any if that is 0.
    #[inline]
    const fn new(port: u16) -> Self {
        Self {
            family: 2, // AF_INET
            port: port.to_be(),
            address: [127, 0, 0, 1],
            padding: [0; 8],
        }
    }
}

impl RealSock {
    /// A closed socket.
    #[inline]
    pub fn new(family: Family) -> Result<Self> {
        const AF_INET: i32 = 2;
        const AF_INET6: i32 = 10;
        const SOCK_STREAM: i32 = 1;

        let family = match family {
            Family::V4 => AF_INET,
            Family::V6 => AF_INET6,
        };
        let mut sock = null_mut();
        // SAFETY: `init_net` always exists, and `sock` is valid for writes.
        to_result(unsafe {
            bindings::sock_create_kern(
                addr_of_mut!(bindings::init_net),
                family,
                SOCK_STREAM,
                0,
                &mut sock,
            )
        })?;
        Self::made(sock)
    }

    /// Takes over a socket that was just made.
    #[inline]
    fn made(sock: *mut bindings::socket) -> Result<Self> {
        // INVARIANT: The callers made the socket, and have nothing else of it.
        let sock = Self(NonNull::new(sock).ok_or(EINVAL)?);
        // SAFETY: Valid by the type invariants.
        unsafe { bindings::sock_no_linger(sock.as_raw()) };
        Ok(sock)
    }

    /// The `struct sock`.
    #[inline]
    fn as_raw(&self) -> *mut bindings::sock {
        // SAFETY: Valid by the type invariants.
        unsafe { (*self.0.as_ptr()).sk }
    }

    /// Chooses the algorithm `name` (`TCP_CONGESTION`).
    #[inline]
    pub fn select(&self, name: &CStr) -> Result {
        self.set_option(bindings::TCP_CONGESTION, name.to_bytes())
    }

    /// Sets an option of TCP's that is a number.
    #[inline]
    pub fn set_number(&self, option: u32, value: i32) -> Result {
        self.set_option(option, &value.to_ne_bytes())
    }

    /// Sets an option of TCP's.
    #[inline]
    fn set_option(&self, option: u32, value: &[u8]) -> Result {
        let mut optval = bindings::sockptr_t {
            __bindgen_anon_1: bindings::sockptr_t__bindgen_ty_1 {
                kernel: value.as_ptr().cast_mut().cast(),
            },
            ..Default::default()
        };
        optval.set_is_kernel(true);
        // SAFETY: The socket is valid by the type invariants, and `optval` is a kernel pointer to
        // so many bytes, which are only read.
        to_result(unsafe {
            bindings::sock_common_setsockopt(
                self.0.as_ptr(),
                bindings::SOL_TCP as i32,
                option as i32,
                optval,
                value.len() as u32,
            )
        })
    }

    /// Listens at some port, for `backlog` connections more than one. Returns the port.
    #[inline]
    pub fn listen(&self, backlog: i32) -> Result<u16> {
        let mut address = Loopback::new(0);
        // SAFETY: The socket is valid by the type invariants, and so are the addresses: one of IPv4
        // is read and written.
        unsafe {
            to_result(bindings::kernel_bind(
                self.0.as_ptr(),
                addr_of_mut!(address).cast(),
                size_of::<Loopback>() as i32,
            ))?;
            to_result(bindings::kernel_listen(self.0.as_ptr(), backlog))?;
            to_result(
                bindings::kernel_getsockname(self.0.as_ptr(), addr_of_mut!(address).cast()).min(0),
            )?;
        }
        Ok(u16::from_be(address.port))
    }

    /// Connects to a port of this machine, and waits until it is or cannot be.
    #[inline]
    pub fn connect(&self, port: u16) -> Result {
        self.connect_with(port, 0)
    }

    /// Begins to connect; [`connect`](Self::connect) then waits for it.
    #[inline]
    pub fn connect_later(&self, port: u16) -> Result {
        const O_NONBLOCK: i32 = 0o4000;
        match self.connect_with(port, O_NONBLOCK) {
            Err(error) if error == EINPROGRESS => Ok(()),
            other => other,
        }
    }

    /// Connects, with `flags` as of `open()`.
    #[inline]
    fn connect_with(&self, port: u16, flags: i32) -> Result {
        let mut address = Loopback::new(port);
        // SAFETY: The socket is valid by the type invariants, and so is the address.
        to_result(unsafe {
            bindings::kernel_connect(
                self.0.as_ptr(),
                addr_of_mut!(address).cast(),
                size_of::<Loopback>() as i32,
                flags,
            )
        })
    }

    /// Waits for the next connection.
    #[inline]
    pub fn accept(&self) -> Result<Self> {
        let mut sock = null_mut();
        // SAFETY: The socket is valid by the type invariants, and `sock` is valid for writes.
        to_result(unsafe { bindings::kernel_accept(self.0.as_ptr(), &mut sock, 0) })?;
        Self::made(sock)
    }

    /// Sends all of `data`.
    #[inline]
    pub fn send(&self, data: &[u8]) -> Result {
        self.send_message(data, bindings::msghdr::default())
    }

    /// Begins to connect to a port of this machine, with `data` already in the SYN (TCP Fast Open);
    /// [`connect`](Self::connect) then waits for it.
    #[inline]
    pub fn connect_fast(&self, port: u16, data: &[u8]) -> Result {
        const MSG_DONTWAIT: u32 = 0x40;
        const MSG_FASTOPEN: u32 = 0x2000_0000;
        let mut address = Loopback::new(port);
        self.send_message(
            data,
            bindings::msghdr {
                msg_name: addr_of_mut!(address).cast(),
                msg_namelen: size_of::<Loopback>() as i32,
                msg_flags: MSG_FASTOPEN | MSG_DONTWAIT,
                ..Default::default()
            },
        )
    }

    /// Sends all of `data`, with what `message` says.
    #[inline]
    fn send_message(&self, data: &[u8], mut message: bindings::msghdr) -> Result {
        let mut part = bindings::kvec {
            iov_base: data.as_ptr().cast_mut().cast(),
            iov_len: data.len(),
        };
        // SAFETY: The socket is valid by the type invariants; the message and its data live during
        // the call, and the data is only read.
        let sent = unsafe {
            bindings::kernel_sendmsg(self.0.as_ptr(), &mut message, &mut part, 1, data.len())
        };
        to_result(sent.min(0))?;
        if sent as usize == data.len() {
            Ok(())
        } else {
            Err(EIO)
        }
    }

    /// Waits for as much data as `data` has room for.
    #[inline]
    pub fn receive(&self, data: &mut [u8]) -> Result {
        const MSG_WAITALL: i32 = 0x100;
        let mut message = bindings::msghdr::default();
        let mut part = bindings::kvec {
            iov_base: data.as_mut_ptr().cast(),
            iov_len: data.len(),
        };
        // SAFETY: The socket is valid by the type invariants; the message and its data live during
        // the call.
        let received = unsafe {
            bindings::kernel_recvmsg(
                self.0.as_ptr(),
                &mut message,
                &mut part,
                1,
                data.len(),
                MSG_WAITALL,
            )
        };
        to_result(received.min(0))?;
        if received as usize == data.len() {
            Ok(())
        } else {
            Err(EIO)
        }
    }

    /// Calls `f` as the kernel calls back: with the socket's lock held.
    ///
    /// `f` gets the socket and its table. It may do with them what a callback may.
    #[inline]
    pub fn locked<R>(
        &self,
        f: impl FnOnce(*mut bindings::tcp_sock, &bindings::tcp_congestion_ops) -> R,
    ) -> R {
        let sk = self.as_raw();
        // SAFETY: The socket is valid by the type invariants, and not locked: that happens only
        // here. Its table is there as long as a socket uses it.
        unsafe {
            bindings::lock_sock_nested(sk, 0);
            let icsk: *mut bindings::inet_connection_sock = sk.cast();
            let result = f(sk.cast(), &*(*icsk).icsk_ca_ops);
            bindings::release_sock(sk);
            result
        }
    }

    /// Calls `f` as if in `init`.
    #[inline]
    pub fn in_init<R>(&self, f: impl FnOnce(&mut Sock<Init<()>>) -> R) -> R {
        // SAFETY: A TCP socket, whose lock is held; nobody borrows its state.
        self.locked(|tp, _| f(unsafe { Sock::from_raw(tp.cast()) }))
    }

    /// Calls `f` as if in `cwnd_event`.
    #[inline]
    pub fn in_event<R>(&self, f: impl FnOnce(&mut Sock<Event<()>>) -> R) -> R {
        // SAFETY: A TCP socket, whose lock is held; interrupts are on. Nobody borrows its state.
        self.locked(|tp, _| f(unsafe { Sock::from_raw(tp.cast()) }))
    }

    /// The name of the socket's algorithm.
    #[inline]
    pub fn algorithm(&self) -> [u8; 16] {
        self.ops().name
    }

    /// A copy of the table of the socket's algorithm, less what the kernel writes to.
    #[inline]
    pub fn ops(&self) -> bindings::tcp_congestion_ops {
        macro_rules! copy {
            ($from:expr, $($member:ident),*) => {
                bindings::tcp_congestion_ops {
                    // SAFETY: `$from` is valid for reads, as the only caller below says.
                    $($member: unsafe { addr_of!((*$from).$member).read() },)*
                    ..Default::default()
                }
            };
        }

        self.locked(|_, ops| {
            let ops: *const bindings::tcp_congestion_ops = ops;
            // These members do not change after registration.
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
        })
    }
}

impl Drop for RealSock {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: Ours, by the type invariants, and not used after this.
        unsafe { bindings::sock_release(self.0.as_ptr()) };
    }
}
