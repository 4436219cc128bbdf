// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: replacing a kernel function by defining its name
// rustc: declaration of a `no_mangle` function
// c: compiles; the module's calls go there
// no bpf: its functions have no names outside the object
// forced loads: its functions have no names outside the object

#[cfg(not(right))]
#[no_mangle] //~ error
pub extern "C" fn tcp_slow_start() {}
