# Targets for people and CI; CONTRIBUTING.md says when to run which.
GO ?= go
FUZZTIME ?= 10s

.PHONY: build test check check-format check-generated check-fuzz check-clients generate bench screenshots

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o bin/catchpost ./cmd/catchpost
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/catchpost-bench ./cmd/catchpost-bench

test:
	$(GO) test ./...

# All that a change must pass before it lands.
check: check-format check-generated
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test ./...
	$(GO) test -race -shuffle=on ./...
	$(MAKE) check-fuzz

check-format:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofmt these files:"; echo "$$out"; exit 1; fi

generate:
	$(GO) generate ./...

# Generated files are committed; generating them again must change nothing.
check-generated:
	.ci/check-generated

# Each fuzz target for FUZZTIME.
check-fuzz:
	FUZZTIME=$(FUZZTIME) .ci/check-fuzz

# Outside programs, crash rounds and stress. Needs the packages that .ci/packages names.
check-clients:
	CATCHPOST_CLIENTS=1 $(GO) test -timeout 20m -p 1 ./...

# Figures and ratios against smtp-sink, as JSON.
bench: build
	bin/catchpost-bench suite --catchpost bin/catchpost

# Pictures of every view in light, dark and on a phone. Needs Chromium.
screenshots:
	mkdir -p docs/screenshots
	CATCHPOST_SCREENSHOTS=$(CURDIR)/docs/screenshots $(GO) test -count=1 -timeout 10m -run TestScreenshots ./web
