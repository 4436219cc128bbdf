# SPDX-License-Identifier: GPL-2.0-only
"""The checks of the source."""

import subprocess

from ferrops.check.group import Group, Report, chosen, judged
from ferrops.environment.process import CHECKOUT

SOURCE_CHECKS = ["rustfmtcheck", "clippy", "lint", "doc", "htmldocs"]


def source(text: str, report: Report) -> None:
    """The source itself. Warnings are errors here."""
    for check in chosen(SOURCE_CHECKS, text):
        done = subprocess.run([CHECKOUT / "scripts/source-checks", check], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        report(judged(check, done.stdout if done.returncode else ""))


GROUP = Group([source], lambda: SOURCE_CHECKS)
