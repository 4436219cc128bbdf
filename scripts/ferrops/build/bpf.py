# SPDX-License-Identifier: GPL-2.0-only
"""Builds the algorithms in samples/ as BPF objects: build/bpf/NAME.bpf.o.

And the BPF programs of samples/bpf, which call the modules' kfuncs: build/bpf/samples.

    build-bpf [--failures FILE] KDIR BUILT [SAMPLE...]

For the kernel built in KDIR, for which build-modules has built into build/BUILT. Each
sample (by default all) is compiled from the files that make it a module; the callbacks
of an algorithm become the programs of a struct_ops map, for `bpftool struct_ops register`.
With --failures, a sample that cannot be built does not keep the others from it, and FILE
says in JSON which ones are not, and why.

How, and what is different in BPF: Documentation/bpf.rst.
"""

import argparse
import functools
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from ferrops.build.artifacts import bpf_program
from ferrops.build.bpf_core import TARGET, core, run_tool
from ferrops.build.bpf_glue import Description, apart, descriptions, glue, unescaped, variables
from ferrops.build.kernel_sources import kernel_types
from ferrops.environment.cache import digest, locked
from ferrops.environment.crates import crates
from ferrops.environment.process import CHECKOUT, Failure, output, say, shown

OUT = CHECKOUT / "build/bpf"
# With other CPUs than the compilers', LLVM does not inline Rust into C. The oldest that
# has a signed division.
CPU = "v4"

# LLVM's functions for floating point: of numbers of 16 to 128 bits, and a remainder.
FLOATING_POINT = r"__\w*[hsdt]f\w*|fmodf?"

# What a BPF program cannot do, or not so, by the function that stands for it in
# rust/tcp_cc/backend/bpf.rs.
LACKS = {
    "fall_back_to_reno": "where it falls back, the kernel's reno takes over",
    "no_ecn_dontxmit": "clearing ECT is left to the kernel",
    "no_plb": "PLB does nothing",
    "no_add_stats": "SNMP counters are not kept",
    "no_base_rtt": "sock_ops programs are not asked for the base RTT",
    "no_snd_cwnd_clamp": "the upper bound of the window stays as it is",
    "random_u32": "random numbers are those of bpf_get_prandom_u32()",
    "request_pacing": "pacing is requested without a cmpxchg",
}


@functools.cache
def llvm(name: str) -> str:
    """LLVM's tool of this name in rustc's version of LLVM: others do not read what it writes."""
    verbose = output(["rustc", "-vV"])
    major = verbose.split("LLVM version: ")[1].split(".")[0]
    if path := shutil.which(f"{name}-{major}"):
        return path
    found = re.search(r"version (\d+)", output([name, "--version"]))
    if not found or found.group(1) != major:
        raise Failure(f"rustc is built with LLVM {major}, but {name} is of LLVM "
                      f"{found.group(1) if found else '?'}; install {name}-{major}")
    return name


@dataclass
class Inputs:
    """What all samples are built from."""
    core: Path
    types: Path
    max_tcp_header: int
    work: Path
    # Of all that is above, and of the library: what its metadata in `work` depends on.
    key: str


# --- What does not depend on the sample -----------------------------------


def disassembled(bitcode: Path) -> str:
    """LLVM's text for a module."""
    return output([llvm("llvm-dis"), str(bitcode), "-o", "-"])


def assembled(ir: str, bitcode: Path) -> None:
    """Makes a module of LLVM's text. (Made of the text itself, BTF has no certain order.)"""
    text = bitcode.with_suffix(".ll")
    text.write_text(ir)
    run_tool([llvm("llvm-as"), text, "-o", bitcode], "llvm-as failed; its message is above")


def optimise(source: Path, target: Path, public: list[str], passes: str, *options: str) -> None:
    """Runs LLVM's passes over a module, of which the outside sees `public` alone."""
    run_tool([llvm("opt"), f"--internalize-public-api-list={','.join(public)}", *options,
              f"--passes={passes}", source, "-o", target], "opt failed; its message is above")


