# SPDX-License-Identifier: GPL-2.0-only
"""The tables of Documentation/safety.rst, generated from what the programs say."""

import re
import textwrap

from ferrops.check.compile_fail import FORCED, SECTIONS, Program
from ferrops.environment.process import CHECKOUT, Failure

DOCUMENT = CHECKOUT / "Documentation/safety.rst"


def tables(programs: list[Program]) -> dict[str, str]:
    """The document's generated parts."""
    caught = [program for program in programs if "caught" in program.says]
    refused_ones = [program for program in programs if "rustc" in program.says]
    count = sum("bpf" in program.says for program in refused_ones)
    silent = sum("bpf loads" in program.says for program in refused_ones)
    parts = [paragraph(f"{len(refused_ones)} mistakes. ``rustc`` refuses all of them. BPF refuses "
                       f"{count} and loads {silent}; the others do not exist there.")]
    for section, title in SECTIONS.items():
        rows = [row(program) for program in refused_ones if program.section == section]
        if rows:
            head = ["mistake", "the message of ``rustc``", "C", "BPF"]
            parts += [f"{title}\n{'-' * len(title)}", list_table(head, rows)]
    head = ["mistake", "caught by", "C", "BPF"]
    gaps = list_table(head, [row(program) for program in caught])
    return {"refused": "\n\n".join(parts), "gaps": gaps, "forced": forced(programs)}


def forced(programs: list[Program]) -> str:
    """The table of what has a BPF object of the same Rust, and how many of them who refuses."""
    chosen = [program for program in programs if program.forced]
    parts = []
    for key, who in (("rustc", "``rustc`` refuses"), ("caught", "``rustc`` accepts")):
        ends = [program.forced for program in chosen if key in program.says]
        build, kernel, nobody = (ends.count(end) for end in FORCED)
        parts.append(paragraph(f"- Of {len(ends)} that {who}, the build of the object refuses "
                               f"{build} and the verifier {kernel}; {nobody} load."))
    rows = []
    for program in chosen:
        says = program.says
        cells = [mistake(program), "refused" if "rustc" in says else "accepted"]
        if "forced build" in says:
            cells += [f"refused: {code(says['forced build'])}", ""]
        elif "forced bpf" in says:
            cells += ["accepted", f"refused: {code(says['forced bpf'])}"]
        else:
            cells += ["accepted", f"**loads**; {text_of(says['forced loads'])}"]
        rows.append(cells)
    head = ["mistake", "``rustc``", "the build of the object", "loading it"]
    return "\n".join(parts) + "\n\n" + list_table(head, rows)


def list_table(head: list[str], rows: list[list[str]]) -> str:
    """A table whose cells may have several lines."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for cells in [head, *rows]:
        for number, cell in enumerate(cells):
            lines.append(paragraph(f"   {' ' if number else '*'} - {cell}", 7))
    return "\n".join(lines)


def paragraph(text: str, indent: int = 0) -> str:
    """The text in lines of at most 80 columns."""
    return textwrap.fill(text, 80, subsequent_indent=" " * (indent or 2 * text.startswith("- ")),
                         break_long_words=False, break_on_hyphens=False)


def code(text: str) -> str:
    """What a tool said, which has backticks of its own."""
    return f"``{text.replace('`', '')}``"


def text_of(text: str) -> str:
    """A text of a header, where `code` is between backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        raise Failure(f"a backtick is missing in '{text}'")
    for number, part in enumerate(parts):
        # Markup has to begin and end at a space or a punctuation mark.
        if number % 2:
            begin = r"\ " if parts[number - 1][-1:].isalnum() else ""
            end = r"\ " if parts[number + 1][:1].isalnum() else ""
            parts[number] = f"{begin}``{part}``{end}"
        else:
            parts[number] = re.sub(r"([*|\\]|_(?!\w))", r"\\\1", part)
    return "".join(parts)


def mistake(program: Program) -> str:
    """A program's first cell: the mistake, and the program's name."""
    return f"{text_of(program.says['mistake'])} ({code(program.name)})"


def row(program: Program) -> list[str]:
    """A program's cells in its table."""
    says = program.says
    if "bpf" in says:
        bpf = f"refused: {code(says['bpf'])}"
    elif "bpf loads" in says:
        bpf = f"**loads**; {text_of(says['bpf loads'])}"
    else:
        bpf = f"– ({text_of(says['no bpf'])})"
    second = code(says["rustc"]) if "rustc" in says else text_of(says["caught"])
    return [mistake(program), second, text_of(says["c"]), bpf]


def rewritten(document: str, programs: list[Program]) -> str:
    """The document with its generated parts."""
    for name, text in tables(programs).items():
        begin, end = f".. begin {name}: make safety", f".. end {name}"
        if begin not in document or end not in document:
            raise Failure(f"{DOCUMENT.name} lacks the lines '{begin}' and '{end}'")
        before, rest = document.split(begin)
        document = f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}"
    return document
