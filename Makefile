# Everything is installed into this folder (.venv, .cache, bin), nothing needs root. `make help` lists the targets.
# Only relative paths: the checkout may lie under a path with spaces.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:

# What demo trains. EPOCHS=10 reaches what docs/figures.md says.
RUN    ?= runs/vae
EPOCHS ?= 10
# The notebooks that demo executes, and all that there are.
DEMO_NOTEBOOKS ?= $(wildcard notebooks/00_quickstart.ipynb notebooks/03_vae.ipynb)
NOTEBOOKS      ?= $(filter-out %.ru.ipynb,$(wildcard notebooks/*.ipynb))
# What `make test` executes twice, to see the same twice.
AGAIN ?= notebooks/07_attention.ipynb
# The address that `make lab` listens on: this machine alone.
LAB_IP ?= 127.0.0.1
# TIMES=--times prints the seconds of each cell in demo, too.
TIMES ?=
# What `make browser` tests, by a part of its name; --docs writes the times into docs/notebooks.md.
BROWSER ?=
# Options of `genlab setup`: --cuda, --release.
SETUP ?=
# The Python to make .venv with; by default the first on the PATH that is new enough.
PYTHON ?=
# What parity draws: SEED draws an earlier run's cases again.
SEED   ?=
ROUNDS ?= 1
# The packages whose tests run under the race detector too: those with goroutines.
RACE ?= ./lib/train/... ./lib/data/... ./lib/backend/...

GOLANGCI_LINT := v2.15.0

# Jupyter keeps what it writes in the checkout.
export JUPYTER_CONFIG_DIR  ?= $(CURDIR)/.cache/jupyter/config
export JUPYTER_DATA_DIR    ?= $(CURDIR)/.cache/jupyter/data
export JUPYTER_RUNTIME_DIR ?= $(CURDIR)/.cache/jupyter/runtime
export JUPYTERLAB_SETTINGS_DIR   ?= $(CURDIR)/.cache/jupyter/settings
export JUPYTERLAB_WORKSPACES_DIR ?= $(CURDIR)/.cache/jupyter/workspaces
export IPYTHONDIR          ?= $(CURDIR)/.cache/jupyter/ipython
export GOLANGCI_LINT_CACHE ?= $(CURDIR)/.cache/golangci-lint

.PHONY: help demo site test kernel mutants lab setup peers parity onnx doctor notebooks figures bench bench-quick bench-smoke bench-growth bench-golden check fmt check-fmt lint imports documents check-documents russian check-russian vet portable unit fuzz storm race rename licenses vulnerabilities clean needs tools browser

help: ## list the targets
	@echo "genlab: generative models in Go"
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

demo: setup ## install what is missing, train the VAE, execute its notebooks, say what came out
	@echo "demo: training the VAE, $(EPOCHS) epochs, in $(RUN)"
	@bin/genlab train vae --epochs $(EPOCHS) --run "$(RUN)"
	@if [ -n "$(DEMO_NOTEBOOKS)" ]; then .venv/bin/python python/execute_notebooks.py $(TIMES) $(DEMO_NOTEBOOKS); fi
	@.venv/bin/python python/demo_end.py "$(RUN)" $(DEMO_NOTEBOOKS)

test: setup vet unit race ## run all the tests: Go's, under the race detector, every notebook (long trainings shortened), browser
	@GENLAB_REDUCED=1 $(MAKE) --no-print-directory notebooks
	@GENLAB_REDUCED=1 .venv/bin/python python/execute_notebooks.py --again $(AGAIN)
	@.venv/bin/python tests/kernel.py
	@$(MAKE) --no-print-directory browser

kernel: setup ## every way of ending a kernel, and fifty interrupts at random moments
	@.venv/bin/python tests/kernel.py --whole

mutants: needs ## break the code line by line and want a test to go red each time (MUTANTS="vae nn …": some)
	@go run ./tests/mutants $(MUTANTS)

browser: setup ## drive JupyterLab in a headless Chromium, if one is installed; screenshots in out/browser
	@if .venv/bin/python tests/browser/lab.py; then \
		.venv/bin/python -c 'import playwright' 2>/dev/null || .venv/bin/python -m pip --disable-pip-version-check install --quiet \
			--require-hashes --only-binary :all: --requirement python/browser.txt; \
		.venv/bin/python tests/browser/run.py $(BROWSER); fi

lab: setup ## open the notebooks' index in JupyterLab, on this machine alone, with the kernel "Go (genlab)"
	@go run ./cmd/russian >/dev/null
	@root=; [ "$$(id -u)" != 0 ] || root=--allow-root; \
	.venv/bin/python -m jupyterlab $$root --ServerApp.ip=$(LAB_IP) --ServerApp.root_dir=. \
		--MultiKernelManager.default_kernel_name=genlab --LabApp.default_url=/lab/tree/notebooks/index.ipynb $(LAB)

# $(call environment,NAME,MINOR) makes one of python/venv.py's environments with the first Python on the PATH from 3.MINOR on.
environment = p=; for c in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
		if "$$c" -c 'import sys; sys.exit(sys.version_info < (3, $(2)))' 2>/dev/null; then p=$$c; break; fi; done; \
	if [ -z "$$p" ]; then echo "setup: Python 3.$(2) or newer is needed: install it, or name it with make PYTHON=/path/python3" >&2; exit 1; fi; \
	"$$p" python/venv.py $(1)

setup: tools ## install what is missing: XLA's plugin, JupyterLab, the kernel and its tools
	@$(call environment,notebooks,10)
	@PATH="$$PWD/.venv/bin:$$PATH" bin/genlab setup $(SETUP)
	@bin/genlab kernel install --prefix .venv
	@mkdir -p "$$IPYTHONDIR"

peers: ## install what genlab is held against into .cache/peers: PyTorch, JAX, transformers, statsmodels, onnx (7 GB on Linux)
	@$(call environment,peers,11)

site: needs ## make the book into out/site: docs/ and the executed notebooks, in English and Russian; fails where a link leads nowhere
	@$(call environment,book,11)
	@.cache/book/bin/python python/book/build.py

doctor: setup ## say what is installed and whether it works
	@bin/genlab doctor

notebooks: setup ## execute every notebook into out/notebooks, with the seconds of each cell, and renew its saved outputs
	@if [ -n "$(NOTEBOOKS)" ]; then .venv/bin/python python/execute_notebooks.py --times $(if $(GENLAB_REDUCED),,--save) $(NOTEBOOKS); else echo "notebooks: none"; fi

figures: setup ## train every model to its figure, renew docs/figures.md (FIGURES="NAME …": some; --quick: shortly, writes nothing)
	@.venv/bin/python python/figures.py $(FIGURES)

parity: tools ## hold every model against the PyTorch of make peers, in cases of random sizes (SEED=, ROUNDS=1)
	@if [ -x .cache/peers/bin/python ]; then p=.cache/peers/bin/python; else p=$${PYTHON:-python3}; fi; \
	PYTHONDONTWRITEBYTECODE=1 "$$p" tests/parity/live.py bin/genlab --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

onnx: peers ## run ONNX's backend node tests on lib/nn: applicable, passed, failed, by operator (OPERATORS="Conv …": some)
	@PYTHONDONTWRITEBYTECODE=1 .cache/peers/bin/python tests/onnx/vectors.py $(OPERATORS)

bench: setup peers ## time every workload beside PyTorch and JAX, renew docs/performance.md (BENCH="NAME …": some; an idle machine)
	@python3 bench/run.py $(BENCH) && go run ./bench/report

bench-quick: setup peers ## the main workloads beside PyTorch and JAX in 5 minutes, into out/bench-quick; no document is changed
	@python3 bench/run.py --quick --out out/bench-quick $(BENCH)

bench-smoke: tools peers ## check that every workload computes the same in PyTorch and JAX, tiny; nothing is timed
	@python3 bench/run.py --smoke $(BENCH)

bench-growth: setup peers ## how time and memory grow with each size, beside PyTorch and JAX; renews docs/performance.md
	@python3 bench/run.py --growth $(BENCH) && go run ./bench/report

bench-golden: tools peers ## renew testdata/bench.json, the results of PyTorch that tests compare workloads with
	@python3 bench/run.py --smoke --sides genlab,eager --golden $(BENCH)

check: check-fmt lint imports check-documents check-russian portable ## formatting, lint, import rules and tables, as CI checks them

fmt: tools ## format the Go code
	@find . -name '.?*' -prune -o -name '*.go' -print0 | xargs -0 bin/goimports -w

check-fmt: tools ## fail if some Go code is not formatted
	@bad=$$(find . -name '.?*' -prune -o -name '*.go' -print0 | xargs -0 bin/goimports -l); \
	if [ -n "$$bad" ]; then echo "not formatted, run make fmt:"; echo "$$bad"; exit 1; fi

lint: bin/golangci-lint-$(GOLANGCI_LINT) ## run the linters of .golangci.yml
	@bin/golangci-lint-$(GOLANGCI_LINT) run ./...

# For lint alone, and so not a tool of go.mod, whose versions it would change.
bin/golangci-lint-$(GOLANGCI_LINT):
	@echo "lint: building golangci-lint $(GOLANGCI_LINT) (two minutes)"
	@mkdir -p .cache/build bin
	@GOBIN="$$PWD/.cache/build" GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	@mv -f .cache/build/golangci-lint $@

# Tools that are run now and then, at their versions, and no tools of go.mod either.
CYCLONEDX   := v1.10.0
GOVULNCHECK := v1.9.0

licenses: needs ## list the licences of all dependencies; a bill of materials of the command into out/genlab.cdx.json
	@mkdir -p out
	@GOFLAGS= go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX) app -licenses -json -main cmd/genlab -output out/genlab.cdx.json . 2>out/cyclonedx.log || { cat out/cyclonedx.log; exit 1; }
	@$${PYTHON:-python3} python/licenses.py out/genlab.cdx.json

vulnerabilities: needs ## ask Go's database of vulnerabilities, over the network, for those that the command reaches
	@GOFLAGS= go run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK) ./cmd/genlab

documents: needs ## renew the tables of models in README.md and docs/article.md
	@go run ./cmd/documents

check-documents: needs ## fail if one of them is stale
	@go run ./cmd/documents -check

russian: needs ## make the notebooks' Russian editions beside them, notebooks/*.ru.ipynb, and list the texts that are missing or stale
	@go run ./cmd/russian

check-russian: needs ## fail if one of these texts is stale, or missing in an edition that is begun
	@go run ./cmd/russian -check

imports: needs ## fail if a package imports what its room may not
	@go test ./tests -run '^TestImports' -count=1

vet: needs
	@go vet ./...

# The platforms that are built for without cgo, with the pure-Go backend alone.
PORTABLE := linux/amd64 linux/arm64 darwin/arm64
portable: needs ## vet library and command for platforms and builds without cgo
	@for p in $(PORTABLE); do GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 go vet ./lib/... ./cmd/genlab || { echo "portable: $$p without cgo fails"; exit 1; }; done
	@CGO_ENABLED=0 go test ./lib/backend -run TestWithoutXLA

unit: needs
	@go test ./...

# How long each target of make fuzz runs.
TIME ?= 1m
fuzz: needs ## run every fuzz target of the readers in turn, TIME=1m each; what fails is kept in testdata/fuzz
	@grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z]*' lib | sed 's|/[^/]*:func | |' | sort | while read -r d f; do \
		echo "fuzz: $$f in $$d"; go test "./$$d" -run '^$$' -fuzz "^$$f\$$" -fuzztime "$(TIME)" </dev/null || exit 1; done

storm: needs ## kill a small training of every model twenty times at random moments (KILLS=n), and compare what it ends with
	@GENLAB_FULL=1 KILLS="$(KILLS)" go test ./tests/runs -run '^TestStorm$$' -count=1 -v -timeout 60m

race: needs
	@go test -race $(RACE)

rename: needs ## give the module a path that can be published: MODULE=host/owner/genlab
	@go run ./cmd/rename "$(MODULE)"

clean: ## remove all that was installed and made here; runs stay
	@rm -rf .venv .cache bin out
	@echo "clean: removed .venv, .cache, bin and out; runs stay"

# One line for each thing that only the user can install.
needs:
	@command -v go >/dev/null || { echo "Go is needed: https://go.dev/dl" >&2; exit 1; }
	@cc=$$(go env CC); command -v $${cc%% *} >/dev/null || { echo "a C compiler is needed ($$cc is not there): on Debian and Ubuntu, apt install gcc" >&2; exit 1; }

# Built beside bin and moved into it whole, so that a killed build or a damaged file is mended by the next one.
TOOLS := genlab gonb goimports gopls
tools: needs
	@[ -e bin/gonb ] || echo "setup: building genlab and the kernel's tools (a minute or two the first time)"
	@mkdir -p .cache/build bin
	@go build -buildvcs=false -o .cache/build/ ./cmd/genlab golang.org/x/tools/cmd/goimports golang.org/x/tools/gopls
	@$(MAKE) --no-print-directory -s .cache/build/gonb-src
	@cp go.mod .cache/build/gonb.mod && cp go.sum .cache/build/gonb.sum
	@go mod edit -replace=github.com/janpfeifer/gonb=./.cache/build/gonb-src .cache/build/gonb.mod
	@go build -buildvcs=false -tags=gonb -modfile=.cache/build/gonb.mod -o .cache/build/ github.com/janpfeifer/gonb
	@for t in $(TOOLS); do cmp -s .cache/build/$$t bin/$$t || { cp .cache/build/$$t bin/.$$t.new && mv -f bin/.$$t.new bin/$$t; } || exit 1; done

# After the first build above, which downloads GoNB. Its copy has 64 MB of documents in it: it is made again when what makes it changes.
.cache/build/gonb-src: go.mod $(wildcard cmd/genlab/gonb/*.go cmd/genlab/gonb/*/*.go)
	@go run ./cmd/genlab/gonb "$$(go list -m -f '{{.Dir}}' github.com/janpfeifer/gonb)" $@
