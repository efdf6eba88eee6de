#!/usr/bin/env bash
# Leaving out in the kernel what no filter wants: test.sh PREFIX. Prints failures and a count.
. "$(dirname "$0")/../common.sh"

compile() {
	# shellcheck disable=SC2046
	"$1" -std=c++17 -O1 -g -Wall -Wextra -pedantic -Werror -o "$work/selection" "$here/selection.cpp" $(flags libsinsp libscap)
}
command -v clang++ >/dev/null && check "it compiles, clang++" compile clang++
check "it compiles" compile "${CXX:-g++}"
[ ! -x "$work/selection" ] || counted selection "$work/selection" "$capture"
finish
