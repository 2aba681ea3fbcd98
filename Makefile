# Everything a newcomer needs: make run, make test. See README.md.
SHELL := /bin/bash
GO ?= go
BIN := bin
ASSETS := frontend/ui/dist/manifest.json
JARS := $(BIN)/mongo-java-server
CLIENTS := payments/testdata/node indicators/testdata/node
READERS := $(BIN)/readers/bin/python

.PHONY: run test jars clients readers race bench lint fmt assets generate seed-large clean

# run serves the whole market on the embedded engine with demonstration data,
# against simulated wallets. Interrupting it ends both.
run: $(BIN)/marketd $(BIN)/gatewaysim
	MARKET_DEMO=true $(BIN)/marketd seed
	MARKET_DEMO=true $(BIN)/gatewaysim $(BIN)/marketd serve

$(BIN)/gatewaysim: $(shell find cmd/gatewaysim payments orders market store -name '*.go' -o -name '*.html' -o -name '*.csv') go.mod
	$(GO) build -trimpath -o $@ ./cmd/gatewaysim

$(BIN)/marketd: assets $(shell find . -name '*.go' -not -path './node_modules/*') go.mod
	$(GO) build -trimpath -tags nodynamic -o $@ ./cmd/marketd

assets: $(ASSETS)

$(ASSETS): frontend/ui/package-lock.json frontend/ui/build.mjs $(wildcard frontend/ui/*.css frontend/ui/*.mjs frontend/ui/src/*)
	cd frontend/ui && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

# test is the gate: lint, then every test. CI runs exactly this.
test: assets lint clients
	cd frontend/ui && npm test --silent
	$(GO) test -timeout 75m ./...

# jars fetches the stand-in for MongoDB, for machines with a JDK and Maven;
# without it those tests are skipped (MARKET_TEST_REQUIRED=1 forbids that).
jars: $(JARS)

$(JARS): store/mongo/mongotest/pom.xml
	mvn -q -B -f $< dependency:copy-dependencies
	touch $@

# clients fetches other people's payment clients and readers of statistics, which
# tests hold ours against; without them those tests are skipped
# (MARKET_TEST_REQUIRED=1 forbids that).
clients: $(CLIENTS:%=%/node_modules)

%/testdata/node/node_modules: %/testdata/node/package-lock.json
	cd $(@D) && npm ci --no-audit --no-fund --loglevel=error
	touch $@

# readers fetches more readers of statistics, for machines with Python and its
# venv; the tests' LibreOffice is the system's.
readers: $(READERS)

$(READERS): indicators/testdata/readers.txt
	python3 -m venv $(BIN)/readers
	$@ -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

race: assets
	$(GO) test -race ./market ./store/... ./catalog ./payments/... ./orders

bench: assets
	$(GO) run ./cmd/marketbench
	MARKET_BENCH_SIZES=20000,100000 $(GO) test ./search/embedded -run Speed -v -timeout 30m
	MARKET_BENCH_ROOM=5000,500 $(GO) test ./cmd/marketd -run RoomUnderLoad -v
	$(GO) test ./frontend/api -run xxx -bench BesideBare -benchtime 2000x
	MARKET_BENCH_LINES=1000000 $(GO) test ./indicators -run Speed -v -timeout 30m

lint:
	@test -z "$$($(GO) tool gofumpt -l $$(git ls-files '*.go' | grep -v _templ.go))" || { $(GO) tool gofumpt -d $$(git ls-files '*.go' | grep -v _templ.go) | head -50; exit 1; }
	$(GO) vet ./...
	@test -z "$$($(GO) fix -diff ./... 2>&1 | grep -v '^#')" || { $(GO) fix -diff ./... | head -50; exit 1; }
	$(GO) tool staticcheck ./...
	$(GO) tool errcheck ./...
	@test -z "$$($(GO) tool deadcode -test ./...)" || { $(GO) tool deadcode -test ./...; exit 1; }

fmt: generate
	$(GO) tool gofumpt -w $$(git ls-files '*.go' | grep -v _templ.go)

# generate writes the Go code of the templ components; it is committed.
generate:
	$(GO) tool templ generate

clean:
	rm -rf $(BIN) frontend/ui/dist/* frontend/ui/node_modules
