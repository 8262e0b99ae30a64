#!/bin/sh
# Every test, against one build folder: unit, spec, fuzz corpora and tree checks under ctest, then the
# API, client and crash tests and some losses of power against its server. The last line has the counts of all
# but these.
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
ctest --test-dir "$build" --no-tests=error -j "$jobs" --output-on-failure >"$report" 2>&1 || failed=1
cat "$report"
unit_total=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$report")
unit_failed=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of .*/\1/p' "$report")

export HASHRANGE="$PWD/$build/hashrange"
tools/npm-install.sh examples/express-users # which a client test starts
node_passed=0
node_failed=0
for folder in tests/api tests/clients; do
    tools/npm-install.sh "$folder"
    # The clients' files know nothing of each other, and most of their time is the start of the AWS CLI.
    at_once=""
    if [ "$folder" = tests/clients ] && node --help | grep -q -- --test-concurrency; then
        at_once="--test-concurrency=$jobs"
    fi
    # shellcheck disable=SC2086 # none or one
    node --test $at_once --test-reporter=spec "$folder/" >"$report" 2>&1 || failed=1
    grep -vE '^ *(✔|▶) ' "$report" || true
    folder_passed=$(sed -n 's/^ℹ pass \([0-9]*\)$/\1/p' "$report")
    folder_failed=$(sed -n 's/^ℹ fail \([0-9]*\)$/\1/p' "$report")
    node_passed=$((node_passed + ${folder_passed:-0}))
    node_failed=$((node_failed + ${folder_failed:-0}))
done

node tests/crash/crash.mjs || failed=1
node tests/crash/transfers.mjs || failed=1
node tests/crash/streams.mjs || failed=1
node tests/crash/indexes.mjs || failed=1
# Sanitizers replace the functions that stand between the server and its files here.
if ! grep -qE '^CMAKE_BUILD_TYPE:[A-Z]*=(Asan|Tsan)$' "$build/CMakeCache.txt"; then
    WRITES=60 MOMENTS=16 RECOVERIES=1 node tests/soak/power_loss.mjs || failed=1
    node tests/soak/own_log.mjs || failed=1
fi

unit_total=${unit_total:-0}
unit_failed=${unit_failed:-0}
passed=$((unit_total - unit_failed + node_passed))
lost=$((unit_failed + node_failed))
[ "$failed" -eq 0 ] || [ "$lost" -gt 0 ] || lost=1
echo "$passed passed, $lost failed"
exit "$failed"
