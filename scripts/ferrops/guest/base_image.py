# SPDX-License-Identifier: GPL-2.0-only
"""The base of a guest's initramfs: tools, and the kernel's own modules. The cache keeps it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from ferrops.environment.cache import cached, digest
from ferrops.environment.descriptions import descriptions
from ferrops.environment.kernel import Kernel
from ferrops.environment.process import CHECKOUT, Failure, output

# What the base holds, beside busybox.
TOOLS = ["bpftool", "dash", "date", "depmod", "insmod", "iperf3", "ip", "lsmod", "mawk", "modinfo",
         "modprobe", "nstat", "rmmod", "sha256sum", "socat", "ss", "tc"]

# The kernel's own modules that experiments use, where they are not built in.
MODULES = ["veth", "tun", "sch_netem", "sch_fq", "sch_fq_codel", "sch_tbf", "tcp_diag", "inet_diag"]

INIT = CHECKOUT / "scripts/ferrops/guest/init.sh"


def pack(staging: Path, archive: Path) -> None:
    """A reproducible cpio of a directory."""
    for path in [staging, *staging.rglob("*")]:
        os.utime(path, (0, 0), follow_symlinks=False)
    names = sorted(str(path.relative_to(staging)) for path in staging.rglob("*"))
    with archive.open("wb") as sink:
        subprocess.run(["cpio", "--create", "--format=newc", "--reproducible", "--owner=0:0",
                        "--quiet", "--null"],
                       cwd=staging, input="\0".join(names).encode(), stdout=sink, check=True)


def copy_program(staging: Path, program: Path) -> None:
    """Copies a program and the libraries it is linked against, at their own paths."""
    found = subprocess.run(["ldd", str(program)], text=True, capture_output=True, check=False)
    libraries = re.findall(r"(/\S+) \(0x", found.stdout)
    for path in [program, *map(Path, libraries)]:
        target = staging / str(path).lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path.resolve(), target)


def modules() -> list[str]:
    """Those, and what the references of our algorithms are in."""
    return MODULES + [module for description in descriptions().values()
                      for module in description.modules]


def base(kernel: Kernel) -> Path:
    """The base initramfs for a kernel."""
    packages = output(["dpkg-query", "--show", "busybox-static", "iproute2", "iperf3", "socat",
                       "bpftool", "kmod", "libc6", "dash"])

    def make(half: Path) -> None:
        staging = half / "staging"
        for directory in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "proc", "sys", "dev",
                          "tmp", "run", "root", "out", "guest", "etc", "boot", "var/run"):
            (staging / directory).mkdir(parents=True)
        for directory in ("bin", "sbin", "lib", "lib64"):
            (staging / directory).symlink_to(f"usr/{directory}")
        for tool in TOOLS:
            found = shutil.which(tool)
            if not found:
                raise Failure(f"the build root has no {tool}; run 'make update'")
            copy_program(staging, Path(found))
        # Loaded by glibc when a thread is cancelled, so ldd does not see it.
        for library in Path("/usr/lib").glob("*-linux-gnu/libgcc_s.so.1"):
            copy_program(staging, library)
        for name, program in (("sh", "dash"), ("awk", "mawk")):
            (staging / "usr/bin" / name).symlink_to(program)
        shutil.copy("/usr/bin/busybox", staging / "usr/bin/busybox")
        for applet in output(["busybox", "--list"]).split():
            link = staging / "usr/bin" / applet
            taken = [staging / "usr/sbin" / applet, link]
            if not any(path.exists() or path.is_symlink() for path in taken):
                link.symlink_to("busybox")
        (staging / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        (staging / "etc/group").write_text("root:x:0:\n")
        shutil.copy(INIT, staging / "init")
        (staging / "init").chmod(0o755)
        kernel_files(kernel, staging)
        pack(staging, half / "base.cpio")
        shutil.rmtree(staging)
    key = digest(packages, str(kernel.tree), Path(__file__), INIT, *modules())
    return cached(f"guest-{key}", "the guest's base image", make) / "base.cpio"


def kernel_files(kernel: Kernel, staging: Path) -> None:
    """The kernel's configuration and those of its modules that experiments use, as shipped."""
    shutil.copy(kernel.build / ".config", staging / f"boot/config-{kernel.release}")
    target = staging / "usr/lib/modules" / kernel.release
    target.mkdir(parents=True)
    shipped = kernel.tree / "modules"
    source = shipped if shipped.is_dir() else kernel.build
    for index in ("modules.builtin", "modules.order", "modules.builtin.modinfo"):
        if (source / index).exists():
            shutil.copy(source / index, target / index)
    if shipped.is_dir():
        paths = {re.sub(r"\.ko.*", "", path.name): path
                 for path in sorted((shipped / "kernel").rglob("*.ko*"))}
        needs = dict(re.findall(r"^(\S+):(.*)$", (shipped / "modules.dep").read_text(), re.M))
        wanted = [paths[name] for name in modules() if name in paths]
        for path in wanted:
            relative = path.relative_to(shipped)
            for module in [relative, *map(Path, needs.get(str(relative), "").split())]:
                (target / module).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(shipped / module, target / module)
    output(["depmod", "--basedir", str(staging), kernel.release])
