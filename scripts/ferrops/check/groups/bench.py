# SPDX-License-Identifier: GPL-2.0-only
"""What callbacks cost, and how large modules are."""

import json

from ferrops.check.group import GUEST, LIBRARY, SAMPLES, Group, Report, Wanted, judged
from ferrops.check.results import SKIPPED, Outcome
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT
from ferrops.instruments import code_size, opsbench

# The tests of the benchmark, beside one for each family.
ON_AVERAGE = "an ACK costs on average what it costs in C"
AS_KFUNC = "callbacks cost as kfuncs what those in C cost"
IN_BPF = "no program in BPF costs more than the kernel's"
THAN_IT_DID = "no callback costs more than it did"


def bench(_wanted: Wanted, report: Report) -> None:
    """What callbacks cost: next to C, and next to what they cost when that was looked at."""
    stock = kernel_tree("stock")
    tables = opsbench.all_tables()
    measured = opsbench.measure(stock, opsbench.VARIANTS, tables)
    for family, ratios in ((family, measured.ratios(family)) for family in opsbench.families()):
        if ratios:
            report(judged(f"{family} costs what C costs", opsbench.costs_more(measured, family)))
    for family, size in code_size.of(stock).items():
        report(judged(f"{family} is about as large as C", code_size.larger(size)))
    report(judged(ON_AVERAGE, opsbench.costs_more_on_average(measured)))
    report(judged(AS_KFUNC, opsbench.costs_more_as_kfunc(measured)))
    report(judged(IN_BPF, opsbench.costs_more_in_bpf(measured)))
    known = opsbench.baseline(stock)
    if not known.exists():
        report(Outcome(THAN_IT_DID, SKIPPED, f"there is no {known.relative_to(CHECKOUT)}; 'make "
                                             "bench WRITE=y' makes it"))
        return
    rises = opsbench.rises(json.loads(known.read_text()), opsbench.figures(measured))
    report(judged(THAN_IT_DID, "; ".join(rises)))


def bench_tests() -> list[str]:
    """The tests of the benchmark."""
    return [*(f"{family} {what}" for what in ("costs what C costs", "is about as large as C")
              for family in opsbench.families()), ON_AVERAGE, AS_KFUNC, IN_BPF, THAN_IT_DID]


GROUP = Group([bench], bench_tests, lambda _name: [
    *LIBRARY, *GUEST, SAMPLES, "scripts/ferrops/instruments/**", "tests/opsdiff/**",
    "tests/kfunc/**", "tests/guest/modules/**"])
