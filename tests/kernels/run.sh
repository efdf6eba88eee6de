#!/usr/bin/env bash
# Runs the live tests on other kernels: run.sh PREFIX [ARCH] [SERIES...], such as `run.sh target/install 5.10 6.1`; all series without one.
#
# Fetches the newest kernel package of each Linux series that Debian's mirrors have, boots it in QEMU with an initramfs that contains
# the tests and the installed library, and turns it off. QEMU emulates the CPU, because an existing KVM may not work; ACCEL=kvm uses it. Prints a
# line for each kernel, and a count last. Fetched files stay in target/kernels.
#
# The kernels and the tests are those of x86_64, or with ARCH `aarch64` or `s390x` of that, cross compiled as tests/arch/run.sh does; PREFIX is not
# used then.
set -u
cd "$(dirname "$0")/../.."
here=$PWD/tests/kernels
prefix=$1
shift
work=$PWD/target/kernels
case ${1:-} in
aarch64 | s390x)
	work+=/$1
	. tests/arch/cross.sh
	cross_for "$1" && shift
	. "$here/common.sh"
	. "$here/foreign.sh"
	prefix=$cross/install
	;;
*)
	prefix=$(cd "$prefix" && pwd)
	. "$here/common.sh"
	;;
esac
mkdir -p "$work"
passed=0 failed=0

require ""
[ -z "${cross:-}" ] || { cross_root && cargo fetch -q --locked; } >"$work/root.log" 2>&1 || skip "no root for the cross build: $(tail -n 1 "$work/root.log")"

# --- the kernels ---

flavour=cloud-${debian:-amd64}
[ "${arch:-}" != s390x ] || flavour=s390x

# The newest kernel of each series, as `SERIES PACKAGE`.
kernels() {
	apt apt-cache pkgnames linux-image- | grep -E "^linux-image-[0-9][^-]*(-[^-]+)?-$flavour\$" | sort -V |
		sed -E 's/^linux-image-([0-9]+\.[0-9]+)([^0-9].*)$/\1 linux-image-\1\2/' |
		awk '$2 ~ /[0-9]+\.[0-9]+\.[0-9]/ { newest[$1] = $2 } END { for (s in newest) print s, newest[s] }' | sort -V
}

# fetch PACKAGE DIR: downloads a kernel's package to DIR, with the parts into which newer packages are split, and unpacks the kernel and one module,
# which may be missing.
fetch() {
	local package=$1 dir=$2 deb part
	[ -e "$dir/vmlinuz" ] && return 0
	rm -rf "$dir" && mkdir -p "$dir/files"
	for part in "$package" $(apt apt-cache depends "$package" | grep -oE 'linux-(binary|modules)-[^ >]+'); do
		(cd "$dir" && apt apt-get download -qq "$part")
	done
	for deb in "$dir"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$dir/files" --wildcards --no-anchored 'vmlinuz*' 'fs/overlayfs/overlay.ko*' 2>/dev/null
	done
	rm -f "$dir"/*.deb
	local module
	module=$(find "$dir/files" -name 'overlay.ko*' | head -n 1)
	case $module in
	*.xz) xz -dc "$module" >"$dir/overlay.ko" ;;
	*.ko) cp "$module" "$dir/overlay.ko" ;;
	esac
	find "$dir/files" -name 'vmlinuz*' -exec mv {} "$dir/vmlinuz" \; && rm -rf "$dir/files" && [ -e "$dir/vmlinuz" ]
}

# --- the file system ---

image() {
	empty_image || return 1
	install -m 755 "$here/init" "$root/init"
	rust live scap-sys --test live && rust iterators scap-sys --test iterators && rust scan scap-sys --test scan &&
		rust engine scap-sys --lib && rust libpman scap-capi --lib || return 1
	if [ -n "${cross:-}" ]; then
		cross_install && cross_consumer g++ tests/demo/demo.cpp "$cross/demo" -std=c++17 -O2 && cp "$cross/demo" "$work/demo" || return 1
	else
		# shellcheck disable=SC2046
		"${CXX:-c++}" -std=c++17 -O2 -o "$work/demo" tests/demo/demo.cpp \
			$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs libsinsp) -Wl,-rpath,"$prefix/lib" || return 1
	fi
	add "$work/demo" /tests/demo && cp -L "$prefix"/lib/libfalcosecurity-rs.so.[0-9] "$root/tests/" || return 1
	cp tests/demo/workload.sh "$root/tests/"
}

# --- running ---

# boot_dir DIR LOG: boots a kernel with the tests.
boot_dir() {
	rm -f "$root/overlay.ko"
	[ ! -e "$1/overlay.ko" ] || cp "$1/overlay.ko" "$root/"
	boot "$1/vmlinuz" "$2" ""
}

# verdict SERIES PACKAGE LOG SECONDS: prints the result of a kernel.
verdict() {
	local log=$3 ok bad name code release
	ok=$(grep -aoE '^test result: .* [0-9]+ passed' "$log" | grep -oE '[0-9]+ passed' | awk '{ n += $1 } END { print n + 0 }')
	bad=$(grep -aoE '[0-9]+ failed;' "$log" | awk '{ n += $1 } END { print n + 0 }')
	release=$(sed -n 's/^@kernel //p' "$log")
	while read -r _ name code; do
		case $name:$code in
		live:* | iterators:* | scan:* | engine:* | libpman:*) [ "$code" = 0 ] || [ "$bad" -gt 0 ] || bad=1 ;;
		*:0) ok=$((ok + 1)) ;;
		*) bad=$((bad + 1)) ;;
		esac
	done < <(grep -a '^@ran ' "$log")
	grep -aq '^@end' "$log" || bad=$((bad + 1))
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '%-6s %-28s %3d passed %3d failed %4d s\n' "$1" "${release:-${2#linux-image-}}" "$ok" "$bad" "$4"
	grep -a '^ *SKIPPED: ' "$log" | sort -u | cut -c1-400 | sed 's/^ */    /'
	[ "$bad" = 0 ] || { grep -aE -B 10 -A 30 'panicked|^FAILED|Kernel panic' "$log" || tail -n 30 "$log"; } | cut -c1-400 | head -n 120 | sed 's/^/    /'
}

all=$(kernels)
[ -n "$all" ] || skip "Debian's packages cannot be reached: $(tail -n 1 "$work/update.log")"
image >"$work/image.log" 2>&1 || { tail -n 30 "$work/image.log"; echo "0 passed, 1 failed"; exit 1; }
for series in "$@"; do
	grep -q "^$series " <<<"$all" || echo "SKIPPED: kernels: no package of Linux $series; there are $(cut -d' ' -f1 <<<"$all" | paste -sd ' ')"
done
while read -r series package; do
	[ $# = 0 ] || [[ " $* " == *" $series "* ]] || continue
	dir=$work/$package
	if ! fetch "$package" "$dir" >"$work/fetch.log" 2>&1; then
		echo "SKIPPED: kernels: fetching $package: $(grep -v '^W:' "$work/fetch.log" | tail -n 1)"
		continue
	fi
	started=$SECONDS
	boot_dir "$dir" "$work/$series.log"
	verdict "$series" "$package" "$work/$series.log" $((SECONDS - started))
done <<<"$all"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
