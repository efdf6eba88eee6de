#!/usr/bin/env bash
# The settings of the reference: environment variables, and options of CMake for a build (which a replacement of cargo records) and for a
# project that finds the installed package. docs/compatibility.md lists all: test.sh PREFIX
. "$(dirname "$0")/../common.sh"
root=$(cd "$here/../.." && pwd)

# HOST_ROOT, SCAP_HOSTNAME: a host with one process and one user.
host=$work/host
mkdir -p "$host/etc" "$host/proc"
printf 'elsewhere:x:0:0::/:/bin/sh\n' >"$host/etc/passwd"
printf 'elsewhere:x:0:\n' >"$host/etc/group"
for name in 1 self stat cpuinfo meminfo uptime version sys mounts net cmdline; do
	[ -e "/proc/$name" ] && ln -s "/proc/$name" "$host/proc/$name"
done
# shellcheck disable=SC2046
check "environment.cpp compiles" "${CXX:-c++}" -std=c++17 -Wall -Wextra -Werror -o "$work/environment" "$here/environment.cpp" $(flags libsinsp libscap)
counted "HOST_ROOT and SCAP_HOSTNAME" env HOST_ROOT="$host" SCAP_HOSTNAME=over-there "$work/environment" "$host" over-there
counted "neither" env -u HOST_ROOT -u SCAP_HOSTNAME "$work/environment"

# SCAP_HOST_ROOT_ENV_VAR_NAME and SCAP_HOSTNAME_ENV_VAR at build time, as far as the compiler sees them.
names() {
	echo "#[path = \"$root/scap-sys/src/linux/variables.rs\"] mod variables;
		fn main() { print!(\"{} {}\", variables::HOST_ROOT, variables::HOSTNAME); }" >"$work/names.rs"
	"$@" rustc --edition 2024 -o "$work/names" "$work/names.rs" && [ "$("$work/names")" = "$expected" ]
}
expected="HOST_ROOT SCAP_HOSTNAME"
check "the usual names" names env -u SCAP_HOST_ROOT_ENV_VAR_NAME -u SCAP_HOSTNAME_ENV_VAR
expected="MY_ROOT MY_NAME"
check "other names" names env SCAP_HOST_ROOT_ENV_VAR_NAME=MY_ROOT SCAP_HOSTNAME_ENV_VAR=MY_NAME

# configured EXPECTED OPTION...: a build with these options of CMake runs cargo with variables that match the pattern.
printf '#!/bin/sh\n{ env; echo "arguments: $*"; } >"%s/cargo.log"\nexit 1\n' "$work" >"$work/cargo" && chmod +x "$work/cargo"
configured() {
	local expected=$1
	shift
	rm -rf "$work/build" "$work/cargo.log"
	env -u SCAP_HOST_ROOT_ENV_VAR_NAME -u SCAP_HOSTNAME_ENV_VAR cmake -S "$root" -B "$work/build" -DCARGO="$work/cargo" "$@" || return 1
	cmake --build "$work/build" --target falcosecurity-cargo
	grep -qE "$expected" "$work/cargo.log"
}
refused() { ! cmake -S "$root" -B "$work/build" -DCARGO="$work/cargo" "$@"; }
check SCAP_HOST_ROOT_ENV_VAR_NAME configured '^SCAP_HOST_ROOT_ENV_VAR_NAME=MY_ROOT$' -DSCAP_HOST_ROOT_ENV_VAR_NAME=MY_ROOT
check SCAP_HOSTNAME_ENV_VAR configured '^SCAP_HOSTNAME_ENV_VAR=MY_NAME$' -DSCAP_HOSTNAME_ENV_VAR=MY_NAME
check "a name that cannot be one" refused -DSCAP_HOSTNAME_ENV_VAR=MY-NAME
check MODERN_CLANG_EXE configured '^CLANG=/opt/clang$' -DMODERN_CLANG_EXE=/opt/clang
check "CMAKE_BUILD_TYPE=Debug" configured '^arguments: build --profile dev ' -DCMAKE_BUILD_TYPE=Debug
check "CMAKE_BUILD_TYPE=Release" configured '^arguments: build --profile release ' -DCMAKE_BUILD_TYPE=Release
version() { configured . -DFALCOSECURITY_LIBS_VERSION=0.25.4-mine && grep -qx 'Version: 0.25.4-mine' "$work"/build/lib{scap,sinsp,pman}.pc; }
check FALCOSECURITY_LIBS_VERSION version
# Options without an effect are accepted.
check "options that are not needed" configured . -DUSE_BUNDLED_DEPS=OFF -DCREATE_TEST_TARGETS=OFF -DBUILD_LIBSCAP_MODERN_BPF=ON -DBUILD_LIBSINSP_EXAMPLES=OFF

# HAS_ENGINE_* name the engines; ASSERT stops a program that is compiled with _DEBUG.
cat >"$work/macros.c" <<'END'
#include <libscap/scap_assert.h>
#include <libscap/scap_config.h>
#include <libscap/scap_engines.h>
#if !defined(HAS_ENGINE_MODERN_BPF) || !defined(HAS_ENGINE_SAVEFILE) || !defined(HAS_ENGINE_NODRIVER) || \
	!defined(HAS_ENGINE_SOURCE_PLUGIN) || !defined(HAS_ENGINE_TEST_INPUT)
#error "an engine is missing"
#endif
int main(int argc, char** argv) {
	(void)argc;
	(void)argv;
	ASSERT(argc > 1);
	return scap_modern_bpf_engine.name == 0;
}
END
macros() {
	# shellcheck disable=SC2046
	gcc -Wall -Wextra -Werror "$@" -o "$work/macros" "$work/macros.c" $(flags libscap)
}
assertion() { macros -D_DEBUG && "$work/macros" argument && ! "$work/macros"; }
without() { macros && "$work/macros"; }
check "HAS_ENGINE_*" macros
check "_DEBUG" assertion
check "without _DEBUG" without

# BUILD_SHARED_LIBS of a project that finds the package: which library its program is linked with.
cat >"$work/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(program LANGUAGES C)
find_package(libscap REQUIRED)
add_executable(program program.c)
target_link_libraries(program scap)
END
printf '#include <libscap/scap.h>\nint main(void) { return scap_get_host_root() == 0; }\n' >"$work/program.c"
linked() { # linked YES_OR_NO OPTION...
	rm -rf "$work/program-build"
	cmake -S "$work" -B "$work/program-build" -DCMAKE_PREFIX_PATH="$prefix" "${@:2}" && cmake --build "$work/program-build" || return 1
	[ "$(readelf -d "$work/program-build/program" | grep -c 'NEEDED.*libfalcosecurity-rs')" = "$1" ] && "$work/program-build/program"
}
check "BUILD_SHARED_LIBS is not set" linked 1
check "BUILD_SHARED_LIBS=ON" linked 1 -DBUILD_SHARED_LIBS=ON
check "BUILD_SHARED_LIBS=OFF" linked 0 -DBUILD_SHARED_LIBS=OFF

finish
