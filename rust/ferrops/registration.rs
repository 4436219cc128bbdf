// SPDX-License-Identifier: GPL-2.0-only

//! Registration of algorithms with the kernel.

use core::marker::PhantomData;
use kernel::{
    error::to_result,
    prelude::*,
    types::Opaque, //
};
use tcp_bindings as bindings;
use tcp_cc::{
    callbacks,
    CongestionControl, //
};

/// An algorithm that the kernel knows. Dropping it takes the algorithm away.
///
/// The module that owns the algorithm cannot be unloaded while a socket uses it: `rmmod` fails with
/// `EWOULDBLOCK`, so that this is only dropped when nobody calls into the table any more. The one
/// other time that it is dropped is when the module fails to load for another reason: then dropping
/// it waits for the sockets that have chosen the algorithm meanwhile.
///
/// # Invariants
///
/// `ops` is a table that `tcp_register_congestion_control()` accepted.
#[pin_data(PinnedDrop)]
pub struct Registration<A: CongestionControl> {
    /// The table. The kernel writes to some of its members.
    #[pin]
    ops: Opaque<bindings::tcp_congestion_ops>,
    _algorithm: PhantomData<A>,
}

// SAFETY: The table may be unregistered by another thread than the one that registered it.
unsafe impl<A: CongestionControl> Send for Registration<A> {}
// SAFETY: There is nothing that `&Registration` lets one do.
unsafe impl<A: CongestionControl> Sync for Registration<A> {}

impl<A: CongestionControl> Registration<A> {
    /// Registers `A`, on behalf of the module that this is compiled into.
    ///
    /// Fails with `EEXIST` if there is an algorithm of this name, and with whatever else
    /// `tcp_register_congestion_control()` returns.
    ///
    /// # Safety
    ///
    /// The value must be dropped before the module is gone: [`module_tcp_congestion_ops!`] sees to
    /// that.
    ///
    /// [`module_tcp_congestion_ops!`]: crate::module_tcp_congestion_ops
    pub unsafe fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            ops <- Opaque::try_ffi_init(|slot: *mut bindings::tcp_congestion_ops| {
                // SAFETY: `slot` is valid for writes. The kernel gets a complete table, owner
                // included, before it can be found.
                unsafe { slot.write(const { callbacks::table::<A>() }) };

                // SAFETY: `slot` is a complete table. It is pinned, and `drop` unregisters it
                // before its memory goes.
                // INVARIANT: Registered if this succeeds.
                to_result(unsafe { bindings::tcp_register_congestion_control(slot) })
            }),
            _algorithm: PhantomData,
        })
    }
}

#[pinned_drop]
impl<A: CongestionControl> PinnedDrop for Registration<A> {
    fn drop(self: Pin<&mut Self>) {
        let ops = self.ops.get();
        // SAFETY: Registered, by the type invariant.
        unsafe { bindings::tcp_unregister_congestion_control(ops) };

        // If the module fails to load after this table was registered, a socket may use it by now,
        // and the kernel would take the module's memory away all the same.
        // SAFETY: The owner is this module, which is there.
        unsafe { bindings::ferrops_wait_for_users((*ops).owner) };
    }
}

/// The registrations of a module: of all its algorithms, or of none if one fails.
pub trait Registrations: Sized {
    /// Registers them in their order.
    ///
    /// # Safety
    ///
    /// The value must be dropped before the module is gone.
    unsafe fn register() -> impl PinInit<Self, Error>;
}

/// The registration of `A`, and those of `Rest`.
#[pin_data]
pub struct And<A: CongestionControl, Rest> {
    #[pin]
    first: Registration<A>,
    #[pin]
    rest: Rest,
}

impl<A: CongestionControl, Rest: Registrations> Registrations for And<A, Rest> {
    unsafe fn register() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // SAFETY: By this function's contract, for both.
            first <- unsafe { Registration::new() },
            // SAFETY: As above.
            rest <- unsafe { Rest::register() },
        })
    }
}

/// No further registration.
pub struct End;

impl Registrations for End {
    unsafe fn register() -> impl PinInit<Self, Error> {
        // The type says which error, since this never fails.
        Ok::<Self, Error>(End)
    }
}
