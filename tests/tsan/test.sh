#!/usr/bin/env bash
# Tests the concurrent use of an inspector and of shared objects with ThreadSanitizer: test.sh PREFIX. The Rust code is compiled for it with a stable
# compiler and RUSTC_BOOTSTRAP, which enables the unstable option.
set -euo pipefail
prefix=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
target=$(rustc -vV | sed -n 's/^host: //p')
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=target/tsan
export RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan/suppressions"
if ! echo 'fn main() {}' | rustc --target "$target" -Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer -o target/tsan-probe - 2>/dev/null ||
	! target/tsan-probe; then
	echo "SKIPPED: tsan: ThreadSanitizer does not work here"
	exit 0
fi
cargo test -q -p sinsp-capi --target "$target" --lib gate 2>&1 | tee target/tsan.log
cargo test -q -p sinsp-capi --target "$target" --test threads 2>&1 | tee -a target/tsan.log
cargo test -q -p sinsp-core --target "$target" --lib injected 2>&1 | tee -a target/tsan.log
# An instrumented C++ consumer, linked with the installed library, which is not instrumented.
objects() {
	local library
	library=$(dirname "$(find "$prefix" -name libsinsp.so | head -n 1)")
	"${CXX:-c++}" -std=c++17 -O1 -g -fsanitize=thread -I"$prefix/include/falcosecurity" -o target/tsan-objects tests/cpp/objects.cpp \
		-L"$library" -lsinsp -lscap -lpthread -Wl,-rpath,"$library"
	target/tsan-objects tests/captures/workload.scap.gz
}
objects 2>&1 | tee -a target/tsan.log
passed=$(grep -oE '[0-9]+ passed' target/tsan.log | awk '{ n += $1 } END { print n }')
failed=$(grep -oE '[0-9]+ failed' target/tsan.log | awk '{ n += $1 } END { print n }')
echo "$passed passed, $failed failed"
