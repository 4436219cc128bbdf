# SPDX-License-Identifier: GPL-2.0-only
"""Whole transfers: the window over time in C, in Rust and in BPF, in one picture.

    curves [SCENARIO...]

Each table carries the same file over the same path in a guest of its own, in virtual
time: until the first ACK the guests do the same, to the instruction. Prints how far the
windows are the same, and writes build/curves/summary.json and build/curves/curves.png.
"""

import argparse
import bisect
import hashlib
import json
import re
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrops.environment.cache import locked
from ferrops.environment.descriptions import descriptions
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, say
from ferrops.guest import base_image, qemu
from ferrops.instruments import opsbench, opsdiff
from ferrops.instruments.opsbench import C, OUR_BPF, RUST, families

OUT = CHECKOUT / "build/curves"

# Whose curves are drawn.
FORMS = (C, RUST, OUR_BPF)


@dataclass
class Scenario:
    """A path."""

    name: str
    title: str
    # Delay in ms, rate in Mbit/s, queue in packets, loss in per cent.
    path: tuple[float, ...]
    mebibytes: int = 12
    # What else is done to the path, in the guest's shell.
    more: str = ""

    @property
    def families(self) -> list[str]:
        """The families that are sent over it, as their descriptions say."""
        return [known.reference for known in descriptions().values()
                if self.name in known.get("curves", "scenarios", [])]


# Both ends know ECN, and the switch marks packets that wait longer than a millisecond.
ECN = """\
sysctl -qw net.ipv4.tcp_allowed_congestion_control="reno cubic $algorithm"
for ns in snd rcv; do
	ip netns exec $ns sysctl -qw net.ipv4.tcp_ecn=1 \\
		net.ipv4.tcp_congestion_control="$algorithm" || return 1
done
tc qdisc replace dev to-rcv root handle 1: tbf rate 100mbit burst 5kb limit 3mb &&
tc qdisc add dev to-rcv parent 1:1 fq_codel flows 1 ce_threshold 1ms &&
tc qdisc replace dev to-snd root netem delay 10ms limit 100000
"""

# Asks ss now and then for the bandwidth that the algorithm has measured.
ESTIMATES = """\
while sleep 0.2; do
	ip netns exec snd ss -Htin dport = ":$port" | grep -o ' bbr:(bw:[0-9]*bps' >>/out/estimates
done &
"""

SCENARIOS = [
    Scenario("plain", "100 Mbit/s, 40 ms, a queue of 200 packets", (40, 100, 200, 0)),
    Scenario("loss", "100 Mbit/s, 40 ms, 0.1 % loss", (40, 100, 200, 0.1), 6),
    Scenario("ecn", "100 Mbit/s, 10 ms, marks from 1 ms of queue", (0, 100, 200, 0), 12, ECN),
    Scenario("lossy", "100 Mbit/s, 40 ms, 2 % loss", (40, 100, 200, 2), 12, ESTIMATES),
    Scenario("bloat", "20 Mbit/s, 40 ms, a queue of 1000 packets", (40, 20, 1000, 0), 8, ESTIMATES),
]


@dataclass
class Ack:
    """What an ACK left: seconds since the first one, packets, packets, microseconds."""

    time: float
    cwnd: int
    ssthresh: int
    srtt: int


# The ACKs of a transfer, and its figures (guest/transfer.sh); with the bandwidth that it
# has measured, if it says so.
Transfer = tuple[list[Ack], dict[str, Any]]