def rustc(*arguments: str | Path) -> list[str | Path]:
    """A command for BPF. Checks overflows, as the kernel's modules do."""
    return ["rustc", "--edition=2021", f"--target={TARGET}", f"-Ctarget-cpu={CPU}",
            "-Copt-level=2", "-Cpanic=abort", "-Coverflow-checks=on", "-Ccodegen-units=1",
            "-Zalways-encode-mir", "-Cdebuginfo=line-tables-only",
            f"--remap-path-prefix={CHECKOUT}/=", "--crate-type=rlib", *arguments]


def max_tcp_header(built: str) -> int:
    """The kernel's MAX_TCP_HEADER, from the modules' bindings."""
    bindings = CHECKOUT / "build" / built / "rust/bindings_generated.rs"
    if not bindings.exists():
        raise Failure(f"{shown(bindings)} is not there; build the modules first ('make modules')")
    found = re.search(r"^pub const FERROPS_MAX_TCP_HEADER: \w+ = (\d+);", bindings.read_text(),
                      re.MULTILINE)
    if not found:
        raise Failure(f"{shown(bindings)} has no MAX_TCP_HEADER; build the modules again")
    return int(found.group(1))


def state_size() -> int:
    """How large the Rust code holds `icsk_ca_priv` to be."""
    text = (CHECKOUT / "rust/tcp_cc/backend/bpf.rs").read_text()
    return int(text.split("\nconst CA_PRIV_SIZE: usize = ")[1].split(";")[0])


def compile_library(inputs: Inputs) -> None:
    """Compiles the crates that a sample uses, as metadata: all they have is inlined."""
    made = inputs.work / "library.key"
    if made.exists() and made.read_text() == inputs.key:
        return
    made.unlink(missing_ok=True)
    for name, root, uses in crates("bpf"):
        run_tool(rustc(f"-L{inputs.core}", f"-L{inputs.work}", f"--out-dir={inputs.work}",
                       "--emit=metadata", f"--crate-name={name}",
                       *(f"--extern={used}" for used in uses), root),
                 f"{root} does not compile for BPF; the compiler's message is above")
    made.write_text(inputs.key)


@dataclass
class Record:
    """What was made of a sample, kept beside it: it is not made again from the same."""
    path: Path
    key: str = ""
    objects: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Record":
        return cls(path, **json.loads(path.read_text())) if path.exists() else cls(path)

    def write(self) -> None:
        self.path.write_text(json.dumps({"key": self.key, "objects": self.objects,
                                         "notes": self.notes}))

    def is_of(self, key: str) -> bool:
        """Whether the objects are there, and made of this."""
        return self.key == key and all((OUT / name).exists() for name in self.objects)

    def forget(self) -> None:
        """Deletes the record and the objects."""
        self.path.unlink(missing_ok=True)
        for name in self.objects:
            (OUT / name).unlink(missing_ok=True)


def library_key(core_: Path, types: Path, header: int) -> str:
    """What everything here depends on, beside the sample."""
    headers = sorted(Path("/usr/include/bpf").glob("bpf_*.h"))
    sources = [CHECKOUT / "scripts/ferrops/build/bpf.py",
               CHECKOUT / "scripts/ferrops/build/bpf_core.py",
               CHECKOUT / "scripts/ferrops/build/bpf_glue.py",
               CHECKOUT / "rust/crates",
               *sorted(path for crate in ("core", "bpf", "ferrops", "tcp_cc")
                       for path in (CHECKOUT / "rust" / crate).rglob("*") if path.is_file())]
    return digest(str(CHECKOUT), str(core_), str(types), str(header),
                  output([llvm("clang"), "--version"]), output(["bpftool", "version"]),
                  *map(str, sources), *headers, *sources)


