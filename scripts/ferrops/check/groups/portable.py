# SPDX-License-Identifier: GPL-2.0-only
"""The same objects on other kernels."""

import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ferrops.check import bpf_guest
from ferrops.check.group import ALL, Group, Report, Wanted, guest_tests
from ferrops.check.groups.bpf import bpf_on, bpf_tests
from ferrops.check.groups.diff import compared, pair
from ferrops.check.groups.e2e import E2E, e2e
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT
from ferrops.instruments import opsdiff

# The kernels that the modules are built for, beside the stock one.
WITH_RUST = ("testing", "kunit")


def portable(_wanted: Wanted, report: Report) -> None:
    """The same objects on every kernel at hand; and the modules on one of another distribution."""
    out = CHECKOUT / "build/portable"
    shutil.rmtree(out, ignore_errors=True)
    for name in WITH_RUST:
        for result in opsdiff.compare(opsdiff.forms(20_000, 1), name):
            report(compared(result, f"{name}: "))
    e2e("testing", "kunit", ALL, prefixed("testing", report))
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        files = bpf_guest.files(Path(directory))
        for _ in pool.map(lambda name: bpf_on(name, files, out / name, ALL, prefixed(name, report)),
                          bpf_guest.KERNELS):
            pass
    rows = [row for name in bpf_guest.KERNELS
            for row in bpf_guest.figures(kernel_tree(name), out / name)]
    (out / "summary.json").write_text(json.dumps(rows, indent=2) + "\n")
    print(bpf_guest.table(rows), flush=True)


def prefixed(name: str, report: Report) -> Report:
    """Reports the tests as those of a kernel."""
    return lambda outcome: report(outcome._replace(name=f"{name}: {outcome.name}"))


def portable_tests() -> list[str]:
    """The tests of each kernel."""
    return [*(f"{name}: {pair(job)}" for name in WITH_RUST for job in opsdiff.forms(20_000, 1)),
            *(f"testing: {name}" for name in guest_tests(E2E)),
            *(f"{name}: {test}" for name in bpf_guest.KERNELS for test in bpf_tests())]


GROUP = Group([portable], portable_tests, lambda _name: ["**"], True)
