#!/usr/bin/env bash
# Measures the library installed in PREFIX: run.sh PREFIX. Prints a number a line and, below it, what it means; on a terminal also how far it is, on
# the standard error. Events per second on a capture of some million events, made by repeating the recorded one:
# reading with state, plain and gzip; formatting every event; 90 filters on every event; reading through the C API. The cost of a thread in the
# scan of the running system. What a record costs with many rings. What plugins cost. If a live capture is possible: the cost that it adds to a system call.
#
# BEFORE: a prefix with another version of this library. The programs are built against it too, both run in turns, three times each, and the
# ratio of the best results is printed. REFERENCE_DUMP, REFERENCE_SCAP, REFERENCE_SCAN, REFERENCE_THREADS and REFERENCE_PLUGINS: replay.cpp, scap.c,
# scan.c, threads.cpp and plugins.cpp built against another library, run in turns with ours. BENCH_CAPTURE: another capture to read. REFERENCE_PRELOAD: LD_PRELOAD for the
# other library's programs.
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

# programs PREFIX SUFFIX: builds the measured programs against the library in PREFIX.
programs() {
	local rpath=-Wl,-rpath,$1/lib flags
	for name in replay threads plugins; do
		read -ra flags < <(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --cflags --libs libsinsp)
		c++ -std=c++17 -O2 -o "$work/$name$2" "tests/bench/$name.cpp" "${flags[@]}" "$rpath"
	done
	for name in scap scan; do
		read -ra flags < <(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --cflags --libs libscap)
		cc -O2 -o "$work/$name$2" "tests/bench/$name.c" "${flags[@]}" "$rpath"
	done
}
programs "$prefix" ""
[ -z "${BEFORE:-}" ] || programs "$BEFORE" -before

# progress TEXT: shows on a terminal what is measured now, on a line that the next text replaces.
progress() {
	[ ! -t 2 ] || printf '\r\033[K%s' "${1:+$1 ...}" >&2
}

# value NAME PROGRAM...: the number that a program prints as NAME=number; nothing if it fails.
value() {
	local name=$1
	shift
	"$@" 2>&1 >/dev/null | grep -oE "\\b$name=[0-9.]+" | cut -d= -f2 | head -1 || true
}

theirs() {
	LD_PRELOAD=${REFERENCE_PRELOAD:-} "$@"
}

# measure TITLE MEANING PROGRAM REFERENCE ARGUMENT...: prints the best of three rates.
measure() {
	local title=$1 meaning=$2 program=$3 reference=$4 best=0 before=0 other=0
	shift 4
	for n in 1 2 3; do
		progress "$title, $n of 3"
		best=$(most "$best" "$(value rate "$work/$program" "$@")")
		[ -z "${BEFORE:-}" ] || before=$(most "$before" "$(value rate "$work/$program-before" "$@")")
		[ -z "$reference" ] || other=$(most "$other" "$(value rate theirs "$reference" "$@")")
	done
	line "$title" "$best" events/s "$(ratio "$best" "$before")" "$before" "$(ratio "$best" "$other")" "$other"
	means "$meaning"
}

# cost TITLE MEANING CALL: prints the lowest of three costs of a system call with capture, minus the cost without.
cost() {
	local title=$1 meaning=$2 call=$3 plain best='' other='' r
	progress "$title"
	plain=$(value ns "$work/scap" -n "$call")
	for n in 1 2 3; do
		progress "$title, $n of 3"
		r=$(value ns "$work/scap" -l "$call")
		[ -n "$r" ] || { progress ""; printf '%-28s %10s\n' "$title" "skipped: the running system cannot be captured"; return; }
		best=$(least "$best" "$r")
		[ -n "${REFERENCE_SCAP:-}" ] || continue
		r=$(value ns theirs "$REFERENCE_SCAP" -l "$call")
		[ -z "$r" ] || other=$(least "$other" "$r")
	done
	best=$(awk -v a="$best" -v p="$plain" 'BEGIN { printf "%.0f", a - p }')
	[ -z "$other" ] || other=$(awk -v a="$other" -v p="$plain" 'BEGIN { printf "%.0f", a - p }')
	line "$title" "$best" ns 0 0 "$(ratio "${other:-0}" "$best")" "${other:-0}"
	means "$meaning"
}

