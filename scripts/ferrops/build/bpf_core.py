# SPDX-License-Identifier: GPL-2.0-only
"""Rust's `core` for BPF, of which distributions have the source only. The cache keeps it."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ferrops.environment.cache import cached, digest
from ferrops.environment.process import CHECKOUT, Failure, output, say

TARGET = "bpfel-unknown-none"


def run_tool(command: Sequence[str | Path], what: str) -> str:
    """Runs a compiler. If it fails, its messages come first and then one line."""
    done = subprocess.run(command, cwd=CHECKOUT, text=True, capture_output=True, check=False,
                          env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
    if done.returncode:
        say(f"{Path(command[0]).name} says:\n{done.stderr.strip()}")
        raise Failure(what)
    return done.stdout


def make_core(half: Path) -> None:
    """Compiles `core`, of which distributions have the source only, for BPF."""
    say("compiling Rust's core for BPF")
    library = Path(output(["rustc", "--print", "sysroot"])) / "lib/rustlib/src/rust/library"
    source = library / "core/src/lib.rs"
    if not source.exists():
        raise Failure("rust-src is missing: no library/core under rustc's sysroot; "
                      "apt-get install rust-src")
    metadata = ["--emit=metadata", f"--out-dir={half}", "--cap-lints=allow"]
    # Not the options above: overflow checks would be in all of its inline functions.
    for name, root in (("core", source), ("compiler_builtins", half / "compiler_builtins.rs")):
        if name != "core":
            root.write_text("#![feature(compiler_builtins)]\n#![compiler_builtins]\n#![no_std]\n")
        run_tool(["rustc", "--edition=2021", f"--target={TARGET}", "-Copt-level=2",
                  "-Cpanic=abort", "-Zalways-encode-mir", "-Zforce-unstable-if-unmarked",
                  "--cfg=no_fp_fmt_parse", "--crate-type=rlib", f"--crate-name={name}",
                  f"-L{half}", *metadata, root],
                 f"{name} does not compile for BPF; the compiler's message is above")


def core() -> Path:
    """The directory with its metadata."""
    key = digest(output(["rustc", "-vV"]), Path(__file__))
    return cached(f"core-bpf-{key}", "Rust's core for BPF", make_core)
