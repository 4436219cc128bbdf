# SPDX-License-Identifier: GPL-2.0-only
"""The cache of what takes long to make: its entries, their keys and their locks.

Who makes an entry names in its key what it depends on (`digest`): parameters, versions, files.
Among them is the file that makes it, which therefore has little else in it. What only runs a
command or waits for it (process.py) is no part of a key.
"""

import ast
import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from ferrops.environment.process import INSIDE, Failure, say, shown


def cache() -> Path:
    """The directory for what takes long to make; not part of any checkout."""
    # scripts/environment always sets it.
    return Path("/cache" if INSIDE else os.environ["FERROPS_CACHE"])


def digest(*parts: str | bytes | Path) -> str:
    """A short key for a cache entry that depends on these texts and files. Of Python, neither
    comments nor the texts that document it count."""
    total = hashlib.sha256()
    for part in parts:
        data = content(part) if isinstance(part, Path) else part
        data = data.encode() if isinstance(data, str) else data
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()[:12]


def content(path: Path) -> str | bytes:
    """What counts of a file."""
    data = path.read_bytes()
    if path.suffix != ".py":
        return data
    tree = ast.parse(data)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) \
                and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return ast.dump(tree)


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Holds the lock file `path`; says so if somebody else has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run is {what}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sweep() -> None:
    """Removes what killed runs left of entries, unless somebody makes them just now."""
    for half in cache().glob("half-*"):
        lock = cache() / "locks" / half.name.removeprefix("half-")
        if not lock.exists():
            continue  # scripts/root's, which removes them itself.
        with lock.open() as file, contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            say(f"removing what an interrupted run left: {shown(half)}")
            shutil.rmtree(half, ignore_errors=True)


def cached(name: str, what: str, make: Callable[[Path], None]) -> Path:
    """The cache entry `name`, made by `make(directory)` if it is not there.

    It is made aside and renamed into place, under a lock: an entry that exists is
    complete. Of one that fails only the log stays; what a killed run left is removed
    by the next one, whatever that makes.
    """
    entry = cache() / name
    sweep()
    if entry.is_dir():
        return entry
    with locked(cache() / "locks" / name, f"making {what}"):
        if entry.is_dir():
            return entry
        half = cache() / f"half-{name}"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        try:
            make(half)
        except Failure as failure:
            log, kept = half / "log", cache() / "failed.log"
            if shown(log) not in str(failure):
                raise
            log.rename(kept)
            raise Failure(str(failure).replace(shown(log), shown(kept))) from None
        else:
            half.rename(entry)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return entry