def key(sample: str, inputs: Inputs) -> str:
    """What the objects of a sample depend on."""
    sources = sorted((CHECKOUT / f"samples/{sample}").rglob("*.rs"))
    return digest(inputs.key, *map(str, sources), *sources)


# --- A sample -------------------------------------------------------------


def functions(ir: str, keyword: str) -> dict[str, str]:
    """The functions that a module `define`s or only `declare`s, with the attributes of each."""
    groups = dict(re.findall(r"^attributes (#\d+) = \{ (.*) \}$", ir, re.MULTILINE))
    found = re.findall(rf"^{keyword} .*?@\"?([\w.$]+)\"?\(.*\)(.*)$", ir, re.MULTILINE)
    return {name: " ".join([rest, *(groups.get(group, "") for group in rest.split())])
            for name, rest in found if not name.startswith("llvm.")}


def plain(symbol: str) -> str:
    """The name that a programmer gave a function."""
    name = output([llvm("llvm-cxxfilt"), symbol])
    return re.sub(r"^ferrops_\d_|::h[0-9a-f]{16}$", "", name)


def uses(ir: str, symbol: str) -> list[tuple[str, str]]:
    """The functions that use `symbol`, and the lines that do."""
    found = []
    for function, body in re.findall(r"^define .*?@\"?([\w.$]+)\"?\(.*?\{$(.*?)^\}$", ir,
                                     re.MULTILINE | re.DOTALL):
        found += [(function, line) for line in body.splitlines()
                  if re.search(rf"@\"?{re.escape(symbol)}(?![\w.$])", line)]
    return found


def callers(ir: str, symbol: str) -> list[tuple[str, str]]:
    """The functions that call `symbol`, and the calls."""
    return [(function, line) for function, line in uses(ir, symbol)
            if re.search(rf"call .*@\"?{re.escape(symbol)}\"?\(", line)]


def source_of(ir: str, call: str) -> str:
    """The place in the source that a call to panic names: a file and two numbers in a constant."""
    for constant in reversed(re.findall(r"@(alloc_\w+)", call)):
        found = re.search(rf'^@{constant} = .*ptr @(alloc_\w+), \[16 x i8\] c"([^"]*)"', ir,
                          re.MULTILINE)
        if not found:
            continue
        name = re.search(rf'^@{found.group(1)} = .* c"([^"]*)"', ir, re.MULTILINE)
        numbers = unescaped(found.group(2))
        line, column = (int.from_bytes(numbers[at:at + 4], "little") for at in (8, 12))
        return f" at {name.group(1) if name else '?'}:{line}:{column}"
    return ""


def check_ir(ir: str, name: str) -> None:
    """Refuses what is left to be linked: there is nothing to link with."""
    for symbol, attributes in functions(ir, "declare").items():
        for function, call in callers(ir, symbol) if 'section ".ksyms"' not in attributes else []:
            if "noreturn" in attributes:
                raise Failure(f"{name}: {plain(function)} can panic{source_of(ir, call)} "
                              f"({plain(symbol).split('::')[-1]}); write it so that it cannot, "
                              f"for instance with checked_div() or wrapping_mul()")
            raise Failure(f"{name}: {plain(function)} calls {plain(symbol)}, which BPF does not "
                          f"have; do without it")


def make_object(bitcode: Path, target: Path, name: str) -> None:
    """Makes the object. What LLVM then complains of is a limit of BPF's."""
    # In the checkout, where it finds the lines of the source that it adds.
    done = subprocess.run([llvm("llc"), "-march=bpf", f"-mcpu={CPU}", "-filetype=obj", bitcode,
                           "-o", target], cwd=CHECKOUT, text=True, capture_output=True, check=False)
    said = re.search(r"error: .*?in function (\S+) .*?: (.*)", done.stderr)
    if said:
        function, message = plain(said.group(1)), said.group(2).strip()
        if "stack limit" in message:
            message = "more than the 512 bytes of stack that BPF has; keep less in arrays"
        elif re.search(rf"built-in function '(?:{FLOATING_POINT})'", message):
            message = "floating point, which BPF does not have; use integers, scaled as needed"
        raise Failure(f"{name}: {function}: {message}")
    if said := re.search(r"Cannot select: .*In function: (\S+)", done.stderr, re.DOTALL):
        what = "an atomic" if re.search(r"\bAtomic", done.stderr) else "an operation"
        raise Failure(f"{name}: {plain(said.group(1))}: {what} that BPF does not have; keep what "
                      "sockets share in parameters")
    if done.returncode or "error:" in done.stderr:
        say(f"llc says:\n{done.stderr.strip()}")
        raise Failure(f"{name}: LLVM makes no BPF of it; its message is above")
    output([llvm("llvm-strip"), "--strip-debug", str(target)])


