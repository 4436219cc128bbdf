# SPDX-License-Identifier: GPL-2.0-only
"""scripts/check: the results, which tests run, and what is said. The groups here are not real."""

import functools
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.check import affected, parts, results, runner  # noqa: E402
from ferrops.check.group import ALL, Group, GuestTests, Report, Wanted  # noqa: E402
from ferrops.check.groups import GROUPS, host, scripts  # noqa: E402
from ferrops.check.results import FAILED, PASSED, SKIPPED, Outcome  # noqa: E402
from ferrops.environment import cache, process  # noqa: E402
from ferrops.environment.kernel import kernel_tree  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["tests/guest/tests.sh", "tests/host/**", "tests/kunit/**"]

# What a message must not do to the format that it is written in.
AWKWARD = """says
not ok 1 nothing
ok 2 nothing
KTAP version 1
1..7
# Subtest: none
Subtest: none
reboot: System halted\rok 1 x\x0cnot ok 1 y\x1b[31m\udcff
Kernel panic - not syncing: VFS: no root
List of all partitions:"""


def group_of(parts_: list[Callable[[Wanted, Report], None]], *tests: str,
             only_full: bool = False) -> Group:
    """A group of these parts with these tests."""
    return Group(parts_, lambda: list(tests), lambda _name: ["**"], only_full)


def fake(*outcomes: tuple[str, str, str]) -> Group:
    """A group that reports these outcomes."""
    return group_of([part(*outcomes)], *(name for name, _, _ in outcomes))


def part(*outcomes: tuple[str, str, str]) -> Callable[[Wanted, Report], None]:
    """A part of a group, which reports these outcomes."""
    def run(_wanted: Wanted, report: Report) -> None:
        for outcome in outcomes:
            report(Outcome(*outcome))
    return run


@functools.cache
def kunit_tools() -> Path:
    """The directory of the kernel's own parser."""
    return kernel_tree("stock").tree / "build/source/tools/testing/kunit"


class CheckTest(unittest.TestCase):
    """A check of groups of its own, in a directory of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        kunit_tools()  # Before a test has a cache of its own.

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.replace(runner, "OUT", self.directory / "out")
        self.replace(runner, "LANES", 1)
        self.replace(cache, "cache", lambda: self.directory)

    def replace(self, module: Any, name: str, value: Any) -> None:
        """Replaces a name in a module until the test ends."""
        patch = mock.patch.object(module, name, value)
        patch.start()
        self.addCleanup(patch.stop)

    def run_check(self, groups: dict[str, Any], *arguments: str) -> tuple[int, str, str]:
        """Runs it. Returns its status, and what it printed and said."""
        printed, said = io.StringIO(), io.StringIO()
        with redirect_stdout(printed), redirect_stderr(said), \
                mock.patch.dict(GROUPS, groups, clear=True), \
                mock.patch.object(sys, "argv", ["check", *arguments]):
            status = runner.run()
        return status, printed.getvalue(), said.getvalue()

    def fails(self, groups: dict[str, Any], *arguments: str) -> str:
        """Runs it; it has to fail, and to have done nothing before. Returns why."""
        with self.assertRaises(process.Failure) as raised:
            self.run_check(groups, *arguments)
        self.assertEqual(list(self.directory.iterdir()), [])
        message = str(raised.exception)
        self.assertEqual(message.count("\n"), 0)
        return message

    def json(self) -> Any:
        return json.loads((self.directory / "out/results.json").read_text())

    def ktap(self) -> str:
        return (self.directory / "out/results.tap").read_text()

    def parsed(self) -> Any:
        """results.tap as the kernel's own parser reads it."""
        kunit = str(kunit_tools())
        was, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        sys.path.insert(0, kunit)
        try:
            parser = importlib.import_module("kunit_parser")
            printer = importlib.import_module("kunit_printer")
        finally:
            sys.path.remove(kunit)
            sys.dont_write_bytecode = was
        said = io.StringIO()
        with (self.directory / "out/results.tap").open() as lines:
            found = parser.parse_run_tests(lines, printer.Printer(output=said))
        return found


