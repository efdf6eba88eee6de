# Shared by the test scripts. A script sources it first, as `. "$(dirname "$0")/../common.sh"`, with the installed prefix as its first
# argument, and calls `finish` last. It sets:
#
#   here, prefix    the script's folder and the prefix, absolute
#   capture         the recorded capture
#   work            a temporary folder, removed at the end, that every user may read
#
# shellcheck shell=bash
set -u
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd) || exit 2
# shellcheck disable=SC2034
capture=$here/../captures/workload.scap.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
passed=0 failed=0

# check NAME COMMAND...: runs one test.
check() {
	local name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
		tail -n 30 "$work/log" | cut -c1-300 | sed 's/^/    /'
	fi
}

# counted NAME COMMAND...: runs a command whose last line is `N passed, N failed` and which prints a line `FAILED ...` for each failure.
counted() {
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
		tail -n 30 "$work/log" | sed 's/^/    /'
	fi
	grep -aE '^(FAILED|SKIPPED)' "$work/log" | head -n 30
}

# later check|counted NAME COMMAND...: the same in the background, with as many at a time as there are processors; `collect` waits for all.
later() {
	local kind=$1 name=$2
	shift 2
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	printf '%s\n%s\n' "$kind" "$name" >"$work/later-${#put_off[@]}"
	{
		"$@" >"$work/later-${#put_off[@]}.log" 2>&1
		echo $? >"$work/later-${#put_off[@]}.rc"
	} &
	put_off+=("$work/later-${#put_off[@]}")
}
put_off=()

collect() {
	wait
	local each kind name
	for each in "${put_off[@]}"; do
		{ read -r kind; read -r name; } <"$each"
		"$kind" "$name" replay "$each"
	done
	put_off=()
}

replay() {
	cat "$1.log"
	return "$(<"$1.rc")"
}

# skip REASON: prints a test that cannot run here, and counts it as run.
skip() {
	echo "SKIPPED: $(basename "$here"): $1"
	passed=$((passed + 1))
}

# flags PACKAGE...: the compiler and linker flags, for an unquoted $(...).
flags() {
	echo "$(pkg-config --cflags --libs "$@") -Wl,-rpath,$prefix/lib"
}

# Prints the count and ends the script.
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit
}
