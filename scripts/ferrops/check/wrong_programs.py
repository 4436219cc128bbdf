# SPDX-License-Identifier: GPL-2.0-only
"""The programs in tests/compile-fail: whether each is refused for the reason that it states.

    wrong-programs         compile and load them; say whether Documentation/safety.rst agrees
    wrong-programs write   the same, and write its tables
    wrong-programs NAME... only these, with what is put around them and what the tools say

What a program consists of is said in scripts/ferrops/check/compile_fail.py.
"""

import sys

from ferrops.check.compile_fail import Program, module, read_all
from ferrops.check.compile_fail_run import check_all
from ferrops.check.safety_tables import DOCUMENT, rewritten
from ferrops.environment.process import CHECKOUT, Failure, say, waiting

# The document, as a test.
SAFETY = str(DOCUMENT.relative_to(CHECKOUT))


def checked(names: list[str]) -> list[Program]:
    """Those of these names, or all, with what was found."""
    programs = read_all()
    if unknown := set(names) - {program.name for program in programs}:
        raise Failure(f"there is no tests/compile-fail/{unknown.pop()}.rs")
    chosen = [program for program in programs if not names or program.name in names]
    with waiting("compiling and loading"):
        check_all(chosen)
    return chosen


def document(programs: list[Program]) -> str:
    """What is wrong with the document, next to all programs; nothing if it agrees."""
    text = DOCUMENT.read_text()
    return "" if rewritten(text, programs) == text else \
        "it differs from the programs; run 'make safety'"


def run() -> int:
    arguments = sys.argv[1:]
    wanted = [argument for argument in arguments if argument != "write"]
    programs = checked(wanted)
    for program in programs:
        print(verdict(program.name, "; ".join(program.findings)))
        if wanted:
            print("\n".join([module(program), *program.details]))
    failed = sum(bool(program.findings) for program in programs)
    if wanted:
        return 1 if failed else 0
    if failed:
        say(f"{failed} of {len(programs)} programs are not refused as they say")
    elif "write" in arguments:
        DOCUMENT.write_text(rewritten(DOCUMENT.read_text(), programs))
        say(f"{len(programs)} programs are refused as they say; {SAFETY} has them")
    else:
        wrong = document(programs)
        print(verdict(SAFETY, wrong))
        failed += bool(wrong)
    return 1 if failed else 0


def verdict(name: str, wrong: str) -> str:
    """The line of a program, or of the document."""
    return f"not ok {name}: {wrong}" if wrong else f"ok {name}"
