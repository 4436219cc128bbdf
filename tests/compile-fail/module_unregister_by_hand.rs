// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: unregistering by hand
// rustc: explicit use of destructor method
// c: compiles; a list entry is deleted twice
// no bpf: the kernel unregisters it when the link is removed

use ferrops::Registration;
use kernel::prelude::*;
use tcp_cc::callbacks::TcpCongestionOps;

#[expect(dead_code)]
fn end(registration: &mut Registration<TcpCongestionOps, 1>) {
    #[cfg(right)]
    let _ = registration;
    #[cfg(not(right))]
    Drop::drop(registration); //~ error
}
