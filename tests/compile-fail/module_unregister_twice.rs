// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: unregistering a second time
// rustc: use of moved value: `registration`
// c: compiles; a list entry is deleted twice
// no bpf: the kernel unregisters it when the link is removed

use ferrops::Registration;
use kernel::prelude::*;
use tcp_cc::callbacks::TcpCongestionOps;

#[expect(dead_code)]
fn end(registration: Pin<KBox<Registration<TcpCongestionOps, 1>>>) {
    #[cfg(right)]
    drop(registration);
    #[cfg(not(right))]
    let _ = (drop(registration), drop(registration)); //~ error
}
