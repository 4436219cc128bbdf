# SPDX-License-Identifier: GPL-2.0-only
"""The transcripts in samples/README.md."""


from ferrops.check.group import GUEST, LIBRARY, SAMPLES, Group, Report, Wanted, boot, judged
from ferrops.environment.process import CHECKOUT
from ferrops.instruments import sample_transcripts


def samples(_wanted: Wanted, report: Report) -> None:
    """The transcripts in samples/README.md."""
    run, wanted = sample_transcripts.run()
    result = boot(run, report)
    for name, wrong in sample_transcripts.compared(result.output, wanted):
        report(judged(name, wrong))


def sample_tests() -> list[str]:
    """The commands in samples/README.md."""
    text = (CHECKOUT / sample_transcripts.DOCUMENT).read_text()
    return [name for name, _, _ in sample_transcripts.listed(sample_transcripts.transcripts(text))]


GROUP = Group([samples], sample_tests, lambda _name: [
    *LIBRARY, *GUEST, SAMPLES, "scripts/ferrops/instruments/sample_transcripts.py",
    "tests/guest/samples.sh"])
