# Ambit. `make demo` shows the main job on two hosts, `make test` passes the tests; both install what they need.

SHELL := /bin/bash
.DEFAULT_GOAL := build

# The node programs carry OpenSSL, libnftables and libmnl from the distribution; the Swift library is linked in.
RELEASE_FLAGS := -c release --static-swift-stdlib
BIN := .build/release

# The packages are made of what `make build` makes, unless BIN says where other programs are: for trying.
DEB := .build/deb
DEB_FLAGS := $(if $(filter .build/release,$(BIN)),,--fast)

.PHONY: deps build demo deb lab test unit-test end-to-end end-to-end-checked bench bench-l7 fuzz fmt lint clean

deps: ## Debian packages and the Python environment of the tests (does nothing where they are there)
	@Tests/Tools/install-deps

build: deps ## ztunnel, waypoint, ambitd and ambitctl, optimised, in .build/release
	@for program in ztunnel waypoint ambitd ambitctl; do \
	  swift build $(RELEASE_FLAGS) --product $$program || exit 1; done

demo: build ## two hosts, one mesh, the canary of Bookinfo: every step shown, cleaned up at the end
	@Tests/Demo/demo --bin $(BIN)

deb: $(if $(DEB_FLAGS),,build) ## Debian packages of the programs, in .build/deb
	@Tests/Tools/install-deps lab
	@rm -rf $(DEB)
	@packaging/build-packages --bin $(BIN) --out $(DEB) $(DEB_FLAGS)
	@# Programs to try carry the build folder's library path, which lintian refuses.
	@$(if $(DEB_FLAGS),true,lintian --allow-root --fail-on error $(DEB)/*.deb)

lab: deb ## the packages on real systemd hosts: install, join, enroll, fail closed, upgrade, purge; LAB="names" for some
	@packaging/build-packages --bin $(BIN) --out $(DEB)/next --suffix +next --fast ambit-node ambit-waypoint ambitctl
	@Tests/Lab/run --debs $(DEB) $(LAB)

unit-test: deps ## Swift tests, with replayed fuzz corpora and interoperation with programs that we did not write
	@# The one product that has all tests: all targets would be dependencies' own tools, too. Some tests run the program ambitd.
	@for product in ambitPackageTests ambitd; do swift build --product $$product || exit 1; done
	@# One test at a time: tests that wait for a real program block a thread, and two cores have two of them.
	@timeout --kill-after=10 1800 swift test --skip-build --no-parallel

end-to-end: build ## programs in network namespaces, Envoy, and the demo
	@Tests/EndToEnd/run --bin $(BIN)

# For CI's sake: the data plane as it is shipped, the control plane as the Swift tests have compiled it already. Hard links, since
# tests know a process by the path of its program.
CHECKED := .build/checked

end-to-end-checked: deps ## the same as end-to-end in less time, after unit-test: ambitd and ambitctl are not optimised
	@for program in ztunnel waypoint; do swift build $(RELEASE_FLAGS) --product $$program || exit 1; done
	@for program in ambitd ambitctl; do swift build --product $$program || exit 1; done
	@mkdir -p $(CHECKED)
	@ln -f .build/release/ztunnel .build/release/waypoint .build/debug/ambitd .build/debug/ambitctl $(CHECKED)/
	@Tests/EndToEnd/run --bin $(CHECKED)

test: ## all of it: what .ci/run runs
	@Tests/Tools/run-tests

bench: build ## Ambit against Envoy, HAProxy and nginx, one line a figure; BENCH=l4 or BENCH=l7 for one part
	@Tests/Tools/install-deps bench
	@# Both parts are measured, whatever the first one misses.
	@missed=0; for part in $(if $(BENCH),$(BENCH),l4 l7); do \
	  Tests/Bench/$$([ $$part = l4 ] && echo bench || echo bench-$$part) --bin $(BIN) || missed=1; done; exit $$missed

bench-l7: ## the L7 part of it
	@$(MAKE) --no-print-directory bench BENCH=l7

fuzz: deps ## FUZZ=frames SECONDS=60: libFuzzer on one parser, starting from its corpus; without FUZZ on all, one after the other
	@Tests/Tools/fuzz "$(FUZZ)" "$(SECONDS)"

fmt: ## rewrites the sources in the house format
	@swift format format --in-place --recursive --parallel Sources Tests Package.swift

lint: ## the house format and rules, without writing
	@swift format lint --strict --recursive --parallel Sources Tests Package.swift

clean:
	@rm -rf .build
