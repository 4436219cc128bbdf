// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: sending the socket to another thread
// rustc: cannot be sent between threads safely
// c: compiles; the worker has neither the lock nor a reference
// bpf: invalid mem access 'scalar'

use kernel::{
    prelude::*,
    workqueue, //
};
use tcp_cc::prelude::*;

struct Algorithm;

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
    let half = Ssthresh::clamped(sk.snd_cwnd() / 2);
    #[cfg(right)]
    let work = move || drop(half);
    #[cfg(not(right))]
    let work = move || sk.set_snd_ssthresh(half);
    let _ = workqueue::system().try_spawn(GFP_ATOMIC, work); //~ wrong
    half
}

ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
