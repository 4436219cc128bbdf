# SPDX-License-Identifier: GPL-2.0-only
"""What the demo shows: its table, its picture, and the ones that Documentation/images has.

The committed picture is drawn from the committed numbers and carries their SHA-256. lint compares
these, and the README's table; `check demo` compares the numbers with those of the present build.
"""

import hashlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAYLOAD_MIB = 20

# What it is written in, by name.
ALGORITHMS = {
    "cubic": "C, in the kernel",
    "rcubic": "Rust, tcp_rcubic.ko",
    "rcubic_bpf": "BPF, same source",
    "bpf_cubic": "BPF, the kernel's",
    "rreno": "Rust, tcp_rreno.ko",
}

# The path's loss in per cent, by the scenario's name.
SCENARIOS = {"no loss": 0.0, "0.1 % loss": 0.1}
PATH = "100 Mbit/s, 40 ms RTT, a queue of 200 packets"

# Of the checkout: the committed ones.
NUMBERS = "Documentation/images/cwnd.json"
PICTURE = "Documentation/images/cwnd.png"

# How far a transfer may be from the committed one. A callback that takes an instruction more moves
# everything after it by a nanosecond, which in the end rounds something differently.
GOODPUT_APART = 0.03
WINDOW_APART = 0.05

# A transfer: its figures (guest/transfer.sh), and its window as [milliseconds, packets].
Row = dict[str, Any]


def curve(path: Path) -> list[list[int]]:
    """The window over time, where it changes, and at the end."""
    points: list[list[int]] = []
    last = [0, 0]
    for line in path.read_text().splitlines():
        time, cwnd, *_ = line.split("\t")
        last = [round(float(time) * 1000), int(cwnd)]
        if not points or points[-1][1] != last[1]:
            points.append(last)
    return points if points and points[-1] == last else [*points, last]


def text(numbers: dict[str, Any]) -> str:
    """The numbers as JSON, a line for each transfer."""
    head = json.dumps({key: value for key, value in numbers.items() if key != "scenarios"})
    scenarios = []
    for scenario in numbers["scenarios"]:
        own = json.dumps({key: value for key, value in scenario.items() if key != "transfers"})
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in scenario["transfers"])
        scenarios.append(f'{own[:-1]}, "transfers": [\n{rows}\n]}}')
    return f'{head[:-1]}, "scenarios": [\n' + ",\n".join(scenarios) + "\n]}\n"


def table(numbers: dict[str, Any]) -> str:
    """The figures for people."""
    head = (f"{'algorithm':<11}{'written in':<21}{'goodput':>12}{'retrans':>9}{'srtt':>10}"
            f"{'cwnd':>6}")
    lines = [f"  {head}", f"  {'-' * len(head)}"]
    for scenario in numbers["scenarios"]:
        lines += [f"  {numbers['path']}, {scenario['name']}:"]
        lines += [f"  {row['algorithm']:<11}{row['written_in']:<21}"
                  f"{row['goodput_mbit']:>7.2f} Mb/s{row['retransmits']:>9}"
                  f"{row['mean_srtt_ms']:>7.2f} ms{row['last_cwnd']:>6}"
                  for row in scenario["transfers"]]
        lines.append("")
    return "\n".join(lines)


def digest(numbers: str) -> str:
    """What the picture says of the numbers that it was drawn from."""
    return f"drawn from numbers with SHA-256 {hashlib.sha256(numbers.encode()).hexdigest()}"


