// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a name with a space
// rustc: the name of a congestion control is made of ASCII letters, digits, '_' and '-'
// at: algorithm: wrong::Algorithm
// c: compiles and registers; `tcp_available_congestion_control` shows two names
// bpf: Invalid argument

#[cfg(right)]
const NAME: &str = "wrong";
#[cfg(not(right))]
const NAME: &str = "two words";
