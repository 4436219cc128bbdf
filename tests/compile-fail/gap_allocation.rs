// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: allocating with `GFP_KERNEL`, which may sleep
// caught: the compiler, when the file is built for the host or for BPF, which have no `kernel`
//   crate. If it is only built as a module, the debug kernel (`DEBUG_ATOMIC_SLEEP`)
// host: use of undeclared crate or module `kernel`
// c: compiles; "sleeping function called from invalid context", on a debug kernel
// bpf: sleepable helper bpf_copy_from_user

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(right))]
    let _ = kernel::alloc::KBox::new(0_u32, kernel::alloc::flags::GFP_KERNEL); //~ error
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
