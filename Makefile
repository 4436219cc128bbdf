# SPDX-License-Identifier: GPL-2.0-only
#
# What a user types. Everything is built and booted inside the build root that
# scripts/root makes, where the checkout is /ferrops; there this Makefile is
# read a second time, with FERROPS_INSIDE set. Only `make modules KDIR=...`
# (or KVER=...), for a kernel of the user's own, builds on the host itself.

MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

# A script that fails says why in one line, to which make would add "*** [...] Error 1". Under -q
# make adds nothing when a recipe marked "+" exits with 1: that is the answer "no" to a question.
# Under -q a recipe without "+" does not run; so each begins with $(run). Scripts do not see -q.
ifeq (,$(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))))
MAKEFLAGS += -q
run := +@unset MAKEFLAGS MFLAGS; trap 'test $$? = 0 || exit 1' EXIT;
else
run :=
endif

# The variables of make's command line, for another command line. In recipes they are "$$NAME",
# since make exports them, and not '$(NAME)', which a quote in a value would end.
given = $(sort $(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$v)))
settings = $(foreach v,$(given),$v='$(subst ','\'',$(value $v))')

define help
Everyday targets:
  demo           - boot the stock kernel, run TCP over the Rust modules and their C references;
                   with WRITE=y also the picture and the table of the documentation
  check          - all tests that fit in half an hour; results in build/check, as KTAP and JSON;
                   GROUP="diff host" runs these groups only, TEST=rcubic only tests with that in
                   their names; with CHANGED=y: those that a change since they passed can affect;
                   with LIST=y: which groups and tests there are
  check-full     - those and the longer ones
  host-tests     - those that need no kernel, in seconds; TEST=FILE for tests/host/FILE.rs
  miri           - the same in Miri (not in the build root: your own nightly Rust)
  modules        - the modules, in build/stock; with DEBUG=y they keep their debug information
  bpf            - the same algorithms as BPF objects, in build/bpf, and samples/bpf
  ccload         - the program that loads them: build/ccload, for any machine
  diff           - each algorithm against its reference, a million callbacks; STEPS=, SEED=,
                   PAIR="rcubic cubic" (and more pairs); STATES=init: only states that come from
                   init; with MUTANTS=y: that mutants are detected
  bench          - what each callback costs in C, Rust and BPF, in instructions executed; with
                   WRITE=y the figures of Documentation/cost.rst and the baseline of "check";
                   TABLES="rcubic rcubic_bpf" counts these only, also samples of your own;
                   SHOW="rcubic ssthresh:a_loss" lists the instructions
  curves         - whole transfers in C, Rust and BPF: the windows over time in one picture
  safety         - what is refused, next to C and BPF: the tables of Documentation/safety.rst

For a kernel of your own (no build root, your toolchain):
  modules KVER=$$(uname -r)  - for a distribution kernel with headers and source installed
  modules KDIR=DIR          - for the kernel built in DIR; modules go to build/<release>
  check-env KDIR=DIR        - what is missing for that, if anything; KVER= too

Kernels and tools, made when needed and cached ($$FERROPS_CACHE, default ~/.cache/ferrops):
  root           - the build root; "update" makes a new one from today's archive
  stock          - the distribution kernel with its Rust metadata rebuilt
  kunit          - our small kernel for KUnit
  debug          - the same with KASAN, lockdep and UBSAN; "modules-debug" builds for it
  cfi            - the same with CFI, which checks every indirect call; "modules-cfi" builds for it
  bare           - our small kernel without BPF
  testing        - the testing distribution's kernel, and modules for it, in a build root of its own
  purge          - delete the whole cache

Source:
  rustfmt rustfmtcheck clippy lint rust-analyzer clean
  doc            - the reference of the crates, in build/doc
  htmldocs       - the pages of Documentation/, in build/htmldocs
endef
export help

help:
	$(run)echo "$$help"

PHONY := help

# --- Outside: into the build root -----------------------------------------

inside := demo check check-full diff bench curves safety host-tests bpf ccload stock kunit debug cfi bare \
	modules-stock modules-kunit modules-debug modules-cfi modules-bare \
	rustfmt rustfmtcheck clippy lint doc htmldocs rust-analyzer
PHONY += $(inside) testing miri modules check-env root update purge clean

ifndef FERROPS_INSIDE

$(inside):
	$(run)scripts/root run make -C /ferrops $(settings) $@

# What runs on several kernels wants them.
check-full: testing

testing:
	$(run)FERROPS_SUITE=testing scripts/root run make -C /ferrops $@

root:
	$(run)scripts/root make

update:
	$(run)scripts/root update

purge:
	$(run)scripts/root purge

miri:
	$(run)scripts/host-tests miri $$TEST

# --- Outside: a kernel of the user's own ----------------------------------

ifneq ($(KDIR)$(KVER),)

modules:
	$(run)if test -n "$$KDIR"; then scripts/build-modules "$$KDIR" '' $(settings); \
	else tree=$$(scripts/kernel-tree host "$$KVER") && \
		scripts/build-modules "$$tree/build" '' $(settings); fi

else
modules: modules-stock
endif

check-env:
	$(run)if test -n "$$KDIR"; then scripts/kernel-tree check "$$KDIR"; \
	elif test -n "$$KVER"; then scripts/kernel-tree check-host "$$KVER"; \
	else echo 'ferrops: error: say which kernel: make check-env KDIR=DIR (or KVER=...)' >&2; exit 1; fi

# --- Inside ---------------------------------------------------------------

else

modules: modules-stock

stock kunit debug cfi bare:
	$(run)scripts/kernel-tree $@

modules-stock modules-kunit modules-debug modules-cfi modules-bare: modules-%:
	$(run)kernel=$$(scripts/kernel-tree $*) && scripts/build-modules $$kernel/build $* $(settings)

# In the testing distribution's root, of which it is the stock kernel.
testing:
	$(run)kernel=$$(scripts/kernel-tree stock) && \
		scripts/build-modules $$kernel/build testing FERROPS_TESTS=y && \
		basename $$kernel >/cache/testing-kernel

bpf: modules-stock
	$(run)kernel=$$(scripts/kernel-tree stock) && scripts/build-bpf $$kernel/build stock

ccload:
	$(run)scripts/build-ccload

demo:
	$(run)scripts/demo $${WRITE:+--write}

check:
	$(run)scripts/check $$GROUP $${TEST:+"--test=$$TEST"} $${CHANGED:+--changed} \
		$${LIST:+--list}

curves:
	$(run)scripts/curves

diff:
	$(run)scripts/diff $$PAIR $${STEPS:+--steps "$$STEPS"} $${SEED:+--seed "$$SEED"} \
		$${EVENTS:+--events "$$EVENTS"} $${STATES:+--states "$$STATES"} $${MUTANTS:+--mutants}

bench:
	$(run)scripts/bench $$SHOW $$TABLES $${CALLS:+--calls "$$CALLS"} $${WRITE:+--write}

host-tests:
	$(run)scripts/host-tests $$TEST

safety:
	$(run)scripts/wrong-programs write

check-full:
	$(run)scripts/check full

rustfmt rustfmtcheck clippy lint doc htmldocs rust-analyzer: %:
	$(run)scripts/source-checks $*

endif

clean:
	$(run)rm -rf build

.PHONY: $(PHONY)
