#!/bin/sh
# Installs the distribution's packages that a purpose needs and this machine lacks, and says which.
#   tools/install-packages.sh build|tls|test|clients|check|fuzz|cover|bench
# Uses sudo where it is not root. Does nothing, and needs no network, when all are there.
set -eu

installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

available() {
    apt-cache show "$1" >/dev/null 2>&1
}

node_is_new_enough() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
        node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)'
}

case "${1:-}" in
build)
    wanted="gcc libc6-dev cmake ninja-build pkg-config python3 librocksdb-dev libuv1-dev libssl-dev libdeflate-dev"
    # Debian 12 has http_parser, later releases have its successor llhttp.
    installed libllhttp-dev || installed libhttp-parser-dev || wanted="$wanted HTTP_PARSER"
    ;;
tls) # tools/make-certificates.sh
    wanted="openssl"
    ;;
test)
    wanted="libcmocka-dev openssl"
    node_is_new_enough || wanted="$wanted nodejs npm"
    ;;
clients) # those of the clients in tests/clients that are no npm packages
    wanted="python3-boto3"
    # Ubuntu 24.04 is without the AWS CLI; its tests say so and are skipped.
    grep -q '^ID=ubuntu$' /etc/os-release || wanted="$wanted awscli"
    ;;
check) # the second compiler, the formatter, the fuzzer's runtime
    wanted="clang clang-format libclang-rt-dev"
    ;;
fuzz) # what reads the counts of clang's coverage
    wanted="llvm"
    ;;
cover)
    wanted="gcovr"
    ;;
bench)
    wanted="nginx-light default-jre-headless binutils"
    node_is_new_enough || wanted="$wanted nodejs npm"
    ;;
*)
    echo "usage: $0 build|tls|test|clients|check|fuzz|cover|bench" >&2
    exit 2
    ;;
esac

missing=""
for package in $wanted; do
    # pkgconf took pkg-config's place; both give the same command.
    [ "$package" = pkg-config ] && command -v pkg-config >/dev/null 2>&1 && continue
    installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "hashrange needs these packages, and this machine has no apt-get to install them:$missing" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Install these packages as root, then try again:$missing" >&2
        exit 1
    fi
    as_root="sudo"
fi

$as_root apt-get update -qq
case "$missing" in
*HTTP_PARSER*)
    if available libllhttp-dev; then parser=libllhttp-dev; else parser=libhttp-parser-dev; fi
    missing=$(echo "$missing" | sed "s/HTTP_PARSER/$parser/")
    ;;
esac
echo "Installing:$missing"
# shellcheck disable=SC2086 # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
