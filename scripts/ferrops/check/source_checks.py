# SPDX-License-Identifier: GPL-2.0-only
"""What make does with the source itself, inside the build root.

    source-checks rustfmt        format the Rust code
    source-checks rustfmtcheck   say which Rust code is not formatted
    source-checks clippy         lint the Rust code, as it is built for the stock kernel
    source-checks lint           lint the rest: shell, Python, C, licenses, texts, line lengths
    source-checks doc            write the crates' documentation to build/doc
    source-checks htmldocs       write the pages of Documentation/ to build/htmldocs
    source-checks rust-analyzer  write rust-project.json, for editors outside the root
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from ferrops.check import text_checks
from ferrops.environment import rust_analyzer as rust_analyzer_project
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, say, shown, waiting

LINE_MAX = 100
LANGUAGES = {".rs": "rust", ".c": "c", ".h": "c", ".py": "python", ".sh": "shell"}
KERNEL_TREE_URL = "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git/tree"

# What Kbuild prints about its steps, beside the messages of the tools it runs.
KBUILD_STEP = re.compile(r"  [A-Z]{2,}[ \[]|make(\[\d+\])?: ")


def stock() -> Path:
    """The directory that the stock kernel was built in."""
    return kernel_tree("stock").tree / "build"


def build(name: str, *arguments: str) -> None:
    """Builds the modules for the stock kernel in build/NAME; prints what the compiler says."""
    command: list[str | Path] = [CHECKOUT / "scripts/build-modules", stock(), name, *arguments]
    with waiting("building the modules"), subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        assert child.stdout
        for line in child.stdout:
            if not KBUILD_STEP.match(line):
                print(line, end="", flush=True)
    if child.returncode:
        sys.exit(1)  # the last line above says why


def language(path: Path) -> str | None:
    """What a file is written in, if it is source code."""
    if path.suffix in LANGUAGES:
        return LANGUAGES[path.suffix]
    if path.name in ("Makefile", "Kbuild"):
        return "make"
    with path.open("rb") as file:
        line = file.readline()
    if not line.startswith(b"#!"):
        return None
    return "python" if b"python" in line else "shell" if b"sh" in line else "other"


def tracked() -> list[str]:
    """The files of the checkout that git knows, or would add, relative to it."""
    git = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached",
                          "--others", "--exclude-standard"],
                         cwd=CHECKOUT, text=True, capture_output=True, check=False)
    if git.returncode == 0:
        names = set(filter(None, git.stdout.split("\0")))
    else:
        # A work tree whose repository is elsewhere, or an unpacked archive.
        names = set()
        ignored = [line.strip("/") for line in (CHECKOUT / ".gitignore").read_text().splitlines()]
        for directory, below, files in os.walk(CHECKOUT):
            left_out = {".git", "build"} if directory == str(CHECKOUT) else {"__pycache__"}
            below[:] = [name for name in below if name not in left_out]
            paths = {os.path.relpath(os.path.join(directory, name), CHECKOUT) for name in files}
            names |= {path for path in paths if not any(fnmatch(path, part) for part in ignored)}
    return sorted(name for name in names if (CHECKOUT / name).is_file())


def sources(*wanted: str) -> list[str]:
    """The source files in these languages (all if none is given), relative to the checkout."""
    found = {name: language(CHECKOUT / name) for name in tracked()}
    return sorted(name for name, kind in found.items() if kind and (kind in wanted or not wanted))


def findings(command: list[str | Path], files: list[str]) -> list[str]:
    """What a tool that prints one finding a line says about these files."""
    if not files:
        return []
    done = subprocess.run([*command, *files], cwd=CHECKOUT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = done.stdout.strip().splitlines()
    return (lines or [f"{command[0]} failed without a message"]) if done.returncode else []


def report(what: str, found: list[str]) -> None:
    """Prints findings; fails if there are any."""
    for line in found:
        print(line, flush=True)
    if found:
        raise Failure(f"{what}: {len(found)} line(s) of findings above")
    say(f"{what}: nothing to complain about")


def rustfmt_command() -> list[str | Path]:
    return ["rustfmt", "--config-path", stock() / "source/.rustfmt.toml"]


def rustfmt() -> None:
    """Formats the Rust code."""
    report("rustfmt", findings(rustfmt_command(), sources("rust")))


def rustfmtcheck() -> None:
    """Says what rustfmt would change, and which imports are not as the kernel wants them."""
    found = [line.removeprefix(f"{CHECKOUT}/") for line in
             findings([*rustfmt_command(), "--check", "-l"], sources("rust"))]
    found = [f"{line}: not formatted; run 'make rustfmt'" if (CHECKOUT / line).is_file() else line
             for line in dict.fromkeys(found)]
    for name in sources("rust"):
        found += [f"{name}:{line}: imports are vertical and end in ', //'"
                  for line in horizontal_imports((CHECKOUT / name).read_text())]
    report("rustfmtcheck", found)


def horizontal_imports(source: str) -> list[int]:
    """The lines of `use` declarations that are not in the kernel's style, which is one name a
    line and `//` after the last, so that rustfmt leaves them so."""
    lines = []
    for use in re.finditer(r"^[ \t]*(?:pub(?:\([^)]*\))? )?use [^;]*;", source, re.MULTILINE):
        for group in re.finditer(r"\{([^{}]*)\}", use.group()):
            if "," in group.group(1) and not re.search(r", //\s*$", group.group(1)):
                lines.append(source.count("\n", 0, use.start() + group.start()) + 1)
    return lines


def clippy() -> None:
    """Lints the Rust code, as it is built for the stock kernel, and the loader."""
    build("clippy-stock", "CLIPPY=1", "KRUSTFLAGS=-Dwarnings")
    loader = subprocess.run([CHECKOUT / "scripts/build-ccload", "clippy", "--", "-Dwarnings"],
                            check=False)
    if loader.returncode:
        sys.exit(1)
    report("clippy", [])


def lint() -> None:
    """Lints what is not Rust, and what holds for all languages."""
    found = findings(["shellcheck", "--format=gcc", "--external-sources",
                      "--source-path=SCRIPTDIR"], sources("shell"))
    found += python_findings(sources("python"))
    found += findings([stock() / "source/scripts/checkpatch.pl", "--no-tree", "-f", "--strict",
                       "--terse", "--no-summary"], sources("c"))
    found += text_checks.findings(CHECKOUT, tracked())
    for name in sources("rust", "python"):
        for number, line in enumerate((CHECKOUT / name).read_text().splitlines(), 1):
            if len(line) > LINE_MAX:
                found.append(f"{name}:{number}: {len(line)} columns, more than {LINE_MAX}")
    for name in sources("rust"):
        text = (CHECKOUT / name).read_text()
        found += layering(name, text)
        if not name.startswith("samples/"):
            continue
        if re.search(r"\bunsafe\b", text):
            found.append(f"{name}: has 'unsafe'; what it needs is missing in the library")
        if "#![no_std]" in text and "#![forbid(unsafe_code)]" not in text:
            found.append(f"{name}: no '#![forbid(unsafe_code)]'")
    report("lint", found)


# The crates that serve every table, and what belongs to one.
GENERIC = ("rust/core/", "rust/ops/", "rust/kfunc/", "rust/bpf/")
OF_A_TABLE = re.compile(r"tcp|cwnd|ssthresh|congestion|\bSock\b|\bAckSample\b", re.IGNORECASE)

# A condition on the target: for a backend, and for rust/core where a machine lacks something.
ON_TARGET = re.compile(r"\btarget_(arch|os|env|family)\b|\bcfg!?\((not\()?panic\b")
BACKENDS = ("rust/tcp_cc/backend/", "rust/core/")


def layering(name: str, text: str) -> list[str]:
    """Where a file knows what only those above or below it are to know."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if name.startswith(GENERIC) and (said := OF_A_TABLE.search(line)):
            found.append(f"{name}:{number}: '{said.group()}' belongs to a table, and this file "
                         f"serves all of them; move it to the table's crate")
        if name.startswith(("rust/", "samples/")) and not name.startswith(BACKENDS) \
                and (said := ON_TARGET.search(line)):
            found.append(f"{name}:{number}: '{said.group()}' is for a backend to know; add what "
                         f"differs to its interface")
    return found


