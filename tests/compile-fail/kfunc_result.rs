// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a result of another type than declared
// rustc: the trait `Return` requires an `unsafe impl` declaration
// c: compiles; any number is a pointer after a cast
// no bpf: the kernel defines the result of a kfunc

#[cfg(not(right))]
use ferrops::kfunc::Return;

#[cfg(right)]
type Answer = u64;

#[cfg(not(right))]
struct Answer(u64);

#[cfg(not(right))]
#[rustfmt::skip]
impl Return for Answer { //~ error
    type Abi = u64;
    const DECLARED: (&'static str, &'static str) = ("struct tcp_sock *", "Option<&Sock<Unlocked>>");
    const MAY_BE_NULL: bool = false;

    fn into_abi(self) -> u64 {
        self.0
    }

    unsafe fn from_abi(c: u64) -> Self {
        Self(c)
    }
}

ferrops::kfuncs! {
    pub KFUNCS;

    /// Any number.
    #[kfunc(sched_cls)]
    pub fn wrong_answer(a: u64) -> Answer {
        #[cfg(right)]
        let answer = a;
        #[cfg(not(right))]
        let answer = Answer(a);
        answer
    }
}
