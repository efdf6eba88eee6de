#!/usr/bin/env bash
# Fuzzing: test.sh [PREFIX] builds the targets with the address sanitizer and runs each for some seconds on the inputs in corpus/.
# Prints failures and a count.
#
#   SECONDS_EACH=600 KEEP=DIRECTORY tests/fuzz/test.sh     longer; keeps new inputs and those that fail
#   TARGETS="filter event" tests/fuzz/test.sh              only these targets
set -u
here=$(cd "$(dirname "$0")" && pwd)
seconds=${SECONDS_EACH:-8}
targets=${TARGETS:-capture convert event encode filter inspector}
built=$here/../../target/fuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keep=${KEEP:-$work}
passed=0 failed=0

skip() {
	echo "SKIPPED: fuzzing: $1"
	echo "1 passed, 0 failed"
	exit 0
}

# Sanitizers are an unstable option. RUSTC_BOOTSTRAP enables it in a stable compiler, which may lack the sanitizer's library.
export RUSTC_BOOTSTRAP=1
host=$(rustc -vV | sed -n 's/^host: //p')
flags="-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
echo 'fn main() {}' >"$work/probe.rs"
# shellcheck disable=SC2086
rustc --target "$host" -Zsanitizer=address -o "$work/probe" "$work/probe.rs" 2>"$work/log" && "$work/probe" ||
	skip "this Rust cannot build with the address sanitizer: $(head -n 1 "$work/log")"
cd "$here" || exit 1
cargo fetch --quiet --locked 2>"$work/log" || skip "no access to the crates of the fuzz targets: $(tail -n 1 "$work/log")"

build=(cargo build --quiet --release --locked --target "$host" --target-dir "$built")
for target in $targets; do
	build+=(--bin "$target")
done
if ! RUSTFLAGS="$flags" "${build[@]}" 2>"$work/log"; then
	tail -n 30 "$work/log"
	echo "0 passed, 1 failed"
	exit 1
fi

for target in $targets; do
	mkdir -p "$keep/$target"
	options=(-max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 -artifact_prefix="$keep/$target-" -print_final_stats=1)
	[ "$target" = filter ] && options+=(-dict="$here/filter.dict")
	if "$built/$host/release/$target" "${options[@]}" "$keep/$target" "corpus/$target" >"$work/$target.log" 2>&1; then
		passed=$((passed + 1))
		echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log") runs"
	else
		failed=$((failed + 1))
		echo "FAILED: $target"
		tail -n 40 "$work/$target.log"
		for input in "$keep/$target"-*; do
			[ -f "$input" ] && echo "$input in base64: $(base64 -w 0 "$input" | head -c 4000)"
		done
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