def python_findings(names: list[str]) -> list[str]:
    """What Python itself, pyflakes and mypy say about these files."""
    found = []
    for name in names:
        try:
            compile((CHECKOUT / name).read_bytes(), name, "exec")
        except SyntaxError as error:
            found.append(f"{name}:{error.lineno}: {error.msg}")
    os.environ["MYPYPATH"] = str(CHECKOUT / "scripts")
    return found or findings(["pyflakes3"], names) + findings(
        ["mypy", "--strict", "--scripts-are-modules", "--explicit-package-bases",
         "--no-error-summary", "--ignore-missing-imports", "--cache-dir=/tmp/mypy"], names)


def doc() -> None:
    """Writes the crates' documentation to build/doc."""
    made, final = CHECKOUT / "build/stock/doc", CHECKOUT / "build/doc"
    shutil.rmtree(made, ignore_errors=True)
    build("stock", "FERROPS_DOC=y")
    link_kernel_source(made)
    shutil.rmtree(final, ignore_errors=True)
    made.rename(final)
    print(shown(final / "index.html"))


def link_kernel_source(pages: Path) -> None:
    """Makes `srctree/` links lead to the source of the kernel that was built for."""
    kernel = stock()
    release = (kernel / "include/config/kernel.release").read_text()
    version = re.match(r"\d+\.\d+(\.[1-9]\d*)?", release)
    if not version:
        raise Failure(f"'{release.strip()}' is not a kernel release")
    missing = set()
    for page in pages.rglob("*.html"):
        text = page.read_text()
        links = set(re.findall(r'href="srctree/([^"#]+)', text))
        missing |= {link for link in links if not (kernel / "source" / link).exists()}
        if links:
            page.write_text(re.sub(r'href="srctree/([^"#]+)', rf'href="{KERNEL_TREE_URL}/\1'
                                   rf"?h=v{version.group()}", text))
    if missing:
        raise Failure(f"the kernel's source has no {' and no '.join(sorted(missing))}, to which "
                      f"documentation links as srctree/...")