# captured TITLE MEANING VALUE UNIT ARGUMENT...: prints the lowest of three values that `scap` prints by that name while it captures.
captured() {
	local title=$1 meaning=$2 name=$3 unit=$4 ours='' other='' r n
	shift 4
	for n in 1 2 3; do
		progress "$title, $n of 3"
		r=$(value "$name" "$work/scap" "$@")
		[ -n "$r" ] || { line "$title" skipped: "the running system cannot be captured" 0 0 0 0; return; }
		ours=$(least "$ours" "$r")
		[ -n "${REFERENCE_SCAP:-}" ] || continue
		r=$(value "$name" theirs "$REFERENCE_SCAP" "$@")
		[ -z "$r" ] || other=$(least "$other" "$r")
	done
	line "$title" "$ours" "$unit" 0 0 "$(ratio "${other:-0}" "$ours")" "${other:-0}"
	means "$meaning"
}

most() {
	awk -v a="$1" -v b="${2:-0}" 'BEGIN { print (a + 0 < b + 0 ? b : a) }'
}

# ratio A B: A divided by B; 0 if B is empty.
ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b ? a / b : 0 }'
}

least() {
	awk -v a="$1" -v b="$2" 'BEGIN { print a == "" || b < a ? b : a }'
}

# line TITLE OURS UNIT RATIO BEFORE RATIO REFERENCE: a ratio above 1 is an improvement; 0: not measured.
line() {
	progress ""
	printf '%-28s %10s %-8s' "$1" "$2" "$3"
	[ "$5" = 0 ] || printf '   before %10s  ratio %s' "$5" "$4"
	[ "$7" = 0 ] || printf '   reference %10s  ratio %s' "$7" "$6"
	printf '\n'
}

# Prints what the number above means.
means() {
	printf '    %s\n' "$1"
}

cat <<END
events/s and /s: more is better; ns, bytes and KiB: less is better. The best of three runs. A ratio above 1 is an improvement on the number
to its left.

END
measure "reading, with state" "libsinsp reads a capture of $(du -h "$capture" | cut -f1) and keeps its threads and fds; nothing is printed" \
	replay "${REFERENCE_DUMP:-}" -r "$capture" -q
measure "the same, gzip" "from a compressed file" replay "${REFERENCE_DUMP:-}" -r "$packed" -q
measure "formatting every event" "the same, and a line of 8 fields for each event" replay "${REFERENCE_DUMP:-}" -r "$capture" \
	-o '*%evt.num %evt.time %evt.cpu %proc.name %thread.tid %evt.type %fd.name %evt.args'
measure "90 filters on every event" "the same, and the conditions of 90 rules evaluated for each event, as a rule engine does" \
	replay "${REFERENCE_DUMP:-}" -r "$capture" -q --filters tests/bench/rules.txt
measure "scap_next" "libscap alone returns the events, without state" scap "${REFERENCE_SCAP:-}" -r "$capture"
measure "the same, gzip" "from a compressed file" scap "${REFERENCE_SCAP:-}" -r "$packed"
progress "floors"
floors=$(cargo run -q --release -p scap-sys --example floor 2>/dev/null || true)
for floor in "empty:a program that does nothing:what a BPF program at the exit of calls adds to a getppid if it returns at once" \
	"record:a program with a record:the same for one that reserves, fills and submits a record of 40 bytes"; do
	IFS=: read -r name title meaning <<<"$floor"
	ns=$(sed -n "s/^$name=//p" <<<"$floors")
	line "$title" "${ns:-skipped}" "${ns:+ns}" 0 0 0 0
	means "$meaning"
done
cost "a call without data, live" "what the BPF probe adds to a getppid of this machine while it is captured" getppid
cost "a read of 512 bytes, live" "the same for a read" read
cost "an open and a close, live" "the same for both calls together" open
cost "a connect, live" "the same for a connect of a datagram socket" connect
captured "a compiler's run, live" "CPU time of a compiler that runs while everything is captured, with its processes" ms ms -l build
captured "the reader, an event" "CPU time of the reader for an event of open and close, while these are captured" taking ns -l open
captured "drops, calls without data" "the share of the events that are dropped while a process per CPU makes such calls without a pause" dropped % -d getppid
captured "drops, opens" "the same for opens and closes" dropped % -d open
captured "drops, compilers" "the same for runs of a compiler" dropped % -d build

# What the reader of the rings pays for a record, without a kernel: synthetic rings, some of them idle.
progress "rings"
RING_RECORDS=262144 cargo test -q --release -p scap-sys --lib -- --nocapture hundreds_of_rings 2>/dev/null |
	sed -nE 's/^rings=([0-9]+) busy=([0-9]+) ns=([0-9.]+)$/\1 \2 \3/p' |
	while read -r rings busy ns; do
		line "a record, $busy of $rings rings" "$ns" ns 0 0 0 0
	done
