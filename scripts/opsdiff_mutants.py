# SPDX-License-Identifier: GPL-2.0-only
"""Mutants: algorithms with a wrong line, as modules of their own, to see opsdiff notice."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import opsdiff
from build import kernel_tree, modules
from common import CHECKOUT, Failure, say
from guest import Kernel

LIST = CHECKOUT / "tests/opsdiff/mutants"


@dataclass
class Mutant:
    """An algorithm with a line that is wrong."""

    # What its table is called.
    name: str
    source: Path
    old: str
    new: str

    @property
    def algorithm(self) -> str:
        """The name of the algorithm that it was."""
        return self.source.stem

    @property
    def change(self) -> str:
        """For people."""
        return f"{self.source.name}: {self.old} -> {self.new or '(dropped)'}"


def mutants() -> list[Mutant]:
    """Those in tests/opsdiff/mutants."""
    text = re.sub(r"(?m)^#.*\n", "", LIST.read_text()).strip()
    found = []
    for number, block in enumerate(text.split("\n\n"), 1):
        parts = re.fullmatch(r"(samples/\S+\.rs)\n- (.+)\n\+ ?(.*)", block)
        if not parts:
            raise Failure(f"tests/opsdiff/mutants: '{block.splitlines()[0]}' is not followed by "
                          "a line '- OLD' and a line '+ NEW'")
        found.append(Mutant(f"m{number:02}", CHECKOUT / parts[1], parts[2], parts[3]))
    return found


def changed(mutant: Mutant) -> str:
    """The algorithm's source with the mutant's line and name."""
    text = mutant.source.read_text()
    for old, new in ((mutant.old, mutant.new), (f'name: "{mutant.algorithm}"',
                                                f'name: "{mutant.name}"')):
        if text.count(old) != 1:
            raise Failure(f"tests/opsdiff/mutants: {mutant.source.name} has '{old}' "
                          f"{text.count(old)} times, and should have it once")
        text = text.replace(old, new)
    return text


@contextmanager
def built(kernel: Kernel, wanted: list[Mutant]) -> Iterator[dict[str, Path]]:
    """The mutants' modules, by their names in the guest, while the block lasts."""
    with TemporaryDirectory() as directory:
        copy = Path(directory) / "mutants"
        for part in ("rust", "scripts"):
            shutil.copytree(CHECKOUT / part, copy / part,
                            ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(CHECKOUT / "Kbuild", copy)
        for mutant in wanted:
            module = f"tcp_{mutant.algorithm}"
            target = copy / "samples" / f"tcp_{mutant.name}"
            target.mkdir(parents=True)
            text = (mutant.source.parent / f"{module}.rs").read_text()
            (target / f"{target.name}.rs").write_text(text.replace(module, target.name))
            (target / mutant.source.name).write_text(changed(mutant))
        say(f"building {len(wanted)} mutants")
        done = subprocess.run([copy / "scripts/build-modules", kernel.tree / "build", "mutants"],
                              text=True, capture_output=True, check=False)
        if done.returncode:
            raise Failure(f"the mutants do not build:\n{done.stdout[-4000:]}"
                          f"{done.stderr[-4000:]}")
        yield {f"modules/{path.name}": path
               for path in sorted((copy / "build/mutants").glob("tcp_m*.ko"))}


def compare(steps: int, seed: int) -> list[tuple[Mutant, opsdiff.Compared]]:
    """Compares each mutant with the twin of what it was, up to the first difference."""
    stock = kernel_tree("stock")
    wanted = mutants()
    opsdiff_ko = next(ko for ko in modules(stock, "stock", "FERROPS_TESTS=y")
                      if ko.name == "opsdiff.ko")
    twins = dict(opsdiff.TWINS)
    jobs = [opsdiff.Job(mutant.name, twins[mutant.algorithm], steps, seed, show=0)
            for mutant in wanted]
    with built(stock, wanted) as files:
        setup = ["modprobe tcp_bic", f"load {' '.join(files)}"]
        printed = opsdiff.run(stock, setup, jobs, files | {"opsdiff.ko": opsdiff_ko})
    return [(mutant, opsdiff.read(job, text)) for mutant, job, text in zip(wanted, jobs, printed)]
