# SPDX-License-Identifier: GPL-2.0-only
"""The loader with input from outside that may be anything. What it does in a kernel: bpf.sh."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.build.artifacts import bpf_objects, loader, modules  # noqa: E402
from ferrops.environment.kernel import kernel_tree  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["rust/**", "tests/guest/bpf/**"]

# How many damaged copies of each object there are.
COPIES = 200


def cut(data: bytearray, chance: random.Random) -> None:
    """Leaves the beginning."""
    del data[chance.randrange(len(data)):]


def bits(data: bytearray, chance: random.Random) -> None:
    """Turns a few bits over."""
    for _ in range(chance.randrange(1, 30)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def words(data: bytearray, chance: random.Random) -> None:
    """Makes a few words numbers that are often wrong."""
    for _ in range(chance.randrange(1, 10)):
        place = chance.randrange(len(data) // 4) * 4
        number = chance.choice([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, place, len(data)])
        data[place:place + 4] = number.to_bytes(4, "little")


def letters(data: bytearray, chance: random.Random) -> None:
    """Makes letters of names those of Latin-1."""
    for _ in range(chance.randrange(1, 60)):
        place = chance.randrange(len(data))
        if chr(data[place]).isalpha():
            data[place] |= 0x80


class CcloadTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        stock = kernel_tree("stock")
        modules(stock, "stock")
        objects = {path.name: path for path in bpf_objects(stock, "stock")}
        cls.objects = [objects["rreno.bpf.o"], objects["rcubic.bpf.o"]]
        cls.dctcp = objects["rdctcp.bpf.o"]
        cls.ccload = loader()

    objects: list[Path]
    dctcp: Path
    ccload: Path

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def run_it(self, *arguments: str | bytes | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([self.ccload, *arguments], capture_output=True, check=False)

    def assert_refused(self, message: bytes, *arguments: str | bytes | Path) -> None:
        done = self.run_it(*arguments)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, b"^ccload: (error: )?" + message + b".*\n$")

    def test_its_own_tests(self) -> None:
        done = subprocess.run([CHECKOUT / "scripts/build-ccload", "test"], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_damaged_objects(self) -> None:
        damages: list[Callable[[bytearray, random.Random], None]] = [cut, bits, words, letters]
        chance = random.Random(1)
        ends = {0: 0, 1: 0}
        path = self.directory / "damaged.bpf.o"
        for whole in self.objects:
            for number in range(COPIES):
                data = bytearray(whole.read_bytes())
                damage = damages[number % len(damages)]
                damage(data, chance)
                path.write_bytes(data)
                done = self.run_it("show", path)
                what = f"{whole.name}, copy {number}, {damage.__name__}: {done}"
                self.assertIn(done.returncode, ends, what)
                ends[done.returncode] += 1
                if done.returncode:
                    self.assertRegex(done.stderr, b"^ccload: error: [^\n]*\n$", what)
                    self.assertNotIn(b"has a bug", done.stderr, what)
                else:
                    self.assertEqual(done.stderr, b"", what)
        # Of both kinds there are many, or the copies are the wrong ones.
        self.assertGreater(min(ends.values()), COPIES // 4, ends)

    def test_names_that_are_not_utf_8(self) -> None:
        name = os.path.join(os.fsencode(self.directory), b"na\xefve.o")
        with open(name, "wb") as file:
            file.write(b"x")
        self.assert_refused(rb".*/na\xef\xbf\xbdve\.o: this is not a BPF object", "show", name)
        self.assert_refused(b".*: there is no such file", "show", name + b"\n")
        shutil.copy(os.fsencode(self.dctcp), name)
        self.assertEqual(self.run_it("show", name).returncode, 0)
        self.assert_refused(b".*UTF-8", "set", b"na\xefve", b"a\xef=1")

    def test_a_full_disk(self) -> None:
        with open("/dev/full", "wb") as full:
            done = subprocess.run([self.ccload, "show", self.dctcp], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, b"^ccload: error: cannot write to the standard output: "
                                          b"No space left on device.*\n$")
            done = subprocess.run([self.ccload, "show", "/nowhere"], stderr=full, check=False)
            self.assertEqual(done.returncode, 1)

    def test_callbacks_are_pointers_to_functions(self) -> None:
        shown = self.run_it("show", self.dctcp).stdout.decode().splitlines()
        self.assertEqual(shown[0], "rdctcp_bpf")
        callbacks = shown[1].strip().removeprefix("callbacks: ").split(", ")
        self.assertLessEqual({"ssthresh", "undo_cwnd", "init"}, set(callbacks))
        self.assertEqual({"name", "key", "flags", "owner"} & set(callbacks), set())


if __name__ == "__main__":
    unittest.main()