def carry(stock: Kernel, scenario: Scenario, table: str, setup: list[str],
          files: dict[str, Path], payload: Path) -> Transfer:
    """Sends the file with one table, in a guest."""
    content = payload.read_bytes()[:scenario.mebibytes << 20]
    with tempfile.TemporaryDirectory() as directory:
        own = {name: Path(directory) / name for name in ("jobs", "more", "payload")}
        own["jobs"].write_text("\n".join([*setup, ""]))
        own["more"].write_text(scenario.more + "\n")
        own["payload"].write_bytes(content)
        out = OUT / scenario.name / table
        shutil.rmtree(out, ignore_errors=True)
        done = qemu.boot(qemu.Run(
            stock, CHECKOUT / "scripts/ferrops/instruments/curves.sh",
            [table, hashlib.sha256(content).hexdigest(), *map(str, scenario.path)],
            files | own | {"transfer.sh": CHECKOUT / "scripts/ferrops/guest/transfer.sh"}, out=out,
            timeout=1800, progress=lambda line: None))
    if done.status:
        last = (done.output.strip().splitlines() or ["no message"])[-1]
        raise Failure(f"{scenario.name}, {table}: {last}")
    say(f"  {scenario.name}: {table}")
    acks = [Ack(float(row[0]), int(row[1]), int(row[2]), int(row[3]))
            for row in (line.split() for line in (out / "acks").read_text().splitlines())]
    figures = json.loads((out / "transfer.json").read_text())
    estimates = out / "estimates"
    if estimates.exists() and (found := re.findall(r"bw:(\d+)bps", estimates.read_text())):
        figures["bandwidth_mbit"] = statistics.median(int(bits) / 1e6 for bits in found)
    return acks, figures


def compared(one: list[Ack], other: list[Ack]) -> dict[str, Any]:
    """How far two transfers are the same."""
    same = 0
    for a, b in zip(one, other):
        if (a.cwnd, a.ssthresh) != (b.cwnd, b.ssthresh):
            break
        same += 1
    end = min(one[-1].time, other[-1].time)
    grid = [step * 0.02 for step in range(int(end / 0.02))]
    apart = [abs(a - b) / max(a, 1) for a, b in
             ((window(one, at), window(other, at)) for at in grid)]
    is_whole = same == len(one) == len(other)
    return {"same_acks": same, "acks": len(one),
            "same_until_s": None if is_whole else round(one[min(same, len(one) - 1)].time, 6),
            "mean_cwnd_difference": sum(apart) / max(len(apart), 1)}


def window(acks: list[Ack], at: float) -> int:
    """The window at a time."""
    place = bisect.bisect_right(acks, at, key=lambda ack: ack.time)
    return acks[max(place - 1, 0)].cwnd