def check_object(path: Path, ir: str, description: Description) -> None:
    """Refuses an object that would not load, with the reason."""
    name = description.name
    symbols = [line.split() for line in
               output([llvm("llvm-readelf"), "--symbols", "--wide", str(path)]).splitlines()]
    sections = dict(re.findall(r"^ *\[ *(\d+)\] (\S+)",
                               output([llvm("llvm-readelf"), "--sections", "--wide", str(path)]),
                               re.MULTILINE))
    if ".data.rel.ro" in sections.values():
        table = next((symbol[7] for symbol in symbols if len(symbol) == 8
                      and sections.get(symbol[6]) == ".data.rel.ro"), "")
        function = "".join(f"{plain(user)}: " for user, _ in uses(ir, table)[:1])
        # Only a static has a name of its own.
        is_static = table and not re.match(r"alloc_|switch\.table", table)
        called = plain(table).split("::")[-1] if is_static else "a constant"
        raise Failure(f"{name}: {function}{called} has addresses in it, of functions, texts or "
                      f"others, which BPF cannot have; use numbers, and a match to choose a "
                      f"function")
    for symbol in symbols:
        if len(symbol) == 8 and symbol[3] == "FUNC" and symbol[7] not in description.programs:
            raise Failure(f"{name}: {plain(symbol[7])} is not inlined, as everything has to be: "
                          f"is it recursive?")
    btf = output(["bpftool", "btf", "dump", "file", str(path)])
    # Kfuncs, and the kernel's configuration.
    from_loader = re.findall(r"^\[\d+\] (?:FUNC|VAR) '(\w+)' .*linkage=extern", btf,
                             re.MULTILINE)
    for symbol in symbols:
        if len(symbol) == 8 and symbol[6] == "UND" and symbol[7] not in from_loader:
            raise Failure(f"{name}: uses {plain(symbol[7])}, which BPF does not have; do without "
                          f"it")
    for kind, other in re.findall(r"^\[\d+\] (\w+) '([^']*)'", btf, re.MULTILINE):
        if kind != "DECL_TAG" and not re.fullmatch(r"[\w. ]+|\(anon\)", other):
            raise Failure(f"{name}: BTF has a {kind} named {other}, which is not a name in C")


def build(sample: str, inputs: Inputs, record: Record) -> None:
    """Builds the algorithms of a sample."""
    rust = inputs.work / f"{sample}.bc"
    source = f"samples/{sample}/{sample}.rs"
    run_tool(rustc(f"-L{inputs.core}", f"-L{inputs.work}", "-Zcrate-attr=no_std", "--emit=llvm-bc",
                   "-Cno-prepopulate-passes",
                   '--check-cfg=cfg(CONFIG_KUNIT, values("y"))', f"--crate-name={sample}",
                   "--extern=tcp_cc", "--extern=ferrops", "-o", rust, source),
             f"{source} does not compile for BPF; the compiler's message is above")
    ir = disassembled(rust)
    for description in descriptions(ir):
        record.notes += build_table(description, rust, ir, inputs)
        record.objects.append(f"{description.name}.bpf.o")


