#!/usr/bin/env bash
# The libraries as a part of another CMake project, from the checkout and from the installed package, and the checkout's own build: test.sh PREFIX.
# The checkout's cargo is a replacement that finds the archive of the last build, so that what is tested is CMake's part.
. "$(dirname "$0")/../common.sh"
root=$(cd "$here/../.." && pwd)
package=$prefix/share/falcosecurity-libs
unset HOST_ROOT SCAP_HOSTNAME

printf '#!/bin/sh\n[ -e "%s/target/release/libfalcosecurity_rs.a" ]\n' "$root" >"$work/cargo" && chmod +x "$work/cargo"
printf 'if(NOT TARGET container_plugin)\n\tadd_custom_target(container_plugin)\nendif()\n' >"$work/container.cmake"
system=(-DUSE_BUNDLED_DEPS=OFF -DBUILD_DRIVER=OFF "-DCMAKE_PROJECT_program_INCLUDE=$work/container.cmake")
checkout=(-DCARGO="$work/cargo" -DFALCOSECURITY_CARGO_TARGET_DIR="$root/target")

# program FORM OPTION...: configures, builds and runs the program; FORM says how it must be linked. No file of the sources may change.
program() {
	local form=$1 needed
	shift
	rm -rf "$work/a build"
	cmake -S "$here/program" -B "$work/a build" -DCMAKE_BUILD_TYPE=release -DCMAKE_CXX_FLAGS_RELEASE= "$@" && cmake --build "$work/a build" || return 1
	[ "$("$work/a build/program")" = ok ] || { "$work/a build/program"; return 1; }
	needed=$(readelf -d "$work/a build/program" | grep -c 'NEEDED.*libfalcosecurity-rs')
	[ "$needed" = "$([ "$form" = shared ] && echo 1 || echo 0)" ] || { echo "it needs $needed shared libraries of ours"; return 1; }
}
generators=("Unix Makefiles")
command -v ninja >/dev/null && generators+=(Ninja)
headers() { for name in tbb/tbb.h re2/re2.h valijson/validator.hpp jsoncpp/json/json.h uthash.h cxxopts.hpp gtest/gtest.h; do [ -e "/usr/include/$name" ] || return 1; done; }

for generator in "${generators[@]}"; do
	if headers; then
		for form in static shared; do
			shared=-DBUILD_SHARED_LIBS=$([ "$form" = shared ] && echo ON || echo OFF)
			check "modules of the checkout, $form, $generator" program "$form" -G "$generator" -DWAY=modules "$shared" "${system[@]}" \
				"${checkout[@]}" -DFALCOSECURITY_LIBS_SOURCE_DIR="$root" -DDRIVER_SOURCE_DIR="$root/driver"
			check "modules of the package, $form, $generator" program "$form" -G "$generator" -DWAY=modules "$shared" "${system[@]}" \
				-DFALCOSECURITY_LIBS_SOURCE_DIR="$package" -DDRIVER_SOURCE_DIR="$package/driver"
		done
	fi
	check "add_subdirectory, $generator" program static -G "$generator" -DWAY=subdirectory "${checkout[@]}" -DFALCOSECURITY_LIBS_SOURCE_DIR="$root"
	check "FetchContent, $generator" program shared -G "$generator" -DWAY=fetch -DBUILD_SHARED_LIBS=ON "${checkout[@]}" \
		"-DFETCHCONTENT_SOURCE_DIR_FALCOSECURITY-LIBS=$root"
done
headers || skip "one of libtbb-dev libre2-dev libvalijson-dev libjsoncpp-dev uthash-dev libcxxopts-dev libgtest-dev is missing"

# configured PATTERN OPTION...: configuring prints PATTERN.
configured() {
	local pattern=$1
	shift
	rm -rf "$work/configured"
	cmake -S "$here/program" -B "$work/configured" -DWAY=modules -DFALCOSECURITY_LIBS_SOURCE_DIR="$package" -DDRIVER_SOURCE_DIR="$package/driver" \
		"$@" 2>&1 | tr -s ' \n' ' ' >"$work/configured.log"
	grep -qE "$pattern" "$work/configured.log" || { cat "$work/configured.log"; return 1; }
}
check "a missing library is named" configured 'tbb is missing: install it \(Debian: libtbb-dev\), or set USE_BUNDLED_TBB=ON' "${system[@]}" \
	-DTBB_INCLUDE_DIR=TBB_INCLUDE_DIR-NOTFOUND -DTBB_LIB=TBB_LIB-NOTFOUND -DCMAKE_FIND_ROOT_PATH="$work" -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
	-DUSE_BUNDLED_ZLIB=ON
check "a name that no variable has" configured 'SCAP_HOSTNAME_ENV_VAR is no name of an environment variable' "${system[@]}" -DNAME=MY-NAME

# With bundled dependencies the copies are built by targets, which `sinsp` depends on; configuring downloads nothing.
check "copies" configured 'Using a copy of zlib: .*zlib-prefix.*Using a copy of tbb: .*tbb-prefix.*Using a copy of re2: .*Build files have been written' \
	-DUSE_BUNDLED_DEPS=ON -DUSE_BUNDLED_GTEST=OFF -DBUILD_DRIVER=OFF

