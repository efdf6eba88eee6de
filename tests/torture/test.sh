#!/usr/bin/env bash
# Every system call that can fail is made to fail once: test.sh PREFIX. Prints what failed, and a count.
#
#   MOST=1000 tests/torture/test.sh PREFIX     more of the calls that the long jobs make
set -u
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd)
capture=$here/../captures/workload.scap.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

skip() {
	echo "SKIPPED: torture: $1"
	passed=$((passed + 1))
}

# The address sanitizer tells of leaks. With it gcc 12 takes empty optionals for uninitialised ones.
# shellcheck disable=SC2046
"${CXX:-c++}" -std=c++17 -O1 -g -Wall -Wextra -Werror -Wno-maybe-uninitialized -fsanitize=address -o "$work/torture" "$here/torture.cpp" \
	$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs libsinsp libscap) -Wl,-rpath,"$prefix/lib" || {
	echo "0 passed, 1 failed"
	exit 1
}

# job NAME MOST
job() {
	local rc count p f
	"$work/torture" "$1" "$capture" "$work" "${MOST:-$2}" >"$work/log" 2>"$work/errors"
	rc=$?
	count=$(grep -aoE '^[0-9]+ passed, [0-9]+ failed$' "$work/log" | tail -n 1)
	p=${count%% passed*} f=${count#*, } f=${f%% failed*}
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	case $rc in
	0) grep -a "did without" "$work/log" ;;
	1) cat "$work/log" && tail -n 40 "$work/errors" ;;
	77) skip "$(cut -d: -f2- "$work/log" | head -n 1)" ;;
	78) skip "$1: $(head -n 1 "$work/log")" ;;
	*)
		failed=$((failed + 1))
		echo "FAILED: $1 ended with $rc"
		tail -n 40 "$work/log" "$work/errors"
		;;
	esac
	# The libraries say what they have to say to who calls them.
	if grep -a "^libbpf:" "$work/errors"; then
		failed=$((failed + 1))
		echo "FAILED: $1 writes to the standard error"
	fi
}

job libscap 200
job capture 200
job dump 200
job scan 100
# The kernel looks through the whole probe each time.
job live 24

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
