#!/usr/bin/env bash
# Generates src/gen from the folder that `accord protos` wrote, which is ACCORD_PROTOS.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf src/gen
buf generate "$ACCORD_PROTOS"
for file in src/gen/accord/v1/*_pb.ts; do
	echo "export * from \"./accord/v1/$(basename "$file" .ts).js\";"
done >src/gen/api.ts
