#!/usr/bin/env bash
# libsinsp's C++ API: test.sh PREFIX. Every header on its own, and consumers that check what they get, with each compiler that
# there is, under valgrind and under sanitizers. Prints what failed, and a count.
. "$(dirname "$0")/../common.sh"

compilers=(g++)
command -v clang++ >/dev/null && compilers+=(clang++)
include=$prefix/include/falcosecurity
library=$(dirname "$(find "$prefix" -name 'libsinsp.so' | head -n 1)")
warnings=(-Wall -Wextra -pedantic -Werror)
consumers=()
for source in "$here"/*.cpp; do
	consumers+=("$(basename "$source" .cpp)")
done

header() {
	printf '#include <%s>\nextern int nothing;\n' "$2" >"$work/header.cpp"
	"$1" -std=c++17 "${warnings[@]}" -I"$include" -fsyntax-only "$work/header.cpp"
}

# Two files of one program include the headers in different order: nothing is defined twice.
together() {
	printf '#include <libsinsp/eventformatter.h>\nbool log_has_output() { return libsinsp_logger()->has_output(); }\n' >"$work/one.cpp"
	printf '#include <libsinsp/sinsp.h>\nbool log_has_output();\nint main() { sinsp s; return log_has_output(); }\n' >"$work/two.cpp"
	build "$1" "$work/together" "$work/one.cpp" "$work/two.cpp" && "$work/together"
}

# build COMPILER PROGRAM SOURCE...
build() {
	local compiler=$1 program=$2
	shift 2
	"$compiler" -std=c++17 -g "${warnings[@]}" -I"$include" -o "$program" "$@" -L"$library" -lsinsp -lscap -lpthread -Wl,-rpath,"$library"
}

# consumer NAME COMPILER [OPTION...]: a program of this folder, on the capture.
consumer() {
	build "$2" "$work/$1" "${@:3}" "$here/$1.cpp" && "$work/$1" "$capture" "$work"
}

# The same under valgrind, which sees every read of memory, those of the library too.
watched() {
	build g++ "$work/$1" "$here/$1.cpp" &&
		valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite "$work/$1" "$capture" "$work"
}

for compiler in "${compilers[@]}"; do
	while read -r name; do
		check "$name, $compiler" header "$compiler" "$name"
	done < <(cd "$include" && find libsinsp plugin -name '*.h' | sort)
	check "headers in one program, $compiler" together "$compiler"
	counted "facade in C++20, $compiler" consumer facade "$compiler" -std=c++20
	for name in "${consumers[@]}"; do
		counted "$name, $compiler" consumer "$name" "$compiler"
	done
done

if command -v valgrind >/dev/null; then
	for name in "${consumers[@]}"; do
		counted "$name under valgrind" watched "$name"
	done
else
	skip "valgrind is not installed"
fi

echo 'int main() {}' >"$work/empty.cpp"
if g++ -fsanitize=address,undefined -o "$work/empty" "$work/empty.cpp" 2>/dev/null && "$work/empty"; then
	for name in "${consumers[@]}"; do
		counted "$name under sanitizers" consumer "$name" g++ -fsanitize=address,undefined -fno-sanitize-recover=all
	done
else
	skip "the sanitizers do not work here"
fi

finish
