// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: using the state as another algorithm's
// rustc: expected fn pointer, found fn item
// c: compiles: `inet_csk_ca()` is a `void *`
// bpf loads: the field is another one
// forced loads: the field is another one

state! {
    pub struct Memory {
        pub value: u32,
    }
}

state! {
    pub struct Other {
        pub filler: u64,
        pub value: u32,
    }
}

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        #[cfg(not(forced))]
        ssthresh, //~ error
        #[cfg(forced)]
        // SAFETY: There is none: this is the mistake.
        ssthresh: |sk, memory| ssthresh(sk, unsafe { &mut *(memory as *mut Memory).cast() }),
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[cfg(right)]
type Seen = Memory;
#[cfg(not(right))]
type Seen = Other;

fn ssthresh(sk: &mut Sock, seen: &mut Seen) -> Ssthresh {
    seen.value = 1;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
