// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a registration that outlives its module
// rustc: call to unsafe function `ferrops::Registration::<T, N>::new` is unsafe and requires unsafe
//   block
// c: compiles; the next `setsockopt()` reads a freed module
// no bpf: the kernel unregisters it when the link is removed

use ferrops::Registration;
use kernel::{
    prelude::*,
    types::Opaque, //
};
use tcp_cc::callbacks::{
    table,
    TcpCongestionOps, //
};

#[expect(dead_code)]
fn leak() -> Result {
    #[cfg(not(right))]
    type Ops = Registration<TcpCongestionOps, 1>;
    #[cfg(not(right))]
    let initializer = Ops::new([Opaque::new(table::<Algorithm>())], ["wrong"]); //~ error
    #[cfg(not(right))]
    core::mem::forget(KBox::pin_init(initializer, GFP_KERNEL)?);
    Ok(())
}
