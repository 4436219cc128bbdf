# SPDX-License-Identifier: GPL-2.0-only
"""What rustc and the BPF verifier have to refuse."""

from ferrops.check.compile_fail import PROGRAMS
from ferrops.check.group import LIBRARY, Group, Report, Wanted, judged
from ferrops.check.wrong_programs import SAFETY, checked, document


def wrong(wanted: Wanted, report: Report) -> None:
    """What has to be refused, and whether Documentation/safety.rst says so."""
    every = wanted.has(SAFETY)
    programs = checked([] if every else wanted.of(wrong_tests()))
    for program in programs:
        report(judged(program.name, "; ".join(program.findings)))
    # It is made of programs that are refused as they say.
    if every and not any(program.findings for program in programs):
        report(judged(SAFETY, document(programs)))


def wrong_tests() -> list[str]:
    """The wrong programs, and the document."""
    return [*sorted(path.stem for path in PROGRAMS.glob("*.rs")), SAFETY]


GROUP = Group([wrong], wrong_tests, lambda _name: [
    *LIBRARY, SAFETY, "Cargo.toml", "scripts/ferrops/check/compile_fail*.py",
    "scripts/ferrops/check/safety_tables.py", "tests/compile-fail/**"])