means "what it costs to take the oldest record from that many rings, the others of which are empty"

# scan TITLE MEANING ARGUMENT...: prints the cost of a thread in a scan of the system with 20,000 additional threads: the best of three CPU times and
# memory sizes.
scan() {
	local title=$1 meaning=$2 best='' other='' r memory theirs_memory
	shift 2
	for n in 1 2 3; do
		progress "$title, $n of 3"
		r=$(scanned "$work/scan" "$@" 20 1000)
		best=$(least "$best" "${r% *}")
		memory=${r#* }
		[ -n "${REFERENCE_SCAN:-}" ] || continue
		r=$(scanned theirs "$REFERENCE_SCAN" "$@" 20 1000)
		[ -z "$r" ] || { other=$(least "$other" "${r% *}"); theirs_memory=${r#* }; }
	done
	line "$title" "$best" ns 0 0 "$(ratio "${other:-0}" "$best")" "${other:-0}"
	means "$meaning"
	line "  its memory" "$memory" bytes 0 0 "$(ratio "${theirs_memory:-0}" "$memory")" "${theirs_memory:-0}"
}

# Prints the `ns` and `bytes` of a scan; nothing if it fails.
scanned() {
	"$@" 2>&1 >/dev/null | sed -nE 's/.* ns=([0-9]+) bytes=([0-9]+)$/\1 \2/p' || true
}

scan "a thread, by iterators" "CPU time for a thread when a capture is opened, with 20,000 more threads than now; read by BPF iterators" -i
scan "a thread, by /proc" "the same, read from /proc"

# crowd PER_PROCESS: prints the memory of 100,000 visited threads, PER_PROCESS in each process.
crowd() {
	local file=$work/crowd-$1.scap ours before=0 other=0
	progress "100,000 threads"
	[ -e "$file" ] || cargo run -q --release -p scap-sys --example crowd -- tests/captures/workload.scap.gz "$file" 100000 "$1"
	ours=$(value visited "$work/threads" "$file")
	[ -z "${BEFORE:-}" ] || before=$(value visited "$work/threads-before" "$file")
	[ -z "${REFERENCE_THREADS:-}" ] || other=$(value visited theirs "$REFERENCE_THREADS" "$file")
	line "100,000 threads, $1 each" "$ours" KiB "$(ratio "$before" "$ours")" "$before" "$(ratio "$other" "$ours")" "$other"
	means "memory of the C++ objects of 100,000 threads, $1 in each process"
}
crowd 4
crowd 1

# of_plugin TITLE MEANING WHAT ARGUMENT: prints the best of three rates of plugins.cpp, or the lowest of three costs if it prints `ns`.
of_plugin() {
	local title=$1 meaning=$2 ours='' other='' r
	shift 2
	for n in 1 2 3; do
		progress "$title, $n of 3"
		for name in rate ns; do
			r=$(value "$name" "$work/plugins" "$@")
			[ -z "$r" ] || { ours=$("$(better "$name")" "$ours" "$r"); unit=$name; }
		done
		[ -n "${REFERENCE_PLUGINS:-}" ] || continue
		other=$("$(better "$unit")" "$other" "$(value "$unit" theirs "$REFERENCE_PLUGINS" "$@")")
	done
	if [ "$unit" = ns ]; then
		line "$title" "$ours" ns 0 0 "$(ratio "${other:-0}" "$ours")" "${other:-0}"
	else
		line "$title" "$ours" "/s" 0 0 "$(ratio "$ours" "${other:-0}")" "${other:-0}"
	fi
	means "$meaning"
}
better() {
	[ "$1" = ns ] && echo least || echo most
}
of_plugin "a filter with plugin fields" "what a filter on two fields that a plugin extracts adds to an event" filter "$capture"
of_plugin "a format with plugin fields" "what a line with two such fields adds to an event" format "$capture"
of_plugin "events of a plugin" "events that a plugin makes, read by libsinsp" source 5000000
of_plugin "fields read by a plugin" "a plugin reads a field of a thread by the tables of the plugin API" read "$capture"
of_plugin "fields written by a plugin" "it writes one" write "$capture"
of_plugin "files read by a plugin" "it reads a field of a file in the table of a thread" nested "$capture"
of_plugin "threads a plugin iterates" "it walks over the table of threads" iterate "$capture"
