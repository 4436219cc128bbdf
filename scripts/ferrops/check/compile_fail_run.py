# SPDX-License-Identifier: GPL-2.0-only
"""Compiles the programs in tests/compile-fail, loads them, and notes what is not as they say."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ferrops.build.artifacts import modules
from ferrops.build.kernel_sources import kernel_types
from ferrops.check import bpf_guest
from ferrops.check.compile_fail import PROGRAMS, Program, bpf_program, module
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, output
from ferrops.guest import qemu

# One of the compiler's messages.
Message = dict[str, Any]

# --- The compiler ---------------------------------------------------------

class Compiler:
    """rustc as Kbuild calls it for a module, and as cargo does."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.cwd = CHECKOUT / "build/stock"
        saved = sorted(self.cwd.glob("samples/tcp_r*/.tcp_*.o.cmd"))
        if not saved:
            raise Failure("build/stock has no module; run 'make modules'")
        line = saved[0].read_text().splitlines()[0].partition(" := ")[2]
        words = shlex.split(line)
        program = words.index("rustc")
        self.env = {**os.environ, "RUSTC_BOOTSTRAP": "1",
                    "FERROPS_KFUNCS": str(self.cwd / "rust/kfuncs"),
                    **dict(word.split("=", 1) for word in words[:program])}
        out = words.index("--out-dir")
        self.command = [word for index, word in enumerate(words[program:-1], program)
                        if index not in (out, out + 1) and not word.startswith("--emit=")]
        output(["cargo", "check", "--offline", "--quiet", "--package=tcp_cc",
                f"--manifest-path={CHECKOUT}/Cargo.toml", f"--target-dir={work}/host"])
        crates = work / "host/debug/deps"
        self.host = ["rustc", "--edition=2021", f"-Ldependency={crates}",
                     *(f"--extern={name}={next(crates.glob(f'lib{name}-*.rmeta'))}"
                       for name in ("tcp_cc_backend", "tcp_cc"))]

    def run(self, command: list[str], source: Path) -> list[Message]:
        """What the compiler says; what follows an error and belongs to it is among its children."""
        done = subprocess.run([*command, "--error-format=json", "-Awarnings", str(source)],
                              cwd=self.cwd, env=self.env, text=True, capture_output=True,
                              check=False)
        said: list[Message] = []
        for line in done.stderr.splitlines():
            message = json.loads(line)
            if message["level"] == "error" and message["spans"]:
                said.append(message)
            elif message["level"] == "note" and said:
                said[-1]["children"].append(message)
            elif message["level"] == "error" and not message["message"].startswith("aborting"):
                said.append(message)
        if done.returncode and not said:
            raise Failure(f"rustc failed on {source.name}: {done.stderr.strip()}")
        return said

    def module(self, program: Program, form: str) -> tuple[list[Message], Path]:
        """Compiles it as a module. Returns what the compiler said, and the object."""
        stem = f"{program.name}_{form}"
        source, target = self.work / f"{stem}.rs", self.work / f"{stem}.o"
        source.write_text(module(program))
        return self.run([*self.command, f"--cfg={form}", f"--crate-name={stem}",
                         f"--emit=obj={target}"], source), target

    def library(self, program: Program, form: str) -> list[Message]:
        """Compiles it for the host."""
        source = self.work / f"{program.name}_host.rs"
        source.write_text(module(program, is_module=False))
        return self.run([*self.host, f"--cfg={form}", "--crate-type=lib", "--emit=metadata",
                         f"--out-dir={self.work}", f"--crate-name={program.name}_{form}"], source)


def points_to(message: Message) -> Iterator[tuple[Path, range]]:
    """The lines that a message is about, also as what a macro was called with."""
    for span in message["spans"]:
        while span:
            yield Path(span["file_name"]), range(span["line_start"], span["line_end"] + 1)
            span = span["expansion"] and span["expansion"]["span"]
    for child in message["children"]:
        yield from points_to(child)


def shown(messages: list[Message]) -> list[str]:
    """The messages as the compiler shows them, with the notes that belong to them."""
    return [part["rendered"] for message in messages for part in (message, *message["children"])
            if part["rendered"]]


