# SPDX-License-Identifier: GPL-2.0-only
"""What needs no kernel."""

import re
import subprocess
from collections.abc import Iterator

from ferrops.check.group import Group, Report, Wanted, samples_in
from ferrops.check.results import FAILED, PASSED, SKIPPED, Outcome
from ferrops.check.rust_tests import rust_tests
from ferrops.environment.process import CHECKOUT


def host(wanted: Wanted, report: Report) -> None:
    """What needs no kernel; the lines are those of Rust's test harness."""
    names = [name.split(" ") for name in wanted.of(host_tests())]
    files = {words[0] for words in names}
    one = len(files) == 1 and names[0][1] != "..."
    arguments = [*files, *(words[1] for words in names)] if one else []
    done = subprocess.run([CHECKOUT / "scripts/host-tests", *arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    found = list(host_outcomes(done.stdout))
    for outcome in found:
        report(outcome)
    if done.returncode or not found:
        report(Outcome("scripts/host-tests", FAILED, done.stdout))


def host_outcomes(printed: str) -> Iterator[Outcome]:
    """The outcomes that cargo printed. A test in tests/host has its file's name before its own; an
    example already has its path there."""
    words = {"ok": PASSED, "ignored": SKIPPED}
    prefix = ""
    for line in printed.splitlines():
        if title := re.match(r" +(?:Running (?:\S*/)?(\w+)\.rs \(|Doc-tests )", line):
            prefix = f"{title[1]} " if title[1] else ""
        elif test := re.match(r"test (.+?)(?: - compile fail| - should panic)? \.\.\. (\w+)", line):
            yield Outcome(f"{prefix}{test[1]}", words.get(test[2], FAILED))


def host_tests() -> list[str]:
    """Those in tests/host, and the files that have examples."""
    found = [f"{path.stem} {name}" for path in sorted(CHECKOUT.glob("tests/host/*.rs"))
             for name in rust_tests(path.read_text())]
    return found + [f"{path.relative_to(CHECKOUT)} ..."
                    for path in sorted(CHECKOUT.glob("rust/**/*.rs"))
                    if re.search(r"^\s*//[/!] ```", path.read_text(), re.MULTILINE)]


def host_reads(name: str) -> list[str]:
    """What a test reads: one of an algorithm that algorithm, an example the library."""
    file, _ = name.split(" ", 1)
    samples = [] if "/" in file else samples_in(file)
    return ["Cargo.toml", ".cargo/*", "rust/**", "tests/host/**", "scripts/host-tests", *samples]


GROUP = Group([host], host_tests, host_reads)
