# SPDX-License-Identifier: GPL-2.0-only
"""The C around an algorithm in a BPF object: written from what its Rust code says of itself.

That is a description of its table (rust/bpf/lib.rs), a constant in LLVM's text for the Rust
code: lines of words, in the order `name`, `flags`, `callback`, `parameter`, `derived`.
"""

import json
import re
from dataclasses import dataclass, field

from ferrops.environment.process import CHECKOUT, Failure

# The table's name is that of the module's with this after it, so that both can be there.
SUFFIX = "_bpf"
NAME_MAX = 15

# The program that computes what is derived from parameters.
DERIVE = "derive"

# The program that takes the place of `cwnd_event` where the kernel's table has no
# `cwnd_event_tx_start`: there that is an event like the others (before Linux 7.1).
ALL_EVENTS = "cwnd_event___without_cwnd_event_tx_start"

PREAMBLE = """\
/* Written by scripts/build-bpf. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define READ_ONCE(member) (*(const volatile typeof(member) *)&(member))
#define WRITE_ONCE(member, value) (*(volatile typeof(member) *)&(member) = (value))

_Static_assert(sizeof(((struct inet_connection_sock *)0)->icsk_ca_priv) == CA_PRIV_SIZE,
\t"this kernel has room for a state of another size");
"""

# The types that a field may be read with.
FIELD_TYPES = {"u8": "u8", "u16": "u16", "u32": "u32", "u64": "u64", "usize": "u64", "i8": "s8",
               "i16": "s16", "i32": "s32", "i64": "s64", "isize": "s64"}

C_TYPES = {"u8": "u8", "u32": "u32", "u64": "u64", "i32": "s32", "i64": "s64", "bool": "bool"}


@dataclass
class Global:
    """A parameter, or what is derived from some: a variable of the object."""
    name: str
    # The name that rustc gave its place, and what that holds.
    symbol: str
    size: int
    value: int
    # `int`, `uint` or `bool`; nothing for what is derived.
    kind: str = ""
    is_writable: bool = True
    bounds: tuple[int, int] = (0, 0)
    about: str = ""


@dataclass
class Callback:
    """The prototype of a callback in C, but for the socket, which is the first argument."""
    returns: str
    # Type and name of each argument.
    arguments: list[tuple[str, str]]

    @classmethod
    def parse(cls, text: str) -> "Callback":
        """Reads it as rust/bpf/lib.rs writes it: `NAME: TYPE, ... -> TYPE`."""
        arguments, _, returns = text.rpartition("-> ")
        pairs = (argument.split(": ") for argument in arguments.split(", ") if argument)
        return cls(returns, [(ty, name) for name, ty in pairs])

    def prototype(self) -> str:
        """The arguments."""
        return ", ".join(["struct sock *sk", *(
            f"{ty}{'' if ty.endswith('*') else ' '}{name}" for ty, name in self.arguments)])

    def names(self) -> str:
        """The arguments' names, as a call has them."""
        return ", ".join(["sk", *(name for _, name in self.arguments)])


@dataclass
class Description:
    """What a sample's Rust code says of a table."""
    number: str
    name: str = ""
    flags: int = 0
    # By name; nothing for one that BPF does not have.
    callbacks: dict[str, Callback | None] = field(default_factory=dict)
    globals: list[Global] = field(default_factory=list)
    # The functions in C that the callbacks call, once that is known.
    used: set[str] = field(default_factory=set)

    @property
    def table(self) -> str:
        """The table's name in BPF, whose names have no '-'."""
        return self.name.replace("-", "_") + SUFFIX

    @property
    def parameters(self) -> list[Global]:
        return [variable for variable in self.globals if variable.kind]

    @property
    def derives(self) -> bool:
        """Whether something is derived from parameters."""
        return self.parameters != self.globals

    @property
    def programs(self) -> dict[str, list[str]]:
        """The programs of the object, each with the callbacks that it calls."""
        programs = {name: [name] for name, callback in self.callbacks.items() if callback}
        events = [name for name in programs if name.startswith("cwnd_event")]
        if events:
            programs[ALL_EVENTS] = events
        if self.derives:
            programs[DERIVE] = [DERIVE]
        return programs

    def entry(self, callback: str) -> str:
        """The Rust function of a callback."""
        return f"ferrops_{self.number}_{callback}"

    @property
    def entries(self) -> list[str]:
        """The Rust functions that programs call."""
        return sorted({self.entry(callback) for callbacks in self.programs.values()
                       for callback in callbacks})


# --- From the Rust code ---------------------------------------------------


