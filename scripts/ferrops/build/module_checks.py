# SPDX-License-Identifier: GPL-2.0-only
"""Refuses modules that can panic, or whose callbacks take too much stack.

    module-checks [--verbose] KDIR MODULE.ko...

What the compiler left in the module is what counts:

- Nothing in it may refer to a function of the kernel's Rust crates that only panics.
- From a callback (any function whose address is taken, other than for init and exit)
  no Rust function of the kernel may be reached that can panic on some path.
- The longest chain of calls from a callback, inside the module, takes 512 bytes of
  stack at most. What the kernel's own functions take is theirs. So that there is a
  longest chain: no recursion, no call through a pointer, no frame of variable size.

What a function of the kernel's crates does is read off the objects in KDIR/rust. A
module with KUnit suites is not checked: it holds its tests, which may panic.
"""

import argparse
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ferrops.build.machine_code import (Function, Instruction, Object, demangled, is_readable,
                                        last_part, tool)
from ferrops.environment.process import CHECKOUT, Failure, output, say

STACK_MAX = 512
RETURN_ADDRESS = 8

# Where every panic ends.
PANIC = re.compile(r"_4core9panicking|rust_begin_unwind")

# What to do instead of what panicked, by a part of the name of what was called.
REMEDIES = [
    (r"div_by_zero|rem_by_zero|(div|rem)_overflow", "use checked_div() or checked_rem()"),
    (r"overflow", "use wrapping_, saturating_ or checked_ arithmetic"),
    (r"panic_bounds_check", "use get(), or an index that is masked to the array's size"),
    (r"slice.*(_fail|_panic)", "use get() with a range"),
    (r"unwrap_failed|expect_failed", "handle the other case, with `let ... else` or unwrap_or()"),
    (r"", "take that case out, or return early in it"),
]


class KernelRust:
    """The Rust functions of a kernel."""

    def __init__(self, kdir: Path):
        self.functions: dict[str, Function] = {}
        for path in sorted((kdir / "rust").glob("*.o")):
            self.functions |= Object(path).functions
        if not self.functions:
            raise Failure(f"{kdir}/rust has no objects to tell what can panic; build the kernel "
                          f"there")

    def may_panic(self, name: str) -> bool:
        """Whether a function of the kernel can panic, as far as its code shows."""
        seen, wanted = {name}, [name]
        while wanted:
            name = wanted.pop()
            if PANIC.search(name):
                return True
            function = self.functions.get(name)
            if not function:
                if name.startswith("_R"):
                    return True  # Rust code that is not to be seen.
                continue
            if any(instruction.is_indirect() for instruction in function.instructions):
                return True
            called = {to if isinstance(to, str) else to.name for _, to in function.goes_to()}
            wanted += called - seen
            seen |= called
        return False

    def only_panics(self, name: str) -> bool:
        """Whether a function of the kernel never returns, since it panics."""
        if PANIC.search(name):
            return True
        function = self.functions.get(name)
        return function is not None and not returns(function) and self.may_panic(name)


def returns(function: Function) -> bool:
    """Whether there is a way back to the caller, or into another function's code."""
    return any(instruction.is_return() or
               not instruction.is_call() and
               (instruction.is_indirect() or instruction.is_transfer() and instruction.refers)
               for instruction in function.instructions)


def callbacks(module: Object) -> list[Function]:
    """The functions that the kernel may call while the module is loaded."""
    found = [function for function in module.pointed_to if function.section.startswith(".text")]
    if not found:
        raise Failure(f"{module.path.name} has no callbacks; scripts/module-checks does not "
                      f"understand how it is built")
    return sorted(found, key=lambda function: function.start)


def below(function: Function) -> Iterator[tuple[Instruction, Function | str]]:
    """What a function calls. Its cold part, which the compiler split off, is not recursion."""
    for instruction, to in function.goes_to():
        if not (isinstance(to, Function) and function.name == f"{to.name}.cold"):
            yield instruction, to


def reached(function: Function) -> list[Function]:
    """A function and all that it calls in its module."""
    found = [function]
    for caller in found:
        for _, to in below(caller):
            if isinstance(to, Function) and to not in found:
                found.append(to)
    return found


class Names:
    """How a module's functions are called in its source."""

    def __init__(self, module: Object):
        self.module = module
        self.demangled = demangled([*module.functions, *module.undefined])

    def short(self, symbol: str) -> str:
        """The last part of a name."""
        if symbol not in self.demangled:
            self.demangled |= demangled([symbol])
        return last_part(self.demangled[symbol])

    def at(self, function: Function, instruction: Instruction) -> str:
        """An instruction's place in the source: the innermost one that is in a sample."""
        addr2line, section = tool("addr2line"), [f"--section={function.section}"]
        if addr2line.startswith("llvm"):
            # It cannot be told the section, and looks in the first one.
            if function.section != ".text":
                return self.short(function.name)
            section = []
        lines = output([addr2line, "--functions", "--inlines", *section,
                        f"--exe={self.module.path}", hex(instruction.address)]).splitlines()
        frames = list(zip(lines[::2], lines[1::2], strict=True))
        # The outermost is the function itself.
        frames[-1] = (function.name, frames[-1][1])
        ours = [frame for frame in frames if f"{CHECKOUT}/samples/" in frame[1]]
        name, place = (ours or frames[-1:])[0]
        file, _, line = place.split(" ")[0].rpartition(":")
        if not file.startswith("/") or line in ("?", "0"):
            return self.short(name)
        return f"{self.short(name)} ({os.path.relpath(file, CHECKOUT)}:{line})"