class ResultsTest(CheckTest):
    def test_both_files(self) -> None:
        status, printed, _ = self.run_check({
            "one": fake(("a", PASSED, ""), ("b # x", FAILED, "no\nwhy"),
                        ("c", SKIPPED, "no such # thing")),
            "two": fake(("two", PASSED, ""))})
        self.assertEqual(status, 1)
        self.assertEqual(printed.splitlines()[-1], "2 passed, 1 failed, 1 skipped")
        commit = self.json()["commit"]
        self.assertRegex(commit, "^([0-9a-f]{40}(-dirty)?|no repository)$")
        self.assertEqual(self.ktap(), textwrap.dedent(f"""\
            KTAP version 1
            # commit: {commit}
            1..2
              KTAP version 1
              1..3
              ok 1 a
              #   no
              #   why
              not ok 2 b _ x
              ok 3 c # SKIP no such _ thing
            not ok 1 one
              KTAP version 1
              1..1
              ok 1 two
            ok 2 two
            """))
        found = self.json()
        self.assertEqual((found["interrupted"], found["test"]), (False, ""))
        self.assertEqual([(group["name"], group["outcome"]) for group in found["groups"]],
                         [("one", FAILED), ("two", PASSED)])
        self.assertEqual([(test["name"], test["outcome"], test["message"])
                          for test in found["groups"][0]["tests"]],
                         [("a", PASSED, ""), ("b # x", FAILED, "no\nwhy"),
                          ("c", SKIPPED, "no such # thing")])
        seconds = [test["seconds"] for group in found["groups"] for test in group["tests"]]
        self.assertTrue(all(value >= 0 for value in seconds), seconds)
        self.assertEqual({path.name for path in (self.directory / "out").iterdir()},
                         {"lock", "passed.json", "results.json", "results.tap"})

    def test_the_kernel_reads_them(self) -> None:
        self.run_check({
            "one": fake(("a: b, c -> d (x)", PASSED, ""), ("b #1", FAILED, AWKWARD),
                        (AWKWARD, FAILED, ""), ("d", SKIPPED, AWKWARD)),
            "skipped": fake(("a", SKIPPED, "why")),
            "two": fake(("two", PASSED, ""), ("1..2", PASSED, ""))})
        found = self.parsed()
        counts = found.counts
        self.assertEqual((counts.passed, counts.failed, counts.crashed, counts.skipped,
                          counts.errors), (3, 2, 0, 2, 0), self.ktap())
        self.assertEqual([(group.name, group.status.name, len(group.subtests))
                          for group in found.subtests],
                         [("one", "FAILURE", 4), ("skipped", "SKIPPED", 1), ("two", "SUCCESS", 2)])
        self.assertEqual(found.subtests[0].subtests[0].name, "a: b, c -> d (x)")
        self.assertIn("#   says", [line.strip() for line in found.subtests[0].subtests[1].log])
        self.assertEqual(found.subtests[1].subtests[0].skip_reason, "why")

    def test_a_group_that_fails_and_the_next_one(self) -> None:
        def failing(_wanted: Wanted, report: Report) -> None:
            report(Outcome("a", PASSED))
            raise process.Failure("there is no kernel")
        status, printed, _ = self.run_check({"one": group_of([failing], "a"),
                                             "two": fake(("b", PASSED, ""))})
        self.assertEqual(status, 1)
        self.assertIn("not ok  one: it runs to its end: there is no kernel\n", printed)
        self.assertIn("ok      two: b\n2 passed, 1 failed\n", printed)
        self.assertEqual(self.parsed().counts.errors, 0)
        # Its time says nothing.
        self.assertEqual(set(results.times()), {"two"})

    def test_a_group_without_a_test_fails(self) -> None:
        status, printed, _ = self.run_check({"one": fake()})
        self.assertEqual(status, 1)
        self.assertIn("not ok  one: a test: none ran\n", printed)

    def test_a_file_that_cannot_be_written(self) -> None:
        (self.directory / "out/results.json").mkdir(parents=True)
        with self.assertRaisesRegex(process.Failure, r"^cannot write .*/results\.json: .*; see "):
            self.run_check({"one": fake(("a", PASSED, ""))})
        self.assertEqual({path.name for path in (self.directory / "out").iterdir()},
                         {"lock", "results.json"})
        shutil.rmtree(self.directory / "out")
        (self.directory / "out").touch()
        with self.assertRaisesRegex(process.Failure, r"^cannot write .*/out/lock: .*; see whether"):
            self.run_check({"one": fake(("a", PASSED, ""))})

    def test_no_repository(self) -> None:
        self.replace(results, "CHECKOUT", self.directory)
        self.assertEqual(results.commit(), "no repository")


