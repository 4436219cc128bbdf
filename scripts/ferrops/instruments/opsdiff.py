# SPDX-License-Identifier: GPL-2.0-only
"""Runs the test module opsdiff in a guest and reads what it prints."""

import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ferrops.build.artifacts import bpf_objects, bpf_samples, loader, modules, test_modules
from ferrops.build.kernel_sources import peer
from ferrops.environment.cache import digest
from ferrops.environment.descriptions import descriptions
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, say
from ferrops.guest import base_image, qemu

# For the guest's kernel. Its log has a line for each case, and must not forget what came before.
APPEND = ["log_buf_len=32M"]

REGRESSIONS = CHECKOUT / "tests/opsdiff/regressions"

# How many kinds of differences to minimise.
KINDS = 40

# Has tables that break the kernel, to see what is said of them.
BROKEN = ["tcp_rbroken.ko"]


def references() -> list[tuple[str, str]]:
    """Rust and its reference in C."""
    return [(known.name, known.reference) for known in descriptions().values()]


def bpf_forms() -> list[tuple[str, str]]:
    """Rust in BPF, and as a module."""
    return [(known.bpf, known.name) for known in descriptions().values()]


@dataclass
class Job:
    """Something to compare."""

    table: str
    reference: str
    steps: int = 1
    seed: int = 1
    # What is special about it.
    what: str = ""
    events: Path | None = None
    parameters: dict[str, int] = field(default_factory=dict)
    # How many kinds of differences to minimise; 0 to stop at the first.
    show: int = KINDS
    # Only states that come from `init`, and no preconditions.
    only_init: bool = False

    @property
    def is_bpf(self) -> bool:
        return any("bpf" in name.split("_") for name in (self.table, self.reference))

    @property
    def effort(self) -> int:
        """How long it takes, in steps of a native one: a BPF program is called more slowly."""
        return self.steps * 2 if self.is_bpf else self.steps

    @property
    def may_differ(self) -> bool:
        return any(known.get("kernels_bpf", "differs", False) and
                   (self.table, self.reference) == (known.kernels_bpf, known.reference)
                   for known in descriptions().values())

    def arguments(self) -> str:
        """What to give to insmod."""
        words = [f"table={self.table}", f"reference={self.reference}", f"seed={self.seed}",
                 f"steps={self.steps}", f"bpf={'y' if self.is_bpf else 'n'}", f"show={self.show}",
                 f"only_init={'y' if self.only_init else 'n'}"]
        return " ".join(words + ([f"events=/guest/{self.inside}"] if self.events else []))

    @property
    def inside(self) -> str:
        """The file with the events, in the guest."""
        return f"events/{digest(str(self.events))}" if self.events else ""


class Printed(NamedTuple):
    """What the module printed about a job, and how long that took, in the host's time."""

    text: str
    seconds: float


@dataclass
class Compared:
    """What came of it."""

    job: Job
    steps: int
    connections: int
    # How many connections differ, and the first step that does.
    differences: int
    first: int | None
    # Callbacks that the reference is undefined for, by the reason.
    outside: dict[str, int]
    # Differences, one of each kind: the events, and both states.
    cases: list[tuple[list[str], list[str]]]
    # How long it took, in the host's time.
    seconds: float

    def summary(self) -> dict[str, Any]:
        job = self.job
        return {"pair": [job.table, job.reference], "what": job.what, "seed": job.seed,
                "steps": self.steps, "connections": self.connections,
                "differences": self.differences, "first_difference": self.first,
                "outside": self.outside}


def difference(found: Compared) -> str:
    """Where the first difference was, in one line."""
    origin = f"seed {found.job.seed}" if not found.job.events else found.job.events.name
    return f"{found.differences} connections differ, the first in step {found.first} of {origin}"


