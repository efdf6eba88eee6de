#!/usr/bin/env bash
# The fuzz targets: test.sh PREFIX builds them with the address sanitizer and runs each for some seconds on the inputs in corpus/.
# Prints what was found, and a count.
#
#   SECONDS_EACH=600 KEEP=DIRECTORY tests/fuzz/test.sh PREFIX     longer, keeping the inputs that were made and those that were found
#   TARGETS="filter event" tests/fuzz/test.sh PREFIX              some of them
. "$(dirname "$0")/../common.sh"
seconds=${SECONDS_EACH:-8}
targets=${TARGETS:-capture convert event encode filter inspector plugin_events plugin_vtable tables}
built=$here/../../target/fuzz
keep=${KEEP:-$work}

# Sanitizers are an unstable option. RUSTC_BOOTSTRAP enables it in a stable compiler, which may lack the sanitizer's library.
export RUSTC_BOOTSTRAP=1
host=$(rustc -vV | sed -n 's/^host: //p')
rustflags="-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
echo 'fn main() {}' >"$work/probe.rs"
# shellcheck disable=SC2086
if ! rustc --target "$host" -Zsanitizer=address -o "$work/probe" "$work/probe.rs" 2>"$work/log" || ! "$work/probe"; then
	skip "this Rust cannot build with the address sanitizer: $(head -n 1 "$work/log")"
	finish
fi
cd "$here" || exit 1
if ! cargo fetch --quiet --locked 2>"$work/log"; then
	if grep -q 'lock file' "$work/log"; then
		check "tests/fuzz/Cargo.lock is that of the workspace: $(head -n 1 "$work/log")" false
		finish
	fi
	skip "no access to the crates of the fuzz targets: $(tail -n 1 "$work/log")"
	finish
fi

build=(cargo build --quiet --release --locked --target "$host" --target-dir "$built")
for target in $targets; do
	build+=(--bin "$target")
done
check "the fuzz targets compile" env RUSTFLAGS="$rustflags" "${build[@]}"
[ "$failed" = 0 ] || finish

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
finish