def htmldocs() -> None:
    """Writes the pages of Documentation/ to build/htmldocs. Warnings are errors."""
    if not shutil.which("sphinx-build"):
        raise Failure("htmldocs: there is no sphinx-build; it is in the package python3-sphinx")
    final, crates = CHECKOUT / "build/htmldocs", CHECKOUT / "build/doc"
    shutil.rmtree(final, ignore_errors=True)
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory) / "pages"
        found = findings(["sphinx-build", "--quiet", "--fail-on-warning", "--keep-going",
                          "--doctree-dir", f"{directory}/cache", "Documentation"], [str(made)])
        report("htmldocs", [line.removeprefix(f"{CHECKOUT}/") for line in found])
        shutil.copytree(made, final)
    if crates.is_dir():
        shutil.copytree(crates, final / "crates")
    print(shown(final / "index.html"))


def rust_analyzer() -> None:
    """Writes rust-project.json, for editors outside the root."""
    build("stock", "rust-analyzer")
    project = rust_analyzer_project.project(CHECKOUT / "build/stock")
    (CHECKOUT / "rust-project.json").write_text(project)
    print(shown(CHECKOUT / "rust-project.json"))


TARGETS = {"rustfmt": rustfmt, "rustfmtcheck": rustfmtcheck, "clippy": clippy, "lint": lint,
           "doc": doc, "htmldocs": htmldocs, "rust-analyzer": rust_analyzer}


def run() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in TARGETS:
        raise Failure(f"usage: source-checks {'|'.join(TARGETS)}")
    with waiting(sys.argv[1]):
        TARGETS[sys.argv[1]]()
