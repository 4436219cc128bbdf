# SPDX-License-Identifier: GPL-2.0-only
"""What C, Rust and BPF make of the modules' functions."""

import re
import tempfile
from pathlib import Path

from ferrops.build.artifacts import built, modules
from ferrops.check import kfunc_tests
from ferrops.check.group import (GUEST, HUNG, LIBRARY, SAMPLES, Group, Report, Wanted, guest_reads,
                                   guest_tests, judged, only, run_tests)
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT
from ferrops.guest import qemu

BTF = "BTF of ..."

CALLS, MOVED, BARE = (kfunc_tests.TESTS / f"{name}.sh" for name in ("guest", "moved", "bare"))


def kfuncs(wanted: Wanted, report: Report) -> None:
    """What C, Rust and BPF make of the modules' functions."""
    stock, kunit_kernel = kernel_tree("stock"), kernel_tree("kunit")
    if wanted.of(kfunc_tests_on()):
        kfuncs_on("stock", wanted, report)
    else:
        modules(stock, "stock", "FERROPS_TESTS=y")
    for module in built("stock") if wanted.of([BTF]) else []:
        for name, wrong in kfunc_tests.read_back(stock, module):
            report(judged(f"BTF of {name}", wrong))
    if not wanted.of(guest_tests(MOVED)):
        return
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory)
        files = kfunc_tests.moved_files(kunit_kernel, stock, out)
        moved = Kernel(kunit_kernel.tree / "one-more-type")
        kfuncs_in(moved, files, out, guest_tests(MOVED), MOVED, wanted, report)


def kfuncs_on(name: str, wanted: Wanted, report: Report) -> None:
    """The calls of them, on this kernel."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory)
        kfuncs_in(kernel_tree(name), kfunc_tests.files(name, out), out, kfunc_tests_on(), CALLS,
                  wanted, report)


def kfunc_tests_on() -> list[str]:
    """The tests of calls, which one kernel needs."""
    refused = sorted(kfunc_tests.TESTS.glob("refused/*.bpf.c"))
    return [*guest_tests(CALLS), *(f"refused_{path.name.split('.')[0]}" for path in refused),
            "refused_programs_hold_no_module"]


def all_kfunc_tests() -> list[str]:
    """Those of the group."""
    return [*kfunc_tests_on(), BTF, *guest_tests(MOVED)]


def kfuncs_in(kernel: Kernel, files: dict[str, Path], out: Path, tests: list[str], script: Path,
              wanted: Wanted, report: Report) -> None:
    """The tests of a script in tests/kfunc."""
    payload = out / "payload"
    with kernel.image.open("rb") as image:
        payload.write_bytes(image.read(2 << 20))
    files |= {"payload": payload, "transfer.sh": CHECKOUT / "scripts/ferrops/guest/transfer.sh",
              "tests.sh": CHECKOUT / "tests/guest/tests.sh"}
    files |= only(tests, wanted, out)
    result = run_tests(qemu.Run(kernel, script, [], files, ["kunit.enable=0"], timeout=HUNG),
                       wanted.of(tests), report)
    for line in re.findall(r"^a thousand calls.*", result.output, re.MULTILINE):
        print(line, flush=True)


def bare(wanted: Wanted, report: Report) -> None:
    """The same modules on a kernel without BPF."""
    kernel = kernel_tree("bare")
    files = kfunc_tests.bare_files(kernel, kernel_tree("stock"))
    with tempfile.TemporaryDirectory() as directory:
        kfuncs_in(kernel, files, Path(directory), guest_tests(BARE), BARE, wanted, report)


def kfunc_reads(name: str) -> list[str]:
    """What a test reads."""
    more = ["scripts/ferrops/check/kfunc_tests.py", "tests/kfunc/**", "tests/guest/modules/**"]
    for script in (CALLS, MOVED):
        if name in guest_tests(script):
            return guest_reads(script, *more)(name)
    return [*LIBRARY, *GUEST, SAMPLES, *more]


GROUP = Group([kfuncs], all_kfunc_tests, kfunc_reads)

ON_CFI = Group([lambda wanted, report: kfuncs_on("cfi", wanted, report)], kfunc_tests_on,
               kfunc_reads, True)

ON_BARE = Group([bare], lambda: guest_tests(BARE), kfunc_reads, True)
