# The front door. Everything behind it is Meson (meson.build) and tools/.
CACHE ?= $(if $(ANIMA_CACHE),$(ANIMA_CACHE),$(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/anima)
PREFIX ?= /usr/local
BUILD := build

.DEFAULT_GOAL := help
.PHONY: help run build setup test check fuzz format bench doctor install uninstall clean testenv

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/' | sort

run: build ## set everything up, fetch the model (MODEL=name or path, else the default), and talk
	@$(if $(filter %.gguf script:%,$(MODEL)),:,$(BUILD)/anima models fetch $(MODEL) </dev/null)
	@$(BUILD)/anima chat $(if $(MODEL),--set 'model.default=$(MODEL)') $(ARGS)

setup: ## system packages and pinned packages
	@tools/setup

$(BUILD)/build.ninja:
	@meson setup $(BUILD) -Dpackages=$(CACHE)/packages -Dtests=false >$(BUILD)-setup.log 2>&1 || { cat $(BUILD)-setup.log; exit 1; }
	@rm -f $(BUILD)-setup.log

build: setup $(BUILD)/build.ninja ## build/anima and build/anima-engine
	@ninja -C $(BUILD) -n | grep -q 'no work to do' || ninja -C $(BUILD) $(if $(V),-v,--quiet)

testenv: ## what tests and benches need beyond the build
	@tools/setup --tests

test: ## run every test; the last line is "N passed, N failed"
	@tools/setup --tests
	@tests/run $(STAGES)

check: ## layers, headers, format, words
	@tests/run static

fuzz: ## look for inputs that break a parser, other ones every time (FUZZ_SECONDS=60 a target)
	@tools/setup --tests
	@tests/run explore

format: ## put every C file into the house's shape
	@git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs clang-format-14 -i

bench: testenv build ## measure against the named alternatives
	@meson configure $(BUILD) -Dtests=true && ninja -C $(BUILD) --quiet
	@$(BUILD)/anima bench server && $(BUILD)/anima bench chat

doctor: build ## find what is wrong, and its cure
	@$(BUILD)/anima doctor

install: ## what `make build` built, into PREFIX (/usr/local), with man page, completion, systemd user unit
	@tools/install '$(PREFIX)' '$(DESTDIR)'

uninstall: ## take it away again
	@tools/install --remove '$(PREFIX)' '$(DESTDIR)'

clean: ## throw the build away (models and packages stay in the cache)
	@rm -rf $(BUILD) build-*
