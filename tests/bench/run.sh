#!/usr/bin/env bash
# How fast the library installed in PREFIX is: run.sh PREFIX. Events per second on a capture of some million events, to which the
# recorded one is multiplied: reading with state, plain and gzip, formatting every event, 90 filters on every event, reading through the C
# API. What a thread costs in the scan of the running system. And, where it can be captured, what a system call costs then beyond what it
# costs without.
#
# REFERENCE_DUMP, REFERENCE_SCAP and REFERENCE_SCAN name replay.cpp, scap.c and scan.c built against another library: both then run in
# turns, three times each, and the ratio of the best is printed. BENCH_CAPTURE names another capture to read; REFERENCE_PRELOAD what the
# dynamic linker puts before the other library's programs.
set -euo pipefail
cd "$(dirname "$0")/../.."
prefix=$1
work=target/bench
mkdir -p "$work"
capture=${BENCH_CAPTURE:-$work/large.scap}
if [ ! -e "$capture" ]; then
	cargo run -q --release -p scap-sys --example multiply -- tests/captures/workload.scap.gz "$capture" 2000000
fi
packed=$work/$(basename "$capture").gz
[ "$packed" -nt "$capture" ] || gzip -1 -c "$capture" >"$packed"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# shellcheck disable=SC2046
c++ -std=c++17 -O2 -o "$work/replay" tests/bench/replay.cpp $(pkg-config --cflags --libs libsinsp) -Wl,-rpath,"$prefix/lib"
# shellcheck disable=SC2046
cc -O2 -o "$work/scap" tests/bench/scap.c $(pkg-config --cflags --libs libscap) -Wl,-rpath,"$prefix/lib"

# The number that a program prints as NAME=number; nothing if it fails: value NAME PROGRAM...
value() {
	local name=$1
	shift
	"$@" 2>&1 >/dev/null | grep -oE "\\b$name=[0-9.]+" | cut -d= -f2 | head -1 || true
}

theirs() {
	LD_PRELOAD=${REFERENCE_PRELOAD:-} "$@"
}

# measure TITLE OURS THEIRS ARGUMENT...: the best of three rates of both programs.
measure() {
	local title=$1 ours=$2 reference=$3 best=0 other=0 r
	shift 3
	for _ in 1 2 3; do
		r=$(value rate "$work/$ours" "$@")
		[ "${r:-0}" -gt "$best" ] && best=$r
		[ -n "$reference" ] || continue
		r=$(value rate theirs "$reference" "$@")
		[ "${r:-0}" -gt "$other" ] && other=$r
	done
	line "$title" "$best" "$other" events/s "$(awk -v a="$best" -v b="$other" 'BEGIN { printf "%.2f", b ? a / b : 0 }')"
}

# cost TITLE CALL: the least of three costs of a system call with capture, less the cost without.
cost() {
	local title=$1 call=$2 plain best='' other='' r
	plain=$(value ns "$work/scap" -n "$call")
	for _ in 1 2 3; do
		r=$(value ns "$work/scap" -l "$call")
		[ -n "$r" ] || { printf '%-28s %10s\n' "$title" "skipped: the running system cannot be captured"; return; }
		best=$(least "$best" "$r")
		[ -n "${REFERENCE_SCAP:-}" ] || continue
		r=$(value ns theirs "$REFERENCE_SCAP" -l "$call")
		[ -z "$r" ] || other=$(least "$other" "$r")
	done
	best=$(awk -v a="$best" -v p="$plain" 'BEGIN { printf "%.0f", a - p }')
	[ -z "$other" ] || other=$(awk -v a="$other" -v p="$plain" 'BEGIN { printf "%.0f", a - p }')
	line "$title" "$best" "${other:-0}" ns "$(awk -v a="$best" -v b="${other:-0}" 'BEGIN { printf "%.2f", a ? b / a : 0 }')"
}

least() {
	awk -v a="$1" -v b="$2" 'BEGIN { print a == "" || b < a ? b : a }'
}

# line TITLE OURS THEIRS UNIT RATIO
line() {
	if [ "$3" != 0 ]; then
		printf '%-28s %10s %-8s   reference %10s   ratio %s\n' "$1" "$2" "$4" "$3" "$5"
	else
		printf '%-28s %10s %s\n' "$1" "$2" "$4"
	fi
}

measure "reading, with state" replay "${REFERENCE_DUMP:-}" -r "$capture" -q
measure "the same, gzip" replay "${REFERENCE_DUMP:-}" -r "$packed" -q
measure "formatting every event" replay "${REFERENCE_DUMP:-}" -r "$capture" \
	-o '*%evt.num %evt.time %evt.cpu %proc.name %thread.tid %evt.type %fd.name %evt.args'
measure "90 filters on every event" replay "${REFERENCE_DUMP:-}" -r "$capture" -q --filters tests/bench/rules.txt
measure "scap_next" scap "${REFERENCE_SCAP:-}" -r "$capture"
measure "the same, gzip" scap "${REFERENCE_SCAP:-}" -r "$packed"
cost "a call without data, live" getppid
cost "a read of one byte, live" read
cost "an open and a close, live" open

# scan TITLE ARGUMENT...: what a thread costs when the system is scanned with 20,000 threads more, in CPU time and in memory that it takes
# while it is kept: the best of three.
scan() {
	local title=$1 best='' other='' r memory theirs_memory
	shift
	for _ in 1 2 3; do
		r=$(scanned "$work/scan" "$@" 20 1000)
		best=$(least "$best" "${r% *}")
		memory=${r#* }
		[ -n "${REFERENCE_SCAN:-}" ] || continue
		r=$(scanned theirs "$REFERENCE_SCAN" "$@" 20 1000)
		[ -z "$r" ] || { other=$(least "$other" "${r% *}"); theirs_memory=${r#* }; }
	done
	line "$title" "$best" "${other:-0}" "ns" "$(awk -v a="$best" -v b="${other:-0}" 'BEGIN { printf "%.2f", a ? b / a : 0 }')"
	line "  its memory" "$memory" "${theirs_memory:-0}" "bytes" "$(awk -v a="$memory" -v b="${theirs_memory:-0}" 'BEGIN { printf "%.2f", a ? b / a : 0 }')"
}

# What a scan prints: its `ns` and `bytes`; nothing if it fails.
scanned() {
	"$@" 2>&1 >/dev/null | sed -nE 's/.* ns=([0-9]+) bytes=([0-9]+)$/\1 \2/p' || true
}

# shellcheck disable=SC2046
cc -O2 -o "$work/scan" tests/bench/scan.c $(pkg-config --cflags --libs libscap) -Wl,-rpath,"$prefix/lib"
scan "a thread, by iterators" -i
scan "a thread, by /proc"
