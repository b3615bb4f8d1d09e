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

.PHONY: help deps deps-test deps-bench build run test check bench bench-programs bench-quick bench-window screenshots clean

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
	@$(GO) test -tags "$(TAGS)" -shuffle=on -timeout 20m ./... && \
	$(GO) test -race -tags "$(TAGS)" -shuffle=on -timeout 20m $(RACE) && \
	echo && echo "All tests passed." || { echo; echo "TESTS FAILED: see FAIL above."; exit 1; }

check: deps-test ## what a change must pass besides the tests: format, vet, linters, layers
	@test -z "$$(gofmt -l .)" || { echo "Not formatted (run gofmt -w):"; gofmt -l .; exit 1; }
	$(GO) vet -tags "$(TAGS)" ./...
	$(GO) vet -tags "$(TAGS) headless soak eden" ./app
	$(GO) test -tags "$(TAGS)" -count=1 -run TestLayers ./core
	$(GO) run $(GOLANGCI) run --build-tags "$(TAGS)" ./...
	@echo "All checks passed."

# The bench's own programs: the harness, and the limits in C, which use the same
# SQLite as Fieldsync: the one in the driver's module.
SQLITE = $(shell $(GO) list -m -f '{{.Dir}}' github.com/mattn/go-sqlite3)
LIMIT  := $(addprefix bin/limit/,main.o sax.o database.o pull.o search.o export.o edit.o)

deps-bench: ## install what the bench needs
	@.ci/deps build bench $(if $(PEERS),rivals $(if $(shell command -v npm),,npm))

bench-programs: build deps-bench bin/bench-limit bin/bench-measure bin/bench-slowdisk.so
	$(GO) build -buildvcs=false -tags "$(TAGS)" -o bin/bench ./bench
	$(GO) build -buildvcs=false -tags "$(TAGS)" -o bin/bench-empty-window ./bench/emptywindow
	$(GO) build -buildvcs=false -o bin/bench-empty-program ./bench/emptyprogram

bin/limit/sqlite.o: go.mod
	@mkdir -p $(@D)
	gcc -O2 -DSQLITE_ENABLE_FTS5 -DSQLITE_THREADSAFE=0 -c -o $@ $(SQLITE)/sqlite3-binding.c

bin/limit/%.o: bench/limit/%.c bench/limit/limit.h | deps-bench
	@mkdir -p $(@D)
	gcc -O2 -Wall -Wextra -I/usr/include/libxml2 -I$(SQLITE) -c -o $@ $<

bin/bench-limit: $(LIMIT) bin/limit/sqlite.o
	gcc -o $@ $^ -lxml2 -lm -ldl -lpthread

bin/bench-measure: bench/limit/measure.c
	gcc -O2 -Wall -Wextra -o $@ $<

bin/bench-slowdisk.so: bench/limit/slowdisk.c
	gcc -O2 -Wall -Wextra -shared -fPIC -o $@ $< -ldl

bench: bench-programs ## measure 100,000 records beside the limit of the machine; writes docs/performance.md (PEERS=1: other programs too; MILLION=1; REPEATS=5)
	bin/bench -document docs/performance.md -repeats $(or $(REPEATS),5) $(if $(PEERS),-rivals) $(if $(MILLION),-large 1000000)
	$(GO) test -tags "$(TAGS)" -timeout 60m -run '^$$' -bench . -benchmem ./core/... ./storage/...

bench-quick: bench-programs ## the same with 10,000 records in two minutes, compared with the last release (SAVE=1: become it)
	bin/bench -records 10000 -repeats 5 -only decode,pull,list,size,window,tables,push,disk,slow -release bench/release.json $(if $(SAVE),-save)