def refused(program: Program, said: list[Message], expected: str) -> Iterator[str]:
    """What is wrong with how the compiler refused it."""
    if not said:
        yield "it compiles"
        return
    wrong = {(program.source, line) for line in program.wrong_lines}
    at = program.says.get("at")
    for message in said:
        places = list(points_to(message))
        if wrong or at:
            if not any((path, line) in wrong for path, lines in places for line in lines) \
                    and not (at and any(says_at(at, path, lines) for path, lines in places)):
                yield f"an error does not point to the wrong line: {message['message']}"
        elif any(path == program.source for path, _ in places):
            yield f"an error points to a line that is not marked: {message['message']}"
    if not any(expected in " ".join(message["rendered"].split()) for message in said):
        yield f"the compiler does not say '{expected}', but '{said[0]['message']}'"


def says_at(text: str, path: Path, lines: range) -> bool:
    """Whether one of these lines has the text."""
    return path.exists() and any(text in path.read_text().splitlines()[line - 1]
                                 for line in lines)


def undefined(target: Path) -> set[str]:
    """The symbols that an object needs from elsewhere."""
    return set(output(["nm", "--undefined-only", "--just-symbols", str(target)]).split())


def compile_rust(compiler: Compiler, program: Program) -> None:
    """Compiles both forms of a program and notes what is not as it should be."""
    says = program.says
    right, right_object = compiler.module(program, "right")
    program.findings += [f"without the mistake: {message['message']}" for message in right]
    said, target = compiler.module(program, "wrong")
    program.details += shown(right + said)
    if "rustc" in says:
        program.findings += refused(program, said, says["rustc"])
    elif said:
        program.findings.append(f"the compiler does see it: {said[0]['message']}; say so")
    elif symbol := says.get("object"):
        for path, wanted in ((target, True), (right_object, False)):
            if any(symbol in name for name in undefined(path)) != wanted:
                program.findings.append(f"{path.name} {'lacks' if wanted else 'has'} {symbol}")
    if "host" in says:
        said = compiler.library(program, "wrong")
        program.details += shown(said)
        program.findings += refused(program, said, says["host"])
        program.findings += [f"without the mistake, for the host: {message['message']}"
                             for message in compiler.library(program, "right")]


# --- BPF ------------------------------------------------------------------


def bpf_compiler(types: Path, work: Path) -> dict[str, list[str]]:
    """clang for either form. What all programs include, the kernel's types, is compiled once."""
    compilers = {}
    for form, define in (("wrong", []), ("right", ["-DRIGHT"])):
        command = ["clang", "--target=bpf", "-g", "-O2", "-mcpu=v4", "-Wall", "-Werror",
                   "-D__TARGET_ARCH_x86", *define, "-isystem", str(types)]
        header = work / f"{form}.pch"
        output([*command, "-x", "c-header", str(PROGRAMS / "algorithm.bpf.h"), "-o", str(header)])
        compilers[form] = [*command, "-include-pch", str(header), "-c", "-o"]
    return compilers


def compile_bpf(program: Program, compilers: dict[str, list[str]], work: Path) -> dict[str, Path]:
    """Compiles both forms of a program's BPF form."""
    assert program.bpf
    objects = {}
    for form, compiler in compilers.items():
        source, target = (work / f"{program.name}.{form}.bpf.{suffix}" for suffix in "co")
        source.write_text(bpf_program(program.bpf))
        done = subprocess.run([*compiler, str(target), str(source)], text=True,
                              capture_output=True, check=False)
        if done.returncode:
            program.details.append(done.stderr)
            program.findings.append(f"its BPF form ({form}) does not compile")
        else:
            objects[f"bpf/{program.name}.{form}.o"] = target
    return objects


