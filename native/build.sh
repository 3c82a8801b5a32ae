#!/bin/sh
# Builds the shim over libtorch: build.sh SOURCE_FOLDER BUILD_FOLDER. CMAKE_PREFIX_PATH chooses another libtorch than the system's.
set -u
source=$1
build=$2
mkdir -p "$build"
log="$build/build.log"
for tool in cmake c++; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "deutero: error : $tool was not found: install what Deutero builds on with 'apt-get install libtorch-dev libgloo-dev libopenblas0-openmp libstb0 cmake g++'." >&2
    exit 1
  fi
done
if ! cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release >"$log" 2>&1; then
  if grep -q DEUTERO_NO_LIBTORCH "$log"; then
    echo "deutero: error : libtorch was not found: install it with 'apt-get install libtorch-dev libgloo-dev libopenblas0-openmp libstb0 cmake g++', or set CMAKE_PREFIX_PATH to a libtorch of your own." >&2
  else
    echo "deutero: error : the native library could not be configured; the reason stands in $log." >&2
  fi
  exit 1
fi
if ! cmake --build "$build" >>"$log" 2>&1; then
  echo "deutero: error : the native library did not compile; the reason stands in $log." >&2
  exit 1
fi
