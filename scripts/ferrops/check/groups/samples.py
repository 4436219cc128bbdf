# SPDX-License-Identifier: GPL-2.0-only
"""The transcripts in samples/README.md."""

from collections.abc import Iterator

from ferrops.check.group import Group, boot
from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.environment.process import CHECKOUT
from ferrops.instruments import sample_transcripts


def samples(_text: str) -> Iterator[Outcome]:
    """The transcripts in samples/README.md."""
    run, wanted = sample_transcripts.run()
    result, console = boot(run)
    for name, wrong in sample_transcripts.compared(result.output, wanted):
        yield name, FAILED if wrong else PASSED, wrong
    yield console


def sample_tests() -> list[str]:
    """The commands in samples/README.md."""
    text = (CHECKOUT / sample_transcripts.DOCUMENT).read_text()
    return [name for name, _, _ in sample_transcripts.listed(sample_transcripts.transcripts(text))]


GROUP = Group([samples], sample_tests)
