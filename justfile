# `just` lists the recipes.
_default:
    @just --list

# A gateway with stand-in vendors, ready to be called
run *arguments:
    cargo run --release -- sandbox {{ arguments }}

# Everything that needs no other program
test:
    cargo test --workspace

# Format, lints, documentation
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps

# Licences, bans and sources of the dependencies (needs cargo-deny)
deny:
    cargo deny check bans licenses sources

# How long functions and files are, how many parameters they have, and which folders import from each other
figures:
    cargo test -p server --test architecture -- --nocapture

# Writes what is generated anew: JSON Schemas of connectors and mappings, the coverage page
schemas:
    UPDATE_SCHEMAS=1 cargo test -p field-mapping -p connector-catalog schema
    UPDATE_DOCS=1 cargo test -p connector-catalog --test coverage_page

# The official SDKs against the release binary
sdk:
    cargo build --release
    tests/sdk/run

# OAuth with a real authorization server, against the release binary
oauth:
    cargo build --release
    tests/oauth/run

# The connect page, npm @apideck/react-vault, in Chromium against the release binary; pictures of it are left in target/screenshots (needs chromium)
browser:
    cargo build --release
    tests/browser/run

# Thousands of slow clients against the default time limits, and a stop with all of them connected (three minutes, 3,000 file descriptors in each of two processes)
slow-clients:
    cargo test -p server --test outside -- --ignored --nocapture --test-threads 1 slow_clients

# More than a hundred faults of vendors, and what they leave in the memory (half a minute on a machine that does nothing else)
named-faults:
    cargo test --workspace --test outside -- --ignored --nocapture every_fault_owes

# What calls of others take beside endless answers, with 512 MB: five rounds of each storm (needs a machine that does nothing else)
storms:
    cargo build --release
    TRUNKLINE_BIN={{ justfile_directory() }}/target/release/trunkline cargo test --workspace --test outside -- --ignored --nocapture others_wait_hardly_longer

# Every fuzz target in turn, each for so many minutes, on stable and without sanitizers (needs cargo-fuzz)
fuzz minutes="10":
    fuzz/run {{ minutes }}

# User-space instructions of three calls, held to those that are committed (needs valgrind)
instructions:
    cargo build --release
    bench/instructions.py

# CPU time per request, beside nginx (needs nginx and wrk)
bench:
    cargo build --release
    bench/gateway-vs-nginx.sh

# What a read costs with a million connections in the store, beside ten (needs nginx and wrk; a quarter of an hour at the most)
bench-size:
    bench/vault-size.sh

# All that a change must pass
ci:
    .ci/run
