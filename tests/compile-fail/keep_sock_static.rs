// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a static that holds a socket for all callbacks
// rustc: cannot be shared between threads safely
// c: compiles; callbacks on other CPUs use it without its lock
// no bpf: a map keeps a number; see above

#[cfg(not(right))]
static KEPT: Option<&'static Sock> = None; //~ error
