// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: no name
// rustc: the name of a congestion control has 1 to 15 bytes
// at: algorithm: wrong::Algorithm
// c: compiles and registers; it cannot be chosen
// bpf: Invalid argument

#[cfg(right)]
const NAME: &str = "wrong";
#[cfg(not(right))]
const NAME: &str = "";
