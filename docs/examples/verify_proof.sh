#!/bin/sh
# Verify the proof in an outcome event by the OpenSSL command line alone:
#     sh verify_proof.sh OUTCOME.json PUBLIC_KEY.pem
# Prints "Verified OK" and what Alipay+ signed; otherwise "Verification failure", exit status 1.
# It looks at the signature only; verify_proof.py compares it with what the outcome says, too.
set -eu
outcome=$1 key=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
field() { tr -d '\n' <"$outcome" | sed -n 's/.*"proof".*"'"$1"'" *: *"\([^"]*\)".*/\1/p'; }

field signature | openssl base64 -d -A >"$work/signature"
field response | openssl base64 -d -A >"$work/response"
{
    printf 'POST /aps/api/v1/payments/cancelPayment\n%s.%s.' "$(field clientId)" "$(field responseTime)"
    cat "$work/response"
} >"$work/content"
openssl dgst -sha256 -verify "$key" -signature "$work/signature" "$work/content"
cat "$work/response"
echo
