# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/module-checks refuses."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import ClassVar

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))
sys.path.insert(0, str(CHECKOUT / "tests/scripts"))

from ferrops.build import module_checks  # noqa: E402
from ferrops.build.machine_code import Function, Instruction, demangled  # noqa: E402
from ferrops.environment.checkout import copied  # noqa: E402
from ferrops.environment.kernel import kernel_tree  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["Kbuild", "rust/**"]

# A module with a table of callbacks, FUNCTIONS.
SEEDED = """// SPDX-License-Identifier: GPL-2.0-only
//! Seeded.

#![allow(dead_code, unused_imports, unused_variables)]

use core::hint::black_box;
use kernel::prelude::*;

module! {
    type: Seeded,
    name: "NAME",
    authors: ["Nobody"],
    description: "Seeded",
    license: "GPL",
}

struct Seeded;

impl kernel::Module for Seeded {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

static WINDOWS: [u32; 8] = [2, 3, 5, 7, 11, 13, 17, 19];

type Callback = extern "C" fn(u32, u32) -> u32;

#[used]
static TABLE: &[Callback] = &[TABLED];

FUNCTIONS
"""

# By module: each callback's code, and what is to be said of it. PLACE is the first line of code.
FAULTS = {
    "tcp_panics": {
        "divides": (["a / b"], r" can panic: divides \(PLACE\) reaches "
                    r"core::panicking::panic_const::panic_const_div_by_zero; use checked_div\(\)"),
        "adds": (["a + b"], r" can panic: adds \(PLACE\) reaches "
                 r"core::panicking::panic_const::panic_const_add_overflow; use wrapping_"),
        "indexes": (["WINDOWS[a as usize]"], r" can panic: indexes \(PLACE\) reaches "
                    r"core::panicking::panic_bounds_check; use get\(\)"),
        "slices": (["WINDOWS[..a as usize].len() as u32"], r" can panic: slices \(PLACE\) reaches "
                   r"core::slice::index::slice_end_index_len_fail; use get\(\) with a range"),
        "unwraps": (["a.checked_sub(b).unwrap()"], r" can panic: unwraps \(PLACE\) reaches "
                    r"core::option::unwrap_failed; handle the other case"),
        "remainder": (["#[inline(never)]", "fn far(a: u32, b: u32) -> u32 { a % b }", "far(a, b)"],
                      r" can panic: far \(PLACE\) reaches core::panicking::panic_const::"
                      r"panic_const_rem_by_zero; use checked_div\(\) or checked_rem\(\)"),
        "calls": (["core::str::from_utf8(&[a as u8, b as u8]).is_ok() as u32"],
                  r" can panic: calls \(PLACE\) calls core::str::.*from_utf8, which panics in "),
    },
    "tcp_stacks": {
        "frame": (["black_box(&[a; 150])[0].max(b)"], r": the callback frame takes (6|7)\d\d bytes "
                  r"of stack, more than 512 \(frame \d+\); keep less in local variables"),
        "chain": (["#[inline(never)]", "fn one(a: u32) -> u32 { two(black_box(&[a; 70])[0]) }",
                   "#[inline(never)]", "fn two(a: u32) -> u32 { black_box(&[a; 70])[0] }",
                   "one(a).max(b)"],
                  r": the callback chain takes (5|6)\d\d bytes of stack, more than 512 \(chain "
                  r"\d+ \+ one \d+ \+ two \d+\)"),
        "recurses": (["#[inline(never)]", "fn again(a: u32) -> u32 {",
                      "    if a == 0 { 0 } else { black_box(again(a / 2)) | 1 }", "}",
                      "again(a).max(b)"],
                     r": the callback recurses has no bound on its stack: it calls itself: "
                     r"again -> again; use a loop"),
        "points": (["black_box(TABLE[0])(a, b)"], r": the callback points has no bound on its "
                   r"stack: points \(PLACE\) calls through a pointer; call the function by its"),
    },
    # What is like these, but not to be refused.
    "tcp_cleans": {
        "divides": (["a.checked_div(b).unwrap_or(a)"], ""),
        "indexes": (["WINDOWS[(a % 8) as usize]"], ""),
        "adds": (["a.wrapping_add(b)"], ""),
        "frame": (["black_box(&[a; 100])[0].max(b)"], ""),
        "loops": (["(0..a).fold(b, |sum, i| black_box(sum.rotate_left(i % 32)))"], ""),
    },
}


def seeded(module: str) -> str:
    """The source of a module."""
    functions = [f'extern "C" fn {name}(a: u32, b: u32) -> u32 {{\n'
                 + "".join(f"    {line}\n" for line in body) + "}\n"
                 for name, (body, _) in FAULTS[module].items()]
    table = ", ".join(f"{name}" for name in FAULTS[module])
    return (SEEDED.replace("NAME", module).replace("TABLED", table)
            .replace("FUNCTIONS", "\n".join(functions)))


