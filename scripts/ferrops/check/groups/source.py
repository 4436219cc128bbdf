# SPDX-License-Identifier: GPL-2.0-only
"""The checks of the source."""

import subprocess

from ferrops.check.group import LIBRARY, Group, Report, Wanted, judged
from ferrops.environment.process import CHECKOUT

SOURCE_CHECKS = ["rustfmtcheck", "clippy", "lint", "doc", "htmldocs"]


def source(wanted: Wanted, report: Report) -> None:
    """The source itself. Warnings are errors here."""
    for check in wanted.of(SOURCE_CHECKS):
        done = subprocess.run([CHECKOUT / "scripts/source-checks", check], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        report(judged(check, done.stdout if done.returncode else ""))


def source_reads(name: str) -> list[str]:
    """What a check reads."""
    rust = ["Kbuild", "rust/**", "samples/**", "tests/**"]
    return ["scripts/ferrops/check/source_checks.py",
            *{"rustfmtcheck": rust, "clippy": [*rust, *LIBRARY], "doc": [*rust, *LIBRARY],
              "htmldocs": ["Documentation/**"]}.get(name, ["**"])]


GROUP = Group([source], lambda: SOURCE_CHECKS, source_reads)
