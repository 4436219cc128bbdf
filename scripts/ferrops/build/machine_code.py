# SPDX-License-Identifier: GPL-2.0-only
"""Object files for x86-64 as what they are made of: functions, instructions, references.

Read with tools that every kernel build needs, readelf and objdump, be they GNU's or LLVM's.
"""

import bisect
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ferrops.environment.process import Failure, output

# Where the addresses of functions are kept that somebody calls later; those of exported ones,
# too. Other sections that refer to functions (for the unwinder, for tracing) are not read.
POINTERS = re.compile(r"\.(data|rodata|bss)|__ksymtab(_gpl)?$")
CODE = re.compile(r"\.((init|exit|noinstr|ref)\.)?text")


def tool(name: str) -> str:
    """A tool by its GNU name, or LLVM's reference of it."""
    for candidate in (name, "llvm-cxxfilt" if name == "c++filt" else f"llvm-{name}"):
        if shutil.which(candidate):
            return candidate
    raise Failure(f"{name} is missing; apt-get install binutils (or llvm)")


def is_readable(path: Path) -> bool:
    """Whether an object is for the one machine whose instructions are understood here."""
    return "X86-64" in output([tool("readelf"), "--file-header", str(path)])


def demangled(names: Iterable[str]) -> dict[str, str]:
    """Symbols as a reader of the source knows them."""
    wanted = sorted(set(names))
    text = output([tool("c++filt")], input="\n".join(wanted)) if wanted else ""
    # GNU's tool also shows the crates' hashes.
    return dict(zip(wanted, re.sub(r"\[[0-9a-f]{6,}\]", "", text).splitlines(), strict=True))


def last_part(name: str) -> str:
    """The function alone, of a demangled name."""
    return re.sub(r"::<.*>$", "", name).rpartition("::")[2]


@dataclass(eq=False)
class Instruction:
    """One instruction, in AT&T syntax, which both disassemblers write by default."""

    address: int
    end: int
    text: str
    # What it refers to, from its relocations: functions of this file, and names of the rest.
    refers: list["Function | str"] = field(default_factory=list)
    # Where it branches to, within the section and without a relocation.
    branch: int | None = None

    def is_transfer(self) -> bool:
        """Whether it is a call or a jump."""
        return re.match(r"(notrack |bnd )?(call|j)", self.text) is not None

    def is_call(self) -> bool:
        return self.text.startswith("call")

    def is_return(self) -> bool:
        return self.text.startswith("ret") or "__x86_return_thunk" in self.refers

    def is_indirect(self) -> bool:
        """Whether it goes where only the running program knows; not through a table of `match`."""
        if any(isinstance(to, str) and to.startswith("__x86_indirect_") for to in self.refers):
            return True
        through = re.match(r"(notrack |bnd )?(call|jmp)q?\s+\*", self.text)
        return through is not None and not (through.group(2) == "jmp" and ".rodata" in self.refers)

    def is_padding(self) -> bool:
        """Whether it does nothing for the program: alignment, and marks for tracing and IBT."""
        return ("__fentry__" in self.refers or
                re.match(r"(data16 |cs )*(nop|endbr|int3)|xchg\s+%ax,\s*%ax$", self.text)
                is not None)


@dataclass(eq=False)
class Function:
    """A function, with its place in the file."""

    name: str
    section: str
    start: int
    end: int
    instructions: list[Instruction] = field(default_factory=list)

    def goes_to(self) -> list[tuple[Instruction, "Function | str"]]:
        """What it calls, be it itself, and to where it jumps outside itself."""
        return [(instruction, to) for instruction in self.instructions
                if instruction.is_transfer() for to in instruction.refers
                if to is not self or instruction.is_call()]


