#!/usr/bin/env bash
# Writes the C ABI of the shared library in an installed prefix, as abidw describes it: dump.sh PREFIX FOLDER makes FOLDER/libscap.abi and
# FOLDER/libsinsp.abi, a description of each API, with the library's soname.
#
# What a program is compiled against are the headers: for each API a small library is compiled that defines what is exported of it with the types
# that the headers declare, and that library is described. What is exported without a declaration does not compile.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd) out=$2
lib=$(dirname "$(find "$prefix" -name libscap.so | head -n 1)")
soname=$(readelf -d "$lib/libscap.so" | sed -nE 's/.*SONAME.*\[(.*)\]$/\1/p')
include=$prefix/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=gnu11 -w -I"$include" -I"$include/falcosecurity")

# headers FOLDER_OR_FILE...: the text that includes them all.
headers() {
	(cd "$include/falcosecurity" && find "$@" -name '*.h' | sort | sed 's/.*/#include <&>/')
	echo '#include <libpman.h>'
	# Programs declare these two themselves.
	echo 'extern const struct ppm_event_info g_event_info[];'
	echo 'extern const struct syscall_evt_pair g_syscall_table[];'
}

for name in libscap libsinsp; do
	headers driver libscap libsinsp/capi.h >"$work/$name.c"
	gcc "${flags[@]}" -aux-info "$work/prototypes" -fsyntax-only "$work/$name.c"
	sed -nE 's#^/\*[^*]*\*/ extern (.*)\);$#\1)#p' "$work/prototypes" | sed 's/__va_list_tag \*/va_list/g' >"$work/functions"
	bash "$here/../exported.sh" "$prefix" "${name#lib}" >"$work/symbols"
	awk '$1 == "T" { print $2 }' "$work/symbols" >"$work/exported"
	# A function is the first word that is followed by its arguments.
	awk 'NR == FNR { exported[$1]; next }
		match($0, /[A-Za-z0-9_]+ \(/) { f = substr($0, RSTART, RLENGTH - 2); if(f in exported && !done[f]++) print $0 " { __builtin_trap(); }" }' \
		"$work/exported" "$work/functions" >>"$work/$name.c"
	awk '$1 != "T" { print "__typeof__(" $2 ") " $2 " = {0};" }' "$work/symbols" >>"$work/$name.c"
	gcc "${flags[@]}" -g -shared -fPIC -Wl,-soname,"$soname" -o "$work/$name.so" "$work/$name.c"
	diff <(awk '{ print $2 }' "$work/symbols" | sort) \
		<(nm -D --defined-only "$work/$name.so" | awk '{ print $3 }' | sort) >&2 ||
		{ echo "$soname exports of $name what its headers do not declare" >&2; exit 1; }
	abidw --exported-interfaces-only --no-corpus-path --no-comp-dir-path --no-show-locs --type-id-style hash \
		--out-file "$out/$name.abi" "$work/$name.so"
	sed -i "s#path='$work/#path='#" "$out/$name.abi"
done
