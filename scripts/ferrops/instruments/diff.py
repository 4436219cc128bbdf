# SPDX-License-Identifier: GPL-2.0-only
"""Compares congestion controls with their references, callback by callback.

    diff                    all pairs; writes build/diff/summary.json
    diff ALGORITHM REFERENCE...  these two, by name, and perhaps more such pairs
    diff --mutants          that each mutant in tests/opsdiff/mutants is noticed

In a guest with the stock kernel, by the test module tests/opsdiff. A difference is
minimised, printed, and saved in tests/opsdiff/regressions, from where every later run
of that pair repeats it. Documentation/opsdiff.rst says what is compared, and how.
"""

import argparse
import json
import textwrap
import time
from pathlib import Path

from ferrops.environment.cache import locked
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT, LICENSE, Failure
from ferrops.instruments import opsdiff, opsdiff_mutants, opsdiff_traces
from ferrops.instruments.opsdiff import Compared, Job

OUT = CHECKOUT / "build/diff"

# How many kinds of differences to print.
SHOWN = 3


def save(found: Compared) -> Path:
    """Makes a difference a regression case."""
    opsdiff.REGRESSIONS.mkdir(exist_ok=True)
    path = opsdiff.REGRESSIONS / f"{found.job.table}-{found.job.reference}-{found.job.seed}.events"
    path.write_text(f"# {LICENSE}\n"
                    f"# {opsdiff.difference(found)}\n" + "\n".join(
                        [f"parameter {name} {value}"
                         for name, value in found.job.parameters.items()] + found.cases[0][0]))
    return path


def table(results: list[Compared]) -> str:
    """The results for people."""
    head = (f"{'algorithm':<16}{'reference':<12}{'what':<26}{'steps':>10}{'outside':>9}"
            f"{'differences':>13}")
    lines = [f"  {head}", f"  {'-' * len(head)}"]
    lines += [f"  {result.job.table:<16}{result.job.reference:<12}{result.job.what:<26}"
              f"{result.steps:>10}{sum(result.outside.values()):>9}{result.differences:>13}"
              for result in results]
    return "\n".join(lines)


def run() -> int:
    parser = argparse.ArgumentParser(prog="diff", description="Compares congestion controls "
                                     "with their references, callback by callback.")
    parser.add_argument("tables", nargs="*", metavar="ALGORITHM REFERENCE")
    parser.add_argument("--steps", type=int, metavar="N",
                        help="callbacks to compare for each pair (default: 1000000), or at most "
                        "for each mutant (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random events")
    parser.add_argument("--events", type=Path, metavar="FILE",
                        help="the events in a file, instead of random ones")
    parser.add_argument("--states", choices=["any", "init"], default="any",
                        help="with which states connections begin: any, or only what init makes "
                        "(then nothing is held to be undefined)")
    parser.add_argument("--mutants", action="store_true",
                        help="that each mutant is noticed, instead of all pairs")
    given = parser.parse_args()
    if len(given.tables) % 2 or (given.events and len(given.tables) != 2):
        raise Failure("name two congestion controls, or none for all pairs")
    opsdiff.check_tables(given.tables)
    if given.events and not given.events.is_file():
        raise Failure(f"{given.events} is not a file; give one with an event in each line")
    if given.steps is None:
        given.steps = 100_000 if given.mutants else 1_000_000
    with locked(CHECKOUT / "build/diff.lock", "comparing"):
        OUT.mkdir(parents=True, exist_ok=True)
        if given.mutants:
            return mutants(given)
        return pairs(given)


def pairs(given: argparse.Namespace) -> int:
    """Compares pairs, reports, and saves what differs."""
    start = time.monotonic()
    if given.events:
        jobs = [Job(given.tables[0], given.tables[1], what=given.events.name, events=given.events)]
    elif given.tables:
        jobs = [Job(table_, reference, given.steps, given.seed)
                for table_, reference in zip(given.tables[::2], given.tables[1::2])]
    else:
        jobs = opsdiff.all_pairs(given.steps, given.seed)
    for job in jobs:
        job.only_init = given.states == "init"
    if not given.events:
        for table_, reference in dict.fromkeys((job.table, job.reference) for job in jobs):
            jobs += opsdiff.regressions(table_, reference)
        if not given.tables:
            traces = opsdiff_traces.record(OUT)
            jobs += [Job(table_, reference, what=f"recorded: {path.stem}", events=path)
                     for table_, reference in opsdiff.references() + opsdiff.bpf_forms()
                     for path in traces]
    results = opsdiff.compare(jobs)

    summary = {"kernel": kernel_tree("stock").release,
               "pairs": [result.summary() for result in results]}
    (OUT / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(f"\n{table(results)}\n")
    for result in results:
        for reason, count in result.outside.items():
            print(f"  {result.job.table}/{result.job.reference}: "
                  f"outside what both are defined for: "
                  f"{reason}: {count} callbacks")
    unexpected = 0
    for result in results:
        if not result.differences:
            continue
        print(f"\n  {result.job.table} and {result.job.reference}: {opsdiff.difference(result)}")
        cases = ["\n".join([*case, *state, ""]) for case, state in result.cases]
        for text in cases[:SHOWN]:
            print(textwrap.indent(text, "    "))
        path = OUT / f"{result.job.table}-{result.job.reference}.cases"
        path.write_text("\n".join(cases))
        print(f"  {path.relative_to(CHECKOUT)} has {len(cases)} kinds of differences")
        if result.job.may_differ:
            continue
        unexpected += 1
        if not result.job.events:
            print(f"  saved as {save(result).relative_to(CHECKOUT)}")
    print(f"\nbuild/diff/summary.json has the figures. ({time.monotonic() - start:.0f} s)")
    return 1 if unexpected else 0


def mutants(given: argparse.Namespace) -> int:
    """Compares each mutant with the reference of what it was; each has to differ."""
    start = time.monotonic()
    rows = [{"change": mutant.change, "step": result.first}
            for mutant, result in opsdiff_mutants.compare(given.steps, given.seed)]
    (OUT / "mutants.json").write_text(json.dumps(rows, indent=2) + "\n")
    print()
    for row in rows:
        print(f"  {row['step'] or 'NOT NOTICED':>11}  {row['change']}")
    missed = sum(not row["step"] for row in rows)
    print(f"\n{len(rows) - missed} of {len(rows)} mutants noticed, in the step on the left. "
          f"({time.monotonic() - start:.0f} s)")
    return 1 if missed else 0
