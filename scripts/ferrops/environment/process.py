# SPDX-License-Identifier: GPL-2.0-only
"""What all scripts share: one-line failures, logged commands, progress."""

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]

# Wherever the checkout is, Kbuild sees it here when it builds in the build root
# (it refuses paths with spaces): see scripts/root.
INSIDE = "FERROPS_INSIDE" in os.environ

# The first line of generated files. (Not in one piece, or this file would have two tags.)
LICENSE = f"SPDX-License-{'Identifier'}: GPL-2.0-only"

DISK_FULL = "the disk is full; make space, or set FERROPS_CACHE to a directory on another disk"


class Failure(Exception):
    """What went wrong and what to do about it, in one line for the user."""


def say(text: str) -> None:
    """Tells the user what is happening."""
    print(f"ferrops: {text}", file=sys.stderr, flush=True)


# Seconds between words about something that takes long.
INTERVAL: float = 5 if sys.stderr.isatty() else 10


@contextlib.contextmanager
def waiting(what: str, far: Callable[[], str] = lambda: "") -> Iterator[None]:
    """Says now and then how long the block has taken, and what `far` says. Of blocks inside each
    other the innermost speaks, and names those around it."""
    start = time.monotonic()
    done = threading.Event()

    def speak() -> None:
        while not done.wait(INTERVAL):
            if list(waits)[-1] is done:
                say(f"  {inside}: {time.monotonic() - start:.0f} s{far()}")
    # Two guests at once are in each other.
    inside = ": ".join(dict.fromkeys([*waits.values(), what]))
    waits[done] = what
    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        del waits[done]


# The blocks that somebody waits for, and their names.
waits: dict[threading.Event, str] = {}


def output(command: list[str], **kwargs: Any) -> str:
    """The standard output of a command that must succeed, stripped."""
    try:
        done = subprocess.run(command, check=True, text=True, capture_output=True, **kwargs)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise Failure(f"{command[0]} failed: {last}") from None
    text: str = done.stdout
    return text.strip()


def logged(command: list[str], log: Path, what: str, cwd: Path | None = None,
           env: dict[str, str] | None = None) -> None:
    """Runs a long command with its output in `log`, and says now and then how far it is.

    Raises `Failure` with the first error line of the log if the command fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"{what} ...")
    with log.open("ab") as sink, waiting(what, lambda: f", {log.read_bytes().count(10)} steps"):
        child = subprocess.Popen(command, cwd=cwd, env={**os.environ, **(env or {})},
                                 stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT)
        try:
            status = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
    if status != 0:
        raise Failure(f"{what} failed: {first_error(log)} (log: {shown(log)})")


def first_error(log: Path) -> str:
    """The line of a build log that a reader would look for first."""
    lines = log.read_text(errors="replace").splitlines()
    # A full disk may have had no space for a line that says so.
    if shutil.disk_usage(log).free < 1 << 20 or any(os.strerror(errno.ENOSPC) in line
                                                    for line in lines):
        return DISK_FULL
    for line in lines:
        if "error:" in line or "error[" in line or line.startswith("***") or ": ***" in line:
            return line.strip()
    return (lines or ["no output"])[-1].strip()


def shown(path: Path) -> str:
    """A path as the user outside the build root knows it."""
    text = str(path)
    if INSIDE:
        for inside, outside in (("/cache/", "$FERROPS_CACHE/"), ("/ferrops/", "")):
            if text.startswith(inside):
                return outside + text[len(inside):]
    return text


def main(run: Callable[[], int | None]) -> None:
    """Runs a script: a `Failure` becomes one line and exit status 1."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if not INSIDE and "FERROPS_CLEAN" not in os.environ:
            clean = str(CHECKOUT / "scripts/environment")
            os.execv(clean, [clean, os.path.realpath(sys.argv[0]), *sys.argv[1:]])
        sys.exit(run() or 0)
    except Failure as failure:
        say(f"error: {failure}")
    except OSError as error:
        full = os.strerror(errno.ENOSPC) in str(error)
        where = f"{error.strerror}: {error.filename}" if error.filename else str(error)
        say(f"error: {DISK_FULL if full else where}")
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
    sys.exit(1)
