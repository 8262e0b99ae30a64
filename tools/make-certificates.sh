#!/bin/sh
# A throwaway authority and a server certificate for this machine (localhost, 127.0.0.1, ::1), for development:
#   tools/make-certificates.sh FOLDER     makes FOLDER/{ca,server}.pem and FOLDER/server.key
# Does nothing while those that are there are good for another week. The authority's key is not kept: whoever
# comes to trust ca.pem trusts this one server, and nobody can sign another.
set -eu
folder=$1
days=90
week=604800

if [ -s "$folder/ca.pem" ] && [ -s "$folder/server.key" ] &&
    openssl verify -CAfile "$folder/ca.pem" "$folder/server.pem" >/dev/null 2>&1 &&
    openssl x509 -in "$folder/server.pem" -noout -checkend "$week" >/dev/null; then
    exit 0
fi

mkdir -p "$folder"
draft=$(mktemp -d "$folder/draft.XXXXXX")
trap 'rm -rf "$draft"' EXIT
umask 077

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$days" -subj "/CN=hashrange throwaway authority" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$draft/ca.key" -out "$draft/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
    -keyout "$draft/server.key" -out "$draft/server.csr" 2>/dev/null
cat >"$draft/server.ext" <<EXTENSIONS
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
EXTENSIONS
openssl x509 -req -in "$draft/server.csr" -CA "$draft/ca.pem" -CAkey "$draft/ca.key" -CAcreateserial -days "$days" \
    -extfile "$draft/server.ext" -out "$draft/server.pem" 2>/dev/null

chmod 644 "$draft/ca.pem" "$draft/server.pem"
mv "$draft/server.key" "$draft/server.pem" "$draft/ca.pem" "$folder/"
echo "Made a throwaway certificate authority: clients are to trust $folder/ca.pem"