def named(ir: str, description: Description) -> str:
    """The finished code, with its variables under the names of the parameters."""
    taken = {*functions(ir, "define"), *functions(ir, "declare"), description.table, "_license"}
    for variable in description.globals:
        if variable.name in taken:
            raise Failure(f"{description.name}: a parameter cannot be called {variable.name} in "
                          f"BPF, where a program or function has that name; choose another")
        ir = re.sub(rf"@{apart(variable.name)}\b", f"@{variable.name}", ir)
    return ir


def build_table(description: Description, rust: Path, ir: str, inputs: Inputs) -> list[str]:
    """Makes the object of one algorithm out of the sample's bitcode. Returns what to say of it."""
    name = description.name
    # Beside the object, for whoever wants to see what became of an algorithm.
    below = inputs.work / name
    below.mkdir(exist_ok=True)
    own, whole, made = below / "rust.bc", below / "whole.bc", below / f"{name}.bpf.o"

    # Core's panics are not to be linked in but to be found: only their names stay, and what is
    # optimised away does not count.
    panics = [f"--func={symbol}" for symbol, attributes in functions(ir, "define").items()
              if "noreturn" in attributes]
    run_tool([llvm("llvm-extract"), "--delete", *panics, rust, "-o", own],
             "llvm-extract failed; its message is above")
    places = [variable.symbol for variable in description.globals]
    optimise(own, own, description.entries + places, "internalize,default<O2>")
    # What parameters are kept in is declared in C, with a type and bounds.
    run_tool([llvm("llvm-extract"), "--delete", *(f"--glob={place}" for place in places), own,
              "-o", own], "llvm-extract failed; its message is above")
    ir = disassembled(own)
    for variable in description.globals:
        ir = ir.replace(f"@{variable.symbol}", f"@{apart(variable.name)}")
    assembled(ir, own)
    description.used = set(functions(ir, "declare"))

    (below / "glue.c").write_text(glue(description, inputs.max_tcp_header))
    (below / "variables.c").write_text(variables(description))
    include = Path(f"/usr/include/{output(['gcc', '-print-multiarch'])}")
    arch = {"x86_64": "x86", "aarch64": "arm64"}[os.uname().machine]
    for source in ("glue", "variables"):
        run_tool([llvm("clang"), "--target=bpfel", f"-mcpu={CPU}", "-g", "-O2", "-emit-llvm",
                  "-Wall", "-Werror", "-fms-extensions", f"-D__TARGET_ARCH_{arch}",
                  f"-DCA_PRIV_SIZE={state_size()}",
                  f"-I{CHECKOUT}/rust/tcp_cc/backend", "-isystem", inputs.types,
                  "-idirafter", include,
                  f"-ffile-prefix-map={CHECKOUT}/=", f"-ffile-prefix-map={inputs.types}/=",
                  "-fdebug-compilation-dir=.", "-c", (below / f"{source}.c").relative_to(CHECKOUT),
                  "-o", below / f"{source}.bc"],
                 f"{name}: the glue does not compile for this kernel; the compiler's message is "
                 f"above")
    # An offset that CO-RE fills in is part of the instruction that uses it, unless two share it:
    # so none is to be taken for another.
    assembled(re.sub(r'= load (i\d+, ptr @"llvm\.)', r"= load volatile \1",
                     disassembled(below / "glue.bc")), below / "glue.bc")
    run_tool([llvm("llvm-link"), own, below / "glue.bc", below / "variables.bc",
              "-o", whole], f"{name}: Rust and C do not link; the linker's message is above")
    public = [*description.programs, description.table, "_license",
              *(apart(variable.name) for variable in description.globals)]
    # Functions that are not inlined would need BTF, and Rust's names are not fit for it.
    optimise(whole, whole, public, "forceattrs,internalize,default<O2>",
             "--force-attribute=alwaysinline", "--force-remove-attribute=noinline")
    ir = named(disassembled(whole), description)
    check_ir(ir, name)
    # What is not used after all can go.
    assembled(re.sub(r'= load volatile (i\d+, ptr @"llvm\.)', r"= load \1", ir), whole)
    optimise(whole, whole, public, "adce")
    make_object(whole, made, name)
    check_object(made, ir, description)
    made.replace(OUT / made.name)

    notes = [f"{name}: built as {description.table}"]
    if description.parameters:
        notes.append(f"  {name}: parameters: "
                     f"{', '.join(parameter.name for parameter in description.parameters)}")
    if "get_info" in description.callbacks:
        notes.append(f"  {name}: BPF has no get_info: 'ss -ti' shows nothing of the algorithm's "
                     f"own")
    return notes + [f"  {name}: {lack} in BPF" for function, lack in LACKS.items()
                    if function in description.used]