def draw(numbers: dict[str, Any], picture: Path) -> None:
    """cwnd over time, one panel for each scenario."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    # Equal curves would hide one another: C's is a broad pale band below the thin ones.
    styles = {
        "cubic": {"color": "#9ecae1", "linewidth": 6, "label": "cubic (C)"},
        "rcubic": {"color": "#08519c", "linewidth": 1.6, "label": "rcubic (Rust)"},
        "rcubic_bpf": {"color": "#756bb1", "linewidth": 1.6, "linestyle": ":",
                       "label": "rcubic_bpf (same source)"},
        "bpf_cubic": {"color": "#e6550d", "linewidth": 1.4, "linestyle": "--",
                      "label": "bpf_cubic (BPF)"},
        "rreno": {"color": "#31a354", "linewidth": 1.6, "label": "rreno (Rust)"},
    }
    scenarios = numbers["scenarios"]
    figure, panels = pyplot.subplots(len(scenarios), 1, figsize=(9, 6.4), layout="constrained",
                                     squeeze=False)
    for panel, scenario in zip(panels.flat, scenarios):
        for row in scenario["transfers"]:
            panel.plot([milliseconds / 1000 for milliseconds, _ in row["cwnd"]],
                       [packets for _, packets in row["cwnd"]],
                       drawstyle="steps-post", **styles[row["algorithm"]])
        panel.set_title(f"{numbers['path']}, {scenario['name']}", loc="left", fontsize=11)
        panel.set_xlabel("time since the first ACK (s)")
        panel.set_ylabel("cwnd (packets)")
        panel.set_xlim(left=0)
        panel.grid(alpha=0.3)
        panel.legend(loc="upper right", ncols=5, frameon=False, fontsize=8)
        panel.margins(y=0.18)
        panel.set_ylim(bottom=0)
    figure.suptitle(f"Congestion window while {PAYLOAD_MIB} MiB are sent, stock Linux in virtual "
                    "time", fontsize=12)
    # Nothing in it of the version that drew it.
    figure.savefig(picture, dpi=90, metadata={"Software": None, "Comment": digest(text(numbers))})


def comments(picture: bytes) -> list[str]:
    """The texts in a PNG file under the keyword Comment."""
    found, at = [], 8
    while at + 12 <= len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        keyword, _, comment = picture[at + 8:at + 8 + length].partition(b"\0")
        if kind == b"tEXt" and keyword == b"Comment":
            found.append(comment.decode("latin-1"))
        at += 12 + length
    return found


def differences(committed: dict[str, Any], measured: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each transfer by its name, and how far it is from the committed one, if too far."""
    for scenario in measured["scenarios"]:
        known = {(old["name"], row["algorithm"]): row for old in committed["scenarios"]
                 for row in old["transfers"]}
        for row in scenario["transfers"]:
            name = f"{scenario['name']}, {row['algorithm']}"
            old = known.get((scenario["name"], row["algorithm"]))
            yield name, difference(old, row) if old else f"{NUMBERS} does not have it"


def difference(old: Row, new: Row) -> str:
    """How far a transfer is from the other one, if too far."""
    goodput = abs(new["goodput_mbit"] / old["goodput_mbit"] - 1)
    if goodput > GOODPUT_APART:
        return (f"goodput {new['goodput_mbit']:.2f} Mbit/s, and {old['goodput_mbit']:.2f} in "
                f"{NUMBERS}")
    end = min(old["cwnd"][-1][0], new["cwnd"][-1][0])
    times = range(0, end, 20)
    apart = sum(abs(window(new, time) / window(old, time) - 1) for time in times) / len(times)
    return f"windows {apart:.0%} apart from those in {NUMBERS}" if apart > WINDOW_APART else ""


def window(row: Row, time: int) -> int:
    """A transfer's window at a time, in milliseconds."""
    packets = [packets for at, packets in row["cwnd"] if at <= time]
    return int(packets[-1])


def findings(checkout: Path) -> Iterator[str]:
    """Whether the committed picture and the README's table are of the committed numbers."""
    try:
        numbers = (checkout / NUMBERS).read_text()
        picture = (checkout / PICTURE).read_bytes()
    except FileNotFoundError as error:
        yield f"{error.filename}: is missing; run 'make demo WRITE=y'"
        return
    if digest(numbers) not in comments(picture):
        yield f"{PICTURE}: not drawn from {NUMBERS}; run 'make demo WRITE=y'"
    if table(json.loads(numbers)).rstrip() not in (checkout / "README.md").read_text():
        yield f"README.md: lacks the demo's table as {NUMBERS} has it; run 'make demo WRITE=y'"