class ChosenTest(CheckTest):
    """Which groups and tests run."""

    def setUp(self) -> None:
        super().setUp()
        # A group runs in a process of its own.
        self.texts = self.directory.with_name(f"{self.directory.name}.texts")
        self.addCleanup(lambda: self.texts.unlink(missing_ok=True))
        self.groups = {"whole": self.group(("apple", PASSED), ("pear", FAILED)),
                       "other": self.group(("plum", PASSED)),
                       "long": self.group(("apple tree", PASSED), only_full=True)}

    def group(self, *outcomes: tuple[str, str], only_full: bool = False) -> Any:
        """A group that cannot select."""
        def run(wanted: Wanted, report: Report) -> None:
            with self.texts.open("a") as texts:
                texts.write(f"{wanted.text}\n")
            for name, outcome in outcomes:
                report(Outcome(name, outcome))
        return group_of([run], *(name for name, _ in outcomes), only_full=only_full)

    def ran(self, *arguments: str) -> list[str]:
        """The tests that count."""
        self.run_check(self.groups, *arguments)
        return [f"{group['name']} {test['name']}" for group in self.json()["groups"]
                for test in group["tests"]]

    def test_groups(self) -> None:
        self.assertEqual(self.ran(), ["whole apple", "whole pear", "other plum"])
        self.assertEqual(self.ran("full"), ["whole apple", "whole pear", "other plum",
                                            "long apple tree"])
        self.assertEqual(self.ran("long", "other", "long"), ["long apple tree", "other plum"])
        self.assertEqual(set(self.texts.read_text().splitlines()), {""})

    def test_tests(self) -> None:
        self.assertEqual(self.ran("--test", "apple"), ["whole apple"])
        self.assertEqual(self.texts.read_text(), "apple\n")
        self.assertEqual(self.ran("full", "--test=app"), ["whole apple", "long apple tree"])
        self.assertEqual(self.json()["test"], "app")
        self.assertIn("#   only tests with 'app' in their names\n", self.ktap())
        # A part of a group says nothing of its time.
        self.assertEqual(results.times(), {})

    def test_a_failure_of_the_group_itself_counts(self) -> None:
        run = part(("apple", PASSED, ""), ("the kernel reports no bug", FAILED, "BUG"),
                   ("pear", FAILED, ""))
        self.groups = {"one": group_of([run], "apple", "pear")}
        self.assertEqual(self.ran("--test", "apple"),
                         ["one apple", "one the kernel reports no bug"])

    def test_a_test_that_should_run_and_does_not(self) -> None:
        self.groups = {"one": group_of([part(("pear", PASSED, ""))], "apple", "pear")}
        status, printed, _ = self.run_check(self.groups, "--test", "apple")
        self.assertEqual((status, printed), (1, "not ok  one: a test with 'apple' in its name: "
                                             "none ran\n0 passed, 1 failed\n"))

    def test_names_that_go_on(self) -> None:
        names = ["make modules KVER=...", "file.rs ..."]
        for text, found in (("modules", [0]), ("KVER=7.3", [0]), ("make modules KVER=7", [0]),
                            ("file.rs - first", [1]), ("", [0, 1]), ("other.rs", [])):
            found = [] if text == "KVER=7.3" else found
            self.assertEqual(Wanted(text).of(names), [names[at] for at in found], text)

    def test_unknown_ones_are_refused_before_anything_runs(self) -> None:
        self.assertEqual(self.fails(self.groups, "whole", "nosuch"),
                         "no test group nosuch; there are whole, other, long, and full for all")
        self.assertEqual(self.fails(self.groups, "--test", "nosuch"),
                         "no test of whole, other has 'nosuch' in its name; there are apple, pear, "
                         "plum")
        self.assertEqual(self.fails(self.groups, "other", "--test", "apple"),
                         "no test of other has 'apple' in its name; there are plum")
        self.assertRegex(self.fails(self.groups, "--nosuch"), "unrecognized .*; usage: check ")
        many = {"many": self.group(*((f"test {number}", PASSED) for number in range(30)))}
        self.assertRegex(self.fails(many, "--test", "nosuch"),
                         r"there are test 0, .* and 20 more, which --list \(LIST=y\) shows$")
        self.assertFalse(self.texts.exists())

    def test_list(self) -> None:
        status, printed, _ = self.run_check(self.groups, "--list")
        self.assertEqual((status, printed), (0, "whole\n    apple\n    pear\nother\n    plum\n"
                                             "long (only in check-full)\n    apple tree\n"))
        _, printed, _ = self.run_check(self.groups, "whole", "--list", "--test=pear")
        self.assertEqual(printed, "whole\n    pear\n")
        self.assertEqual((self.texts.exists(), list(self.directory.iterdir())), (False, []))

    def test_every_group_names_its_tests(self) -> None:
        for name, group in GROUPS.items():
            tests = group.tests()
            self.assertGreater(len(tests), 2, name)
            self.assertEqual(len(tests), len(set(tests)), name)

    def test_the_tests_of_the_scripts(self) -> None:
        # Both ways of finding them agree; it is unittest that runs them.
        found = []
        suites = [unittest.TestLoader().discover(str(CHECKOUT / "tests/scripts"))]
        while suites:
            for item in suites.pop():
                if isinstance(item, unittest.TestSuite):
                    suites.append(item)
                else:
                    found.append(item.id())
        self.assertEqual(sorted(found), sorted(scripts.script_tests()))

    def test_the_outcomes_of_host_tests(self) -> None:
        printed = textwrap.dedent("""\

            .    Running rcubic.rs (build/host/debug/deps/rcubic-0123456789abcdef)
            test grows ... ok
            test parts::sinks - should panic ... ignored, why
            .  Doc-tests ferrops_core
            test rust/core/bits.rs - bits (line 3) ... ok
            test rust/core/bits.rs - bits (line 9) - compile fail ... FAILED
            """).replace(".  ", "   ")
        self.assertEqual([found[:2] for found in host.host_outcomes(printed)],
                         [("rcubic grows", PASSED), ("rcubic parts::sinks", SKIPPED),
                          ("rust/core/bits.rs - bits (line 3)", PASSED),
                          ("rust/core/bits.rs - bits (line 9)", FAILED)])

    def test_in_a_guest(self) -> None:
        (self.directory / "script").write_text(
            f". {CHECKOUT}/tests/guest/tests.sh\n"
            "test_b() { true; }\ntest_ab() { no this; no that; }\n"
            "with() { [ $# = 2 ]; }\nadd a with two words\nrun_tests\n")
        for content, wanted in ((None, [("a", PASSED, ""), ("b", PASSED, ""),
                                        ("ab", FAILED, "this that ")]),
                                ("a\nb\n", [("a", PASSED, ""), ("b", PASSED, "")]),
                                ("b\n", [("b", PASSED, ""), ("a", FAILED, "it did not run")])):
            with self.subTest(content):
                if content:
                    (self.directory / "only").write_text(content)
                done = subprocess.run([shutil.which("dash") or "sh", "script"], text=True,
                                      cwd=self.directory, capture_output=True, check=False)
                found: list[Outcome] = []
                guest = GuestTests(["a", "b"], found.append)
                for line in done.stdout.splitlines():
                    guest.line(line)
                guest.end()
                self.assertEqual([outcome[:3] for outcome in found], wanted, done.stderr)
                ran = sum(why != "it did not run" for _, _, why in wanted)
                self.assertTrue(done.stdout.startswith(f"KTAP version 1\n1..{ran}\n"))