# cargo as a project with several configurations calls it: the archive of the last build stands for that of either profile. It notes the profile.
cat >"$work/either" <<-CARGO
	#!/bin/sh
	for argument in "\$@"; do last=\$argument; done
	case \$1 in
	run) mkdir -p "\$last" && touch "\$last/Makefile" ;;
	*)
	  case "\$*" in *"--profile dev"*) kind=debug ;; *) kind=release ;; esac
	  echo \$kind >>"$work/profiles"
	  mkdir -p "\$CARGO_TARGET_DIR/\$kind" && ln -sf "$root/target/release/libfalcosecurity_rs.a" "\$CARGO_TARGET_DIR/\$kind/"
	esac
CARGO
chmod +x "$work/either"

# --config chooses cargo's profile: `Debug` in a program that has the sources. With other generators CMAKE_BUILD_TYPE does.
several=("Unix Makefiles")
command -v ninja >/dev/null && several=("Ninja Multi-Config")
debug() {
	rm -f "$work/profiles"
	cmake -S "$here/program" -B "$work/several" -G "${several[0]}" -DCMAKE_BUILD_TYPE=Debug -DWAY=subdirectory -DCARGO="$work/either" \
		-DFALCOSECURITY_LIBS_SOURCE_DIR="$root" && cmake --build "$work/several" --config Debug || return 1
	[ "$(find "$work/several" -name program -type f -perm -1 -exec {} \;)" = ok ] && [ "$(sort -u "$work/profiles")" = debug ] || { cat "$work/profiles"; return 1; }
	find "$work/several" -name libsinsp.a -exec readelf -S {} + | grep -q debug_line
}
check "a debug build, ${several[0]}" debug

# The checkout's own build and installation, in folders with spaces; `uninstall` leaves nothing.
own_build() {
	rm -f "$work/profiles"
	cmake -S "$root" -B "$work/own build" -G "${several[0]}" -DCARGO="$work/either" -DFALCOSECURITY_CARGO_TARGET_DIR="$work/own-target" \
		-DCMAKE_INSTALL_PREFIX="/a prefix" && cmake --build "$work/own build" --config Release || return 1
	[ "$(sort -u "$work/profiles")" = release ] && DESTDIR=$work/stage cmake --install "$work/own build" --config Release
}
whole_installation() {
	local lib doc
	lib=$(dirname "$(find "$work/stage/a prefix" -name libscap.a -type f)") doc="$work/stage/a prefix/share/doc/falcosecurity-libs"
	for name in LICENSE CHANGELOG.md driver/LICENSES/GPL-2.0-only.txt docs/using.md examples/monitor.cpp sinsp-core/examples/filter.rs; do
		[ -s "$doc/$name" ] || { echo "$name is missing"; return 1; }
	done
	# The debug information is where gdb looks for it.
	[ -z "$(find "$lib" -maxdepth 1 -type f -exec readelf -S {} + | grep -E 'debug_(line|info)')" ] || { echo "not stripped"; return 1; }
	readelf -S "$lib"/.debug/libfalcosecurity-rs.so.*.debug | grep -q debug_line &&
		readelf --string-dump=.gnu_debuglink "$lib"/libfalcosecurity-rs.so.*.*.* | grep -q 'libfalcosecurity-rs.so.*.debug'
}
uninstalled() {
	DESTDIR=$work/stage cmake --build "$work/own build" --config Release --target uninstall || return 1
	[ ! -e "$work/stage" ] || { find "$work/stage"; return 1; }
}
check "the checkout's build, ${several[0]}" own_build
check "what it installs" whole_installation
check "uninstall" uninstalled

# cargo's folder has no space in it, which libbpf's Makefile would not understand.
spaces() {
	cmake -S "$here/program" -B "$work/with a space" -DWAY=subdirectory -DCARGO="$work/either" -DFALCOSECURITY_LIBS_SOURCE_DIR="$root" &&
		grep '^FALCOSECURITY_CARGO_TARGET_DIR:PATH=/[^ ]*$' "$work/with a space/CMakeCache.txt"
}
check "a build folder with spaces in another project" spaces

# refused PATTERN OPTION...: configuring the checkout's own build fails with PATTERN.
refused() {
	local pattern=$1
	shift
	rm -rf "$work/refused"
	! cmake -S "$root" -B "$work/refused" "$@" >"$work/refused.log" 2>&1 && tr -s ' \n' ' ' <"$work/refused.log" | grep -qE "$pattern" ||
		{ cat "$work/refused.log"; return 1; }
}
nowhere=(-DCMAKE_FIND_ROOT_PATH="$work/nowhere" -DCMAKE_MAKE_PROGRAM="$(command -v make)" -DCMAKE_C_COMPILER="$(command -v cc)")
check "without cargo" refused 'cargo is missing: install Rust 1.88 or later' "${nowhere[@]}" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=ONLY
check "without clang" refused 'clang, which compiles the BPF probe, is missing: install it \(Debian: clang\)' "${nowhere[@]}" \
	-DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=ONLY -DCARGO="$work/either" -DFALCOSECURITY_LD="$(command -v ld)" \
	-DCMAKE_OBJCOPY="$(command -v objcopy)" -DCMAKE_NM="$(command -v nm)"
check "a folder with a space for cargo" refused 'set FALCOSECURITY_CARGO_TARGET_DIR to another than' -DFALCOSECURITY_CARGO_TARGET_DIR="$work/a target"
check "without libelf" refused 'gelf.h is missing: .*Debian: libelf-dev' "${nowhere[@]}" -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY
check "without zlib" refused 'zlib.h is missing: .*Debian: zlib1g-dev' "${nowhere[@]}" -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DFALCOSECURITY_elf_INCLUDE_DIR=/usr/include

finish
