#!/usr/bin/env bash
# The file of a capture whose program is killed, or whose disk is full: test.sh PREFIX. Prints what failed,
# and a count.
. "$(dirname "$0")/../common.sh"

compile() {
	# shellcheck disable=SC2046
	"$1" -std=c++17 -O2 -Wall -Wextra -pedantic -Werror -o "$work/dumper-$1" "$here/dumper.cpp" $(flags libsinsp libscap)
}
check "it compiles" compile "${CXX:-g++}"
if command -v clang++ >/dev/null; then
	check "it compiles, clang++" compile clang++
fi
program=$work/dumper-${CXX:-g++}

if [ "$(id -u)" = 0 ] && unshare -m sh -c "mkdir -p $work/small && mount -t tmpfs -o size=2m none $work/small" 2>"$work/log"; then
	counted dumper unshare -m sh -c 'mount -t tmpfs -o size=2m none "$3/small" && exec "$0" "$1" "$2" "$3/small"' "$program" "$capture" "$work" "$work"
else
	skip "no small disk: a file system cannot be mounted here"
	counted dumper "$program" "$capture" "$work"
fi
finish
