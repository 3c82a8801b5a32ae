#!/bin/sh
# What Deutero does, in a few minutes on two cores: meta-train two learners on the built-in glyphs, judge them and two baselines on the same
# test episodes of scripts that training never saw, and adapt one to a new five-class task given as folders of PNG files.
set -eu
cd "$(dirname "$0")/.."
runs=${1:-runs/demo}
program=artifacts/bin/Deutero.Cli/release/Deutero.Cli.dll
start=$(date +%s)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

deutero() { dotnet "$program" "$@"; }

# Shows a command as a user would type it (on standard error, which stays on the terminal where the output goes to a file), then runs it.
run() {
  printf '\n$ deutero %s\n' "$*" >&2
  deutero "$@"
}

# The score of an evaluation in JSON, as "mean ± half-width".
score() {
  awk -F'[:,]' '/^  "mean"/ { mean = $2 } /^  "halfWidth95"/ { half = $2 } /^  "episodeHash"/ { hash = $2 }
    END { gsub(/[ "]/, "", hash); printf "%5.1f ± %.1f %%   %s\n", 100 * mean, 100 * half, substr(hash, 1, 16) }' "$1"
}

echo "== build"
dotnet build src/Deutero.Cli -c Release -v q --nologo --disable-build-servers

mkdir -p "$runs"
rm -rf "$runs/task"
echo
echo "== meta-train on 39 scripts, evaluate on 15 others (run again, these commands resume)"
run train --config samples/glyphs-protonet.json --output "$runs/protonet"
run train --config samples/glyphs-maml.json --output "$runs/maml"

echo
echo "== baselines on the same test episodes"
run evaluate --config samples/glyphs-protonet.json --set learner=nearest-centroid --json >"$runs/nearest-centroid.json"
echo "  written to $runs/nearest-centroid.json"
run evaluate --config samples/glyphs-maml.json --set learner=from-scratch --json >"$runs/from-scratch.json"
echo "  written to $runs/from-scratch.json"

echo
echo "== a new task as PNG files: 5 characters, 1 image of each to learn from, 5 to recognise"
run data export glyphs --split test --classes 5 --images 1 --queries 5 --output "$runs/task"
run adapt "$runs/protonet" --support "$runs/task/support" --query "$runs/task/query"

echo
echo "== 5-way 1-shot accuracy on unseen scripts (chance 20 %)"
echo "learner             accuracy (95%)    episodes"
for learner in protonet/evaluation maml/evaluation nearest-centroid from-scratch; do
  printf '%-19s %s\n' "${learner%/evaluation}" "$(score "$runs/$learner.json")"
done
echo "The same hash means the same test episodes."
echo
echo "reports: $runs/protonet/report.html and $runs/maml/report.html"
echo "The demo took $(($(date +%s) - start)) s."
