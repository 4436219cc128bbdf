# SPDX-License-Identifier: GPL-2.0-only
"""Whether the committed picture of the demo is that of the present build."""

import json

from ferrops.check.group import Group, Report, Wanted, judged
from ferrops.check.results import SKIPPED, Outcome
from ferrops.environment.process import CHECKOUT
from ferrops.instruments import demo, demo_figures


def compared(_wanted: Wanted, report: Report) -> None:
    """Whether each transfer is as in the documentation. Another kernel is another experiment."""
    numbers = demo.show()
    committed = json.loads((CHECKOUT / demo_figures.NUMBERS).read_text())
    if committed["kernel"] != numbers["kernel"]:
        report(Outcome(demo_figures.NUMBERS, SKIPPED,
                       f"of Linux {committed['kernel']}, and this is {numbers['kernel']}; "
                       "'make demo WRITE=y' writes one of this"))
        return
    for name, reason in demo_figures.differences(committed, numbers):
        report(judged(name, reason and
                      f"{reason}; see whether it should be, then run 'make demo WRITE=y'"))


def demo_tests() -> list[str]:
    """The transfers of the demo."""
    return [f"{scenario}, {algorithm}" for scenario in demo_figures.SCENARIOS
            for algorithm in demo_figures.ALGORITHMS]


GROUP = Group([compared], demo_tests, lambda _name: ["**"], True)
