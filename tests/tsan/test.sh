#!/usr/bin/env bash
# Tests the concurrent use of an inspector and of shared objects with ThreadSanitizer: test.sh PREFIX. The Rust code is compiled for it with a stable
# compiler and RUSTC_BOOTSTRAP, which enables the unstable option.
. "$(dirname "$0")/../common.sh"
cd "$here/../.." || exit 1
mkdir -p target
target=$(rustc -vV | sed -n 's/^host: //p')
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=target/tsan
export RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
export TSAN_OPTIONS="suppressions=$here/suppressions"
if ! echo 'fn main() {}' | rustc --target "$target" -Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer -o "$work/probe" - 2>/dev/null ||
	! "$work/probe"; then
	skip "ThreadSanitizer does not work here"
	finish
fi

# Tests of a Rust package: the sum of what cargo counts for each of its programs.
package() {
	local rc
	cargo test -q --target "$target" "$@" >"$work/cargo.log" 2>&1
	rc=$?
	cat "$work/cargo.log"
	grep -aoE '[0-9]+ passed; [0-9]+ failed' "$work/cargo.log" | awk '{ p += $1; f += $3 } END { if(p + f) print p ", " f }' |
		sed -E 's/(.*), (.*)/\1 passed, \2 failed/'
	return $rc
}
counted "the gate of an inspector" package -p sinsp-capi --lib gate
counted "threads of the C ABI" package -p sinsp-capi --test threads
counted "injected events" package -p sinsp-core --lib injected
counted "threads of a plugin" package -p sinsp-capi --test plugin_threads
# The schema library makes its static values by locks of the standard library, which is not instrumented: races are reported between them and their first readers.
counted "pools of threads and routines" package -p plugin-capi --lib -- --skip schema::

# An instrumented C++ consumer, linked with the installed library, which is not instrumented.
# shellcheck disable=SC2046
check "objects.cpp compiles" "${CXX:-c++}" -std=c++17 -O1 -g -fsanitize=thread -o "$work/objects" tests/cpp/objects.cpp $(flags libsinsp)
counted "objects of several threads" "$work/objects" "$capture"
finish