def build_forced(programs: list[Program], kernel: Kernel, work: Path) -> dict[str, Path]:
    """Builds both forms of the same Rust as BPF objects. Notes what the build has to say."""
    work.mkdir()
    copy = bpf_guest.copy_checkout(work)
    samples = {}
    for number, program in enumerate(programs):
        for form in program.rust_forms:
            name = f"{program.name}_{form}"
            directory = copy / f"samples/tcp_{name}"
            directory.mkdir()
            # An object goes by the name in its table.
            table = f"{form}{number}"
            (directory / f"tcp_{name}.rs").write_text(
                module(program, form).replace('name: "wrong"', f'name: "{table}"'))
            samples[f"tcp_{name}"] = (program, form, copy / f"build/bpf/{table}.bpf.o")
    failures = work / "failures.json"
    done = subprocess.run([sys.executable, copy / "scripts/build-bpf", "--failures", failures,
                           kernel.tree / "build", "stock", *samples], text=True,
                          capture_output=True, check=False)
    not_built = json.loads(failures.read_text()) if failures.exists() else {}
    objects = {}
    for sample, (program, form, made) in samples.items():
        if made.exists():
            objects[f"bpf/{program.name}.rust_{form}.o"] = made
        said = not_built.get(sample, "built" if made.exists() else last(done.stderr))
        program.details.append(f"{program.source.name} for BPF, {form}: {said}")
        if form == "forced" and "forced build" in program.says:
            if program.says["forced build"] not in said:
                program.findings.append(f"the BPF build does not say "
                                        f"'{program.says['forced build']}', but: {said}")
        elif not made.exists():
            program.findings.append(f"for BPF, its {form} form is not built: {said}")
            program.details.append(done.stderr)
    return objects


def load(kernel: Kernel, files: dict[str, Path]) -> dict[str, tuple[int, str]]:
    """Registers each object in one guest. Returns bpftool's status and what it and the kernel
    said, by the object's name."""
    done = qemu.boot(qemu.Run(kernel, PROGRAMS / "load.sh", files=files,
                              progress=lambda line: None))
    loaded = {}
    for name, text, status in re.findall(r"^%% begin (\S+)\n(.*?)^%% end (\d+)$", done.output,
                                         re.MULTILINE | re.DOTALL):
        loaded[name] = (int(status), text)
    return loaded


def check_loaded(program: Program, loaded: dict[str, tuple[int, str]]) -> None:
    """Notes what is not as a program says of what is loaded of it."""
    if program.bpf:
        check_form(program, loaded, "wrong", program.says.get("bpf"))
        check_form(program, loaded, "right", None)
    for form in program.rust_forms:
        if form == "right":
            check_form(program, loaded, "rust_right", None)
        elif program.forced != "forced build":
            check_form(program, loaded, "rust_forced", program.says.get("forced bpf"))


def check_form(program: Program, loaded: dict[str, tuple[int, str]], form: str,
               expected: str | None) -> None:
    """Notes if a form is not refused with these words; or, without any, if it is."""
    status, text = loaded.get(f"{program.name}.{form}.o", (-1, "it was not loaded"))
    program.details.append(f"{program.name}, {form}, status {status}:\n{text}")
    if expected is None:
        if status:
            program.findings.append(f"its BPF form ({form}) does not load: {last(text)}")
    elif not status:
        program.findings.append(f"its BPF form ({form}) loads; say so")
    elif expected not in text:
        program.findings.append(f"BPF does not say '{expected}' of its form {form}, but: "
                                f"{last(text)}")


def last(text: str) -> str:
    """The end of a log, in one line."""
    return " / ".join(text.strip().splitlines()[-6:])


# --- All of them -----------------------------------------------------------


def check_all(programs: list[Program]) -> None:
    """Compiles them all, loads those that are BPF programs, and notes what is not as it should."""
    kernel = kernel_tree("stock")
    modules(kernel, "stock")
    at_once = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(at_once) as pool:
        work = Path(directory)
        compiler = Compiler(work)
        forced = [program for program in programs if program.forced]
        # In as many parts as there are processors: a build of BPF objects uses one.
        parts = [forced[first::at_once] for first in range(at_once)]
        rust = [pool.submit(build_forced, part, kernel, work / str(number))
                for number, part in enumerate(parts) if part]
        list(pool.map(lambda program: compile_rust(compiler, program), programs))
        bpf = [program for program in programs if program.bpf]
        files: dict[str, Path] = {}
        compilers = bpf_compiler(kernel_types(kernel.tree / "build"), work) if bpf else {}
        for objects in pool.map(lambda program: compile_bpf(program, compilers, work), bpf):
            files |= objects
        for built in rust:
            files |= built.result()
        loaded = load(kernel, files) if files else {}
    for program in programs:
        check_loaded(program, loaded)
