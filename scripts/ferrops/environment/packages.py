# SPDX-License-Identifier: GPL-2.0-only
"""The packages of a distribution's kernel, and what its trees have in common."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from ferrops.environment.cache import cached, digest
from ferrops.environment.process import Failure, logged, output

JOBS = f"-j{os.cpu_count()}"
ARCH = {"x86_64": "x86", "aarch64": "arm64"}


def config_of(text: str) -> dict[str, str]:
    """The settings in a kernel configuration, without the quotes; what is "n" is not set."""
    found = dict(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.MULTILINE))
    return {name: value.strip('"') for name, value in found.items() if value != "n"}


def compiler_of(config: dict[str, str]) -> str:
    """The C compiler that built a kernel: "gcc-14 (Debian ...) 14.2.0" names it, clang does not."""
    if config.get("CONFIG_CC_IS_CLANG") == "y":
        return "clang"
    return config["CONFIG_CC_VERSION_TEXT"].split()[0]


def compiler_flags(kdir: Path) -> str:
    """What make needs to be told to use the compiler that `kdir` was built with."""
    config = config_of((kdir / ".config").read_text())
    return "LLVM=1" if compiler_of(config) == "clang" else f"CC={compiler_of(config)}"


def version_of(package: str) -> str:
    """The installed version of a package; empty if it is not installed."""
    if not shutil.which("dpkg-query"):
        raise Failure("KVER= is for kernels from Debian packages; use KDIR= for another")
    done = subprocess.run(["dpkg-query", "--show", "--showformat=${Status} ${Version}", package],
                          text=True, capture_output=True, check=False)
    return done.stdout.split()[-1] if "ok installed" in done.stdout else ""


def is_installed(package: str) -> bool:
    return version_of(package) != ""


class Packages:
    """The packages of one distribution kernel, installed here."""

    def __init__(self, kver: str):
        self.kver = kver
        self.headers = Path(f"/usr/src/linux-headers-{kver}")
        series = re.match(r"\d+\.\d+", kver)
        if not series:
            raise Failure(f"'{kver}' is not a kernel version; try KVER=$(uname -r)")
        self.source = f"linux-source-{series.group()}"
        self.tarball = Path(f"/usr/src/{self.source}.tar.xz")
        wanted = (f"linux-headers-{kver}", self.source, self.image())
        if absent := [package for package in wanted if not is_installed(package)]:
            raise Failure(f"the packages of kernel {kver} are not all installed; as root: "
                          f"apt-get install {' '.join(absent)}")
        versions = {package: version_of(package) for package in wanted}
        self.version = versions[f"linux-headers-{kver}"]
        for package, version in versions.items():
            if version != self.version:
                raise Failure(f"{package} is {version}, but the headers are {self.version}; "
                              f"install {package}={self.version}")
        self.config_text = (self.headers / ".config").read_text()
        self.config = config_of(self.config_text)

    def image(self) -> str:
        """The package with the kernel image: split off in newer packagings."""
        split = f"linux-binary-{self.kver}"
        return split if is_installed(split) else f"linux-image-{self.kver}"

    def key(self, *recipe: Path) -> str:
        """What a tree for this kernel depends on, beside the files that make it."""
        tools = output(["dpkg-query", "--show", "rustc", "bindgen", "dwarves", "clang", "gcc"])
        return digest(self.version, self.config_text, tools, Path(__file__), *recipe)


def installed_kernel() -> str:
    """The version of the one stock kernel in the build root."""
    found = sorted(Path("/usr/src").glob("linux-headers-*-cloud-*"))
    if not found:
        raise Failure("the build root has no kernel headers; run 'make update'")
    return found[-1].name.removeprefix("linux-headers-")


def unpacked(packages: Packages) -> Path:
    """The kernel's source, unpacked once for all trees."""
    def make(half: Path) -> None:
        (half / "linux").mkdir()
        logged(["tar", "--extract", "--strip-components=1", f"--file={packages.tarball}",
                f"--directory={half}/linux"], half / "log", "unpacking the kernel source")
    name = f"source-{digest(packages.version, str(packages.tarball.stat().st_size))}"
    return cached(name, "the kernel source", make) / "linux"


def check_toolchain(config: dict[str, str]) -> list[str]:
    """What keeps this toolchain from building Rust for a kernel so configured."""
    problems = []
    if config.get("CONFIG_RUST") != "y":
        problems.append("the kernel was built without CONFIG_RUST; use one that has it")
    wanted = config.get("CONFIG_RUSTC_VERSION_TEXT", "")
    try:
        found = output(["rustc", "--version"])
        if wanted and found != wanted:
            problems.append(f"the kernel was built with '{wanted}', but rustc here is '{found}'; "
                            f"install that rustc (metadata of another one is refused)")
    except Failure:
        problems.append(f"rustc is missing; install '{wanted or 'rustc'}' "
                        f"(Debian: apt-get install rustc)")
    else:
        sysroot = Path(output(["rustc", "--print", "sysroot"]))
        if not (sysroot / "lib/rustlib/src/rust/library/core/src/lib.rs").exists():
            problems.append("rust-src is missing: no library/core under the sysroot; "
                            "apt-get install rust-src")
    for tool, package in (("bindgen", "bindgen"), ("pahole", "dwarves"), ("bpftool", "bpftool"),
                          ("make", "make")):
        if not shutil.which(tool):
            problems.append(f"{tool} is missing; apt-get install {package}")
    if config.get("CONFIG_CC_VERSION_TEXT") and not shutil.which(compiler_of(config)):
        problems.append(f"{compiler_of(config)} built the kernel and is missing; install it")
    return problems


def settle(build: Path) -> None:
    """Tells a build tree the path that it will have once `cached` has renamed it."""
    makefile = build / "Makefile"
    half = build.parent
    final = half.with_name(half.name.removeprefix("half-"))
    makefile.write_text(makefile.read_text().replace(str(half), str(final)))
