# SPDX-License-Identifier: GPL-2.0-only
"""How much code a module has, and how much the reference: what stays when it is loaded."""

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ferrops.build.kernel_sources import c_objects
from ferrops.build.machine_code import Object
from ferrops.environment.descriptions import descriptions
from ferrops.environment.kernel import Kernel
from ferrops.environment.process import CHECKOUT, output

# A module may have this many times the reference's code, and this many bytes for what C does not
# have: a kfunc for each callback, and the filter that says which programs may call it.
TIMES, MORE = 1.5, 256


@dataclass(frozen=True)
class Size:
    """Bytes of code."""

    c: int
    rust: int

    @property
    def most(self) -> int:
        """What the module may have."""
        return int(TIMES * self.c) + MORE


def of(stock: Kernel) -> dict[str, Size]:
    """The sizes of the modules in build/stock and of their references, by the family."""
    names = {known: known.modules or [f"tcp_{reference}"]
             for reference, known in descriptions().items()}
    objects = c_objects(stock, ["tcp_cong", *sorted(set(chain(*names.values())))])
    # Reno has no file of its own.
    return {known.reference: Size(
        sum(text_of(objects[name]) for name in names[known]) if names[known][0] in objects
        else functions_of(objects["tcp_cong"], f"tcp_{known.reference}_"),
        text_of(CHECKOUT / f"build/stock/tcp_{known.name}.ko")) for known in names}


def larger(size: Size) -> str:
    """Says that a module has more code than it may; empty if it has not."""
    return "" if size.rust <= size.most else (
        f"{size.rust} bytes, C {size.c}; {TIMES} times that and {MORE} are {size.most}")


def text_of(module: Path) -> int:
    """Bytes of a module's .text."""
    found = re.search(r"^\.text\s+(\d+)", output(["size", "--format=sysv", str(module)]), re.M)
    return int(found[1]) if found else 0


def functions_of(path: Path, prefix: str) -> int:
    """Bytes of the functions whose names begin so."""
    return sum(instructions[-1].end - instructions[0].address
               for name, function in Object(path).functions.items()
               if name.startswith(prefix) and (instructions := function.instructions))