def draw(found: dict[tuple[str, str], Transfer], scenarios: list[Scenario],
         picture: Path) -> None:
    """A panel for each scenario and family: C below as a broad band, the others thin on it."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    styles: dict[int, dict[str, Any]] = {
        C: {"color": "#9ecae1", "linewidth": 6},
        RUST: {"color": "#08519c", "linewidth": 1.6},
        OUR_BPF: {"color": "#e6550d", "linewidth": 1.2, "linestyle": "--"},
    }
    panels = [(scenario, family) for scenario in scenarios for family in scenario.families]
    columns = min(3, max(len(scenario.families) for scenario in scenarios))
    rows = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(6 * columns, 3.4 * rows),
                                   layout="constrained", squeeze=False)
    for axis, (scenario, family) in zip(axes.flat, panels):
        for form in FORMS:
            table = families()[family][form]
            if transfer := found.get((scenario.name, table)):
                axis.plot([ack.time for ack in transfer[0]], [ack.cwnd for ack in transfer[0]],
                          drawstyle="steps-post", label=f"{table} ({opsbench.COLUMNS[form]})",
                          **styles[form])
        axis.set_title(f"{family}: {scenario.title}", loc="left", fontsize=9)
        axis.set_xlabel("time since the first ACK (s)", fontsize=8)
        axis.set_ylabel("cwnd (packets)", fontsize=8)
        axis.set_xlim(left=0)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
        axis.legend(loc="best", fontsize=7, frameon=False)
    for axis in list(axes.flat)[len(panels):]:
        axis.set_visible(False)
    figure.savefig(picture, dpi=100)


def run() -> None:
    parser = argparse.ArgumentParser(prog="curves", description="Whole transfers in C, Rust, BPF.")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    wanted = parser.parse_args().scenarios
    names = [scenario.name for scenario in SCENARIOS]
    for known in descriptions().values():
        if strange := set(known.get("curves", "scenarios", [])).difference(names):
            raise Failure(f"{known.path.relative_to(CHECKOUT)}: [curves] names the scenario "
                          f"'{sorted(strange)[0]}'; there are {', '.join(names)}")
    if unknown := [name for name in wanted if name not in names]:
        raise Failure(f"there is no scenario '{unknown[0]}'; there are {', '.join(names)}")
    with locked(OUT.with_suffix(".lock"), "drawing curves"):
        OUT.mkdir(parents=True, exist_ok=True)
        curves([scenario for scenario in SCENARIOS if not wanted or scenario.name in wanted])


def curves(scenarios: list[Scenario]) -> None:
    """Sends, compares, draws."""
    start = time.monotonic()
    stock = kernel_tree("stock")
    setup, files = opsdiff.everything("stock", True)
    payload = OUT / "payload"
    with stock.image.open("rb") as image:
        most = max(scenario.mebibytes for scenario in scenarios) << 20
        content = image.read(most)
    payload.write_bytes((content * (most // len(content) + 1))[:most])
    jobs = [(scenario, families()[family][form]) for scenario in scenarios
            for family in scenario.families for form in FORMS]
    say(f"booting Linux {stock.release} {len(jobs)} times, once for each transfer")
    base_image.base(stock)
    with ThreadPoolExecutor(2) as pool:
        transfers = list(pool.map(
            lambda job: carry(stock, job[0], job[1], setup, files, payload), jobs))
    payload.unlink()
    found = {(scenario.name, table): transfer
             for (scenario, table), transfer in zip(jobs, transfers)}

    rows = []
    for scenario, table in jobs:
        family = next(family for family in scenario.families if table in families()[family])
        acks, figures = found[scenario.name, table]
        row = {"scenario": scenario.name, "table": table,
               "goodput_mbit": figures["goodput_mbit"], "retransmits": figures["retransmits"],
               "mean_srtt_ms": figures["mean_srtt_ms"], "acks": len(acks)}
        if "bandwidth_mbit" in figures:
            row["bandwidth_estimate_mbit"] = figures["bandwidth_mbit"]
        reference = families()[family][C]
        if table != reference:
            row |= {"reference": reference} | compared(found[scenario.name, reference][0], acks)
        rows.append(row)
    (OUT / "summary.json").write_text(json.dumps(
        {"kernel": stock.release, "transfers": rows}, indent=2) + "\n")
    draw(found, scenarios, OUT / "curves.png")
    head = (f"{'scenario':<10}{'algorithm':<12}{'goodput':>14}{'srtt':>11}{'ACKs':>8}"
            f"{'as in C until':>18}{'window apart':>15}")
    print(f"\n  {head}\n  {'-' * len(head)}")
    for row in rows:
        until = "" if "reference" not in row else "the end" if row["same_until_s"] is None else \
            f"{row['same_until_s']:.3f} s"
        apart = f"{row['mean_cwnd_difference'] * 100:.2f} %" if "reference" in row else ""
        print(f"  {row['scenario']:<10}{row['table']:<12}{row['goodput_mbit']:>9.2f} Mb/s"
              f"{row['mean_srtt_ms']:>8.2f} ms{row['acks']:>8}{until:>18}{apart:>15}")
    for row in (row for row in rows if "bandwidth_estimate_mbit" in row):
        rate = next(scenario.path[1] for scenario in scenarios if scenario.name == row["scenario"])
        print(f"\n  {row['scenario']}: {row['table']} measured "
              f"{row['bandwidth_estimate_mbit']:.2f} Mbit/s (median) of a link of {rate} Mbit/s",
              end="")
    print(f"\nbuild/curves/curves.png shows the windows over time, build/curves/summary.json has "
          f"the figures. ({time.monotonic() - start:.0f} s)")
