#!/usr/bin/env bash
# Tests libsinsp's C++ API: test.sh PREFIX. Compiles every header on its own, and the consumers of this folder: by g++, run under valgrind, and by
# clang++ with sanitizers. A missing tool is left out. Prints failures and a count.
. "$(dirname "$0")/../common.sh"

include=$prefix/include/falcosecurity
library=$(dirname "$(find "$prefix" -name 'libsinsp.so' | head -n 1)")
warnings=(-Wall -Wextra -pedantic -Werror)
sanitizers=(-fsanitize=address,undefined -fno-sanitize-recover=all)

# compile COMPILER [OPTION...]
compile() {
	"$1" -std=c++17 -g "${warnings[@]}" -I"$include" "${@:2}"
}

# build COMPILER PROGRAM [OPTION...] SOURCE...
build() {
	compile "$1" -o "$2" "${@:3}" -L"$library" -lsinsp -lscap -lpthread -Wl,-rpath,"$library"
}

# consumer NAME COMPILER RUNNER [OPTION...]: builds a program of this folder and runs it on the capture, by RUNNER unless that is empty.
consumer() {
	local own
	own=$(mktemp -d -p "$work")
	# shellcheck disable=SC2086
	build "$2" "$own/$1" "${@:4}" "$here/$1.cpp" && $3 "$own/$1" "$capture" "$own"
}

header() {
	compile "$1" -fsyntax-only -x c++ - <<<"#include <$2>
extern int nothing;"
}

headers() {
	compile "$1" -fsyntax-only -x c++ - < <(cd "$include" && find libsinsp plugin -name '*.h' | sort | sed 's/.*/#include <&>/')
}

# Two files of one program include the headers in different order: no symbol is defined twice.
together() {
	local own
	own=$(mktemp -d -p "$work")
	printf '#include <libsinsp/eventformatter.h>\nbool log_has_output() { return libsinsp_logger()->has_output(); }\n' >"$own/one.cpp"
	printf '#include <libsinsp/sinsp.h>\nbool log_has_output();\nint main() { sinsp s; return log_has_output(); }\n' >"$own/two.cpp"
	build "$1" "$own/together" "$own/one.cpp" "$own/two.cpp" && "$own/together"
}

works() {
	echo 'int main() {}' >"$work/empty.cpp"
	"$@" -o "$work/empty" "$work/empty.cpp" 2>/dev/null && "$work/empty"
}

# valgrind checks the library's memory accesses too. It does not support all commands of bpf(2).
valgrind=
if command -v valgrind >/dev/null; then
	valgrind="valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --suppressions=$here/valgrind.supp"
else
	skip "valgrind is not installed"
fi

compilers=(g++)
clang_options=()
if command -v clang++ >/dev/null; then
	compilers+=(clang++)
	works clang++ "${sanitizers[@]}" && clang_options=("${sanitizers[@]}")
fi
by_gcc=no
if [ ${#clang_options[@]} = 0 ]; then
	works g++ "${sanitizers[@]}" && by_gcc=yes || skip "the sanitizers do not work here"
fi

for source in "$here"/*.cpp; do
	name=$(basename "$source" .cpp)
	# valgrind does not pass every call of a program on as it is, which is what this one is about.
	if [ "$name" = calls ]; then
		later counted "$name, g++" consumer "$name" g++ ""
	else
		later counted "$name, g++, under valgrind" consumer "$name" g++ "$valgrind"
	fi
	if [ ${#compilers[@]} = 2 ]; then
		later counted "$name, clang++, sanitizers" consumer "$name" clang++ "" "${clang_options[@]}"
	fi
	if [ $by_gcc = yes ]; then
		later counted "$name, g++, sanitizers" consumer "$name" g++ "" "${sanitizers[@]}"
	fi
done
while read -r name; do
	later check "$name" header g++ "$name"
done < <(cd "$include" && find libsinsp plugin -name '*.h' | sort)
for compiler in "${compilers[@]}"; do
	later check "all headers, $compiler" headers "$compiler"
	later check "headers in one program, $compiler" together "$compiler"
	later check "C++20, $compiler" compile "$compiler" -std=c++20 -fsyntax-only "$here/facade.cpp"
done
collect
finish
