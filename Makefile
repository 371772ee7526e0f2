# Every step of CI is a target of this file: what is green here is green there.

STACK ?= dev

# The modules with Go code to test and lint, and all that have a go.mod.
CODE    := . api/dockerfiletest internal/local/bridge
MODULES := $(CODE) internal/local/pulumicli tools tools/actionlint

# The AWS SDK takes a third less memory and a fifth less time to compile with
# these; `make build LEAN=` builds for a debugger. See docs/decisions/0011.
LEAN ?= '-gcflags=all=-dwarf=false' '-gcflags=github.com/pulumi/...=-l -dwarf=false' -ldflags=-w

# A go.work above the checkout, or a repository that git does not trust, must
# not decide what is built.
export GOWORK := off
export GOFLAGS := $(strip $(LEAN) $(GOFLAGS) -buildvcs=false)

TOOL          := go tool -modfile='$(CURDIR)/tools/go.mod'
GOLANGCI_LINT := $(TOOL) golangci-lint
ACTIONLINT    := go tool -modfile='$(CURDIR)/tools/actionlint/go.mod' actionlint -shellcheck= -pyflakes=
LINT_CONFIG   := --config '$(CURDIR)/.golangci.yml'

SHELL := /bin/sh
.SHELLFLAGS := -euc
.DEFAULT_GOAL := help
# The targets below need most of a machine each: linking the AWS SDK takes
# gigabytes.
.NOTPARALLEL:

.PHONY: help
help: ## List the targets
	@echo 'usage: make <target> [STACK=$(STACK)]'
	@echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: build ## Bring STACK up on emulated AWS; the first time also builds the engine
	@bin/evenkeel local up --stack '$(STACK)'

.PHONY: preview
preview: build ## Show what `make up` would change
	@bin/evenkeel local preview --stack '$(STACK)'

.PHONY: status
status: build ## Show whether STACK runs, and where
	@bin/evenkeel local status --stack '$(STACK)'

.PHONY: down
down: build ## Delete what STACK deployed and stop its emulated AWS
	@bin/evenkeel local down --stack '$(STACK)'

.PHONY: build
build: ## Build bin/evenkeel
	@[ -x bin/evenkeel ] || echo 'building bin/evenkeel; the AWS SDK takes about 2 minutes, the first time' >&2
	@go build -o bin/evenkeel ./cmd/evenkeel

.PHONY: goflags
goflags: ## Print GOFLAGS, for a shell that shares make's build cache
	@printf '%s\n' "$$GOFLAGS"

.PHONY: test
test: test-packages test-dockerfile test-bridge e2e ## Run every test, end to end included

.PHONY: unit
unit: ## Run the fast tests: no engine, no emulator
	go test -short ./...

.PHONY: test-packages
test-packages:
	go test -timeout 30m ./...

# Never from the test cache: the build that it carries out depends on files
# outside its module.
.PHONY: test-dockerfile
test-dockerfile:
	cd api/dockerfiletest && go test -count=1 ./...

# The bridge is tested over the real Terraform AWS provider. Its table depends on
# files outside its module, which Go's test cache does not watch.
.PHONY: test-bridge
test-bridge:
	@provider=$${EVENKEEL_TERRAFORM_PROVIDER_AWS:-}; \
	if [ -z "$$provider" ]; then provider=$$(go run ./internal/local/parts/cmd/tfprovider); fi; \
	cd internal/local/bridge; \
	echo "go test ./... (in internal/local/bridge)"; \
	export EVENKEEL_TERRAFORM_PROVIDER_AWS="$$provider"; \
	go test -timeout 30m $$(go list ./... | grep -v /genmapping); \
	go test -count=1 ./cmd/genmapping

# Never from the test cache: Go can't see that the engine, the bridge or the
# program under test has changed. More at once than there are cores, because the
# tests mostly wait; each takes about 1 GB.
.PHONY: e2e
e2e: ## Run the end-to-end tests; the first run builds the engine, some minutes
	EVENKEEL_E2E=1 go test -count=1 -parallel 8 -timeout 30m ./internal/e2e/...

# What to measure, and how: `make bench BENCH=--help`.
BENCH ?= --write

# A team changes the stacks at the root, and nothing fails for that. This project
# ships the ones that it is tested with.
.PHONY: sample
sample:
	@for file in Pulumi*.yaml; do cmp "$$file" "internal/sample/$$file"; done

.PHONY: bench
bench: build ## Measure time and memory, an hour; writes docs/performance.md
	@go build -o bin/bench ./internal/bench/cmd/bench
	@bin/bench $(BENCH)

.PHONY: update-golden
update-golden: ## Rewrite the golden files; review the difference
	go test $$(go list -f '{{range .TestImports}}{{if eq . "evenkeel/internal/golden"}}{{$$.ImportPath}} {{end}}{{end}}{{range .XTestImports}}{{if eq . "evenkeel/internal/golden"}}{{$$.ImportPath}} {{end}}{{end}}' ./... | sort -u) -update

.PHONY: lint
lint: ## Check formatting, code, import rules and go.mod files
	@failed=; \
	for dir in $(CODE); do \
	  echo "golangci-lint run (in $$dir)"; \
	  (cd $$dir && $(GOLANGCI_LINT) run $(LINT_CONFIG)) || failed=yes; \
	done; \
	for dir in $(MODULES); do \
	  echo "go mod tidy -diff (in $$dir)"; \
	  diff=$$(cd $$dir && go mod tidy -diff 2>&1) || { \
	    printf '%s\n' "$$diff" | head -n 40; \
	    echo "go.mod or go.sum is not tidy (the start of the difference is above): run \`go mod tidy\` in $$dir"; \
	    failed=yes; \
	  }; \
	done; \
	echo 'actionlint'; \
	$(ACTIONLINT) || failed=yes; \
	[ -z "$$failed" ]

.PHONY: fmt
fmt: ## Format the code
	@for dir in $(CODE); do (cd $$dir && $(GOLANGCI_LINT) fmt $(LINT_CONFIG)); done

# Not part of lint: it asks vuln.go.dev, and a new advisory must not turn an
# unrelated change red.
.PHONY: vuln
vuln: ## Look for known vulnerabilities that the code reaches; needs vuln.go.dev
	@failed=; \
	for dir in $(CODE); do \
	  echo "govulncheck ./... (in $$dir)"; \
	  (cd $$dir && $(TOOL) govulncheck ./...) || failed=yes; \
	done; \
	[ -z "$$failed" ]

# A stack that still runs is taken down first: without its folder nobody could.
.PHONY: clean
clean: ## Take every local stack down, delete bin, build and the cache folder
	@if [ -d .evenkeel/stacks ]; then \
	  go build -o bin/evenkeel ./cmd/evenkeel; \
	  for dir in .evenkeel/stacks/*/; do \
	    [ -d "$$dir" ] || continue; \
	    bin/evenkeel local down --discard --stack "$$(basename "$$dir")"; \
	  done; \
	fi
	rm -rf bin build .evenkeel

include pipeline.mk