screenshots: deps ## pictures of every page, light and dark, on practice data, in docs/pictures: to be looked at, one by one
	@.ci/deps build pictures
	rm -f docs/pictures/*.png
	FIELDSYNC_SCREENSHOTS=$(CURDIR)/docs/pictures $(GO) test -tags "$(TAGS)" -count=1 -run '^TestA(Person|nAdministrator)' ./app

bench-window: deps ## a list of 100,000 records in the window: first rows, search, scrolling
	$(GO) test -tags "$(TAGS)" -count=1 -run '^$$' -bench BenchmarkWindow -benchtime 20x ./app

clean: ## remove what was built
	rm -rf bin

# Packages of the scheduler have goroutines, too.
RACE += ./core/schedule/... ./core/notice/... ./platform/...

# The pages that are used every day: syncing, browsing, closing.
RACE += ./ui/async/... ./ui/home/... ./ui/records/... ./ui/conflicts/... ./ui/synclog/...

.PHONY: soak
soak: deps ## leave the program alone for an hour (SOAK=5m: shorter) and print what it uses
	SOAK=$(or $(SOAK),1h) $(GO) test -tags "$(TAGS) headless soak" -run '^(TestSoak|TestAServerThatReturnsUnannounced)$$' -count=1 -v -timeout 0 ./app
	FIELDSYNC_KILLS=$(or $(KILLS),200) FIELDSYNC_KILL_SEED=$(or $(FROM),1) FIELDSYNC_NETWORK=full $(GO) test -tags "$(TAGS)" -run '^(TestKilledAtRandomMoments|TestABadNetwork)$$' -count=1 -v -timeout 0 ./app
	$(GO) test -tags "$(TAGS) mutants" -run '^TestEveryMutantIsCaught$$' -count=1 -v -timeout 0 ./core/simulation

# What a test leaves open when it ends is no leak of the program's.
.PHONY: sanitize
sanitize: deps-test ## the parts in C with the address sanitizer
	ASAN_OPTIONS=detect_leaks=0 $(GO) test -asan -tags "$(TAGS)" -count=1 -timeout 30m ./storage/...

.PHONY: race-window
race-window: deps-test ## the real window with the race detector; building Fyne with it takes a quarter of an hour once
	$(GO) test -race -tags "$(TAGS)" -run '^TestTheRealWindow$$' -count=1 -v -timeout 30m ./app

.PHONY: eden
eden: deps ## two laptops and a running Sahana Eden for trying: EDEN=http://…/eden EDEN_USER=… EDEN_PASSWORD=…, ROUNDS=5 SEED=1; leaves records there
	FIELDSYNC_EDEN=$(EDEN) FIELDSYNC_EDEN_USER=$(EDEN_USER) FIELDSYNC_EDEN_PASSWORD='$(EDEN_PASSWORD)' \
		FIELDSYNC_EDEN_ROUNDS=$(or $(ROUNDS),5) FIELDSYNC_EDEN_SEED=$(or $(SEED),1) \
		$(GO) test -tags "$(TAGS) headless eden" -run '^TestARunningEden$$' -count=1 -v -timeout 0 ./app

.PHONY: simulate
simulate: deps ## the simulator alone: SEEDS=1000 FROM=1, any numbers; a seed that fails prints how to replay it
	$(GO) test -tags "$(TAGS)" -count=1 -timeout 0 ./core/simulation -run '^TestSimulation$$' -seeds $(or $(SEEDS),1000) -from $(or $(FROM),1)

# Another system is built for with its own compiler, because SQLite and the window are
# C in part. The window has no console behind it.
WINDOWS := CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc

.PHONY: windows
windows: ## bin/windows/fieldsync.exe and fieldsync-cli.exe, made here for Windows
	@.ci/deps windows
	.ci/windows-resources "$(VERSION)"
	$(WINDOWS) $(GO) build -buildvcs=false -tags "$(TAGS)" -ldflags "$(LDFLAGS) -H windowsgui" -o bin/windows/fieldsync.exe .
	$(WINDOWS) $(GO) build -buildvcs=false -tags "$(TAGS) headless" -ldflags "$(LDFLAGS)" -o bin/windows/fieldsync-cli.exe .

# The simulator's stories are the same everywhere; the real window needs a desktop.
.PHONY: test-windows
test-windows: ## the tests of the parts and of the program without a window, made for Windows, under Wine
	@.ci/deps windows wine
	@.ci/wine --prepare
	$(WINDOWS) $(GO) test -overlay bin/wine/overlay.json -exec $(CURDIR)/.ci/wine -tags "$(TAGS) headless" -timeout 30m \
		$(or $(PACKAGES),./app ./platform/... ./storage/... ./ui/cli $$($(GO) list -tags "$(TAGS)" ./core/... | grep -v /simulation))
