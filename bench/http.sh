#!/bin/sh
# GetItem and durable PutItem of 1 KB, 64 connections, beside nginx answering a static 200 on the same
# machine: interleaved rounds, medians, ratios. Requests carry an Authorization header as an SDK's do.
#   bench/http.sh build/release/hashrange [seconds] [rounds]
set -eu
cd "$(dirname "$0")/.."
server=$1
seconds=${2:-5}
rounds=${3:-5}
port=8790
nginx_port=8791
folder=$(mktemp -d)
pids=""
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap stop EXIT INT TERM

mkdir -p "$folder/logs"
cat >"$folder/nginx.conf" <<CONF
worker_processes auto;
daemon off;
pid $folder/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    server {
        listen 127.0.0.1:$nginx_port reuseport;
        location / { default_type application/x-amz-json-1.0; return 200 "{}"; }
    }
}
CONF
$(command -v nginx || echo /usr/sbin/nginx) -p "$folder" -c "$folder/nginx.conf" &
pids="$pids $!"
"$server" serve --port $port --data "$folder/data" >"$folder/server.log" 2>&1 &
pids="$pids $!"
tries=0
until curl -s -o /dev/null "http://127.0.0.1:$port/" && curl -s -o /dev/null "http://127.0.0.1:$nginx_port/"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat "$folder/server.log"; exit 1; }
    sleep 0.1
done

authorization='AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0000000000000000000000000000000000000000000000000000000000000000'
call() {
    curl -sS -f -o /dev/null "http://127.0.0.1:$port/" -H 'Content-Type: application/x-amz-json-1.0' \
        -H "X-Amz-Target: DynamoDB_20120810.$1" -H 'X-Amz-Date: 20260101T000000Z' \
        -H "Authorization: $authorization" -d "$2"
}
pad=$(printf 'x%.0s' $(seq 1 980))
call CreateTable '{"TableName":"bench","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}'
i=0
while [ $i -lt 1000 ]; do
    call PutItem "{\"TableName\":\"bench\",\"Item\":{\"pk\":{\"S\":\"key$i\"},\"pad\":{\"S\":\"$pad\"}}}"
    i=$((i + 1))
done

headers="wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/x-amz-json-1.0'
wrk.headers['X-Amz-Date'] = '20260101T000000Z'
wrk.headers['Authorization'] = '$authorization'"
cat >"$folder/get.lua" <<LUA
$headers
wrk.headers['X-Amz-Target'] = 'DynamoDB_20120810.GetItem'
local n = 0
function request()
    n = (n + 7) % 1000
    return wrk.format(nil, '/', nil, '{"TableName":"bench","Key":{"pk":{"S":"key' .. n .. '"}}}')
end
LUA
cat >"$folder/put.lua" <<LUA
$headers
wrk.headers['X-Amz-Target'] = 'DynamoDB_20120810.PutItem'
local n, pad = 0, string.rep('x', 980)
function request()
    n = (n + 7) % 1000
    return wrk.format(nil, '/', nil, '{"TableName":"bench","Item":{"pk":{"S":"key' .. n .. '"},"pad":{"S":"' .. pad .. '"}}}')
end
LUA
measure() { # name url script
    if [ -n "$3" ]; then script="-s $3"; else script=""; fi
    # shellcheck disable=SC2086 # one option or none
    out=$(wrk -t2 -c64 -d"${seconds}s" $script "$2")
    echo "$out" | grep -E 'Non-2xx|Socket errors' && { echo "$1: not every answer was 200" >&2; exit 1; }
    echo "$out" | awk '/Requests\/sec/ { print $2 }' >>"$folder/$1"
}
round=0
while [ $round -lt "$rounds" ]; do
    measure nginx "http://127.0.0.1:$nginx_port/" ""
    measure GetItem "http://127.0.0.1:$port/" "$folder/get.lua"
    measure PutItem "http://127.0.0.1:$port/" "$folder/put.lua"
    round=$((round + 1))
done
median() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
base=$(median "$folder/nginx")
for name in nginx GetItem PutItem; do
    median "$folder/$name" | awk -v name=$name -v base="$base" \
        '{ printf "%-8s %9.0f requests/s   %.2f of nginx\n", name, $1, $1 / base }'
done
