# SPDX-License-Identifier: GPL-2.0-only
"""opsdiff: what it refuses and how it says so, and what it says of a difference."""

import sys
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.environment.process import Failure  # noqa: E402
from ferrops.instruments import opsdiff, opsdiff_mutants  # noqa: E402
from ferrops.instruments.opsdiff import Job  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["rust/**", "tests/opsdiff/**", "tests/guest/modules/tcp_rbroken.rs"]

# The kernel's CUBIC in BPF begins a round of HyStart in cong_avoid, the C one in pkts_acked.
DIFFERENT = """\
set mss_cache 1448
undo_cwnd             # the same on both, and so not part of the shortest case
set_state 1
set snd_una 5000
pkts_acked 1 10000 1
cong_avoid 5000 1
end
"""


class OpsdiffTest(unittest.TestCase):
    def events(self, text: str) -> Path:
        """A file with these events."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = Path(directory.name) / "case.events"
        path.write_text(text)
        return path

    def test_refusals_and_a_difference(self) -> None:
        cut_off = self.events("init\nssthresh\n")
        nonsense = self.events("init\ncong_avoid 1\nend\n")
        refused = (
            (Job("rreno", "nosuch"), "there is no congestion control 'nosuch'; load its module"),
            (Job("rreno", "rreno"), "'rreno' would be compared with itself; name two"),
            (Job("rreno", "bbr"), "'bbr' is a custom congestion control and 'rreno' a classic"),
            (Job("rreno", "reno", steps=0), "0 steps; there can be 1 to"),
            (Job("rreno", "reno", steps=2_000_000_000), "2000000000 steps; there can be 1 to"),
            (Job("rreno", "reno", steps=1 << 33), "invalid for parameter"),
            (Job("rreno", "reno", events=cut_off), "the file with the events is cut off"),
            (Job("rreno", "reno", events=nonsense), "line 2 of the events is not an event"),
        )
        different = Job("bpf_cubic", "cubic", events=self.events(DIFFERENT))
        # The guest's script fails if anything stays loaded.
        *printed, last = opsdiff.with_everything([*(job for job, _ in refused), different])
        for (job, reason), text in zip(refused, printed):
            with self.subTest(reason), self.assertRaisesRegex(Failure, reason) as raised:
                opsdiff.read(job, text)
            self.assertNotIn("\n", str(raised.exception))
        found = opsdiff.read(different, last)
        self.assertEqual((found.differences, found.first), (1, 3))
        # Minimised.
        self.assertEqual(found.cases[0][0], [
            "table bpf_cubic", "reference cubic", "set snd_una 1", "pkts_acked 0 0 0", "end"])
        self.assertTrue(any(row.startswith("state 14") for row in found.cases[0][1]))

    def test_unknown_name_is_refused_before_anything_is_built(self) -> None:
        with self.assertRaisesRegex(Failure, "^there is no congestion control 'nosuch'; there are "
                                    "bbr, .*, rvegas, .*, vegas, .*description.toml"):
            opsdiff.check_tables(["rreno", "reno", "rvegas_bpf", "nosuch"])

    def test_every_mutant_changes_a_line_that_is_there(self) -> None:
        for mutant in opsdiff_mutants.mutants():
            with self.subTest(mutant.change):
                self.assertEqual(mutant.source.read_text().count(mutant.old), 1)

    def test_fault_is_reported_with_the_step(self) -> None:
        # Neither table has an init: that is no step.
        events = self.events("init\nundo_cwnd\nset snd_cwnd 7\nssthresh\nend\n")
        with self.assertRaisesRegex(Failure, "^rpanics and rreno: the guest crashed: .*: in step "
                                    "2, in connection 0: ssthresh 0 0 0$"):
            opsdiff.compare([Job("rpanics", "rreno", events=events)])

    def test_callback_that_does_not_come_back_is_reported_with_the_step(self) -> None:
        with self.assertRaisesRegex(Failure, r"^rhangs and rreno: a callback does not come back "
                                    r"within 10\^8 instructions: in step \d+, in connection "
                                    r"\d+: ssthresh 0 0 0$"):
            opsdiff.compare([Job("rhangs", "rreno", 1000)])


if __name__ == "__main__":
    unittest.main()
