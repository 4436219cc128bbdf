# SPDX-License-Identifier: GPL-2.0-only
"""Writes what C, Rust and BPF need of a module's kfuncs.

    kfuncs KDIR SOURCE OBJECT OUT

KDIR is where the kernel was built, from SOURCE; OBJECT is what rustc made of the module
NAME; OUT is the directory to write to:

    NAME_kfuncs.c    prototypes for BTF, exports, sets of ids, and their registration
    NAME_kfuncs.h    declarations for C, and for BPF programs
    NAME_kfuncs.rs   declarations for ferrops::import_kfuncs!

The Rust code describes its kfuncs in a section of the object (rust/kfunc/lib.rs). Run
by Kbuild.
"""

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ferrops.environment.cache import digest
from ferrops.environment.process import Failure, output, say

SECTION = ".discard.ferrops.kfuncs"

# What the Rust code calls to register them.
REGISTER = "ferrops_register_kfuncs"

# The kinds of programs that have a set of kfuncs, and one of the types of each: those of one
# kind share it (bpf_prog_type_to_kfunc_hook() in kernel/bpf/btf.c).
KINDS = {kind: kind for kind in ("struct_ops", "syscall", "tracing", "sched_cls", "sched_act",
                                 "xdp", "socket_filter", "sk_skb", "netfilter", "kprobe")}
KINDS |= {"cgroup": "cgroup_skb", "lwt": "lwt_in"}

# The flags that only take something from callers. With another one the verifier would believe
# what is not so: that pointers need no owner, say, or that registers survive the call.
FLAGS = ("KF_SLEEPABLE", "KF_DESTRUCTIVE", "KF_RCU_PROTECTED", "KF_PERFMON")

# Those of them that ask for what an algorithm in Rust does not have, and nobody would check.
NOT_IN_RUST = ("KF_SLEEPABLE", "KF_RCU_PROTECTED")

# Names of Rust that C has for itself; the last ones are macros there.
NOT_IN_C = set("auto case char default double float goto int inline long register restrict short "
               "signed sizeof switch typedef union unsigned void volatile current linux unix"
               .split())


@dataclass
class Argument:
    """One argument in C."""
    name: str
    c_type: str

    def __str__(self) -> str:
        return f"{self.c_type}{'' if self.c_type.endswith('*') else ' '}{self.name}"


@dataclass
class Kfunc:
    """What the Rust code says of a kfunc."""
    name: str
    docs: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    returns: tuple[str, str] = ("void", "()")
    arguments: list[Argument] = field(default_factory=list)
    rust: list[str] = field(default_factory=list)
    # Headers that declare the types of its arguments.
    headers: list[str] = field(default_factory=list)
    place: str = ""
    is_callback: bool = False
    # Of its table, those whose programs may call it; none for all.
    members: list[str] = field(default_factory=list)

    def read(self, key: str, values: list[str]) -> None:
        """Takes in a line of the description."""
        match key, values:
            case "doc", [text]:
                self.docs.append(text)
            case "user", [user]:
                self.users.append(user)
            case "flag", [flag]:
                self.flags.append(flag)
            case "callback", _:
                self.is_callback = True
            case "member", [member]:
                self.members.append(member)
            case "returns", [c_type, rust]:
                self.returns = (c_type, rust)
            case "argument", [name, suffix, c_type, rust]:
                self.rust.append(f"{name}: {rust}")
                memory, _, size = c_type.partition("|")
                self.arguments.append(Argument(name + suffix, memory))
                if size:
                    self.arguments.append(Argument(f"{name}__sz", size))
            case "header", [header]:
                self.headers.append(header)
            case "place", [file, line]:
                self.place = f"{file}:{line}"

    @property
    def tables(self) -> list[str]:
        """The tables that its struct_ops programs have to be for; none for any."""
        return [] if "struct_ops" in self.users else [
            user for user in self.users if user not in KINDS]

    def is_for(self, kind: str) -> bool:
        """Whether programs of a kind may call it."""
        return kind in self.users or (kind == "struct_ops" and bool(self.tables))

    @property
    def not_for_rust(self) -> str:
        """Why another module in Rust cannot call it; empty if it can."""
        if self.is_callback:
            return "a callback: it borrows the state, which its caller may have borrowed already"
        flags = [flag for flag in self.flags if flag in NOT_IN_RUST]
        return f"{flags[0]}: nobody checks that a caller in Rust may call it" if flags else ""

    def declaration(self) -> str:
        """It in C."""
        arguments = ", ".join(map(str, self.arguments)) or "void"
        return f"{self.returns[0]} {self.name}({arguments})"

    def rust_declaration(self) -> str:
        """It in Rust."""
        result = "" if self.returns[1] == "()" else f" -> {self.returns[1]}"
        return f"fn {self.name}({', '.join(self.rust)}){result}"