def remedy(entry: str) -> str:
    """What to do about a panic."""
    return next(text for pattern, text in REMEDIES if re.search(pattern, entry))


def panics(module: Object, kernel: KernelRust, names: Names) -> Iterator[str]:
    """Each place of a module that can panic."""
    functions = list({id(function): function for function in module.functions.values()}.values())
    for entry in sorted(name for name in module.undefined if kernel.only_panics(name)):
        places = {names.at(function, instruction): None
                  for function in functions for instruction in function.instructions
                  if entry in instruction.refers}
        where = ", ".join(places) or "its data"
        path = names.demangled[entry]
        yield f"{module.path.name} can panic: {where} reaches {path}; {remedy(path)}"
    for callback in callbacks(module):
        for function in reached(callback):
            for instruction, to in function.goes_to():
                if (isinstance(to, str) and to.startswith("_R") and kernel.may_panic(to)
                        and not kernel.only_panics(to)):
                    yield (f"{module.path.name} can panic: {names.at(function, instruction)} "
                           f"calls {names.demangled[to]}, which panics in some cases; write it "
                           f"without, where a callback comes by")


@cache
def frame(function: Function) -> int | None:
    """The most that a function takes of the stack, with the return address; None if it varies.

    Everything that is pushed or reserved anywhere in it is added up.
    """
    total = RETURN_ADDRESS
    for instruction in function.instructions:
        text = instruction.text
        if text.startswith("push"):
            total += 8
        elif fixed := re.fullmatch(r"(sub|add|and)q? \$(-?)0x([0-9a-f]+), ?%rsp", text):
            operation, sign, digits = fixed.groups()
            value = -int(digits, 16) if sign else int(digits, 16)
            value -= 1 << 64 if value >= 1 << 63 else 0
            total += max(value if operation == "sub" else -value, 0)
        elif lea := re.fullmatch(r"leaq? (-?)0x([0-9a-f]+)\(%rsp\), ?%rsp", text):
            total += int(lea.group(2), 16) if lea.group(1) else 0
        elif re.search(r", ?%rsp$", text) and not re.search(r"%rbp\)?, ?%rsp$", text):
            return None
    return total


def stack(module: Object, names: Names, verbose: bool) -> Iterator[str]:
    """Each callback whose use of the stack is too large, or has no bound."""
    told = set()

    def deepest(chain: list[Function]) -> list[Function]:
        """The chain of calls that goes on from `chain` and takes the most."""
        best = chain
        for _, to in below(chain[-1]):
            if isinstance(to, Function):
                if to in chain:
                    raise Failure(f"calls itself: {path([*chain[chain.index(to):], to])}")
                best = max(best, deepest([*chain, to]), key=size)
        return best

    def size(chain: list[Function]) -> int:
        return sum(frame(function) or 0 for function in chain)

    def path(chain: list[Function]) -> str:
        return " -> ".join(names.short(function.name) for function in chain)

    for callback in callbacks(module):
        start = f"{module.path.name}: the callback {names.short(callback.name)}"
        for function in reached(callback):
            for instruction in function.instructions:
                if instruction.is_indirect() and instruction not in told:
                    told.add(instruction)
                    yield (f"{start} has no bound on its stack: "
                           f"{names.at(function, instruction)} calls through a pointer; call the "
                           f"function by its name")
            if frame(function) is None:
                yield (f"{start} has no bound on its stack: the frame of "
                       f"{names.short(function.name)} varies in size; use a fixed one")
        try:
            chain = deepest([callback])
        except Failure as recursion:
            yield f"{start} has no bound on its stack: it {recursion}; use a loop"
            continue
        frames = " + ".join(f"{names.short(function.name)} {frame(function)}"
                            for function in chain)
        if size(chain) > STACK_MAX:
            yield (f"{start} takes {size(chain)} bytes of stack, more than {STACK_MAX} "
                   f"({frames}); keep less in local variables")
        elif verbose:
            print(f"{start} takes {size(chain)} bytes of stack ({frames})")


def run() -> int:
    parser = argparse.ArgumentParser(description="Refuses modules that can panic, or whose "
                                                 "callbacks take too much stack.")
    parser.add_argument("--verbose", action="store_true", help="say what each callback takes")
    parser.add_argument("kdir", type=Path)
    parser.add_argument("module", type=Path, nargs="+")
    arguments = parser.parse_args()
    if not all(map(is_readable, arguments.module)):
        say("neither panics nor stack are checked: that can be done for x86-64 only")
        return 0
    kernel = KernelRust(arguments.kdir)
    found = []
    for module in map(Object, arguments.module):
        if ".kunit_test_suites" not in module.sections.values():
            names = Names(module)
            found += [*panics(module, kernel, names), *stack(module, names, arguments.verbose)]
    for finding in found:
        say(f"error: {finding}")
    return 1 if found else 0
