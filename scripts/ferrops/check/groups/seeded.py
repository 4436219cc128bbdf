# SPDX-License-Identifier: GPL-2.0-only
"""Whether what the debug and the CFI kernel report is found."""

import subprocess
from pathlib import Path

from ferrops.build.artifacts import built
from ferrops.check.group import GUEST, HUNG, Group, Report, Wanted
from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure
from ferrops.guest import qemu, reports

# The kernel that finds a kind of bug, if it is not the debug kernel.
FOUND_BY = {"cfi": "cfi"}


def seeded(wanted: Wanted, report: Report) -> None:
    """Modules with a bug each: the search has to find it, and as what it is."""
    kinds = set()
    for name in ("debug", *FOUND_BY.values()):
        kernel = kernel_tree(name)
        for module in seeded_for(kernel, f"seeded-{name}"):
            kind = module.stem.partition("_")[0]
            if FOUND_BY.get(kind, "debug") == name:
                kinds.add(kind)
                if wanted.has(module.stem):
                    report(commit(kernel, module, kind))
    for kind in sorted(reports.KINDS.keys() - kinds):
        report(Outcome(kind, FAILED, "no module in tests/seeded-bugs has a bug of this kind"))


def seeded_tests() -> list[str]:
    """The modules with bugs."""
    return sorted(path.stem for path in CHECKOUT.glob("tests/seeded-bugs/*_*.*"))


def seeded_for(kernel: Kernel, name: str) -> list[Path]:
    """The modules with bugs for a kernel, built."""
    source, out = CHECKOUT / "tests/seeded-bugs", CHECKOUT / "build" / name
    out.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["make", "-C", kernel.tree / "build", f"M={source}", f"MO={out}",
                           "LLVM=1", "modules"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise Failure(f"tests/seeded-bugs does not build:\n{done.stdout}")
    return built(name)


def commit(kernel: Kernel, module: Path, kind: str) -> Outcome:
    """What comes of loading a module with a bug of this kind."""
    try:
        result = qemu.boot(qemu.Run(kernel, CHECKOUT / "tests/seeded-bugs/load.sh", [],
                                      {module.name: module}, timeout=HUNG,
                                      progress=lambda line: None))
        return Outcome(module.stem, FAILED, f"no report; {result.output}")
    except qemu.Reported as reported:
        first = reported.found[0]
        if first.kind == kind:
            return Outcome(module.stem, PASSED)
        return Outcome(module.stem, FAILED, f"reported as\n{first}")
    except Failure as failure:
        return Outcome(module.stem, FAILED, str(failure))


GROUP = Group([seeded], seeded_tests, lambda _name: [
    *GUEST, "tests/seeded-bugs/**", "scripts/ferrops/environment/**"], True)
