# The front door. `make run` and `make test` do everything on a fresh Debian 12, Debian 13 or
# Ubuntu 24.04; the rest is for people who work on hashrange. `make help` lists it.

BUILD  ?= build
DATA   ?= data
PORT   ?= 8000
# TLS=1: serve TLS, with a throwaway certificate that build/tls/ca.pem vouches for
TLS    ?=
TLS_OPTIONS = $(if $(TLS), --tls-cert $(BUILD)/tls/server.pem --tls-key $(BUILD)/tls/server.key)
JOBS   ?= $(shell nproc)
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600
# what `make cover` asks of the tests, in percent of the lines of src
COVER_LINES_MIN ?= 90

CMAKE  = cmake -G Ninja -S .
NINJA  = ninja -j $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help run build test check fmt asan tsan fuzz fuzz-cover cover bench crash soak install clean
.PHONY: certificates packages test-packages check-packages

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build $(if $(TLS),certificates) ## install what is missing, build, serve on 127.0.0.1:8000 with data kept in ./data (TLS=1: over TLS)
	$(BUILD)/release/hashrange serve --port $(PORT) --data $(DATA)$(TLS_OPTIONS)

build: packages ## build/release/hashrange
	@$(CMAKE) -B $(BUILD)/release -DCMAKE_BUILD_TYPE=Release >$(BUILD)/release.log || { cat $(BUILD)/release.log; exit 1; }
	@$(NINJA) -C $(BUILD)/release hashrange

test: test-packages build ## every test: unit, spec, fuzz corpora, layers, API, clients, crash
	@tools/run-tests.sh $(BUILD)/release

check: check-packages ## formatting, layers, headers that compile alone, gcc and clang without a warning
	@tools/check-format.sh
	@python3 tools/check-layers.py
	@python3 tools/check-tree.py
	@python3 tools/gen_operations.py --check
	@for compiler in gcc clang; do \
	    $(CMAKE) -B $(BUILD)/check-$$compiler -DCMAKE_C_COMPILER=$$compiler >/dev/null && \
	    $(NINJA) -C $(BUILD)/check-$$compiler all headers || exit 1; done

fmt: ## apply .clang-format
	@git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.c' | xargs clang-format -i

asan: test-packages ## all tests under the address and undefined-behaviour sanitizers
	@$(CMAKE) -B $(BUILD)/asan -DCMAKE_BUILD_TYPE=Asan >/dev/null
	@tools/run-tests.sh $(BUILD)/asan

tsan: test-packages ## all tests under the thread sanitizer
	@$(CMAKE) -B $(BUILD)/tsan -DCMAKE_BUILD_TYPE=Tsan >/dev/null
	@tools/run-tests.sh $(BUILD)/tsan

fuzz: check-packages ## every fuzz target for FUZZ_SECONDS (60), then fuzz-cover
	@$(CMAKE) -B $(BUILD)/fuzz -DCMAKE_BUILD_TYPE=Fuzz -DCMAKE_C_COMPILER=clang >/dev/null
	@$(NINJA) -C $(BUILD)/fuzz fuzzers
	@tools/run-fuzzers.sh $(BUILD)/fuzz $(FUZZ_SECONDS)
	@$(MAKE) --no-print-directory fuzz-cover

fuzz-cover: check-packages ## how much of src the fuzz targets reach, with their corpora and what `make fuzz` found here
	@tools/install-packages.sh fuzz
	@$(CMAKE) -B $(BUILD)/fuzz-cover -DCMAKE_BUILD_TYPE=FuzzCover -DCMAKE_C_COMPILER=clang >/dev/null
	@$(NINJA) -C $(BUILD)/fuzz-cover fuzzers
	@python3 tools/fuzz-coverage.py $(BUILD)/fuzz-cover $(BUILD)/fuzz/corpus

cover: test-packages ## all tests, and how much of src they run (build/cover/report); fails below COVER_LINES_MIN (90) percent of the lines
	@tools/install-packages.sh cover
	@$(CMAKE) -B $(BUILD)/cover -DCMAKE_BUILD_TYPE=Cover -DCMAKE_C_COMPILER=gcc >/dev/null
	@tools/run-coverage.sh $(BUILD)/cover $(COVER_LINES_MIN)

crash: test-packages build ## the crash tests alone (ROUNDS=50)
	@HASHRANGE=$(BUILD)/release/hashrange node tests/crash/crash.mjs
	@HASHRANGE=$(BUILD)/release/hashrange node tests/crash/transfers.mjs
	@HASHRANGE=$(BUILD)/release/hashrange node tests/crash/streams.mjs
	@HASHRANGE=$(BUILD)/release/hashrange node tests/crash/indexes.mjs

soak: test-packages build ## SOAK_SECONDS (600) of load beside SIGKILL, failing disks, clock jumps and floods; then losses of power
	@$(NINJA) -C $(BUILD)/release soak_preload
	@HASHRANGE=$(BUILD)/release/hashrange SOAK_SECONDS=$(SOAK_SECONDS) node tests/soak/soak.mjs
	@HASHRANGE=$(BUILD)/release/hashrange node tests/soak/power_loss.mjs

bench: build ## speed and size beside DynamoDB Local, dynalite, nginx and the disk, into docs/PERFORMANCE.md
	@tools/install-packages.sh bench
	@tools/npm-install.sh bench
	@$(NINJA) -C $(BUILD)/release append_bench pause_bench
	@HASHRANGE=$(BUILD)/release/hashrange BENCH_PROGRAMS=$(BUILD)/release/bench node bench/performance.mjs

install: build ## to PREFIX (/usr/local)
	cmake --install $(BUILD)/release --prefix $(or $(PREFIX),/usr/local)

clean: ## remove every build
	rm -rf $(BUILD)

certificates: packages
	@tools/install-packages.sh tls
	@tools/make-certificates.sh $(BUILD)/tls

packages:
	@tools/install-packages.sh build
	@mkdir -p $(BUILD)

test-packages: packages
	@tools/install-packages.sh test
	@tools/install-packages.sh clients

check-packages: test-packages
	@tools/install-packages.sh check
