#!/usr/bin/env bash
# Tests plugins in C++ programs: test.sh PREFIX. Compiles the plugins of this folder, and runs its programs with them: by g++ under valgrind, and by
# clang++ with sanitizers. A missing tool is left out.
. "$(dirname "$0")/../common.sh"

include=$prefix/include/falcosecurity
library=$(dirname "$(find "$prefix" -name 'libsinsp.so' | head -n 1)")
warnings=(-Wall -Wextra -pedantic -Werror)
sanitizers=(-fsanitize=address,undefined -fno-sanitize-recover=all)

# program NAME COMPILER RUNNER [OPTION...]: builds a program of this folder and runs it on the capture and the plugins, by RUNNER unless that is empty.
program() {
	local own
	own=$(mktemp -d -p "$work")
	"$2" -std=c++17 -g "${warnings[@]}" -I"$include" -o "$own/$1" "${@:4}" "$here/$1.cpp" -L"$library" -lsinsp -lscap -lpthread \
		-Wl,-rpath,"$library" || return
	# shellcheck disable=SC2086
	ASAN_OPTIONS=$leaks $3 "$own/$1" "$capture" "$work" "$own"
}

# plugin COMPILER SOURCE NAME [OPTION...]: compiles a plugin of this folder.
plugin() {
	"$1" -std=c11 -g -shared -fPIC "${warnings[@]}" -I"$include" "${@:4}" -o "$work/$3.so" "$here/$2.c" -lpthread
}

works() {
	echo 'int main() {}' >"$work/empty.cpp"
	"$@" -o "$work/empty" "$work/empty.cpp" 2>/dev/null && "$work/empty"
}

compiler=gcc
command -v gcc >/dev/null || compiler=cc
for source in "$here"/*.c; do
	check "$(basename "$source")" plugin "$compiler" "$(basename "$source" .c)" "$(basename "$source" .c)"
done
check "source.c for system calls" plugin "$compiler" source syscalls -DSYSCALL_SOURCE

# The plugin in Rust, if its crates can be had.
without_rust=
if (cd "$here/rust" && cargo fetch --quiet --locked) 2>"$work/log"; then
	check "the plugin in Rust" cargo build --quiet --locked --manifest-path "$here/rust/Cargo.toml" --target-dir "$here/../../target/plugins"
	cp "$here/../../target/plugins/debug/libtest_rust.so" "$work/rust.so" 2>/dev/null || without_rust=1
else
	skip "no access to the crates of the plugin in Rust: $(tail -n 1 "$work/log")"
	without_rust=1
fi

valgrind=
if command -v valgrind >/dev/null; then
	valgrind="valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --suppressions=$here/../cpp/valgrind.supp --suppressions=$here/valgrind.supp"
else
	skip "valgrind is not installed"
fi
sanitizing=
for candidate in clang++ g++; do
	if [ -z "$sanitizing" ] && command -v $candidate >/dev/null && works $candidate "${sanitizers[@]}"; then
		sanitizing=$candidate
	fi
done
[ -n "$sanitizing" ] || skip "the sanitizers do not work here"

for source in "$here"/*.cpp; do
	name=$(basename "$source" .cpp)
	leaks=
	if [ "$name" = rust ]; then
		[ -n "$without_rust" ] && continue
		# What the SDK keeps in static variables is lost when the plugin is unloaded.
		leaks=detect_leaks=0
	fi
	# Threads that are busy all the time hardly get on under valgrind, which runs one at a time.
	if [ "$name" = hostile ] || [ "$name" = routines ] || [ "$name" = handlers ]; then
		later counted "$name, g++" program "$name" g++ ""
	else
		later counted "$name, g++, under valgrind" program "$name" g++ "$valgrind"
	fi
	[ -z "$sanitizing" ] || later counted "$name, $sanitizing, sanitizers" program "$name" "$sanitizing" "" "${sanitizers[@]}"
done
collect
finish
