# SPDX-License-Identifier: GPL-2.0-only
"""Boots a kernel in QEMU and runs a script in it.

The guest is an initramfs in two parts, both reproducible: a base (cached; tools and
the kernel's own modules) and what a run adds (our modules, its script). The guest's
first serial port is the kernel's console. The second carries the script's output,
then an end mark with its exit status, then a tar of /out. A run that ends without
the mark is a crash, whatever QEMU's own status was.

Documentation/guest-runner.rst says why this is not virtme-ng.
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ferrops.environment.kernel import Kernel
from ferrops.environment.process import Failure, waiting
from ferrops.guest import reports
from ferrops.guest.base_image import base, pack

END_MARK = b"\n%%ferrops-end%% "

@dataclass
class Run:
    """What to run in the guest."""

    kernel: Kernel
    script: Path
    arguments: list[str] = field(default_factory=list)
    # What to put into the guest beside the script, by its name in /guest.
    files: dict[str, Path] = field(default_factory=dict)
    # For the kernel's command line.
    append: list[str] = field(default_factory=list)
    # The virtual clock counts instructions; the real one is the host's.
    virtual: bool = True
    # Whether there is a watchdog, by the guest's clock, and the kernel panics when it is set and
    # not fed: also in what hangs with interrupts off.
    watchdog: bool = False
    # How many processors, if the clock is not virtual.
    processors: int = 2
    # Seconds of the host's clock after which the guest counts as hung.
    timeout: int = 600
    # Where the guest's /out goes.
    out: Path | None = None
    # Gets each line that the script prints.
    progress: Callable[[str], None] = print


@dataclass
class Result:
    """What came of it."""

    status: int
    output: str
    console: str


class Reported(Failure):
    """The guest's kernel reported bugs. `result` is there if the script got to its end."""

    def __init__(self, what: str, found: list[reports.Report], result: Result | None = None):
        super().__init__("\n".join([what, *map(str, found)]))
        self.found = found
        self.result = result


def overlay(run: Run, archive: Path) -> None:
    """The part of the initramfs that belongs to this run."""
    with tempfile.TemporaryDirectory() as directory:
        staging = Path(directory) / "overlay"
        guest = staging / "guest"
        guest.mkdir(parents=True)
        staging.chmod(0o755)
        shutil.copy(run.script, guest / "script")
        (guest / "arguments").write_text(" ".join(run.arguments))
        for name, source in sorted(run.files.items()):
            (guest / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, guest / name)
        for path in staging.rglob("*"):
            path.chmod(0o755)
        pack(staging, archive)


def kvm_works() -> bool:
    """Whether the processor virtualises: a /dev/kvm alone proves nothing."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return bool(re.search(r"\b(vmx|svm)\b", flags)) and os.access("/dev/kvm", os.R_OK | os.W_OK)


def command(run: Run, initrd: Path, console: Path, channel: Path) -> list[str]:
    """The QEMU command line."""
    qemu = shutil.which("qemu-system-x86_64")
    if not qemu:
        raise Failure("qemu-system-x86_64 is missing; run inside the build root (make does), or "
                      "apt-get install qemu-system-x86")
    append = ["console=ttyS0", "loglevel=5", "oops=panic", "panic=-1", "nokaslr", "norandmaps",
              *run.append]
    devices = []
    if run.watchdog:
        devices = ["-device", "i6300esb", "-action", "watchdog=inject-nmi"]
        append += ["unknown_nmi_panic"]
    machine = "q35"
    if run.virtual:
        # Instructions are the clock, a nanosecond each, and nothing in the guest is random.
        # Recording, to nowhere, is for its lock: QEMU's main loop then never looks at a CPU
        # that has halted and not yet accounted for its last instructions.
        machine += ",hpet=off"
        clock = ["-smp", "1", "-accel", "tcg,thread=single",
                 "-icount", "shift=0,sleep=off,rr=record,rrfile=/dev/null",
                 "-rtc", "base=2026-01-01T00:00:00,clock=vm", "-seed", "42", "-cpu",
                 "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+sha-ni,-rdrand,-rdseed"]
        append += ["random.trust_cpu=off", "random.trust_bootloader=on", "tsc=reliable"]
    else:
        # All that there is, but for page tables of five levels: whether there are any is asked
        # for so early in the boot that KASAN reports the kernel's own code.
        kind, model = ("kvm", "host") if kvm_works() else ("tcg", "max")
        clock = ["-smp", str(run.processors), "-accel", kind, "-cpu", f"{model},-la57"]
    return [qemu, "-M", machine, *clock, "-m", "2G", "-display", "none", "-nodefaults",
            "-no-reboot", "-nic", "none", "-monitor", "none", *devices,
            "-chardev", f"file,id=console,path={console}", "-serial", "chardev:console",
            "-chardev", f"file,id=channel,path={channel}", "-serial", "chardev:channel",
            "-kernel", str(run.kernel.image), "-initrd", str(initrd), "-append", " ".join(append)]


@contextlib.contextmanager
def started(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A QEMU that is gone when the block ends, however it ends."""
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def tail(console: str, lines: int = 25) -> str:
    """The end of the console, for a failure's report."""
    return "\n".join(f"    {line}" for line in console.rstrip().splitlines()[-lines:])