class Object:
    """The functions of an object file or a module."""

    def __init__(self, path: Path):
        self.path = path
        self.functions: dict[str, Function] = {}
        self.undefined: set[str] = set()
        # Functions whose address is taken, so that anybody may call them.
        self.pointed_to: list[Function] = []
        # What pointers in data lead to, by section and offset.
        self.pointers: dict[tuple[str, int], Function | str] = {}
        self.sections: dict[str, str] = {}
        self._at: dict[str, list[Function]] = {}

        text = output([tool("readelf"), "--file-header", "--section-headers", "--symbols",
                       "--relocs", "--wide", str(path)])
        self._read_symbols(text)
        self._read_code(output([tool("objdump"), "--disassemble", "--no-show-raw-insn", str(path)]))
        self._read_relocations(text)
        self._connect()

    def at(self, section: str, offset: int) -> Function | None:
        """The function that an address is in."""
        functions = self._at.get(section, [])
        place = bisect.bisect_right(functions, offset, key=lambda function: function.start)
        if place and offset < functions[place - 1].end:
            return functions[place - 1]
        return None

    def _read_symbols(self, text: str) -> None:
        for number, name in re.findall(r"^\s*\[\s*(\d+)\] (\S+)", text, re.MULTILINE):
            self.sections[number] = name
        symbols = re.findall(r"^\s*\d+: ([0-9a-f]+)\s+(\w+) (FUNC|NOTYPE)\s+\w+\s+\w+\s+"
                             r"(?:\[.*?\]\s+)?(\w+) (\S+)$", text, re.MULTILINE)
        for value, size, kind, section, name in symbols:
            start, length = int(value, 16), int(size, 0)
            if section == "UND":
                self.undefined.add(name)
            elif kind == "FUNC" and length and not name.startswith("__pfx_"):
                function = self.at(self.sections[section], start)
                if not function:
                    function = Function(name, self.sections[section], start, start + length)
                    bisect.insort(self._at.setdefault(function.section, []), function,
                                  key=lambda function: function.start)
                elif function.name.startswith("__callback_"):
                    # Only another name, for assembler (rust/tcp_cc/kfunc/callback.rs).
                    function.name = name
                self.functions[name] = function

    def _read_code(self, text: str) -> None:
        section, previous = "", None
        for line in text.splitlines():
            if header := re.match(r"Disassembly of section (\S+):$", line):
                section, previous = header.group(1), None
            elif found := re.match(r"\s*([0-9a-f]+):\s+(\S.*)$", line):
                address = int(found.group(1), 16)
                written = re.sub(r"\s+# .*", "", found.group(2)).strip()
                if previous:
                    previous.end = address
                branch = re.match(r"(?:notrack |bnd )?(?:call|j)\w*\s+(?:0x)?([0-9a-f]+)(?: <|$)",
                                  written)
                # 15 bytes is the longest that there is.
                previous = Instruction(address, address + 15, re.sub(r"\s+", " ", written),
                                       branch=int(branch.group(1), 16) if branch else None)
                if function := self.at(section, address):
                    function.instructions.append(previous)

    def _read_relocations(self, text: str) -> None:
        for section, body in re.findall(r"^Relocation section '\.rela(\S+)' .*\n.*\n((?:\S.*\n)*)",
                                        text + "\n", re.MULTILINE):
            if not CODE.match(section) and not POINTERS.match(section):
                continue
            for where, kind, symbol, sign, addend in re.findall(
                    r"^([0-9a-f]+)\s+\S+\s+R_X86_64_(\S+)\s+[0-9a-f]+ (\S+) ([+-]) ([0-9a-f]+)",
                    body, re.MULTILINE):
                offset = int(where, 16)
                self._relocate(section, offset, kind, symbol, int(sign + addend, 16))

    def _relocate(self, section: str, offset: int, kind: str, symbol: str, addend: int) -> None:
        function = self.at(section, offset)
        instruction = None
        if function:
            place = bisect.bisect_right(function.instructions, offset, key=lambda i: i.address)
            instruction = function.instructions[place - 1]
            if kind in ("PC32", "PLT32"):  # Counted from the end of the instruction.
                addend += instruction.end - offset
        to = (self.functions.get(symbol) or self.at(symbol, addend) or symbol)
        if instruction:
            instruction.refers.append(to)
            instruction.branch = None
        else:
            self.pointers[section, offset] = to
        if isinstance(to, Function) and not (instruction and instruction.is_transfer()):
            self.pointed_to.append(to)

    def _connect(self) -> None:
        """Turns branches without a relocation into references."""
        for function in {id(function): function for function in self.functions.values()}.values():
            for instruction in function.instructions:
                if instruction.branch is not None:
                    to = self.at(function.section, instruction.branch)
                    if to and (to is not function or instruction.is_call()):
                        instruction.refers.append(to)
        self.pointed_to = list({id(function): function for function in self.pointed_to}.values())
