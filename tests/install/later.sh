# Part of test.sh: a program that was built with one library runs with a later one, and the other way round the dynamic linker names the version
# that is missing. The later library is linked from the static ones as a later release would be: with a symbol in a list of its own. Its code has another
# layout.
# shellcheck shell=bash
later_library() {
	local name=libfalcosecurity-rs.so.$major.99.0 all=$work/later/all.o
	mkdir -p "$work/later/symbols"
	cp "$here/../../capi/symbols/$major."*.txt "$work/later/symbols/" && echo sinsp_later_addition >"$work/later/symbols/$major.99.txt"
	printf 'static char more[1 << 16];\nint sinsp_later_addition(void) { return more[1] + 42; }\n' >"$work/addition.c"
	gcc -fPIC -O1 -c -o "$work/addition.o" "$work/addition.c" &&
		ld -r -o "$all" "$work/addition.o" --whole-archive "$lib/libsinsp.a" "$lib/libscap.a" --no-whole-archive || return 1
	{ exported scap; exported sinsp; echo T sinsp_later_addition; } | awk '{ print $2 }' | LC_ALL=C sort -u >"$all.exports"
	sh "$here/../../cmake/link-shared.sh" "$work/later/$name" "$(soname "$lib/libscap.so")" "$work/later/symbols" "$all" -lelf -lz -lpthread -ldl -lm &&
		ln -sf "$name" "$work/later/$(soname "$lib/libscap.so")" && ln -sf "$name" "$work/later/libsinsp.so"
}
# A release adds symbols to its own list alone.
unlisted_symbol() {
	rm "$work/later/symbols/$major.99.txt"
	! sh "$here/../../cmake/link-shared.sh" "$work/unlisted.so" "$(soname "$lib/libscap.so")" "$work/later/symbols" "$work/later/all.o" 2>"$work/unlisted" &&
		grep '^> sinsp_later_addition$' "$work/unlisted"
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
	! LD_LIBRARY_PATH=$lib "$work/newer" "$capture" >"$work/refused.txt" 2>&1 && grep "FALCOSECURITY_RS_$major\.99" "$work/refused.txt"
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
check "a symbol in no list" unlisted_symbol