def all_pairs(steps: int, seed: int) -> list[Job]:
    """Every pair; with other parameters a tenth as long."""
    jobs = []
    for known in descriptions().values():
        jobs.append(Job(known.name, known.reference, steps, seed))
        for number, parameters in enumerate(known.parameters, 1):
            jobs.append(Job(known.name, known.reference, steps // 10 or 1, seed + number,
                            f"parameters {number}", parameters=parameters.values))
    jobs += [Job(known.on_kfuncs, known.name, steps, seed) for known in descriptions().values()
             if known.on_kfuncs]
    jobs += forms(steps, seed)
    different = [Job(known.kernels_bpf, known.reference, steps // 10 or 1, seed)
                 for known in descriptions().values() if known.kernels_bpf]
    return jobs + [job for job in different if job.may_differ]


def forms(steps: int, seed: int) -> list[Job]:
    """Every algorithm in BPF against the module; with other parameters a tenth as long."""
    jobs = []
    for known in descriptions().values():
        jobs.append(Job(known.bpf, known.name, steps, seed))
        for number, parameters in enumerate(known.parameters, 1):
            if parameters.bpf:
                jobs.append(Job(known.bpf, known.name, steps // 10 or 1, seed + number,
                                f"parameters {number}", parameters=parameters.values))
    return jobs


def load_references() -> str:
    """What loads the references in a guest."""
    modules = [module for known in descriptions().values() for module in known.modules]
    return f"modprobe -a {' '.join(modules)}"


def check_tables(tables: list[str]) -> None:
    """Refuses a table that a guest will not have, before anything is built."""
    known = {name for entry in descriptions().values()
             for name in (entry.reference, entry.kernels_bpf, entry.on_kfuncs) if name}
    for name in own_tables():
        known |= {name, f"{name}_bpf"}
    # Those of the test modules.
    known |= set(re.findall(r'name: "([\w-]+)"', "".join(
        path.read_text() for path in (CHECKOUT / "tests/guest/modules").glob("*.rs"))))
    for table in tables:
        if table not in known:
            raise Failure(f"there is no congestion control '{table}'; there are "
                          f"{', '.join(sorted(known))} (a reference is named in "
                          "samples/*/description.toml)")


def own_tables() -> list[str]:
    """The tables of the samples."""
    return sorted(name for path in CHECKOUT.glob("samples/*/*.rs")
                  for name in re.findall(r'(?m)^ +name: "([\w-]+)",$', path.read_text())
                  if path.stem != path.parent.name)


def regressions(table: str, reference: str) -> list[Job]:
    """The saved cases of a pair."""
    jobs = []
    for path in sorted(REGRESSIONS.glob("*.events")):
        text = path.read_text()
        if re.findall(r"(?m)^(?:table|reference) (\S+)$", text) == [table, reference]:
            values = re.findall(r"(?m)^parameter (\S+) (\d+)$", text)
            jobs.append(Job(table, reference, what=path.name, events=path,
                            parameters={name: int(value) for name, value in values}))
    return jobs


def compare(jobs: list[Job], name: str = "stock") -> list[Compared]:
    """Compares, in guests with this kernel."""
    return [read(job, printed) for job, printed in zip(jobs, with_everything(jobs, name))]


def with_everything(jobs: list[Job], name: str = "stock") -> list[Printed]:
    """Runs the jobs in guests with this kernel and all that there is to compare."""
    setup, files = everything(name, any(job.is_bpf for job in jobs))
    return run_at_once(kernel_tree(name), setup, jobs, files)


def run_at_once(kernel: Kernel, setup: list[str], jobs: list[Job],
                files: dict[str, Path]) -> list[Printed]:
    """Runs the jobs in two guests at once, which take about equally long."""
    shares: list[list[int]] = [[], []]
    for at in sorted(range(len(jobs)), key=lambda at: -jobs[at].effort):
        min(shares, key=lambda share: sum(jobs[i].effort for i in share)).append(at)
    shares = [sorted(share) for share in shares if share]
    base_image.base(kernel)
    with ThreadPoolExecutor(len(shares)) as pool:
        printed = list(pool.map(
            lambda share: run(kernel, setup, [jobs[at] for at in share], files), shares))
    found = {at: text for share, texts in zip(shares, printed) for at, text in zip(share, texts)}
    return [found[at] for at in range(len(jobs))]


def everything(name: str, with_bpf: bool) -> tuple[list[str], dict[str, Path]]:
    """What a guest with this kernel has to do to have every table, and the files for it. The BPF
    objects are those that were built for the stock kernel."""
    stock = kernel_tree("stock")
    by_name = {ko.name: ko for ko in test_modules(name)}
    wanted = [f"{path.stem}.ko" for path in sorted(CHECKOUT.glob("samples/*/*.rs"))
              if path.stem == path.parent.name] + BROKEN
    files = {f"modules/{name}": by_name[name] for name in wanted}
    # On other kernels ours are compared with one another.
    setup = ([load_references()] if name == "stock" else []) + [f"load {' '.join(files)}"]
    if with_bpf:
        if name != "stock":
            modules(stock, "stock", "FERROPS_TESTS=y")
        objects = {f"bpf/{path.name}": path for path in bpf_objects(stock, "stock")}
        peers = {}
        if name == "stock":
            # What needs more of the kernel than our algorithms do.
            objects |= {f"bpf/{path.name}": path for path in bpf_samples()}
            peers = {f"bpf/kernels_{known.kernels_bpf}.bpf.o": known.kernels_bpf
                     for known in descriptions().values() if known.kernels_bpf}
        setup.append(f"register {' '.join(objects)}")
        setup += [f"register_peer {path} {name}" for path, name in peers.items()]
        files |= objects | {path: peer(stock, name) for path, name in peers.items()}
        files["ccload"] = loader()
    return setup, files | {"opsdiff.ko": by_name["opsdiff.ko"]}


def script(setup: list[str], jobs: list[Job]) -> str:
    """What tests/opsdiff/guest.sh does."""
    lines = list(setup)
    for job in jobs:
        files = [" ".join(places(job, name)) for name in job.parameters]
        for number, (file, value) in enumerate(zip(files, job.parameters.values())):
            lines.append(f"default_{number}=$(cat {file.split()[-1]})")
            lines.append(f"parameter {value} {file}")
        lines.append(f"compare {job.arguments()}")
        lines += [f'parameter "$default_{number}" {file}' for number, file in enumerate(files)]
    return "\n".join(lines) + "\n"


def places(job: Job, name: str) -> list[str]:
    """Where a parameter is to be set: files of the modules or a sysctl's, or NAME@TABLE in BPF.
    The last is a file."""
    if "." in name:
        return [f"/proc/sys/{name.replace('.', '/')}"]
    return [f"{name}@{table}" if table.endswith("_bpf") else
            f"/sys/module/tcp_{table}/parameters/{name}" for table in (job.table, job.reference)]


def run(kernel: Kernel, setup: list[str], jobs: list[Job],
        files: dict[str, Path]) -> list[Printed]:
    """Boots a guest that does `setup` and the jobs; what the module printed for each."""
    with tempfile.TemporaryDirectory() as directory:
        jobs_file = Path(directory) / "jobs"
        jobs_file.write_text(script(setup, jobs))
        files = files | {"jobs": jobs_file}
        for job in jobs:
            if job.events:
                files[job.inside] = plain = Path(directory) / job.inside.replace("/", "-")
                plain.write_text(re.sub(r"(?m)^(table|reference|parameter) .*\n", "",
                                        job.events.read_text()))
        say(f"booting Linux {kernel.release} to compare {len(jobs)} times")
        done, seconds = boot(kernel, files, 300 + sum(job.steps for job in jobs) // 500)
    blocks = re.findall(r"^begin [^\n]*\n(.*?)^end\n", done.output, re.M | re.S)
    if done.status or len(blocks) != len(jobs):
        last = (done.output.strip().splitlines() or ["it said nothing"])[-1]
        raise Failure(f"the guest's script failed: {last}")
    return list(map(Printed, blocks, seconds))


def boot(kernel: Kernel, files: dict[str, Path], timeout: int) -> tuple[qemu.Result, list[float]]:
    """Runs the jobs that are in `files`. Returns how long each took, too."""
    begun: list[str] = []
    ends = [time.monotonic()]

    def progress(line: str) -> None:
        if line == "end":
            ends.append(time.monotonic())
        if found := re.match(r"begin table=(\S+) reference=(\S+)", line):
            begun.append(f"{found[1]} and {found[2]}")
            say(f"  {begun[-1]}")
    try:
        done = qemu.boot(qemu.Run(kernel, CHECKOUT / "tests/opsdiff/guest.sh", [], files,
                                  append=[*APPEND, "kunit.enable=0"], watchdog=True,
                                  timeout=timeout, progress=progress))
    except Failure as failure:
        raise died(failure, begun) from None
    return done, [end - begin for begin, end in zip(ends, ends[1:])]


def died(failure: Failure, begun: list[str]) -> Failure:
    """What to say when the guest died: of what, in which step. `begun` is what it did."""
    step = re.search(r"opsdiff: the kernel died in (step .*)", str(failure))
    if not step or not begun:
        return failure
    reason = str(failure).split(";")[0]
    if "NMI: Not continuing" in reason:
        reason = "a callback does not come back within 10^8 instructions"
    return Failure(f"{begun[-1]}: {reason}: in {step[1]}")


def read(job: Job, printed: Printed) -> Compared:
    """What the module printed about one job."""
    block = printed.text
    if error := re.search(r"^error: (.*)", block, re.M):
        raise Failure(error[1])
    result = re.search(r"^result: (\d+) (\d+) (\d+)$", block, re.M)
    if not result:
        said = block.strip().splitlines() or ["it said nothing"]
        raise Failure(f"opsdiff did not compare {job.table} and {job.reference}: {said[-1]}")
    steps, connections, differences = map(int, result.groups())
    first = re.search(r"^difference: step (\d+)$", block, re.M)
    outside = {reason: int(count)
               for count, reason in re.findall(r"^outside: (\d+) (.*)$", block, re.M)}
    cases = []
    for case, state in re.findall(r"((?:^case: .*\n)+)((?:^state: .*\n)*)", block, re.M):
        cases.append((re.findall("case: (.*)", case), columns(re.findall("state: (.*)", state))))
    return Compared(job, steps, connections, differences, int(first[1]) if first else None,
                    outside, cases, printed.seconds)


def columns(lines: list[str]) -> list[str]:
    """The rows of a table, one below the other."""
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    width = max((len(row[0]) for row in rows), default=0)
    return [f"{row[0]:<{width}}" + "".join(f"{cell:>21}" for cell in row[1:]) for row in rows]