def samples() -> list[str]:
    """The samples that are modules with an algorithm."""
    return sorted(path.stem for path in CHECKOUT.glob("samples/*/*.rs")
                  if path.stem == path.parent.name
                  and "module_tcp_congestion_ops!" in path.read_text())


def imports(sample: str) -> bool:
    """Whether a sample calls kfuncs."""
    return any("import_kfuncs!" in path.read_text()
               for path in (CHECKOUT / "samples" / sample).glob("*.rs"))


def programs(types: Path, modules: Path) -> None:
    """Compiles the programs in samples/bpf, which are in C and call the modules' kfuncs."""
    out = OUT / "samples"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    for source in sorted(CHECKOUT.glob("samples/bpf/*.bpf.c")):
        bpf_program(source, types, modules, out / f"{source.stem}.o")
        say(f"{source.stem.removesuffix('.bpf')}: built, on the kfuncs of the modules")


def run() -> None:
    parser = argparse.ArgumentParser(description="Builds the algorithms as BPF objects.")
    parser.add_argument("--failures", type=Path)
    parser.add_argument("kdir", type=Path)
    parser.add_argument("built")
    parser.add_argument("samples", nargs="*", metavar="sample")
    arguments = parser.parse_args()
    wanted = arguments.samples or samples()
    if unknown := set(wanted) - set(samples()):
        raise Failure(f"samples/{unknown.pop()} is not a module with module_tcp_congestion_ops!")
    made_from = core(), kernel_types(arguments.kdir), max_tcp_header(arguments.built)
    inputs = Inputs(*made_from, OUT / "work", library_key(*made_from))
    with locked(OUT.with_suffix(".lock"), "building build/bpf"):
        inputs.work.mkdir(parents=True, exist_ok=True)
        records = {path.stem: Record.read(path) for path in inputs.work.glob("*.json")}
        # Objects of samples that are no more would be taken for ours.
        for sample in records.keys() - set(samples()):
            records.pop(sample).forget()
        owned = {name for record in records.values() for name in record.objects}
        for path in OUT.glob("*.bpf.o"):
            if path.name not in owned:
                path.unlink()
        stale = [sample for sample in wanted if not imports(sample) and (
            sample not in records or not records[sample].is_of(key(sample, inputs)))]
        if stale:
            compile_library(inputs)
        failed: dict[str, str] = {}
        for sample in wanted:
            if imports(sample):
                say(f"{sample}: not built: it calls functions of other modules, which Rust cannot "
                    f"do in BPF")
                continue
            if sample in stale:
                Record.read(inputs.work / f"{sample}.json").forget()
                record = records[sample] = Record(inputs.work / f"{sample}.json")
                try:
                    build(sample, inputs, record)
                except Failure as failure:
                    if not arguments.failures:
                        raise
                    say(f"{sample}: not built: {failure}")
                    failed[sample] = str(failure)
                    continue
                record.key = key(sample, inputs)
                record.write()
            for note in records[sample].notes:
                say(note)
        if not arguments.samples:
            programs(inputs.types, CHECKOUT / "build" / arguments.built)
    if arguments.failures:
        arguments.failures.write_text(json.dumps(failed))
    if failed:
        raise Failure(f"{len(failed)} of {len(wanted)} samples are not built; why is above")
