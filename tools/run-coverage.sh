#!/bin/sh
# Runs every test against a Cover build and says how much of src they ran. The whole report, line by
# line, is in <build>/report/index.html.
#   tools/run-coverage.sh build/cover 90      fails when fewer lines (percent) ran, or when a test failed
# The crash tests kill servers, which then leave no counts; each has only a few rounds here.
set -eu
cd "$(dirname "$0")/.."
build=$1
lines_min=$2

find "$build" -name '*.gcda' -delete
failed=0
ROUNDS="${ROUNDS:-3}" tools/run-tests.sh "$build" || failed=1

mkdir -p "$build/report"
gcovr --root . --filter src/ --object-directory "$build" "$build" \
    --json-summary "$build/report/summary.json" \
    --html-details "$build/report/index.html" --html-title "hashrange: what the tests run"
python3 tools/coverage.py "$build/report/summary.json" "$lines_min" || failed=1
exit "$failed"
