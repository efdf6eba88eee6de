#!/usr/bin/env bash
# Consumers of an installed prefix: test.sh PREFIX. In C and C++, by pkg-config and by CMake, shared and static, both libraries
# in either order, from a prefix that was moved; the headers alone; what the libraries export. Prints what failed, and a count.
. "$(dirname "$0")/../common.sh"
installed=$prefix
unset LD_LIBRARY_PATH

# The prefix is moved, and where it was is not to be seen in it.
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
for linker in lld mold; do
	command -v "ld.$linker" >/dev/null && linkers+=("-fuse-ld=$linker")
done
cxx() { case $1 in gcc) echo g++ ;; *) echo clang++ ;; esac; }

# The installed headers, each on its own and without a warning, as C11 and as C++17.
header() {
	echo "#include <$3>
extern int nothing;" >"$work/header.$2"
	local standard=c11
	[ "$2" = c ] || standard=c++17
	"$1" -std=$standard -Wall -Wextra -pedantic -Werror -I"$include" -I"$prefix/include" -fsyntax-only "$work/header.$2"
}
while read -r name; do
	for compiler in "${compilers[@]}"; do
		check "$name, $compiler" header "$compiler" c "$name"
		check "$name, $(cxx "$compiler")" header "$(cxx "$compiler")" cpp "$name"
	done
done < <(cd "$include" && find driver libscap libsinsp/capi.h -name '*.h' | sort; echo libpman.h)

# Every function that libscap exports is declared in its headers.
every_function() {
	{
		(cd "$include" && find libscap ../libpman.h -name '*.h' | sort | sed 's/.*/#include <&>/')
		nm -D --defined-only "$lib/libscap.so" | awk '$2 == "T" { printf "void *take_%s(void) { return (void *)%s; }\n", $3, $3 }'
	} >"$work/every.c"
	gcc -std=c11 -Wall -Wextra -Werror -I"$include" -c -o "$work/every.o" "$work/every.c"
}
check "every function is declared" every_function

# No function of libscap falls over zeros and null pointers. They are called without their prototypes, which works where six words
# go in registers; the two that take a list of arguments have nothing to stand for one.
zeros() {
	{
		echo '#include <stdio.h>'
		local names
		names=$(nm -D --defined-only "$lib/libscap.so" | awk '$2 == "T" { print $3 }' | grep -v '_v$')
		printf 'void %s(long, long, long, long, long, long);\n' $names
		echo 'int main(void) {'
		printf 'fputs("%s\\n", stderr); %s(0, 0, 0, 0, 0, 0);\n' $(printf '%s\n' $names | sed 'p')
		echo 'return 0; }'
	} >"$work/zeros.c"
	gcc -w -o "$work/zeros" "$work/zeros.c" -L"$lib" -lscap -Wl,-rpath,"$lib" && "$work/zeros"
}
if [ "$(uname -m)" = x86_64 ]; then
	check "zeros for every argument" zeros
fi

# The libraries export the API and nothing else, and the static ones have the same global symbols as the shared ones.
exports() {
	nm -D --defined-only "$lib/lib$1.so" | awk '{ print $3 }' | sort >"$work/shared"
	nm -g --defined-only "$lib/lib$1.a" | awk 'NF == 3 { print $3 }' | sort >"$work/static"
	diff "$work/shared" "$work/static" || return 1
	! grep -vE "$2" "$work/shared"
}
tables=$(sed -nE 's/^extern const struct .* ([a-z0-9_]+)\[\];$/\1/p' "$include/driver/ppm_events_public.h" | paste -sd '|')
check "exports of libscap" exports scap "^(scap_.*|noop_.*|pman_.*|g_event_info|g_syscall_table|get_(enter|exit)_event_fd_location|init_proclist|default_.*_callback|check_api_compatibility|test_event_convertibility|$tables)\$"
check "exports of libsinsp" exports sinsp '^sinsp_.*$'
soname() { readelf -d "$lib/lib$1.so" | grep -qE "SONAME.*\[lib$1\.so\.[0-9]+\]"; }
check "soname of libscap" soname scap
check "soname of libsinsp" soname sinsp

# pkgconfig COMPILER SOURCE FORM PACKAGES LINKER: builds a consumer and runs it.
pkgconfig() {
	local flags standard=c11
	[ "${2##*.}" = c ] || standard=c++17
	if [ "$3" = static ]; then
		# The libraries proper as archives; what they need of the system as it comes.
		flags=$(pkg-config --static --libs $4 | sed -E 's/-l(scap|sinsp)\>/-l:lib\1.a/g')
	else
		flags="$(pkg-config --libs $4) -Wl,-rpath,$lib"
	fi
	# shellcheck disable=SC2046,SC2086
	"$1" -std=$standard -Wall -Wextra -pedantic -Werror $5 -o "$work/program" "$here/$2" $(pkg-config --cflags $4) $flags &&
		[ "$("$work/program")" = ok ]
}
for form in shared static; do
	for order in "libscap libsinsp" "libsinsp libscap"; do
		for compiler in "${compilers[@]}"; do
			for linker in "${linkers[@]}"; do
				check "C by pkg-config: $form, $order, $compiler $linker" pkgconfig "$compiler" consumer.c $form "$order" "$linker"
				check "C++ by pkg-config: $form, $order, $(cxx "$compiler") $linker" \
					pkgconfig "$(cxx "$compiler")" consumer.cpp $form "$order" "$linker"
			done
		done
	done
done

# Captures are copied as they are.
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

# Next to another static library made by Rust, which has all of Rust's symbols too.
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

# cmake FORM ORDER
project() {
	local static=OFF
	[ "$1" = static ] && static=ON
	rm -rf "$work/build"
	cmake -S "$here" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" -Dlibsinsp_STATIC=$static -Dlibscap_STATIC=$static -DORDER="$2" &&
		cmake --build "$work/build" && [ "$("$work/build/consumer_c")" = ok ] && [ "$("$work/build/consumer_cpp")" = ok ]
}
for form in shared static; do
	for order in "libscap::scap;libsinsp::sinsp" "sinsp;scap"; do
		check "by CMake: $form, $order" project $form "$order"
	done
done

finish
