#!/usr/bin/env bash
# Prints the exports of one of the two APIs of the shared library installed in PREFIX, one per line: `T NAME` for a function, another letter
# for a variable: exported.sh PREFIX scap|sinsp
set -euo pipefail
library=$(find "$1" -name "lib$2.so" | head -n 1)
[ -n "$library" ] || { echo "there is no lib$2.so in $1" >&2; exit 1; }
# The names of symbol versions are absolute symbols.
nm -D --defined-only --without-symbol-versions "$library" | awk -v api="$2" '$2 != "A" && ($3 ~ /^sinsp_/) == (api == "sinsp") { print $2, $3 }' |
	LC_ALL=C sort -k 2
