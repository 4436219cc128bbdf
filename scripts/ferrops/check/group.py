# SPDX-License-Identifier: GPL-2.0-only
"""What a group of tests is, and what groups have in common."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.guest import qemu

# Seconds after which a guest counts as hung: many, since a busy machine is no failure.
HUNG = 1800

NO_BUG = "the kernel reports no bug"

# Takes the outcome of a test as soon as it has ended.
Report = Callable[[Outcome], None]


def judged(name: str, wrong: str) -> Outcome:
    """The outcome of a test in which this was wrong, if anything was."""
    return Outcome(name, FAILED if wrong else PASSED, wrong)


@dataclass
class Group:
    """A group of tests: runs those with a text in their names or, where it cannot select, all."""

    # What can run at the same time: each reports the outcomes of its tests.
    parts: list[Callable[[str, Report], None]]
    # Their names, for `chosen`, without building anything.
    tests: Callable[[], list[str]]
    only_full: bool = False


def chosen(tests: list[str], text: str) -> list[str]:
    """Those of the tests that have the text in their names. A name that ends in "..." goes on with
    what only a run knows."""
    return [name for name in tests if text in name.removesuffix("...")
            or name.endswith("...") and text.startswith(name.removesuffix("..."))]


def boot(run: qemu.Run, report: Report) -> qemu.Result:
    """Boots a guest, and reports whether its kernel reported a bug."""
    try:
        result = qemu.boot(run)
    except qemu.Reported as reported:
        if not reported.result:
            raise
        report(Outcome(NO_BUG, FAILED, str(reported)))
        return reported.result
    report(Outcome(NO_BUG, PASSED))
    return result


def guest_tests(script: Path) -> list[str]:
    """The tests that are functions of a script for a guest."""
    return re.findall(r"^test_(\w+)\(\)", script.read_text(), re.MULTILINE)


def only(tests: list[str], text: str, directory: Path) -> dict[str, Path]:
    """The file by which a script for a guest knows which of its tests to run, if not all."""
    if not text:
        return {}
    path = directory / "only"
    path.write_text("".join(f"{name}\n" for name in chosen(tests, text)))
    return {"only": path}


class GuestTests:
    """Takes the lines that tests/guest/tests.sh prints, and reports the tests."""

    def __init__(self, tests: list[str], report: Report) -> None:
        self.left = list(tests)
        self.report = report
        self.reason = ""

    def line(self, line: str) -> None:
        """The next line."""
        if test := re.fullmatch(r"(ok|not ok) \d+ (\w+)", line):
            if test[2] in self.left:
                self.left.remove(test[2])
            self.report(Outcome(test[2], test[1], self.reason if test[1] == FAILED else ""))
        self.reason = line.removeprefix("# ") if line.startswith("# ") else ""

    def end(self) -> None:
        """No line follows."""
        for name in self.left:
            self.report(Outcome(name, FAILED, "it did not run"))


def run_tests(run: qemu.Run, tests: list[str], report: Report) -> qemu.Result:
    """Boots a guest whose script prints as tests/guest/tests.sh does, and reports these tests."""
    found = GuestTests(tests, report)
    run.progress = found.line
    result = boot(run, report)
    found.end()
    return result
