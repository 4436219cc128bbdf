# SPDX-License-Identifier: GPL-2.0-only
"""Tests. Ends with "N passed, N failed".

    check                           the groups that fit in half an hour
    check full                      all groups
    check GROUP...                  these groups
    check [GROUP...] --test TEXT    of them only tests with TEXT in their names
    check [GROUP...] --changed      of them only tests that did not pass on the present files
    check [GROUP...] --list         only say which tests there are

    source    rustfmtcheck, clippy, lint, doc, htmldocs
    host      cargo test: the portable part and the algorithms, without a kernel
    wrong     tests/compile-fail: what rustc and the BPF verifier have to refuse
    scripts   tests/scripts/test_*.py: the scripts and the guest runner
    kunit     the KUnit suites of the library and the samples, on the kunit kernel
    diff      scripts/diff: each algorithm against its reference, 20,000 callbacks
    bench     that no callback costs more than in C, or than it did: scripts/bench
    bpf       tests/guest/bpf.sh, on the stock kernel: the BPF objects and their loader
    kfuncs    tests/kfunc: what C, Rust and BPF make of the modules' functions
    e2e       tests/guest/e2e.sh, on the stock kernel
    samples   the transcripts in samples/README.md

and only in full:

    portable     bpf and, where there is Rust, diff on other kernels; e2e on the testing
                 distribution's. Prints a table, and writes build/portable/summary.json
    mutants      that scripts/diff notices wrong lines
    kver         e2e with modules from "make modules KVER=..."
    kunit-debug  kunit on the debug kernel
    e2e-debug    e2e on the debug kernel
    kunit-cfi    kunit on the CFI kernel
    e2e-cfi      e2e on the CFI kernel
    kfuncs-cfi   kfuncs on the CFI kernel
    seeded       tests/seeded-bugs: whether what the debug and the CFI kernel report is found
    bare         tests/kfunc/bare.sh: the modules on a kernel without BPF
    demo         whether the demo's picture in the documentation is that of the present build

A guest whose kernel reports a bug is a failed test, in all groups (guest/reports.py).

With --test, groups without such a test do not run. The groups bench, demo, kunit, kver, mutants,
portable and samples run whole, and only the chosen tests count; so does host, unless all chosen
tests are in one file. In a guest, a chosen test runs without those before it.

As many groups run at the same time as there are processors, those that are only in full one after
the other; the longest begins.

build/check/results.tap has the results as KTAP, build/check/results.json also the time of each
test. Both are written after each test; until the last one they say "interrupted". The times of
whole groups are kept in the cache, to estimate those of the next check.
"""

import argparse
import os
from typing import NoReturn

from ferrops.build.artifacts import IN_CHECK
from ferrops.check import results
from ferrops.check.affected import Content, affected, remember
from ferrops.check.group import Wanted
from ferrops.check.groups import GROUPS
from ferrops.check.parts import run_groups
from ferrops.check.results import FAILED, PASSED, SKIPPED
from ferrops.environment.process import CHECKOUT, Failure, say, shown

# Where the results go.
OUT = CHECKOUT / "build/check"

# How many names a message has.
NAMED = 10


def wanted_groups(names: list[str], text: str) -> dict[str, Wanted]:
    """The groups of these names, if they have a test with the text in its name."""
    if unknown := [name for name in names if name not in GROUPS and name != "full"]:
        raise Failure(f"no test group {', '.join(unknown)}; there are {', '.join(GROUPS)}, and "
                      f"full for all")
    if "full" in names:
        names = list(GROUPS)
    names = list(dict.fromkeys(names)) or [name for name in GROUPS if not GROUPS[name].only_full]
    found = [name for name in names if not text or Wanted(text).of(GROUPS[name].tests())]
    if not found:
        tests = list(dict.fromkeys(test for name in names for test in GROUPS[name].tests()))
        more = f" and {len(tests) - NAMED} more, which --list (LIST=y) shows" \
            if len(tests) > NAMED else ""
        raise Failure(f"no test of {', '.join(names)} has '{text}' in its name; there are "
                      f"{', '.join(tests[:NAMED])}{more}")
    return dict.fromkeys(found, Wanted(text))


def affected_of(wanted: dict[str, Wanted], content: Content) -> dict[str, Wanted]:
    """Of the wanted tests those that did not pass on what is there; says what is left out."""
    found = {}
    left_out = []
    for group, names in affected(OUT, content, list(wanted)).items():
        tests = wanted[group].of(GROUPS[group].tests())
        if left := frozenset(names.of(tests)):
            found[group] = Wanted(names=left)
        if passed := len(tests) - len(left):
            left_out.append(f"{group} ({passed} of {len(tests)})")
    if left_out:
        say(f"left out, since they passed on the files that they read: {', '.join(left_out)}")
    return found


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        raise Failure(f"{message}; usage: check [GROUP...] [--test TEXT] [--changed] [--list]")

    def format_help(self) -> str:
        return __doc__ or ""


def arguments() -> argparse.Namespace:
    """Those of the command line."""
    parser = Parser(allow_abbrev=False)
    parser.add_argument("groups", nargs="*")
    parser.add_argument("--test", default="")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def run() -> int:
    given = arguments()
    if given.list and not given.changed and not given.groups:
        given.groups = ["full"]
    wanted = wanted_groups(given.groups, given.test)
    content = Content()
    if given.changed:
        wanted = affected_of(wanted, content)
    if given.list:
        for group in wanted:
            print(f"{group}{' (only in check-full)' if GROUPS[group].only_full else ''}")
            for name in wanted[group].of(GROUPS[group].tests()):
                print(f"    {name}")
        return 0
    with results.alone(OUT):
        kept = results.Results(OUT, list(wanted), given.test)
        try:
            return check(kept, wanted)
        finally:
            remember(OUT, content, kept)


# How many parts of groups run at the same time. Each is mostly one guest, and thus one thread.
LANES = os.cpu_count() or 1


def check(kept: results.Results, wanted: dict[str, Wanted]) -> int:
    """Runs the groups."""
    known = results.times() if all(tests.is_all for tests in wanted.values()) else {}
    os.environ[IN_CHECK] = "y"
    # The longest first. Those only in full build for several kernels in the same directories.
    last = [group for group in wanted if GROUPS[group].only_full]
    first = sorted((group for group in wanted if group not in last),
                   key=lambda group: -known.get(group, 0))
    try:
        for groups, lanes in ((first, LANES), (last, 1)):
            run_groups(kept, groups, wanted, known, lanes)
        kept.finish()
    except (KeyboardInterrupt, SystemExit):
        kept.write()
        say(f"interrupted; {shown(OUT / results.JSON)} has what ended before")
        raise
    count = {outcome: kept.count(outcome) for outcome in (PASSED, FAILED, SKIPPED)}
    skipped = f", {count[SKIPPED]} skipped" if count[SKIPPED] else ""
    print(f"{count[PASSED]} passed, {count[FAILED]} failed{skipped}")
    return 1 if count[FAILED] else 0
