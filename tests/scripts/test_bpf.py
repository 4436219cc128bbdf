# SPDX-License-Identifier: GPL-2.0-only
"""`build-bpf` on a copy of the checkout: what it makes, and what it refuses."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.build.artifacts import modules  # noqa: E402
from ferrops.check import bpf_guest  # noqa: E402
from ferrops.environment.kernel import kernel_tree  # noqa: E402
from ferrops.environment.process import output  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["rust/**", "Documentation/writing-an-algorithm.rst"]

ALGORITHM = """\
#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {{
    /// The state.
    pub struct Memory {{
        /// A number.
        pub number: u32,
    }}
}}

/// The algorithm.
pub struct Algorithm;

impl CongestionControl for Algorithm {{
    type State = Memory; {constants}

    const OPS: Ops<Self> = Ops {{
        name: "{table}",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {{ {optional} ..Optional::NONE }},
    }};
}}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {{
    {ssthresh}
}}

{more}
"""


class BpfTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        stock = kernel_tree("stock")
        cls.kdir = stock.tree / "build"
        modules(stock, "stock")
        cls.directory = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.copy = bpf_guest.copy_checkout(cls.directory)

    kdir: Path
    directory: Path
    copy: Path

    def build(self, *arguments: str | Path,
              path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, self.copy / "scripts/build-bpf", *arguments],
                              text=True, capture_output=True, check=False,
                              env={**os.environ, "PATH": path})

    def sample(self, ssthresh: str = "reno::ssthresh(sk, memory)", more: str = "",
               optional: str = "", name: str = "probe", table: str = "probe",
               constants: str = "") -> subprocess.CompletedProcess[str]:
        """Builds a sample with this code."""
        directory = bpf_guest.add_sample(self.copy, name, ALGORITHM.format(
            table=table, ssthresh=ssthresh, more=more, optional=optional, constants=constants))
        self.addCleanup(shutil.rmtree, directory)
        return self.build(self.kdir, "stock", f"tcp_{name}")

    def assert_refused(self, done: subprocess.CompletedProcess[str], message: str) -> None:
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1], f"^ferrops: error: {message}")
        self.assertFalse((self.copy / "build/bpf/probe.bpf.o").exists())

    def test_samples_build_the_same_twice(self) -> None:
        made = []
        for _ in range(2):
            done = self.build(self.kdir, "stock")
            self.assertEqual(done.returncode, 0, done.stderr)
            made.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                         for path in (self.copy / "build/bpf").rglob("*.bpf.o")
                         if path.parent.name in ("bpf", "samples")})
            # Elsewhere, and with another name.
            type(self).copy = self.copy.rename(self.directory / "moved")
        self.assertLessEqual({"rreno.bpf.o", "rcubic.bpf.o", "bpf_rcubic.bpf.o"}, set(made[0]))
        self.assertEqual(made[0], made[1])
        self.assertIn("rcubic: SNMP counters are not kept in BPF", done.stderr)
        self.assertIn("rcubic: parameters: fast_convergence, beta, ", done.stderr)

    def test_the_tutorial_builds(self) -> None:
        text = (CHECKOUT / "Documentation/writing-an-algorithm.rst").read_text()
        directory = self.copy / "samples/tcp_half"
        directory.mkdir()
        self.addCleanup(shutil.rmtree, directory)
        for name in ("half.rs", "tcp_half.rs"):
            block = re.search(rf"``{name}``::\n\n((?:\t.*\n|\n)+)", text)
            assert block
            (directory / name).write_text(re.sub(r"^\t", "", block.group(1), flags=re.MULTILINE))
        done = self.build(self.kdir, "stock", "tcp_half")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.copy / "build/bpf/half.bpf.o").exists())

    def test_what_bpf_lacks_is_said(self) -> None:
        done = self.sample(optional="init: Some(init), get_info: Some(get_info),", more="""
            struct Other;
            impl CongestionControl for Other {
                type State = Memory;
                const OPS: Ops<Self> = Ops {
                    name: "other",
                    flags: Flags::NONE,
                    control: Control::CongAvoid(reno::cong_avoid),
                    ssthresh: reno::ssthresh,
                    undo_cwnd: reno::undo_cwnd,
                    optional: Optional::NONE,
                };
            }
            fn init(sk: &mut Sock<Init<Memory>>) {
                if sk.fall_back_to::<Other>() {
                    sk.clear_ect();
                    return;
                }
                sk.state_mut().number = tcp_cc::random_below(7);
                sk.request_pacing();
            }
            fn get_info(_: &Sock<Unlocked>, _: &Memory) -> Info {
                Info::Vegas(Default::default())
            }""")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("probe: where it falls back, the kernel's reno takes over in BPF",
                      done.stderr)
        self.assertIn("probe: clearing ECT is left to the kernel in BPF", done.stderr)
        self.assertIn("probe: random numbers are those of bpf_get_prandom_u32() in BPF",
                      done.stderr)
        self.assertIn("probe: pacing is requested without a cmpxchg in BPF", done.stderr)
        self.assertIn("probe: BPF has no get_info", done.stderr)
        self.assertNotIn("SNMP", done.stderr)

    def parameters(self, name: str) -> subprocess.CompletedProcess[str]:
        """Builds a sample with a parameter of this name, and things derived from it."""
        return self.sample(
            "Ssthresh::clamped(Packets::new(Params::NAME() as u32 ^ Params::on() as u32))".replace(
                "NAME", name),
            """parameters! {
                /// The parameters.
                pub struct Params {
                    /// a "threshold", in \\ packets
                    writable NAME: i32 = -2, -5..=i32::MAX;
                    /// on or off
                    read_only on: bool = true;
                    /// nothing
                    writable zero: u32 = 0, 0..=u32::MAX;
                }
                derived {
                    /// Seven more.
                    more: u64 = |zero: u32| (zero as u64).wrapping_add(7);
                }
            }""".replace("NAME", name),
            constants="const PARAMETERS: tcp_cc::Parameters = Params::DECLARED;")

    def test_parameters_are_globals_with_bounds(self) -> None:
        # That of an accessor, which is gone when the object is finished.
        done = self.parameters("pacing_rate")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("probe: parameters: pacing_rate, on, zero\n", done.stderr)
        made = str(self.copy / "build/bpf/probe.bpf.o")
        btf = output(["bpftool", "btf", "dump", "file", made])
        ids = dict(re.findall(r"^\[(\d+)\] VAR '(\w+)'", btf, re.MULTILINE))
        tags = {(ids[variable], tag) for tag, variable in
                re.findall(r"DECL_TAG '(.*)' type_id=(\d+)", btf)}
        self.assertEqual(tags, {
            ("pacing_rate", "parameter int -5 2147483647"),
            ("pacing_rate", "about a \"threshold\", in \\ packets"),
            ("on", "parameter bool 0 1"), ("on", "about on or off"),
            ("zero", "parameter uint 0 4294967295"), ("zero", "about nothing"),
            ("more", "derived")})
        sections = dict(re.findall(r"DATASEC '(\S+)'.*\n((?:\s+type_id=.*\n)+)", btf + "\n"))
        self.assertEqual(re.findall(r"VAR '(\w+)'", sections[".data"]),
                         ["pacing_rate", "zero", "more"])
        self.assertEqual(re.findall(r"VAR '(\w+)'", sections[".rodata"]), ["on"])
        content = self.directory / "data"
        output(["llvm-objcopy", f"--dump-section=.data={content}", made, "/dev/null"])
        self.assertEqual(content.read_bytes().hex(), "feffffff" "00000000" "0700000000000000")

    def test_a_parameter_with_the_name_of_a_program(self) -> None:
        self.assert_refused(self.parameters("undo_cwnd"),
                            "probe: a parameter cannot be called undo_cwnd in BPF")

    def test_a_panic(self) -> None:
        self.assert_refused(self.sample("Ssthresh::clamped(sk.snd_cwnd() / (1 / memory.number))"),
                            r"probe: ssthresh can panic at samples/tcp_probe/probe\.rs:31:\d+ "
                            r"\(panic_const_div_by_zero\); .*checked_div")

    def test_an_overflow(self) -> None:
        self.assert_refused(self.sample("memory.number += 1; reno::ssthresh(sk, memory)"),
                            r"probe: ssthresh can panic at samples/tcp_probe/probe\.rs:31:\d+ "
                            r"\(panic_const_add_overflow\)")

    def test_too_long_a_name(self) -> None:
        self.assert_refused(self.sample(table="a-dozen-char"),
                            "a-dozen-char: the name of the BPF form, a_dozen_char_bpf, has 16 "
                            "bytes, and 15 are allowed; choose a name of at most 11")

    def test_a_name_that_just_fits(self) -> None:
        done = self.sample(table="eleven-char")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("eleven-char: built as eleven_char_bpf", done.stderr)

    def test_too_much_stack(self) -> None:
        self.assert_refused(
            self.sample("""let mut numbers = [0u64; 64];
                let mut i = 0;
                while i < 8 {
                    numbers[(sk.snd_nxt().get() & 63) as usize] = u64::from(memory.number);
                    numbers[(sk.snd_una().get() & 63) as usize] ^= 1;
                    i += 1;
                }
                numbers[0] = 1;
                memory.number = numbers[(sk.rcv_nxt().get() & 63) as usize] as u32;
                reno::ssthresh(sk, memory)"""),
            "probe: ssthresh: more than the 512 bytes of stack")

    def test_a_function_that_the_glue_lacks(self) -> None:
        header = self.copy / "rust/tcp_cc/backend/bpf.h"
        text = header.read_text()
        self.addCleanup(header.write_text, text)
        header.write_text(text.replace("u32 random_u32(void)", "u32 other(void)"))
        self.assert_refused(
            self.sample("memory.number = tcp_cc::random_below(7); reno::ssthresh(sk, memory)"),
            "probe: ssthresh calls random_u32, which BPF does not have")

    def test_128_bits(self) -> None:
        self.assert_refused(
            self.sample("""let n = u128::from(sk.tcp_clock_cache().get());
                memory.number = (n.wrapping_mul(n).wrapping_mul(n) >> 90) as u32;
                reno::ssthresh(sk, memory)"""),
            "probe: ssthresh.*__multi3")

    def test_recursion(self) -> None:
        self.assert_refused(
            self.sample("memory.number = depth(sk.snd_nxt().get()); reno::ssthresh(sk, memory)",
                        """fn depth(n: u32) -> u32 {
                            if n < 2 { n } else { depth(n / 2) ^ depth(n / 3) }
                        }"""),
            "probe: .*depth is not inlined")

    def test_a_table_of_functions(self) -> None:
        self.assert_refused(
            self.sample("memory.number = CHOICE.get(memory.number)(sk); "
                        "reno::ssthresh(sk, memory)",
                        """static CHOICE: tcp_cc::LookupTable<fn(&Sock) -> u32, 4> =
                            tcp_cc::LookupTable::new([a, b, a, b]);
                        fn a(sk: &Sock) -> u32 { sk.mss_cache().get() }
                        fn b(sk: &Sock) -> u32 { sk.snd_wnd().get() }"""),
            "probe: ssthresh: CHOICE has addresses in it, of functions, texts or others, which BPF "
            "cannot have")

    def test_a_table_of_texts(self) -> None:
        self.assert_refused(
            self.sample("""let word = WORDS[(sk.snd_nxt().get() & 1) as usize];
                memory.number = word.len() as u32;
                reno::ssthresh(sk, memory)""",
                        'static WORDS: [&str; 2] = ["slow", "start"];'),
            "probe: ssthresh: WORDS has addresses in it")

    def test_a_table_of_references(self) -> None:
        self.assert_refused(
            self.sample("memory.number = *GAINS.get(memory.number); reno::ssthresh(sk, memory)",
                        """static GAINS: tcp_cc::LookupTable<&u32, 4> =
                            tcp_cc::LookupTable::new([&5, &3, &4, &4]);"""),
            "probe: ssthresh: GAINS has addresses in it")

    def test_a_constant_table_of_references(self) -> None:
        self.assert_refused(
            self.sample("memory.number = *GAINS.get(memory.number); reno::ssthresh(sk, memory)",
                        """const GAINS: tcp_cc::LookupTable<&u32, 4> =
                            tcp_cc::LookupTable::new([&5, &3, &4, &4]);"""),
            "probe: ssthresh: a constant has addresses in it")

    def test_floating_point(self) -> None:
        for code in ("(f64::from(sk.snd_cwnd().get()) * 0.7) as u32",
                     "(memory.number as f32) as u32",
                     "(f64::from_bits(sk.snd_nxt().get().into()) % 3.0).to_bits() as u32"):
            with self.subTest(code):
                self.assert_refused(
                    self.sample(f"memory.number = {code}; reno::ssthresh(sk, memory)"),
                    "probe: ssthresh: floating point, which BPF does not have")
                self.doCleanups()

    def test_an_atomic(self) -> None:
        self.assert_refused(
            self.sample("""memory.number = u32::from(SHARED.load(Ordering::Acquire).is_null());
                SHARED.store(sk.snd_nxt().get() as usize as *mut u32, Ordering::Release);
                reno::ssthresh(sk, memory)""",
                        """use core::sync::atomic::{AtomicPtr, Ordering};
                        static SHARED: AtomicPtr<u32> = AtomicPtr::new(core::ptr::null_mut());"""),
            "probe: ssthresh: an atomic that BPF does not have")

    def test_a_callback_that_the_kernel_has_otherwise(self) -> None:
        source = self.copy / "rust/tcp_cc/callbacks.rs"
        text = source.read_text()
        self.addCleanup(source.write_text, text)
        self.assertIn('u32 = "u32";', text)
        source.write_text(text.replace('u32 = "u32";', 'u32 = "s32";'))
        done = self.sample()
        self.assertIn("the kernel's ssthresh has another prototype", done.stderr)
        self.assert_refused(done, "probe: the glue does not compile for this kernel")

    def test_code_that_does_not_compile(self) -> None:
        done = self.sample("sk.nothing()")
        self.assertIn("no method named `nothing`", done.stderr)
        self.assert_refused(done, r"samples/tcp_probe/tcp_probe\.rs does not compile for BPF")

    def test_another_llvm(self) -> None:
        fake = self.directory / "bin"
        fake.mkdir()
        (fake / "rustc").write_text("#!/bin/sh\necho 'LLVM version: 9999.0'\n")
        (fake / "rustc").chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", "from ferrops.build import bpf; bpf.llvm('clang')"],
            text=True, capture_output=True, check=False,
            env={**os.environ, "PATH": f"{fake}:{os.environ['PATH']}",
                 "PYTHONPATH": str(self.copy / "scripts")})
        self.assertRegex(done.stderr, r"rustc is built with LLVM 9999, but clang is of LLVM \d+; "
                         "install clang-9999")

    def test_wrong_input(self) -> None:
        for arguments, message in (
                ((self.kdir / "nowhere", "stock"), ".*has no vmlinux"),
                ((self.kdir, "nowhere"), ".*build the modules first"),
                ((self.kdir, "stock", "tcp_none"), "samples/tcp_none is not a module")):
            done = self.build(*arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
            self.assertRegex(done.stderr, f"^ferrops: error: {message}")


if __name__ == "__main__":
    unittest.main()
