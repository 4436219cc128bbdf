# SPDX-License-Identifier: GPL-2.0-only
"""The programs in tests/compile-fail, each of which has to be refused for the reason it states.

A program is a fragment, NAME.rs: the items that show the mistake. It begins with what is wrong
and who says so, as "// KEY: TEXT":

    mistake   what is wrong
    rustc     what the compiler has to say; every error has to point to a line with "//~ error"
    at        or to this line of what is put around the fragment; if there is neither, to none of
              the fragment's
    c         what becomes of the same mistake in C
    bpf       what the kernel has to say about NAME.bpf.c when it is loaded; or
    bpf loads what comes of NAME.bpf.c, which has to load; or
    no bpf    why there is no such program

What the compiler cannot see compiles, and has instead of "rustc"

    caught    who does see it, and these where that can be checked here:
    object    an undefined symbol of the module, for which the build refuses it
    host      what the compiler has to say for the host, where there is no kernel crate

A fragment has two forms, cfg(wrong) and cfg(right), in C #ifdef RIGHT. In the right one nobody may
complain, and no such symbol may be there.

The same Rust is built as a BPF object, too, where the compiler can be forced to let the mistake
through: as cfg(forced), which has it in other words, without `#![forbid(unsafe_code)]`, and with a
`state!` that takes any type. Whether it has to be forced or not, the header then says one of these;
and what is refused there has to load in the right form.

    forced build    what the build has to say about the object; or
    forced bpf      what the kernel has to say when the object is loaded; or
    forced loads    what comes of it

Around the items, `module` puts what is the same in all programs: Reno, in which the fragment's
functions replace the callbacks of their names, with its `Memory` or `State` as the state, its
`parameters!` and its NAME; and the module. What a fragment has itself is left out. `bpf_program`
does the same in C.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from ferrops.environment.process import CHECKOUT, Failure

PROGRAMS = CHECKOUT / "tests/compile-fail"

# What there is a BPF object of the same Rust for.
FORCED = ("forced build", "forced bpf", "forced loads")

KEYS = ("mistake", "rustc", "at", "caught", "object", "host", "c", "bpf", "bpf loads", "no bpf",
        *FORCED)

MARK = "//~ error"

# The table's sections, by how the names of their programs begin.
SECTIONS = {
    "field": "The socket's fields",
    "unit": "Values and units",
    "keep": "Lifetimes",
    "state": "The state",
    "table": "The ops",
    "context": "Operations in the wrong callback",
    "parameter": "Parameters",
    "module": "The module",
    "kfunc": "Kfuncs",
    "gap": "Mistakes that compile",
}


@dataclass
class Program:
    """One of the programs."""

    source: Path
    text: str
    says: dict[str, str]
    wrong_lines: set[int]
    # Why it failed the test; nothing if it did not.
    findings: list[str] = field(default_factory=list)
    # What the tools said, for whoever asks.
    details: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.source.stem

    @property
    def section(self) -> str:
        return self.name.partition("_")[0]

    @property
    def forced(self) -> str | None:
        """What it says of its BPF object: one of the keys."""
        return next((key for key in FORCED if key in self.says), None)

    @property
    def rust_forms(self) -> tuple[str, ...]:
        """Those in which it is built as a BPF object: without the mistake if that is refused."""
        if not self.forced:
            return ()
        return ("forced",) if self.forced == "forced loads" else ("forced", "right")

    @property
    def bpf(self) -> Path | None:
        path = self.source.with_suffix(".bpf.c")
        return path if path.exists() else None


def read_all() -> list[Program]:
    """The programs in the order of the document."""
    programs = [read(path) for path in PROGRAMS.glob("*.rs")]
    order = list(SECTIONS)
    return sorted(programs, key=lambda program: (order.index(program.section), program.name))


def read(source: Path) -> Program:
    """A program, with what its header says."""
    says: dict[str, str] = {}
    key = None
    text = source.read_text()
    lines = text.splitlines()
    for line in lines[1:]:
        if not line.startswith("//"):
            break
        if found := re.fullmatch(r"// ([a-z ]+): (.+)", line):
            key = found.group(1)
            if key not in KEYS or key in says:
                raise Failure(f"{source.name}: '{key}' is no key, or there twice; the keys are "
                              f"{', '.join(KEYS)}")
            says[key] = found.group(2)
        elif key and (found := re.fullmatch(r"// {3}(\S.*)", line)):
            says[key] += f" {found.group(1)}"
        elif line != "//":
            raise Failure(f"{source.name}: '{line}' is neither 'KEY: TEXT' nor its continuation")
    # Alone on its line, where rustfmt puts it after a brace, a mark is about the line above.
    program = Program(source, text, says, {number - (line.lstrip() == MARK)
                                           for number, line in enumerate(lines, 1) if MARK in line})
    check(program)
    return program


def check(program: Program) -> None:
    """Fails if a header lacks something, or says too much."""
    name, says = program.source.name, program.says
    if program.section not in SECTIONS:
        raise Failure(f"{name}: a name begins with one of {', '.join(SECTIONS)}")
    if missing := {"mistake", "c"} - set(says):
        raise Failure(f"{name}: its header does not say '{missing.pop()}'")
    for choice in (("rustc", "caught"), ("bpf", "bpf loads", "no bpf")):
        if sum(key in says for key in choice) != 1:
            raise Failure(f"{name}: its header has to say one of {', '.join(choice)}")
    if sum(key in says for key in FORCED) > 1:
        raise Failure(f"{name}: its header may say one of {', '.join(FORCED)}")
    if ("no bpf" in says) == bool(program.bpf):
        raise Failure(f"{name}: there has to be either {program.name}.bpf.c or 'no bpf'")
    if unknown := set(re.findall(r"\bcfg(?:_attr)?\((?:not\()?(\w+)", program.text)) - {
            "wrong", "right", "forced", "any"}:
        raise Failure(f"{name}: there is no form '{unknown.pop()}', but wrong, right and forced")
    if "at" in says and says["at"] not in module(program):
        raise Failure(f"{name}: there is no '{says['at']}' around it to point to")


# --- Around a fragment ----------------------------------------------------

# The module's macro, and what it registers.
MODULE = """
ferrops::{what},
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}}
"""
OPS = "module_tcp_congestion_ops! {\n    algorithm: wrong::Algorithm"
KFUNCS = "module_kfuncs! {\n    kfuncs: wrong::KFUNCS"

# For the form that is forced: in its place, a `state!` of any types.
ANY_STATE = """macro_rules! any_state {
    ($(#[$attr:meta])* $vis:vis struct $name:ident { $($fields:tt)* }) => {
        $(#[$attr])*
        #[derive(Clone, Copy)]
        #[repr(C)]
        $vis struct $name { $($fields)* }
        // SAFETY: There is none: this is the mistake.
        unsafe impl tcp_cc::AnyBytes for $name {}
    };
}

"""
USE_ANY_STATE = "#[allow(unused_imports)]\nuse any_state as state;\n"

ALGORITHM = """
pub struct Algorithm;

impl CongestionControl for Algorithm {{
    type State = {state};
{parameters}
    const OPS: Ops<Self> = Ops {{
        name: {name},
        flags: Flags::NONE,
{members}
    }};
}}
"""

# The callbacks that Reno has, and the others.
REQUIRED = {"cong_avoid": "control: Control::CongAvoid({}),", "ssthresh": "ssthresh: {},",
            "undo_cwnd": "undo_cwnd: {},"}
OPTIONAL = ("init", "set_state", "cwnd_event", "pkts_acked", "get_info")


def condition(text: str, function: str) -> str | None:
    """In which forms a fragment has a function: a condition for cfg. Nothing if in none."""
    found = re.findall(rf"^(?:#\[cfg\((.+)\)\]\n)?fn {function}\b", text, re.MULTILINE)
    return None if not found else found[0] if len(found) == 1 and found[0] else "all()"


def algorithm(text: str) -> str:
    """Reno with a fragment's callbacks, state, parameters and name."""
    members = []
    for name, member in REQUIRED.items():
        form = condition(text, name)
        if form and form != "all()":
            members += [f"#[cfg({form})]", member.format(name), f"#[cfg(not({form}))]"]
        members.append(member.format(name if form == "all()" else f"reno::{name}"))
    optional = [f"{name}: Some({name})," for name in OPTIONAL if condition(text, name)]
    members += ["optional: Optional {", *optional, "..Optional::NONE", "},"]
    state = "State" if re.search(r"^type State\b", text, re.MULTILINE) else \
        "Memory" if re.search(r"\bstruct Memory\b", text) else "()"
    parameters = "    const PARAMETERS: tcp_cc::Parameters = Params::DECLARED;\n" \
        if re.search(r"^parameters!", text, re.MULTILINE) else ""
    return ALGORITHM.format(state=state, parameters=parameters,
                            name="NAME" if "const NAME:" in text else '"wrong"',
                            members="\n".join(f"        {line}" for line in members))


def module(program: Program, form: str = "", is_module: bool = True) -> str:
    """A program with what is around it. The fragment is included; or, in a form, it is there
    itself, with unsafe code allowed. Without the module, the compiler for the host takes it."""
    text = program.text
    has_module, has_kfuncs = "ferrops::module_" in text, "ferrops::kfuncs!" in text
    needs_algorithm = "Algorithm" in text if has_module else not has_kfuncs
    inside = "use tcp_cc::prelude::*;\n" + (USE_ANY_STATE if form == "forced" else "")
    inside += text if form else f'include!("{program.source}");\n'
    if needs_algorithm:
        inside += "\npub struct Algorithm;\n" if "impl CongestionControl for Algorithm" in text \
            else algorithm(text)
    if not has_module:
        attribute = "" if has_kfuncs or form else "#![forbid(unsafe_code)]\n\n"
        inside = f"mod wrong {{\n{attribute}{inside}}}\n"
        if is_module:
            inside += MODULE.format(what=KFUNCS if has_kfuncs else OPS)
    return in_form((ANY_STATE if form == "forced" else "") + inside, form)


def in_form(text: str, form: str) -> str:
    """A program as `--cfg FORM` has it; unchanged without a form."""
    def chosen(attribute: re.Match[str]) -> str:
        return re.sub(r"\b(?:wrong|forced|right)\b",
                      lambda name: "all()" if name.group() == form else "any()", attribute.group())

    if not form:
        return text
    return re.sub(r"^ *#\[cfg(?:_attr)?\(.*\)\]$", chosen, text, flags=re.MULTILINE)


TABLE = """
SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {{
{members}
	.name = "wrong",
}};
"""
LICENSE = 'char _license[] SEC("license") = "GPL";'


def bpf_program(source: Path) -> str:
    """The BPF form of a program with what is around it, for clang with algorithm.bpf.h."""
    text = source.read_text()
    around = f'#include "{source}"\n'
    if ".struct_ops" not in re.sub(r'SEC\("\?struct_ops"\)', "", text):
        functions = re.findall(r"^\w+ BPF_PROG\((\w+),", text, re.MULTILINE)
        members = {name: f"reno_{name}" for name in REQUIRED} | {name: name for name in functions}
        around += TABLE.format(members="\n".join(f"\t.{name} = (void *){function},"
                                                 for name, function in members.items()))
    if 'SEC("license")' not in text:
        around += f"\n{LICENSE}\n"
    return around