class ChangedTest(CheckTest):
    """What runs with --changed."""

    def setUp(self) -> None:
        super().setUp()
        self.files = self.directory / "checkout"
        (self.files / "rust").mkdir(parents=True)
        self.write("a", "b", "rust/c", "build/d")
        self.replace(affected, "CHECKOUT", self.files)
        self.outcomes = dict.fromkeys(("reads a", "reads all", "reads rust ..."), PASSED)
        patterns = {"reads a": ["a"], "reads all": ["**"], "reads rust ...": ["rust/**"]}

        def run(wanted: Wanted, report: Report) -> None:
            for name, outcome in self.outcomes.items():
                if wanted.has(name):
                    report(Outcome(name.replace("...", "and more"), outcome))
        self.groups = {"one": Group([run], lambda: list(patterns), lambda name: patterns[name]),
                       "two": fake(("b", PASSED, ""))}

    def write(self, *names: str, text: str = "") -> None:
        for name in names:
            (self.files / name).parent.mkdir(exist_ok=True)
            (self.files / name).write_text(text)

    def ran(self, *arguments: str) -> list[str]:
        """The tests that ran."""
        self.status, _, self.said = self.run_check(self.groups, "--changed", *arguments)
        return [test["name"] for group in self.json()["groups"] for test in group["tests"]]

    def test_all_that_can_be_affected(self) -> None:
        every = ["reads a", "reads all", "reads rust and more", "b"]
        self.assertEqual((self.ran(), self.said.count("left out")), (every, 0))
        self.assertEqual((self.ran(), self.status), ([], 0))
        self.assertIn("left out, since they passed on the files that they read: one (3 of 3), "
                      "two (1 of 1)\n", self.said)
        self.write("a", text="changed")
        self.assertEqual(self.ran("--list"), [])
        self.assertEqual(self.ran("one"), ["reads a", "reads all"])
        self.assertIn("left out, since they passed on the files that they read: one (1 of 3)\n",
                      self.said)
        self.write("rust/new")
        self.assertEqual(self.ran(), ["reads all", "reads rust and more", "b"])
        (self.files / "b").unlink()
        self.assertEqual(self.ran("--test", "reads"), ["reads all"])
        # What was built is not read.
        self.write("build/e")
        self.assertEqual(self.ran("one"), [])

    def test_what_fails_runs_again(self) -> None:
        self.outcomes["reads a"] = FAILED
        self.outcomes["reads rust ..."] = SKIPPED
        self.ran("one")
        self.assertEqual(self.ran("one"), ["reads a", "reads rust and more"])
        self.outcomes["reads a"] = PASSED
        self.assertEqual(self.ran("one"), ["reads a", "reads rust and more"])
        self.assertEqual(self.ran("one"), ["reads rust and more"])

    def test_a_failure_of_the_group_itself_is_one_of_all_tests(self) -> None:
        self.ran()
        self.outcomes["the kernel reports no bug"] = FAILED
        self.run_check(self.groups, "one")
        del self.outcomes["the kernel reports no bug"]
        self.assertEqual(len(self.ran()), 3)

    def test_other_packages(self) -> None:
        self.ran()
        status = self.directory / "status"
        status.write_text("another rustc")
        self.replace(affected, "PACKAGES", status)
        self.assertEqual(len(self.ran()), 4)

    def test_what_the_groups_read_is_there(self) -> None:
        self.replace(affected, "CHECKOUT", CHECKOUT)
        content = affected.Content()
        for group in GROUPS.values():
            for name in group.tests():
                for pattern in group.reads(name):
                    self.assertTrue(content.matching(pattern), f"{name}: {pattern}")

    def test_one_line_of_an_algorithm(self) -> None:
        # The names that no test of another algorithm has.
        self.replace(affected, "CHECKOUT", CHECKOUT)
        path = "samples/tcp_rcubic/rcubic.rs"
        was = affected.Content()
        now = affected.Content()
        now.files[path] = "another"
        found = set()
        for group in GROUPS:
            before = was.digests(group)
            found |= {(group, name) for name, digest in now.digests(group).items()
                      if before[name] != digest}
        for group, name in (("diff", "rcubic and cubic"), ("host", "rcubic follows_rfc_9438"),
                            ("source", "clippy")):
            self.assertIn(name, GROUPS[group].tests())
            self.assertIn((group, name), found)
        for group, name in (("diff", "rreno and reno"), ("source", "htmldocs"),
                            ("wrong", "unit_undo_packets")):
            self.assertIn(name, GROUPS[group].tests())
            self.assertNotIn((group, name), found)


