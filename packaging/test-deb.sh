#!/usr/bin/env bash
# Tests the Debian packages in target/packages/SUITE in a clean root of the suite: test-deb.sh SUITE. They are installed by apt and upgraded from
# an earlier version; programs of C and C++ are built with them by CMake and pkg-config, and run, also beside the distribution's own library; the
# kernel module is built by DKMS; a purge leaves nothing. Prints failures and a count.
suite=$1
set -- "$(dirname "$0")/../target/packages/$suite"
ls "$1"/*.deb >/dev/null 2>&1 || { echo "there are no packages for $suite: ./dev package deb $suite"; exit 2; }
. "$(dirname "$0")/../tests/common.sh"
. "$here/root.sh"
capture=$here/../tests/captures/workload.scap.gz
as_root "$here/test-deb.sh" "$suite"
root=$prefix/../roots/$suite-test
tmp=$root/tmp
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
library=libfalcosecurity-rs1

in_root() { inside "$root" sh -ec "$1"; }
# The files of a package manager's own are no files of the packages.
files() {
	(cd "$root" && find . -xdev \( -path ./tmp -o -path ./proc -o -path ./sys -o -path ./dev -o -path ./var/lib/dpkg -o -path ./var/lib/apt \
		-o -path ./var/cache -o -path ./var/log \) -prune -o -print | sort)
}
apt_install() { in_root "cd /tmp/packages && apt-get install -y -qq --no-install-recommends $1"; }

clean_root() {
	[ -d "$root" ] || make_root "$suite" "$root" build-essential cmake pkgconf dkms || return 1
	in_root "apt-get update -qq"
	mkdir -p "$tmp/packages" "$tmp/earlier" "$tmp/consumers"
	cp "$prefix"/*.deb "$tmp/packages/"
	rm -f "$tmp/packages"/*-dbgsym_*
	cp "$here"/../tests/install/{CMakeLists.txt,consumer.c,consumer.cpp} "$tmp/consumers/"
	cp "$capture" "$tmp/capture.scap.gz"
	cp "$here/both.c" "$tmp/"
	files >"$work/before"
	in_root "dpkg-query -W -f '\${Package}\\n' | sort" >"$work/packages"
}

# The packages with an earlier version, which apt upgrades. The symbols of the library need its first release at least.
earlier() {
	local deb dir=$work/earlier version before
	for deb in "$tmp/packages"/*.deb; do
		rm -rf "$dir"
		dpkg-deb -R "$deb" "$dir"
		version=$(sed -n 's/^Version: //p' "$dir/DEBIAN/control")
		before=${version%-*}-0.1
		sed -i "s/$version/$before/g" "$dir/DEBIAN/control"
		dpkg-deb --root-owner-group -Znone -b "$dir" "$tmp/earlier/" >/dev/null || return 1
	done
	in_root "cd /tmp/earlier && apt-get install -y -qq --no-install-recommends ./*.deb" && [ "$(installed)" = "$before" ]
}
installed() { in_root "dpkg-query -W -f '\${Version}' $library"; }
upgraded() {
	apt_install './*.deb' && [ "$(installed)" = "$(dpkg-deb -f "$tmp/packages/$library"_*.deb Version)" ] &&
		in_root 'test -z "$(dpkg --audit)" && dpkg --verify'
}

by_cmake() {
	in_root "rm -rf /tmp/build; cmake -S /tmp/consumers -B /tmp/build -Dlibsinsp_STATIC=$1 -Dlibscap_STATIC=$1 -DORDER='libscap::scap;libsinsp::sinsp' &&
		cmake --build /tmp/build && test \"\$(/tmp/build/consumer_c)\" = ok && test \"\$(/tmp/build/consumer_cpp)\" = ok"
}
by_pkg_config() {
	in_root "cd /tmp/consumers
		gcc -std=c11 -o /tmp/c consumer.c \$(pkg-config $1 --cflags --libs libscap libsinsp) && test \"\$(/tmp/c)\" = ok
		g++ -std=c++17 -o /tmp/cpp consumer.cpp \$(pkg-config $1 --cflags --libs libsinsp) && test \"\$(/tmp/cpp)\" = ok"
}
# The linker of a package that uses the library finds which package a program depends on.
shlibdeps() {
	in_root "rm -rf /tmp/deps && mkdir -p /tmp/deps/debian && cd /tmp/deps && printf 'Source: x\n\nPackage: x\nArchitecture: any\n' >debian/control
		gcc -o x /tmp/consumers/consumer.c \$(pkg-config --cflags --libs libscap libsinsp) && dpkg-shlibdeps -O x | grep '$library (>= 1\.0\.0)'"
}
tools() {
	in_root "scap-open -q -r /tmp/capture.scap.gz -e openat | head -n 3 | grep openat &&
		sinsp-example -q -r /tmp/capture.scap.gz -n 2 evt.type=openat | grep openat && man_pages=\$(ls /usr/share/man/man3 | wc -l) && test \$man_pages -gt 400"
}
hardened() {
	local file
	for file in "$root/usr/lib/$triplet/libfalcosecurity-rs.so.1" "$root/usr/bin/scap-open" "$root/usr/bin/sinsp-example"; do
		readelf -lW "$file" | grep -q GNU_RELRO && readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS_1.* NOW' || { echo "$file: no RELRO or BIND_NOW"; return 1; }
		! readelf -lW "$file" | grep -E 'GNU_STACK.*RWE' || return 1
		readelf -hW "$file" | grep -q 'Type: *DYN' || { echo "$file: no PIE"; return 1; }
	done
}
module() {
	in_root "apt-get install -y -qq --no-install-recommends linux-headers-amd64" || return 1
	in_root "version=\$(ls /lib/modules | sort -V | tail -n 1); dkms install falcosecurity-rs/\$(ls /usr/src | sed -n 's/^falcosecurity-rs-//p') -k \$version --force &&
		ls /lib/modules/\$version/updates/dkms/scap.ko*"
}

# The distribution's library, of the same API but another ABI, beside ours: a program of each runs.
theirs() {
	local their
	their=$(in_root "apt-cache pkgnames libfalcosecurity0" | grep -vE 'dev$' | head -n 1)
	[ -n "$their" ] && apt_install "$their" || return 1
	in_root "their=\$(basename \$(ls /usr/lib/$triplet/libscap.so.0* | head -n 1))
		gcc -o /tmp/theirs -DTHEIRS /tmp/both.c -l:\$their -Wl,--allow-shlib-undefined
		/tmp/theirs
		gcc -o /tmp/ours -DOURS /tmp/both.c -lscap
		/tmp/ours"
}
# A program that has both: its calls, and those of our library, reach ours; with dlopen each handle has its own.
both() {
	in_root "their=\$(basename \$(ls /usr/lib/$triplet/libscap.so.0* | head -n 1))
		gcc -o /tmp/first -DOURS /tmp/both.c -Wl,--no-as-needed -lscap -l:\$their -Wl,--allow-shlib-undefined
		/tmp/first
		gcc -o /tmp/second -DTHEIRS /tmp/both.c -Wl,--no-as-needed -l:\$their -Wl,--allow-shlib-undefined -lscap
		/tmp/second
		LD_BIND_NOW=1 LD_DEBUG=bindings /tmp/second 2>&1 | grep 'file [^ ]*libfalcosecurity-rs.so.1 .* to [^ ]*libscap.so' | sed 's/.*symbol//' >/tmp/bound
		wc -l </tmp/bound
		! grep -E '(scap|sinsp|pman)_' /tmp/bound
		gcc -o /tmp/loads -DLOADS /tmp/both.c -ldl
		/tmp/loads libfalcosecurity-rs.so.1 \$their
		/tmp/loads \$their libfalcosecurity-rs.so.1"
}
conflict() { ! in_root "cd /tmp/packages && apt-get install -y -qq --no-remove libfalcosecurity0-dev" && in_root "dpkg -s libfalcosecurity-rs-dev"; }

# Removes our packages and what came with them: no file of ours is left, nor any with one of our names. Packages of the system that came with DKMS
# may leave files of their own.
purged() {
	in_root "dpkg-query -W -f '\${Package}\\n' | sort" | comm -13 "$work/packages" - >"$work/added"
	in_root "dpkg -L $(grep falcosecurity-rs "$work/added" | paste -sd' ')" | sort -u >"$work/ours"
	[ "$(wc -l <"$work/ours")" -gt 100 ] || return 1
	# shellcheck disable=SC2046
	in_root "apt-get purge -y -qq $(paste -sd' ' "$work/added")" || return 1
	rm -rf "$tmp/packages" "$tmp/earlier" "$tmp/build"
	files | diff "$work/before" - | sed -n 's/^> \.//p' | sort >"$work/left"
	! grep -E '/(lib)?(scap|sinsp|pman)|falco' "$work/left" || return 1
	while IFS= read -r path; do
		[ -d "$root$path" ] || echo "$path"
	done < <(comm -12 "$work/ours" "$work/left") | grep . && return 1
	! in_root "ldconfig -p" | grep falcosecurity
}

check "a clean root" clean_root
check "an earlier version" earlier
check "the upgrade" upgraded
for static in OFF ON; do
	check "by CMake, static $static" by_cmake $static
done
check "by pkg-config" by_pkg_config ""
check "by pkg-config --static" by_pkg_config --static
check "the dependency of a program" shlibdeps
check "the tools" tools
check "hardened" hardened
check "the -dev packages conflict" conflict
check "both libraries installed" theirs
check "both libraries in a process" both
cp "$work/log" "$prefix/both.log"
if [ -n "${SKIP_MODULE:-}" ]; then skip "the kernel module: SKIP_MODULE is set"; else check "the kernel module by DKMS" module; fi
check "the purge" purged
rm -rf "$root"
finish
