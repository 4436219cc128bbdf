# SPDX-License-Identifier: GPL-2.0-only
"""The groups of tests, by their names. The first are those that fit in half an hour."""

from ferrops.check.group import Group
from ferrops.check.groups import (bench, bpf, demo, diff, e2e, host, kfuncs, kunit, portable,
                                  samples, scripts, seeded, source, wrong)

GROUPS: dict[str, Group] = {
    "source": source.GROUP,
    "host": host.GROUP,
    "wrong": wrong.GROUP,
    "scripts": scripts.GROUP,
    "kunit": kunit.on("kunit"),
    "diff": diff.GROUP,
    "bench": bench.GROUP,
    "bpf": bpf.GROUP,
    "kfuncs": kfuncs.GROUP,
    "e2e": e2e.on("stock", "kunit"),
    "samples": samples.GROUP,
    "portable": portable.GROUP,
    "kver": e2e.KVER,
    "mutants": diff.MUTANTS,
    "kunit-debug": kunit.on("debug", True),
    "e2e-debug": e2e.on("debug", "stock", True),
    "kunit-cfi": kunit.on("cfi", True),
    "e2e-cfi": e2e.on("cfi", "stock", True),
    "kfuncs-cfi": kfuncs.ON_CFI,
    "seeded": seeded.GROUP,
    "bare": kfuncs.ON_BARE,
    "demo": demo.GROUP,
}
