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

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    let half = Ssthresh::clamped(sk.snd_cwnd() / 2);
    #[cfg(right)]
    let work = move || drop(half);
    #[cfg(not(right))]
    let work = move || sk.set_snd_ssthresh(half);
    let _ = workqueue::system().try_spawn(GFP_ATOMIC, work); //~ error
    half
}
