# SPDX-License-Identifier: GPL-2.0-only
"""The demo: one file over the same path with five congestion controls.

    demo          prints a table, and writes summary.json, cwnd.json and cwnd.png in build/demo
    demo --write  also writes the picture and its numbers in Documentation/images, and the table
                  of README.md

Runs on the stock kernel in virtual time, so the host's speed and load do not show in the figures.
"""

import argparse
import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ferrops.build.artifacts import bpf_objects, modules
from ferrops.build.kernel_sources import peer
from ferrops.environment.cache import locked
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, say
from ferrops.guest import base_image, qemu
from ferrops.instruments import demo_figures
from ferrops.instruments.demo_figures import (ALGORITHMS, NUMBERS, PATH, PAYLOAD_MIB, PICTURE,
                                              SCENARIOS, Row)

OUT = CHECKOUT / "build/demo"


def payload() -> Path:
    """A real file: the head of the kernel's source package."""
    target = OUT / "payload"
    tarball = sorted(Path("/usr/src").glob("linux-source-*.tar.xz"))[-1]
    with tarball.open("rb") as source:
        target.write_bytes(source.read(PAYLOAD_MIB << 20))
    return target


def scenario(name: str, run: qemu.Run, results: dict[str, list[Row]],
             failures: list[Failure]) -> None:
    """Boots a guest for one scenario and reads what it left in /out."""
    try:
        done = qemu.boot(run)
        if done.status:
            raise Failure(f"the guest's script failed: {done.output.strip().splitlines()[-1]}")
        if not run.out:
            raise Failure("nowhere to look for results")
        results[name] = [json.loads((run.out / f"{algorithm}.json").read_text())
                         for algorithm in ALGORITHMS]
    except Failure as failure:
        failures.append(Failure(f"{name}: {failure}"))


def progress(name: str, start: float) -> Callable[[str], None]:
    """Says which transfer has begun."""
    def show(line: str) -> None:
        if line.startswith("begin "):
            algorithm = line.removeprefix("begin ")
            say(f"  [{time.monotonic() - start:3.0f} s] {name}: {PAYLOAD_MIB} MiB with {algorithm}")
        elif line.startswith("failed") or "SHA-256" in line:
            say(f"  {name}: {line}")
    return show


def slug(name: str) -> str:
    """A scenario's directory."""
    return name.replace(" ", "").replace("%", "percent")


def run() -> None:
    parser = argparse.ArgumentParser(prog="demo", description="One file, five algorithms.")
    parser.add_argument("--write", action="store_true", help="also into the documentation")
    arguments = parser.parse_args()
    numbers = show()
    if arguments.write:
        write(numbers)


def show() -> dict[str, Any]:
    """Runs the demo. Returns its numbers."""
    OUT.mkdir(parents=True, exist_ok=True)
    # Two at once would write the same files.
    with locked(OUT.with_suffix(".lock"), "showing the demo"):
        return demo(time.monotonic())


def write(numbers: dict[str, Any]) -> None:
    """Puts picture, numbers and table into the documentation."""
    readme = CHECKOUT / "README.md"
    text = readme.read_text()
    try:
        shown = demo_figures.table(json.loads((CHECKOUT / NUMBERS).read_text())).rstrip()
    except FileNotFoundError:
        shown = ""
    if not shown or shown not in text:
        raise Failure(f"README.md does not have the table of {NUMBERS}, which is to be replaced; "
                      "restore both")
    readme.write_text(text.replace(shown, demo_figures.table(numbers).rstrip()))
    (CHECKOUT / NUMBERS).write_text(demo_figures.text(numbers))
    (CHECKOUT / PICTURE).write_bytes((OUT / "cwnd.png").read_bytes())
    say(f"written: README.md, {NUMBERS} and {PICTURE}")


def demo(start: float) -> dict[str, Any]:
    """Builds, boots, measures, reports. Times are since `start`. Returns the numbers."""
    kernel = kernel_tree("stock")
    objects = modules(kernel, "stock")
    file = payload()
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    files = {f"modules/{ko.name}": ko for ko in objects}
    ours = next(path for path in bpf_objects(kernel, "stock") if path.stem == "rcubic.bpf")
    files |= {"bpf_cubic.bpf.o": peer(kernel, "bpf_cubic"), "rcubic.bpf.o": ours, "payload": file,
              "transfer.sh": CHECKOUT / "scripts/ferrops/guest/transfer.sh"}
    say(f"booting Linux {kernel.release} in virtual time, once for each of {len(SCENARIOS)} paths")
    base_image.base(kernel)

    results: dict[str, list[Row]] = {}
    failures: list[Failure] = []
    threads = []
    for name, loss in SCENARIOS.items():
        what = qemu.Run(kernel, CHECKOUT / "scripts/ferrops/instruments/demo.sh",
                         [str(loss), sha256, *ALGORITHMS], files,
                         out=OUT / slug(name), progress=progress(name, start))
        threads.append(threading.Thread(target=scenario, args=(name, what, results, failures)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]

    file.unlink()
    results = {name: results[name] for name in SCENARIOS}
    summary = {"kernel": kernel.release, "path": PATH, "sha256": sha256,
               "scenarios": [{"name": name, "loss_percent": SCENARIOS[name],
                              "transfers": [{**row, "written_in": ALGORITHMS[row["algorithm"]],
                                             "sha256_equal": True} for row in rows]}
                             for name, rows in results.items()]}
    (OUT / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    kept = ("algorithm", "goodput_mbit", "retransmits", "mean_srtt_ms", "last_cwnd")
    numbers = {"kernel": kernel.release, "path": PATH,
               "scenarios": [{"name": name, "loss_percent": SCENARIOS[name],
                              "transfers": [{key: row[key] for key in kept}
                                            | {"written_in": ALGORITHMS[row["algorithm"]],
                                               "cwnd": curve(name, row["algorithm"])}
                                            for row in rows]}
                             for name, rows in results.items()]}
    (OUT / "cwnd.json").write_text(demo_figures.text(numbers))
    demo_figures.draw(numbers, OUT / "cwnd.png")
    print(f"\nLinux {kernel.release}, unmodified. {PAYLOAD_MIB} MiB each, SHA-256 equal at the far "
          f"end.\n\n{demo_figures.table(numbers)}")
    print("build/demo/cwnd.png shows the windows over time, build/demo/summary.json has the "
          f"figures. ({time.monotonic() - start:.0f} s)")
    return numbers


def curve(scenario: str, algorithm: str) -> list[list[int]]:
    """The window over time in a scenario."""
    return demo_figures.curve(OUT / slug(scenario) / f"{algorithm}.tsv")
