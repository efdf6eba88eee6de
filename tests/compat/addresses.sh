#!/usr/bin/env bash
# Takes the address of everything that the installed headers of libscap and libpman declare, and of all that libscap.tsv lists of the
# reference's, in C and in C++, with every installed compiler: addresses.sh PREFIX. A listed name that is not declared does not compile, a
# declared one that is not exported does not link.
set -euo pipefail
prefix=$(cd "$1" && pwd)
include=$prefix/include/falcosecurity
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$include" && find driver libscap plugin ../libpman.h -name '*.h' | sort | sed 's/.*/#include <&>/') >"$work/all.h"
echo '#include "all.h"' >"$work/all.c"
# The compiler itself lists the functions that it sees declared: `/* FILE:LINE:.. */ extern TYPE NAME (...);`.
gcc -std=c11 -I"$include" -fsyntax-only -aux-info "$work/functions" "$work/all.c"
grep -F "$prefix/include/" "$work/functions" | sed -E 's@^/\*[^*]*\*/ *@@; s@ \(.*@@; s@.*[ *]@@' | sort -u >"$work/names"
# Variables: `extern const TYPE NAME[];` or without brackets.
(cd "$include" && sed -nE 's/^extern const .*[ *]([a-z_0-9]+)(\[\])?;$/\1/p' $(find driver libscap -name '*.h')) | sort -u >>"$work/names"
# And what the reference's headers declare.
grep -v '^#' "$(dirname "$0")/libscap.tsv" | cut -f3 >>"$work/names"
sort -u -o "$work/names" "$work/names"
count=$(wc -l <"$work/names")
[ "$count" -gt 200 ] || { echo "only $count names found in the headers"; exit 1; }

{
	cat "$work/all.h"
	echo '#include <stdio.h>'
	echo 'typedef void (*function)(void);'
	echo 'int main(void) {'
	echo '	unsigned missing = 0;'
	# Through a volatile variable, so that the compiler cannot compute the result.
	echo '	volatile unsigned long address;'
	while read -r name; do
		echo "	address = (unsigned long)&$name;"
		echo "	if(address == 0) { missing++; puts(\"$name\"); }"
	done <"$work/names"
	echo '	return missing != 0;'
	echo '}'
} >"$work/addresses.c"
cp "$work/addresses.c" "$work/addresses.cpp"

for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	case $compiler in gcc) cxx=g++ ;; *) cxx=clang++ ;; esac
	for variant in "$compiler -std=c11 $work/addresses.c" "$cxx -std=c++17 $work/addresses.cpp"; do
		$variant -Wall -Wextra -Werror -I"$include" -o "$work/addresses" -L"$prefix/lib" -lscap -Wl,-rpath,"$prefix/lib"
		"$work/addresses"
	done
done
echo "$count functions and variables are declared and there"
