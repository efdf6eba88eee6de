#!/usr/bin/env bash
# The demo shows what its workload does, live and from the recorded capture: test.sh PREFIX
set -u
here=$(cd "$(dirname "$0")" && pwd)
prefix=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# Each of these is a line that the demo must show.
expected=(
	' sh\([0-9]+\) parent=.* execve .* res=SUCCESS '
	' sh\([0-9]+\) parent=.* (clone|vfork) '
	' cat\([0-9]+\) parent=sh execve .* args=\[/tmp/[^ ]*/file1\] '
	' cat\([0-9]+\) parent=sh openat fd=/tmp/[^ ]*/file1 res=SUCCESS '
	' bash\([0-9]+\) parent=sh connect .* res=ECONNREFUSED .* addr=127\.0\.0\.1:9'
	' rm\([0-9]+\) parent=sh unlinkat '
)

check() {
	local name=$1 line
	for line in "${expected[@]}"; do
		if grep -qE "$line" "$work/out"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAILED: the demo, $name, shows no line like: $line"
		fi
	done
}

# shellcheck disable=SC2046
"${CXX:-c++}" -std=c++17 -O2 -Wall -Wextra -Werror -o "$work/demo" "$here/demo.cpp" \
	$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs libsinsp) -Wl,-rpath,"$prefix/lib" || exit 1

"$work/demo" "$here/workload.sh" "$here/../captures/workload.scap.gz" >"$work/out"
if grep -q '^no live capture here' "$work/out"; then
	echo "SKIPPED: demo, live: $(grep '^no live capture here' "$work/out")"
	passed=$((passed + 1))
	check replayed
else
	check live
	grep -q ', 0 dropped by the driver' "$work/out" && passed=$((passed + 1)) || { failed=$((failed + 1)); tail -n 1 "$work/out"; }
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
