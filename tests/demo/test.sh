#!/usr/bin/env bash
# The demo prints the workload's events, and what it did, live and from the recorded capture: test.sh PREFIX
. "$(dirname "$0")/../common.sh"

# The lines that the demo must print.
expected=(
	' sh\([0-9]+\) parent=.* execve .* res=SUCCESS '
	' sh\([0-9]+\) parent=.* (clone|vfork) '
	' cat\([0-9]+\) parent=sh execve .* args=\[/tmp/[^ ]*/file1\] '
	' cat\([0-9]+\) parent=sh openat fd=/tmp/[^ ]*/file1 res=SUCCESS '
	' bash\([0-9]+\) parent=sh connect .* res=ECONNREFUSED .* addr=127\.0\.0\.1:9'
	' rm\([0-9]+\) parent=sh unlinkat '
)

shows() {
	local line
	for line in "${expected[@]}"; do
		check "the demo, $1, shows no line like: $line" grep -qE "$line" "$work/out"
	done
}

# shellcheck disable=SC2046
check "the demo compiles" "${CXX:-c++}" -std=c++17 -O2 -Wall -Wextra -Werror -o "$work/demo" "$here/demo.cpp" $(flags libsinsp)
[ -x "$work/demo" ] || finish

"$work/demo" "$here/workload.sh" "$capture" --lines >"$work/out"
if grep -q '^no live capture here' "$work/out"; then
	skip "live: $(grep '^no live capture here' "$work/out")"
	shows replayed
else
	shows live
	check "the demo drops events: $(tail -n 1 "$work/out")" grep -q ', 0 dropped by the driver' "$work/out"
fi

# What the workload did: lines of the tree, each with what is before it.
account=(
	'^sh .* \([0-9]+\)$'
	'^│  writes /tmp/[^ ]*/file1$'
	'^├─ cat /tmp/[^ ]*/file1 \([0-9]+\)$'
	'^│     reads /tmp/[^ ]*/file1$'
	'^│     makes /tmp/[^ ]*/sub1$'
	'^│     moves /tmp/[^ ]*/file1 to /tmp/[^ ]*/sub1/renamed$'
	'^│     cannot connect to 127\.0\.0\.1:9: ECONNREFUSED$'
	'^(└─|├─) rm -rf /tmp/[^ ]* \([0-9]+\)$'
	'removes /tmp/[^ ]*/sub1/renamed$'
	'^[0-9]+ processes: [0-9]+ programs started, [0-9]+ files read, [0-9]+ written, 14 other changes of files, 0 connections, [0-9]+ failures$'
)
accounts() {
	local line
	for line in "${account[@]}"; do
		check "the account, $1, has no line like: $line" grep -qE "$line" "$work/out"
	done
	check "the account, $1, is plain without a terminal" eval "! grep -qF $'\\033' '$work/out'"
}
"$work/demo" "$here/workload.sh" "$capture" >"$work/out"
accounts "$(grep -q '^no live capture here' "$work/out" && echo replayed || echo live)"
# The recorded capture, read where nothing can be captured live.
if command -v setpriv >/dev/null && [ "$(id -u)" = 0 ]; then
	setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$work/demo" "$here/workload.sh" "$capture" >"$work/out"
	check "a replay" grep -q '^no live capture here' "$work/out"
	accounts replayed
	check "the counts" grep -qx '17 processes: 17 programs started, 4 files read, 9 written, 14 other changes of files, 0 connections, 4 failures' "$work/out"
fi

# On a terminal it is in colour, unless NO_COLOR is set.
#
# on_terminal VARIABLE=VALUE: writes the account as a terminal gets it to $work/out. Python's pty.spawn waits for ever if its output is closed before
# the program has ended, as a pipe to `grep -q` may be: it has to be a file.
on_terminal() {
	python3 - "$1" "$work/demo" "$here/workload.sh" "$capture" >"$work/out" <<'END'
import os, pty, sys
name, _, value = sys.argv[1].partition("=")
os.environ[name] = value
pty.spawn(sys.argv[2:])
END
}
is_coloured() { on_terminal NO_COLOR= && grep -qF $'\033[1msh' "$work/out"; }
check "on a terminal" is_coloured
is_plain() { on_terminal NO_COLOR=1 && grep -q '^sh ' "$work/out" && ! grep -qF $'\033' "$work/out"; }
check "on a terminal, NO_COLOR" is_plain
usage() {
	"$work/demo" "$here/workload.sh" "$capture" --all >"$work/out" 2>"$work/errors"
	[ $? = 2 ] && grep -q '^usage: ' "$work/errors"
}
check "a wrong option" usage
finish
