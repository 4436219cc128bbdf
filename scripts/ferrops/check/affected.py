# SPDX-License-Identifier: GPL-2.0-only
"""Which tests a change can affect: all but those that passed on the files that they read.

Each group says which files the outcome of a test depends on (`Group.reads`). When a test passes,
what was in those files is kept with its name, in build/check/passed.json.
"""

import contextlib
import functools
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path, PurePath

from ferrops.check import results
from ferrops.check.group import Wanted
from ferrops.check.groups import GROUPS
from ferrops.check.results import FAILED, PASSED
from ferrops.environment.process import CHECKOUT

FILE = "passed.json"

# What is installed: another kernel or compiler may affect all tests.
PACKAGES = Path("/var/lib/dpkg/status")

# What is made, and so not read: anywhere, and in the checkout itself.
MADE, MADE_AT_THE_TOP = {"__pycache__"}, {".git", "build", "target"}


class Content:
    """What is in the files of the checkout now."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        for directory, below, names in os.walk(CHECKOUT):
            made = MADE | MADE_AT_THE_TOP if Path(directory) == CHECKOUT else MADE
            below[:] = [name for name in below if name not in made]
            for path in (Path(directory, name) for name in names):
                with contextlib.suppress(OSError):
                    data = path.read_bytes() if path.is_file() else b""
                    self.files[str(path.relative_to(CHECKOUT))] = hashlib.sha256(data).hexdigest()
        self.packages = hashlib.sha256(PACKAGES.read_bytes()).hexdigest() \
            if PACKAGES.exists() else ""
        self.matching = functools.cache(self._matching)

    def _matching(self, pattern: str) -> frozenset[str]:
        return frozenset(name for name in self.files if PurePath(name).full_match(pattern))

    def digest(self, patterns: Iterable[str]) -> str:
        """What is in the files that match these patterns."""
        names = sorted(set().union(*map(self.matching, patterns)))
        text = "".join(f"{name} {self.files[name]}\n" for name in names)
        return hashlib.sha256(f"{self.packages}\n{text}".encode()).hexdigest()

    def digests(self, group: str) -> dict[str, str]:
        """What each test of a group reads."""
        return {name: self.digest(GROUPS[group].reads(name)) for name in GROUPS[group].tests()}


def passed(directory: Path) -> dict[str, dict[str, str]]:
    """What each test of each group read when it last passed."""
    try:
        found = json.loads((directory / FILE).read_text())
        return {group: dict(tests) for group, tests in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def affected(directory: Path, content: Content, groups: list[str]) -> dict[str, Wanted]:
    """The tests of these groups that did not pass on what they read now."""
    known = passed(directory)
    return {group: Wanted(names=frozenset(
        name for name, digest in content.digests(group).items()
        if known.get(group, {}).get(name) != digest)) for group in groups}


def remember(directory: Path, content: Content, kept: results.Results) -> None:
    """Keeps which tests of a check passed, on what was there when it began."""
    known = passed(directory)
    for group, found in kept.groups.items():
        digests = content.digests(group)
        ran: dict[str, set[str]] = {}
        failed = False
        for test in found.tests:
            names = [name for name in digests if Wanted(names=frozenset([name])).has(test.name)
                     and not (kept.interrupted and name.endswith("..."))]
            for name in names:
                ran.setdefault(name, set()).add(test.outcome)
            # A failure of no test is one of all of them.
            failed |= not names and test.outcome == FAILED
        of_group = known.setdefault(group, {})
        for name in [*of_group]:
            if name not in digests or failed or name in ran and ran[name] != {PASSED}:
                del of_group[name]
        if not failed:
            of_group |= {name: digests[name] for name, outcomes in ran.items()
                         if outcomes == {PASSED}}
    results.replace(directory / FILE, json.dumps(known, indent=2) + "\n")
