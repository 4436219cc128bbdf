// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a name of more than 15 bytes
// rustc: the name of a congestion control has 1 to 15 bytes
// at: algorithm: wrong::Algorithm
// c: compiles, with a warning about the truncated string: the name ends at the next 0 byte
// bpf: Invalid argument

#[cfg(right)]
const NAME: &str = "wrong";
#[cfg(not(right))]
const NAME: &str = "sixteen_letters_";
