#!/usr/bin/env bash
# Memory of implicit MAML and of MAML by the number of inner steps: Conv4-64 on 28x28 images, 5-way 5-shot, 5 queries a class, one task an update.
# Each figure is a process of its own. Prints a table in Markdown and draws it.
# Usage: bench/implicit-memory.sh [SVG FILE] ["STEPS ..."]
set -eu
cd "$(dirname "$0")/.."
table=$(mktemp)
trap 'rm -f "$table"' EXIT
for learner in implicit-maml maml; do
  for steps in ${2:-5 20 100}; do
    ./deutero memory --json --updates 4 --set data.name=glyphs --set model=conv4 --set model.filters=64 \
      --set episodes.ways=5 --set episodes.shots=5 --set episodes.queries=5 --set "learner=$learner" --set learner.innerRate=0.01 \
      --set "learner.steps=$steps" --set training.metaBatch=1 --set training.execution=loop --set training.threads=1 |
      python3 -c "
import json, sys
use = json.load(sys.stdin)
print('$learner', $steps, (use['peakMemoryBytes'] - use['memoryBeforeBytes']) / 1e6, use['cpuSecondsPerUpdate'])" >> "$table"
  done
done
python3 bench/implicit-memory.py "$table" "${1:-docs/images/implicit-memory.svg}"
