#!/usr/bin/env bash
# Writes the C ABI of the shared library in an installed prefix, as described by abidw: dump.sh PREFIX FOLDER makes FOLDER/libscap.abi and
# FOLDER/libsinsp.abi, one for each API, with the library's soname.
#
# The description comes from the headers: for each API, a small library that defines the exported symbols with the types declared in the headers is
# compiled and described. An exported symbol without a declaration does not compile.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd) out=$2
lib=$(dirname "$(find "$prefix" -name libscap.so | head -n 1)")
soname=$(readelf -d "$lib/libscap.so" | sed -nE 's/.*SONAME.*\[(.*)\]$/\1/p')
include=$prefix/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=gnu11 -w -I"$include" -I"$include/falcosecurity")

# headers FOLDER_OR_FILE...: prints the text that includes all of them.
headers() {
	(cd "$include/falcosecurity" && find "$@" -name '*.h' | sort | sed 's/.*/#include <&>/')
	echo '#include <libpman.h>'
	# No header declares these two; programs declare them.
	echo 'extern const struct ppm_event_info g_event_info[];'
	echo 'extern const struct syscall_evt_pair g_syscall_table[];'
}

for name in libscap libsinsp; do
	headers driver libscap plugin libsinsp/capi.h >"$work/$name.c"
	gcc "${flags[@]}" -aux-info "$work/prototypes" -fsyntax-only "$work/$name.c"
	sed -nE 's#^/\*[^*]*\*/ extern (.*)\);$#\1)#p' "$work/prototypes" | sed 's/__va_list_tag \*/va_list/g' >"$work/functions"
	bash "$here/../exported.sh" "$prefix" "${name#lib}" >"$work/symbols"
	awk '$1 == "T" { print $2 }' "$work/symbols" >"$work/exported"
	# The name of a function is the first word before a parenthesis.
	awk 'NR == FNR { exported[$1]; next }
		match($0, /[A-Za-z0-9_]+ \(/) { f = substr($0, RSTART, RLENGTH - 2); if(f in exported && !done[f]++) print $0 " { __builtin_trap(); }" }' \
		"$work/exported" "$work/functions" >>"$work/$name.c"
	awk '$1 != "T" { print "__typeof__(" $2 ") " $2 " = {0};" }' "$work/symbols" >>"$work/$name.c"
	gcc "${flags[@]}" -g -shared -fPIC -Wl,-soname,"$soname" -o "$work/$name.so" "$work/$name.c"
	diff <(awk '{ print $2 }' "$work/symbols" | sort) \
		<(nm -D --defined-only "$work/$name.so" | awk '{ print $3 }' | sort) >&2 ||
		{ echo "$soname exports symbols of $name that its headers do not declare" >&2; exit 1; }
	abidw --exported-interfaces-only --no-corpus-path --no-comp-dir-path --no-show-locs --type-id-style hash \
		--out-file "$out/$name.abi" "$work/$name.so"
	sed -i "s#path='$work/#path='#" "$out/$name.abi"
done
