# What the workflows in .github/workflows run: docs/pipeline.md. Each target can
# be run by hand.
#
# A workflow's values come by the environment and are for the shell only, as
# "$$IMAGE". Make itself must not expand them: "$(IMAGE)" would run what is in it.
export STACK

# Go knows itself whether there is something to build. A job on GitHub has them
# from the one that built them, and no Go.
ifneq ($(GITHUB_ACTIONS),true)
.PHONY: bin/evenkeel bin/pulumi
endif

bin/evenkeel:
	go build -o bin/evenkeel ./cmd/evenkeel

bin/pulumi:
	cd internal/local/pulumicli && version=$$(go list -m -f '{{.Version}}' github.com/pulumi/pulumi/pkg/v3) && \
	  go build -ldflags "-w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$$version" \
	    -o '$(CURDIR)/bin/pulumi' github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

# An archive, because artifacts of a workflow lose what is executable.
.PHONY: tools
tools: bin/evenkeel bin/pulumi ## Build what the pipeline runs, the Pulumi CLI among it, into bin
	@mkdir -p build
	tar -cf build/tools.tar bin/evenkeel bin/pulumi

.PHONY: unpack-tools
unpack-tools:
	tar -xf build/tools.tar

# The Pulumi CLI of this repository comes before any other.
CLOUD := PATH='$(CURDIR)/bin':"$$PATH" PULUMI_SKIP_UPDATE_CHECK=true

.PHONY: image
image: bin/evenkeel ## Build the API's image for what the stacks run on, with SBOM and provenance, into build/image
	@.ci/image

.PHONY: image-push
image-push: bin/evenkeel ## Push build/image to STACK's repository, tagged TAG
	bin/evenkeel image push --stack "$$STACK" --tag "$$TAG" --image "$$IMAGE"

.PHONY: image-scan
image-scan: bin/evenkeel ## Wait for the scan of IMAGE; fails on critical findings
	bin/evenkeel image scan --stack "$$STACK" --image "$$IMAGE"

.PHONY: cloud-preview
cloud-preview: bin/evenkeel bin/pulumi ## Preview STACK on AWS, for `make review`
	@mkdir -p build/review/head
	$(CLOUD) bin/evenkeel preview --stack "$$STACK" --format json >build/review/preview.tmp
	@mv build/review/preview.tmp "build/review/head/$$STACK.preview.json"

.PHONY: drift
drift: bin/evenkeel bin/pulumi ## Compare STACK on AWS with its program; fails if they differ
	@mkdir -p build/drift
	$(CLOUD) bin/evenkeel drift --stack "$$STACK" --format markdown >"build/drift/$$STACK.md"
	@touch "build/drift/$$STACK.none"

.PHONY: drift-tickets
drift-tickets: ## Open, update or close a GitHub issue for each text in build/drift
	@.ci/drift-tickets

# A machine that the load balancer lets in nowhere cannot ask the new tasks.
UNASKED := $$([ "$${SMOKE_URL:-}" != none ] || echo --no-smoke-test)

.PHONY: release
release: bin/evenkeel bin/pulumi ## Deploy IMAGE, a digest, to STACK on AWS; fails unless it serves
	$(CLOUD) bin/evenkeel release --stack "$$STACK" --image "$$IMAGE" $(UNASKED)

.PHONY: release-watch
release-watch: bin/evenkeel bin/pulumi ## Follow the deployment of STACK on AWS that is under way
	$(CLOUD) bin/evenkeel release --stack "$$STACK" --watch $(UNASKED)

.PHONY: rollback
rollback: bin/evenkeel bin/pulumi ## Return STACK on AWS to the last good image, or to IMAGE
	$(CLOUD) bin/evenkeel release --stack "$$STACK" --rollback $${IMAGE:+--image "$$IMAGE"} $(UNASKED)

.PHONY: smoke
smoke: bin/pulumi ## Ask STACK on AWS whether it answers, by its load balancer
	@$(CLOUD) .ci/smoke

.PHONY: review
review: build ## Write what this branch changes against BASE into build/review/review.md
	@.ci/review

.PHONY: review-comment
review-comment: ## Put build/review/review.md on pull request PULL_REQUEST
	@go run ./internal/githubapi/cmd/tell comment --pull-request "$$PULL_REQUEST" --file build/review/review.md

.PHONY: release-notes
release-notes: ## Publish a GitHub release TAG of COMMIT, which prod runs as IMAGE
	@mkdir -p build
	@printf 'Every task of prod runs the image `%s`.\n' "$$IMAGE" >build/notes.md
	@go run ./internal/githubapi/cmd/tell release --tag "$$TAG" --commit "$$COMMIT" --file build/notes.md

.PHONY: lint-workflows
lint-workflows: ## Lint the workflows alone; internal/workflows has more rules
	$(ACTIONLINT)
