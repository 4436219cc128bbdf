# SPDX-License-Identifier: GPL-2.0-only
"""What lint and the demo find in texts: each finding is provoked once."""

import copy
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.check import text_checks  # noqa: E402
from ferrops.environment.process import LICENSE, Failure  # noqa: E402
from ferrops.instruments import demo, demo_figures, sample_transcripts  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS = ["**"]

REUSE = f"""# {LICENSE}
[[annotations]]
path = "**"
SPDX-FileCopyrightText = "Us"

[[annotations]]
path = ["*.md", "data/**"]
SPDX-License-Identifier = "GPL-2.0-only"
"""
MAINTAINERS = f"{LICENSE}\n\nTHE REST\nM:\tUs <us@example.org>\nF:\t*\nF:\t*/\n"


class Checkout(unittest.TestCase):
    """A small checkout without a finding."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.files: set[str] = set()
        self.write(text_checks.TEXT, "the text\n")
        self.write("REUSE.toml", REUSE)
        self.write("MAINTAINERS", MAINTAINERS)
        self.write("README.md", "Text.\n")
        self.write("data/a.json", "{}\n")
        self.write("scripts/tool", f"#!/bin/sh\n# {LICENSE}\n")
        self.write("Documentation/a.rst", f".. {LICENSE}\n\nSee ``scripts/tool``.\n")

    def write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.files.add(name)

    def found(self) -> list[str]:
        names = sorted(self.files)
        return [*text_checks.licenses(self.directory, names),
                *text_checks.maintainers(self.directory, names),
                *text_checks.documentation(self.directory, names)]

    def test_nothing(self) -> None:
        self.assertEqual(self.found(), [])

    def test_no_license(self) -> None:
        self.write("scripts/tool", "#!/bin/sh\n")
        self.write("other/b.md", "Text.\n")
        self.assertEqual([line.partition(":")[0] for line in self.found()],
                         ["other/b.md", "scripts/tool"])

    def test_license_text_is_missing(self) -> None:
        self.files.remove(text_checks.TEXT)
        self.assertEqual(self.found(), [f"{text_checks.TEXT}: the license's text is missing"])

    def test_annotation_without_files(self) -> None:
        self.files.remove("data/a.json")
        self.assertEqual(self.found(), ["REUSE.toml: no file matches 'data/**'; remove it"])

    def test_maintainers(self) -> None:
        self.write("MAINTAINERS", MAINTAINERS.replace("F:\t*/", "F:\tscripts/t*\nF:\ttools/"))
        self.assertEqual(self.found(), [
            "MAINTAINERS:7: no file matches 'tools/'",
            "MAINTAINERS: no entry has both 'F: *' and 'F: */', so files have no maintainer"])

    def test_columns(self) -> None:
        wide = "word " * 16 + "words"
        self.write("Documentation/a.rst", f".. {LICENSE}\n\n{wide}\n\n::\n\n\t{wide}\n\n"
                   f"=====  =====\na      b\n=====  =====\na      {wide}\n=====  =====\n\n{wide}\n"
                   f"\n   * - {wide}\n")
        self.write("README.md", f"{wide}\n\n    {wide}\n\n```\n{wide}\n```\n\n| {wide} |\n")
        self.assertEqual(self.found(), [
            "Documentation/a.rst:3: 85 columns, more than 80",
            "Documentation/a.rst:15: 85 columns, more than 80",
            "Documentation/a.rst:17: 92 columns, more than 80",
            "README.md:1: 85 columns, more than 80"])

    def test_paths(self) -> None:
        self.write("README.md", "[a](Documentation/a.rst), `scripts/`, [b](Documentation/b.rst)\n")
        self.write("Documentation/a.rst", f".. {LICENSE}\n\n``scripts/tools`` ``rust/NAME.rs``\n")
        self.assertEqual(self.found(), ["Documentation/a.rst:3: there is no scripts/tools",
                                        "README.md:1: there is no Documentation/b.rst"])


class PictureTest(unittest.TestCase):
    """The demo's picture and its numbers."""

    def setUp(self) -> None:
        self.text = (CHECKOUT / demo_figures.NUMBERS).read_text()
        self.numbers = json.loads(self.text)

    def differences(self, measured: dict[str, Any]) -> list[str]:
        return [reason for _, reason in demo_figures.differences(self.numbers, measured) if reason]

    def test_numbers_are_as_written(self) -> None:
        self.assertEqual(demo_figures.text(self.numbers), self.text)

    def test_comparison(self) -> None:
        self.assertEqual(self.differences(self.numbers), [])
        measured = copy.deepcopy(self.numbers)
        first, second, third = measured["scenarios"][0]["transfers"][:3]
        first["goodput_mbit"] *= 1.1
        second["cwnd"] = [[at, packets * 2] for at, packets in second["cwnd"]]
        third["algorithm"] = "another"
        reasons = self.differences(measured)
        self.assertEqual(len(reasons), 3, reasons)
        self.assertIn("goodput 90.78 Mbit/s, and 82.53 in ", reasons[0])
        self.assertIn("windows 100% apart from those in ", reasons[1])
        self.assertIn("does not have it", reasons[2])

    def test_findings(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            checkout = Path(directory)
            for name in (demo_figures.NUMBERS, demo_figures.PICTURE, "README.md"):
                (checkout / name).parent.mkdir(parents=True, exist_ok=True)
                (checkout / name).write_bytes((CHECKOUT / name).read_bytes())
            self.assertEqual(list(demo_figures.findings(checkout)), [])
            changed = self.text.replace('"retransmits":27', '"retransmits":28', 1)
            (checkout / demo_figures.NUMBERS).write_text(changed)
            found = list(demo_figures.findings(checkout))
            self.assertEqual(len(found), 2, found)
            self.assertIn("not drawn from", found[0])
            self.assertIn("lacks the demo's table", found[1])
            (checkout / demo_figures.PICTURE).unlink()
            self.assertIn("is missing; run 'make demo WRITE=y'",
                          next(demo_figures.findings(checkout)))


    def test_write(self) -> None:
        self.numbers["scenarios"][0]["transfers"][0]["retransmits"] = 28
        with tempfile.TemporaryDirectory() as directory:
            checkout = Path(directory)
            for name in (demo_figures.NUMBERS, "README.md"):
                (checkout / name).parent.mkdir(parents=True, exist_ok=True)
                (checkout / name).write_bytes((CHECKOUT / name).read_bytes())
            demo_figures.draw(self.numbers, checkout / "cwnd.png")
            with mock.patch.multiple(demo, CHECKOUT=checkout, OUT=checkout):
                demo.write(self.numbers)
            self.assertEqual(list(demo_figures.findings(checkout)), [])
            (checkout / "README.md").write_text("Nothing.\n")
            with self.assertRaisesRegex(Failure, "README.md does not have the table of "):
                with mock.patch.multiple(demo, CHECKOUT=checkout, OUT=checkout):
                    demo.write(self.numbers)


class SessionsTest(unittest.TestCase):
    """The transcripts of the samples."""

    TEXT = ("# Samples\n\n## tcp_a\n\n```\n# one\nx:1 id 2\n# two\n```\n\n"
            "## bpf/b\n\n```\n# three\n```\n")

    def test_transcripts(self) -> None:
        self.assertEqual(sample_transcripts.transcripts(self.TEXT),
                         {"tcp_a": [("one", ["x:1 id 2"]), ("two", [])], "bpf/b": [("three", [])]})

    def test_comparison(self) -> None:
        wanted = sample_transcripts.transcripts(self.TEXT)
        right = "%% begin tcp_a.1\nx:3 id 4\n%% end\n%% begin tcp_a.2\n%% end\n"
        self.assertEqual(dict(sample_transcripts.compared(right, wanted)), {
            "tcp_a.1": "", "tcp_a.2": "", "bpf-b.1": "'three' did not run"})
        wrong = right.replace("x:3", "y:3")
        self.assertEqual(dict(sample_transcripts.compared(wrong, wanted))["tcp_a.1"],
                         "'one' prints 'y:3 id 4', and not 'x:1 id 2'")

    def test_every_sample_has_a_section(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            checkout = Path(directory)
            (checkout / "samples").mkdir()
            (checkout / sample_transcripts.DOCUMENT).write_text(self.TEXT)
            names = ["samples/README.md", "samples/tcp_a/a.rs", "samples/bpf/c.bpf.c"]
            self.assertEqual(list(sample_transcripts.findings(checkout, names)), [
                "samples/README.md: has no section '## bpf/c'",
                "samples/README.md: '## bpf/b' is no sample"])


if __name__ == "__main__":
    unittest.main()
