#!/usr/bin/env bash
# The programs in examples/, built as their users do and run: test.sh PREFIX. Prints failures and a count.
. "$(dirname "$0")/../common.sh"
root=$(cd "$here/../.." && pwd)
export LIBSINSP=$prefix/lib/libfalcosecurity-rs.so.1

# built COMPILER SOURCE PACKAGE: each with warnings as errors.
built() {
	local standard=-std=c++17
	[ "${2##*.}" = c ] && standard=-std=c11
	# shellcheck disable=SC2046
	"$1" $standard -O1 -Wall -Wextra -Wpedantic -Werror -o "$work/$(basename "${2%.*}")" "$root/examples/$2" $(flags "$3")
}
declare -A plusplus=([gcc]=g++ [clang]=clang++)
for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	check "counter.c, $compiler" built $compiler counter.c libscap
	check "filter.c, $compiler" built $compiler filter.c libsinsp
	check "monitor.cpp, $compiler" built "${plusplus[$compiler]}" monitor.cpp libsinsp
done
check "filter.rs" cargo build -q --release --locked --manifest-path "$root/Cargo.toml" -p sinsp-core --example filter
cp "$root/target/release/examples/filter" "$work/filter-rs" 2>/dev/null
filter_py() { python3 "$root/examples/filter.py" "$@"; }

# The capture has 1302 events; its counts are those that scap-open prints.
counts() {
	"$work/counter" "$capture" >"$work/counts" && [ "$(awk '{ n += $1 } END { print n }' "$work/counts")" = 1302 ] &&
		grep -qE '^ +17 < execve$' "$work/counts" && grep -qE '^ +17 > procexit$' "$work/counts"
}
check "the counter" counts

# What the filter prints is the same in the three languages; so is what goes wrong.
filters() {
	local program expected='1058 22:01:09.146967793 bash connect res=-111(ECONNREFUSED) tuple=NULL fd=3(<4>) addr=127.0.0.1:9'
	for program in "$work/filter" "$work/filter-rs" filter_py; do
		"$program" "$capture" 'evt.type = connect and evt.failed = true' >"$work/lines" && [ "$(tail -n 1 "$work/lines")" = "$expected" ] &&
			[ "$(wc -l <"$work/lines")" -gt 2 ] || { echo "$program"; cat "$work/lines"; return 1; }
		[ "$("$program" "$capture" 'evt.num = 5' '%evt.num %proc.pid')" = "$("$work/filter" "$capture" 'evt.num = 5' '%evt.num %proc.pid')" ] || return 1
	done
}
refused() {
	local program message=$1
	shift
	for program in "$work/filter" "$work/filter-rs" filter_py; do
		"$program" "$@" >"$work/lines" 2>"$work/errors" && { echo "$program succeeds"; return 1; }
		[ ! -s "$work/lines" ] && grep -qF "$message" "$work/errors" || { echo "$program"; cat "$work/errors"; return 1; }
	done
}
check "the filter in three languages" filters
check "a wrong field" refused "nonexistent field proc.nam (did you mean 'proc.name'" "$capture" 'proc.nam = x'
check "a wrong format" refused "fd.nam" "$capture" 'fd.name exists' '%fd.nam'
check "a missing file" refused "cannot open $work/none: No such file or directory" "$work/none" 'fd.name exists'
check "no arguments" refused "usage: filter"

# The page's commands are those of this test, and its filters compile.
documented() {
	local line commands=('c++ -std=c++17 -o monitor examples/monitor.cpp $(pkg-config --cflags --libs libsinsp)' 'cc -o filter examples/filter.c $(pkg-config'
		'cc -o counter examples/counter.c $(pkg-config --cflags --libs libscap)' "./filter CAPTURE 'evt.type = connect' '%proc.name %fd.name'")
	for line in "${commands[@]}"; do
		grep -qF "$line" "$root/docs/using.md" || { echo "not in using.md: $line"; return 1; }
	done
	cd "$root" && eval "cc -o $work/page $(sed -nE 's|^    cc -o filter (.*)-Wl,.*|\1|p' docs/using.md) -Wl,-rpath,$prefix/lib" && "$work/page" "$capture" 'evt.type = connect' '%proc.name %fd.name' | grep -q '^bash '
}
filters_of_the_page() {
	local filter count=0
	while IFS= read -r filter; do
		"$work/filter" "$capture" "$filter" >/dev/null || { echo "$filter"; return 1; }
		count=$((count + 1))
	done < <(sed -n '/^```filter$/,/^```$/{/^```/d;p}' "$root/docs/using.md")
	[ $count -ge 20 ] || { echo "$count filters"; return 1; }
}
# Its C++ compiles within a function that has a path.
cpp_of_the_page() {
	{
		echo '#include <libsinsp/sinsp.h>'
		echo 'void of_the_page(const std::string& path) {'
		sed -n '/^```cpp$/,/^```$/{/^```/d;p}' "$root/docs/using.md"
		echo '}'
	} >"$work/page.cpp"
	[ "$(wc -l <"$work/page.cpp")" -gt 10 ] && c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only $(flags libsinsp) "$work/page.cpp"
}
check "the page's C++" cpp_of_the_page
check "the page's commands" documented
check "the page's filters" filters_of_the_page

# The monitor sees a program that is started while it runs, and ends by Ctrl-C.
start_monitor() {
	"$work/monitor" 'evt.type = execve and proc.name = cksum' >"$work/lines" 2>"$work/errors" &
	monitor=$!
	local i
	for ((i = 0; i < 600; i++)); do
		cksum </dev/null >/dev/null
		[ ! -s "$work/lines" ] && kill -0 $monitor 2>/dev/null || break
		sleep 0.1
	done
	kill -INT $monitor 2>/dev/null
	wait $monitor
}
monitored() {
	head -n 1 "$work/lines" | python3 -c 'import json, sys; e = json.loads(sys.stdin.readline()); assert e["proc.name"] == "cksum" and e["evt.type"] == "execve", e' &&
		grep -qE '^[1-9][0-9]* events shown of [1-9][0-9]*; [0-9]+ lost$' "$work/errors" || { cat "$work/errors"; return 1; }
}
start_monitor
if grep -qE 'CAP_|Operation not permitted|Permission denied|BTF' "$work/errors"; then
	skip "the monitor: $(head -n 1 "$work/errors")"
else
	check "the monitor" monitored
fi
finish
