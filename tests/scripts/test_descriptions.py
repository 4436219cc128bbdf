# SPDX-License-Identifier: GPL-2.0-only
"""What is refused of the descriptions of algorithms, and what becomes of one."""

import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.build import descriptions_in_rust  # noqa: E402
from ferrops.environment import descriptions  # noqa: E402
from ferrops.environment.process import Failure  # noqa: E402

# A checkout of its own, beside the scripts.
READS: list[str] = []

COMPLETE = """\
[reference]
table = "c"
modules = ["tcp_c"]

[state]
cnt = 2

[[precondition]]
on = ["cong_avoid"]
outside = "case.state(CNT) == 0"
reason = "a cnt of 0"
here = "the quotient is 0"

[[path]]
name = "a long queue"
prepare = "scene.acknowledged(2)"
seldom = true
"""


class DescriptionsTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.checkout = Path(directory.name)
        for module in (descriptions, descriptions_in_rust):
            patch = mock.patch.object(module, "CHECKOUT", self.checkout)
            patch.start()
            self.addCleanup(patch.stop)
        descriptions.descriptions.cache_clear()
        self.addCleanup(descriptions.descriptions.cache_clear)

    def write(self, text: str, name: str = "tcp_rc") -> None:
        path = self.checkout / "samples" / name / descriptions.FILE
        path.parent.mkdir(parents=True)
        path.write_text(text)

    def test_one(self) -> None:
        self.write(COMPLETE)
        found = descriptions.descriptions()["c"]
        self.assertEqual((found.name, found.bpf, found.modules, found.seldom),
                         ("rc", "rc_bpf", ["tcp_c"], {"a_long_queue"}))
        rust = descriptions_in_rust.generated()
        for part in ("const CNT: usize = 2;", 'path("a_long_queue"', "case.state(CNT) == 0",
                     "Kind::cong_avoid", "PRECONDITIONS: usize = 1;"):
            self.assertIn(part, rust)

    def test_refusals(self) -> None:
        place = "samples/tcp_rc/description.toml"
        for old, new, reason in (
                ("[state]", "[stat]", f"{place}:5: there is no table [stat]; there are reference"),
                ("modules =", "module =", f"{place}:3: [reference] has no 'module'; it has table"),
                ('["tcp_c"]', '"tcp_c"', f"{place}:3: 'modules' of [reference] is a list"),
                ("reason =", "here =", f"{place}: Cannot overwrite a value"),
                ('here = "the quotient is 0"\n', "", f"{place}:8: [precondition] lacks 'here'"),
                ("[[path]]", "[path]", f"{place}:14: [path] is written as [[path]]"),
                ("[reference]\n", "", f"{place}:1: there is no table [table]"),
                ("cnt = 2", "cnt =", f"{place}: Invalid value"),
                ("[state]", '[events]\nalso = ["no"]\n[state]',
                 f"{place}:6: there are no events 'no'; there are mss")):
            with self.subTest(reason):
                self.setUp()
                self.write(COMPLETE.replace(old, new))
                with self.assertRaises(Failure) as raised:
                    descriptions.descriptions()
                self.assertTrue(str(raised.exception).startswith(reason), raised.exception)

    def test_two_of_a_reference_are_refused(self) -> None:
        self.write(COMPLETE)
        self.write(COMPLETE, "tcp_rd")
        with self.assertRaisesRegex(Failure, "^samples/tcp_rd/description.toml: 'c' is the "
                                    "reference of rc too; remove one$"):
            descriptions.descriptions()


if __name__ == "__main__":
    unittest.main()
