# SPDX-License-Identifier: GPL-2.0-only
"""What a user does with the modules."""

import os
import subprocess
import tempfile
from pathlib import Path

from ferrops.build.artifacts import bpf_objects, built, modules, test_modules
from ferrops.check.group import (ALL, HUNG, Group, Report, Wanted, guest_reads, guest_tests, judged,
                                   only, run_tests)
from ferrops.environment.cache import cache
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT
from ferrops.guest import qemu

E2E = CHECKOUT / "tests/guest/e2e.sh"


def e2e(name: str, other: str, wanted: Wanted, report: Report) -> None:
    """What a user does with the modules. `other` is a kernel that they are not for."""
    stock = kernel_tree("stock")
    modules(stock, "stock", "FERROPS_TESTS=y")
    end_to_end(kernel_tree(name), test_modules(name), bpf_objects(stock, "stock"), other, wanted,
               report)


def end_to_end(kernel: Kernel, objects: list[Path], bpf: list[Path], other: str,
               wanted: Wanted, report: Report) -> None:
    """tests/guest/e2e.sh with these modules and BPF objects, and modules for another kernel."""
    with tempfile.TemporaryDirectory() as directory:
        payload = Path(directory) / "payload"
        with kernel.image.open("rb") as image:
            payload.write_bytes(image.read(4 << 20))
        files = {f"modules/{ko.name}": ko for ko in objects}
        files |= {f"bpf/{path.name}": path for path in bpf}
        files |= {f"other/{ko.name}": ko for ko in modules(kernel_tree(other), other)}
        files |= {"payload": payload, "transfer.sh": CHECKOUT / "scripts/ferrops/guest/transfer.sh",
                  "tests.sh": CHECKOUT / "tests/guest/tests.sh"}
        files |= only(guest_tests(E2E), wanted, Path(directory))
        # Where there is KUnit, loading a module would run its suites.
        run_tests(qemu.Run(kernel, E2E, [], files, ["kunit.enable=0"], timeout=HUNG),
                  wanted.of(guest_tests(E2E)), report)


def e2e_tests() -> list[str]:
    """What a user does with the modules."""
    return guest_tests(E2E)


def kver(_wanted: Wanted, report: Report) -> None:
    """The modules as a user of the distribution builds them, without the build root's trees."""
    stock = kernel_tree("stock")
    with tempfile.TemporaryDirectory(dir=cache()) as directory:
        environment = {**os.environ, "FERROPS_CACHE": directory}
        del environment["FERROPS_INSIDE"]
        for target in ("check-env", "modules"):
            done = subprocess.run(["make", "-C", CHECKOUT, target, f"KVER={stock.release}",
                                   "FERROPS_TESTS=y"],
                                  env=environment, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False)
            report(judged(f"make {target} KVER={stock.release}",
                          done.stdout if done.returncode else ""))
    end_to_end(stock, built(stock.release), bpf_objects(stock, stock.release), "kunit", ALL, report)


def kver_tests() -> list[str]:
    """The builds, and the tests of the modules."""
    return [*(f"make {target} KVER=..." for target in ("check-env", "modules")), *guest_tests(E2E)]


def on(name: str, other: str, only_full: bool = False) -> Group:
    """The tests on this kernel, with modules for another one."""
    return Group([lambda wanted, report: e2e(name, other, wanted, report)], e2e_tests,
                 guest_reads(E2E, "tests/guest/modules/**"), only_full)


KVER = Group([kver], kver_tests, lambda _name: ["**"], True)
