#!/usr/bin/env bash
# Consumers of an installed prefix: test.sh PREFIX. In C and C++, by pkg-config and by CMake, shared and static, with both libraries
# in either order, from a moved prefix; the headers alone; the exported symbols; the names of the shared library. Prints
# failures and a count.
. "$(dirname "$0")/../common.sh"
installed=$prefix
unset LD_LIBRARY_PATH

# Tests a moved prefix: its files must not contain the old path.
prefix=$work/moved/prefix
mkdir -p "$work/moved" && cp -a "$installed" "$prefix"
stays_relocatable() {
	! grep -rnF "$installed" "$prefix"/lib*/pkgconfig "$prefix"/lib*/cmake "$prefix/include"
}
check "no file names the prefix" stays_relocatable

lib=$(dirname "$(find "$prefix" -name libscap.a | head -n 1)")
include=$prefix/include/falcosecurity
export PKG_CONFIG_PATH=$lib/pkgconfig

compilers=(gcc)
command -v clang >/dev/null && compilers+=(clang)
linkers=("")
for linker in lld gold mold; do
	command -v "ld.$linker" >/dev/null && linkers+=("-fuse-ld=$linker")
done
exported() { bash "$here/../exported.sh" "$prefix" "$1"; }
cxx() { case $1 in gcc) echo g++ ;; *) echo clang++ ;; esac; }

# header: compiles an installed header on its own without warnings, as C11 and as C++17.
header() {
	local standard=c11 language=c
	[ "$2" = c ] || standard=c++17 language=c++
	"$1" -std=$standard -Wall -Wextra -pedantic -Werror -I"$include" -I"$prefix/include" -fsyntax-only -x $language - <<<"#include <$3>
extern int nothing;"
}
while read -r name; do
	for compiler in "${compilers[@]}"; do
		later check "$name, $compiler" header "$compiler" c "$name"
		later check "$name, $(cxx "$compiler")" header "$(cxx "$compiler")" cpp "$name"
	done
done < <(cd "$include" && find driver libscap plugin libsinsp/capi.h -name '*.h' | sort; echo libpman.h)

# With an older standard each header has one error, which names the remedy.
older_standard() {
	local name own
	own=$(mktemp -p "$work")
	while read -r name; do
		"$1" -std=c++14 -I"$include" -I"$prefix/include" -fsyntax-only -x c++ - <<<"#include <$name>" >"$own" 2>&1 && continue
		[ "$(grep -c 'error:' "$own")" = 2 ] && grep -q 'error: .*libsinsp needs C++17: compile with -std=c++17' "$own" &&
			grep -q 'fatal error: .*needs-C++17' "$own" || { cat "$own"; return 1; }
	done < <(cd "$include" && find libsinsp -name '*.h' | sort)
	"$1" -std=c++14 -I"$include" -fsyntax-only -x c++ - <<<"#include <libsinsp/sinsp.h>" >"$own" 2>&1 && { echo "sinsp.h compiles"; return 1; }
	return 0
}
for compiler in "${compilers[@]}"; do
	later check "an older standard, $compiler" older_standard "$(cxx "$compiler")"
done

# Every function that libscap exports is declared in its headers.
every_function() {
	{
		(cd "$include" && find libscap plugin ../libpman.h -name '*.h' | sort | sed 's/.*/#include <&>/')
		exported scap | awk '$1 == "T" { printf "void *take_%s(void) { return (void *)%s; }\n", $2, $2 }'
	} >"$work/every.c"
	gcc -std=c11 -Wall -Wextra -Werror -I"$include" -c -o "$work/every.o" "$work/every.c"
}
check "every function is declared" every_function

# The shared library exports exactly both APIs; each static one defines exactly the global symbols of its API.
exports() {
	exported "$1" | cut -d' ' -f2 | sort >"$work/shared"
	nm -g --defined-only "$lib/lib$1.a" | awk 'NF == 3 { print $3 }' | sort >"$work/static"
	diff "$work/shared" "$work/static" || return 1
	! grep -vE "$2" "$work/shared"
}
tables=$(sed -nE 's/^extern const struct .* ([a-z0-9_]+)\[\];$/\1/p' "$include/driver/ppm_events_public.h" | paste -sd '|')
check "exports of libscap" exports scap "^(scap_.*|noop_.*|pman_.*|plugin_.*|g_event_info|g_syscall_table|get_(enter|exit)_event_fd_location|init_proclist|default_.*_callback|check_api_compatibility|test_event_convertibility|$tables)\$"
check "exports of libsinsp" exports sinsp '^sinsp_.*$'

# There is one shared library, with a name that no build of the reference has; the names used for linking are links to it. Its file name
# contains its version. Each export has the version of the release that added it.
soname() { readelf -d "$1" | sed -nE 's/.*SONAME.*\[(.*)\]$/\1/p'; }
one_library() {
	local files version name
	files=$(find "$lib" -maxdepth 1 -name '*.so*' -type f)
	version=${files##*/libfalcosecurity-rs.so.}
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] && [ "$(soname "$files")" = "libfalcosecurity-rs.so.${version%%.*}" ] || {
		echo "$files: $(soname "$files")"
		return 1
	}
	for name in libscap.so libsinsp.so libpman.so libfalcosecurity-rs.so "libfalcosecurity-rs.so.${version%%.*}"; do
		[ "$(readlink -f "$lib/$name")" = "$(readlink -f "$files")" ] || { echo "$name is a link to another file"; return 1; }
	done
	for name in "$here/../../capi/symbols/${version%%.*}".*.txt; do
		sed "/^#/d; s/\$/@@FALCOSECURITY_RS_$(basename "$name" .txt)/" "$name"
	done | LC_ALL=C sort >"$work/listed"
	nm -D --defined-only "$files" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort | diff "$work/listed" -
}
check "one shared library" one_library

