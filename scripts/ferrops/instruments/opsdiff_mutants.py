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

from ferrops.build.artifacts import modules
from ferrops.environment.descriptions import descriptions
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, say
from ferrops.instruments import opsdiff

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
    def sample(self) -> Path:
        """The algorithm's file: of a part that is shared, the first one that uses it."""
        if self.source.parent.parent.name == "samples":
            return self.source
        return next(path for path in sorted(CHECKOUT.glob("samples/*/*.rs"))
                    if path.parent.name == f"tcp_{path.stem}"
                    and re.search(rf"[ :]{self.source.stem}::", path.read_text()))

    @property
    def algorithm(self) -> str:
        """The name of the algorithm that it was."""
        return self.sample.stem

    @property
    def change(self) -> str:
        """For people."""
        return f"{self.source.name}: {self.old} -> {self.new or '(dropped)'}"


def mutants() -> list[Mutant]:
    """Those in tests/opsdiff/mutants."""
    text = re.sub(r"(?m)^#.*\n", "", LIST.read_text()).strip()
    found = []
    for number, block in enumerate(text.split("\n\n"), 1):
        parts = re.fullmatch(r"((?:samples|rust/tcp_cc)/\S+\.rs)\n- (.+)\n\+ ?(.*)", block)
        if not parts:
            raise Failure(f"tests/opsdiff/mutants: '{block.splitlines()[0]}' is not followed by "
                          "a line '- OLD' and a line '+ NEW'")
        found.append(Mutant(f"m{number:02}", CHECKOUT / parts[1], parts[2], parts[3]))
    return found


def replaced(text: str, old: str, new: str, where: Path) -> str:
    """The text with `new` in the place of `old`, which has to be there once."""
    if text.count(old) != 1:
        raise Failure(f"tests/opsdiff/mutants: {where.name} has '{old}' {text.count(old)} times, "
                      f"and should have it once")
    return text.replace(old, new)


def write(mutant: Mutant, directory: Path) -> None:
    """Writes the module of a mutant, with the mutant's name."""
    module, name = f"tcp_{mutant.algorithm}", directory.name
    thin = (mutant.sample.parent / f"{module}.rs").read_text().replace(module, name)
    # A kfunc has its module's name before it.
    thin = thin.replace(f" {mutant.algorithm}_", f" {mutant.name}_")
    text = replaced(mutant.sample.read_text(), f'name: "{mutant.algorithm}"',
                    f'name: "{mutant.name}"', mutant.sample)
    if mutant.source == mutant.sample:
        text = replaced(text, mutant.old, mutant.new, mutant.sample)
    else:
        # A part that is shared becomes one of the module's own.
        part = mutant.source.stem
        own = replaced(mutant.source.read_text(), mutant.old, mutant.new, mutant.source)
        (directory / mutant.source.name).write_text(own.replace("crate::", "tcp_cc::"))
        thin = thin.replace("ferrops::", f"pub mod {part};\n\nferrops::", 1)
        text, count = re.subn(rf"(?m)^ +(parts::)?{part}::(\{{[^}}]*\}}|\w+),( //)?\n", "", text)
        if count != 1:
            raise Failure(f"{mutant.sample.name} imports {part} {count} times, and should once")
        uses = f"use super::{part}::{{self, *}};" if part == "hystart" else f"use super::{part}::*;"
        text = text.replace("use tcp_cc::{", f"{uses}\nuse tcp_cc::{{", 1)
    (directory / f"{name}.rs").write_text(thin)
    (directory / mutant.sample.name).write_text(text)


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
            target = copy / "samples" / f"tcp_{mutant.name}"
            target.mkdir(parents=True)
            write(mutant, target)
        say(f"building {len(wanted)} mutants")
        done = subprocess.run([copy / "scripts/build-modules", kernel.tree / "build", "mutants"],
                              text=True, capture_output=True, check=False)
        if done.returncode:
            raise Failure(f"the mutants do not build:\n{done.stdout[-4000:]}"
                          f"{done.stderr[-4000:]}")
        yield {f"modules/{path.name}": path
               for path in sorted((copy / "build/mutants").glob("tcp_m*.ko"))}


def compare(steps: int, seed: int) -> list[tuple[Mutant, opsdiff.Compared]]:
    """Compares each mutant with the reference of what it was, up to the first difference."""
    stock = kernel_tree("stock")
    wanted = mutants()
    opsdiff_ko = next(ko for ko in modules(stock, "stock", "FERROPS_TESTS=y")
                      if ko.name == "opsdiff.ko")
    by_name = {known.name: known for known in descriptions().values()}
    # With what is off by default, so that wrong lines of that are noticed as well.
    jobs = [opsdiff.Job(mutant.name, by_name[mutant.algorithm].reference, steps, seed, show=0,
                        parameters=next((parameters.values for parameters
                                         in by_name[mutant.algorithm].parameters
                                         if parameters.mutants), {}))
            for mutant in wanted]
    with built(stock, wanted) as files:
        setup = [opsdiff.load_references(), f"load {' '.join(files)}"]
        printed = opsdiff.run_at_once(stock, setup, jobs, files | {"opsdiff.ko": opsdiff_ko})
    return [(mutant, opsdiff.read(job, text)) for mutant, job, text in zip(wanted, jobs, printed)]
