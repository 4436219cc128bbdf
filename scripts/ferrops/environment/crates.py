# SPDX-License-Identifier: GPL-2.0-only
"""The crate graph, which rust/crates lists."""

from ferrops.environment.process import CHECKOUT


def crates(target: str) -> list[tuple[str, str, list[str]]]:
    """Our crates for a target (rust/crates), in their order: name, root, and what each uses."""
    lines = [line.split() for line in (CHECKOUT / "rust/crates").read_text().splitlines()
             if line and not line.startswith("#")]
    return [(name, f"rust/{root}", uses) for of, name, root, *uses in lines if of == target]
