# SPDX-License-Identifier: GPL-2.0-only
"""Makes the rust-project.json for editors outside the build root.

Where our modules are built (build/stock), the kernel's own target of this name left one
that has the kernel's crates. Ours are added, and the paths are made those that the host knows.
"""

import json
import os
from pathlib import Path
from typing import Any

from ferrops.environment.crates import crates
from ferrops.environment.process import CHECKOUT, INSIDE, Failure, output

# What Kbuild passes to each of our crates, beside what each uses.
ALL = ["core", "kernel", "pin_init", "zerocopy", "zerocopy_derive"]


def add_crates(known: list[dict[str, Any]], out: Path) -> None:
    """Adds our crates to the kernel's."""
    index = {crate["display_name"]: number for number, crate in enumerate(known)}
    # The stock kernel has no KUnit, but what serves the tests is to be seen too.
    known[index["kernel"]]["cfg"] += ["CONFIG_KUNIT", 'CONFIG_KUNIT="y"']
    # Not tests/kunit, which needs crates of a kernel with KUnit.
    modules = [path for path in sorted(CHECKOUT.glob("samples/*/*.rs"))
               if path.stem == path.parent.name]
    ours = [(name, CHECKOUT / root, uses)
            for name, root, uses in crates("kernel") + crates("kunit")]
    ours += [(path.stem, path, ["tcp_cc", "ferrops"]) for path in modules]
    for name, root, uses in ours:
        crate = {
            **known[index["kernel"]],
            "display_name": name,
            "root_module": str(root),
            "cfg": [*known[index["kernel"]]["cfg"], "MODULE"],
            "deps": [{"crate": index[used], "name": used} for used in ALL + uses],
            "env": {**known[index["kernel"]]["env"],
                    "FERROPS_BINDINGS": str(out / "rust/bindings_generated.rs"),
                    "FERROPS_LAYOUT": str(out / "rust/layout_generated.rs")},
            "source": {"include_dirs": [str(root.parent), str(out / "rust")], "exclude_dirs": []},
        }
        index[name] = len(known)
        known.append(crate)


def on_host(value: Any) -> Any:
    """`value` with each absolute path in it as the host knows it."""
    if isinstance(value, dict):
        return {key: on_host(item) for key, item in value.items()}
    if isinstance(value, list):
        return [on_host(item) for item in value]
    if not isinstance(value, str) or not value.startswith("/"):
        return value
    # Resolved here, since an absolute link leads elsewhere on the host.
    path, cache = Path(value).resolve(), Path(os.environ["FERROPS_HOST_CACHE"])
    for inside, outside in (("/ferrops", Path(os.environ["FERROPS_HOST_CHECKOUT"])),
                            ("/cache", cache), ("/", cache / os.environ["FERROPS_INSIDE"])):
        if path.is_relative_to(inside):
            return str(outside / path.relative_to(inside))
    return value


def make_sysroot(sysroot: Path) -> None:
    """Makes a directory that serves an editor on the host as the sysroot of the root's rustc.

    Its programs want the root's libraries, and rust-analyzer expands the kernel's macros
    with the server beside the very rustc that built them.
    """
    libraries = f"/usr/lib/{output(['gcc', '-print-multiarch'])}"
    loader = next(Path(libraries).glob("ld-linux-*.so.*"))
    for program in ("bin/rustc", "libexec/rust-analyzer-proc-macro-srv"):
        wrapper = sysroot / program
        wrapper.parent.mkdir(parents=True, exist_ok=True)
        wrapper.write_text(f"#!/bin/sh\nexec '{on_host(str(loader))}' --library-path "
                           f"'{on_host(libraries)}' '{on_host(f'/usr/{program}')}' \"$@\"\n")
        wrapper.chmod(0o755)


def project(out: Path) -> str:
    """The rust-project.json, with modules built in `out`."""
    if not INSIDE:
        raise Failure("use 'make rust-analyzer'")
    found = json.loads((out / "rust-project.json").read_text())
    add_crates(found["crates"], out)
    found["sysroot"] = str(CHECKOUT / "build/sysroot")
    make_sysroot(CHECKOUT / "build/sysroot")
    return json.dumps(on_host(found), indent=1) + "\n"