def described(module: Path) -> list[Kfunc]:
    """The kfuncs in a module's object."""
    # A section for all, or one for each: compilers differ.
    sections = output([os.environ.get("READELF", "readelf"), "--section-headers", "--wide",
                       str(module)])
    content = module.read_bytes()
    text = "".join(content[int(offset, 16):][:int(size, 16)].decode() for offset, size in
                   re.findall(rf" {re.escape(SECTION)} +PROGBITS +\w+ (\w+) (\w+) ", sections))
    kfuncs: list[Kfunc] = []
    for line in text.splitlines():
        key, *values = line.split("\t")
        if key == "kfunc":
            kfuncs.append(Kfunc(values[0]))
        else:
            kfuncs[-1].read(key, values)
    return kfuncs


# --- Checks ---------------------------------------------------------------


class Kernel:
    """What the kernel has already."""

    def __init__(self, kdir: Path, source: Path):
        self.kdir = kdir
        self.flags = re.findall(r"^#define\s+(KF_\w+)",
                                (source / "include/linux/btf.h").read_text(), re.MULTILINE)
        # Whether a filter can tell which kfunc it is asked about.
        self.has_descs = ("struct bpf_kfunc_desc_tab {" in
                          (source / "include/linux/bpf_verifier.h").read_text())
        config = (kdir / "include/config/auto.conf").read_text().splitlines()
        self.makes_btf = "CONFIG_DEBUG_INFO_BTF_MODULES=y" in config
        vmlinux = kdir / "vmlinux"
        # It holds BTF, whose names are there to be searched, each between two NULs.
        self.btf = (vmlinux.read_bytes() if "CONFIG_DEBUG_INFO_BTF=y" in config and
                    vmlinux.exists() else None)

    def mentions(self, name: str) -> bool:
        """Whether anything in the kernel's BTF has this name."""
        return self.btf is None or b"\0" + name.encode() + b"\0" in self.btf

    def owner(self, name: str, module: str) -> str | None:
        """Who has a symbol of this name, if it is not `module`."""
        symvers = self.kdir / "Module.symvers"
        for line in symvers.read_text().splitlines() if symvers.exists() else []:
            _, symbol, owner, *_ = line.split("\t")
            if symbol == name and Path(owner).name != module:
                return owner
        system_map = self.kdir / "System.map"
        if system_map.exists() and re.search(rf" {name}$", system_map.read_text(), re.MULTILINE):
            return "vmlinux"
        if self.btf is not None and self.mentions(name):
            dump = json.loads(output(["bpftool", "--json", "btf", "dump", "file",
                                      str(self.kdir / "vmlinux")]))
            if any(kind["name"] == name for kind in dump["types"]
                   if kind["kind"] in ("FUNC", "VAR")):
                return "vmlinux"
        return None


