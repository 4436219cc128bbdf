# SPDX-License-Identifier: GPL-2.0-only
"""The scripts' answers to wrong input, and what they compute."""

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.build.artifacts import modules  # noqa: E402
from ferrops.environment import cache, kernel_trees, packages, process, stock_kernel  # noqa: E402
from ferrops.environment.checkout import copied  # noqa: E402
from ferrops.environment.kernel import kernel_tree  # noqa: E402
from ferrops.guest import reports  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["Kbuild", "Makefile", "rust/**", "Documentation/writing-an-algorithm.rst"]


def script(name: str, *arguments: str | Path,
           environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs one of our scripts."""
    return subprocess.run([CHECKOUT / "scripts" / name, *arguments], text=True, check=False,
                          capture_output=True, env={**os.environ, **(environment or {})})


class CacheTest(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.was = cache.cache
        cache.cache = lambda: self.directory

    def tearDown(self) -> None:
        cache.cache = self.was

    def test_entry_is_made_once(self) -> None:
        made = []

        def make(half: Path) -> None:
            made.append(half)
            (half / "file").write_text("x")
        first = cache.cached("entry", "it", make)
        self.assertEqual(first, cache.cached("entry", "it", make))
        self.assertEqual(len(made), 1)
        self.assertEqual((first / "file").read_text(), "x")

    def test_a_key_depends_on_code_and_not_on_comments(self) -> None:
        def key(text: str, name: str = "recipe.py") -> str:
            (self.directory / name).write_text(text)
            return cache.digest(self.directory / name)
        first = key('"""Makes it."""\n\ndef make():\n    """Does so."""\n    return 1\n')
        self.assertEqual(first, key('# New.\n"""Made."""\ndef make():\n    """Now."""\n'
                                    '    return 1  # One.\n'))
        self.assertNotEqual(first, key('"""Makes it."""\n\ndef make():\n    return 2\n'))
        self.assertNotEqual(first, key('def make():\n    return helper()\ndef helper():\n'
                                       '    return 1\n'))
        self.assertNotEqual(key("true\n", "init.sh"), key("# New.\ntrue\n", "init.sh"))

    def test_who_makes_an_entry_names_its_own_file(self) -> None:
        makers = [path for path in (CHECKOUT / "scripts/ferrops").rglob("*.py")
                  if re.search(r"^ .*\bcached\(f", path.read_text(), re.MULTILINE)]
        self.assertGreater(len(makers), 4)
        for path in makers:
            self.assertTrue("Path(__file__)" in path.read_text(), path)

    def test_interrupted_make_leaves_no_entry_and_the_next_one_works(self) -> None:
        def interrupted(half: Path) -> None:
            (half / "rubbish").write_text("x")
            raise KeyboardInterrupt
        with self.assertRaises(KeyboardInterrupt):
            cache.cached("entry", "it", interrupted)
        self.assertEqual(list(self.directory.glob("half-*")), [])
        entry = cache.cached("entry", "it", lambda half: None)
        self.assertEqual(list(entry.iterdir()), [])

    def test_what_a_killed_run_left_goes_unless_somebody_is_at_it(self) -> None:
        for name in ("half-dead-1", "half-busy-1", "half-root.abc", "locks"):
            (self.directory / name).mkdir()
        (self.directory / "half-dead-1/file").write_text("x")
        for name in ("dead-1", "busy-1", "root"):
            (self.directory / "locks" / name).touch()
        with cache.locked(self.directory / "locks/busy-1", "making it"):
            cache.cached("entry", "it", lambda half: None)
        self.assertEqual({path.name for path in self.directory.glob("half-*")},
                         {"half-busy-1", "half-root.abc"})
        cache.cached("entry", "it", lambda half: self.fail("it is there"))
        self.assertEqual({path.name for path in self.directory.glob("half-*")}, {"half-root.abc"})

    def test_long_steps_are_spoken_of(self) -> None:
        said: list[str] = []
        tick = threading.Event()

        def say(text: str) -> None:
            said.append(text)
            tick.set()
        was = process.say, process.INTERVAL, process.waits
        process.say, process.INTERVAL, process.waits = say, 0.01, {}
        try:
            with process.waiting("outer"), process.waiting("inner"):
                tick.wait()
            tick.clear()
            inner = list(said)
            with process.waiting("outer"):
                tick.wait()
        finally:
            process.say, process.INTERVAL, process.waits = was
        self.assertRegex("\n".join(inner), r"^(  outer: inner: 0 s\n?)+$")
        self.assertRegex(said[-1], r"^  outer: 0 s$")

    def test_failed_make_leaves_its_log_alone(self) -> None:
        def failed(half: Path) -> None:
            (half / "rubbish").write_text("x")
            process.logged(["sh", "-c", "echo error: no; exit 1"], half / "log", "trying")
        with self.assertRaises(process.Failure) as raised:
            cache.cached("entry", "it", failed)
        log = re.search(r"^trying failed: error: no \(log: (.*)\)$", str(raised.exception))
        assert log
        self.assertEqual(Path(log.group(1)).read_text(), "error: no\n")
        self.assertEqual({path.name for path in self.directory.iterdir()}, {"locks", "failed.log"})

    def test_full_disk_is_named(self) -> None:
        log = self.directory / "log"
        log.write_text(f"a\ncp: b: {os.strerror(errno.ENOSPC)}\nmake: *** [c] Error 1\n")
        self.assertEqual(process.first_error(log), process.DISK_FULL)

    def test_two_at_once_make_it_once(self) -> None:
        made = []

        def make(half: Path) -> None:
            made.append(half)
            time.sleep(0.2)
        threads = [threading.Thread(target=cache.cached, args=("entry", "it", make))
                   for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(made), 1)


class CheckEnvTest(unittest.TestCase):
    """`make check-env KDIR=...` on copies of the stock tree with a piece missing."""

    def setUp(self) -> None:
        self.kdir = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.kdir)
        build = kernel_tree("stock").tree / "build"
        for name in (".config", "include/config/auto.conf", "rust/libkernel.rmeta",
                     "Module.symvers", "vmlinux"):
            (self.kdir / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(build / name, self.kdir / name)

    def missing(self) -> list[str]:
        done = script("kernel-tree", "check", self.kdir)
        self.assertEqual(done.returncode, 1 if "missing: " in done.stdout else 0)
        return re.findall(r"^missing: (.*)$", done.stdout, re.MULTILINE)

    def replace(self, old: str, new: str) -> None:
        config = self.kdir / ".config"
        text = config.read_text()
        self.assertIn(old, text)
        config.write_text(text.replace(old, new))

    def test_nothing_is_missing(self) -> None:
        self.assertEqual(self.missing(), [])

    def test_each_missing_piece_is_one_line(self) -> None:
        for name, remedy in (("include/config/auto.conf", "run 'make modules_prepare'"),
                             ("rust/libkernel.rmeta", "rust/libkernel.rmeta.*KVER"),
                             ("Module.symvers", "no Module.symvers; build the kernel"),
                             ("vmlinux", "no vmlinux.*build the kernel there")):
            (self.kdir / name).rename(self.kdir / "away")
            found = self.missing()
            (self.kdir / "away").rename(self.kdir / name)
            self.assertEqual(len(found), 1, found)
            self.assertRegex(found[0], remedy)

    def test_a_source_that_is_gone(self) -> None:
        (self.kdir / "source").symlink_to(self.kdir / "nowhere")
        found = self.missing()
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], r"was built from .*/nowhere, which is gone; ")

    def test_the_source_alone_is_unpacked_again(self) -> None:
        tree = self.kdir / "tree"
        (tree / "build").mkdir(parents=True)
        source = self.kdir / "unpacked"
        (tree / "build/source").symlink_to(source)
        unpack = mock.patch.object(kernel_trees, "unpacked", lambda packages: source.mkdir())
        unpack.start()
        self.addCleanup(unpack.stop)
        kver = packages.installed_kernel()
        self.assertEqual(kernel_trees.with_source(tree, kver), tree)
        self.assertTrue(source.is_dir())
        # Once is enough.
        self.assertEqual(kernel_trees.with_source(tree, kver), tree)

    def test_kernel_without_rust(self) -> None:
        self.replace("CONFIG_RUST=y", "# CONFIG_RUST is not set")
        self.assertRegex(self.missing()[0], "built without CONFIG_RUST")

    def test_another_rustc(self) -> None:
        self.replace('CONFIG_RUSTC_VERSION_TEXT="rustc 1.', 'CONFIG_RUSTC_VERSION_TEXT="rustc 9.')
        found = self.missing()
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], "built with 'rustc 9.*but rustc here is")

    def test_kernel_without_btf(self) -> None:
        self.replace("CONFIG_DEBUG_INFO_BTF=y", "# CONFIG_DEBUG_INFO_BTF is not set")
        (self.kdir / "vmlinux").unlink()
        self.assertEqual(self.missing(), [])

    def test_missing_tools(self) -> None:
        tools = self.kdir / "tools"
        tools.mkdir()
        for name in ("bash", "env", "python3", "realpath", "sh"):
            path = shutil.which(name)
            assert path
            (tools / name).symlink_to(path)
        done = subprocess.run([CHECKOUT / "scripts/kernel-tree", "check", self.kdir],
                              env={"PATH": str(tools), "HOME": "/tmp"}, text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        for tool in ("rustc", "bindgen", "pahole", "bpftool"):
            self.assertRegex(done.stdout, f"missing: {tool} is missing; .*install")

    def test_wrong_directories(self) -> None:
        for wrong, message in ((self.kdir / "nowhere", "is not a directory"),
                               (self.kdir / "rust", "no .config")):
            done = script("kernel-tree", "check", wrong)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn(message, done.stderr)


class ProofTest(unittest.TestCase):
    """A build tree has to be the shipped kernel's."""

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.packages = packages.Packages(packages.installed_kernel())
        build = kernel_tree("stock").tree / "build"
        self.build = self.directory / "build"
        (self.build / "include/config").mkdir(parents=True)
        shutil.copy(build / "include/config/auto.conf", self.build / "include/config")
        (self.build / "rust").mkdir()
        for header in (build / "rust").glob("exports_*_generated.h"):
            shutil.copy(header, self.build / "rust")

    def append(self, name: str, text: str) -> None:
        path = self.build / name
        path.write_text(path.read_text() + text)

    def test_the_stock_tree_is_proved(self) -> None:
        stock_kernel.prove(self.packages, self.build)

    def test_another_configuration_is_refused(self) -> None:
        self.append("include/config/auto.conf", "CONFIG_SOMETHING=y\n")
        with self.assertRaisesRegex(process.Failure, "configuration.*CONFIG_SOMETHING=y"):
            stock_kernel.prove(self.packages, self.build)

    def test_an_unknown_rust_symbol_is_refused(self) -> None:
        self.append("rust/exports_kernel_generated.h", "EXPORT_SYMBOL_RUST_GPL(_RNvOther);\n")
        with self.assertRaisesRegex(process.Failure, r"1 of \d+ Rust symbols.*_RNvOther"):
            stock_kernel.prove(self.packages, self.build)

    def test_no_rust_symbols_at_all_are_refused(self) -> None:
        shutil.rmtree(self.build / "rust")
        with self.assertRaisesRegex(process.Failure, "0 of 0 Rust symbols"):
            stock_kernel.prove(self.packages, self.build)

    def test_packages_of_unequal_versions_are_refused(self) -> None:
        was = packages.version_of
        with mock.patch.object(packages, "version_of",
                               lambda package: "1" if "source" in package else was(package)), \
                self.assertRaisesRegex(process.Failure, "linux-source-.* is 1, but the headers"):
            packages.Packages(self.packages.kver)

    def test_absent_packages_are_named(self) -> None:
        with self.assertRaisesRegex(process.Failure, "apt-get install linux-headers-9.9.9 "
                                    "linux-source-9.9 linux-image-9.9.9"):
            packages.Packages("9.9.9")


class BuildTest(unittest.TestCase):
    """`build-modules` on a copy of the checkout, so that it may be broken."""

    copy: Path
    kdir: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.copy = Path(tempfile.mkdtemp()) / "copy"
        cls.addClassCleanup(shutil.rmtree, cls.copy.parent)
        copied(cls.copy)
        cls.kdir = kernel_tree("stock").tree / "build"
        done = cls.build()
        if done.returncode:
            raise AssertionError(done.stderr)
        shutil.copytree(cls.copy, cls.copy.with_name("built"), symlinks=True)

    def setUp(self) -> None:
        # At the same path, and as old.
        shutil.rmtree(self.copy)
        shutil.copytree(self.copy.with_name("built"), self.copy, symlinks=True)

    @classmethod
    def build(cls, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([cls.copy / "scripts/build-modules", cls.kdir, "out", *arguments],
                              text=True, capture_output=True, check=False)

    def steps(self) -> set[str]:
        """The objects that a build compiles."""
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        return set(re.findall(r"^  (?:RUSTC|CC|BINDGEN)(?: L| \[M\])?\s+(\S+)$", done.stdout,
                              re.MULTILINE)) - {".module-process.o"}

    def edit(self, name: str) -> None:
        path = self.copy / name
        path.write_text(path.read_text() + "\n// An edit.\n")

    def test_what_an_edit_rebuilds(self) -> None:
        self.assertEqual(self.steps(), set())
        self.edit("samples/tcp_rreno/rreno.rs")
        self.assertEqual(self.steps(), {"samples/tcp_rreno/tcp_rreno.o",
                                        "rust/kfuncs/tcp_rreno_kfuncs.o"})
        self.edit("rust/tcp_cc/time.rs")
        samples = {f"samples/{path.stem}/{path.stem}.o"
                   for path in (self.copy / "samples").glob("*/*.rs")
                   if path.stem == path.parent.name}
        # The kfuncs of those that have some too, and what uses their declarations.
        kfuncs = {f"rust/kfuncs/{Path(name).stem}_kfuncs" for name in samples}
        samples |= {f"{name}.o" for name in kfuncs
                    if (self.copy / f"build/out/{name}.c").exists()}
        self.assertEqual(self.steps(),
                         {"rust/libtcp_cc.rmeta", "rust/libferrops.rmeta",
                          "samples/tcp_crcubic/tcp_crcubic.o", *samples})

    def test_the_tutorial_builds(self) -> None:
        text = (CHECKOUT / "Documentation/writing-an-algorithm.rst").read_text()
        sample = self.copy / "samples/tcp_half"
        sample.mkdir()
        for name in ("half.rs", "tcp_half.rs"):
            block = re.search(rf"``{name}``::\n\n((?:\t.*\n|\n)+)", text)
            assert block
            (sample / name).write_text(re.sub(r"^\t", "", block.group(1), flags=re.MULTILINE))
        # What it shows of parameters, and the line that makes them the module's.
        block = re.search(r"a function of each::\n\n((?:\t.*\n|\n)+)", text)
        assert block
        half = (sample / "half.rs").read_text()
        declared = "    const PARAMETERS: tcp_cc::Parameters = Params::DECLARED;\n"
        half = half.replace("    type State", declared + "    type State")
        half += re.sub(r"^\t", "", block.group(1), flags=re.MULTILINE)
        (sample / "half.rs").write_text(half)
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.copy / "build/out/tcp_half.ko").exists())

    def test_a_sample_that_does_not_compile(self) -> None:
        source = self.copy / "samples/tcp_rreno/rreno.rs"
        source.write_text(source.read_text().replace("sk.snd_cwnd() / 2", "sk.nothing()"))
        done = self.build()
        self.assertEqual(done.returncode, 1)
        self.assertIn("no method named `nothing`", done.stderr)
        self.assertIn("do not build", done.stderr.splitlines()[-1])

    def test_a_module_is_one_self_contained_file(self) -> None:
        for ko in sorted((self.copy / "build/out").glob("tcp_r*.ko")):
            done = subprocess.run(["modinfo", "--field=depends", ko], text=True,
                                  capture_output=True, check=True)
            self.assertEqual(done.stdout.strip(), "", ko.name)

    def test_debug_information_is_there_if_it_is_wanted(self) -> None:
        module = self.copy / "build/out/tcp_rreno.ko"

        def sections() -> str:
            return process.output(["readelf", "--section-headers", "--wide", str(module)])
        self.assertNotIn(".debug_info", sections())
        for arguments, wanted in ((["DEBUG=y"], True), (["DEBUG=y"], True), ([], False)):
            done = self.build(*arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(".debug_info" in sections(), wanted)

    def test_what_is_refused_once_is_refused_again(self) -> None:
        source = self.copy / "samples/tcp_rreno/rreno.rs"
        source.write_text(source.read_text().replace("sk.snd_cwnd() / 2",
                                                     "Packets::new(7 / sk.rcv_nxt().get())"))
        for _ in range(2):
            done = self.build()
            self.assertEqual(done.returncode, 1)
            self.assertIn("tcp_rreno.ko can panic", done.stderr)

    def test_layout_is_checked_against_the_kernel(self) -> None:
        generated = self.copy / "build/out/rust/layout_generated.rs"
        text = generated.read_text()
        for name in ("tcp_sock, snd_cwnd", "inet_connection_sock, icsk_ca_priv",
                     "tcp_congestion_ops, ssthresh", "rate_sample, delivered"):
            self.assertIn(f"offset_of!(super::{name})", text)
        # Bindings for a header in which tcp_sock is laid out otherwise.
        bindings = self.copy / "build/out/rust/bindings_generated.rs"
        text = bindings.read_text()
        self.assertIn("    pub snd_cwnd: u32_,\n", text)
        bindings.write_text(text.replace("    pub snd_cwnd: u32_,\n", "    pub snd_cwnd: u64_,\n"))
        done = self.build()
        self.assertEqual(done.returncode, 1)
        self.assertIn("tcp_sock.snd_cwnd: offset differs from the kernel's", done.stderr)


class ReportsTest(unittest.TestCase):
    """The search of a console for reports. Whether kernels say these things is tested by the
    seeded bugs, with `check seeded`."""

    def kinds(self, console: str) -> list[str]:
        return [report.kind for report in reports.search(console)]

    def test_first_lines(self) -> None:
        for kind, line in (
                ("kasan", "BUG: KASAN: slab-out-of-bounds in plant+0x1/0x2 [m]"),
                ("cfi", "CFI failure at plant+0x1/0x2 [m] (target: f+0x0/0x1; expected type: 0x1)"),
                ("ubsan", "UBSAN: shift-out-of-bounds in net/ipv4/tcp_x.c:24:13"),
                ("lockdep", "WARNING: possible circular locking dependency detected"),
                ("lockdep", "WARNING: possible recursive locking detected"),
                ("lockdep", "WARNING: possible irq lock inversion dependency detected"),
                ("lockdep", "WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected"),
                ("lockdep", "WARNING: inconsistent lock state"),
                ("lockdep", "WARNING: bad unlock balance detected!"),
                ("lockdep", "WARNING: held lock freed!"),
                ("lockdep", "WARNING: insmod/47 still has locks held!"),
                ("lockdep", "WARNING: lock held when returning to user space!"),
                ("lockdep", "[ BUG: Invalid wait context ]"),
                ("lockdep", "BUG: MAX_LOCKDEP_CHAINS too low!"),
                ("lockdep", "BUG: spinlock bad magic on CPU#0, insmod/47"),
                ("lockdep", "INFO: trying to register non-static key."),
                ("lockdep", "DEBUG_LOCKS_WARN_ON(lock->magic != lock)"),
                ("rcu", "WARNING: suspicious RCU usage"),
                ("rcu", "Voluntary context switch within RCU read-side critical section!"),
                ("atomic", "BUG: sleeping function called from invalid context at mm/x.h:3"),
                ("atomic", "BUG: scheduling while atomic: insmod/47/0x00000002"),
                ("atomic", "BUG: using __this_cpu_add() in preemptible [00000000] code: x/1"),
                ("list", "list_add corruption. next is NULL."),
                ("list", "list_add double add: new=1, prev=1, next=2."),
                ("list", "list_del corruption, 1->next is LIST_POISON1 (2)"),
                ("refcount", "refcount_t: underflow; use-after-free."),
                ("slab", "BUG kmalloc-64 (Tainted: G    B ): Right Redzone overwritten"),
                ("stall", "rcu: INFO: rcu_preempt self-detected stall on CPU"),
                ("stall", "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"),
                ("stall", "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {"),
                ("stall", "INFO: task socat:71 blocked for more than 122 seconds."),
                ("stall", "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [socat:71]"),
                ("rust", "rust_kernel: panicked at samples/x/x.rs:3:4:"),
                ("warning", "WARNING: net/ipv4/tcp.c:24 at tcp_x+0x1/0x2, CPU#0: socat/71"),
                ("bug", "BUG: kernel NULL pointer dereference, address: 0000000000000000"),
                ("bug", "BUG: unable to handle page fault for address: ffffc90000000000"),
                ("bug", "kernel BUG at net/core/skbuff.c:12!"),
                ("bug", "Oops: general protection fault, probably for non-canonical address"),
                ("bug", "Kernel panic - not syncing: sysrq triggered crash")):
            found = reports.search(f"[    1.1] a: before\n[    1.2] {line}\n[    1.3] a: after\n")
            self.assertEqual([report.kind for report in found], [kind], line)
            self.assertIn(found[0].title, line)

    def test_clean_consoles(self) -> None:
        self.assertEqual(reports.search(""), [])
        self.assertEqual(reports.search("""\
[    0.000000] Linux version 7.3.4 (a@b) (clang 19) #1 SMP PREEMPT
[    0.000000] Kernel command line: console=ttyS0 oops=panic panic=-1
[    0.031000] kasan: KernelAddressSanitizer initialized (generic)
[    0.032000] Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar
[    0.032000] ... MAX_LOCKDEP_CHAINS:      65536
[    0.033000] Running RCU self tests
[    0.033000] rcu: \tRCU lockdep checking is enabled.
[    0.033000] rcu: \tRCU debug extended QS entry/exit.
[    0.034000] rcu: RCU calculated value of scheduler-enlistment delay is 100 jiffies.
[    0.040000] Spectre V2 : Vulnerable: warning, no mitigation
[    1.000000] debug: [no bug here]
[    1.100000] tcp_rreno: loading out-of-tree module taints kernel.
[    2.000000] reboot: Restarting system
"""), [])

    def test_a_report_is_one_up_to_its_end(self) -> None:
        console = """\
[    2.0] refcount_t: addition on 0; use-after-free.
[    2.0] WARNING: lib/refcount.c:25 at refcount_warn_saturate+0x1/0x2, CPU#0: insmod/47
[    2.0] Call Trace:
[    2.0] ---[ end trace 0000000000000000 ]---
[    2.1] a: something else
[    2.2] ==================================================================
[    2.2] BUG: KASAN: slab-use-after-free in x+0x1/0x2
[    2.2] Call Trace:
[    2.2] ==================================================================
[    2.3] WARNING: a.c:1 at f+0x1/0x2, CPU#0: x/1
"""
        found = reports.search(console)
        self.assertEqual([(report.kind, len(report.lines)) for report in found],
                         [("refcount", 4), ("kasan", 3), ("warning", 1)])
        self.assertIn("use-after-free in x", str(found[1]))
        self.assertNotIn("something else", str(found))

    def test_a_report_without_an_end_does_not_hide_the_next(self) -> None:
        console = "BUG: scheduling while atomic: x/1\n" + "[    2.0] a\n" * 100 + "UBSAN: x in y\n"
        self.assertEqual(self.kinds(console), ["atomic", "ubsan"])


class EnvironmentTest(unittest.TestCase):
    """Whatever a user's shell exports, the scripts do the same."""

    # Takes the place of a tool whose text is read: it has another language for everybody whose
    # locale is not plain.
    TRANSLATED = """#!/bin/sh
        [ "$LANG" = C.UTF-8 ] && [ -z "${LANGUAGE-}${LC_ALL-}${LC_MESSAGES-}" ] ||
            { echo "Contenu de la section"; exit; }
        exec /usr/bin/%s "$@"
        """

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp()).resolve()
        self.addCleanup(shutil.rmtree, self.directory)
        for name in ("tools", "modules", "tmp", "root"):
            (self.directory / name).mkdir()
        for name in ("objdump", "readelf"):
            (self.directory / "tools" / name).write_text(self.TRANSLATED % name)
            (self.directory / "tools" / name).chmod(0o755)
        profile = self.directory / "profile"
        profile.write_text("echo profile; exit 3\n")
        for name in ("argparse", "signal", "sitecustomize"):
            (self.directory / f"modules/{name}.py").write_text("raise SystemExit('another')\n")
        self.clean = {"PATH": f"{self.directory}/tools:{os.environ['PATH']}", "HOME": "/tmp",
                      "FERROPS_CACHE": f"{self.directory}/cache"}
        self.hostile = {
            "PATH": self.clean["PATH"], "HOME": "/tmp", "TERM": "dumb", "FERROPS_CACHE": "cache",
            "TMPDIR": "tmp", "CDPATH": f"/:{self.directory}:{CHECKOUT}",
            "BASH_ENV": str(profile), "ENV": str(profile), "SHELLOPTS": "noexec",
            "BASHOPTS": "failglob", "GLOBIGNORE": "*", "IFS": "/e", "POSIXLY_CORRECT": "y",
            "BASH_FUNC_cd%%": "() { echo another; }", "BASH_FUNC_dirname%%": "() { echo /; }",
            "LANG": "fr_FR.UTF-8", "LC_ALL": "fr_FR.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8",
            "LANGUAGE": "fr", "GREP_OPTIONS": "-v", "MAKEFLAGS": "nk", "GNUMAKEFLAGS": "-n",
            "MFLAGS": "-n", "PYTHONPATH": f"{self.directory}/modules", "PYTHONHOME": "/nowhere",
            "PYTHONSAFEPATH": "y", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2",
            "GIT_DIR": "/nowhere", "TAR_OPTIONS": "--nothing", "RUSTFLAGS": "--nothing",
            "RUSTC_WRAPPER": "/nowhere", "CARGO_BUILD_TARGET": "nothing", "O": "/nowhere",
            "a b": "c"}

    def run_in(self, environment: dict[str, str], *command: str | Path,
               umask: int = 0o077) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(command, cwd=self.directory, env=environment, text=True,
                              capture_output=True, check=False, umask=umask)
        # Before a script's first line, bash says so of a locale that is not installed.
        done.stderr = re.sub(r"bash: warning: setlocale: .*\n", "", done.stderr)
        return done

    def assert_same(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Runs a command with a hostile environment and with a clean one."""
        hostile = self.run_in(self.hostile, *command)
        clean = self.run_in(self.clean, *command)
        self.assertEqual((hostile.returncode, hostile.stdout, hostile.stderr),
                         (clean.returncode, clean.stdout, clean.stderr), command)
        return hostile

    def test_what_is_passed_on(self) -> None:
        done = self.run_in(self.hostile | {"FERROPS_SEED": "a\nb=c", "CI": "y"},
                           CHECKOUT / "scripts/environment", "env", "-0")
        self.assertEqual(done.returncode, 0, done.stderr)
        found = dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)
        found.pop("PWD", None)  # The shell's own.
        self.assertEqual(found, {
            "PATH": self.hostile["PATH"], "HOME": "/tmp", "TERM": "dumb", "CI": "y",
            "LANG": "C.UTF-8",
            "FERROPS_CACHE": f"{self.directory}/cache", "TMPDIR": f"{self.directory}/tmp",
            "FERROPS_SEED": "a\nb=c", "FERROPS_CLEAN": "y"})

    def test_the_umask(self) -> None:
        done = self.run_in(self.hostile, CHECKOUT / "scripts/environment", "sh", "-c", "umask")
        self.assertEqual(done.stdout, "0022\n", done.stderr)

    def test_the_cache(self) -> None:
        for environment, place in (({"HOME": "/home"}, "/home/.cache/ferrops"),
                                   ({"XDG_CACHE_HOME": "x", "HOME": "/"}, "{}/x/ferrops"),
                                   ({"FERROPS_CACHE": "c d/e"}, "{}/c d/e"),
                                   ({"FERROPS_CACHE": ""}, None)):
            done = self.run_in({"PATH": os.environ["PATH"], **environment},
                               CHECKOUT / "scripts/environment", "python3", "-c",
                               "import sys; sys.path.insert(0, sys.argv[1]); "
                               "from ferrops.environment.cache import cache; print(cache())",
                               CHECKOUT / "scripts")
            if place:
                self.assertEqual(done.stdout.strip(), place.format(self.directory), done.stderr)
            else:
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r"^ferrops: error: HOME is not set.*\n$")

    def test_a_tmpdir_that_is_none(self) -> None:
        done = self.run_in(self.hostile | {"TMPDIR": "none"}, CHECKOUT / "scripts/root", "path")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^ferrops: error: TMPDIR \(none\) is not a directory.*\n$")

    def test_a_path_like_a_variable(self) -> None:
        program = self.directory / "root/a=b c"
        program.write_text("#!/bin/sh\necho \"$@\"\n")
        program.chmod(0o755)
        done = self.run_in(self.hostile, CHECKOUT / "scripts/environment", program, "x  y")
        self.assertEqual(done.stdout, "x  y\n", done.stderr)

    def test_every_script(self) -> None:
        scripts = [path for path in sorted((CHECKOUT / "scripts").iterdir())
                   if path.is_file() and not path.suffix and path.name != "environment"
                   and os.access(path, os.X_OK)]
        self.assertGreater(len(scripts), 15)
        for path in scripts:
            with self.subTest(path.name):
                first = path.read_text().splitlines()[0]
                self.assertIn(first, ("#!/usr/bin/env -S bash -p",
                                      "#!/usr/bin/env -S python3 -Es"))
                done = self.assert_same(path, "--help")
                self.assertNotIn("Traceback", done.stderr)

    def test_their_answers(self) -> None:
        kdir = kernel_tree("stock").tree / "build"
        done = self.assert_same(CHECKOUT / "scripts/root", "path")
        self.assertRegex(done.stdout, rf"^{self.directory}/cache/root-\w{{12}}\n$")
        self.assertEqual(self.assert_same(CHECKOUT / "scripts/kernel-tree", "check", kdir).stdout,
                         f"{kdir}: everything is there to build modules for it\n")
        done = self.assert_same(CHECKOUT / "scripts/build-modules", "/nowhere")
        self.assertRegex(done.stderr, r"^ferrops: error: /nowhere is not a directory.*\n$")
        done = self.assert_same(CHECKOUT / "scripts/host-tests", "none")
        self.assertRegex(done.stderr, r"^ferrops: error: there is no tests/host/none\.rs; .*\n$")

    def test_texts_of_tools(self) -> None:
        stock = kernel_tree("stock")
        module = next(path for path in modules(stock, "stock") if path.stem == "tcp_rreno")
        done = self.assert_same(CHECKOUT / "scripts/module-checks", stock.tree / "build", module)
        self.assertEqual(done.returncode, 0, done.stderr)


class MakefileTest(unittest.TestCase):
    """Of what fails, the script's line is the last."""

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("FERROPS_") and "MAKE" not in name}
        return subprocess.run(["make", "-C", CHECKOUT, *arguments], text=True, check=False,
                              capture_output=True, env=environment)

    def test_a_failure_is_one_line(self) -> None:
        for arguments in (("check-env",), ("check-env", "-s"), ("check-env", "-k"),
                          ("check-env", "-j2"), ("modules", "KDIR=/nowhere"),
                          ("check-env", "KDIR=it's \\ \"$(not)\"")):
            done = self.make(*arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
            self.assertRegex(done.stderr, "^ferrops: error: ")

    def test_inside(self) -> None:
        done = self.make("host-tests", "FERROPS_INSIDE=y", "TEST=it's")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^ferrops: error: there is no tests/host/it's\.rs; .*\n$")
        done = self.make("check", "FERROPS_INSIDE=y", "GROUP=source host", "TEST=it's  so")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^ferrops: error: no test of source, host has 'it's  so'"
                         r" in its name; there are .*\n$")

    def test_dry_run_runs_nothing(self) -> None:
        done = self.make("-n", "check-env", "KDIR=/nowhere")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("scripts/kernel-tree check", done.stdout)

    def test_settings_are_passed_on(self) -> None:
        done = self.make("-n", "demo", "TEST=it's $(a) b", "X=2")
        self.assertEqual(done.stdout, "scripts/root run make -C /ferrops "
                         "TEST='it'\\''s $(a) b' X='2' demo\n", done.stderr)

    def test_every_recipe_runs(self) -> None:
        text = (CHECKOUT / "Makefile").read_text()
        recipes = re.findall(r"(?<!\\)\n\t(?!\t)(.*)", text)
        self.assertGreater(len(recipes), 20)
        for recipe in recipes:
            if not recipe.startswith(("modules-", "rustfmt ", "else tree")):
                self.assertTrue(recipe.startswith("$(run)"), recipe)


