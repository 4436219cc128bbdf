// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a second owner of one registration
// rustc: cannot move out of `*registration` which is behind a shared reference
// c: compiles; the copy has its own pointers into the kernel's list
// no bpf: a link is reference counted

use ferrops::Registration;
use kernel::prelude::*;
use tcp_cc::callbacks::TcpCongestionOps;

#[expect(dead_code)]
fn end(registration: &Registration<TcpCongestionOps, 1>) {
    #[cfg(right)]
    let _ = registration;
    #[cfg(not(right))]
    drop(*registration); //~ error
}
