# SPDX-License-Identifier: GPL-2.0-only
"""What becomes of the groups of scripts/check: kept as KTAP and JSON, and how long they take.

Documentation/dev-tools/ktap.rst of the kernel describes the format of results.tap. results.json
has the same, with the time and the whole message of each test.
"""

import contextlib
import errno
import fcntl
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ferrops.environment import cache
from ferrops.environment.process import CHECKOUT, Failure, shown

PASSED, FAILED, SKIPPED = "ok", "not ok", "skipped"

# Of a group: it was not finished, or not begun.
INTERRUPTED, NOT_RUN = "interrupted", "not run"

# The files in the directory of the results.
KTAP, JSON, LOCK = "results.tap", "results.json", "lock"


class Outcome(NamedTuple):
    """What a group says of a test that has ended."""

    name: str
    outcome: str
    # Why it failed or was skipped, if it was.
    reason: str = ""
    # How long it took, if not since the outcome before it.
    seconds: float | None = None


@dataclass
class Test:
    """What became of a test. Its seconds are its own where those are known, and else those since
    the end of the test before it in the same process."""

    name: str
    outcome: str
    message: str
    seconds: float


@dataclass
class Group:
    """What became of a group."""

    name: str
    outcome: str = NOT_RUN
    seconds: float = 0
    tests: list[Test] = field(default_factory=list)

    def has_begun(self) -> bool:
        """Whether a part of it has."""
        return self.outcome != NOT_RUN

    def judge(self) -> None:
        """Sets the outcome, now that no test follows."""
        outcomes = {test.outcome for test in self.tests}
        if FAILED in outcomes:
            self.outcome = FAILED
        else:
            self.outcome = SKIPPED if outcomes == {SKIPPED} else PASSED


class Results:
    """What became of a check so far. The files always have all tests that ended: until `finish`
    they say that the check was interrupted, and so that is what they say of one that was killed."""

    def __init__(self, directory: Path, groups: list[str], test: str) -> None:
        self.directory = directory
        self.groups = {name: Group(name) for name in groups}
        # Only tests with this in their names; if it is empty, all.
        self.test = test
        self.commit = commit()
        self.interrupted = True
        self.start = time.monotonic()
        # When the groups began that run now.
        self.begun: dict[str, float] = {}
        self.write()

    def begin(self, name: str) -> None:
        """A group begins."""
        self.groups[name].outcome = INTERRUPTED
        self.begun[name] = time.monotonic()

    def add(self, group: str, test: Test) -> None:
        """A test of a group ended."""
        self.groups[group].tests.append(test)
        self.write()

    def end(self, name: str) -> float:
        """A group ended. Returns its seconds."""
        self.groups[name].judge()
        self.write()
        del self.begun[name]
        return self.groups[name].seconds

    def finish(self) -> None:
        """All groups ended."""
        self.interrupted = False
        self.write()

    def count(self, outcome: str) -> int:
        """How many tests had this outcome."""
        return sum(test.outcome == outcome for group in self.groups.values()
                   for test in group.tests)

    def write(self) -> None:
        """Writes both files."""
        now = time.monotonic()
        for name, begun in self.begun.items():
            self.groups[name].seconds = round(now - begun, 3)
        found = {"commit": self.commit, "interrupted": self.interrupted, "test": self.test,
                 "seconds": round(now - self.start, 3),
                 "groups": [asdict(group) for group in self.groups.values()]}
        replace(self.directory / JSON, json.dumps(found, indent=2) + "\n")
        replace(self.directory / KTAP, ktap(found))


def commit() -> str:
    """The commit that is tested; "-dirty" follows if files differ from it."""
    try:
        done = subprocess.run(["git", "-c", "safe.directory=*", "describe", "--always", "--dirty",
                               "--abbrev=40", "--exclude=*"], cwd=CHECKOUT, text=True,
                              capture_output=True, check=False)
    except OSError:
        return "no repository"
    return done.stdout.strip() if done.returncode == 0 else "no repository"


# --- KTAP -----------------------------------------------------------------

# What the kernel's parser takes for the end of a boot, wherever it is in a line.
ENDS = re.compile(r"(?<=List of all partitions)(?=:)|(?<=Kernel panic - not syncing)(?=:)"
                  r"|(?<=reboot)(?=:)")


