# SPDX-License-Identifier: GPL-2.0-only
"""Runs a script in a guest.

    guest [--kernel stock|kunit|debug|cfi] [--bpf] [--clock virtual|real]
          [--timeout S] [--out DIR] SCRIPT [ARG...]

The script runs in /guest, beside modules/*.ko and transfer.sh, with --bpf also beside
bpf/*.bpf.o and ccload, and leaves files in /out. The exit status is the script's; 125
if the guest crashed or hung.
"""

import argparse
from pathlib import Path

from ferrops.build.artifacts import bpf_objects, loader, modules
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, say
from ferrops.guest import qemu


def run() -> int:
    parser = argparse.ArgumentParser(description="Runs a script in a guest.")
    parser.add_argument("--kernel", choices=["stock", "kunit", "debug", "cfi"], default="stock")
    parser.add_argument("--bpf", action="store_true",
                        help="with the algorithms as BPF objects, and their loader")
    parser.add_argument("--clock", choices=["virtual", "real"], default="virtual")
    parser.add_argument("--timeout", type=int, default=600, metavar="S",
                        help="seconds after which the guest counts as hung")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the guest's /out goes")
    parser.add_argument("script", type=Path)
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    if not given.script.is_file():
        raise Failure(f"{given.script} is not a file; give a shell script to run in the guest")
    kernel = kernel_tree(given.kernel)
    try:
        files = {f"modules/{ko.name}": ko for ko in modules(kernel, given.kernel)}
        if given.bpf:
            stock = kernel_tree("stock")
            modules(stock, "stock")
            files |= {f"bpf/{path.name}": path for path in bpf_objects(stock, "stock")}
            files["ccload"] = loader()
        files["transfer.sh"] = CHECKOUT / "scripts/ferrops/guest/transfer.sh"
        result = qemu.boot(qemu.Run(
            kernel, given.script, given.arguments, files,
            virtual=given.clock == "virtual", timeout=given.timeout, out=given.out,
            progress=qemu.forward))
    except Failure as failure:
        say(f"error: {failure}")
        return 125
    return result.status
