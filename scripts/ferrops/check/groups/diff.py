# SPDX-License-Identifier: GPL-2.0-only
"""The comparisons with the references."""


from ferrops.check.group import GUEST, LIBRARY, Group, Report, Wanted, samples_in
from ferrops.check.results import FAILED, PASSED, Outcome
from ferrops.instruments import opsdiff, opsdiff_mutants


def diff(wanted: Wanted, report: Report) -> None:
    """Each algorithm against its reference; and what is known to differ has to."""
    for result in opsdiff.compare([job for job in diff_jobs() if wanted.has(pair(job))]):
        report(compared(result))


def diff_jobs() -> list[opsdiff.Job]:
    """What there is to compare."""
    jobs = opsdiff.all_pairs(20_000, 1)
    for table, reference in dict.fromkeys((job.table, job.reference) for job in jobs):
        jobs += opsdiff.regressions(table, reference)
    return jobs


def pair(job: opsdiff.Job) -> str:
    """The name of a comparison."""
    return " ".join(filter(None, (job.table, "and", job.reference, job.what)))


def compared(result: opsdiff.Compared, prefix: str = "") -> Outcome:
    """What came of a comparison."""
    job = result.job
    name = prefix + pair(job)
    if (result.differences > 0) == job.may_differ:
        return Outcome(name, PASSED, seconds=result.seconds)
    return Outcome(name, FAILED, opsdiff.difference(result), result.seconds)


def mutants(_wanted: Wanted, report: Report) -> None:
    """That a wrong line in an algorithm is noticed."""
    for mutant, result in opsdiff_mutants.compare(100_000, 1):
        report(Outcome(mutant.change, PASSED if result.differences else FAILED,
                       seconds=result.seconds))


def mutant_tests() -> list[str]:
    """The mutants' lines."""
    return [mutant.change for mutant in opsdiff_mutants.mutants()]


GROUP = Group([diff], lambda: [pair(job) for job in diff_jobs()], lambda name: [
    *LIBRARY, *GUEST, *samples_in(name), "scripts/ferrops/instruments/opsdiff*.py",
    "tests/opsdiff/**"])

MUTANTS = Group([mutants], mutant_tests, lambda _name: ["**"], True)
