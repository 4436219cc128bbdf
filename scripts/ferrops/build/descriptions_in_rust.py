# SPDX-License-Identifier: GPL-2.0-only
"""Writes what is known of the algorithms (samples/*/description.toml) in Rust.

    descriptions-in-rust >descriptions_generated.rs

For the test module opsdiff, of which it becomes a part: tests/opsdiff/description.rs.
"""

import json

from ferrops.environment.descriptions import EVENTS, Description, descriptions
from ferrops.environment.process import CHECKOUT, LICENSE


def block(code: str) -> str:
    """Code in a description, as a block."""
    return "{\n" + code.strip() + "\n}"


def rust(description: Description, first: int) -> str:
    """The constant of a description; its preconditions have the numbers from `first` on."""
    content, quoted = description.content, json.dumps
    tables = [description.reference, description.kernels_bpf, description.name, description.bpf,
              description.on_kfuncs]
    names = "".join(f"const {name.upper()}: usize = {word};\n"
                    for name, word in content.get("state", {}).items())
    preconditions = "".join(
        f"Precondition {{ number: {number}, "
        f"on: &[{', '.join(f'Kind::{member}' for member in entry['on'])}], "
        f"reason: {quoted(entry['reason'])}, "
        f"is_outside: |case| {block(entry['outside'])} }},\n"
        for number, entry in enumerate(content.get("precondition", []), first))
    any_state = "".join(f"(|random| {block(entry['value'])}, {entry['word'].upper()}),\n"
                        for entry in content.get("any_state", []))
    paths = "".join(f"path({quoted(entry['name'].replace(' ', '_'))}, "
                    f"|scene| {block(entry['prepare'])}),\n" for entry in content.get("path", []))
    also = description.get("events", "also", [])
    drawn, in_flight = description.get("drawn", "until"), description.get("events", "in_flight")
    return (f"#[allow(dead_code, unused_imports, unused_variables)]\n"
            f"mod {description.name} {{\nuse super::*;\n{names}"
            f"pub(super) const DESCRIPTION: Description = Description {{\n"
            f"references: &[{', '.join(quoted(name) for name in tables[:2] if name)}],\n"
            f"tables: &[{', '.join(quoted(name) for name in tables if name)}],\n"
            f"preconditions: &[{preconditions}],\n"
            f"drawn: {f'Some(|side| u64::from({block(drawn)}))' if drawn else 'None'},\n"
            f"any_state: &[{any_state}],\n"
            f"in_flight: {f'Some(|side, random| {block(in_flight)})' if in_flight else 'None'},\n"
            + "".join(f"{event}: {str(event in also).lower()},\n" for event in sorted(EVENTS)) +
            f"paths: &[{paths}],\n}};\n}}\n")


def generated() -> str:
    """All of them in Rust."""
    text, number = [f"// {LICENSE}\n// Written by scripts/descriptions-in-rust.\n"], 0
    found = descriptions().values()
    for description in found:
        text.append(f"// {description.path.relative_to(CHECKOUT)}\n{rust(description, number)}")
        number += len(description.content.get("precondition", []))
    text.append(f"/// How many preconditions there are.\npub(crate) const PRECONDITIONS: usize = "
                f"{number};\n\n/// What is known of the algorithms.\n"
                f"pub(crate) const DESCRIPTIONS: &[Description] = &["
                f"{', '.join(f'{description.name}::DESCRIPTION' for description in found)}];\n")
    return "\n".join(text)


def run() -> None:
    print(generated(), end="")
