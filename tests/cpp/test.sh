#!/usr/bin/env bash
# libsinsp's C++ API: test.sh PREFIX. Every header on its own, and a consumer that checks what it gets, with each compiler that
# there is, and under sanitizers. Prints what failed, and a count.
. "$(dirname "$0")/../common.sh"

compilers=(g++)
command -v clang++ >/dev/null && compilers+=(clang++)
include=$prefix/include/falcosecurity
library=$(dirname "$(find "$prefix" -name 'libsinsp.so' | head -n 1)")
warnings=(-Wall -Wextra -pedantic -Werror)

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
	"$compiler" -std=c++17 -g "${warnings[@]}" -I"$include" -o "$program" "$@" -L"$library" -lsinsp -lscap -Wl,-rpath,"$library"
}

facade() {
	build "$1" "$work/facade" "${@:2}" "$here/facade.cpp" && "$work/facade" "$capture" "$work"
}

checks() {
	build "$1" "$work/checks" "${@:2}" "$here/checks.cpp" && ${under:-} "$work/checks" "$capture"
}

for compiler in "${compilers[@]}"; do
	while read -r name; do
		check "$name, $compiler" header "$compiler" "$name"
	done < <(cd "$include" && find libsinsp plugin -name '*.h' | sort)
	check "headers in one program, $compiler" together "$compiler"
	counted "facade, $compiler" facade "$compiler"
	counted "facade in C++20, $compiler" facade "$compiler" -std=c++20
	counted "checks, $compiler" checks "$compiler"
done

echo 'int main() {}' >"$work/empty.cpp"
if g++ -fsanitize=address,undefined -o "$work/empty" "$work/empty.cpp" 2>/dev/null && "$work/empty"; then
	counted "facade under sanitizers" facade g++ -fsanitize=address,undefined -fno-sanitize-recover=all
	counted "checks under sanitizers" checks g++ -fsanitize=address,undefined -fno-sanitize-recover=all
else
	skip "the sanitizers do not work here"
fi

if command -v valgrind >/dev/null; then
	under='valgrind -q --error-exitcode=9' counted "checks under valgrind" checks g++
else
	skip "valgrind is not installed"
fi

finish
