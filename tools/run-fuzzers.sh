#!/bin/sh
# Runs every fuzz target for some seconds each, starting from its corpus. New finds that add coverage
# stay in the build folder; a crash is left there too and fails the run.
#   tools/run-fuzzers.sh build/fuzz 60
set -eu
cd "$(dirname "$0")/.."
build=$1
seconds=$2
for target in "$build"/tests/fuzz/*_fuzz; do
    name=$(basename "$target" _fuzz)
    found="$build/corpus/$name"
    mkdir -p "$found" "$build/crashes"
    echo "== $name: $seconds s"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$build/crashes/$name-" "$found" "tests/fuzz/corpus/$name" \
        >"$build/$name.log" 2>&1 || { tail -40 "$build/$name.log"; exit 1; }
    grep -E 'stat::number_of_executed_units|^Done' "$build/$name.log"
done
echo "fuzz: no findings"
