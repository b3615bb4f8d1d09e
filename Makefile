# Two commands matter: `make run` and `make test`. Both do all set-up first.
#
# The build tag sqlite_fts5 turns on SQLite's full-text search; without it the
# program does not open its database. It is in every go command below.

# Go keeps its caches under HOME; where there is no usable one, use the project.
ifneq ($(shell test -n "$$HOME" -a -d "$$HOME" -a -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.home
$(shell mkdir -p $(HOME))
endif

GO       := $(shell command -v go || echo /usr/local/go/bin/go)
TAGS     := sqlite_fts5
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -X main.version=$(VERSION)
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# Packages whose tests run a second time with the race detector: those with
# goroutines or transactions.
RACE := ./core/event/... ./core/eden/... ./core/replicate/... ./core/responder/... ./core/practice/... ./storage/...

.PHONY: help deps deps-test build run test check bench bench-quick clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 16

deps: ## install what the build needs (Debian and its relatives)
	@.ci/deps build

deps-test: ## install what the tests need as well
	@.ci/deps build test

build: deps ## bin/fieldsync (window and commands) and bin/fieldsync-cli (commands alone)
	$(GO) build -buildvcs=false -tags "$(TAGS)" -ldflags "$(LDFLAGS)" -o bin/fieldsync .
	$(GO) build -buildvcs=false -tags "$(TAGS) headless" -ldflags "$(LDFLAGS)" -o bin/fieldsync-cli .

run: build ## start Fieldsync; without a display, show it working in the terminal
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		exec bin/fieldsync; \
	else \
		echo "There is no display here, so this is the main job in the terminal, on the practice repository:"; echo; \
		exec bin/fieldsync-cli demo; \
	fi

test: deps-test ## run all tests
	@$(GO) test -tags "$(TAGS)" -shuffle=on -timeout 10m ./... && \
	$(GO) test -race -tags "$(TAGS)" -shuffle=on -timeout 10m $(RACE) && \
	echo && echo "All tests passed." || { echo; echo "TESTS FAILED: see FAIL above."; exit 1; }

check: deps-test ## what a change must pass besides the tests: format, vet, linters, layers
	@test -z "$$(gofmt -l .)" || { echo "Not formatted (run gofmt -w):"; gofmt -l .; exit 1; }
	$(GO) vet -tags "$(TAGS)" ./...
	$(GO) test -tags "$(TAGS)" -count=1 -run TestLayers ./core
	$(GO) run $(GOLANGCI) run --build-tags "$(TAGS)" ./...
	@echo "All checks passed."

bench: build ## 100,000 records in the terminal, with time and peak memory; then the packages' benchmarks
	FIELDSYNC_BIN=$(CURDIR)/bin/fieldsync-cli $(GO) test -tags "$(TAGS) headless bench" -count=1 -timeout 60m -run TestTerminalBench -v .
	$(GO) test -tags "$(TAGS)" -timeout 60m -run '^$$' -bench . -benchmem ./core/... ./storage/...

bench-quick: build ## the same with 10,000 records, each benchmark once
	FIELDSYNC_BIN=$(CURDIR)/bin/fieldsync-cli FIELDSYNC_BENCH_RECORDS=10000 $(GO) test -tags "$(TAGS) headless bench" -count=1 -timeout 10m -run TestTerminalBench -v .
	$(GO) test -tags "$(TAGS)" -timeout 10m -run '^$$' -bench . -benchtime 1x -benchmem ./core/... ./storage/...

clean: ## remove what was built
	rm -rf bin

# Packages of the scheduler have goroutines, too.
RACE += ./core/schedule/... ./core/notice/... ./platform/...

.PHONY: soak
soak: deps ## leave the program alone for an hour (SOAK=5m: shorter) and print what it uses
	SOAK=$(or $(SOAK),1h) $(GO) test -tags "$(TAGS) headless soak" -run '^(TestSoak|TestAServerThatReturnsUnannounced)$$' -count=1 -v -timeout 0 .
