# The two commands: `make demo` shows the main job, `make test` passes the tests. Both install what
# is missing on a Debian with a Swift toolchain, as root or with sudo.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
PREFIX ?= /usr/local
DESTDIR ?=

BUILD_PACKAGES := libssl-dev libsqlite3-dev libargon2-dev libutf8proc-dev
DEMO_PACKAGES := ca-certificates curl procps python3 python3-venv
TEST_PACKAGES := age ca-certificates chromium curl fonts-dejavu-core git gnupg mount openssh-client pass passwd procps \
	python3 python3-venv strace sudo unzip xclip xsel xvfb zip
BENCH_PACKAGES := hyperfine time
PEER_PACKAGES := age gnupg keepassxc pass sqlcipher

CHECKS := --explicit-target-dependency-import-check error
# Calls that the release build does not make: Sources/CLinux/CLinux.c.
WRAPPED := OPENSSL_cpuid_setup fopen swift_copyAuxiliaryExecutablePath _dl_get_origin
# One static, position-independent, stripped binary: docs/decisions/0002-static-pie.md.
RELEASE_FLAGS := -c release --product coffer --scratch-path .build-release \
	--static-swift-stdlib --disable-local-rpath \
	-Xswiftc -use-ld=lld -Xlinker -s -Xlinker -z -Xlinker pack-relative-relocs \
	$(WRAPPED:%=-Xlinker --wrap=%) \
	-Xswiftc -Xclang-linker -Xswiftc -static-pie \
	-Xswiftc -Xclang-linker -Xswiftc -Wno-unused-command-line-argument \
	-Xswiftc -cross-module-optimization \
	$(if $(filter x86_64,$(shell uname -m)),-Xcc -DCOFFER_STARTS_ITSELF \
		-Xlinker -e -Xlinker coffer_start -Xlinker -T -Xlinker Sources/CLinux/put-off.ld)
RELEASE := .build-release/release/coffer
# What other programs call it by: docs/helpers.md.
CLIENT_NAMES := git-credential-coffer docker-credential-coffer coffer-askpass
VENV := .venv/ready

.PHONY: help demo test build install deps demo-deps test-deps unit-tests integration-tests torture sanitized-tests fuzz lint bench docs clean

help:
	@echo 'make demo                 build, and run the main job on a throw-away vault'
	@echo 'make test                 pass all tests'
	@echo 'make torture              pass the tests in their full size, with sanitizers and fuzzing'
	@echo 'make fuzz FUZZ_SECONDS=N  fuzz every decoder, N seconds each (60)'
	@echo 'make install PREFIX=DIR   install the binary, names for its clients, man page and completions (/usr/local)'
	@echo 'make bench [PEERS=1]      measure, as ratios to /bin/true and to peers in the same run'
	@echo 'make bench LARGE=1        the same, then a million secrets and a million entries'
	@echo 'make bench AGENT=1        a vault that an agent keeps open'
	@echo 'make build | lint | docs | clean'

demo: demo-deps build
	@COFFER=$(RELEASE) PATH="$(CURDIR)/.venv/bin:$$PATH" bash Tests/Demo/demo.sh

test: lint unit-tests integration-tests demo

# Installs only what is missing, so that nothing asks for root on a machine that is ready.
define install_missing
	@missing=$$(for package in $(1); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
			|| printf '%s ' $$package; done); \
	if [ -n "$$missing" ]; then \
		echo "installing: $$missing"; \
		as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
		$$as_root apt-get update -qq; \
		$$as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

deps:
	@command -v swift >/dev/null || { echo 'a Swift toolchain (6.2 or later) is needed' >&2; exit 1; }
	$(call install_missing,$(BUILD_PACKAGES))

# Not the browser and the display that the tests use.
demo-deps: deps
	$(call install_missing,$(DEMO_PACKAGES))
	@$(MAKE) --silent --no-print-directory $(VENV)

test-deps: deps
	$(call install_missing,$(TEST_PACKAGES))
	@$(MAKE) --silent --no-print-directory $(VENV)

