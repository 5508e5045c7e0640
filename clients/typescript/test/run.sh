#!/usr/bin/env bash
# Installs the packed client in a new folder, and compiles and runs the tests there, as users of the
# package would. A server is at ACCORD_ADDR.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

echo '{"type":"module","private":true}' >"$folder/package.json"
npm --prefix "$folder" install --silent --ignore-scripts --no-audit --no-fund --prefer-offline "$PWD"/../../dist/accord-client-*.tgz
cp -r test tsconfig.json tsconfig.test.json "$folder"
node_modules/.bin/tsc --project "$folder/tsconfig.test.json" --typeRoots node_modules/@types
timeout 180 node --test --test-reporter=spec "$folder/out/test"
