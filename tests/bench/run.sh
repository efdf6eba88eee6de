#!/usr/bin/env bash
# Events per second of the library installed in PREFIX: run.sh PREFIX. For reading with state, for formatting every event, and for 90
# filters on every event, on a plain capture of some million events that the recorded one is multiplied to.
#
# REFERENCE_DUMP names a program with the options of replay.cpp, built against another library: both then run in turns, three
# times each, and the ratio of the best is printed. BENCH_CAPTURE names another capture to read.
set -euo pipefail
cd "$(dirname "$0")/../.."
prefix=$1
work=target/bench
mkdir -p "$work"
capture=${BENCH_CAPTURE:-$work/large.scap}
if [ ! -e "$capture" ]; then
	cargo run -q --release -p scap-sys --example multiply -- tests/captures/workload.scap.gz "$capture" 2000000
fi
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# shellcheck disable=SC2046
c++ -std=c++17 -O2 -o "$work/replay" tests/bench/replay.cpp $(pkg-config --cflags --libs libsinsp) -Wl,-rpath,"$prefix/lib"

rate() {
	"$@" 2>&1 >/dev/null | grep -oE 'rate=[0-9]+' | cut -d= -f2
}

measure() {
	local name=$1 ours=0 theirs=0 r
	shift
	for _ in 1 2 3; do
		r=$(rate "$work/replay" -r "$capture" "$@")
		[ "$r" -gt "$ours" ] && ours=$r
		if [ -n "${REFERENCE_DUMP:-}" ]; then
			r=$(rate "$REFERENCE_DUMP" -r "$capture" "$@")
			[ "$r" -gt "$theirs" ] && theirs=$r
		fi
	done
	if [ "$theirs" -gt 0 ]; then
		printf '%-28s %10d events/s   reference %10d   ratio %s\n' "$name" "$ours" "$theirs" \
			"$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')"
	else
		printf '%-28s %10d events/s\n' "$name" "$ours"
	fi
}

measure "reading, with state" -q
measure "formatting every event" -o '*%evt.num %evt.time %evt.cpu %proc.name %thread.tid %evt.type %fd.name %evt.args'
measure "90 filters on every event" -q --filters tests/bench/rules.txt
