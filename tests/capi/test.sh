#!/usr/bin/env bash
# Programs in C that use libsinsp's C ABI, on the recorded capture: test.sh PREFIX. Prints failures and a count.
. "$(dirname "$0")/../common.sh"

# built COMPILER PROGRAM FLAG...
built() {
	# shellcheck disable=SC2046
	"$1" -std=c11 -g -O1 -Wall -Wextra -Wpedantic -Werror "${@:3}" -o "$work/$2" "$here/$2.c" $(flags libsinsp)
}
sanitizers=(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
for program in typed suppressed messages selection grow; do
	if command -v clang >/dev/null; then
		check "$program.c, clang" built clang "$program"
	fi
	check "$program.c, sanitizers" built gcc "$program" "${sanitizers[@]}"
	[ -x "$work/$program" ] && counted "$program, sanitizers" "$work/$program" "$capture"
	# Allocations are counted without sanitizers.
	check "$program.c" built gcc "$program"
	[ -x "$work/$program" ] && counted "$program" "$work/$program" "$capture"
done
finish