def check(kfuncs: list[Kfunc], module: str, kernel: Kernel) -> None:
    """Refuses what could not be registered, or would be found in another's place."""
    prefixes = (f"{module}_", f"{module.removeprefix('tcp_')}_")
    seen: dict[str, Kfunc] = {}
    for kfunc in kfuncs:
        where = f"{kfunc.place}: the kfunc {kfunc.name}"
        if not kfunc.name.startswith(prefixes):
            raise Failure(f"{where} does not have its module's name before it: BPF looks for "
                          f"kfuncs by their names alone; call it {prefixes[-1]}...")
        if not re.fullmatch(r"[a-z0-9_]+", kfunc.name):
            raise Failure(f"{where} has no name for C: use lower-case ASCII letters, digits, '_'")
        if not any(doc.strip() for doc in kfunc.docs):
            raise Failure(f"{where} is not documented: say in a comment '/// ...' before it what "
                          f"it does, for whoever calls it")
        check_arguments(kfunc, where)
        check_flags(kfunc, where, kernel)
        if kfunc.name in seen:
            raise Failure(f"{where} is there a second time; the first is at "
                          f"{seen[kfunc.name].place}")
        seen[kfunc.name] = kfunc
        if owner := kernel.owner(kfunc.name, module):
            raise Failure(f"{where} has the name of a symbol of {owner}, which BPF would call "
                          f"instead; choose another name")
        absent = [user for user in kfunc.users
                  if user not in KINDS and not kernel.mentions(f"bpf_struct_ops_{user}")]
        if absent == kfunc.users:
            raise Failure(f"{where} is for '{absent[0]}', which is no table of this kernel that "
                          f"BPF can implement, and no type of programs; those are "
                          f"{', '.join(sorted(KINDS))}")
        if absent:
            say(f"{where}: this kernel has no table {', '.join(absent)} for BPF")
    sets_of_tables = {tuple(kfunc.tables) for kfunc in kfuncs if kfunc.is_for("struct_ops")}
    if len(sets_of_tables) > 1 and not kernel.has_descs:
        raise Failure(f"{module} has kfuncs for the programs of different tables, which this "
                      f"kernel cannot tell apart; make a module of each kind")
    held = [kfunc.name for kfunc in kfuncs if kfunc.members]
    if held and not kernel.has_descs:
        say(f"{module}: BPF cannot call {', '.join(held)}: these are not for all members of a "
            f"table, and this kernel does not tell a filter which kfunc it is asked about")
    if kernel.makes_btf and not shutil.which(os.environ.get("PAHOLE", "pahole")):
        raise Failure(f"{module} has kfuncs, whose prototypes pahole writes, and there is no "
                      f"pahole; apt-get install pahole")


def check_arguments(kfunc: Kfunc, where: str) -> None:
    """Refuses names of arguments that C has for itself, or with a meaning for the verifier."""
    for name in (rust.partition(":")[0] for rust in kfunc.rust):
        if "__" in name:
            raise Failure(f"{where} has an argument '{name}': what comes after '__' tells the "
                          f"verifier what may be passed, which is for the type to say; take the "
                          f"'__' out")
        if not re.fullmatch(r"[A-Za-z0-9_]+", name) or name in NOT_IN_C:
            raise Failure(f"{where} has an argument '{name}', which is no name in C; call it "
                          f"something else")


def check_flags(kfunc: Kfunc, where: str, kernel: Kernel) -> None:
    """Refuses flags that promise something."""
    may_be_null = ["KF_RET_NULL"] if kfunc.returns[0].endswith("*") else []
    for flag in kfunc.flags:
        if flag not in [*FLAGS, *may_be_null]:
            raise Failure(f"{where} has the flag {flag}, which is none of {', '.join(FLAGS)}; "
                          f"what else there is to say of it, its types say")
        if flag not in kernel.flags:
            raise Failure(f"{where} has the flag {flag}, which this kernel does not know; take it "
                          f"out")


