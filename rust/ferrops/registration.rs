// SPDX-License-Identifier: GPL-2.0-only

//! Registration of algorithms with the kernel.

use kernel::{
    error::to_result,
    prelude::*,
    types::Opaque, //
};
use tcp_bindings as bindings;
use tcp_cc_backend::RawOps;

/// The tables of a module, of which the kernel knows all or none. Dropping it takes them away.
///
/// A socket that uses one of them holds a reference to the module, as does a network namespace
/// whose default it is. So `rmmod` fails with `EWOULDBLOCK` while there are any, and when the
/// module's exit drops this, nobody calls into a table any more. If a table is refused, somebody
/// may use one of those before it; [`Registration::new`] says what comes of that.
///
/// # Invariants
///
/// `tcp_register_congestion_control()` has accepted each of `tables` if `are_registered`; otherwise
/// the kernel's list has none of them.
#[pin_data(PinnedDrop)]
pub struct Registration<const N: usize> {
    /// The kernel writes to some of their members.
    #[pin]
    tables: [Opaque<RawOps>; N],
    are_registered: bool,
}

// SAFETY: The tables may be unregistered by another thread than the one that registered them.
unsafe impl<const N: usize> Send for Registration<N> {}
// SAFETY: There is nothing that `&Registration` lets one do.
unsafe impl<const N: usize> Sync for Registration<N> {}

impl<const N: usize> Registration<N> {
    /// Registers `tables`, in their order.
    ///
    /// If one is refused, those before it are taken back. By then somebody may have chosen one of
    /// them, and the kernel frees the memory of a module whose init fails, whether it is used or
    /// not. So this waits until nobody uses the module, and fails then: with `EEXIST` if there is
    /// an algorithm of that name, and with whatever else `tcp_register_congestion_control()`
    /// returns. If the waiting process is killed, or if the kernel does not count who uses a module
    /// (without `CONFIG_MODULE_UNLOAD`), it succeeds: the module stays loaded for those who use it,
    /// and none of its tables is registered. The kernel's log has a line for each of these cases.
    ///
    /// # Safety
    ///
    /// - `tables` must have callbacks of the module that this is compiled into, and it as `owner`:
    ///   those that `tcp_cc::callbacks::table` makes.
    /// - The kernel must hold the reference to the module that it holds for its init, and the init
    ///   must not fail once this has succeeded.
    /// - The value must be dropped before the module is gone, and after the last socket that uses
    ///   one of the tables: the module's exit may do that.
    ///
    /// [`module_tcp_congestion_ops!`](crate::module_tcp_congestion_ops) sees to all of it.
    pub unsafe fn new(tables: [Opaque<RawOps>; N]) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            tables,
            // SAFETY: They are complete, by this function's contract, and pinned; `drop`
            // unregisters them before their memory goes. If this fails, nobody uses them.
            // INVARIANT: They are registered if this returns `true`, and none is otherwise.
            are_registered: unsafe { register(&*tables) }?,
        })
    }
}

#[pinned_drop]
impl<const N: usize> PinnedDrop for Registration<N> {
    fn drop(self: Pin<&mut Self>) {
        if self.are_registered {
            // SAFETY: They are, by the type invariant.
            unsafe { unregister(self.tables.iter()) };
        }
    }
}

/// Registers all of `tables` or none, and returns whether they are registered. Fails only if nobody
/// uses any of them.
///
/// # Safety
///
/// The tables must be complete, and stay where they are until they are unregistered and no longer
/// used. The kernel must hold the reference to their module that it holds for its init.
#[inline]
unsafe fn register(tables: &[Opaque<RawOps>]) -> Result<bool> {
    for (accepted, table) in tables.iter().enumerate() {
        // SAFETY: By this function's contract. It is complete, owner included, before it can be
        // found.
        let status = unsafe { bindings::tcp_register_congestion_control(table.get()) };
        let Err(error) = to_result(status) else {
            continue;
        };
        if accepted == 0 {
            return Err(error);
        }
        // SAFETY: These were accepted.
        unsafe { unregister(tables.iter().take(accepted)) };
        // SAFETY: The table is complete. By this function's contract one reference to its owner is
        // that of the init, and none of its tables is registered any more.
        let is_unused = unsafe { bindings::ferrops_wait_for_users(table.get(), status) };
        return if is_unused { Err(error) } else { Ok(false) };
    }
    Ok(true)
}

/// Unregisters tables. Nobody finds them any more when this returns.
///
/// # Safety
///
/// They must be registered.
#[inline]
unsafe fn unregister<'a>(tables: impl Iterator<Item = &'a Opaque<RawOps>>) {
    for table in tables {
        // SAFETY: By this function's contract.
        unsafe { bindings::tcp_unregister_congestion_control(table.get()) };
    }
}
