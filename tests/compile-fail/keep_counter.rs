// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a variable that all sockets share, without an atomic
// rustc: `Cell<u32>` cannot be shared between threads safely
// c: compiles; counts go missing
// bpf loads: counts go missing
// forced loads: counts go missing

#[cfg(not(right))]
use core::cell::Cell;

#[cfg(wrong)]
static LOSSES: Cell<u32> = Cell::new(0); //~ error

#[cfg(forced)]
struct Shared(Cell<u32>);

#[cfg(forced)]
// SAFETY: There is none: this is the mistake.
unsafe impl Sync for Shared {}

#[cfg(forced)]
static LOSSES: Shared = Shared(Cell::new(0));

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    LOSSES.0.set(LOSSES.0.get().wrapping_add(1));
    Ssthresh::clamped(sk.snd_cwnd() / LOSSES.0.get())
}
