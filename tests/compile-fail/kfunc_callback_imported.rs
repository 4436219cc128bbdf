// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: calling another algorithm's callback while the state is borrowed
// rustc: cannot find function `rcubic_recalc_ssthresh` in module `cubic`
// c: compiles; it writes to the caller's state as if it were its own
// no bpf: a state is bytes there, and nothing is borrowed

#[cfg(not(right))]
mod cubic {
    ferrops::import_kfuncs!(tcp_rcubic);
}

#[cfg(right)]
mod parts {
    ferrops::import_kfuncs!(tcp_rparts);
}

state! {
    /// Counts.
    pub struct Memory {
        /// How often the window was reduced.
        pub reductions: u32,
    }
}

fn ssthresh(sk: &mut Sock, counts: &mut Memory) -> Ssthresh {
    counts.reductions = counts.reductions.wrapping_add(1);
    #[cfg(right)]
    let threshold = parts::rparts_ewma(sk.snd_cwnd().get(), 2, 1);
    #[cfg(not(right))]
    let threshold = cubic::rcubic_recalc_ssthresh(sk); //~ error
    Ssthresh::clamped(Packets::new(threshold))
}
