#!/usr/bin/env bash
# Writes the files of a release into dist/: for each platform an archive with the binary and
# all licences, and a list of its parts (CycloneDX); the protos; the clients in Python and
# TypeScript; and checksums of all files. Releases of the same commit have the same
# checksums. Run it with `make release`.
set -euo pipefail
: "${VERSION:?}" "${COMMIT:?}"
platforms=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64)
time=$(git log -1 --format=%ct)
rm -rf dist && mkdir -p dist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

go-licenses save ./cmd/accord --save_path "$work/third_party" --ignore github.com/accord-search/accord 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
chmod -R u+w "$work/third_party"

for platform in "${platforms[@]}"; do
	name=accord_${VERSION}_${platform/\//_}
	mkdir "$work/$name"
	CGO_ENABLED=0 GOOS=${platform%/*} GOARCH=${platform#*/} go build -trimpath -buildvcs=false \
		-ldflags "-s -X main.version=$VERSION -X main.commit=$COMMIT" -o "$work/$name/accord" ./cmd/accord
	cp LICENSE NOTICE README.md "$work/$name/"
	cp -r "$work/third_party" "$work/$name/"
	tar -C "$work" --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w -cf - "$name" | gzip -9n >"dist/$name.tar.gz"
	# without a proxy, since the list must not depend on whether one has this version by then
	GOPROXY=off cyclonedx-gomod bin -json -noserial -notimestamp -licenses -std -version "$VERSION" -output "dist/$name.cdx.json" "$work/$name/accord"
done

# The protos with their imports, for clients in other languages.
name=accord_${VERSION}_protos
go run ./cmd/accord protos "$work/$name"
cp LICENSE "$work/$name/"
tar -C "$work" --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w -cf - "$name" | gzip -9n >"dist/$name.tar.gz"
make python-client typescript
(cd dist && sha256sum -- *.tar.gz *.whl *.tgz *.cdx.json >SHA256SUMS)
cat dist/SHA256SUMS