def unescaped(text: str) -> bytes:
    """The bytes of a string in LLVM's text."""
    return re.sub(rb"\\(\\|[0-9A-F]{2})", lambda code: b"\\" if code.group(1) == b"\\" else
                  bytes.fromhex(code.group(1).decode()), text.encode())


def descriptions(ir: str) -> list[Description]:
    """What the Rust code says of its tables: a constant for each."""
    return [parse(number, unescaped(text).decode(), ir) for number, text in
            re.findall(r'^@ferrops_(\d) = .* c"([^"]*)"', ir, re.MULTILINE)]


def parse(number: str, text: str, ir: str) -> Description:
    """Reads a description, and in `ir` what the places hold that go with it."""
    description = Description(number)
    storage = re.search(rf"^@ferrops_{number}_storage = .*$", ir, re.MULTILINE)
    symbols = iter(re.findall(r"ptr @([\w.$]+)", storage.group()) if storage else [])
    for line in text.splitlines():
        key, *words = line.split(" ")
        match key, words:
            case "name", [name]:
                description.name = name
            case "flags", [flags, *_]:
                description.flags = int(flags)
            case "callback", [name]:
                description.callbacks[name] = None
            case "callback", [name, *prototype]:
                description.callbacks[name] = Callback.parse(" ".join(prototype))
            case "parameter", [name, kind, mode, least, greatest, *about]:
                description.globals.append(Global(
                    name, *place(next(symbols), ir, kind == "int"), kind, mode == "writable",
                    (int(least), int(greatest)), " ".join(about).strip()))
            case "derived", [name]:
                description.globals.append(Global(name, *place(next(symbols), ir)))
    if len(description.table) > NAME_MAX:
        raise Failure(f"{description.name}: the name of the BPF form, {description.table}, has "
                      f"{len(description.table)} bytes, and {NAME_MAX} are allowed; choose a name "
                      f"of at most {NAME_MAX - len(SUFFIX)}")
    return description


def place(symbol: str, ir: str, is_signed: bool = False) -> tuple[str, int, int]:
    """A variable in LLVM's text: its name, its size and its value."""
    found = re.search(rf'^@{re.escape(symbol)} = .*?<{{ \[(\d+) x i8\] }}> '
                      rf'(?:zeroinitializer|<{{ .*? c"([^"]*)" }}>)', ir, re.MULTILINE)
    if not found:
        raise Failure(f"{symbol} is not where parameters are kept; bpf_glue.py does not know "
                      f" what this rustc makes of a static")
    value = int.from_bytes(unescaped(found.group(2) or ""), "little", signed=is_signed)
    return symbol, int(found.group(1)), value


# --- To C -----------------------------------------------------------------


def accessors() -> dict[str, str]:
    """The C function for each getter and setter in rust/tcp_cc/schema.rs, by its name."""
    text = (CHECKOUT / "rust/tcp_cc/schema.rs").read_text()
    functions = {}

    def function(name: str, c_type: str, argument: str, member: str) -> None:
        functions[name] = f"{c_type} {name}({argument})\n{{\n\treturn {member};\n}}\n"

    for get, setter, ty, struct, path, shared in re.findall(
            r"^ +(\w+)(?: / (\w+))?: (\w+)(?: as \w+)?\s+= (\w+), \[(.+)\](, shared)?;$", text,
            re.MULTILINE):
        member = f"((struct {struct} *)sk)->{path}"
        function(get, C_TYPES[ty], "struct sock *sk",
                 f"READ_ONCE({member})" if shared else member)
        if setter:
            functions[setter] = (f"void {setter}(struct sock *sk, {C_TYPES[ty]} value)\n{{\n"
                                 f"\tWRITE_ONCE({member}, value);\n}}\n")
    for struct, body in re.findall(r"macro_rules! (\w+)_fields \{(.*?)^\}", text,
                                   re.MULTILINE | re.DOTALL):
        for get, ty, member in re.findall(r"^ +(\w+): (\w+)(?: as \w+)? = (\w+);$", body,
                                          re.MULTILINE):
            function(get, C_TYPES[ty], f"const struct {struct} *sample", f"sample->{member}")
    return functions


def field_accessor(name: str, number: int) -> str:
    """The C function for a field that is read by its name: `field.TYPE.STRUCT.MEMBER...`, where a
    number is an index. C has no such name, so it is the symbol's alone."""
    ty, struct, *path = name.split(".")[1:]
    member = f"((struct {struct} *)sk)->" + re.sub(r"\.(\d+)", r"[\1]", ".".join(path))
    c_type = FIELD_TYPES[ty]
    wrong = (f"{struct}.{'.'.join(path)} is not a {ty}; read it with the type that it has in the "
             f"kernel")
    return (f"{c_type} field_{number}(struct sock *sk) asm({json.dumps(name)});\n"
            f"{c_type} field_{number}(struct sock *sk)\n{{\n"
            f"\t_Static_assert(sizeof({member}) == sizeof({c_type}) &&\n"
            f"\t\t((typeof({member}))-1 < 0) == (({c_type})-1 < 0), {json.dumps(wrong)});\n"
            f"\treturn READ_ONCE({member});\n}}\n")


