# SPDX-License-Identifier: GPL-2.0-only
"""Finds the kernel's reports of bugs on a guest's console.

Documentation/debug-kernel.rst has the list of kinds; tests/seeded-bugs has a bug of each.
"""

import re
from dataclasses import dataclass

# The kinds, and what the line says that a report of it begins with. The first kind that
# fits counts, so the last two are for what no other kind knows.
KINDS = {
    "kasan": r"BUG: KASAN: ",
    "cfi": r"CFI failure at ",
    "ubsan": r"UBSAN: ",
    "lockdep": r"WARNING: (possible|inconsistent|bad|held|Nested|lock|chain_key) |"
               r"lock order detected|locks held!|DEBUG_LOCKS_WARN_ON|non-static key|"
               r"BUG: (Invalid wait context|(spin|rw)lock|MAX_|key|looking up)",
    "rcu": r"suspicious RCU usage|RCU read-side critical section!",
    "atomic": r"BUG: (sleeping function called|scheduling|using|assuming|workqueue leaked)",
    "list": r"list_(add|del) (corruption|double add)",
    "refcount": r"refcount_t: ",
    "slab": r"BUG \S+ \(.*\): ",
    "stall": r"INFO: (rcu|task).* (detected|blocked|stall)|BUG: (soft|workqueue) lockup",
    "rust": r"rust_kernel: panicked at",
    "warning": r"WARNING: ",
    "bug": r"BUG: |kernel BUG at|Oops: |general protection fault|Kernel panic",
}
# What a report ends with, if it says so, and how long one without is taken to be.
END = re.compile(r"---\[ end |={30}")
LINES = 80


@dataclass
class Report:
    """What the kernel said about one bug."""

    kind: str
    title: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join([f"  {self.kind}: {self.title}", *(f"    {line}" for line in self.lines)])


def begin(line: str) -> Report | None:
    """The report that begins with this line."""
    for kind, text in KINDS.items():
        if found := re.search(text, line):
            return Report(kind, line[found.start():], [line])
    return None


def search(console: str) -> list[Report]:
    """The reports on a console, in their order."""
    found: list[Report] = []
    inside = False
    for line in console.splitlines():
        if inside:
            found[-1].lines.append(line)
            inside = not END.search(line) and len(found[-1].lines) < LINES
        elif report := begin(line):
            found.append(report)
            inside = True
    return found
