# SPDX-License-Identifier: GPL-2.0-only
"""Events of real transfers, recorded in a guest with the kernel's tracepoint tcp_probe."""

import bisect
import re
from pathlib import Path

from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT, LICENSE, Failure, say
from ferrops.guest import qemu

MSS = 1448
PAYLOAD = 8 << 20

OPEN, RECOVERY, LOSS = 0, 3, 4


def record(out: Path) -> list[Path]:
    """Transfers files over several paths, and leaves the events of each in `out`."""
    stock = kernel_tree("stock")
    payload = out / "payload"
    with stock.image.open("rb") as image:
        payload.write_bytes(image.read(PAYLOAD))
    say("recording transfers")
    done = qemu.boot(qemu.Run(stock, CHECKOUT / "tests/opsdiff/record.sh", [],
                                {"payload": payload,
                                 "transfer.sh": CHECKOUT / "scripts/ferrops/guest/transfer.sh"},
                                out=out, progress=lambda line: say(f"  {line}")))
    payload.unlink()
    if done.status:
        raise Failure("the transfers cannot be recorded: "
                      f"{(done.output.strip().splitlines() or ['no message'])[-1]}")
    config = (stock.tree / "build/.config").read_text()
    hz = int(re.findall(r"(?m)^CONFIG_HZ=(\d+)$", config)[0])
    made = []
    for trace in sorted(out.glob("*.trace")):
        made.append(trace.with_suffix(".events"))
        made[-1].write_text(events(trace.read_text(), hz))
    return made


def events(trace: str, hz: int) -> str:
    """What happened, as tests/opsdiff reads it, with so many ticks of the jiffies clock a second.

    The tracepoint fires when an ACK comes in, so what it acknowledges is in the next line.
    A threshold that falls to less than the window is a loss (HyStart sets it to the window);
    a packet counts as marked for each, since the marks themselves are not in the trace. What an
    ACK acknowledges was sent a smoothed RTT ago: since then the packets of its rate sample were
    delivered.
    """
    rows = [{**{key: int(value, 0) for key, value in re.findall(r"(\w+)=(0x\w+|\d+)", line)},
             "us": round(float(time) * 1e6)}
            for time, line in re.findall(r" (\d+\.\d+): tcp_probe: (.*)", trace)]
    if not rows:
        raise Failure("the transfers cannot be recorded: tcp_probe said nothing")

    def jiffies(row: dict[str, int]) -> int:
        return 1000 + (row["us"] - rows[0]["us"]) * hz // 1_000_000

    lines = [f"# {LICENSE}", f"set mss_cache {MSS}", "init"]
    state = OPEN
    delivered = marked = 0
    # When how many packets had been delivered.
    history = [(0, 0)]
    for before, row in zip(rows, rows[1:]):
        out = -(-((before["snd_nxt"] - before["snd_una"]) & 0xffffffff) // MSS)
        acked = -(-((row["snd_una"] - before["snd_una"]) & 0xffffffff) // MSS)
        lines += [f"clock {jiffies(before)}", f"set tcp_mstamp {before['us']}"]
        losses = marked
        if row["ssthresh"] < min(before["ssthresh"], before["snd_cwnd"]):
            state = LOSS if row["snd_cwnd"] == 1 else RECOVERY
            marked += 1
            lines += [f"set prior_cwnd {before['snd_cwnd']}", "ssthresh",
                      *(["cwnd_event 3"] if state == LOSS else []), f"set_state {state}",
                      f"set snd_cwnd {max(row['snd_cwnd'], 1)}"]
        elif state != OPEN and acked and row["snd_cwnd"] >= row["ssthresh"]:
            state = OPEN
            lines.append("set_state 0")
        delivered += acked
        lines += [f"set snd_una {row['snd_una']}", f"set snd_nxt {before['snd_nxt']}",
                  f"set delivered {delivered}", f"set delivered_ce {marked}",
                  f"set max_packets_out {out}",
                  f"set is_cwnd_limited {int(out + 2 >= before['snd_cwnd'])}",
                  f"pkts_acked {acked} {before['srtt'] if acked else -1} {out}", "in_ack_event 0"]
        if acked and state == OPEN:
            lines.append(f"cong_avoid {row['snd_una']} {acked}")
        history.append((before["us"], delivered))
        sent = before["us"] - before["srtt"]
        prior = history[bisect.bisect(history, sent, key=lambda point: point[0]) - 1][1]
        fields = {"delivered_mstamp": before["us"], "tcp_clock_cache": before["us"] * 1000,
                  "tcp_wstamp_ns": before["us"] * 1000, "srtt_us": before["srtt"] * 8,
                  "packets_out": out, "lost": marked, "losses": marked - losses,
                  "prior_delivered": prior, "rs_delivered": delivered - prior,
                  "interval_us": before["srtt"], "rtt_us": before["srtt"] if acked else -1,
                  "acked_sacked": acked, "prior_in_flight": out}
        lines += [f"set {name} {value}" for name, value in fields.items()]
        lines.append(f"cong_control {row['snd_una']} 0")
        if row["us"] - before["us"] > 200_000:
            lines += [f"set lsndtime {jiffies(before)}",
                      f"clock {jiffies(row)}", "cwnd_event_tx_start"]
    return "\n".join([*lines, "end", ""])
