#!/bin/sh
# From exec to the ready line, in milliseconds: in memory, and on a data folder that exists.
#   bench/start.sh build/release/hashrange [rounds]
set -eu
server=$1
rounds=${2:-11}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/out"
measure() { # name arguments...
    name=$1
    shift
    round=0
    while [ $round -lt "$rounds" ]; do
        before=$(date +%s%N)
        "$server" serve --port 8792 "$@" >"$folder/out" 2>/dev/null &
        pid=$!
        head -n 1 <"$folder/out" >/dev/null
        after=$(date +%s%N)
        kill $pid
        wait $pid || true
        echo $(((after - before) / 100000)) >>"$folder/$name"
        round=$((round + 1))
    done
    sort -n "$folder/$name" | awk -v name="$name" '{ a[NR] = $1 / 10 }
        END { printf "%-10s ready after %.1f ms (median of %d, least %.1f, most %.1f)\n", name, a[int((NR + 1) / 2)], NR, a[1], a[NR] }'
}
measure in-memory --in-memory
measure on-disk --data "$folder/data"