class RootTest(unittest.TestCase):
    """`scripts/root`, as far as it can be tried without a network and as root."""

    def test_usage(self) -> None:
        done = script("root", "nonsense")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))
        self.assertIn("usage:", done.stderr)

    def test_unwritable_cache(self) -> None:
        done = script("root", "make", environment={"FERROPS_CACHE": "/proc/nowhere"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("set FERROPS_CACHE", done.stderr)

    def test_what_an_interrupted_run_left(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            environment = {"FERROPS_CACHE": directory}
            path = script("root", "path", environment=environment).stdout.strip()
            half = Path(directory) / "half-root.abc"
            lock = Path(directory) / "locks/root"
            for made in (Path(path), half, lock.parent):
                made.mkdir()
            with cache.locked(lock, "making the root"):
                done = script("root", "make", environment=environment)
                self.assertEqual((done.returncode, done.stderr, half.exists()), (0, "", True))
            done = script("root", "make", environment=environment)
            self.assertEqual((done.returncode, half.exists()), (0, False))
            self.assertEqual(done.stderr,
                             f"ferrops: removing what an interrupted run left: {half}\n")

    def test_unreachable_mirror(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            done = script("root", "make", environment={
                "FERROPS_CACHE": directory, "FERROPS_MIRROR": "http://localhost:9/nowhere"})
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr.splitlines()[-1], "cannot reach the package mirror|"
                             "not enough disk space|mmdebstrap")
            self.assertEqual([path.name for path in Path(directory).glob("half-*")], [])


class UnfinishedRootTest(unittest.TestCase):
    """`scripts/root make` with an mmdebstrap of our own that does not get to its end."""

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        for name in ("bin", "cache", "scripts", "tmp"):
            (self.directory / name).mkdir()
        shutil.copy(CHECKOUT / "scripts/root.packages", self.directory / "scripts")
        text = (CHECKOUT / "scripts/root").read_text()
        self.install("scripts/root", re.sub(r"(?m)^(\w+_mib)=\d+$", r"\1=20", text))
        self.environment = {**os.environ, "PATH": f"{self.directory}/bin:{os.environ['PATH']}",
                            "FERROPS_CACHE": f"{self.directory}/cache", "FERROPS_SUITE": "stable",
                            "FERROPS_MIRROR": "http://localhost:9/nowhere",
                            "TMPDIR": f"{self.directory}/tmp"}

    def install(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)
        (self.directory / name).chmod(0o755)

    def start(self, command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(["unshare", "--mount", "sh", "-c", command], text=True,
                                cwd=self.directory, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_disk_that_fills_half_way(self) -> None:
        self.install("bin/mmdebstrap", "#!/bin/sh\ntruncate --size=60M \"$TMPDIR/file\"\n"
                     "tar -C \"$TMPDIR\" -cf - file\nseq 100000 >&2\n")
        child = self.start("busybox mount -t tmpfs -o size=40M tmpfs cache && "
                           "{ scripts/root make; status=$?; ls cache tmp; exit $status; }")
        stdout, stderr = child.communicate()
        self.assertEqual(child.returncode, 1, stderr)
        self.assertRegex(stderr, r"^ferrops: making .*\nferrops: the disk is full; .*\n$")
        self.assertEqual(stdout, "cache:\nlocks\nroot.log\n\ntmp:\n")

    def test_interrupt(self) -> None:
        self.install("bin/mmdebstrap", "#!/bin/sh\ntouch \"$TMPDIR/file\" reached\n"
                     "while :; do sleep 1; done\n")
        child = self.start("exec scripts/root make")
        while not (self.directory / "reached").exists() and child.poll() is None:
            time.sleep(0.05)
        child.terminate()  # SIGINT is ignored inside the build root
        _, stderr = child.communicate()
        self.assertEqual(child.returncode, 130, stderr)
        self.assertRegex(stderr, r"^ferrops: making .*\nferrops: interrupted\n$")
        left = [*self.directory.glob("cache/*"), *self.directory.glob("tmp/*")]
        self.assertEqual([path.name for path in left], ["locks"])


if __name__ == "__main__":
    unittest.main()
