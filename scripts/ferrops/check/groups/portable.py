# SPDX-License-Identifier: GPL-2.0-only
"""The same objects on other kernels."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ferrops.check import bpf_guest
from ferrops.check.group import Group, guest_tests
from ferrops.check.groups.bpf import bpf_on, bpf_tests
from ferrops.check.groups.diff import compared, pair
from ferrops.check.groups.e2e import E2E, e2e
from ferrops.check.results import Outcome
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT
from ferrops.instruments import opsdiff

# The kernels that the modules are built for, beside the stock one.
WITH_RUST = ("testing", "kunit")


def portable(_text: str) -> Iterator[Outcome]:
    """The same objects on every kernel at hand; and the modules on one of another distribution."""
    out = CHECKOUT / "build/portable"
    shutil.rmtree(out, ignore_errors=True)
    for name in WITH_RUST:
        for result in opsdiff.compare(opsdiff.forms(20_000, 1), name):
            yield compared(result, f"{name}: ")
    for test, outcome, reason in e2e("testing", "kunit", ""):
        yield f"testing: {test}", outcome, reason
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        files = bpf_guest.files(Path(directory))
        for name, outcomes in zip(bpf_guest.KERNELS, pool.map(
                lambda name: list(bpf_on(name, files, out / name)), bpf_guest.KERNELS)):
            yield from ((f"{name}: {test}", outcome, reason) for test, outcome, reason in outcomes)
    rows = [row for name in bpf_guest.KERNELS
            for row in bpf_guest.figures(kernel_tree(name), out / name)]
    (out / "summary.json").write_text(json.dumps(rows, indent=2) + "\n")
    print(bpf_guest.table(rows), flush=True)


def portable_tests() -> list[str]:
    """The tests of each kernel."""
    return [*(f"{name}: {pair(job)}" for name in WITH_RUST for job in opsdiff.forms(20_000, 1)),
            *(f"testing: {name}" for name in guest_tests(E2E)),
            *(f"{name}: {test}" for name in bpf_guest.KERNELS for test in bpf_tests())]


GROUP = Group([portable], portable_tests, True)
