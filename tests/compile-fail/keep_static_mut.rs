// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: the same as a `static mut`
// rustc: use of mutable static is unsafe and requires unsafe
// c: compiles; counts go missing
// no bpf: see above
// forced loads: counts go missing

#[cfg(not(right))]
static mut LOSSES: u32 = 0;

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    {
        LOSSES += 1; //~ error
    }
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        LOSSES = LOSSES.wrapping_add(1);
        sk.set_snd_cwnd_cnt(Packets::new(LOSSES));
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
