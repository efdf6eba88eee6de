# Part of test.sh: a program that was built with one library runs with a later one, and the other way round the dynamic linker names the version
# that is missing. The later library is linked from the static ones, with an addition in a version of its own and another layout of its code.
# shellcheck shell=bash
later_library() {
	local name=later/libfalcosecurity-rs.so.$major.9.0 node
	mkdir -p "$work/later"
	node=$(nm -D --defined-only "$lib/libscap.so" | sed -nE 's/.*@@(FALCOSECURITY_RS_[0-9.]+)$/\1/p' | sort -u)
	printf 'static char more[1 << 16];\nint sinsp_later_addition(void) { return more[1] + 42; }\n' >"$work/addition.c"
	{
		echo "$node { global:"
		{ exported scap; exported sinsp; } | awk '{ print $2 ";" }' | sort -u
		echo "local: *; };"
		echo "${node%.*}.9 { global: sinsp_later_addition; } $node;"
	} >"$work/later.map"
	gcc -shared -fPIC -O1 -o "$work/$name" "$work/addition.c" -Wl,--whole-archive "$lib/libsinsp.a" "$lib/libscap.a" -Wl,--no-whole-archive \
		-Wl,-soname,"$(soname "$lib/libscap.so")" -Wl,--version-script="$work/later.map" -lelf -lz -lpthread -ldl -lm &&
		ln -sf "${name##*/}" "$work/later/$(soname "$lib/libscap.so")" && ln -sf "${name##*/}" "$work/later/libsinsp.so"
}
before() {
	local out=$1
	shift
	# shellcheck disable=SC2046
	g++ -std=c++17 -O1 -Wall -Wextra -Werror -o "$out" "$here/before.cpp" $(pkg-config --cflags libsinsp) "$@"
}
runs_later() {
	before "$work/before" -L"$lib" -lsinsp -Wl,-rpath,"$lib" && "$work/before" "$capture" >"$work/before.txt" &&
		LD_LIBRARY_PATH=$work/later "$work/before" "$capture" >"$work/later.txt" || return 1
	LD_LIBRARY_PATH=$work/later LD_TRACE_LOADED_OBJECTS=1 "$work/before" | grep -F "$work/later/" && diff "$work/before.txt" "$work/later.txt"
}
needs_later() {
	before "$work/newer" -DLATER -L"$work/later" -lsinsp -Wl,-rpath,"$work/later" && "$work/newer" "$capture" >"$work/newer.txt" || return 1
	[ "$(head -n 1 "$work/newer.txt")" = 42 ] || return 1
	! LD_LIBRARY_PATH=$lib "$work/newer" "$capture" >"$work/refused.txt" 2>&1 && grep "FALCOSECURITY_RS_.*\.9" "$work/refused.txt"
}
# Neither exports nor needs a symbol of C++, nor a library of its runtime.
no_cpp() {
	! nm -D "$(readlink -f "$lib/libsinsp.so")" | awk '{ print $NF }' | grep -E '^(_Z|__cxa_(throw|begin_catch|guard|pure)|__gxx_)' &&
		! readelf -d "$lib/libsinsp.so" | grep -E 'NEEDED.*(libstdc|libc\+\+)'
}
major=$(soname "$lib/libscap.so")
major=${major##*.}
check "no C++ in the shared library" no_cpp
check "a later library can be linked" later_library
check "a program runs with a later library" runs_later
check "a program does not run with an earlier library" needs_later
