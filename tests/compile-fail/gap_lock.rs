// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: taking a lock that may sleep
// caught: as for allocating with `GFP_KERNEL`
// host: use of undeclared crate or module `kernel`
// c: compiles; "sleeping function called from invalid context", on a debug kernel
// no bpf: it has no such lock

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(right))]
    wait();
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

#[cfg(not(right))]
fn wait() {
    use kernel::prelude::*; //~ wrong
    let lock = kernel::new_mutex!(0_u32); //~ wrong
    let lock = KBox::pin_init(lock, GFP_ATOMIC); //~ wrong
    let _ = lock.map(|lock| *lock.lock());
}
