# SPDX-License-Identifier: GPL-2.0-only
"""What a group of tests is, and what groups have in common."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.guest import qemu

# Seconds after which a guest counts as hung: many, since a busy machine is no failure.
HUNG = 1800

NO_BUG = "the kernel reports no bug"


@dataclass
class Group:
    """A group of tests: runs those with a text in their names or, where it cannot select, all."""

    # What can run at the same time: each yields the outcomes of its tests.
    parts: list[Callable[[str], Iterator[Outcome]]]
    # Their names, for `chosen`, without building anything.
    tests: Callable[[], list[str]]
    only_full: bool = False


def chosen(tests: list[str], text: str) -> list[str]:
    """Those of the tests that have the text in their names. A name that ends in "..." goes on with
    what only a run knows."""
    return [name for name in tests if text in name.removesuffix("...")
            or name.endswith("...") and text.startswith(name.removesuffix("..."))]


def boot(run: qemu.Run) -> tuple[qemu.Result, Outcome]:
    """Boots a guest and says whether its kernel reported a bug."""
    try:
        return qemu.boot(run), (NO_BUG, PASSED, "")
    except qemu.Reported as reported:
        if not reported.result:
            raise
        return reported.result, (NO_BUG, FAILED, str(reported))


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


def from_guest(printed: str, tests: list[str]) -> Iterator[Outcome]:
    """The outcomes that tests/guest/tests.sh printed, and those of the tests that it left out."""
    seen = set()
    reason = ""
    for line in printed.splitlines():
        if test := re.fullmatch(r"(ok|not ok) \d+ (\w+)", line):
            seen.add(test[2])
            yield test[2], test[1], reason if test[1] == FAILED else ""
        reason = line.removeprefix("# ") if line.startswith("# ") else ""
    for name in tests:
        if name not in seen:
            yield name, FAILED, "it did not run"
