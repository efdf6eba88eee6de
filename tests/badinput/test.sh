#!/usr/bin/env bash
# Bad input and missing privileges, against an installed prefix: test.sh PREFIX. Damaged captures, null pointers, invalid filters and
# formats, no privileges, no BTF. Prints failures and a count.
. "$(dirname "$0")/../common.sh"

# build PROGRAM SOURCE OPTIONS...: builds a consumer with the address sanitizer, which also finds leaks.
# -Wno-maybe-uninitialized: with sanitizers, gcc 12 reports empty optionals as uninitialised.
build() {
	check "$1 compiles" compile "$@" && [ -x "$work/$1" ]
}
compile() {
	local program=$1 source=$2
	shift 2
	# shellcheck disable=SC2046
	"${CXX:-c++}" -std=c++17 -O1 -g -Wall -Wextra -Werror -Wno-maybe-uninitialized -fsanitize=address,undefined \
		-fno-sanitize-recover=undefined "$@" -o "$work/$program" "$here/$source" $(flags libsinsp libscap) -lz
}

for library in scap sinsp; do
	bash "$here/../exported.sh" "$prefix" $library | awk '$1 == "T" { print "CALL(" $2 ")" }'
done >"$work/functions.inc"
(cd "$prefix/include/falcosecurity" && find libscap plugin libsinsp/capi.h -name '*.h' | sort && echo libpman.h) | sed 's/.*/#include <&>/' >"$work/headers.inc"

build captures captures.cpp && later counted captures "$work/captures" "$capture" "$work"
# The warnings are about attributes of va_list in a template argument.
build nulls nulls.cpp -Wno-attributes -Wno-ignored-attributes -DFUNCTIONS='"functions.inc"' -DHEADERS='"headers.inc"' -I"$work" -I"$prefix/include" && later counted nulls "$work/nulls" "$capture"
build texts texts.cpp && later counted texts "$work/texts" "$capture"
build arguments arguments.cpp && later counted arguments "$work/arguments" "$capture"

collect

# docs/errors.md has the messages that programs get.
page() {
	mkdir "$work/messages.d"
	"$work/messages" "$capture" "$work/messages.d" >"$work/table" && [ "$(wc -l <"$work/table")" -ge 40 ] &&
		sed -n '/^|---/,$p' "$here/../../docs/errors.md" | tail -n +2 | diff - "$work/table"
}
if [ -e /dev/scap0 ]; then
	skip "the page of errors: the kernel module is loaded"
elif build messages messages.cpp; then
	check "the page of errors" page
fi

# Copied to a folder that every user may read: the prefix may be in a home directory.
mkdir "$work/lib" && cp -L "$prefix"/lib/libfalcosecurity-rs.so.[0-9] "$work/lib"
nobody=()
if [ "$(id -u)" = 0 ]; then
	if command -v setpriv >/dev/null; then
		nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	else
		skip "no privilege: setpriv is not installed"
	fi
fi
if build rights rights.cpp; then
	export LD_LIBRARY_PATH=$work/lib
	# The leak check uses ptrace, which is not allowed after a change of user.
	as_nobody() { ASAN_OPTIONS=detect_leaks=0 counted "$1" "${nobody[@]}" "$work/rights" "${@:2}"; }
	if [ "$(id -u)" != 0 ] || [ ${#nobody[@]} -gt 0 ]; then
		if [ -e /sys/kernel/btf/vmlinux ]; then
			as_nobody "a live capture without privilege" live "CAP_BPF" "Operation not permitted"
		else
			as_nobody "a live capture without privilege" live "BTF"
		fi
		as_nobody "a scan without privilege" scan
		cp "$capture" "$work/secret.scap.gz" && chmod 000 "$work/secret.scap.gz"
		as_nobody "a capture of somebody else's" file "$work/secret.scap.gz" "$work/secret.scap.gz" "Permission denied"
	fi
	if [ ! -e /sys/kernel/btf/vmlinux ]; then
		counted "no BTF" "$work/rights" live "no BTF" "/sys/kernel/btf/vmlinux"
	elif unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf' 2>"$work/log"; then
		counted "no BTF" unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$0" "$@"' \
			"$work/rights" live "no BTF" "/sys/kernel/btf/vmlinux"
	else
		skip "no BTF: it cannot be hidden here ($(head -n 1 "$work/log"))"
	fi
	if [ "$(id -u)" = 0 ] && [ -e /sys/kernel/btf/vmlinux ]; then
		# Errors go to the caller alone: the library prints nothing.
		alone() { "$work/rights" "$@" 2>"$work/errors"; }
		silent() { counted "$1" alone "${@:2}"; check "$1: silence" cmp "$work/errors" /dev/null; }
		# Around 20 the room ends where libbpf asks the kernel for its features.
		for files in 8 12 16 18 19 20 21 22 30 60 120 180; do
			silent "room for $files files" few $files "Too many open files"
		done
		silent "libbpf's messages" log
	fi
	unset LD_LIBRARY_PATH
fi

finish
