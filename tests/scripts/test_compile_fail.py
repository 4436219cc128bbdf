# SPDX-License-Identifier: GPL-2.0-only
"""What is put around the fragments of tests/compile-fail, and what counts as refused."""

import sys
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))

from ferrops.check.compile_fail import bpf_program, module, read  # noqa: E402
from ferrops.check.compile_fail_run import Message, refused  # noqa: E402
from ferrops.environment.process import Failure  # noqa: E402

# What these tests depend on, beside the scripts: scripts/check --changed.
READS: list[str] = []

HEADER = "// SPDX-License-Identifier: GPL-2.0-only\n//\n"
SAYS = "// mistake: none\n// rustc: mismatched\n// c: compiles\n// no bpf: nothing\n"
CALLBACK = "\nfn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {\n    0 //~ error\n}\n"


def message(path: Path, line: int, text: str = "mismatched types") -> Message:
    """An error of the compiler at a line."""
    span = {"file_name": str(path), "line_start": line, "line_end": line, "expansion": None}
    return {"message": text, "rendered": f"error: {text}", "spans": [span], "children": []}


class FragmentTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "state_example.rs"

    def around(self, fragment: str, form: str = "") -> str:
        self.path.write_text(HEADER + SAYS + fragment)
        return module(read(self.path), form)

    def test_its_functions_are_the_callbacks(self) -> None:
        text = self.around(CALLBACK)
        self.assertIn(f'include!("{self.path}");', text)
        self.assertIn("\n        ssthresh: ssthresh,\n        undo_cwnd: reno::undo_cwnd,\n", text)
        self.assertIn("#![forbid(unsafe_code)]", text)
        self.assertIn("type State = ();", text)
        self.assertIn("algorithm: wrong::Algorithm,", text)
        text = self.around(f"\n#[cfg(forced)]{CALLBACK}")
        self.assertIn("#[cfg(forced)]\n        ssthresh: ssthresh,\n"
                      "        #[cfg(not(forced))]\n        ssthresh: reno::ssthresh,\n", text)

    def test_what_it_has_itself_is_left_out(self) -> None:
        own = "\nimpl CongestionControl for Algorithm {\n    type State = u32;\n}\n"
        self.assertNotIn("const OPS", self.around(own))
        text = self.around("\nferrops::kfuncs! {\n    pub KFUNCS;\n}\n")
        self.assertIn("kfuncs: wrong::KFUNCS", text)
        self.assertNotIn("Algorithm", text)
        text = self.around("\nferrops::module_tcp_congestion_ops! {\n    algorithm: Other,\n}\n")
        self.assertNotIn("tcp_wrong", text)

    def test_its_state_parameters_and_name(self) -> None:
        text = self.around('\nstate! {\n    pub struct Memory {}\n}\n\nparameters! {}\n'
                           '\nconst NAME: &str = "";\n')
        for line in ("type State = Memory;", "name: NAME,", "= Params::DECLARED;"):
            self.assertIn(line, text)
        self.assertIn("type State = State;", self.around("\ntype State = u32;\n"))

    def test_in_a_form_it_is_there_itself(self) -> None:
        text = self.around(f"\n#[cfg(not(any(right, forced)))]{CALLBACK}", "forced")
        self.assertIn("#[cfg(not(any(any(), all())))]\nfn ssthresh", text)
        self.assertIn("use any_state as state;", text)
        self.assertNotIn("forbid", text)
        self.assertNotIn("any_state", self.around(CALLBACK, "right"))

    def test_headers(self) -> None:
        for says, expected in (
                (SAYS + "// at: nowhere\n", "no 'nowhere' around it"),
                (SAYS + "// rustc: again\n", "'rustc' is no key, or there twice"),
                (SAYS + "// because: so\n", "'because' is no key"),
                (SAYS.replace("// no bpf: nothing\n", ""), "has to say one of bpf, bpf loads"),
                (SAYS.replace("no bpf", "bpf"), "either state_example.bpf.c or 'no bpf'"),
                (SAYS + "\n#[cfg(worng)]\nconst A: u32 = 0;\n", "no form 'worng'")):
            self.path.write_text(HEADER + says)
            with self.assertRaisesRegex(Failure, expected):
                read(self.path)

    def test_what_counts_as_refused(self) -> None:
        self.path.write_text(HEADER + SAYS + CALLBACK)
        marked, line = read(self.path), 9
        self.assertIn("//~ error", self.path.read_text().splitlines()[line - 1])
        around = self.path.with_name("around.rs")
        around.write_text(module(marked))
        number = around.read_text().splitlines().index("        ssthresh: ssthresh,") + 1
        self.path.write_text(HEADER + SAYS.replace("// c:", "// at: ssthresh: ssthresh,\n// c:") +
                             CALLBACK.replace(" //~ error", ""))
        elsewhere = read(self.path)
        self.path.write_text(HEADER + SAYS + CALLBACK.replace(" //~ error", ""))
        nowhere = read(self.path)
        for program, said, expected in (
                (marked, [], "it compiles"),
                (marked, [message(self.path, line)], ""),
                (marked, [message(self.path, line), message(self.path, 8)], "the wrong line"),
                (marked, [message(around, number)], "the wrong line"),
                (marked, [message(self.path, line, "other")], "does not say 'mismatched'"),
                (elsewhere, [message(around, number)], ""),
                (elsewhere, [message(around, number + 1)], "the wrong line"),
                (nowhere, [message(around, number)], ""),
                (nowhere, [message(self.path, line)], "a line that is not marked")):
            found = "; ".join(refused(program, said, "mismatched"))
            self.assertIn(expected, found)
            self.assertEqual(bool(expected), bool(found), found)


class BpfTest(unittest.TestCase):
    def around(self, text: str) -> str:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "example.bpf.c"
            path.write_text(text)
            return bpf_program(path)

    def test_its_programs_are_the_members(self) -> None:
        text = self.around('SEC("?struct_ops")\n__u32 BPF_PROG(ssthresh, struct sock *sk)\n{\n}\n')
        self.assertIn("\t.ssthresh = (void *)ssthresh,\n", text)
        self.assertIn("\t.undo_cwnd = (void *)reno_undo_cwnd,\n", text)
        self.assertIn('SEC("license") = "GPL"', text)

    def test_what_it_has_itself_is_left_out(self) -> None:
        text = self.around('SEC(".struct_ops.link")\nchar _license[] SEC("license") = "MIT";\n')
        self.assertEqual(text.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
