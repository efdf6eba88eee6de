#!/usr/bin/env bash
# Builds the library for another architecture and runs the tests that need no kernel, on emulated processors (qemu-user): run.sh ARCH [NAME...], with ARCH
# one of aarch64, s390x, riscv64, ppc64le and loongarch64, and NAME... the rows of the table that are wanted; all of them without one. `run.sh ARCH check`
# compiles the crates and the probe alone.
#
# Makes a root of Debian's unstable release with the compilers in target/arch, or in CROSS_DIR. Prints the table, and a count last. It takes ten minutes
# and more.
set -u
cd "$(dirname "$0")/../.."
. tests/arch/cross.sh
cross_for "${1:-}" || { echo "usage: tests/arch/run.sh aarch64|s390x|riscv64|ppc64le|loongarch64 [NAME...]"; exit 2; }
shift
work=$cross
. tests/kernels/common.sh
passed=0 failed=0 table=

require build
cross_root >"$cross/root.log" 2>&1 || skip "no root for the cross build: $(tail -n 1 "$cross/root.log")"
cargo fetch -q --locked || exit 1

wanted=("$@")
# Whether a row is to be run.
want() {
	[ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]
}

# row NAME COMMAND...: runs a command, and adds its counts to the table: those of `test result:` lines, of a last line `N passed, N failed`, or itself
# as one test.
row() {
	local name=$1 log=$cross/$1.log ok bad status started=$SECONDS
	shift
	want "$name" || return 0
	"$@" >"$log" 2>&1
	status=$?
	ok=$(grep -aoE '^test result: .* [0-9]+ passed|^[0-9]+ passed, [0-9]+ failed$' "$log" | grep -oE '[0-9]+ passed' | awk '{ n += $1 } END { print n + 0 }')
	bad=$(grep -aoE '[0-9]+ failed(;|$)' "$log" | awk '{ n += $1 } END { print n + 0 }')
	[ "$((ok + bad))" -gt 0 ] || [ $status != 0 ] || ok=1
	[ $status = 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + ok)) failed=$((failed + bad))
	table+=$(printf '%-12s %-24s %4d passed %3d failed %5d s' "$arch" "$name" "$ok" "$bad" $((SECONDS - started)))$'\n'
	tail -n 1 <<<"${table%$'\n'}"
	[ "$bad" = 0 ] || { grep -aE -A 12 '^error|panicked|^FAILED' "$log" || tail -n 30 "$log"; } | cut -c1-300 | head -n 60 | sed 's/^/    /'
}

# crate PACKAGE OPTION...: the tests of a crate that look at nothing of the running system. Those that load BPF programs are left out: qemu-user has no bpf(2).
crate() {
	cross cargo test --no-fail-fast -p "$1" "${@:2}" -- --test-threads="$(nproc)" --skip an_engine_that_captures --skip pman
}

# program COMPILER SOURCE OPTION...: compiles a program of the tests and runs it on the recorded capture; those in C++ have a folder to write to.
program() {
	local own
	own=$cross/programs/$(basename "$2")
	rm -rf "$own" && mkdir -p "$own/work"
	cross_consumer "$1" "$2" "$own/program" -O1 -Wall -Wextra -Werror "${@:3}" || return
	set -- "$1"
	[ "$1" = gcc ] || set -- "$1" "$own/work"
	cross "$emulator" "$own/program" tests/captures/workload.scap.gz "${@:2}"
}

# programs KIND SOURCE...: all of them, as one row.
programs() {
	local source status=0 options=(-std=c++17)
	[ "$1" = g++ ] || options=(-std=c11)
	for source in "${@:2}"; do
		program "$1" "$source" "${options[@]}" || { status=1; echo "FAILED: $source"; }
	done
	return $status
}

if [ "${wanted[*]}" = check ]; then
	row check cross cargo check --workspace --exclude headers
else
	row driver crate driver --lib --tests
	row scap-sys crate scap-sys --lib --test captures --test old_captures
	row sinsp-core crate sinsp-core --lib
	row scap crate scap-capi --lib --tests
	row plugin crate plugin-capi --lib --tests
	row sinsp crate sinsp-capi --lib --tests
	row library cross_install
	row programs-c programs gcc tests/capi/*.c
	# An emulated process shows the emulator in /proc, which is what own_machine.cpp reads.
	row programs-c++ programs g++ $(find tests/cpp -name '*.cpp' ! -name own_machine.cpp | sort)
fi
printf '\n%s%d passed, %d failed\n' "$table" "$passed" "$failed"
[ "$failed" = 0 ]
