#!/usr/bin/env bash
# The demo prints the workload's events, live and from the recorded capture: test.sh PREFIX
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

"$work/demo" "$here/workload.sh" "$capture" >"$work/out"
if grep -q '^no live capture here' "$work/out"; then
	skip "live: $(grep '^no live capture here' "$work/out")"
	shows replayed
else
	shows live
	check "the demo drops events: $(tail -n 1 "$work/out")" grep -q ', 0 dropped by the driver' "$work/out"
fi
finish