class LanesTest(CheckTest):
    """Parts of groups that run at the same time."""

    def meets(self, name: str, other: str) -> Callable[[Wanted, Report], None]:
        """A part that ends when the other one is there, too."""
        def run(_wanted: Wanted, report: Report) -> None:
            (self.directory / name).touch()
            while not (self.directory / other).exists():
                time.sleep(0.01)
            report(Outcome(name, PASSED))
        return run

    def test_two_groups_and_two_parts_run_at_once(self) -> None:
        self.replace(runner, "LANES", 2)
        a, b = self.meets("a", "b"), self.meets("b", "a")
        for groups in ({"one": group_of([a, b], "a", "b")},
                       {"one": group_of([a], "a"),
                        "two": group_of([b], "b")}):
            status, printed, _ = self.run_check(groups)
            self.assertEqual((status, printed.splitlines()[-1]), (0, "2 passed, 0 failed"))
            for name in "ab":
                (self.directory / name).unlink()

    def test_groups_that_are_only_in_full_run_alone(self) -> None:
        self.replace(runner, "LANES", 2)
        def run(name: str) -> Any:
            def alone(_wanted: Wanted, report: Report) -> None:
                running = self.directory / "running"
                running.mkdir()
                time.sleep(0.05)
                running.rmdir()
                report(Outcome(name, PASSED))
            return group_of([alone], name, only_full=True)
        status, printed, _ = self.run_check({"a": run("a"), "b": run("b")}, "full")
        self.assertEqual((status, printed.splitlines()[-1]), (0, "2 passed, 0 failed"))

    def test_the_time_of_a_group_ends_with_its_last_part(self) -> None:
        self.replace(runner, "LANES", 2)
        of = [part(("a", PASSED, "")), self.meets("b", "c"), self.meets("c", "b")]
        self.run_check({"one": group_of(of, "a", "b", "c")})
        found = self.json()["groups"]
        self.assertEqual([(group["outcome"], len(group["tests"])) for group in found],
                         [(PASSED, 3)])

    def test_a_part_ends_in_the_middle_of_a_unittest(self) -> None:
        reached = self.directory / "reached"

        def body(_case: unittest.TestCase) -> None:
            reached.touch()
            while True:
                time.sleep(0.01)

        def run(_wanted: Wanted, report: Report) -> None:
            type("Case", (unittest.TestCase,), {"test": body})("test").run(
                scripts.Collected(report))
        with mock.patch.dict(GROUPS, {"one": group_of([run], "a")}, clear=True):
            started = parts.start("one", 0, ALL)
        while not reached.exists():
            time.sleep(0.01)
        started.process.terminate()
        started.process.join()
        self.assertEqual(started.process.exitcode, 1)
        with self.assertRaises(EOFError):
            started.pipe.recv()

    def test_a_process_that_dies_is_a_failure(self) -> None:
        def dying(_wanted: Wanted, report: Report) -> None:
            report(Outcome("a", PASSED))
            os.kill(os.getpid(), signal.SIGKILL)
        status, printed, _ = self.run_check({"one": group_of([dying], "a"),
                                             "two": fake(("b", PASSED, ""))})
        self.assertEqual(status, 1)
        self.assertIn("not ok  one: it runs to its end: its process ended with status -9\n",
                      printed)
        self.assertIn("ok      two: b\n2 passed, 1 failed\n", printed)


