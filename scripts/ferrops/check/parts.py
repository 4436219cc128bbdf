# SPDX-License-Identifier: GPL-2.0-only
"""Runs parts of groups at the same time, each in a process of its own."""

import ctypes
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from ferrops.check import results
from ferrops.check.group import Report, Wanted
from ferrops.check.groups import GROUPS
from ferrops.check.results import FAILED, Outcome
from ferrops.environment.process import Failure, say, waiting

# From linux/prctl.h.
PR_SET_PDEATHSIG = 1

# The test that fails when the tests cannot go on.
TO_ITS_END = "it runs to its end"


@dataclass
class Part:
    """A part of a group, in a process of its own."""

    group: str
    process: multiprocessing.process.BaseProcess
    # It sends a `results.Test` for each of its tests, and nothing after a failure to go on.
    pipe: Connection


def run_groups(kept: results.Results, groups: list[str], wanted: dict[str, Wanted],
               known: dict[str, float], lanes: int) -> None:
    """Runs groups, `lanes` parts of them at a time."""
    left = [(group, part) for group in groups for part in range(len(GROUPS[group].parts))]
    running: list[Part] = []
    try:
        while left or running:
            while left and len(running) < lanes:
                group, part = left.pop(0)
                if not kept.groups[group].has_begun():
                    kept.begin(group)
                    at = groups.index(group)
                    say(f"testing: {results.progress(groups, at, known, lanes)}")
                running.append(start(group, part, wanted[group]))
            for pipe in multiprocessing.connection.wait([part.pipe for part in running]):
                one = next(part for part in running if part.pipe is pipe)
                if not take(kept, one):
                    running.remove(one)
                    if one.group not in [part.group for part in running] + [of for of, _ in left]:
                        ended(kept, one.group, wanted[one.group])
    finally:
        for one in running:
            one.process.terminate()
        for one in running:
            one.process.join()


def start(group: str, part: int, wanted: Wanted) -> Part:
    """Begins a part of a group."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    sys.stdout.flush()
    process = multiprocessing.get_context("fork").Process(target=work,
                                                          args=(group, part, wanted, sender))
    process.start()
    sender.close()
    return Part(group, process, receiver)


def work(group: str, part: int, wanted: Wanted, pipe: Connection) -> None:
    """A part of a group: the process that runs it."""
    # It ends when the check does, which an interrupt on the terminal ends.
    os.setsid()
    # Unittest takes SystemExit, which is what others make of it, for an error of the test.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    last = time.monotonic()

    def send(outcome: Outcome) -> None:
        nonlocal last
        now = time.monotonic()
        seconds = now - last if outcome.seconds is None else outcome.seconds
        pipe.send(results.Test(*outcome[:3], round(seconds, 3)))
        last = now
    try:
        with waiting(group):
            GROUPS[group].parts[part](wanted, only_of(group, wanted, send))
    except Failure as failure:
        send(Outcome(TO_ITS_END, FAILED, str(failure)))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)


def only_of(group: str, wanted: Wanted, report: Report) -> Report:
    """Reports the wanted tests, and the failures of no test that is known: those of the group
    itself."""
    known = () if wanted.is_all else tuple(name.removesuffix("...")
                                           for name in GROUPS[group].tests())

    def report_some(outcome: Outcome) -> None:
        if wanted.has(outcome.name) or \
                outcome.outcome == FAILED and not outcome.name.startswith(known):
            report(outcome)
    return report_some


def take(kept: results.Results, part: Part) -> bool:
    """Takes what a part sends. Returns whether more is to come."""
    try:
        test = part.pipe.recv()
    except EOFError:
        part.process.join()
        if part.process.exitcode:
            add(kept, part.group, results.Test(TO_ITS_END, FAILED, f"its process ended with status "
                                               f"{part.process.exitcode}", 0))
        return False
    add(kept, part.group, test)
    return True


def add(kept: results.Results, group: str, test: results.Test) -> None:
    """Prints and keeps the outcome of a test."""
    print(f"{test.outcome:7} {group}: {test.name}{': ' if test.message else ''}"
          f"{test.message.strip()}", flush=True)
    kept.add(group, test)


def ended(kept: results.Results, group: str, wanted: Wanted) -> None:
    """All parts of a group ended."""
    tests = kept.groups[group].tests
    if not any(wanted.has(test.name) or test.name == TO_ITS_END for test in tests):
        add(kept, group, results.Test(f"a test with '{wanted.text}' in its name" if wanted.text
                                      else "a test", FAILED, "none ran", 0))
    seconds = kept.end(group)
    say(f"  {group} took {seconds:.0f} s")
    if wanted.is_all and not any(test.name == TO_ITS_END for test in tests):
        results.remember(group, seconds)