$(VENV): Tests/Integration/requirements.txt
	@echo 'making the virtual environment of the tests'
	@rm -rf .venv
	@python3 -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

build: deps
	swift build $(CHECKS) $(RELEASE_FLAGS)

# What every test says is kept in a file; what failed is shown at the end.
UNIT_TESTS := .build/unit-tests.txt
unit-tests: deps
	swift build $(CHECKS) --build-tests
	@# The tests leave a part of two cores idle. If this build fails, the one that needs it says why.
	@swift build $(CHECKS) $(RELEASE_FLAGS) >/dev/null 2>&1 & \
		result=0; swift test --skip-build >$(UNIT_TESTS) 2>&1 || result=$$?; wait; \
		awk '/^✘/ { rest = 12 } /^(◇|✔)/ { next } rest-- > 0' $(UNIT_TESTS); tail -n 1 $(UNIT_TESTS); exit $$result

integration-tests: test-deps build
	@COFFER=$(CURDIR)/$(RELEASE) PATH="$(CURDIR)/.venv/bin:$$PATH" \
		python3 Tests/Integration/all.py

# Every place of every fault, every byte of a file, and what a push has no time for: hours. The table
# at its end is explained in docs/reliability.md.
TALLY := $(CURDIR)/.build-release/tally
torture: export COFFER_TORTURE = 1
torture: export COFFER_TALLY = $(TALLY)
torture: new-tally unit-tests integration-tests sanitized-tests fuzz
	@python3 Tests/Integration/tally.py $(TALLY)

.PHONY: new-tally
new-tally:
	@mkdir -p $(dir $(TALLY))
	@: > $(TALLY)

# Without the sweep of a whole file, and without what bounds the memory that a sanitizer needs for
# itself; leaks are not looked for, since the test library has some. The locks of `Mutex` are told to
# ThreadSanitizer by Tests/CSupport/SanitizedMutex.c.
NOT_SANITIZED := --skip ByteFlipTests --skip SecretBytesTests/noMemory --skip Argon2LimitTests
sanitized-tests: export ASAN_OPTIONS = detect_leaks=0
sanitized-tests: export TSAN_OPTIONS = history_size=4
sanitized-tests: deps
	for kind in address thread; do \
		swift build $(CHECKS) --build-tests --sanitize=$$kind --scratch-path .build-$$kind; \
		swift test --skip-build --sanitize=$$kind --scratch-path .build-$$kind $(NOT_SANITIZED); \
	done

fuzz: FUZZ_SECONDS ?= 60
fuzz: deps
	COFFER_FUZZ=1 swift build --product fuzz --sanitize=fuzzer --scratch-path .build-fuzz
	@bash Tests/Fuzz/run.sh .build-fuzz/debug/fuzz $(FUZZ_SECONDS) $(FUZZ_DECODERS)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests migrations

install: build
	install -D -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/coffer
	for name in $(CLIENT_NAMES); do ln -sf coffer $(DESTDIR)$(PREFIX)/bin/$$name; done
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(RELEASE) reference --man > $(DESTDIR)$(PREFIX)/share/man/man1/coffer.1
	$(RELEASE) completions bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/coffer
	$(RELEASE) completions zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_coffer
	$(RELEASE) completions fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/coffer.fish

bench: build $(if $(LARGE),$(VENV))
	$(call install_missing,$(BENCH_PACKAGES) $(if $(PEERS),$(PEER_PACKAGES)))
	@COFFER=$(CURDIR)/$(RELEASE) python3 Benchmarks/bench.py $(if $(PEERS),--peers) $(if $(AGENT),--agent)
	$(if $(LARGE),@COFFER=$(CURDIR)/$(RELEASE) PATH="$(CURDIR)/.venv/bin:$$PATH" python3 Benchmarks/large.py)

# The parts of the docs that the program itself writes.
docs: build
	$(RELEASE) reference > docs/cli.md

clean:
	rm -rf .build .build-release .venv