class CollectedTest(CheckTest):
    """What Python's unittest is taken to say."""

    def outcome(self, body: Callable[[unittest.TestCase], None]) -> tuple[str, str]:
        case = type("Case", (unittest.TestCase,), {"test": body})("test")
        found: list[Outcome] = []
        case.run(scripts.Collected(found.append))
        self.assertEqual([outcome.name for outcome in found], [case.id()])
        return found[0].outcome, found[0].reason

    def test_each_outcome(self) -> None:
        def subtests(case: unittest.TestCase) -> None:
            for number in range(3):
                with case.subTest(number):
                    case.assertNotEqual(number, 1, "it is one")
        self.assertEqual(self.outcome(lambda case: None), (PASSED, ""))
        self.assertEqual(self.outcome(lambda case: case.fail("no"))[0], FAILED)
        self.assertEqual(self.outcome(lambda case: case.skipTest("why")), (SKIPPED, "why"))
        outcome, reason = self.outcome(subtests)
        self.assertEqual((outcome, reason.count(": it is one")), (FAILED, 1))
        self.assertEqual(self.outcome(unittest.expectedFailure(lambda case: None))[0], FAILED)

    def test_each_is_reported_before_the_next_one(self) -> None:
        path = self.directory / "test_two.py"
        path.write_text(textwrap.dedent("""\
            import unittest

            class Two(unittest.TestCase):
                found: list[object] = []

                def test_a(self) -> None:
                    self.assertEqual(self.found, [])

                def test_b(self) -> None:
                    self.assertEqual(len(self.found), 1)

            class Three(unittest.TestCase):
                @classmethod
                def setUpClass(cls) -> None:
                    raise ValueError("no class")

                def test_c(self) -> None:
                    pass
            """))
        found: list[Outcome] = []

        def report(outcome: Outcome) -> None:
            found.append(outcome)
            sys.modules["test_two"].Two.found = found
        scripts.scripts(path, ALL, report)
        self.assertEqual([outcome[:2] for outcome in found],
                         [("test_two.Two.test_a", PASSED), ("test_two.Two.test_b", PASSED),
                          ("setUpClass (test_two.Three)", FAILED)])
        self.assertIn("no class", found[2].reason)


