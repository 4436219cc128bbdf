# SPDX-License-Identifier: GPL-2.0-only
"""The KUnit suites."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from ferrops.build.artifacts import modules
from ferrops.check.group import GUEST, HUNG, LIBRARY, SAMPLES, Group, Report, boot
from ferrops.check.results import FAILED, PASSED, SKIPPED, Outcome
from ferrops.check.rust_tests import rust_tests
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT
from ferrops.guest import qemu


class Times:
    """How long the cases took, from the lines with which suites and cases begin and end."""

    def __init__(self) -> None:
        self.of: dict[str, float] = {}
        self.suite = ""
        self.last = time.monotonic()

    def line(self, line: str) -> None:
        """The next line of the guest."""
        now = time.monotonic()
        if suite := re.search(r"# Subtest: (\w+)", line):
            self.suite = suite[1]
        elif case := re.search(r"(?:not )?ok \d+ (\w+)", line):
            self.of[f"{self.suite}.{case[1]}"] = round(now - self.last, 3)
        self.last = now


def kunit(name: str, report: Report) -> None:
    """The suites run when their modules are loaded; the kernel's own tool reads the result."""
    kernel = kernel_tree(name)
    wanted = {path.stem for pattern in ("tests/kunit/*.rs", "samples/*/*.rs", "samples/*/*.c")
              for path in CHECKOUT.glob(pattern)}
    suites = [module for module in modules(kernel, name) if module.stem in wanted]
    times = Times()
    result = boot(qemu.Run(kernel, CHECKOUT / "tests/guest/kunit.sh",
                           files={f"modules/{ko.name}": ko for ko in suites},
                           append=["kunit.enable=1", "kunit.autorun=1"], timeout=HUNG,
                           progress=times.line), report)
    tool = kernel.tree / "build/source/tools/testing/kunit/kunit.py"
    ran = 0
    # The tool reads one KTAP document, and each module writes its own.
    for document in re.split(r"(?m)^(?=.*KTAP version 1$)(?!.* {4}KTAP)", result.output)[1:]:
        parsed = subprocess.run([sys.executable, "-B", tool, "parse", "--json"], input=document,
                                text=True, capture_output=True, check=False)
        cases = list(kunit_cases(json.loads(parsed.stdout[parsed.stdout.index("\n{"):])))
        ran += len(cases)
        for case, outcome in cases:
            report(Outcome(case, outcome, seconds=times.of.get(case)))
        if parsed.returncode and all(outcome == PASSED for _, outcome in cases):
            report(Outcome("kunit.py parse", FAILED, f"{parsed.stdout}{parsed.stderr}"))
    if result.status or not ran:
        report(Outcome("the modules load and run their suites", FAILED, result.output[-3000:]))


def kunit_cases(group: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The test cases in the JSON of kunit.py."""
    words = {"PASS": PASSED, "SKIP": SKIPPED}
    for case in group.get("test_cases", []):
        yield f"{group['name']}.{case['name']}", words.get(case["status"], FAILED)
    for below in group.get("sub_groups", []):
        yield from kunit_cases(below)


def kunit_tests() -> list[str]:
    """The test cases, SUITE.CASE."""
    found = []
    for pattern in ("tests/kunit/*.rs", "samples/*/kunit.rs"):
        for path in sorted(CHECKOUT.glob(pattern)):
            _, *suites = re.split(r"^#\[kunit_tests\((\w+)\)\]$", path.read_text(),
                                  flags=re.MULTILINE)
            found += [f"{suite}.{case}" for suite, source in zip(suites[::2], suites[1::2])
                      for case in rust_tests(source)]
    return found


def on(name: str, only_full: bool = False) -> Group:
    """The suites on this kernel."""
    return Group([lambda _wanted, report: kunit(name, report)], kunit_tests, lambda _name: [
        *LIBRARY, *GUEST, SAMPLES, "tests/kunit/**", "tests/guest/kunit.*"], only_full)
