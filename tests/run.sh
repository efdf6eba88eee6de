#!/usr/bin/env bash
# Runs all tests against the library installed in PREFIX: run.sh PREFIX. Prints failures, and a count last.
#
# A step is a command whose last line is `N passed, N failed, N skipped`; one without such a line counts
# as one test, but the scripts have to print it. A test that cannot run here, for lack of privilege or kernel support, prints a line `SKIPPED: reason` and succeeds;
# it is counted as skipped, not as passed.
set -u
cd "$(dirname "$0")/.."
prefix=$1
export PREFIX=$prefix PKG_CONFIG_PATH=$prefix/lib/pkgconfig
logs=target/test-logs
rm -rf "$logs" && mkdir -p "$logs"
passed=0 failed=0

step() {
	local name=$1 log started
	shift
	log=$logs/$(echo "$name" | tr ' /' '--').log
	started=$SECONDS
	if "$@" >"$log" 2>&1; then
		local ok=1 bad=0
	else
		local ok=0 bad=1
	fi
	local count
	count=$(grep -aoE '[0-9]+ passed(, [0-9]+ failed)?|[0-9]+ failed' "$log" | tail -2)
	local p f
	p=$(echo "$count" | grep -oE '[0-9]+ passed' | tail -1 | grep -oE '[0-9]+')
	f=$(echo "$count" | grep -oE '[0-9]+ failed' | tail -1 | grep -oE '[0-9]+')
	[ -n "$p" ] && ok=$p
	[ -n "${f:-}" ] && [ "$f" -gt "$bad" ] && bad=$f
	passed=$((passed + ok))
	failed=$((failed + bad))
	printf '%-28s %4d passed %3d failed  %4d s\n' "$name" "$ok" "$bad" $((SECONDS - started))
	[ "$bad" = 0 ] || tail -n 40 "$log" | sed 's/^/    /'
}

# limited COMMAND...: ends a command that hangs, so that the other steps still run. The slowest step takes some minutes.
limited() {
	timeout --foreground -k 10 "${STEP_SECONDS:-1800}" "$@"
}

# A script whose last line is the count of what it ran. Its output goes to a file and not through a pipe, which a process that the script left behind
# would keep open.
counts() {
	local status=0 own=$logs/output
	limited bash "$@" >"$own" || status=$?
	cat "$own"
	tail -n 1 "$own" | grep -qE '^[0-9]+ passed, [0-9]+ failed$' && return "$status"
	[ "$status" != 124 ] && [ "$status" != 137 ] || echo "FAILED: $1 did not end in ${STEP_SECONDS:-1800} seconds"
	echo "FAILED: $1 ended with $status, and did not count what it ran"
	return 1
}

rust_tests() {
	if cargo nextest --version >/dev/null 2>&1; then
		limited cargo nextest run --workspace --no-fail-fast --success-output immediate
	else
		local status
		limited cargo test --workspace --no-fail-fast -- --nocapture | tee "$log.each"
		status=${PIPESTATUS[0]}
		# Each test program counts for itself.
		awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' "$log.each"
		return "$status"
	fi
}

step "format" cargo fmt --all --check
step "clippy" cargo clippy -q --workspace --all-targets -- -D warnings
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc -q --workspace --no-deps
step "rust" rust_tests
for script in tests/*/test.sh; do
	step "$(basename "$(dirname "$script")")" counts "$script" "$prefix"
done

reasons=$(grep -ahoE '^ *SKIPPED: .*' "$logs"/*.log | sed 's/^ *//')
skipped=$(grep -c . <<<"$reasons")
[ "$skipped" -gt 0 ] && sort <<<"$reasons" | uniq -c
# A skipped test is also in the count of passed ones.
echo "$((passed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
