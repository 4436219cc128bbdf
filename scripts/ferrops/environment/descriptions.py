# SPDX-License-Identifier: GPL-2.0-only
"""What is known of the algorithms: samples/*/description.toml.

The format is in Documentation/opsdiff.rst. What is Rust in a description becomes a part of the
test module opsdiff: scripts/ferrops/build/descriptions_in_rust.py writes that.
"""

import functools
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrops.environment.process import CHECKOUT, Failure

FILE = "description.toml"

# What may happen on a connection beside what always does.
EVENTS = {"mss", "srtt", "timestamps"}

# The tables of a description, and what each key holds. A list of one is an array of tables.
KEYS: dict[str, Any] = {
    "reference": {"table": str, "modules": list},
    "kernels_bpf": {"table": str, "differs": bool},
    "on_kfuncs": {"program": str, "in_c": dict},
    "state": dict,
    "parameters": [{"values": dict, "bpf": bool, "mutants": bool}],
    "precondition": [{"on": list, "outside": str, "reason": str, "here": str}],
    "drawn": {"until": str, "reason": str},
    "events": {"also": list, "in_flight": str},
    "any_state": [{"word": str, "value": str}],
    "path": [{"name": str, "prepare": str, "seldom": bool}],
    "bench": {"carry": bool, "ecn": bool, "most": float, "reason": str},
    "curves": {"scenarios": list},
}
NEEDED = {"reference": {"table"}, "kernels_bpf": {"table"}, "on_kfuncs": {"program", "in_c"},
          "parameters": {"values"}, "precondition": {"on", "outside", "reason", "here"},
          "drawn": {"until", "reason"}, "any_state": {"word", "value"}, "path": {"name", "prepare"}}


@dataclass(frozen=True)
class Parameters:
    """Values to set on both sides, beside the defaults; a name with a dot is a sysctl's."""

    values: dict[str, int]
    # Whether a BPF object has what they are about, and whether mutants are compared with them.
    bpf: bool
    mutants: bool


@dataclass(frozen=True)
class Description:
    """What is known of an algorithm."""

    path: Path
    # The table of ours, as a module; `NAME_bpf` is it in BPF.
    name: str
    content: dict[str, Any] = field(hash=False, compare=False)

    def get(self, table: str, key: str, default: Any = "") -> Any:
        return self.content.get(table, {}).get(key, default)

    @property
    def reference(self) -> str:
        """The table in C."""
        return str(self.get("reference", "table"))

    @property
    def modules(self) -> list[str]:
        """The kernel's modules that the reference is in."""
        return list(self.get("reference", "modules", []))

    @property
    def bpf(self) -> str:
        """The table of ours, as a BPF object."""
        return f"{self.name}_bpf"

    @property
    def kernels_bpf(self) -> str:
        """The kernel's own table in BPF; empty if there is none."""
        return str(self.get("kernels_bpf", "table"))

    @property
    def on_kfuncs(self) -> str:
        """A table in BPF (samples/bpf) whose programs call the module's kfuncs; empty for none."""
        return str(self.get("on_kfuncs", "program"))

    @property
    def parameters(self) -> list[Parameters]:
        return [Parameters(entry["values"], entry.get("bpf", True), entry.get("mutants", False))
                for entry in self.content.get("parameters", [])]

    @property
    def seldom(self) -> set[str]:
        """Those of its paths that do not run for each ACK or packet."""
        return {path["name"].replace(" ", "_") for path in self.content.get("path", [])
                if path.get("seldom")}


@functools.cache
def descriptions() -> dict[str, Description]:
    """All of them, by the reference's name."""
    found: dict[str, Description] = {}
    for path in sorted(CHECKOUT.glob(f"samples/*/{FILE}")):
        description = read(path)
        if description.reference in found:
            raise Failure(f"{path.relative_to(CHECKOUT)}: '{description.reference}' is the "
                          f"reference of {found[description.reference].name} too; remove one")
        found[description.reference] = description
    return found


def read(path: Path) -> Description:
    """Reads one, and says where it is wrong."""
    text = path.read_text()
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{path.relative_to(CHECKOUT)}: {error}") from None
    check(path, text, content)
    return Description(path, path.parent.name.removeprefix("tcp_"), content)


def check(path: Path, text: str, content: dict[str, Any]) -> None:
    """Refuses a table or a key that there is not, or that holds something else."""
    def wrong(what: str, near: str) -> Failure:
        line = next((number for number, line in enumerate(text.splitlines(), 1)
                     if re.match(rf"\[*{re.escape(near)}\b", line)), 1)
        return Failure(f"{path.relative_to(CHECKOUT)}:{line}: {what}")

    for table, entries in content.items():
        kind = KEYS.get(table)
        if kind is None:
            raise wrong(f"there is no table [{table}]; there are {', '.join(KEYS)}", table)
        is_array = isinstance(kind, list)
        if not isinstance(entries, list if is_array else dict):
            raise wrong(f"[{table}] is written as {f'[[{table}]]' if is_array else f'[{table}]'}",
                        table)
        if kind is dict:
            continue
        keys = kind[0] if is_array else kind
        for entry in entries if is_array else [entries]:
            for key, value in entry.items():
                if key not in keys:
                    raise wrong(f"[{table}] has no '{key}'; it has {', '.join(keys)}", key)
                if not isinstance(value, keys[key]):
                    raise wrong(f"'{key}' of [{table}] is a {keys[key].__name__}", key)
            if missing := NEEDED.get(table, set()) - entry.keys():
                raise wrong(f"[{table}] lacks '{sorted(missing)[0]}'", table)
    if "reference" not in content:
        raise wrong("there is no [reference]; it names the table in C", "")
    if unknown := set(content.get("events", {}).get("also", [])) - EVENTS:
        raise wrong(f"there are no events '{sorted(unknown)[0]}'; there are "
                    f"{', '.join(sorted(EVENTS))}", "also")
