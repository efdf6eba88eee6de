#!/usr/bin/env bash
# Builds the example scap-open as its users do, and runs it on a capture and on this machine: test.sh PREFIX. Prints failures
# and a count.
. "$(dirname "$0")/../common.sh"
source=$here/../../capi/examples/scap-open
pid=
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT

# Built by pkg-config with each compiler, and by CMake.
by_pkgconfig() {
	# shellcheck disable=SC2046
	"$1" -std=c11 -O1 -Wall -Wextra -Wpedantic -Werror $2 -o "$work/scap-open" "$source"/*.c $(flags libscap)
}
by_cmake() {
	cmake -S "$source" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_FLAGS=-Werror -Dlibscap_STATIC="$1" &&
		cmake --build "$work/build" && "$work/build/scap-open" --help
}
check "by CMake" by_cmake OFF
check "by CMake, static" by_cmake ON
if command -v clang >/dev/null; then
	check "with clang" by_pkgconfig clang ""
fi
check "with gcc and the sanitizers" by_pkgconfig gcc "-fsanitize=address,undefined -fno-sanitize-recover=undefined"
[ -x "$work/scap-open" ] || finish
scap_open() { "$work/scap-open" "$@" >"$work/out" 2>"$work/errors"; }

# The capture has 1302 events of 72125 bytes; three options that print, count and sum up must agree.
facts() {
	scap_open --scap_file "$capture" --evt_type all && [ ! -s "$work/errors" ] &&
		grep -q '^Read: 1302 events, 72125 bytes (55 an event)' "$work/out" &&
		[ "$(grep -cE '^[0-9]+ cpu=[0-9]+ tid=[0-9]+ [<>] ' "$work/out")" = 1302 ] &&
		[ "$(sed -nE 's/^[0-9]+ cpu=.* len=([0-9]+) params=.*/\1/p' "$work/out" | awk '{n += $1} END {print n}')" = 72125 ] &&
		[ "$(awk '/^ +enter +exit /{table = 1; next} table {n += $1 + $2} END {print n}' "$work/out")" = 1302 ]
}
# Lines about the workload's events.
lines() {
	local line
	for line in \
		'^ +0 +17  execve$' '^ +0 +24  vfork$' '^ +17 +0  sched_process_exit$' '^ +0 +235  mmap$' \
		'^1795298469129927104 cpu=0 tid=16105 < execve\(293\) len=334 params=31 res:8=0 exe:8="/bin/sh" args:3="-s\\x00" ' \
		' < openat\(307\) len=[0-9]+ params=7 fd:8=[0-9]+ dirfd:8=-100 name:[0-9]+="/tmp/[^"]*/file1" flags:4=0x[0-9A-F]+\(O_RDONLY' \
		' < connect\(23\) .* addr:7=127\.0\.0\.1:9' \
		' < syscall\(1\) len=34 params=2 ID:2=55\(mmap\) nativeID:2=9$' \
		' > procexit\(186\) '; do
		grep -qE "$line" "$work/out" || {
			echo "no line like: $line"
			return 1
		}
	done
}
check "a capture" facts
check "its events" lines

count() { # count WANTED OPTION...: how many events are printed
	local wanted=$1
	shift
	scap_open --scap_file "$capture" "$@" && [ "$(grep -cE '^[0-9]+ cpu=' "$work/out")" = "$wanted" ]
}
check "no event is printed by default" count 0
check "one type by code" count 17 --evt_type 293
check "one type by name" count 17 --evt_type execve
check "two types" count 104 --evt_type execve --evt_type openat
check "none after all" count 0 --evt_type all --evt_type -1
check "the first 100" count 100 --evt_type all --num_events=100
check "the first 0" count 0 --evt_type all --num_events 0

cut_short() {
	gzip -dc "$capture" | head -c 40000 >"$work/cut.scap"
	scap_open --scap_file "$work/cut.scap"
	[ $? = 1 ] && grep -qE '^Read: [0-9]{3} events' "$work/out" && grep -qE '^scap-open: after [0-9]{3} events: .' "$work/errors"
}
check "a capture that is cut" cut_short

listed() {
	scap_open --print_syscalls && [ "$(grep -cE '^ *[0-9]+ +([0-9]+|-)  [a-z_0-9]+$' "$work/out")" -gt 400 ] &&
		grep -qE ' sched_switch$' "$work/out"
}
helps() {
	scap_open "$1" && [ ! -s "$work/errors" ] || return 1
	local option
	for option in --kmod --modern_bpf --scap_file --ppm_sc --num_events --evt_type --buffer_dim --simple_set --cpus_for_buf \
		--available_cpus --drop-failed --verbose --print_syscalls --help; do
		grep -qE "^  (-h, )?$option " "$work/out" || return 1
	done
}
check "the list of calls" listed
check "--help" helps --help
check "-h" helps -h

