# SPDX-License-Identifier: GPL-2.0-only
"""Kfuncs that do not build, and what is said of them."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from build import kernel_tree
from common import CHECKOUT

MODULE = """\
// SPDX-License-Identifier: GPL-2.0-only

//! A module to be broken.

use tcp_cc::prelude::*;

ferrops::kfuncs! {
    KFUNCS;

    /// Half of the window, in packets.
    #[kfunc(tcp_congestion_ops)]
    pub fn half_window(sk: &mut Sock<'_>) -> u32 {
        sk.snd_cwnd().get() / 2
    }
}

ferrops::module_kfuncs! {
    kfuncs: KFUNCS,
    name: "half",
    authors: ["The ferrops authors"],
    description: "Half of a window",
    license: "GPL",
}
"""


class KfuncsTest(unittest.TestCase):
    """Builds of a copy of the checkout with one more module."""

    copy: Path
    kdir: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.copy = Path(tempfile.mkdtemp()) / "copy"
        cls.addClassCleanup(shutil.rmtree, cls.copy.parent)
        shutil.copytree(CHECKOUT, cls.copy, symlinks=True,
                        ignore=shutil.ignore_patterns(".git", "build", "samples"))
        cls.kdir = kernel_tree("stock").tree / "build"

    def build(self, text: str, name: str = "half", *arguments: str) -> str:
        """Builds the module alone; what was said, if it does not build."""
        shutil.rmtree(self.copy / "samples", ignore_errors=True)
        sample = self.copy / "samples" / name
        sample.mkdir(parents=True)
        (sample / f"{name}.rs").write_text(text)
        done = subprocess.run([self.copy / "scripts/build-modules", self.kdir, "out", *arguments],
                              text=True, capture_output=True, check=False)
        return "" if done.returncode == 0 else done.stderr

    def assert_refused(self, expected: str, old: str, new: str, name: str = "half",
                       *arguments: str) -> None:
        """Asserts that a change of the module is refused with a message."""
        self.assertIn(old, MODULE)
        said = self.build(MODULE.replace(old, new), name, *arguments)
        self.assertRegex(re.sub(r"\s+", " ", said), expected)

    def test_it_builds(self) -> None:
        self.assertEqual(self.build(MODULE), "")
        unit = (self.copy / "build/out/rust/kfuncs/half_kfuncs.c").read_text()
        self.assertIn("EXPORT_SYMBOL_GPL(half_window);", unit)

    def test_a_module_without_kfuncs_has_none_of_it(self) -> None:
        sample = CHECKOUT / "tests/modules/tcp_rtaken.rs"
        self.assertEqual(self.build(sample.read_text(), "tcp_rtaken"), "")
        symbols = subprocess.run(["nm", self.copy / "build/out/tcp_rtaken.ko"], text=True,
                                 capture_output=True, check=True).stdout
        self.assertNotIn("kfunc", symbols.lower())
        self.assertFalse((self.copy / "build/out/rust/kfuncs/tcp_rtaken_kfuncs.c").exists())

    def test_names(self) -> None:
        for expected, new in (
                (r"half\.rs:\d+: the kfunc window does not have its module's name before it.*"
                 r"call it half_\.\.\.", "window"),
                (r"half\.rs:\d+: the kfunc half_Window has no name for C", "half_Window")):
            self.assert_refused(f"ferrops: error: .*{expected}", "half_window", new)

    def test_a_name_that_the_kernel_has(self) -> None:
        # A static function: nothing but BTF knows of it.
        self.assert_refused(
            r"ferrops: error: .*the kfunc tcp_rack_skb_timeout has the name of a symbol of "
            r"vmlinux, which BPF would call instead; choose another name", "half_window",
            "tcp_rack_skb_timeout", "tcp_rack")

    def test_a_name_twice(self) -> None:
        once = MODULE[MODULE.index("    /// Half"):MODULE.index("}\n\nferrops::module")]
        self.assert_refused("(defined multiple times|there is a second time)", once, once + once)

    def test_who_may_call(self) -> None:
        self.assert_refused(r"the kfunc half_window is for 'tcp_ops', which is no table of this "
                            r"kernel that BPF can implement, and no type of programs",
                            "#[kfunc(tcp_congestion_ops)]\n    pub fn half_window(sk: &mut "
                            "Sock<'_>) -> u32 {\n        sk.snd_cwnd().get() / 2",
                            "#[kfunc(tcp_ops)]\n    pub fn half_window(a: u32) -> u32 {\n"
                            "        a / 2")
        self.assert_refused("sockets and samples can be passed by the programs of "
                            "tcp_congestion_ops only", "kfunc(tcp_congestion_ops)",
                            "kfunc(tcp_congestion_ops, tracing)")

    def test_types_that_cannot_cross(self) -> None:
        for ty in ("&[u8]", "&str", "f64", "u128", "char", "*const u8", "usize", "Cwnd", "String"):
            with self.subTest(ty):
                self.assert_refused("(cannot be an argument of a kfunc|cannot find type)",
                                    "sk: &mut Sock<'_>", f"sk: &mut Sock<'_>, other: {ty}")
        for ty in ("&'static str", "Option<u32>", "Ssthresh", "[u8; 4]"):
            with self.subTest(ty):
                self.assert_refused("cannot be the result of a kfunc",
                                    "-> u32 {\n        sk.snd_cwnd().get() / 2",
                                    f"-> {ty} {{\n        loop {{}}")

    def test_more_than_a_program_can_pass(self) -> None:
        self.assert_refused("a BPF program passes 5 arguments at most", "sk: &mut Sock<'_>",
                            "sk: &mut Sock<'_>, a: u32, b: u32, c: u32, d: u32, e: u32")

    def test_the_same_socket_twice(self) -> None:
        for other in ("&mut Sock<'_>", "&ferrops::kfunc::TcpSock"):
            self.assert_refused("a program may pass the same socket twice", "sk: &mut Sock<'_>",
                                f"sk: &mut Sock<'_>, other: {other}")

    def test_what_is_no_kfunc(self) -> None:
        for old, new in (("pub fn", "pub unsafe fn"),
                         ("pub fn half_window(", "pub fn half_window<T>("),
                         ("#[kfunc(tcp_congestion_ops)]", ""), ("KFUNCS;", "")):
            self.assert_refused("these are not kfuncs", old, new)

    def test_unsafe_code(self) -> None:
        self.assert_refused("usage of an `unsafe` block", "sk.snd_cwnd().get() / 2",
                            "unsafe { core::hint::unreachable_unchecked() }")

    def test_panics(self) -> None:
        self.assert_refused(r"half\.ko can panic: half_window", "sk.snd_cwnd().get() / 2",
                            "100 / sk.mss_cache()")

    def test_another_license(self) -> None:
        self.assert_refused("this is not how a module of kfuncs is declared", '"GPL"',
                            '"Dual MIT/GPL"')

    def test_no_pahole(self) -> None:
        self.assert_refused("ferrops: error: half has kfuncs, whose prototypes pahole writes, and "
                            "there is no pahole; apt-get install pahole", "2\n", "2\n", "half",
                            "PAHOLE=/nowhere/pahole")
