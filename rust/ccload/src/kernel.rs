// SPDX-License-Identifier: GPL-2.0-only

//! What the running kernel is, and has.

use crate::failure::{
    Failure,
    Result, //
};
use libbpf_rs::btf::{
    types,
    Btf, //
};
use std::{
    fs,
    mem::MaybeUninit, //
};

/// What it takes to load a congestion control: `CAP_NET_ADMIN`, `CAP_PERFMON`, `CAP_BPF`.
const CAPABILITIES: u64 = CAP_NET_ADMIN | (1 << 38) | (1 << 39);

/// Whose holder has all that `CAPABILITIES` stand for, but `CAP_NET_ADMIN`.
const CAP_SYS_ADMIN: u64 = 1 << 21;
const CAP_NET_ADMIN: u64 = 1 << 12;

/// Fails unless this process may load a congestion control.
pub fn check_privileges() -> Result<()> {
    let status = fs::read_to_string("/proc/self/status")
        .map_err(|error| Failure::of("cannot read /proc/self/status", error))?;
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
        .unwrap_or(u64::MAX);
    let admin = CAP_SYS_ADMIN | CAP_NET_ADMIN;
    if effective & CAPABILITIES == CAPABILITIES || effective & admin == admin {
        return Ok(());
    }
    Err(Failure::new(
        "loading a congestion control takes CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; run this as \
         root",
    ))
}

/// Ticks of the jiffies clock in a second, `CONFIG_HZ`.
///
/// The resolution of a coarse clock is one tick: `posix_get_coarse_res()` in
/// kernel/time/posix-timers.c. So no file with the kernel's configuration has to be found.
pub fn hz() -> Result<u32> {
    let mut tick = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: There is room for the result.
    let failed = unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, tick.as_mut_ptr()) };
    if failed != 0 {
        return Err(Failure::of(
            "cannot tell the kernel's HZ",
            std::io::Error::last_os_error(),
        ));
    }
    // SAFETY: The call has succeeded.
    let tick = unsafe { tick.assume_init() };
    // TICK_NSEC is 10^9 / HZ, rounded.
    let nanoseconds = tick.tv_sec * 1_000_000_000 + tick.tv_nsec;
    Ok(((1_000_000_000 + nanoseconds / 2) / nanoseconds) as u32)
}

/// The types of the kernel.
pub fn btf() -> Result<Btf<'static>> {
    Btf::from_vmlinux().map_err(|_| {
        Failure::new(
            "this kernel has no BTF (/sys/kernel/btf/vmlinux), from which a BPF object learns \
             where its fields are; it needs CONFIG_DEBUG_INFO_BTF=y",
        )
    })
}

/// What the kernel keeps such a table in, if BPF may make one.
const VALUE: &str = "bpf_struct_ops_tcp_congestion_ops";

/// The kernel's table of a congestion control, `struct tcp_congestion_ops`.
pub fn table<'a>(btf: &'a Btf<'_>) -> Result<types::Struct<'a>> {
    if btf.type_by_name::<types::Struct<'_>>(VALUE).is_none() {
        return Err(Failure::new(
            "this kernel takes no congestion controls from BPF (struct_ops); it needs \
             CONFIG_BPF_SYSCALL=y and CONFIG_BPF_JIT=y",
        ));
    }
    btf.type_by_name("tcp_congestion_ops")
        .ok_or_else(|| Failure::new("this kernel's BTF has no struct tcp_congestion_ops"))
}

/// Where the table begins in what the kernel keeps it in, the value of a map.
pub fn table_offset(btf: &Btf<'_>) -> Result<usize> {
    btf.type_by_name::<types::Struct<'_>>(VALUE)
        .and_then(|value| {
            let data = value
                .iter()
                .find(|member| member.name.is_some_and(|name| name == "data"))?;
            match data.attr {
                types::MemberAttr::Normal { offset } => Some(offset as usize / 8),
                types::MemberAttr::BitField { .. } => None,
            }
        })
        .ok_or_else(|| Failure::new(format!("this kernel's {VALUE} is an unknown one")))
}

/// The type of that value; a map says of which it is.
pub fn value_id(btf: &Btf<'_>) -> u32 {
    btf.type_by_name::<types::Struct<'_>>(VALUE)
        .map_or(0, |value| value.type_id().into())
}

/// The congestion controls that connections may get, one word each.
pub fn available() -> Option<String> {
    fs::read_to_string("/proc/sys/net/ipv4/tcp_available_congestion_control").ok()
}

/// Room that the kernel keeps for headers in front of TCP's data, in bytes: `MAX_TCP_HEADER`.
///
/// Of each protocol /proc/net/protocols has it (`proto_seq_printf()` in net/core/sock.c), in a
/// column that is found by its title.
pub fn max_tcp_header() -> Result<u32> {
    const FILE: &str = "/proc/net/protocols";
    let text = fs::read_to_string(FILE)
        .map_err(|error| Failure::of(format!("cannot read {FILE}"), error))?;
    let column = |line: &str, index| line.split_whitespace().nth(index).map(str::to_string);
    text.lines()
        .next()
        .and_then(|titles| {
            titles
                .split_whitespace()
                .position(|title| title == "maxhdr")
        })
        .and_then(|index| {
            let tcp = text
                .lines()
                .find(|line| column(line, 0).as_deref() == Some("TCP"))?;
            column(tcp, index)?.parse().ok()
        })
        .ok_or_else(|| Failure::new(format!("{FILE} does not tell the kernel's MAX_TCP_HEADER")))
}
