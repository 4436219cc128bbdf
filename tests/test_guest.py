# SPDX-License-Identifier: GPL-2.0-only
"""The guest runner: whatever happens in a guest, the host is told and nothing is left."""

import contextlib
import os
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "scripts"))

import guest  # noqa: E402
from build import kernel_tree  # noqa: E402
from common import Failure  # noqa: E402


def left_behind() -> list[str]:
    """QEMUs in this process's PID namespace."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            program = process.read_bytes().split(b"\0")[0].decode()
            if "qemu-system" in program:
                found.append(program)
    return found


class GuestTest(unittest.TestCase):
    def boot(self, script: str, virtual: bool = True, timeout: int = 120,
             out: Path | None = None, files: dict[str, Path] | None = None) -> guest.Result:
        """Boots the stock kernel and runs `script`."""
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
            file.write(script)
            file.flush()
            return guest.boot(guest.Run(kernel_tree("stock"), Path(file.name), files=files or {},
                                        virtual=virtual, timeout=timeout, out=out,
                                        progress=lambda line: None))

    def tearDown(self) -> None:
        self.assertEqual(left_behind(), [])

    def test_exit_status_output_and_files_come_back(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory)
            result = self.boot("echo hello; echo there >/out/file; exit 7", out=out)
            self.assertEqual((result.status, result.output), (7, "hello\n"))
            self.assertEqual((out / "file").read_text(), "there\n")

    def test_panic_is_reported_with_the_console(self) -> None:
        with self.assertRaisesRegex(Failure, r"(?s)crashed: Kernel panic.*sysrq triggered crash.*"
                                    r"console lines:\n    \["):
            self.boot("echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger; sleep 9")

    def test_guest_that_powers_off_too_early_is_a_failure(self) -> None:
        with self.assertRaisesRegex(Failure, "crashed: it ended without a result"):
            self.boot("poweroff -f; sleep 9")

    def test_hang_ends_at_the_timeout(self) -> None:
        with self.assertRaisesRegex(Failure, "did not end within 15 s"):
            self.boot("while :; do :; done", timeout=15)

    def test_real_clock(self) -> None:
        self.assertEqual(self.boot("exit 3", virtual=False).status, 3)

    def test_virtual_clock_is_exact(self) -> None:
        # Two guests at once disturb each other, and a transfer over the path of the demo goes
        # idle tens of thousands of times. The trace has the time of each ACK.
        script = """
            . ./transfer.sh
            head -c 16000000 /dev/zero >/tmp/file
            path 40 100 200 0.1
            transfer reno /tmp/file $(sha256sum </tmp/file | cut -d' ' -f1) reno || exit 1
            cat /out/reno.json
            grep tcp_probe: $tracing/trace | sha256sum
            cat /proc/uptime /proc/interrupts /proc/sys/kernel/random/uuid
            date +%s.%N"""
        files = {"transfer.sh": CHECKOUT / "scripts/transfer.sh"}
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(lambda _: self.boot(script, timeout=600, files=files),
                                     range(2))
        self.assertEqual(first.status, 0, first.output)
        self.assertEqual(first.output, second.output)

    def test_without_qemu_says_what_to_install(self) -> None:
        path = os.environ["PATH"]
        os.environ["PATH"] = "/nowhere"
        try:
            with self.assertRaisesRegex(Failure, "apt-get install qemu-system-x86"):
                guest.command(guest.Run(guest.Kernel(Path("/nowhere")), Path("/nowhere")),
                              Path("/nowhere"), Path("/nowhere"), Path("/nowhere"))
        finally:
            os.environ["PATH"] = path