class ProgressTest(CheckTest):
    def test_lines(self) -> None:
        groups = ["host", "kunit", "diff"]
        for at, lanes, known, line in (
                (0, 1, {}, "host (1 of 3)"),
                (1, 1, {"kunit": 180.4, "diff": 640.0}, "kunit (2 of 3, about 180 s, 14 min left)"),
                (1, 2, {"kunit": 300.0, "diff": 340.0}, "kunit (2 of 3, about 300 s, 6 min left)"),
                (0, 4, {"host": 50.0, "kunit": 20.0},
                 "host (1 of 3, about 50 s, at least 50 s left)"),
                (0, 1, {"kunit": 20.0}, "host (1 of 3, at least 20 s left)"),
                (2, 1, {"host": 20.0}, "diff (3 of 3)")):
            self.assertEqual(results.progress(groups, at, known, lanes), line)

    def test_times_are_those_of_the_last_check(self) -> None:
        groups = {"one": fake(("a", PASSED, "")),
                  "two": fake(("b", PASSED, ""))}
        _, _, said = self.run_check(groups)
        self.assertIn("ferrops: testing: one (1 of 2)\n", said)
        self.assertEqual(set(results.times()), {"one", "two"})
        results.remember("two", 200)
        _, _, said = self.run_check(groups)
        # The longest group begins.
        self.assertIn("ferrops: testing: two (1 of 2, about 200 s, 3 min left)\n", said)
        self.assertIn("ferrops: testing: one (2 of 2, about 0 s, 0 s left)\n", said)
        self.assertEqual({path.name for path in self.directory.iterdir()},
                         {"out", "check-times.json"})

    def test_a_broken_file_of_times(self) -> None:
        for text in ("{", "[]", '{"a": "b"}', '{"a": null}'):
            results.times_file().write_text(text)
            self.assertEqual(results.times(), {})


