# SPDX-License-Identifier: GPL-2.0-only
"""The BPF objects and their loader."""

import tempfile
from pathlib import Path

from ferrops.check import bpf_guest
from ferrops.check.group import Group, Report, Wanted, guest_reads, guest_tests, only, run_tests
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT


def bpf(wanted: Wanted, report: Report) -> None:
    """The BPF objects and their loader, on the stock kernel."""
    with tempfile.TemporaryDirectory() as directory:
        files = bpf_guest.files(Path(directory))
        files |= only(bpf_tests(), wanted, Path(directory))
        bpf_on("stock", files, Path(directory) / "out", wanted, report)


def bpf_on(name: str, files: dict[str, Path], out: Path, wanted: Wanted, report: Report) -> None:
    """The same, with these files on this kernel."""
    tests = guest_tests(bpf_guest.SCRIPT) + bpf_guest.carried(files)
    run_tests(bpf_guest.tests(kernel_tree(name), files, out), wanted.of(tests), report)


def bpf_tests() -> list[str]:
    """The tests in tests/guest/bpf.sh, and those that it has for each algorithm."""
    return guest_tests(bpf_guest.SCRIPT) + [
        f"carries_a_file_{path.stem.removeprefix('tcp_')}"
        for path in sorted(CHECKOUT.glob("samples/*/*.rs"))
        if path.stem == path.parent.name and "module_tcp_congestion_ops!" in path.read_text()]


GROUP = Group([bpf], bpf_tests, guest_reads(
    bpf_guest.SCRIPT, "scripts/ferrops/check/bpf_guest.py", "tests/guest/bpf/**"))
