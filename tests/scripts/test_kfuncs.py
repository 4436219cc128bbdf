# SPDX-License-Identifier: GPL-2.0-only
"""Kfuncs that do not build, and what is said of them."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from collections.abc import Iterable
from pathlib import Path

from ferrops.build.artifacts import modules
from ferrops.build.kernel_sources import kernel_types
from ferrops.environment.checkout import copied
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["Kbuild", "rust/**", "tests/guest/modules/**", "tests/kfunc/*.rs",
         "Documentation/kfuncs.rst"]

MODULE = """\
// SPDX-License-Identifier: GPL-2.0-only

//! A module to be broken.

use tcp_cc::prelude::*;

ferrops::kfuncs! {
    KFUNCS;

    /// Half of the window, in packets.
    #[kfunc(tcp_congestion_ops)]
    pub fn half_window(sk: &mut Sock) -> u32 {
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

FUNCTION = """fn half_window(sk: &mut Sock) -> u32 {
        sk.snd_cwnd().get() / 2"""



def many(function: str, types: tuple[str, ...]) -> str:
    """A module with a function for each of some types."""
    functions = "".join("    /// One of many.\n    #[kfunc(tcp_congestion_ops)]\n    pub " +
                        function.format(number, number, name) + "\n\n"
                        for number, name in enumerate(types))
    start = MODULE.index("    /// Half")
    return MODULE[:start] + functions + MODULE[MODULE.index("}\n\nferrops::module"):]


def type_ids(module: str, work: Path) -> dict[str, int]:
    """The type ids that rustc gives a module's kfuncs on a kernel with CONFIG_CFI."""
    build = CHECKOUT / "build/stock"
    saved = build / Path(module).parent / f".{Path(module).name}.o.cmd"
    words = shlex.split(saved.read_text().splitlines()[0].partition(" := ")[2])
    program, out = words.index("rustc"), words.index("--out-dir")
    made = work / "module.ll"
    command = [word for index, word in enumerate(words[program:-1], program)
               if index not in (out, out + 1) and not word.startswith("--emit=")]
    env = dict(word.split("=", 1) for word in words[:program])
    subprocess.run([*command, "-Zsanitizer=kcfi", "-Zsanitizer-cfi-normalize-integers",
                    f"--emit=llvm-ir={made}", f"{CHECKOUT}/{module}.rs"], cwd=build, check=True,
                   env={**os.environ, **env, "RUSTC_BOOTSTRAP": "1",
                        "FERROPS_KFUNCS": str(build / "rust/kfuncs")})
    text = made.read_text()
    ids = {node: int(value) % (1 << 32)
           for node, value in re.findall(r"^(!\d+) = !\{i32 (-?\d+)\}$", text, re.MULTILINE)}
    found = {name: ids[node] for name, node in
             re.findall(r"^define .*@(\w+)\(.*!kcfi_type (!\d+)", text, re.MULTILINE)}
    # Another name of a callback is none in the compiler's eyes.
    found |= {name: found[callback] for name, callback in
              re.findall(r"\.set (\w+), (\w+)", text)}
    header = (build / f"rust/kfuncs/{Path(module).name}_kfuncs.h").read_text()
    return {name: found[name] for name in re.findall(r"(\w+)\(.*\) FERROPS_KSYM;", header)}


def type_ids_in_c(header: Path, names: Iterable[str], work: Path) -> dict[str, int]:
    """The type ids that clang wants of these functions where it calls them through a pointer."""
    declared = re.findall(r"^(extern .*) FERROPS_KSYM;$", header.read_text(), re.MULTILINE)
    source, made = work / "table.c", work / "table.o"
    source.write_text("".join(['#include "vmlinux.h"\n', *(f"{line};\n" for line in declared),
                               f"const void *const table[] = {{ {', '.join(names)} }};\n"]))
    subprocess.run(["clang", "--target=x86_64-linux-gnu", "-c", source, "-o", made,
                    "-I", kernel_types(kernel_tree("stock").tree / "build"), "-fsanitize=kcfi",
                    "-fsanitize-cfi-icall-experimental-normalize-integers", "-w"], check=True)
    symbols = subprocess.run(["nm", made], text=True, capture_output=True, check=True).stdout
    return {name: int(value, 16) for value, name in
            re.findall(r"^(\w+) \w __kcfi_typeid_(\w+)$", symbols, re.MULTILINE)}


class KfuncsTest(unittest.TestCase):
    """Builds of a copy of the checkout with one more module."""

    copy: Path
    kdir: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.copy = Path(tempfile.mkdtemp()) / "copy"
        cls.addClassCleanup(shutil.rmtree, cls.copy.parent)
        copied(cls.copy, "samples")
        cls.kdir = kernel_tree("stock").tree / "build"

    def build(self, text: str, name: str = "half", *arguments: str,
              others: dict[str, str] | None = None) -> str:
        """Builds the module and no others but these; what was said, if it does not build."""
        shutil.rmtree(self.copy / "samples", ignore_errors=True)
        for module, content in {name: text, **(others or {})}.items():
            sample = self.copy / "samples" / module
            sample.mkdir(parents=True)
            (sample / f"{module}.rs").write_text(content)
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
        sample = CHECKOUT / "tests/guest/modules/tcp_rtaken.rs"
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
                          "sk__nullable: &tcp_cc::Sock<tcp_cc::context::Unlocked>")
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
        algorithm = (CHECKOUT / "tests/guest/modules/tcp_rtaken.rs").read_text()
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
                               ("get_info", "cannot find value `get_info` in module "
                                            ".*members_of_programs")):
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
                            "Sock) -> u32 {\n        sk.snd_cwnd().get() / 2",
                            "#[kfunc(tcp_ops)]\n    pub fn half_window(a: u32) -> u32 {\n"
                            "        a / 2")

    def test_types_that_cannot_cross(self) -> None:
        taken = ("&[u8]", "&str", "f64", "u128", "char", "*const u8", "usize", "Cwnd",
                 "Option<&mut Sock>", "Sock")
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
                            "sk: &mut Sock",
                            "sk: &mut Sock, a: u32, b: u32, c: u32, d: u32, e: u32")

    def test_what_is_no_kfunc(self) -> None:
        for old, new in (("pub fn", "pub unsafe fn"),
                         ("pub fn half_window(", "pub fn half_window<T>("),
                         ("#[kfunc(tcp_congestion_ops)]", ""), ("KFUNCS;", "")):
            self.assert_refused("these are not kfuncs", old, new)

    def test_panics(self) -> None:
        self.assert_refused(r"half\.ko can panic: half_window", "sk.snd_cwnd().get() / 2",
                            "100 / sk.mss_cache().get()")
        # One to which no table of the module has a pointer.
        self.assertEqual(self.build(MODULE.replace("tcp_congestion_ops", "syscall").replace(
            FUNCTION, "fn half_window(a: u32) -> u32 {\n        a / 2")), "")
        self.assertIn("half.ko can panic: half_window", self.build(MODULE.replace(
            "tcp_congestion_ops", "syscall").replace(
            FUNCTION, "fn half_window(a: u32) -> u32 {\n        100 / a")))

    def test_stack(self) -> None:
        for expected, function in (
                (r"half\.ko: the callback half_window takes \d+ bytes of stack, more than 512",
                 """fn half_window(sk: &mut Sock) -> u32 {
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

    def test_what_rust_may_not_call(self) -> None:
        user = MODULE.replace("half", "user").replace("ferrops::kfuncs!", """mod half {
    ferrops::import_kfuncs!(half);
}

ferrops::kfuncs!""").replace("sk.snd_cwnd().get() / 2", "half::half_window(sk)")
        self.assertEqual(self.build(MODULE, others={"user": user}), "")
        for flag in ("KF_SLEEPABLE", "KF_RCU_PROTECTED"):
            said = self.build(MODULE.replace("(tcp_congestion_ops)",
                                             f"(tcp_congestion_ops; {flag})"),
                              others={"user": user})
            self.assertIn("cannot find function `half_window` in module `half`", said)
            self.assertIn(f"#[cfg(any())] // not for Rust: {flag}: nobody checks that a caller in "
                          "Rust may call it", said)

    def test_a_symbol_stands_for_the_declarations(self) -> None:
        module = MODULE.replace("sk.snd_cwnd().get() / 2", "1")
        found = []
        for old, new in (("", ""), ("/// Half of", "/// A half of"), ("1\n", "2\n"),
                         ("-> u32", "-> u64"), ("sk: &mut", "so: &mut"),
                         ("half_window", "half_win"), ("_ops)", "_ops; KF_PERFMON)")):
            self.assertEqual(self.build(module.replace(old, new)), "")
            found.append(self.symbol())
        self.assertEqual(len(set(found[:3])), 1, found)
        self.assertEqual(len(set(found)), 5, found)

    def symbol(self) -> str:
        """The symbol of the declarations of the module that was built, which is exported."""
        kfuncs = self.copy / "build/out/rust/kfuncs"
        found = re.search(r"EXPORT_SYMBOL_GPL\((half_kfuncs_\w+)\);",
                          (kfuncs / "half_kfuncs.c").read_text())
        assert found
        for suffix in ("h", "rs"):
            self.assertIn(found.group(1), (kfuncs / f"half_kfuncs.{suffix}").read_text())
        return found.group(1)

    def test_a_kernel_whose_filters_know_no_kfunc(self) -> None:
        module = CHECKOUT / "build/stock/samples/tcp_rdctcp/tcp_rdctcp.o"
        with tempfile.TemporaryDirectory() as directory:
            headers = Path(directory) / "include/linux"
            headers.mkdir(parents=True)
            shutil.copy(self.kdir / "source/include/linux/btf.h", headers)
            (headers / "bpf_verifier.h").touch()
            done = subprocess.run([CHECKOUT / "scripts/kfuncs", self.kdir, directory, module,
                                   directory], text=True, capture_output=True, check=True)
            unit = (Path(directory) / "tcp_rdctcp_kfuncs.c").read_text()
        self.assertIn("ferrops: tcp_rdctcp: BPF cannot call rdctcp_init, ", done.stderr)
        self.assertIn("EXPORT_SYMBOL_GPL(rdctcp_init);", unit)
        self.assertNotIn("BTF_ID_FLAGS(func, rdctcp_init,", unit)
        self.assertIn("BTF_ID_FLAGS(func, rdctcp_ssthresh,", unit)

    def test_kcfi_takes_the_functions_for_their_prototypes(self) -> None:
        modules(kernel_tree("stock"), "stock", "FERROPS_TESTS=y")
        for module in ("tests/kfunc/tcp_rkinds", "samples/tcp_rdctcp/tcp_rdctcp",
                       "samples/tcp_rcubic/tcp_rcubic", "samples/tcp_rbbr/tcp_rbbr",
                       "samples/tcp_rparts/tcp_rparts"):
            with self.subTest(module), tempfile.TemporaryDirectory() as directory:
                ours = type_ids(module, Path(directory))
                header = CHECKOUT / f"build/stock/rust/kfuncs/{Path(module).name}_kfuncs.h"
                self.assertEqual(ours, type_ids_in_c(header, ours, Path(directory)))

    def test_no_pahole(self) -> None:
        self.assert_refused("ferrops: error: half has kfuncs, whose prototypes pahole writes, and "
                            "there is no pahole; apt-get install pahole", "2\n", "2\n", "half",
                            "PAHOLE=/nowhere/pahole")
