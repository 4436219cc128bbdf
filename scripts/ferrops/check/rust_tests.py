# SPDX-License-Identifier: GPL-2.0-only
"""The tests in a file in Rust."""

import re


def rust_tests(source: str) -> list[str]:
    """The functions in a file in Rust that are tests."""
    return re.findall(r"^\s*#\[test\]\n(?:\s*#\[.*\n)*\s*fn (\w+)", source, re.MULTILINE)