def check_registers(object_file: Path) -> None:
    """Refuses a module that defines kfuncs and does not register them."""
    undefined = output([os.environ.get("NM", "nm"), "--undefined-only", str(object_file)])
    if REGISTER not in undefined.split():
        raise Failure(f"{object_file.stem} does not register its kfuncs: its module macro needs "
                      f"the line 'kfuncs: KFUNCS', with the name that kfuncs! was given")


# --- Files ----------------------------------------------------------------


def sets(kfuncs: list[Kfunc], has_descs: bool) -> list[str]:
    """The set of ids for each kind of programs, and who may call what is in it."""
    if not has_descs:
        # The filter does not know which kfunc it is asked about.
        kfuncs = [kfunc for kfunc in kfuncs if not kfunc.members]
    lines = [f'extern const char rust_{kfunc.name}[] __asm__("{kfunc.name}");'
             for kfunc in kfuncs]
    registers = []
    for kind in KINDS:
        members = [kfunc for kfunc in kfuncs if kfunc.is_for(kind)]
        if not members:
            continue
        lines += [f"BTF_KFUNCS_START({kind}_ids)",
                  *(f"BTF_ID_FLAGS(func, {kfunc.name}, {' | '.join(kfunc.flags) or '0'})"
                    for kfunc in members),
                  f"BTF_KFUNCS_END({kind}_ids)", "",
                  *(limits(kind, members) if has_descs or kind == "struct_ops" else []),
                  f"static const struct btf_kfunc_id_set {kind}_set = {{",
                  "\t.owner = THIS_MODULE,",
                  f"\t.set = &{kind}_ids,",
                  *([f"\t.filter = {kind}_filter,"] if has_descs or kind == "struct_ops" else []),
                  "};", ""]
        registers += ["\tif (!err)",
                      f"\t\terr = ferrops_register_set(BPF_PROG_TYPE_{KINDS[kind].upper()}, "
                      f"\"{kind}\", &{kind}_set);"]
    return [*lines, "static int __init register_sets(void)", "{", "\tint err = 0;", "",
            *registers, "\treturn err;", "}", ""]


def limits(kind: str, kfuncs: list[Kfunc]) -> list[str]:
    """The filter of a set, and what it goes by: the tables and members that each kfunc is for."""
    entries = []
    for kfunc in kfuncs:
        tables = [f'"{table}"' for table in kfunc.tables if kind == "struct_ops"]
        members = [f"offsetof(struct {kfunc.tables[0]}, {member})" for member in kfunc.members
                   if tables]
        entries += [f"\t{{ rust_{kfunc.name}, {table}, {member} }},"
                    for table in tables or ["NULL"] for member in members or ["FERROPS_ANY"]]
    return [f"static const struct ferrops_limit {kind}_limits[] = {{", *entries, "\t{ }", "};", "",
            f"static int {kind}_filter(const struct bpf_prog *prog, u32 id)", "{",
            f"\treturn ferrops_filter(prog, id, {kind}_limits);", "}", ""]


def includes(kfuncs: list[Kfunc]) -> list[str]:
    """The headers that declare the types of the kfuncs."""
    return [f"#include <{name}>"
            for name in sorted({name for kfunc in kfuncs for name in kfunc.headers})]


def unit(kfuncs: list[Kfunc], module: str, has_descs: bool) -> str:
    """The C that is linked into the module."""
    lines = [f"/* Written by scripts/kfuncs, from {module}. */",
             *(["#define FERROPS_KFUNC_DESCS"] if has_descs else []),
             '#include "kfunc/kfuncs.h"',
             *includes(kfuncs), "", "__bpf_kfunc_start_defs();"]
    for kfunc in kfuncs:
        declared = kfunc.declaration()
        lines += [f'{declared} __asm__("__prototype_{kfunc.name}");',
                  f"__bpf_kfunc __init notrace {declared}", "{",
                  f"\treturn ({kfunc.returns[0]})0;", "}", f"EXPORT_SYMBOL_GPL({kfunc.name});", ""]
    symbol = declarations(kfuncs, module)
    lines += ["__bpf_kfunc_end_defs();", "", f"extern const u8 {symbol};",
              f"const u8 {symbol};", f"EXPORT_SYMBOL_GPL({symbol});", ""]
    lines += ["#if defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)", "",
              *sets(kfuncs, has_descs), "#else", "",
              "static int __init register_sets(void)", "{", "\treturn 0;", "}", "", "#endif", "",
              f"int __init {REGISTER}(void);", "", f"int __init {REGISTER}(void)", "{",
              "\treturn ferrops_has_btf() ? register_sets() : 0;", "}", ""]
    return "\n".join(lines)


