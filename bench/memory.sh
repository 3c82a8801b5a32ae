#!/usr/bin/env bash
# Memory and time of a meta-update by unrolling and number of inner steps: Conv4-32 on 84x84 colour images, 5-way 1-shot, 15 queries a class, one task
# an update. Each figure is a process of its own. Prints a table in Markdown.
# Usage: bench/memory.sh ["STEPS ..."]
set -eu
cd "$(dirname "$0")/.."
images=$(mktemp -d)
trap 'rm -rf "$images"' EXIT
./deutero data export glyphs --split train --classes 30 --images 20 --output "$images/classes" >/dev/null

echo "| inner steps | unrolling | peak MB | of training MB | CPU s an update |"
echo "|---|---|---|---|---|"
for steps in ${1:-1 5 10 20}; do
  for unrolling in full checkpointed first-order; do
    ./deutero memory --json --updates 4 --set "data.name=folder:$images/classes" --set data.imageSize=84 --set data.imageChannels=3 \
      --set model=conv4 --set model.filters=32 --set episodes.ways=5 --set episodes.shots=1 --set episodes.queries=15 \
      --set learner=maml --set learner.innerRate=0.01 --set "learner.steps=$steps" --set "learner.unrolling=$unrolling" \
      --set training.metaBatch=1 --set training.execution=loop --set training.threads=1 |
      python3 -c "
import json, sys
use = json.load(sys.stdin)
peak, before = use['peakMemoryBytes'] / 1e6, use['memoryBeforeBytes'] / 1e6
print(f'| $steps | $unrolling | {peak:.0f} | {peak - before:.0f} | {use[\"cpuSecondsPerUpdate\"]:.2f} |')"
  done
done