def died(how: str, console: str) -> Failure:
    """The failure of a guest that did not get to its end."""
    text = f"{how}; its last console lines:\n{tail(console) or '    (none)'}"
    if found := reports.search(console):
        return Reported(f"{text}\nand what its kernel reported:", found)
    return Failure(text)


def boot(run: Run) -> Result:
    """Runs it. Raises `Failure` if the guest crashes, hangs, or cannot start, and
    `Reported` if its kernel reports a bug."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        added, initrd = work / "added.cpio", work / "initrd"
        console, channel = work / "console", work / "channel"
        overlay(run, added)
        with initrd.open("wb") as sink:
            for part in (base(run.kernel), added):
                with part.open("rb") as source:
                    shutil.copyfileobj(source, sink)
        console.touch()
        channel.touch()
        arguments = command(run, initrd, console, channel)
        deadline = time.monotonic() + run.timeout
        with (started(arguments) as child, channel.open("rb") as stream,
              waiting("the guest runs", lambda: f", {len(received)} bytes of output")):
            received, line = b"", b""
            while True:
                ended = child.poll() is not None
                data = stream.read()
                received += data
                if END_MARK not in received[:-len(data) or None] and data:
                    line = show(line + data, run.progress)
                if ended:
                    break
                if time.monotonic() > deadline:
                    raise died(f"the guest did not end within {run.timeout} s",
                               console.read_text(errors="replace"))
                time.sleep(0.02)
            complaint = (child.stdout.read() if child.stdout else b"").decode(errors="replace")
        said = console.read_text(errors="replace")
    text, mark, rest = received.partition(END_MARK)
    found = reports.search(said)
    if not mark:
        reason = found[0].title if found else complaint.strip() or "it ended without a result"
        raise died(f"the guest crashed: {reason}", said)
    status, _, archive = rest.partition(b"\n")
    if run.out:
        run.out.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(run.out, filter="data")
    result = Result(int(status), text.decode(errors="replace"), said)
    if found:
        raise Reported("the guest's kernel reported a bug:", found, result)
    return result


def show(data: bytes, progress: Callable[[str], None]) -> bytes:
    """Hands on the complete lines before the end mark, and returns what is left."""
    # The end of the line before the mark may have come, and been handed on, by itself.
    data = (b"\n" + data).partition(END_MARK)[0][1:]
    *lines, rest = data.split(b"\n")
    for line in lines:
        progress(line.decode(errors="replace").rstrip("\r"))
    return rest


def forward(line: str) -> None:
    """Shows a line of the guest's output."""
    print(line, flush=True)
    sys.stdout.flush()
