# SPDX-License-Identifier: GPL-2.0-only
"""The checks of the source."""

import subprocess
from collections.abc import Iterator

from ferrops.check.group import Group, chosen
from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.environment.process import CHECKOUT

SOURCE_CHECKS = ["rustfmtcheck", "clippy", "lint", "doc", "htmldocs"]


def source(text: str) -> Iterator[Outcome]:
    """The source itself. Warnings are errors here."""
    for check in chosen(SOURCE_CHECKS, text):
        done = subprocess.run([CHECKOUT / "scripts/source-checks", check], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        yield check, FAILED if done.returncode else PASSED, done.stdout if done.returncode else ""


GROUP = Group([source], lambda: SOURCE_CHECKS)
