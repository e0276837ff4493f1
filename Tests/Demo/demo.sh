#!/usr/bin/env bash
# The main job, visibly: a new AWS key captured at the moment it is issued, found, used by a job,
# refused when that is right, and its vault's file shown to hold neither name nor value.
#
# Everything happens in a throw-away home. The issuer is a local emulator of AWS on loopback; its
# client is AWS's own.
set -euo pipefail

coffer_program=$(realpath "$COFFER")
home=$(mktemp -d)
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    rm -rf "$home"
}
trap finish EXIT

mkdir -m 700 "$home/bin"
ln -s "$coffer_program" "$home/bin/coffer"
search_path="$home/bin:$PATH"
cd "$home"

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# Prints a command as one would type it, then runs it.
run() {
    printf '%s$ %s%s\n' "$bold" "$1" "$plain"
    env -i PATH="$search_path" HOME="$home" LC_ALL=C.UTF-8 AWS_DEFAULT_REGION=us-east-1 \
        AWS_ENDPOINT_URL="${endpoint:-}" bash -c "$1"
}

# The same for a command that has to fail with an exit code.
refused() {
    local code=0
    run "$2" || code=$?
    [ "$code" = "$1" ] || { echo "demo: expected exit code $1, got $code" >&2; exit 1; }
    printf '(exit %s)\n' "$code"
}

# An AWS on this machine: the port is the kernel's choice.
start_emulator() {
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    moto_server -H 127.0.0.1 -p "$port" >"$home/emulator.log" 2>&1 &
    emulator=$!
    endpoint="http://127.0.0.1:$port"
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        sleep 0.2
    done
    cat "$home/emulator.log" >&2
    exit 1
}

start_emulator
(umask 077; printf 'four random words, say\n' >passphrase)
printf 'a wrong passphrase\n' >wrong
chmod 600 wrong
admin='AWS_ACCESS_KEY_ID=admin AWS_SECRET_ACCESS_KEY=admin'

say '1. A vault. The passphrase comes from a file here; at a terminal it is asked for.'
run 'coffer init --passphrase-file passphrase --new-key-file job.key --no-recovery'

say '2. A new access key is captured by wrapping the command that issues it.'
run "$admin aws iam create-user --user-name ci >/dev/null"
run "$admin coffer capture aws/prod/ci --key-file job.key -- aws iam create-access-key --user-name ci"

say '3. Another issuer: a Zscaler ZPA client secret, from standard input, full of odd characters.'
secret='p"q$r#s}t'"'"'u\v w'
printf '%s' "$secret" >"$home/zpa.expected"
run "coffer capture zpa/prod/ci --issuer zpa --key-file job.key --set client_id=abc-123 \\
    --set customer_id=216196257331281920 --set session_validity=3600 --stdin <zpa.expected"

say '4. What is here, without a value.'
run 'coffer list --key-file job.key'
run 'coffer show aws/prod/ci --key-file job.key'

say '5. A job uses them. It gets what the issuer'"'"'s own tools read, and nothing else of ours.'
run 'coffer run --key-file job.key --secret aws/prod/ci -- aws sts get-caller-identity'
run 'coffer run --key-file job.key --secret zpa/prod/ci -- sh -c '"'"'printf %s "$ZPA_CLIENT_SECRET"'"'"' | cmp - zpa.expected && echo "the same, byte for byte"'

say '6. Refused when it is wrong.'
refused 3 'coffer get zpa/prod/ci --passphrase-file wrong'
refused 4 'coffer get zpa/prod/cj --key-file job.key'
refused 2 'coffer capture zpa/new --key-file job.key hunter2-typed-by-mistake'
refused 2 'coffer edit zpa/prod/ci --key-file job.key --set session_validity=3601'
run 'coffer disable zpa/prod/ci --key-file job.key'
refused 8 'coffer get zpa/prod/ci --key-file job.key'

say '7. Who did what, which key is how old and who used it, and whether all of that is whole.'
run 'coffer audit log --key-file job.key --limit 12'
run 'coffer audit keys --key-file job.key'
run 'coffer audit verify --key-file job.key'
run 'coffer audit receipt'

say '8. The file holds neither a name nor a value.'
vault=.local/share/coffer/vault.db
access_key=$(env -i HOME="$home" "$coffer_program" get 'aws/prod/ci' --key-file job.key)
for text in aws/prod zpa/prod ZPA zscaler 216196257331281920 "$secret" "$access_key"; do
    if grep -qaF -- "$text" "$vault"; then echo 'demo: found in the file' >&2; exit 1; fi
done
run "ls -l $vault"
run "grep -caE 'aws|zpa|216196257331281920' $vault || true"
run 'coffer doctor --key-file job.key'