def ktap(found: dict[str, Any]) -> str:
    """The content of results.json as KTAP."""
    lines = ["KTAP version 1", f"# commit: {found['commit']}"]
    if found["test"]:
        lines += diagnostics(f"only tests with '{found['test']}' in their names")
    if found["interrupted"]:
        lines.append("# interrupted")
    lines.append(f"1..{len(found['groups'])}")
    for number, group in enumerate(found["groups"], 1):
        if group["tests"]:
            lines += [f"  {line}" for line in ["KTAP version 1", f"1..{len(group['tests'])}"]]
        for place, test in enumerate(group["tests"], 1):
            if test["outcome"] != SKIPPED:
                lines += [f"  {line}" for line in diagnostics(test["message"])]
            lines.append(f"  {result(place, test['name'], test['outcome'], test['message'])}")
        lines.append(result(number, group["name"], group["outcome"], ""))
    return "\n".join(lines) + "\n"


def result(number: int, name: str, outcome: str, reason: str) -> str:
    """The line of a test, or of a group."""
    word = FAILED if outcome in (FAILED, INTERRUPTED) else PASSED
    line = f"{word} {number} {plain(name)}"
    if outcome == INTERRUPTED:
        return f"{line} # ERROR interrupted"
    if outcome in (SKIPPED, NOT_RUN):
        return f"{line} # SKIP {plain(outcome if outcome == NOT_RUN else reason)}".rstrip()
    return line


def plain(text: str) -> str:
    """A name or a reason, which is in one line and has no '#'."""
    return ENDS.sub(" ", " ".join(printable(text).replace("#", "_").split()))


def diagnostics(text: str) -> list[str]:
    """Lines that no parser takes for anything else. After one space, "Subtest:" would be."""
    return [ENDS.sub(" ", f"#   {printable(line)}".rstrip()) for line in text.strip().splitlines()]


def printable(text: str) -> str:
    """The text without characters that end lines or control terminals."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


# --- Files ----------------------------------------------------------------


@contextlib.contextmanager
def written(path: Path) -> Iterator[None]:
    """Turns what goes wrong with a file into one line for the user."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "make space on its disk" if full else "see whether its directory can be written to"
        raise Failure(f"cannot write {shown(path)}: {error.strerror}; {remedy}") from None


def replace(path: Path, text: str) -> None:
    """Writes a file, which at any time has either its old content or the new one."""
    new = path.with_name(f"{path.name}.new")
    with written(path):
        try:
            new.write_text(text, encoding="utf-8", errors="backslashreplace")
            new.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Holds the lock of the results while the block lasts; fails if another check has it."""
    path = directory / LOCK
    with written(path):
        directory.mkdir(parents=True, exist_ok=True)
        lock = path.open("a")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"another check runs in this checkout and has {shown(path)}; wait for "
                          f"its end, or check another clone") from None
        yield


# --- Times ----------------------------------------------------------------


def times_file() -> Path:
    """What this machine needed, of whatever checkout."""
    return cache.cache() / "check-times.json"


def times() -> dict[str, float]:
    """The seconds of each group in the last check here that ran it whole and to its end."""
    try:
        found = json.loads(times_file().read_text())
        return {str(name): float(seconds) for name, seconds in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def remember(group: str, seconds: float) -> None:
    """Keeps the time of a group. Without it there is only no estimate."""
    new = times_file().with_name(f"{times_file().name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        try:
            new.write_text(json.dumps(times() | {group: round(seconds, 1)}, indent=2) + "\n")
            new.replace(times_file())
        finally:
            new.unlink(missing_ok=True)


def progress(groups: list[str], at: int, known: dict[str, float], lanes: int) -> str:
    """Which group begins, and how long it and those after it take, as far as that is known, with so
    many of them at a time."""
    parts = [f"{at + 1} of {len(groups)}"]
    if groups[at] in known:
        parts.append(f"about {known[groups[at]]:.0f} s")
    left = [known[group] for group in groups[at:] if group in known]
    if left:
        least = "" if len(left) == len(groups) - at else "at least "
        parts.append(f"{least}{spoken(max(sum(left) / lanes, *left))} left")
    return f"{groups[at]} ({', '.join(parts)})"


def spoken(seconds: float) -> str:
    """A time for people."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
