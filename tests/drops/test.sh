#!/usr/bin/env bash
# Dropped events by system call, in C and C++: test.sh PREFIX. Prints failures and a count.
. "$(dirname "$0")/../common.sh"

in_c() {
	# shellcheck disable=SC2046
	"$1" -std=gnu11 -O1 -g -Wall -Wextra -Wpedantic -Werror -fsanitize=address,undefined -o "$work/in_c" "$here/drops.c" $(flags libscap libsinsp)
}
in_cpp() {
	# shellcheck disable=SC2046
	"$1" -std=c++17 -O1 -g -Wall -Wextra -pedantic -Werror -o "$work/in_cpp" "$here/drops.cpp" $(flags libsinsp libscap)
}
check "drops.c compiles" in_c "${CC:-gcc}"
[ ! -x "$work/in_c" ] || counted "drops in C" "$work/in_c" "$capture"
command -v clang++ >/dev/null && check "drops.cpp compiles, clang++" in_cpp clang++
check "drops.cpp compiles" in_cpp "${CXX:-g++}"
[ ! -x "$work/in_cpp" ] || counted "drops in C++" "$work/in_cpp" "$capture"
finish
