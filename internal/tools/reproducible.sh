#!/usr/bin/env bash
# Builds the last commit twice, in two folders and with two empty caches, and compares the
# binaries. Run it from the root of the repository.
set -euo pipefail
commit=$(git rev-parse HEAD)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in first second/with/a/longer/path; do
	mkdir -p "$work/$name"
	git archive "$commit" | tar -x -C "$work/$name"
	(cd "$work/$name" && GOCACHE="$work/cache" CGO_ENABLED=0 GOFLAGS=-buildvcs=false make build VERSION=check COMMIT=check)
	mv "$work/$name/bin/accord" "$work/$(basename "$name").binary"
	rm -rf "$work/cache" # so that the second build compiles everything again
done
sha256sum "$work/first.binary" "$work/path.binary" | sed "s#$work/##"
cmp "$work/first.binary" "$work/path.binary"
echo "the builds are the same"