class SeededTest(unittest.TestCase):
    """`build-modules` on a copy of the checkout with modules that it must refuse."""

    copy: ClassVar[Path]
    kdir: ClassVar[Path]
    done: ClassVar[subprocess.CompletedProcess[str]]

    @classmethod
    def setUpClass(cls) -> None:
        cls.copy = Path(tempfile.mkdtemp()) / "copy"
        cls.addClassCleanup(shutil.rmtree, cls.copy.parent)
        copied(cls.copy, "samples")
        for module in FAULTS:
            sample = cls.copy / f"samples/{module}"
            sample.mkdir(parents=True)
            (sample / f"{module}.rs").write_text(seeded(module))
        cls.kdir = kernel_tree("stock").tree / "build"
        cls.done = subprocess.run([cls.copy / "scripts/build-modules", cls.kdir, "out"], text=True,
                                  capture_output=True, check=False)

    def said(self, output: str) -> dict[str, list[str]]:
        """What was said about each module."""
        found: dict[str, list[str]] = {}
        for module, text in re.findall(r"^ferrops: error: (\w+)\.ko(.*)$", output, re.MULTILINE):
            found.setdefault(module, []).append(text)
        return found

    def test_each_fault_is_one_line(self) -> None:
        self.assertEqual(self.done.returncode, 1, self.done.stdout + self.done.stderr)
        said = self.said(self.done.stderr)
        self.assertEqual(set(said), {"tcp_panics", "tcp_stacks"}, self.done.stderr)
        for module in said:
            lines = seeded(module).splitlines()
            for name, (body, expected) in FAULTS[module].items():
                with self.subTest(name):
                    code = next(line for line in body if not line.startswith("#["))
                    place = rf"samples/{module}/{module}\.rs:{lines.index(f'    {code}') + 1}"
                    expected = expected.replace("PLACE", place)
                    self.assertEqual(len([text for text in said[module]
                                          if re.match(expected, text)]), 1, said[module])
            self.assertEqual(len(said[module]), len(FAULTS[module]), said[module])

    def test_the_same_with_the_tools_of_llvm(self) -> None:
        tools = self.copy.parent / "tools"
        tools.mkdir()
        for name in ("llvm-readelf", "llvm-objdump", "llvm-addr2line", "llvm-cxxfilt", "python3",
                     "env"):
            path = shutil.which(name)
            assert path
            (tools / name).symlink_to(path)
        modules = [self.copy / f"build/out/{module}.ko" for module in FAULTS]
        done = subprocess.run([self.copy / "scripts/module-checks", self.kdir, *modules],
                              env={**os.environ, "PATH": str(tools)}, text=True,
                              capture_output=True, check=False)
        self.assertIn("tcp_panics.rs:", done.stderr)
        # They do not know every line.
        said = [re.sub(r" \(samples/[^)]*\)", "", output) for output in (done.stderr,
                                                                       self.done.stderr)]
        self.assertEqual(self.said(said[0]), self.said(said[1]))


class FrameTest(unittest.TestCase):
    """How much stack an instruction takes, as each disassembler writes it."""

    def frame(self, *instructions: str) -> int | None:
        function = Function("f", ".text", 0, 0, [Instruction(0, 0, text) for text in instructions])
        return module_checks.frame(function)

    def test_frames(self) -> None:
        for instructions, total in (
                (["push %rbp", "sub $0x18,%rsp", "add $0x18,%rsp", "pop %rbp", "ret"], 40),
                (["pushq %rbp", "subq $0x18, %rsp", "addq $0x18, %rsp", "popq %rbp", "retq"], 40),
                (["add $0xffffffffffffff80,%rsp", "sub $0xffffffffffffff80,%rsp"], 136),
                (["addq $-0x80, %rsp", "subq $-0x80, %rsp"], 136),
                (["lea -0x28(%rsp),%rsp", "lea 0x28(%rsp),%rsp"], 48),
                (["push %rbp", "mov %rsp,%rbp", "and $0xffffffffffffffc0,%rsp", "sub $0x40,%rsp",
                  "lea -0x8(%rbp),%rsp", "mov %rbp,%rsp"], 8 + 8 + 64 + 64),
                (["mov %rax,(%rsp)", "mov 0x8(%rsp),%rax", "call 10"], 8),
                (["sub %rax,%rsp"], None),
                (["mov %rdi,%rsp"], None)):
            with self.subTest(instructions):
                self.assertEqual(self.frame(*instructions), total)


class KernelRustTest(unittest.TestCase):
    """What is found in the kernel's own objects."""

    def test_what_panics(self) -> None:
        kdir = kernel_tree("stock").tree / "build"
        kernel = module_checks.KernelRust(kdir)
        names = demangled(kernel.functions)
        symbols = {name: symbol for symbol, name in names.items()}
        for name in ("core::panicking::panic_fmt", "core::option::expect_failed",
                     "core::result::unwrap_failed", "core::cell::panic_already_borrowed",
                     "core::str::slice_error_fail", "core::num::overflow_panic::add",
                     "core::slice::index::slice_start_index_len_fail"):
            self.assertTrue(kernel.only_panics(symbols[name]), name)
        for name in ("core::fmt::write", "<core::fmt::Formatter>::pad"):
            self.assertFalse(kernel.only_panics(symbols[name]), name)
            self.assertTrue(kernel.may_panic(symbols[name]), name)
        for name in ("kernel::error::to_result", "kernel::print::call_printk"):
            self.assertFalse(kernel.may_panic(symbols[name]), name)
        # The kernel's own list of what does not return, for its objtool.
        listed = (kdir / "source/tools/objtool/check.c").read_text()
        known = re.findall(r'str_ends_with\(func->name, "(_[47]\w+)"\)', listed)
        self.assertGreater(len(known), 5)
        for end in known:
            for symbol in (symbol for symbol in kernel.functions if symbol.endswith(end)):
                self.assertTrue(kernel.only_panics(symbol), symbol)


if __name__ == "__main__":
    unittest.main()
