// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: taking a lock that may sleep
// caught: as for allocating with `GFP_KERNEL`
// host: use of undeclared crate or module `kernel`
// c: compiles; "sleeping function called from invalid context", on a debug kernel
// no bpf: it has no such lock

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(right))]
    wait();
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

#[cfg(not(right))]
fn wait() {
    use kernel::prelude::*; //~ error
    let lock = kernel::new_mutex!(0_u32); //~ error
    let lock = KBox::pin_init(lock, GFP_ATOMIC); //~ error
    let _ = lock.map(|lock| *lock.lock());
}
