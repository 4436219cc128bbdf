# SPDX-License-Identifier: GPL-2.0-only
#
# What a user types. Everything is built and booted inside the build root that
# scripts/root makes, where the checkout is /ferrops; there this Makefile is
# read a second time, with FERROPS_INSIDE set. Only `make modules KDIR=...`
# (or KVER=...), for a kernel of the user's own, builds on the host itself.

MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

help:
	@echo 'Everyday targets:'
	@echo '  demo           - boot the stock kernel, run TCP over the Rust modules and their C references;'
	@echo '                   with WRITE=y also the picture and the table of the documentation'
	@echo '  check          - all tests that fit in half an hour'
	@echo '  check-full     - those and the longer ones'
	@echo '  host-tests     - those that need no kernel, in seconds; TEST=FILE for tests/host/FILE.rs'
	@echo '  miri           - the same in Miri (not in the build root: your own nightly Rust)'
	@echo '  modules        - the modules, in build/stock'
	@echo '  bpf            - the same algorithms as BPF objects, in build/bpf, and samples/bpf'
	@echo '  ccload         - the program that loads them: build/ccload, for any machine'
	@echo '  diff           - each algorithm against its reference, a million callbacks; STEPS=, SEED=,'
	@echo '                   PAIR="rcubic cubic"; with MUTANTS=y: that mutants are detected'
	@echo '  bench          - what each callback costs in C, Rust and BPF, in instructions executed; with'
	@echo '                   WRITE=y the figures of Documentation/cost.rst and the baseline of "check";'
	@echo '                   TABLES="rcubic rcubic_bpf" counts these only, also samples of your own;'
	@echo '                   SHOW="rcubic ssthresh:a_loss" lists the instructions'
	@echo '  curves         - whole transfers in C, Rust and BPF: the windows over time in one picture'
	@echo '  safety         - what is refused, next to C and BPF: the tables of Documentation/safety.rst'
	@echo ''
	@echo 'For a kernel of your own (no build root, your toolchain):'
	@echo '  modules KVER=$$(uname -r)  - for a distribution kernel with headers and source installed'
	@echo '  modules KDIR=DIR          - for the kernel built in DIR; modules go to build/<release>'
	@echo '  check-env KDIR=DIR        - what is missing for that, if anything; KVER= too'
	@echo ''
	@echo 'Kernels and tools, made when needed and cached ($$FERROPS_CACHE, default ~/.cache/ferrops):'
	@echo '  root           - the build root; "update" makes a new one from today'"'"'s archive'
	@echo '  stock          - the distribution kernel with its Rust metadata rebuilt'
	@echo '  kunit          - our small kernel for KUnit'
	@echo '  debug          - the same with KASAN, lockdep and UBSAN; "modules-debug" builds for it'
	@echo '  cfi            - the same with CFI, which checks every indirect call; "modules-cfi" builds for it'
	@echo '  bare           - our small kernel without BPF'
	@echo '  testing        - the testing distribution'"'"'s kernel, and modules for it, in a build root of its own'
	@echo '  purge          - delete the whole cache'
	@echo ''
	@echo 'Source:'
	@echo '  rustfmt rustfmtcheck clippy lint rust-analyzer clean'
	@echo '  doc            - the reference of the crates, in build/doc'
	@echo '  htmldocs       - the pages of Documentation/, in build/htmldocs'

PHONY := help

# --- Outside: into the build root -----------------------------------------

inside := demo check check-full diff bench curves safety host-tests bpf ccload stock kunit debug cfi bare \
	modules-stock modules-kunit modules-debug modules-cfi modules-bare \
	rustfmt rustfmtcheck clippy lint doc htmldocs rust-analyzer
PHONY += $(inside) testing miri modules check-env root update purge clean

ifndef FERROPS_INSIDE

$(inside):
	@scripts/root run make -C /ferrops $(MAKEOVERRIDES) $@

# What runs on several kernels wants them.
check-full: testing

testing:
	@FERROPS_SUITE=testing scripts/root run make -C /ferrops $@

root:
	@scripts/root make

update:
	@scripts/root update

purge:
	@scripts/root purge

miri:
	@scripts/host-tests miri $(TEST)

# --- Outside: a kernel of the user's own ----------------------------------

ifneq ($(KDIR)$(KVER),)

modules:
	@if test -n '$(KDIR)'; then scripts/build-modules '$(KDIR)'; \
	else tree=$$(scripts/kernel-tree host '$(KVER)') && scripts/build-modules "$$tree/build"; fi

else
modules: modules-stock
endif

check-env:
	@if test -n '$(KDIR)'; then scripts/kernel-tree check '$(KDIR)'; \
	elif test -n '$(KVER)'; then scripts/kernel-tree check-host '$(KVER)'; \
	else echo 'ferrops: error: say which kernel: make check-env KDIR=DIR (or KVER=...)' >&2; exit 1; fi

# --- Inside ---------------------------------------------------------------

else

modules: modules-stock

stock kunit debug cfi bare:
	@scripts/kernel-tree $@

modules-stock modules-kunit modules-debug modules-cfi modules-bare: modules-%:
	@kernel=$$(scripts/kernel-tree $*) && scripts/build-modules $$kernel/build $*

# In the testing distribution's root, of which it is the stock kernel.
testing:
	@kernel=$$(scripts/kernel-tree stock) && \
		scripts/build-modules $$kernel/build testing FERROPS_TESTS=y && \
		basename $$kernel >/cache/testing-kernel

bpf: modules-stock
	@kernel=$$(scripts/kernel-tree stock) && scripts/build-bpf $$kernel/build stock

ccload:
	@scripts/build-ccload

demo:
	@scripts/demo $(if $(WRITE),--write)

check curves: %:
	@scripts/$*

diff:
	@scripts/diff $(PAIR) $(if $(STEPS),--steps '$(STEPS)') $(if $(SEED),--seed '$(SEED)') \
		$(if $(EVENTS),--events '$(EVENTS)') $(if $(MUTANTS),--mutants)

bench:
	@scripts/bench $(SHOW) $(TABLES) $(if $(CALLS),--calls '$(CALLS)') $(if $(WRITE),--write)

host-tests:
	@scripts/host-tests $(TEST)

safety:
	@scripts/wrong-programs write

check-full:
	@scripts/check full

rustfmt rustfmtcheck clippy lint doc htmldocs rust-analyzer: %:
	@scripts/source-checks $*

endif

clean:
	rm -rf build

.PHONY: $(PHONY)
