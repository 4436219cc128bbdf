# SPDX-License-Identifier: GPL-2.0-only
"""The tests of the scripts."""

import ast
import glob
import re
import unittest
from functools import partial
from pathlib import Path
from typing import Any

from ferrops.check.group import Group, Report, Wanted
from ferrops.check.results import FAILED, PASSED, SKIPPED, Outcome
from ferrops.environment.process import CHECKOUT, Failure

SCRIPT_TESTS = sorted(CHECKOUT.glob("tests/scripts/test_*.py"))


class Collected(unittest.TestResult):
    """Reports each test's outcome when it ends."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report
        self.outcomes: dict[str, tuple[str, str]] = {}

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.outcomes[test.id()] = (PASSED, "")

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        # One that is interrupted has none.
        if test.id() in self.outcomes:
            self.end(test.id())

    def end(self, name: str) -> None:
        """Reports the outcome of this test."""
        self.report(Outcome(name, *self.outcomes.pop(name)))

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self.outcomes[test.id()] = (FAILED, self.errors[-1][1])

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self.outcomes[test.id()] = (FAILED, self.failures[-1][1])

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err:
            said = [text for of, text in [*self.errors, *self.failures] if of is subtest]
            _, before = self.outcomes.get(test.id(), (FAILED, ""))
            self.outcomes[test.id()] = (FAILED, before + said[-1])

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self.outcomes[test.id()] = (FAILED, "it is marked as an expected failure, and passed")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self.outcomes[test.id()] = (SKIPPED, reason)


def scripts(path: Path, wanted: Wanted, report: Report) -> None:
    """A file for Python's unittest."""
    result, loader = Collected(report), unittest.TestLoader()
    if wanted.names is not None:
        loader.testNamePatterns = [glob.escape(name) for name in wanted.names]
    elif wanted.text:
        loader.testNamePatterns = [f"*{glob.escape(wanted.text)}*"]
    loader.discover(str(path.parent), path.name).run(result)
    # What failed and is no test: the preparations for those of a class.
    for name in list(result.outcomes):
        result.end(name)


def script_tests() -> list[str]:
    """The tests in tests/scripts/test_*.py as unittest names them, FILE.CLASS.TEST."""
    return [f"{path.stem}.{of.name}.{test.name}"
            for path in SCRIPT_TESTS
            for of in ast.parse(path.read_text()).body if isinstance(of, ast.ClassDef)
            for test in of.body
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test")]


def script_reads(name: str) -> list[str]:
    """What a test reads: the scripts, and what its file has in the list READS."""
    path = SCRIPT_TESTS[0].with_name(f"{name.split('.')[0]}.py")
    found = re.search(r"^READS(?:: list\[str\])? = (\[.*?\])$", path.read_text(),
                      re.MULTILINE | re.DOTALL)
    if not found:
        raise Failure(f"{path.relative_to(CHECKOUT)} has no list READS of the files, beside the "
                      f"scripts, that its tests read")
    more: list[str] = ast.literal_eval(found[1])
    return ["scripts/**", "tests/scripts/*", *more]


GROUP = Group([partial(scripts, path) for path in SCRIPT_TESTS], script_tests, script_reads)
