#!/bin/sh
# Measures into a new folder bench/runs/DATE-MACHINE: command, machine, table, and raw data. Such a folder is never rewritten.
#   bench/run.sh MACHINE [options of 'deutero bench']
#   bench/run.sh epyc-2cores --peer "/usr/bin/python3 bench/peers/eager.py"
set -eu
[ $# -ge 1 ] || { echo "usage: bench/run.sh MACHINE [options of 'deutero bench']" >&2; exit 2; }
cd "$(dirname "$0")/.."
machine=$1
shift
folder=bench/runs/$(date +%F)-$machine
[ ! -e "$folder" ] || { echo "$folder exists; name this run otherwise." >&2; exit 2; }

command="deutero bench"
for argument; do
  case $argument in *" "*) command="$command \"$argument\"" ;; *) command="$command $argument" ;; esac
done

mkdir -p "$folder"
trap 'exit 130' INT TERM
trap '[ -s "$folder/README.md" ] || rm -rf "$folder"' EXIT
load=$(cut -d " " -f 1-3 /proc/loadavg)
./deutero bench "$@" --output "$folder/raw.json" > "$folder/table"
{
  printf '# %s, %s\n\n    %s\n\n' "$(date +%F)" "$machine" "$command"
  echo "- commit: $(git describe --always --dirty)"
  echo "- kernel: $(uname -sr)"
  echo "- .NET SDK: $(dotnet --version)"
  echo "- load average before and after: $load, $(cut -d " " -f 1-3 /proc/loadavg)"
  sed -n '/"environment"/,/}/s/^ *"\([^"]*\)": "\(.*\)",\{0,1\}$/- \1: \2/p' "$folder/raw.json" | sed 's/\\u002B/+/'
  printf '\n```\n'
  cat "$folder/table"
  printf '```\n'
} > "$folder/README.md"
rm "$folder/table"
cat "$folder/README.md"