# refused STATUS TEXT OPTION...: the program prints one line that contains TEXT, and exits with STATUS.
refused() {
	local status=$1 text=$2
	shift 2
	scap_open "$@"
	[ $? = "$status" ] && [ "$(wc -l <"$work/errors")" = 1 ] && grep -qE "^scap-open: .*$text" "$work/errors" || {
		cat "$work/errors"
		return 1
	}
}
check "no source" refused 2 "no source"
check "two sources" refused 2 "more than one source" --modern_bpf --scap_file x
check "an unknown option" refused 2 "'--nothing'" --modern_bpf --nothing
check "an unknown letter" refused 2 "'-x'" -x
check "a stray word" refused 2 "'stray'" --modern_bpf stray
check "no value" refused 2 "--scap_file takes a value" --scap_file
check "a value too much" refused 2 "--kmod takes no value" --kmod=1
check "--tp" refused 2 "--ppm_sc" --tp 1
for value in "num_events many" "num_events -1" "num_events 99999999999999999999" "evt_type 60000" "evt_type nothing" "ppm_sc 60000" \
	"ppm_sc nothing" "ppm_sc 0" "buffer_dim 0" "buffer_dim 1k" "cpus_for_buf 65536" "verbose 0" "verbose 9"; do
	# shellcheck disable=SC2086
	check "--$value" refused 2 "--${value% *} takes .* not '${value#* }'" --modern_bpf --$value
done
check "a missing file" refused 1 "No such file or directory" --scap_file "$work/missing"
check "no capture" refused 1 "not a capture" --scap_file "$0"
[ -e /sys/module/scap ] || check "the kernel module" refused 1 "load the kernel module scap" --kmod
check "a size that cannot be" refused 1 "100 bytes" --modern_bpf --buffer_dim 100
full() {
	"$work/scap-open" --scap_file "$capture" --evt_type all >/dev/full 2>"$work/errors"
	[ $? = 1 ] && grep -q "cannot write: No space left on device" "$work/errors"
}
check "a full disk" full

# Runs a command as root without capabilities.
unprivileged() {
	local drop=()
	[ "$(id -u)" != 0 ] || drop=(setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all)
	"${drop[@]}" "$work/scap-open" --modern_bpf >"$work/out" 2>"$work/errors"
	[ $? = 1 ] && [ "$(wc -l <"$work/errors")" = 1 ] && grep -qE '^scap-open: the BPF probe: .*CAP_BPF' "$work/errors" || {
		cat "$work/errors"
		return 1
	}
}
if [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null; then
	check "no privilege" unprivileged
else
	skip "setpriv is missing"
fi

# live SIGNAL: captures open events while a file is opened, and ends by SIGNAL.
live() {
	local signal=$1
	"$work/scap-open" --modern_bpf --ppm_sc openat --evt_type openat >"$work/out" 2>"$work/errors" &
	pid=$!
	local tries
	for tries in $(seq 600); do
		grep -q '^Capturing' "$work/out" && break
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	: >"$work/opened-$signal"
	cat "$work/opened-$signal"
	for tries in $(seq 100); do
		grep -qE " < openat\(307\) .* name:[0-9]+=\"$work/opened-$signal\" flags:4=0x[0-9A-F]+\(O_RDONLY" "$work/out" && break
		sleep 0.1
	done
	[ "$tries" -lt 100 ] || echo "the file was not seen"
	kill -"$signal" "$pid"
	local status
	wait "$pid"
	status=$?
	pid=
	cat "$work/errors"
	tail -n 3 "$work/out"
	[ "$status" = 0 ] && [ "$tries" -lt 100 ] && [ ! -s "$work/errors" ] && grep -qE '^Read: [1-9][0-9]* events' "$work/out" &&
		grep -qE '^Driver: [1-9][0-9]* events seen .* 0 dropped$' "$work/out" && grep -qE '^  n_evts +[1-9]' "$work/out" &&
		grep -qE '^ +[0-9]+ +[1-9][0-9]*  openat$' "$work/out" && ! grep -qE '^ +[0-9]+ +[0-9]+  read$' "$work/out"
}
# Makes system calls itself: a quiet machine may have no others.
limited() {
	while sleep 0.1; do cat /dev/null; done &
	local busy=$!
	scap_open --modern_bpf --simple_set --drop-failed --available_cpus --cpus_for_buf 0 --buffer_dim 1048576 --num_events 20 --evt_type all
	local status=$?
	kill "$busy"
	wait "$busy" 2>/dev/null
	[ "$status" = 0 ] && [ "$(grep -cE '^[0-9]+ cpu=' "$work/out")" = 20 ] && grep -q '^Read: 20 events' "$work/out"
}
nothing() {
	scap_open --modern_bpf --ppm_sc -1 --num_events 0 && grep -q '^Captured: nothing$' "$work/out" && grep -q '^Read: 0 events' "$work/out"
}
if scap_open --modern_bpf --num_events 0; then
	check "live, interrupted" live INT
	check "live, terminated" live TERM
	check "live, 20 events" limited
	check "live, nothing" nothing
elif grep -qE 'CAP_|not permitted|BTF' "$work/errors"; then
	skip "live: $(cut -d' ' -f2- "$work/errors" | head -n 1)"
else
	check "live" cat "$work/errors" /missing
fi

finish
