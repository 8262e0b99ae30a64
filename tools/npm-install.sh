#!/bin/sh
# npm ci for a folder with a package-lock.json, only when the lock has changed since the last time.
set -eu
cd "$1"
stamp=node_modules/.installed-lock
if ! cmp -s package-lock.json "$stamp"; then
    echo "Installing the npm packages of $1"
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
fi
