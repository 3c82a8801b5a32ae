#!/bin/sh
# Builds the studio into OUTPUT/site; 'OUTPUT/built' marks a finished build. Without Node.js and npm it says so, and the service is built without its page.
set -eu
output=${1:?"usage: build.sh OUTPUT"}
cd "$(dirname "$0")"
mkdir -p "$output"

without() {
  echo "studio: $1: 'deutero serve' is built without its page."
  rm -rf "$output/site" "$output/built"
  # Continuous integration shall not pass without the page.
  [ "${CI:-}" != true ] || exit 1
  exit 0
}

command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || without "Node.js and npm were not found (install Node.js 18 or later)"
node -e 'process.exit(process.versions.node.split(".")[0] < 18 ? 1 : 0)' || without "Node.js is $(node --version), and 18 or later is needed"

if ! cmp -s package-lock.json node_modules/.deutero-lock; then
  log=$output/npm.log
  if ! npm ci --no-audit --no-fund --ignore-scripts >"$log" 2>&1; then
    tail -n 5 "$log"
    without "npm could not install the packages of studio/package-lock.json ($log says why)"
  fi
  cp package-lock.json node_modules/.deutero-lock
fi

node node_modules/typescript/bin/tsc --noEmit
node node_modules/vite/bin/vite.js build --logLevel warn --outDir "$output/site" --emptyOutDir
touch "$output/built"
