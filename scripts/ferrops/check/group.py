# SPDX-License-Identifier: GPL-2.0-only
"""What a group of tests is, and what groups have in common."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.environment.process import CHECKOUT
from ferrops.guest import qemu

# Seconds after which a guest counts as hung: many, since a busy machine is no failure.
HUNG = 1800

NO_BUG = "the kernel reports no bug"

# Takes the outcome of a test as soon as it has ended.
Report = Callable[[Outcome], None]


def judged(name: str, wrong: str) -> Outcome:
    """The outcome of a test in which this was wrong, if anything was."""
    return Outcome(name, FAILED if wrong else PASSED, wrong)


@dataclass(frozen=True)
class Wanted:
    """Which tests to run: those with a text in their names, or those that are named. A name that
    ends in "..." goes on with what only a run knows."""

    text: str = ""
    names: frozenset[str] | None = None

    @property
    def is_all(self) -> bool:
        """Whether every test is wanted."""
        return not self.text and self.names is None

    def has(self, name: str) -> bool:
        """Whether a test that ran is wanted."""
        if self.names is None:
            return self.text in name
        return any(name == listed or listed.endswith("...") and
                   name.startswith(listed.removesuffix("...")) for listed in self.names)

    def of(self, tests: list[str]) -> list[str]:
        """Those of the names that a group lists under which there may be a wanted test."""
        if self.names is not None:
            return [name for name in tests if name in self.names]
        return [name for name in tests if self.text in name.removesuffix("...")
                or name.endswith("...") and self.text.startswith(name.removesuffix("..."))]


ALL = Wanted()

# The files that all modules and BPF objects are made of, beside the samples.
LIBRARY = ["Kbuild", "rust/**", "scripts/build-*", "scripts/ferrops/build/**",
           "scripts/ferrops/environment/**"]

# What all guests run, and what reads what they print.
GUEST = ["scripts/ferrops/guest/**", "scripts/ferrops/check/group.py", "tests/guest/tests.sh",
         "tests/guest/*.config"]

SAMPLES = "samples/**"


def samples_in(text: str) -> list[str]:
    """The files of the samples that a text names; of all, if it names none."""
    names = [path.name for path in CHECKOUT.glob("samples/tcp_*")]
    found = [name for name in names if
             re.search(rf"(?<![a-z]){name.removeprefix('tcp_')}(?![a-z])", text)]
    if not found:
        return [SAMPLES]
    # Programs in C name the sample whose kfuncs they call.
    return [f"samples/{name}/**" for name in found] + ["samples/bpf/**"] * ("bpf_" in text)


@dataclass
class Group:
    """A group of tests: runs those that are wanted or, where it cannot select, all."""

    # What can run at the same time: each reports the outcomes of its tests.
    parts: list[Callable[[Wanted, Report], None]]
    # Their names, without building anything.
    tests: Callable[[], list[str]]
    # The files on which the outcome of the test of this name depends, as patterns.
    reads: Callable[[str], list[str]]
    only_full: bool = False


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


def guest_reads(script: Path, *more: str) -> Callable[[str], list[str]]:
    """What the tests of a script for a guest read: of the samples, those that they name."""
    def reads(name: str) -> list[str]:
        body = re.search(rf"^test_{name}\(\) .*?^\}}$", script.read_text(),
                         re.MULTILINE | re.DOTALL)
        return [*LIBRARY, *GUEST, str(script.relative_to(CHECKOUT)), *more,
                *samples_in(body[0] if body else name)]
    return reads


def only(tests: list[str], wanted: Wanted, directory: Path) -> dict[str, Path]:
    """The file by which a script for a guest knows which of its tests to run, if not all."""
    if wanted.is_all:
        return {}
    path = directory / "only"
    path.write_text("".join(f"{name}\n" for name in wanted.of(tests)))
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
