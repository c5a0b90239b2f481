# Two commands are all a newcomer needs: `make run` and `make test`.
.PHONY: run test lint fmt deny bench score fuzz setup setup-test package check-windows icons screens train words

CARGO ?= cargo

## run: the whole job on this machine alone, with servers of its own: a window where there is a
## display, else told in the terminal
run:
	scripts/run

## test: format, lints, every test, licences; installs what it needs
test: setup-test
	scripts/test

## setup: what the program needs to be built (Debian packages)
setup:
	scripts/setup build

## setup-test: the same, and the servers and tools that the tests use
setup-test:
	scripts/setup test

fmt:
	$(CARGO) fmt --all

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

deny:
	scripts/deny

## bench: speed as ratios within one run; fills the table in README.md
bench: setup-test
	scripts/bench

## score: what the detector makes of the labelled mails in tests/corpus; fills the tables in README.md and the model card
score:
	scripts/score

## train: makes the detector's weights anew from tests/corpus/develop
train:
	$(CARGO) run --quiet --release --locked -p corpus --bin train

## words: makes the detector's lists of plain words anew out of Debian's packages
words:
	scripts/words

## fuzz: a minute for each target; needs cargo-fuzz and a nightly compiler, or RUSTC_BOOTSTRAP=1
fuzz:
	scripts/fuzz

## package: .deb and .rpm here; .dmg on macOS, .msi and setup.exe on Windows
package:
	scripts/package

## check-windows: checks, builds and partly runs all of it for Windows, with Debian's packages and wine
check-windows:
	scripts/check-windows

## screens: pictures of every screen and state of the desktop app, into screens/
screens: setup-test
	scripts/screens

## icons: draws the icon files anew from the SVGs in icons/
icons:
	scripts/icons