def programs(description: Description) -> str:
    """The programs and the table."""
    text = []
    present = {name: callback for name, callback in description.callbacks.items() if callback}
    for name, callback in present.items():
        returns, prototype = callback.returns, callback.prototype()
        text.append(
            f"_Static_assert(__builtin_types_compatible_p("
            f"typeof(((struct tcp_congestion_ops *)0)->{name}),\n"
            f'\t{returns} (*)({prototype})), "the kernel\'s {name} has another prototype");\n'
            f"extern {returns} {description.entry(name)}({prototype});\n\n"
            f'SEC("struct_ops")\n'
            f"{returns} BPF_PROG({name}, {prototype})\n{{\n"
            f"\t{'return ' if returns != 'void' else ''}{description.entry(name)}"
            f"({callback.names()});\n}}\n")
    members = "".join(f"\t.{name} = (void *){name},\n" for name in present)
    if ALL_EVENTS in description.programs:
        text.append(all_events(description))
    if description.derives:
        entry = description.entry(DERIVE)
        text.append(f'extern void {entry}(void);\n\nSEC("?syscall")\nint {DERIVE}(void *context)\n'
                    f"{{\n\t{entry}();\n\treturn 0;\n}}\n")
    text.append(f'SEC(".struct_ops.link")\n'
                f"struct tcp_congestion_ops {description.table} = {{\n"
                f'{members}\t.flags = {description.flags},\n\t.name = "{description.table}",\n'
                f"}};\n")
    return "\n".join(text)


def all_events(description: Description) -> str:
    """The program that gets all events; the loader loads it where it is needed."""
    events = description.programs[ALL_EVENTS]
    tx_start = other = ""
    if "cwnd_event_tx_start" in events:
        tx_start = f"\t\t{description.entry('cwnd_event_tx_start')}(sk);\n"
    if "cwnd_event" in events:
        other = f"\t{description.entry('cwnd_event')}(sk, event);\n"
    return (f'SEC("?struct_ops")\n'
            f"void BPF_PROG({ALL_EVENTS}, struct sock *sk, enum tcp_ca_event event)\n{{\n"
            f"\tif (event == bpf_core_enum_value(enum tcp_ca_event, CA_EVENT_TX_START)) {{\n"
            f"{tx_start}\t\treturn;\n\t}}\n{other}}}\n")


def glue(description: Description, max_tcp_header: int) -> str:
    """The C for one algorithm: the accessors it uses, its programs and its table."""
    used = description.used
    text = [PREAMBLE, f'#define MAX_TCP_HEADER_HERE {max_tcp_header}\n#include "bpf.h"\n']
    text += [code for name, code in accessors().items() if name in used]
    fields = sorted(name for name in used if name.startswith("field."))
    text += [field_accessor(name, number) for number, name in enumerate(fields)]
    return "\n".join([*text, programs(description)])


def variables(description: Description) -> str:
    """The C for its parameters and what is derived from them.

    They are apart from the rest, whose names they may have. Their bounds are tags in BTF. What
    cannot be changed once it is loaded goes where the kernel knows that, to .rodata.
    """
    text = ["/* Written by scripts/build-bpf. */\n"]
    for variable in description.globals:
        signed = "" if variable.kind == "int" else "unsigned "
        length = {4: "int", 8: "long long"}[variable.size]
        least, greatest = variable.bounds
        tags = ["derived"] if not variable.kind else [
            f"parameter {variable.kind} {least} {greatest}", f"about {variable.about}"]
        marks = [f"btf_decl_tag({json.dumps(tag, ensure_ascii=False)})" for tag in tags]
        const = "const " if not variable.is_writable else ""
        if not const:
            # Those of 0 too, which would be in a map of their own.
            marks.append('section(".data")')
        suffix = ("u" if signed else "") + ("ll" if variable.size == 8 else "")
        text.append(f"__attribute__(({', '.join(marks)}))\n"
                    f"{const}volatile {signed}{length} {apart(variable.name)} = "
                    f"{variable.value}{suffix};\n")
    return "\n".join(text)


def apart(name: str) -> str:
    """A name for a variable that nothing else has, until the glue's names are gone."""
    return f"ferrops_global_{name}"
