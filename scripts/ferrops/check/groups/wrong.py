# SPDX-License-Identifier: GPL-2.0-only
"""What rustc and the BPF verifier have to refuse."""

import re
import subprocess

from ferrops.check.group import LIBRARY, Group, Report, Wanted
from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.environment.process import CHECKOUT

SAFETY = "Documentation/safety.rst"


def wrong(wanted: Wanted, report: Report) -> None:
    """What has to be refused, and whether Documentation/safety.rst says so."""
    names = [] if wanted.has(SAFETY) else wanted.of(wrong_tests())
    done = subprocess.run([CHECKOUT / "scripts/wrong-programs", *names], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    found = re.findall(r"^(ok|not ok) (\S+)(?:: (.*))?$", done.stdout, re.MULTILINE)
    for outcome, name, reason in found:
        report(Outcome(name, outcome, reason))
    if not found or done.returncode and all(outcome == PASSED for outcome, _, _ in found):
        report(Outcome("scripts/wrong-programs", FAILED, done.stdout))


def wrong_tests() -> list[str]:
    """The wrong programs, and the document."""
    return [*sorted(path.stem for path in CHECKOUT.glob("tests/compile-fail/*.rs")), SAFETY]


GROUP = Group([wrong], wrong_tests, lambda _name: [
    *LIBRARY, SAFETY, "scripts/wrong-programs", "tests/compile-fail/**"])
