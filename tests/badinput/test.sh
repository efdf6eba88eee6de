#!/usr/bin/env bash
# Bad input and missing rights, against an installed prefix: test.sh PREFIX. Damaged captures, null pointers, wrong filters and
# formats, no privilege, no BTF. Prints what failed, and a count.
set -u
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd)
capture=$here/../captures/workload.scap.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
passed=0 failed=0

# PROGRAM SOURCE OPTIONS...: builds a consumer with the address sanitizer, which also tells of leaks; a failure counts.
# With sanitizers gcc 12 takes empty optionals for uninitialised ones.
build() {
	compile "$@" >"$work/log" 2>&1 && return
	failed=$((failed + 1))
	echo "FAILED: $1 does not compile"
	head -n 30 "$work/log"
	return 1
}
compile() {
	local program=$1 source=$2
	shift 2
	# shellcheck disable=SC2046
	"${CXX:-c++}" -std=c++17 -O1 -g -Wall -Wextra -Werror -Wno-maybe-uninitialized -fsanitize=address,undefined \
		-fno-sanitize-recover=undefined "$@" \
		-o "$work/$program" "$here/$source" $(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs libsinsp libscap) \
		-Wl,-rpath,"$prefix/lib" -lz
}

# NAME COMMAND...: runs a program that prints its count last.
run() {
	local name=$1 count p f rc
	shift
	"$@" >"$work/log" 2>&1
	rc=$?
	count=$(grep -aoE '^[0-9]+ passed, [0-9]+ failed$' "$work/log" | tail -n 1)
	p=${count%% passed*} f=${count#*, } f=${f%% failed*}
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	if [ -z "$count" ] || { [ "$rc" != 0 ] && [ "$f" = 0 ]; }; then
		failed=$((failed + 1))
		echo "FAILED: $name ended with $rc"
		tail -n 30 "$work/log"
	fi
	grep -a '^FAILED' "$work/log" | head -n 30
}

for library in scap sinsp; do
	nm -D --defined-only "$prefix/lib/lib$library.so" | awk '$2 == "T" { print "CALL(" $3 ")" }'
done >"$work/functions.inc"
(cd "$prefix/include/falcosecurity" && find libscap libsinsp/capi.h -name '*.h' | sort | sed 's/.*/#include <&>/') >"$work/headers.inc"

build captures captures.cpp && run captures "$work/captures" "$capture" "$work"
# Attributes of va_list as a template argument count for nothing here.
build nulls nulls.cpp -Wno-attributes -Wno-ignored-attributes -DFUNCTIONS='"functions.inc"' -DHEADERS='"headers.inc"' -I"$work" && run nulls "$work/nulls" "$capture"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
