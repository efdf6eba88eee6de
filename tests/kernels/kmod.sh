#!/usr/bin/env bash
# Builds the kernel module for Debian's kernels and runs the live tests on both drivers, in QEMU: kmod.sh [SERIES...], such as `kmod.sh 5.10 6.1`; the series
# of this system without one. `kmod.sh --build` builds it for this system's series alone and boots nothing.
#
# Takes the headers and the kernel from the archive and unpacks them in target/kmod; nothing is installed but QEMU and what builds the images. For a kernel
# that was built with a newer compiler than this system has, the module is built in a root of Debian's unstable release with that compiler (mmdebstrap),
# except by --build, which skips it. ABUSE_SECONDS is how long the absurd calls of abuse.c last. Prints a line for each kernel, and a count last.
set -u
cd "$(dirname "$0")/../.."
work=$PWD/target/kmod
mkdir -p "$work"
passed=0 failed=0
. tests/kernels/common.sh

# The series of this system's kernel packages.
this_series() {
	local found
	found=$(apt-cache depends linux-headers-amd64 2>/dev/null | grep -oE 'linux-headers-[0-9]+\.[0-9]+' | head -n 1)
	echo "${found#linux-headers-}"
}

# kmod_image DIR: the image with the module of DIR and its tests.
kmod_image() {
	empty_image && install -m 755 "$here/kmod-init" "$root/init" && cp "$1/scap.ko" "$root/scap.ko" || return 1
	rust live scap-sys --test live || return 1
	"${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror -O1 -static -DSECONDS="${ABUSE_SECONDS:-60}" -o "$work/abuse" "$here/abuse.c" && add "$work/abuse" /tests/abuse
}

# kmod_verdict SERIES VERSION LOG SECONDS: prints the result of a kernel.
kmod_verdict() {
	local ok bad
	ok=$(grep -aoE '^test result: .* [0-9]+ passed' "$3" | grep -oE '[0-9]+ passed' | awk '{ n += $1 } END { print n + 0 }')
	bad=$(grep -aoE '[0-9]+ failed;' "$3" | awk '{ n += $1 } END { print n + 0 }')
	grep -aq '^@ran abuse 0' "$3" && ok=$((ok + 1)) || bad=$((bad + 1))
	bad=$((bad + $(grep -ac '^FAILED: ' "$3")))
	grep -aq '^@end' "$3" || bad=$((bad + 1))
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '%-6s %-28s %3d passed %3d failed %4d s\n' "$1" "$2" "$ok" "$bad" "$4"
	[ "$bad" = 0 ] || { grep -aE -B 10 -A 30 'panicked|^FAILED|Kernel panic' "$3" || tail -n 30 "$3"; } | cut -c1-400 | head -n 120 | sed 's/^/    /'
}

