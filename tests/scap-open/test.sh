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

# The capture has 1302 events of 72125 bytes; what prints, counts and sums up must agree. Events alone are on the standard output.
facts() {
	scap_open --scap_file "$capture" --evt_type all && grep -q '^Read: 1302 events, 72125 bytes (55 an event)' "$work/errors" &&
		[ "$(wc -l <"$work/out")" = 1302 ] &&
		[ "$(grep -cE '^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9} cpu=[0-9]+ tid=[0-9]+ comm="[a-z]+" [<>] ' "$work/out")" = 1302 ] &&
		[ "$(sed -nE 's/.* cpu=.* len=([0-9]+) params=.*/\1/p' "$work/out" | awk '{n += $1} END {print n}')" = 72125 ] &&
		[ "$(awk '/^ +enter +exit /{table = 1; next} table {n += $1 + $2} END {print n}' "$work/errors")" = 1302 ] &&
		[ "$(awk '/^ +events +% /{table = 1; next} /^$/{table = 0} table {n += $1} END {print n}' "$work/errors")" = 1302 ]
}
# The rows of the processes are counts of the printed lines.
processes() {
	awk '/^ +events +% /{table = 1; next} /^$/{table = 0} table {print $1, $3}' "$work/errors" | sort >"$work/rows"
	sed -nE 's/.* comm="([a-z]+)" .*/\1/p' "$work/out" | sort | uniq -c | awk '{print $1, $2}' | sort | diff - "$work/rows"
}
# Lines about the workload's events.
lines() {
	scap_open -r "$capture" -e all --time epoch || return 1
	local line
	for line in '^ +0 +17  execve$' '^ +0 +24  vfork$' '^ +17 +0  sched_process_exit$' '^ +0 +235  mmap$' '^ +303 +23.3%  sh$'; do
		grep -qE "$line" "$work/errors" || {
			echo "no row like: $line"
			return 1
		}
	done
	for line in \
		'^1795298469129927104 cpu=0 tid=16105 comm="sh" < execve\(293\) len=334 params=31 res:8=0 exe:8="/bin/sh" args:3="-s\\x00" ' \
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
check "its processes" processes
check "its events" lines

count() { # count WANTED OPTION...: how many events are printed
	local wanted=$1
	shift
	scap_open --scap_file "$capture" "$@" && [ "$(wc -l <"$work/out")" = "$wanted" ]
}
check "no event is printed by default" count 0
check "one type by code" count 17 --evt_type 293
check "one type by name" count 17 --evt_type execve
check "two types" count 104 --evt_type execve --evt_type openat
check "none after all" count 0 --evt_type all --evt_type -1
check "the first 100" count 100 --evt_type all --num_events=100
check "the first 0" count 0 --evt_type all --num_events 0
check "all, by short options" count 100 -p -n 100
check "a thread" count 113 --tid 16122
check "two names" count 480 --comm mv --comm cat
check "a name and a type" count 21 --comm mv -e openat
check "none after -1" count 0 -e all -e -1 -n 10

# What is written is what is read; selected events alone, if some are.
written() {
	scap_open -r "$capture" -p -q && [ ! -s "$work/errors" ] && mv "$work/out" "$work/all" && scap_open -r "$capture" -w "$work/copy.scap" &&
		[ ! -s "$work/out" ] && grep -q "^Written: 1302 events to $work/copy.scap$" "$work/errors" && scap_open -r "$work/copy.scap" -p &&
		diff "$work/all" "$work/out" || return 1
	scap_open -r "$capture" -w "$work/some.scap" -z --comm cat -p && mv "$work/out" "$work/cats" && scap_open -r "$work/some.scap" -p &&
		grep ' comm="cat" ' "$work/all" | diff - "$work/cats" && [ "$(wc -l <"$work/out")" = 222 ] &&
		[ "$(head -c 2 "$work/some.scap" | od -An -tx1)" = " 1f 8b" ]
}
piped() {
	"$work/scap-open" -r "$capture" -w - -q | "$work/scap-open" -r - -p -q | diff "$work/all" -
}
# times FORMAT LINE: the first lines with this format of time.
times() {
	TZ=UTC scap_open -r "$capture" -e execve --time "$1" && head -n "$3" "$work/out" | tail -n 1 | grep -qE "^$2 cpu=" || {
		head -n "$3" "$work/out"
		return 1
	}
}
check "a copy" written
check "a copy by pipes" piped
check "--time clock" times clock '22:01:09\.129927104' 1
check "--time date" times date '2026-11-21T22:01:09\.129927104\+0000' 1
check "--time relative, first" times relative '0\.000000000' 1
check "--time relative" times relative '0\.000589330' 2

cut_short() {
	gzip -dc "$capture" | head -c 40000 >"$work/cut.scap"
	scap_open --scap_file "$work/cut.scap"
	[ $? = 1 ] && [ ! -s "$work/out" ] && grep -qE '^Read: [0-9]{3} events' "$work/errors" && grep -qE '^scap-open: after [0-9]{3} events: .' "$work/errors"
}
check "a capture that is cut" cut_short

listed() {
	scap_open --print_syscalls && [ "$(grep -cE '^ *[0-9]+ +([0-9]+|-)  [a-z_0-9]+$' "$work/out")" -gt 400 ] &&
		grep -qE ' sched_switch$' "$work/out"
}
events_listed() {
	scap_open --list && [ ! -s "$work/errors" ] && [ "$(grep -cE '^ *[0-9]+  [<>] [a-zA-Z_0-9]+\(.*\)(  \(old\))?$' "$work/out")" -gt 400 ] &&
		grep -qE '^ 307  < openat\(fd, dirfd, name, flags, mode, dev, ino\)$' "$work/out"
}
helps() {
	scap_open "$1" && [ ! -s "$work/errors" ] || return 1
	local option
	for option in -r,\ --read -w,\ --write -z,\ --gzip -p,\ --print -t,\ --time -l,\ --list -q,\ --quiet --tid --comm --kmod --modern_bpf --scap_file --ppm_sc --num_events --evt_type --buffer_dim --simple_set --cpus_for_buf \
		--available_cpus --drop-failed --verbose --print_syscalls --help; do
		grep -qE "^  (-., )?$option " "$work/out" || return 1
	done
}
check "the list of calls" listed
check "the list of events" events_listed
check "--help" helps --help
check "-h" helps -h

# refused STATUS TEXT OPTION...: the program prints nothing but one line that contains TEXT, and exits with STATUS.
refused() {
	local status=$1 text=$2
	shift 2
	scap_open -q "$@"
	[ $? = "$status" ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/errors")" = 1 ] && grep -qE "^scap-open: .*$text" "$work/errors" || {
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
check "--gzip alone" refused 2 "without a file to write" --modern_bpf -z
check "a wrong time" refused 2 "--time takes clock, date, epoch or relative, not 'now'" --modern_bpf -t now
check "a wrong tid" refused 2 "--tid takes .* not 'x'" --modern_bpf --tid x
check "--tp" refused 2 "--ppm_sc" --tp 1
for value in "num_events many" "num_events -1" "num_events 99999999999999999999" "evt_type 60000" "evt_type nothing" "ppm_sc 60000" \
	"ppm_sc nothing" "ppm_sc 0" "buffer_dim 0" "buffer_dim 1k" "cpus_for_buf 65536" "verbose 0" "verbose 9"; do
	# shellcheck disable=SC2086
	check "--$value" refused 2 "--${value% *} takes .* not '${value#* }'" --modern_bpf --$value
done
check "a missing file" refused 1 "No such file or directory" --scap_file "$work/missing"
check "no capture" refused 1 "not a capture" --scap_file "$0"
[ -e /sys/module/scap ] || check "the kernel module" refused 1 "load the kernel module scap" --kmod
check "a file that cannot be made" refused 1 "$work/none/x.* No such file or directory" -r "$capture" -w "$work/none/x"
cp "$capture" "$work/own.scap"
check "the file that is read" refused 1 "own.scap: is the file that is read" -r "$work/own.scap" -w "$work/own.scap"
check "it is unharmed" cmp "$capture" "$work/own.scap"
check "a full file" refused 1 "/dev/full: No space left on device" -r "$capture" -w /dev/full
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
	"${drop[@]}" "$work/scap-open" --modern_bpf -q >"$work/out" 2>"$work/errors"
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
	"$work/scap-open" --modern_bpf --ppm_sc openat --ppm_sc execve -e openat -e execve -w "$work/live.scap" -p >"$work/out" 2>"$work/errors" &
	pid=$!
	local tries
	for tries in $(seq 600); do
		grep -q '^Capturing' "$work/errors" && break
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	: >"$work/opened-$signal"
	cat "$work/opened-$signal"
	for tries in $(seq 100); do
		grep -qE " comm=\"cat\" < openat\(307\) .* name:[0-9]+=\"$work/opened-$signal\" flags:4=0x[0-9A-F]+\(O_RDONLY" "$work/out" && break
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
	[ "$status" = 0 ] && [ "$tries" -lt 100 ] && ! grep -q '^scap-open: ' "$work/errors" && grep -qE '^Read: [1-9][0-9]* events' "$work/errors" &&
		grep -qE '^At the start: [1-9][0-9]* threads and [1-9][0-9]* fds$' "$work/errors" &&
		grep -qE '^Driver: [1-9][0-9]* events seen .* 0 dropped$' "$work/errors" && grep -qE '^  n_evts +[1-9]' "$work/errors" &&
		grep -qE '^ +[0-9]+ +[1-9][0-9]*  openat$' "$work/errors" && ! grep -qE '^ +[0-9]+ +[0-9]+  read$' "$work/errors" || return 1
	# The file has the threads and the events.
	mv "$work/out" "$work/lines" && scap_open -r "$work/live.scap" -p && diff "$work/lines" "$work/out" &&
		grep -qE '^At the start: [1-9][0-9]* threads and [1-9][0-9]* fds$' "$work/errors"
}
# Makes system calls itself: a quiet machine may have no others.
limited() {
	while sleep 0.1; do cat /dev/null; done &
	local busy=$!
	scap_open --modern_bpf --simple_set --drop-failed --available_cpus --cpus_for_buf 0 --buffer_dim 1048576 --num_events 20 --evt_type all
	local status=$?
	kill "$busy"
	wait "$busy" 2>/dev/null
	[ "$status" = 0 ] && [ "$(wc -l <"$work/out")" = 20 ] && grep -q '^Read: 20 events' "$work/errors"
}
nothing() {
	scap_open --modern_bpf --ppm_sc -1 --num_events 0 && [ ! -s "$work/out" ] && grep -q '^Captured: nothing$' "$work/errors" &&
		grep -q '^Read: 0 events' "$work/errors"
}
if scap_open --modern_bpf --num_events 0; then
	check "live, interrupted" live INT
	check "live, terminated" live TERM
	check "live, 20 events" limited
	check "live, nothing" nothing
elif grep -qE 'CAP_|not permitted|BTF' "$work/errors"; then
	skip "live: $(sed -n 's/^scap-open: //p' "$work/errors" | head -n 1)"
else
	check "live" cat "$work/errors" /missing
fi

finish
