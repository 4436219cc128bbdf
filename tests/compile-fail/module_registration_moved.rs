// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: moving ops that are in the kernel's list
// rustc: `PhantomPinned` cannot be unpinned
// c: compiles; the list has a dangling pointer
// no bpf: the kernel owns the ops

use ferrops::Registration;
use kernel::prelude::*;
use tcp_cc::callbacks::TcpCongestionOps;

#[expect(dead_code)]
fn end(registration: Pin<KBox<Registration<TcpCongestionOps, 1>>>) {
    #[cfg(right)]
    drop(registration);
    #[cfg(not(right))]
    let _ = Pin::into_inner(registration); //~ error
}
