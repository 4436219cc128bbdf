# SPDX-License-Identifier: GPL-2.0-only
"""Counting: that figures are exact, what is refused, and when the guard against cost acts."""

import subprocess
import sys
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.environment.kernel import kernel_tree  # noqa: E402
from ferrops.environment.process import Failure  # noqa: E402
from ferrops.instruments import opsbench, opsdiff  # noqa: E402
from ferrops.instruments.opsbench import Cost, Measured  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["rust/**", "tests/opsdiff/**", "Documentation/cost.rst"]


def measured(c: int, rust: int, path: str = "cong_avoid:slow_start") -> Measured:
    """A callback that costs so much in C and in Rust."""
    return Measured(True, {"reno": {path: Cost(1, c, c, c, c)},
                           "rreno": {path: Cost(1, rust, rust, rust, rust)}})


class BenchTest(unittest.TestCase):
    def test_figures_are_exact_and_those_of_single_steps(self) -> None:
        stock = kernel_tree("stock")
        setup, files = opsdiff.everything("stock", False)
        count = "count table=rcubic calls=64 sockets=0"
        found = [opsbench.in_guests(stock, True, setup, [jobs], files) for jobs in (
            [count], ["count table=rbic calls=64 sockets=0", count])]
        self.assertEqual(*(run.costs["rcubic"] for run in found))
        # One that takes the same way on every connection, and so costs the same on each.
        for path in ("ssthresh:a_loss", "pkts_acked:slow_start_meets_a_queue"):
            cost = found[0].costs["rcubic"][path]
            self.assertEqual(cost.least, cost.most)
            steps = opsbench.steps(stock, "rcubic", path)
            self.assertEqual(len(steps), cost.mean)

    def test_refusals(self) -> None:
        for arguments, reason in (
                (["nosuch", "ssthresh:a_loss"], "there is no table 'nosuch'; there are bbr, "),
                (["rreno", "ssthresh:nosuch"],
                 "there is no path 'ssthresh:nosuch'; Documentation/cost.rst has "),
                (["rreno", "get_info:ss_asks"], "the table has no get_info"),
                (["rreno", "nosuch"], "there is no table 'nosuch'; there are bbr, "),
                (["rreno", "--write"], "only the figures of all tables are written; name none"),
                (["--calls", "0"], "0 calls; there can be 1 to 10000000")):
            done = subprocess.run([CHECKOUT / "scripts/bench", *arguments], text=True,
                                  capture_output=True, check=False)
            with self.subTest(arguments):
                last = done.stderr.strip().splitlines()[-1]
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(f"ferrops: error: {reason}", last)

    def test_curves_refuses_a_scenario_that_there_is_not(self) -> None:
        done = subprocess.run([CHECKOUT / "scripts/curves", "nosuch"], text=True,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.strip(), "ferrops: error: there is no scenario 'nosuch'; "
                         "there are plain, loss, ecn, lossy, bloat")

    def test_callback_that_does_not_come_back_is_reported(self) -> None:
        setup, files = opsdiff.everything("stock", False)
        with self.assertRaisesRegex(Failure, "^rhangs: a callback does not come back .*: "
                                    "in step 0, in connection 0: ssthresh 0 0 0$"):
            opsbench.in_guests(kernel_tree("stock"), True, setup,
                               [["count table=rhangs calls=64 sockets=0"]], files)

    def test_what_costs_more_than_c_is_noticed(self) -> None:
        self.assertEqual(opsbench.costs_more(measured(20, 21), "reno"), "")
        self.assertEqual(opsbench.costs_more(measured(20, 23), "reno"),
                         "cong_avoid: slow start: 1.15 of C")
        self.assertEqual(opsbench.costs_more_on_average(measured(20, 20)), "")
        self.assertEqual(opsbench.costs_more_on_average(measured(20, 21)), "1.050 of C")
        # They do not run for each ACK.
        for path in ("ssthresh:a_loss", "cong_avoid:slow_start_reaches_ssthresh"):
            self.assertEqual(opsbench.costs_more(measured(20, 30, path), "reno"), "")
            self.assertEqual(opsbench.costs_more_on_average(measured(20, 30, path)), "")

    def test_what_costs_more_as_a_kfunc_is_noticed(self) -> None:
        def found(path: str, more: int) -> str:
            counts = {"cubic": 10, "bpf_ccubic": 110, "rcubic": 20, "bpf_rcubic": 120 + more}
            return opsbench.costs_more_as_kfunc(Measured(True, {
                table: {path: Cost(1, count, count, count, count)}
                for table, count in counts.items()}))
        self.assertEqual(found("ssthresh:a_loss", 0), "")
        self.assertEqual(found("ssthresh:a_loss", 1),
                         "ssthresh: a loss: 101.0 instructions more as a kfunc, in C 100.0")
        # It looks at an argument.
        self.assertEqual(found("cong_avoid:slow_start", 3), "")
        self.assertNotEqual(found("cong_avoid:slow_start", 4), "")

    def test_what_costs_more_than_the_kernels_program_is_noticed(self) -> None:
        def found(cost: float) -> str:
            return opsbench.costs_more_in_bpf(Measured(True, hooks={
                "bpf_cubic": {"ssthresh": (7, 100.0)}, "rcubic_bpf": {"ssthresh": (7, cost)},
                "bpf_dctcp": {"init": (1, 160.0)}, "rdctcp_bpf": {"init": (1, 120.0)}}))
        self.assertEqual(found(100.9), "")
        self.assertEqual(found(102),
                         "rcubic_bpf ssthresh: 102.0 instructions, the kernel's 100.0")
        self.assertEqual(opsbench.costs_more_in_bpf(Measured(True)), "not every program was called")

    def test_what_costs_more_than_before_is_noticed(self) -> None:
        path = "ssthresh:a_loss"
        known = opsbench.figures(measured(20, 100, path))
        self.assertEqual(known, {"rreno": {path: 100.0}})
        self.assertEqual(opsbench.rises(known, opsbench.figures(measured(20, 102, path))), [])
        self.assertEqual(opsbench.rises(known, opsbench.figures(measured(20, 103, path))),
                         ["rreno ssthresh: a loss: 103.0 instructions, 100.0 in the baseline"])
        self.assertEqual(opsbench.rises(known, {}),
                         ["rreno ssthresh: a loss: in the baseline, and not counted any more"])
        self.assertEqual(opsbench.rises({}, known), ["rreno ssthresh: a loss: not in the baseline"])


if __name__ == "__main__":
    unittest.main()
