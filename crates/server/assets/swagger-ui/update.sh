#!/usr/bin/env bash
# Replaces the vendored Swagger UI files by those of the newest 5.x release, or of the version given.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
tar -xzf "$(npm pack --silent "swagger-ui-dist@${1:-5}")"
cp package/{swagger-ui-bundle.js,swagger-ui-bundle.js.LICENSE.txt,swagger-ui.css,LICENSE,NOTICE} "$here"
node -p 'require("./package/package.json").version' > "$here/VERSION"
