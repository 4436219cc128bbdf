// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: using the RTT of an ACK without a sample
// rustc: no method named `get` found for enum `Option`
// c: compiles; `rtt_us` is -1 then, 71 minutes as an unsigned number
// bpf loads: the least RTT is 71 minutes, or -1
// forced loads: the least RTT is 71 minutes, or -1

state! {
    pub struct Memory {
        pub value: u32,
    }
}

fn pkts_acked(_: &mut Sock, memory: &mut Memory, sample: &AckSample) {
    #[cfg(right)]
    let rtt = sample.rtt().map_or(0, Usecs::get);
    #[cfg(wrong)]
    let rtt = sample.rtt().get(); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let rtt = unsafe { sample.rtt().unwrap_unchecked() }.get();
    memory.value = rtt as u32;
}
