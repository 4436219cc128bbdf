// SPDX-License-Identifier: GPL-2.0-only

//! Registration of tables with the kernel.

use crate::{
    OpsTable,
    THIS_MODULE, //
};
use ferrops_bindings as bindings;
use kernel::{
    error::to_result,
    prelude::*,
    types::Opaque, //
};

/// The tables of a module, of which the kernel knows all or none. Dropping it takes them away.
///
/// Whoever uses one of them holds a reference to the module. So `rmmod` fails with `EWOULDBLOCK`
/// while there are any, and when the module's exit drops this, nobody calls into a table any more.
/// If a table is refused, somebody may use one of those before it; [`Registration::new`] says what
/// comes of that.
///
/// # Invariants
///
/// Each of `tables` is registered if `are_registered`; otherwise none of them is.
#[pin_data(PinnedDrop)]
pub struct Registration<T: OpsTable, const N: usize> {
    /// The kernel writes to some of their members.
    #[pin]
    tables: [Opaque<T::Raw>; N],
    are_registered: bool,
}

// SAFETY: The tables may be unregistered by another thread than the one that registered them.
unsafe impl<T: OpsTable, const N: usize> Send for Registration<T, N> {}
// SAFETY: There is nothing that `&Registration` lets one do.
unsafe impl<T: OpsTable, const N: usize> Sync for Registration<T, N> {}

impl<T: OpsTable, const N: usize> Registration<T, N> {
    /// Registers `tables`, in their order; `names` are theirs, for the log.
    ///
    /// If one is refused, those before it are taken back. By then somebody may have chosen one of
    /// them, and the kernel frees the memory of a module whose init fails, whether it is used or
    /// not. So this waits until nobody uses the module, and fails then with the kernel's error:
    /// `EEXIST` if there is another of that name. If the waiting process is killed, or if the
    /// kernel does not count who uses a module (without `CONFIG_MODULE_UNLOAD`), it succeeds: the
    /// module stays loaded for those who use it, and none of its tables is registered. The kernel's
    /// log has a line for each of these cases.
    ///
    /// # Safety
    ///
    /// - `tables` must be complete, of the module that this is compiled into, and with it as owner,
    ///   as [`Implementation::RAW`](ferrops_core::Implementation::RAW) is.
    /// - The kernel must hold the reference to the module that it holds for its init, and the init
    ///   must not fail once this has succeeded.
    /// - The value must be dropped before the module is gone, and when nobody uses one of the
    ///   tables any more: the module's exit may do that.
    ///
    /// [`module_ops!`](crate::module_ops) sees to all of it.
    pub unsafe fn new(
        tables: [Opaque<T::Raw>; N],
        names: [&'static str; N],
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            tables,
            // SAFETY: They are complete, by this function's contract, and pinned; `drop`
            // unregisters them before their memory goes. If this fails, nobody uses them.
            // INVARIANT: They are registered if this returns `true`, and none is otherwise.
            are_registered: unsafe { register::<T>(&*tables, &names) }?,
        })
    }
}

#[pinned_drop]
impl<T: OpsTable, const N: usize> PinnedDrop for Registration<T, N> {
    fn drop(self: Pin<&mut Self>) {
        if self.are_registered {
            // SAFETY: They are, by the type invariant.
            unsafe { unregister::<T>(&self.tables) };
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
unsafe fn register<T: OpsTable>(tables: &[Opaque<T::Raw>], names: &[&str]) -> Result<bool> {
    for (accepted, table) in tables.iter().enumerate() {
        // SAFETY: By this function's contract. It is complete, owner included, before it can be
        // found.
        let status = unsafe { T::register(table.get()) };
        let Err(error) = to_result(status) else {
            continue;
        };
        if accepted == 0 {
            return Err(error);
        }
        // SAFETY: These were accepted.
        unsafe { unregister::<T>(tables.get(..accepted).unwrap_or_default()) };
        let name = names.get(accepted).copied().unwrap_or_default();
        // SAFETY: By this function's contract one reference to the module is that of the init, and
        // none of its tables is registered any more. The name is as long as that.
        let is_unused = unsafe {
            bindings::ferrops_wait_for_users(THIS_MODULE, name.as_ptr(), name.len(), status)
        };
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
unsafe fn unregister<T: OpsTable>(tables: &[Opaque<T::Raw>]) {
    for table in tables {
        // SAFETY: By this function's contract.
        unsafe { T::unregister(table.get()) };
    }
}
