# SPDX-License-Identifier: GPL-2.0-only
"""What lint checks of texts: licenses, maintainers, the documentation's columns and paths.

Each function takes the checkout's directory and the names of its files, and returns findings.
"""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from ferrops.environment.process import LICENSE
from ferrops.instruments import demo_figures, sample_transcripts

TEXT = "LICENSES/preferred/GPL-2.0-only.txt"
COLUMNS = 80

# The top folders that a path in the documentation begins with.
FOLDERS = ("Documentation", "LICENSES", "rust", "samples", "scripts", "tests")
# Files that the tutorial tells a reader to make, and names that stand for any.
EXAMPLES = re.compile(r"[A-Z]{3,}|\*|half|tcp_rfoo|rcubic-cubic-1\.events")
# Files of the kernel's, beside which the checkout has folders of the same names.
KERNELS = {"rust/Makefile", "rust/bindgen_parameters", "rust/libkernel.rmeta"}


def licenses(checkout: Path, names: list[str]) -> Iterator[str]:
    """Every file has a tag in its first lines, or one in REUSE.toml."""
    annotations = tomllib.loads((checkout / "REUSE.toml").read_text())["annotations"]
    patterns = [pattern for annotation in annotations if "SPDX-License-Identifier" in annotation
                for pattern in listed(annotation["path"])]
    for name in names:
        if name.startswith("LICENSES/"):
            continue
        with (checkout / name).open("rb") as file:
            head = b"".join(file.readline() for _ in range(3))
        if LICENSE.encode() in head:
            continue
        if not any(matches(name, pattern) for pattern in patterns):
            yield f"{name}:1: no '{LICENSE}', and no license in REUSE.toml"
    for pattern in patterns:
        if not any(matches(name, pattern) for name in names):
            yield f"REUSE.toml: no file matches '{pattern}'; remove it"
    if TEXT not in names:
        yield f"{TEXT}: the license's text is missing"


def listed(value: str | list[str]) -> list[str]:
    """A value that TOML has as one string or as several."""
    return [value] if isinstance(value, str) else value


def matches(name: str, pattern: str) -> bool:
    """Whether a path matches a pattern, in which * stops at a slash and ** does not."""
    parts = (re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("**"))
    return re.fullmatch(".*".join(parts), name) is not None


def maintainers(checkout: Path, names: list[str]) -> Iterator[str]:
    """Every pattern in MAINTAINERS matches a file, as the kernel's get_maintainer.pl reads it."""
    folders = {f"{parent}/" for name in names for parent in Path(name).parents}
    patterns = set()
    for number, line in enumerate((checkout / "MAINTAINERS").read_text().splitlines(), 1):
        if found := re.match(r"[FX]:\t(.+)", line):
            patterns.add(found[1])
            # A folder stands for all below it; any other pattern is for its own folder only.
            if not any(fnmatchcase(name, found[1]) and name.count("/") == found[1].count("/")
                       for name in (folders if found[1].endswith("/") else names)):
                yield f"MAINTAINERS:{number}: no file matches '{found[1]}'"
    if not {"*", "*/"} <= patterns:
        yield "MAINTAINERS: no entry has both 'F: *' and 'F: */', so files have no maintainer"


def prose(text: str, code: str) -> Iterator[tuple[int, str]]:
    """The lines without literal blocks and tables, and their numbers. A literal block is indented
    by `code`, or between lines of backticks."""
    table = fenced = False
    previous = ""
    for number, line in enumerate(text.splitlines(), 1):
        rule = re.fullmatch(r"=+( +=+)+", line)
        # The rule that ends a table has an empty line after it.
        table = bool(rule) or table and (bool(line) or not re.fullmatch("[= ]+", previous))
        fenced ^= line.startswith("```")
        if not table and not fenced and not line.startswith((code, "|")):
            yield number, line
        previous = line


def documentation(checkout: Path, names: list[str]) -> Iterator[str]:
    """Prose has at most 80 columns, and paths in it exist."""
    known = KERNELS | set(names) | {str(parent) for name in names for parent in Path(name).parents}
    mentioned = re.compile(rf"(?:``|[`(])((?:{'|'.join(FOLDERS)})/[^\s`)]+)")
    for name in names:
        if not name.endswith((".rst", ".md")):
            continue
        text = (checkout / name).read_text()
        # What is generated between these lines is as wide as it is.
        wide = re.sub(r"(?s)\.\. begin: .*?\.\. end: ", lambda part: "\n" * part[0].count("\n"),
                      text)
        for number, line in prose(wide, "\t" if name.endswith(".rst") else "    "):
            if len(line) > COLUMNS:
                yield f"{name}:{number}: {len(line)} columns, more than {COLUMNS}"
        for number, line in enumerate(text.splitlines(), 1):
            for path in mentioned.findall(line):
                path = path.rstrip("/.,:")
                if not EXAMPLES.search(path) and path not in known:
                    yield f"{name}:{number}: there is no {path}"


def findings(checkout: Path, names: list[str]) -> list[str]:
    """Everything that is found."""
    return [*licenses(checkout, names), *maintainers(checkout, names),
            *documentation(checkout, names), *demo_figures.findings(checkout),
            *sample_transcripts.findings(checkout, names)]
