// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: two algorithms of a module with a parameter of the same name
// rustc: two implementations of this module have a parameter of the same name: rename one
// c: does not compile in one file; in two, `/sys/module` has one of them
// no bpf: it has no module parameters

mod first {
    use tcp_cc::prelude::*;

    parameters! {
        pub struct Params {
            /// multiplicative decrease, in 1/1024
            writable beta: u32 = 717, 1..=1023;
        }
    }
}

#[cfg(right)]
mod second {
    use tcp_cc::prelude::*;

    parameters! {
        pub struct Params {
            /// multiplicative decrease, in 1/1024
            writable second_beta: u32 = 717, 1..=1023;
        }
    }
}

#[cfg(not(right))]
mod second {
    use tcp_cc::prelude::*;

    parameters! {
        pub struct Params {
            /// multiplicative decrease, in 1/1024
            writable beta: u32 = 717, 1..=1023;
        }
    }
}

struct First;

impl CongestionControl for First {
    type State = ();

    const PARAMETERS: tcp_cc::Parameters = first::Params::DECLARED;

    const OPS: Ops<Self> = Ops {
        name: "first",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

struct Second;

impl CongestionControl for Second {
    type State = ();

    const PARAMETERS: tcp_cc::Parameters = second::Params::DECLARED;

    const OPS: Ops<Self> = Ops {
        name: "second",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

ferrops::module_tcp_congestion_ops! {
    algorithms: [First, Second], //~ error
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
