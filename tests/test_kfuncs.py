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

FUNCTION = """fn half_window(sk: &mut Sock<'_>) -> u32 {
        sk.snd_cwnd().get() / 2"""

TAKEN = "ferrops::kfunc::"


def many(function: str, types: tuple[str, ...]) -> str:
    """A module with a function for each of some types."""
    functions = "".join("    /// One of many.\n    #[kfunc(tcp_congestion_ops)]\n    pub " +
                        function.format(number, number, name) + "\n\n"
                        for number, name in enumerate(types))
    start = MODULE.index("    /// Half")
    return MODULE[:start] + functions + MODULE[MODULE.index("}\n\nferrops::module"):]


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

    def assert_wrong(self, expected: str, arguments: str) -> None:
        """Asserts that a function with these arguments is refused with a message."""
        self.assert_refused(expected, FUNCTION, f"fn half_window({arguments}) -> u32 {{\n        1")

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

    def test_the_examples_in_the_reference_build(self) -> None:
        text = (CHECKOUT / "Documentation/kfuncs.rst").read_text()
        code = re.findall(r"::\n\n((?:\t.*\n|\n)+)", text)
        module = next(block for block in code if "module_kfuncs!" in block)
        self.assertEqual(self.build("//! Half of a window.\n\nuse tcp_cc::prelude::*;\n\n" +
                                    re.sub(r"(?m)^\t", "", module), "foo"), "")

    def test_names_of_arguments(self) -> None:
        # With such a name the verifier would let NULL through.
        self.assert_wrong("the kfunc half_window has an argument 'sk__nullable': what comes after "
                          "'__' tells the verifier what may be passed.*take the '__' out",
                          f"sk__nullable: &{TAKEN}TcpSock")
        for name in ("int", "r#struct"):
            with self.subTest(name):
                self.assert_wrong(rf"half\.rs:\d+: the kfunc half_window has an argument '{name}', "
                                  "which is no name in C; call it something else", f"{name}: u32")
        for pattern in ("mut a: u32", "_: u32", "(a, b): (u32, u32)"):
            with self.subTest(pattern):
                self.assert_wrong("the arguments of the kfunc `half_window` have names that "
                                  "callers see|these are not kfuncs", pattern)

    def test_flags(self) -> None:
        for flag in ("KF_RCU", "KF_RET_NULL", "SLEEPABLE"):
            with self.subTest(flag):
                self.assert_refused(rf"half\.rs:\d+: the kfunc half_window has the flag {flag}, "
                                    "which is none of KF_SLEEPABLE, ", "kfunc(tcp_congestion_ops)",
                                    f"kfunc(tcp_congestion_ops; {flag})")

    def test_no_documentation(self) -> None:
        self.assert_refused(r"half\.rs:\d+: the kfunc half_window is not documented: say in a "
                            r"comment '/// \.\.\.' before it", "    /// Half of the window, in "
                            "packets.\n", "")

    def test_documentation_in_c(self) -> None:
        odd = MODULE.replace("/// Half of",
                             "/** Half\n\tof */\n    /// ends a */ comment\n    /// ")
        self.assertEqual(self.build(odd), "")
        header = (self.copy / "build/out/rust/kfuncs/half_kfuncs.h").read_text()
        self.assertIn("/*\n * Half  of\n * ends a * / comment\n *  the window, in packets.\n */\n"
                      "extern u32 half_window(struct sock *sk) FERROPS_KSYM;", header)

    def test_kfuncs_that_are_not_registered(self) -> None:
        algorithm = (CHECKOUT / "tests/modules/tcp_rtaken.rs").read_text()
        kfuncs = MODULE[MODULE.index("ferrops::kfuncs!"):MODULE.index("ferrops::module_kfuncs!")]
        both = algorithm + kfuncs.replace("half_window", "rtaken_half")
        self.assertIn("ferrops: error: tcp_rtaken does not register its kfuncs: its module macro "
                      "needs the line 'kfuncs: KFUNCS'", self.build(both, "tcp_rtaken"))
        both = both.replace('"GPL",\n}', '"GPL",\n    kfuncs: KFUNCS,\n}')
        self.assertEqual(self.build(both, "tcp_rtaken"), "")
        # Callbacks beside them: one constant stands for all.
        callbacks = ("\nferrops::callback_kfuncs! {\n    CALLBACKS: Taken;\n\n"
                     "    rtaken_ssthresh = CALLBACK;\n}\n")
        both = both.replace("#![forbid(unsafe_code)]\n", "")
        self.assertEqual(self.build(both + callbacks.replace("CALLBACK;\n}", "ssthresh;\n}"),
                                    "tcp_rtaken"), "")
        unit = (self.copy / "build/out/rust/kfuncs/tcp_rtaken_kfuncs.c").read_text()
        self.assertEqual(unit.count("BTF_KFUNCS_START(struct_ops_ids)"), 1)
        self.assertEqual(unit.count("BTF_ID_FLAGS(func, rtaken_"), 2)
        for name, expected in (("set_state", "the kfunc `rtaken_ssthresh`: the algorithm has no "
                                             "such callback: take the line out"),
                               ("get_info", "this is no member of a table that a program has")):
            said = self.build(both + callbacks.replace("CALLBACK;\n}", f"{name};\n}}"),
                              "tcp_rtaken")
            self.assertRegex(re.sub(r"\s+", " ", said), expected)

    def test_imports_of_what_is_not_there(self) -> None:
        for name in ("tcp_nothing", "half"):
            with self.subTest(name):
                imports = f"mod parts {{\n    ferrops::import_kfuncs!({name});\n}}\n\n"
                self.assertIn(f"half uses the kfuncs of {name}, and there is no other module of "
                              f"that name that has any", self.build(imports + MODULE))

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

    def test_types_that_cannot_cross(self) -> None:
        taken = ("&[u8]", "&str", "f64", "u128", "char", "*const u8", "usize", "Cwnd",
                 "Option<&mut Sock<'_>>", "Sock<'_>")
        returned = ("&'static str", "Option<u32>", "Ssthresh", "[u8; 4]")
        said = self.build(many("fn half_{}(arg{}: {}) {{}}", taken)).replace("tcp_cc::", "")
        for name in taken:
            self.assertTrue(f"`{name}` cannot be an argument of a kfunc" in said, name)
        said = self.build(many("fn half_{}(arg{}: u32) -> {} {{ loop {{}} }}", returned))
        for name in returned:
            self.assertTrue(f"`{name}` cannot be the result of a kfunc" in
                            said.replace("tcp_cc::", ""), name)

    def test_more_than_a_program_can_pass(self) -> None:
        self.assert_refused("the kfunc `half_window`: a BPF program passes 5 arguments at most",
                            "sk: &mut Sock<'_>",
                            "sk: &mut Sock<'_>, a: u32, b: u32, c: u32, d: u32, e: u32")

    def test_what_is_no_kfunc(self) -> None:
        for old, new in (("pub fn", "pub unsafe fn"),
                         ("pub fn half_window(", "pub fn half_window<T>("),
                         ("#[kfunc(tcp_congestion_ops)]", ""), ("KFUNCS;", "")):
            self.assert_refused("these are not kfuncs", old, new)

    def test_panics(self) -> None:
        self.assert_refused(r"half\.ko can panic: half_window", "sk.snd_cwnd().get() / 2",
                            "100 / sk.mss_cache()")
        # One to which no table of the module has a pointer.
        self.assertEqual(self.build(MODULE.replace("tcp_congestion_ops", "syscall").replace(
            FUNCTION, "fn half_window(a: u32) -> u32 {\n        a / 2")), "")
        self.assertIn("half.ko can panic: half_window", self.build(MODULE.replace(
            "tcp_congestion_ops", "syscall").replace(
            FUNCTION, "fn half_window(a: u32) -> u32 {\n        100 / a")))

    def test_stack(self) -> None:
        for expected, function in (
                (r"half\.ko: the callback half_window takes \d+ bytes of stack, more than 512",
                 """fn half_window(sk: &mut Sock<'_>) -> u32 {
        let mut windows = [0; 200];
        windows.fill_with(|| sk.snd_cwnd().get());
        core::hint::black_box(windows).iter().fold(0, |sum: u32, window| sum ^ window)"""),
                ("half_window has no bound on its stack: it calls itself",
                 """fn half_window(a: u64) -> u64 {
        if a < 2 { a } else { half_window(a / 2).wrapping_add(half_window(a / 3)) }""")):
            self.assert_refused(expected, FUNCTION, function)

    def test_another_license(self) -> None:
        self.assert_refused("this is not how a module of kfuncs is declared", '"GPL"',
                            '"Dual MIT/GPL"')

    def test_a_callback_that_does_not_begin_with_endbr64(self) -> None:
        built = CHECKOUT / "build/stock/samples/tcp_rreno/tcp_rreno.o"
        content = built.read_bytes()
        cases = ((content, ""),
                 (content.replace(b"\xf3\x0f\x1e\xfa", b"\x0f\x1f\x40\x00"),
                  "ferrops: error: tcp_rreno: the callback behind the kfunc rreno_cong_avoid does "
                  "not begin with endbr64"))
        for content, expected in cases:
            with tempfile.TemporaryDirectory() as directory:
                changed = Path(directory) / "tcp_rreno.o"
                changed.write_bytes(content)
                done = subprocess.run([CHECKOUT / "scripts/kfuncs", self.kdir,
                                       self.kdir / "source", changed, directory],
                                      text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode != 0, bool(expected))
            self.assertIn(expected, done.stderr)

    def test_no_pahole(self) -> None:
        self.assert_refused("ferrops: error: half has kfuncs, whose prototypes pahole writes, and "
                            "there is no pahole; apt-get install pahole", "2\n", "2\n", "half",
                            "PAHOLE=/nowhere/pahole")
