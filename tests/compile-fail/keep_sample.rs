// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping a sample beyond the callback
// rustc: borrowed data escapes outside of function
// c: compiles; the sample was on the stack of the ACK's processing
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

#[cfg(forced)]
static mut KEPT: *const u8 = core::ptr::null();

fn pkts_acked(sk: &mut Sock, _: &mut (), sample: &AckSample) {
    let _ = (&sk, sample);
    #[cfg(wrong)]
    keep(sample); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        if !KEPT.is_null() {
            sk.set_snd_cwnd_cnt(AckSample::from_raw(KEPT.cast()).pkts_acked());
        }
        KEPT = sample.as_raw().cast();
    }
}

#[cfg(wrong)]
fn keep(_: &'static AckSample) {}
