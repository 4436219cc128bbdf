# SPDX-License-Identifier: GPL-2.0-only
"""The guest runner: whatever happens in a guest, the host is told and nothing is left."""

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.environment.kernel import Kernel, kernel_tree  # noqa: E402
from ferrops.environment.process import Failure  # noqa: E402
from ferrops.guest import qemu  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS: list[str] = []


def qemus() -> list[int]:
    """The QEMUs in this process's session: another one may be another part of a check."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"qemu-system" in (process / "cmdline").read_bytes().split(b"\0")[0] \
                    and os.getsid(int(process.name)) == os.getsid(0):
                found.append(int(process.name))
    return found


def disturb(line: str) -> None:
    """Wakes QEMU's main loop again and again once the guest is ready: SIGIO does no more there."""
    def wake(pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(pid, signal.SIGIO)
                time.sleep(1e-5)

    if line == "ready":
        threading.Thread(target=wake, args=qemus()).start()


class GuestTest(unittest.TestCase):
    def boot(self, script: str, virtual: bool = True, timeout: int = 120,
             out: Path | None = None,
             progress: Callable[[str], None] = lambda line: None) -> qemu.Result:
        """Boots the stock kernel and runs `script`."""
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
            file.write(script)
            file.flush()
            return qemu.boot(qemu.Run(kernel_tree("stock"), Path(file.name), virtual=virtual,
                                        timeout=timeout, out=out, progress=progress))

    def tearDown(self) -> None:
        self.assertEqual(qemus(), [])

    def test_exit_status_output_and_files_come_back(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory)
            result = self.boot("echo hello; echo there >/out/file; exit 7", out=out)
            self.assertEqual((result.status, result.output), (7, "hello\n"))
            self.assertEqual((out / "file").read_text(), "there\n")

    def test_end_mark_in_pieces_is_not_shown(self) -> None:
        whole = b"hello\nthere" + qemu.END_MARK + b"3\nfiles\n"
        for cut in range(len(whole)):
            shown: list[str] = []
            rest = qemu.show(whole[:cut], shown.append)
            if qemu.END_MARK not in whole[:cut]:
                qemu.show(rest + whole[cut:], shown.append)
            self.assertNotIn("ferrops-end", "".join(shown))
            self.assertNotIn("files", shown)

    def test_panic_is_reported_with_the_console(self) -> None:
        with self.assertRaisesRegex(Failure, r"(?s)crashed: Kernel panic.*sysrq triggered crash.*"
                                    r"console lines:\n    \["):
            self.boot("echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger; sleep 9")

    def test_report_of_a_bug_is_a_failure_with_the_result(self) -> None:
        with self.assertRaisesRegex(qemu.Reported, "reported a bug:\n  warning: WARNING: a test\n"
                                    r"    \[.*\] WARNING: a test") as raised:
            self.boot("echo '<4>WARNING: a test' >/dev/kmsg; echo hello; exit 3")
        result = raised.exception.result
        assert result
        self.assertEqual((result.status, result.output), (3, "hello\n"))

    def test_guest_that_powers_off_too_early_is_a_failure(self) -> None:
        with self.assertRaisesRegex(Failure, "crashed: it ended without a result"):
            self.boot("poweroff -f; sleep 9")

    def test_hang_ends_at_the_timeout(self) -> None:
        with self.assertRaisesRegex(Failure, "did not end within 15 s"):
            self.boot("while :; do :; done", timeout=15)

    def test_real_clock(self) -> None:
        # Without five-level page tables: see `qemu.command`.
        script = "grep -qw la57 /proc/cpuinfo && exit 4; grep -qw nx /proc/cpuinfo && exit 3"
        self.assertEqual(self.boot(script, virtual=False).status, 3)

    def test_virtual_clock_is_exact(self) -> None:
        # The guest goes idle twice for each ping, and QEMU must skip the same time each time.
        script = """
            modprobe sch_netem
            tc qdisc add dev lo root netem delay 100us
            echo ready
            ping -A -q -c 10000 127.0.0.1
            date +%s.%N; cat /proc/uptime /proc/interrupts /proc/sys/kernel/random/uuid"""
        first, second = (self.boot(script, timeout=600, progress=disturb) for _ in range(2))
        self.assertIn("10000 packets received", first.output)
        self.assertEqual(first.output, second.output)

    def test_without_qemu_says_what_to_install(self) -> None:
        path = os.environ["PATH"]
        os.environ["PATH"] = "/nowhere"
        try:
            with self.assertRaisesRegex(Failure, "apt-get install qemu-system-x86"):
                qemu.command(qemu.Run(Kernel(Path("/nowhere")), Path("/nowhere")),
                              Path("/nowhere"), Path("/nowhere"), Path("/nowhere"))
        finally:
            os.environ["PATH"] = path