def declarations(kfuncs: list[Kfunc], module: str) -> str:
    """The symbol that stands for what a module's kfuncs take and return.

    Who was built with other declarations refers to another one, and is not loaded.
    """
    return f"{module}_kfuncs_" + digest(*(
        f"{kfunc.declaration()} {kfunc.rust_declaration()} {' '.join(kfunc.flags)}"
        for kfunc in sorted(kfuncs, key=lambda kfunc: kfunc.name)))


def header(kfuncs: list[Kfunc], module: str) -> str:
    """The declarations for C, in the kernel and for BPF."""
    guard = f"_{module.upper()}_KFUNCS_H"
    symbol = declarations(kfuncs, module)
    lines = [f"/* Written by scripts/kfuncs, from {module}. */", f"#ifndef {guard}",
             f"#define {guard}", "", "#ifdef __bpf__", "#include <bpf/bpf_helpers.h>",
             "#define FERROPS_KSYM __ksym", "#else", "#include <linux/types.h>",
             *includes(kfuncs), "#define FERROPS_KSYM", "",
             "/* So that a module is not loaded that was built with other declarations. */",
             f"extern const u8 {symbol};",
             f"static const u8 *const {module}_kfuncs __used = &{symbol};", "#endif", ""]
    for kfunc in kfuncs:
        lines += ["/*", *(f" *{doc}".rstrip().replace("*/", "* /") for doc in kfunc.docs), " */",
                  f"extern {kfunc.declaration()} FERROPS_KSYM;", ""]
    return "\n".join([*lines, "#undef FERROPS_KSYM", "", "#endif", ""])


def imports(kfuncs: list[Kfunc], module: str) -> str:
    """The declarations for Rust. What is not for Rust is left out in a way that rustc tells of."""
    lines = [f"// Written by scripts/kfuncs, from {module}.", "",
             "ferrops::__imported_kfuncs! {", f"    {declarations(kfuncs, module)};", "",
             '    unsafe extern "C" {']
    for kfunc in kfuncs:
        if not kfunc.not_for_rust:
            lines += [*(f"        ///{doc}" for doc in kfunc.docs),
                      f"        {kfunc.rust_declaration()};"]
    lines += ["    }", "}"]
    for kfunc in kfuncs:
        if kfunc.not_for_rust:
            lines += ["", f"#[cfg(any())] // not for Rust: {kfunc.not_for_rust}",
                      f"{kfunc.rust_declaration()} {{}}"]
    return "\n".join([*lines, ""])


def run() -> None:
    if len(sys.argv) != 5:
        raise Failure("usage: kfuncs KDIR SOURCE OBJECT OUT")
    kdir, source, object_file, out = map(Path, sys.argv[1:])
    module = object_file.stem
    kfuncs = described(object_file)
    if not kfuncs:
        raise Failure(f"{module}: its source has 'kfuncs! {{', but its object has no kfuncs; is "
                      f"the macro ferrops's?")
    kernel = Kernel(kdir, source)
    check(kfuncs, module, kernel)
    check_registers(object_file)
    out.mkdir(parents=True, exist_ok=True)
    for suffix, text in (("c", unit(kfuncs, module, kernel.has_descs)),
                         ("h", header(kfuncs, module)), ("rs", imports(kfuncs, module))):
        (out / f"{module}_kfuncs.{suffix}").write_text(text)
