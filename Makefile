# Deutero: `make demo` shows it, `make test` checks it. Debian 12, the .NET 10 SDK, and root or sudo for the first run.
.PHONY: help setup build demo test format clean

help:
	@echo "make setup    install what Deutero builds on (Debian packages), where it is missing"
	@echo "make build    build everything, warnings are errors"
	@echo "make demo     meta-train two learners on the built-in data, compare them with baselines, adapt to a new task (a few minutes)"
	@echo "make test     build, formatting, tests, samples and packages: what continuous integration runs"
	@echo "make format   apply the code style"
	@echo "make clean    remove build outputs; runs/ stays"

setup:
	@sh .ci/setup

build: setup
	dotnet build Deutero.slnx -c Release -v q --nologo --disable-build-servers

demo: setup
	@sh samples/demo.sh

test:
	@sh .ci/setup tests
	@bash .ci/test

format:
	dotnet format Deutero.slnx

clean:
	rm -rf artifacts