class ProcessTest(unittest.TestCase):
    """A check that is a process of its own, to signal."""

    # "slow" ends when there is a file "go".
    SCRIPT = """
        import sys, time
        from pathlib import Path
        sys.path[:0] = ["{checkout}/tests/scripts", "{checkout}/scripts"]
        import test_check
        from ferrops.check import runner
        from ferrops.check.groups import GROUPS
        from ferrops.check.results import Outcome
        from ferrops.environment import cache, process
        directory = Path("{directory}")
        runner.OUT = directory / "out"
        runner.LANES = 1
        cache.cache = lambda: directory

        def slow(_wanted, report):
            report(Outcome("a", "ok"))
            while not (directory / "go").exists():
                time.sleep(0.02)
            report(Outcome("b", "ok", "x" * 200_000))

        GROUPS.clear()
        GROUPS["slow"] = test_check.group_of([slow], "a", "b")
        GROUPS["next"] = test_check.fake(("c", "ok", ""))
        process.main(runner.run)
        """

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        script = textwrap.dedent(self.SCRIPT.format(checkout=CHECKOUT, directory=self.directory))
        (self.directory / "script.py").write_text(script)
        self.command = [sys.executable, "-B", str(self.directory / "script.py")]

    def start(self, *before: str, group: str = "") -> subprocess.Popen[str]:
        child = subprocess.Popen([*before, *self.command, *filter(None, [group])], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 preexec_fn=self.heed_interrupts,
                                 env={**os.environ, "FERROPS_CLEAN": "y"})
        self.addCleanup(child.kill)
        return child

    @staticmethod
    def heed_interrupts() -> None:
        """What runs in the background of a shell ignores them."""
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def reach(self, child: subprocess.Popen[str]) -> None:
        """Waits for the check to be in the middle of a group, and to have kept its first test."""
        kept = self.directory / "out/results.json"
        while child.poll() is None:
            if kept.exists() and '"name": "a"' in kept.read_text():
                return
            time.sleep(0.02)

    def json(self) -> Any:
        return json.loads((self.directory / "out/results.json").read_text())

    def test_an_interrupted_check_keeps_what_ended(self) -> None:
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
            (self.directory / "out/results.json").unlink(missing_ok=True)
            child = self.start()
            self.reach(child)
            child.send_signal(number)
            _, said = child.communicate()
            self.assertEqual(child.returncode, status, said)
            if number != signal.SIGKILL:
                self.assertRegex(said, r"ferrops: interrupted; \S+/results\.json has what ended b")
            found = self.json()
            self.assertTrue(found["interrupted"])
            self.assertEqual([(group["name"], group["outcome"], len(group["tests"]))
                              for group in found["groups"]],
                             [("slow", "interrupted", 1), ("next", "not run", 0)])
            tap = (self.directory / "out/results.tap").read_text()
            self.assertIn("\n# interrupted\n1..2\n", tap)
            self.assertTrue(tap.endswith("  ok 1 a\nnot ok 1 slow # ERROR interrupted\n"
                                         "ok 2 next # SKIP not run\n"), tap)
            self.assertEqual({path.name for path in (self.directory / "out").iterdir()},
                             {"lock", "passed.json", "results.json", "results.tap"})

    def test_the_kernel_reads_what_was_interrupted(self) -> None:
        child = self.start()
        self.reach(child)
        child.terminate()
        child.communicate()
        reader = CheckTest()
        reader.directory = self.directory
        counts = reader.parsed().counts
        self.assertEqual((counts.failed, counts.crashed, counts.skipped, counts.errors),
                         (1, 0, 1, 0))

    def test_two_at_once(self) -> None:
        first = self.start()
        self.reach(first)
        before = (self.directory / "out/results.json").read_text()
        second = self.start(group="next")
        printed, said = second.communicate()
        self.assertEqual((second.returncode, printed, said.count("\n")), (1, "", 1), said)
        self.assertRegex(said, r"^ferrops: error: another check runs in this checkout and has \S+/"
                         r"lock; wait for its end, or check another clone\n$")
        self.assertEqual((self.directory / "out/results.json").read_text(), before)
        (self.directory / "go").touch()
        printed, said = first.communicate()
        self.assertEqual((first.returncode, printed.splitlines()[-1]), (0, "3 passed, 0 failed"))
        third = self.start()
        third.communicate()
        self.assertEqual(third.returncode, 0)

    def test_no_space(self) -> None:
        (self.directory / "out").mkdir()
        (self.directory / "go").touch()
        child = self.start("unshare", "--mount", "sh", "-c",
                           f"busybox mount -t tmpfs -o size=64k tmpfs {self.directory}/out && "
                           f"\"$@\"; status=$?; ls {self.directory}/out >&2; exit $status", "sh")
        _, said = child.communicate()
        self.assertEqual(child.returncode, 1, said)
        self.assertRegex(said, r"\nferrops: error: cannot write \S+/out/results\.json: No space "
                         r"left on device; make space on its disk\nlock\npassed\.json\n"
                         r"results\.json\nresults\.tap\n$")


if __name__ == "__main__":
    unittest.main()