# For every combination of -l options a program depends on that library once and starts. It calls functions of both APIs and checks the
# version in the library's file name.
linked() {
	local libraries=$1 linker=$2 needed version own
	own=$(mktemp -d -p "$work")
	version=$(readlink -f "$lib/libsinsp.so")
	IFS=. read -r -a version <<<"${version##*.so.}"
	# shellcheck disable=SC2086
	gcc -std=c11 -Wall -Wextra -Werror -DABI_MAJOR="${version[0]}" -DABI_MINOR="${version[1]}" -I"$include" -I"$prefix/include" $linker \
		-o "$own/linked" "$here/linked.c" -L"$lib" $libraries -Wl,-rpath,"$lib" && "$own/linked" || return 1
	needed=$(readelf -d "$own/linked" | sed -nE 's/.*NEEDED.*\[(.*(falco|scap|sinsp|pman).*)\]$/\1/p')
	[ "$needed" = "$(soname "$lib/libsinsp.so")" ] || { echo "needs $needed"; return 1; }
}
for linker in "${linkers[@]}"; do
	for libraries in -lsinsp -lscap -lpman -lfalcosecurity-rs "-lscap -lsinsp" "-lsinsp -lscap -lpman" "-Wl,--no-as-needed -lpman -lsinsp -lscap"; do
		later check "linked by $libraries $linker" linked "$libraries" "$linker"
	done
done

. "$here/later.sh"

# pkgconfig COMPILER SOURCE FORM PACKAGES LINKER: builds and runs a consumer.
pkgconfig() {
	local flags standard=c11 own needed
	own=$(mktemp -d -p "$work")
	[ "${2##*.}" = c ] || standard=c++17
	if [ "$3" = static ]; then
		flags=$(pkg-config --static --libs $4)
	else
		flags="$(pkg-config --libs $4) -Wl,-rpath,$lib"
	fi
	# shellcheck disable=SC2046,SC2086
	"$1" -std=$standard -Wall -Wextra -pedantic -Werror $5 -o "$own/program" "$here/$2" $(pkg-config --cflags $4) $flags &&
		[ "$("$own/program")" = ok ] || return 1
	needed=$(readelf -d "$own/program" | grep -c 'NEEDED.*libfalcosecurity-rs')
	[ "$needed" = "$([ "$3" = shared ] && echo 1 || echo 0)" ] || { echo "it needs $needed shared libraries of ours"; return 1; }
}
for form in shared static; do
	for order in "libscap libsinsp" "libsinsp libscap"; do
		for compiler in "${compilers[@]}"; do
			for linker in "${linkers[@]}"; do
				later check "C by pkg-config: $form, $order, $compiler $linker" pkgconfig "$compiler" consumer.c $form "$order" "$linker"
				later check "C++ by pkg-config: $form, $order, $(cxx "$compiler") $linker" \
					pkgconfig "$(cxx "$compiler")" consumer.cpp $form "$order" "$linker"
			done
		done
	done
done

# Copies of captures are equal to the original.
roundtrip() {
	[ -e "$work/roundtrip" ] ||
		gcc -std=c11 -Wall -Wextra -pedantic -Werror -o "$work/roundtrip" "$here/roundtrip.c" $(pkg-config --cflags --libs libscap) \
			-Wl,-rpath,"$lib" || return 1
	[ "$("$work/roundtrip" "$@")" = ok ]
}
check "a capture with lists of ours" roundtrip "$capture" "$work/lists.scap" lists
for mode in plain gzip memory lists; do
	check "its copy: $mode" roundtrip "$work/lists.scap" "$work/copy.scap" $mode
done

# Linking with another static library made by Rust, which has all symbols of Rust's library too.
neighbour() {
	cat >"$work/neighbour.rs" <<-'RUST'
		#[unsafe(no_mangle)]
		pub extern "C" fn neighbour(n: i32) -> i32 {
		    std::panic::catch_unwind(|| format!("{}", 10 / n).len() as i32).unwrap_or(-1)
		}
	RUST
	rustc --edition 2024 --crate-type staticlib -C opt-level=1 -o "$work/libneighbour.a" "$work/neighbour.rs" || return 1
	sed 's/^int main(void) {$/int neighbour(int n);\n&\n\tcheck(neighbour(1) == 2 \&\& neighbour(0) == -1, "a neighbour");/' \
		"$here/consumer.c" >"$work/neighbour.c"
	# shellcheck disable=SC2046
	gcc -o "$work/program" "$work/neighbour.c" $(pkg-config --cflags libscap libsinsp) "$@" -lelf -lz -lpthread -ldl -lm &&
		[ "$("$work/program" 2>/dev/null)" = ok ]
}
if command -v rustc >/dev/null; then
	check "another Rust library first" neighbour "$work/libneighbour.a" "$lib/libscap.a" "$lib/libsinsp.a"
	check "another Rust library last" neighbour "$lib/libsinsp.a" "$lib/libscap.a" "$work/libneighbour.a"
fi

# project FORM ORDER
project() {
	local static=OFF build
	[ "$1" = static ] && static=ON
	build=$(mktemp -d -p "$work")
	cmake -S "$here" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" -Dlibsinsp_STATIC=$static -Dlibscap_STATIC=$static -Dlibpman_STATIC=$static -DORDER="$2" &&
		cmake --build "$build" && [ "$("$build/consumer_c")" = ok ] && [ "$("$build/consumer_cpp")" = ok ]
}
for form in shared static; do
	for order in "libscap::scap;libsinsp::sinsp" "sinsp;scap" "libpman::pman;sinsp"; do
		later check "by CMake: $form, $order" project $form "$order"
	done
done
collect

finish