build_only=
[ "${1:-}" != --build ] || { build_only=1; shift; }
[ $# -gt 0 ] || set -- "$(this_series)"
require "$build_only"

# fetch SERIES DIR: the headers and, unless nothing is booted, the kernel of a series.
fetch() {
	local dir=$2 headers version part image=
	[ -e "$dir/ready" ] && return 0
	headers=$(apt apt-cache pkgnames "linux-headers-$1." | grep -E '^linux-headers-[0-9][^-]*(-[0-9]+)?-cloud-amd64$' | sort -V | tail -n 1)
	[ -n "$headers" ] || { echo "no package of the headers of Linux $1"; return 1; }
	version=${headers#linux-headers-}
	[ -n "$build_only" ] || image="linux-image-$version $(apt apt-cache depends "linux-image-$version" | grep -oE 'linux-(binary|modules)-[^ >]+')"
	rm -rf "$dir" && mkdir -p "$dir/root"
	for part in "$headers" $(apt apt-cache depends "$headers" | grep -oE 'linux-(headers|kbuild)-[^ >]+' | sort -u) $image; do
		(cd "$dir" && apt apt-get download -qq "$part") || return 1
	done
	for part in "$dir"/*.deb; do
		dpkg-deb -x "$part" "$dir/root" || return 1
	done
	rm -f "$dir"/*.deb
	# The package names its files by absolute paths; BTF of modules would need pahole.
	sed -i "s#/usr/src#$dir/root/usr/src#" "$dir/root/usr/src/linux-headers-$version/Makefile"
	rm -f "$dir/root/usr/src/linux-headers-$version/vmlinux"
	find "$dir/root" -name 'vmlinuz*' -type f -exec cp {} "$dir/vmlinuz" \;
	echo "$version" >"$dir/ready"
}

# compiler_root GCC: a root with that compiler in $work/GCC.
compiler_root() {
	local dir=$work/$1 check_valid_until
	[ -e "$dir.ready" ] && return 0
	eval "$(apt-config shell check_valid_until Acquire::Check-Valid-Until)"
	install_missing mmdebstrap:mmdebstrap || return 1
	rm -rf "$dir"
	grep ' sid main$' "$work/sources.list" >"$work/sid.list"
	mmdebstrap --quiet --variant=minbase --include="$1,make,libelf1t64" --aptopt="Acquire::Check-Valid-Until \"${check_valid_until:-true}\"" \
		sid "$dir" "$work/sid.list" && touch "$dir.ready"
}

# module DIR: builds the module for the headers in DIR. Warnings are errors.
module() {
	local dir=$1 version cc run=()
	version=$(cat "$dir/ready")
	cc=$(sed -nE 's/^CC = .*(gcc-[0-9]+)$/\1/p' "$dir/root/usr/src/linux-headers-$version/.kernelvariables")
	# A kernel takes a module of a newer compiler, but not one of an older one.
	if ! command -v "${cc:=gcc}" >/dev/null; then
		if [ "${cc#gcc-}" -lt "$(gcc -dumpversion)" ] 2>/dev/null; then
			cc=gcc
		elif [ -n "$build_only" ]; then
			echo "the kernel was built with $cc, which this system does not have"
			return 2
		else
			compiler_root "$cc" || return 1
			run=(in_root "$work/$cc" "$work" --)
		fi
	fi
	rm -rf "$dir/module"
	cargo run -q -p driver --example module -- "$dir/module" &&
		"${run[@]}" make -C "$dir/module" KERNELDIR="$dir/root/usr/src/linux-headers-$version" CC="$cc" >"$dir/make.log" 2>&1 &&
		[ -e "$dir/module/scap.ko" ] || { grep -E 'error|Error' "$dir/make.log"; return 1; }
	# The tools that write BTF, of which a module needs none, are not installed.
	! grep -E 'warning: ' "$dir/make.log" | grep -v 'pahole version'
}

for series in "$@"; do
	dir=$work/$series
	started=$SECONDS
	if ! fetch "$series" "$dir" >"$work/fetch.log" 2>&1; then
		echo "SKIPPED: kmod: Linux $series: $(grep -v '^W:' "$work/fetch.log" | tail -n 1)"
		passed=$((passed + ${build_only:-0}))
		continue
	fi
	module "$dir" >"$work/module.log" 2>&1
	case $? in
	0) ;;
	2)
		echo "SKIPPED: kmod: Linux $series: $(cat "$work/module.log")"
		passed=$((passed + ${build_only:-0}))
		continue
		;;
	*)
		failed=$((failed + 1))
		echo "FAILED: the module for $(cat "$dir/ready")"
		head -n 40 "$work/module.log" | sed 's/^/    /'
		continue
		;;
	esac
	if [ -n "$build_only" ]; then
		passed=$((passed + 1))
		echo "Linux $(cat "$dir/ready"): the module compiles"
		continue
	fi
	strip -g -o "$dir/scap.ko" "$dir/module/scap.ko"
	kmod_image "$dir" >"$work/image.log" 2>&1 || { tail -n 30 "$work/image.log"; failed=$((failed + 1)); continue; }
	boot "$dir/vmlinuz" "$work/$series.log" "panic_on_warn=1 slub_debug=FZPU"
	kmod_verdict "$series" "$(cat "$dir/ready")" "$work/$series.log" $((SECONDS - started))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
