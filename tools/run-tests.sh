#!/bin/sh
# Every test, against one build folder: unit, spec, fuzz corpora and tree checks under ctest, then the
# API and crash tests against its server. The last line has the counts of both.
#   tools/run-tests.sh build/release
set -eu
cd "$(dirname "$0")/.."
build=$1
jobs=$(nproc)

python3 tools/check-layers.py
python3 tools/check-tree.py
python3 tools/gen_operations.py --check

ninja -C "$build" -j "$jobs" all headers
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
export TSAN_OPTIONS="${TSAN_OPTIONS:-suppressions=$PWD/tests/tsan.supp:halt_on_error=1:second_deadlock_stack=1}"

report=$(mktemp)
trap 'rm -f "$report"' EXIT
failed=0
ctest --test-dir "$build" -j "$jobs" --output-on-failure >"$report" 2>&1 || failed=1
cat "$report"
unit_total=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$report")
unit_failed=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of .*/\1/p' "$report")

tools/npm-install.sh tests/api
export HASHRANGE="$PWD/$build/hashrange"
node --test --test-reporter=spec tests/api/ >"$report" 2>&1 || failed=1
grep -vE '^ *(✔|▶) ' "$report" || true
api_passed=$(sed -n 's/^ℹ pass \([0-9]*\)$/\1/p' "$report")
api_failed=$(sed -n 's/^ℹ fail \([0-9]*\)$/\1/p' "$report")

node tests/crash/crash.mjs || failed=1
node tests/crash/transfers.mjs || failed=1
node tests/crash/streams.mjs || failed=1
node tests/crash/indexes.mjs || failed=1

unit_total=${unit_total:-0}
unit_failed=${unit_failed:-0}
passed=$((unit_total - unit_failed + ${api_passed:-0}))
lost=$((unit_failed + ${api_failed:-0}))
[ "$failed" -eq 0 ] || [ "$lost" -gt 0 ] || lost=1
echo "$passed passed, $lost failed"
exit "$failed"
