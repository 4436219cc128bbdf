# SPDX-License-Identifier: GPL-2.0-only
"""What a user does with the modules."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ferrops.build.artifacts import bpf_objects, built, modules, test_modules
from ferrops.check.group import HUNG, Group, boot, chosen, from_guest, guest_tests, only
from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.environment.cache import cache
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT
from ferrops.guest import qemu

E2E = CHECKOUT / "tests/guest/e2e.sh"


def e2e(name: str, other: str, text: str) -> Iterator[Outcome]:
    """What a user does with the modules. `other` is a kernel that they are not for."""
    stock = kernel_tree("stock")
    modules(stock, "stock", "FERROPS_TESTS=y")
    yield from end_to_end(kernel_tree(name), test_modules(name), bpf_objects(stock, "stock"), other,
                          text)


def end_to_end(kernel: Kernel, objects: list[Path], bpf: list[Path], other: str,
               text: str) -> Iterator[Outcome]:
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
        files |= only(guest_tests(E2E), text, Path(directory))
        # Where there is KUnit, loading a module would run its suites.
        result, console = boot(qemu.Run(kernel, E2E, [], files, ["kunit.enable=0"],
                                         timeout=HUNG, progress=lambda line: None))
    yield from from_guest(result.output, chosen(guest_tests(E2E), text))
    yield console


def e2e_tests() -> list[str]:
    """What a user does with the modules."""
    return guest_tests(E2E)


def kver(_text: str) -> Iterator[Outcome]:
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
            yield (f"make {target} KVER={stock.release}", FAILED if done.returncode else PASSED,
                   done.stdout if done.returncode else "")
    yield from end_to_end(stock, built(stock.release), bpf_objects(stock, stock.release), "kunit",
                          "")


def kver_tests() -> list[str]:
    """The builds, and the tests of the modules."""
    return [*(f"make {target} KVER=..." for target in ("check-env", "modules")), *guest_tests(E2E)]


def on(name: str, other: str, only_full: bool = False) -> Group:
    """The tests on this kernel, with modules for another one."""
    return Group([lambda text: e2e(name, other, text)], e2e_tests, only_full)


KVER = Group([kver], kver_tests, True)
