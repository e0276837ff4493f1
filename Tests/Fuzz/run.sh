#!/bin/bash
# Fuzzes every decoder for so many seconds each, or those that are named: `run.sh PROGRAM SECONDS
# [DECODER…]`. What trips one is left in .build-fuzz and named.

set -eu
program=$1 seconds=$2
here=$(dirname "$0")
found=0
printf '| decoder | inputs | places of code |\n|---|--:|--:|\n'
decoders=("${@:3}")
[ $# -gt 2 ] || mapfile -t decoders < <(ls "$here/corpus")
for decoder in "${decoders[@]}"; do
    folder=$here/corpus/$decoder
    more=()
    [ "$decoder" = profile ] && more=("$here/../../Sources/Issuers/Profiles")
    # What is found goes to the first folder; the corpus stays as it is.
    mkdir -p ".build-fuzz/corpus/$decoder"
    log=.build-fuzz/$decoder.log
    if DECODER=$decoder "$program" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
        -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix=".build-fuzz/$decoder-" \
        ".build-fuzz/corpus/$decoder" "$folder" "${more[@]}" >"$log" 2>&1
    then
        inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        places=$(sed -n 's/.*DONE *cov: \([0-9]*\).*/\1/p' "$log")
        printf '| %s | %s | %s |\n' "$decoder" "$inputs" "$places"
    else
        printf '| %s | failed: see %s | |\n' "$decoder" "$log"
        found=1
    fi
done
exit $found
