#!/usr/bin/env bash
# Builds the example sinsp-example as its users do, and runs it on a capture and on this machine: test.sh PREFIX. Prints failures and a count.
. "$(dirname "$0")/../common.sh"
source=$here/../../examples/sinsp-example
pid=
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT

by_cmake() {
	cmake -S "$source" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_FLAGS=-Werror -Dlibsinsp_STATIC=ON && cmake --build "$work/build" &&
		"$work/build/sinsp-example" --help
}
by_pkgconfig() {
	# shellcheck disable=SC2046
	"$1" -std=c++17 -O1 -Wall -Wextra -Wpedantic -Werror -o "$work/sinsp-example" "$source"/*.cpp $(flags libsinsp)
}
check "by CMake, static" by_cmake
if command -v clang++ >/dev/null; then
	check "with clang" by_pkgconfig clang++
else
	check "with g++" by_pkgconfig g++
fi
[ -x "$work/sinsp-example" ] || finish
example() { "$work/sinsp-example" "$@" >"$work/out" 2>"$work/errors"; }

# The capture has 1302 events.
text() {
	example -r "$capture" && [ "$(wc -l <"$work/out")" = 1302 ] && grep -q '^1302 events read, 1302 of them match$' "$work/errors" &&
		grep -qE '^5 22:01:09\.130084884 0 sh 16105 < openat fd=3\(<f>/etc/ld.so.cache\) ' "$work/out"
}
json() {
	example -r "$capture" -q -j evt.type=connect && [ ! -s "$work/errors" ] && [ "$(wc -l <"$work/out")" = 3 ] && python3 - "$work/out" <<'END'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
assert [e["evt.num"] for e in events] == [1027, 1030, 1058], events
assert all(e["proc.name"] == "bash" and e["evt.type"] == "connect" for e in events), events
END
}
filtered() {
	example -r "$capture" -f 'evt.type = openat and proc.name = cat' -o '%proc.name %fd.name' && [ "$(sort -u "$work/out" | grep -vc '^cat /')" = 0 ] &&
		[ "$(wc -l <"$work/out")" -gt 5 ] && mv "$work/out" "$work/by-option" &&
		example -o '%proc.name %fd.name' -r "$capture" 'evt.type = openat and proc.name = cat' && diff "$work/by-option" "$work/out"
}
limited() {
	example -r "$capture" -n 2 evt.type=connect && [ "$(wc -l <"$work/out")" = 2 ] && grep -qE '^[0-9]+ events read, 2 of them match$' "$work/errors"
}
check "text" text
check "JSON" json
check "a filter and a format" filtered
check "two events" limited

# table FIELD TITLE: the rows of a table of the summary are the counts of the printed lines.
table() {
	example -r "$capture" -o "%$1" 'proc.name != sh' || return 1
	# Some files and pipes have no name.
	sed -i '/^$/d' "$work/out"
	sort "$work/out" | uniq -c | awk '{n = $1; sub(/^ *[0-9]+ /, ""); print n, $0}' | sort >"$work/counts"
	awk -v title="$2" '/^ +events +% /{table = index($0, title); next} /^$/{table = 0} table && !/ others\)$/{n = $1; sub(/^ *[0-9]+ +[0-9.]+% +/, ""); print n, $0}' \
		"$work/errors" | sort >"$work/rows"
	local sum
	sum=$(awk -v title="$2" '/^ +events +% /{table = index($0, title); next} /^$/{table = 0} table {n += $1} END {print n}' "$work/errors")
	# Every row is a count, no count that is left out is larger, and all of them are in the sum.
	[ "$(wc -l <"$work/rows")" -ge 7 ] && [ -z "$(comm -13 "$work/counts" "$work/rows")" ] && [ "$sum" = "$(wc -l <"$work/out")" ] &&
		[ "$(comm -23 "$work/counts" "$work/rows" | sort -rn | head -n 1 | cut -d' ' -f1 | grep . || echo 0)" -le "$(sort -n "$work/rows" | head -n 1 | cut -d' ' -f1)" ]
}
check "the table of processes" table proc.name process
check "the table of files" table fd.name "file or connection"
check "the table of calls" table evt.type "call or other event"

# What is written is what is read.
written() {
	local format='*%evt.time %proc.name %thread.tid %evt.type %fd.name %evt.args'
	example -r "$capture" -q -o "$format" && mv "$work/out" "$work/all" && example -r "$capture" -w "$work/copy.scap" && [ ! -s "$work/out" ] &&
		grep -q "^1302 events written to $work/copy.scap$" "$work/errors" && example -r "$work/copy.scap" -o "$format" && diff "$work/all" "$work/out"
}
some_written() {
	example -r "$capture" -p -z -w "$work/some.scap" -o '*%evt.time %evt.type' evt.type=execve && mv "$work/out" "$work/execs" &&
		[ "$(wc -l <"$work/execs")" = 17 ] && [ "$(head -c 2 "$work/some.scap" | od -An -tx1)" = " 1f 8b" ] &&
		example -r "$work/some.scap" -o '*%evt.time %evt.type' && diff "$work/execs" "$work/out"
}
check "a copy" written
check "a copy of some" some_written

fields_listed() {
	example --list fields && grep -qE '^proc\.name ' "$work/out" && grep -qE '^fd\.sport ' "$work/out" && [ "$(grep -cE '^[a-z]+\.[a-z_.0-9]+' "$work/out")" -gt 200 ]
}
events_listed() {
	example --list events && grep -qxE '< openat\(FD fd, FD dirfd, FSRELPATH name, FLAGS32 flags, UINT32 mode, UINT32 dev, UINT64 ino\)' "$work/out" &&
		[ "$(grep -cE '^[<>] [a-zA-Z0-9_]+\(.*\)$' "$work/out")" -gt 150 ]
}
helps() {
	example --help && [ ! -s "$work/errors" ] && [ "$(grep -cE '^  -[a-z], --[a-z-]+ ' "$work/out")" = 12 ]
}
check "the list of fields" fields_listed
check "the list of events" events_listed
check "--help" helps

# refused STATUS TEXT OPTION...: the program prints nothing but one message that contains TEXT, and exits with STATUS.
refused() {
	local status=$1 text=$2
	shift 2
	example "$@"
	[ $? = "$status" ] && [ ! -s "$work/out" ] && grep -qE "^sinsp-example: .*$text" "$work/errors" || {
		cat "$work/errors"
		return 1
	}
}
check "an unknown option" refused 2 "'--nothing'" --nothing
check "a stray word" refused 2 "'stray'" evt.type=open stray
check "no value" refused 2 "--read takes a value" --read
check "no value of a letter" refused 2 "-o takes a value" -o
check "a wrong number" refused 2 "--num-events takes .* not '-1'" -n -1
check "a wrong list" refused 2 "--list takes .* not 'all'" --list all
check "two sources" refused 2 "more than one source" -k -r x
check "--gzip alone" refused 2 "without a file to write" -z
check "a wrong field in the filter" refused 1 "did you mean 'proc.name'" -r "$capture" 'proc.nam = x'
check "a filter that does not end" refused 1 "expected|operator|end" -r "$capture" 'proc.name ='
check "a wrong field in the format" refused 1 "proc.nam" -r "$capture" -o '%proc.nam'
check "a missing file" refused 1 "$work/none: No such file or directory" -r "$work/none"
check "no capture" refused 1 "test.sh" -r "$0"
check "a file that cannot be made" refused 1 "$work/none/x.*No such file or directory" -r "$capture" -w "$work/none/x"
cp "$capture" "$work/own.scap"
check "the file that is read" refused 1 "own.scap is the file that is read" -r "$work/own.scap" -w "$work/own.scap"
check "it is unharmed" cmp "$capture" "$work/own.scap"
full() {
	"$work/sinsp-example" -r "$capture" >/dev/full 2>"$work/errors"
	[ $? = 1 ] && grep -q "^sinsp-example: cannot write: No space left on device" "$work/errors"
}
check "a full disk" full
cut_short() {
	gzip -dc "$capture" | head -c 40000 >"$work/cut.scap"
	example -r "$work/cut.scap"
	[ $? = 1 ] && [ "$(wc -l <"$work/out")" -gt 500 ] && grep -qE '^[0-9]{3} events read' "$work/errors" && tail -n 1 "$work/errors" | grep -q "^sinsp-example: .*cut.scap"
}
check "a capture that is cut" cut_short

# A program that is started while it captures is seen, and Ctrl-C ends it.
live() {
	"$work/sinsp-example" -p -w "$work/live.scap" -o '%proc.name %evt.type %evt.time' 'evt.type = execve and proc.name = cksum' >"$work/out" 2>"$work/errors" &
	pid=$!
	local i status
	for ((i = 0; i < 600; i++)); do
		cksum </dev/null >/dev/null
		[ ! -s "$work/out" ] && kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	kill -INT $pid
	wait $pid
	status=$?
	pid=
	cat "$work/errors"
	[ $status = 0 ] && grep -qE '^cksum execve [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}$' "$work/out" &&
		grep -qE '^[1-9][0-9]* events read, [1-9][0-9]* of them match; [0-9]+ lost$' "$work/errors" && mv "$work/out" "$work/lines" &&
		example -r "$work/live.scap" -o '%proc.name %evt.type %evt.time' && diff "$work/lines" "$work/out"
}
if example -n 0; then
	check "live" live
elif grep -qE 'CAP_|not permitted|Permission denied|BTF' "$work/errors"; then
	skip "live: $(sed -n 's/^sinsp-example: //p' "$work/errors" | head -n 1)"
else
	check "live" cat "$work/errors" /missing
fi
finish
