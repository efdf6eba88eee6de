#!/bin/sh
# Makes the installed libraries from one of cargo's static libraries.
#
#   link-library.sh NAME VERSION SONAME ARCHIVE EXPORTS OUT [LINK_ARGUMENT...]
#
# What cargo puts in ARCHIVE has, next to our API, every symbol of Rust's library as a global one: two such archives do not
# link together. So the parts that the API needs are linked into one object whose only global symbols are those of the list
# EXPORTS. That object alone is OUT/libNAME.a, and linked against the system's libraries (LINK_ARGUMENT) it is
# OUT/libNAME.so.VERSION.
#
# CC, LD, OBJCOPY, READELF, NM and AR name the tools; LD has to be GNU ld, which can link partially and drop what is not needed.
set -eu
export LC_ALL=C
[ $# -ge 6 ] || { sed -n '4p' "$0"; exit 2; }
name=$1 version=$2 soname=$3 archive=$4 exports=$5 out=$6
shift 6
mkdir -p "$out"
object=$out/lib$name.o

# An option -u for each symbol brings its object in, and keeps its section.
sed 's/^/-u /' "$exports" >"$out/$name.roots"
# Groups are dissolved, or the final link would drop the copy of whichever library comes second.
"${LD:-ld}" -r --gc-sections --force-group-allocation -o "$object" @"$out/$name.roots" "$archive"
# The bitcode that Rust's own library carries along is of no use here, and tools built with another LLVM stumble over it.
"${OBJCOPY:-objcopy}" --keep-global-symbols="$exports" --remove-section=.llvmbc --remove-section=.llvmcmd "$object"

# What only dropped sections asked for is still in the symbol table, weak references as strong ones: it goes.
"${READELF:-readelf}" -rW "$object" | awk 'NF >= 5 { print $5 }' | sort -u >"$out/$name.needed"
"${NM:-nm}" -u "$object" | sed 's/.* //' | sort -u | comm -23 - "$out/$name.needed" >"$out/$name.unneeded"
"${OBJCOPY:-objcopy}" --strip-symbols="$out/$name.unneeded" "$object"

# A name in the list that the library does not have is a mistake in the list.
"${NM:-nm}" -g --defined-only "$object" | sed 's/.* //' | sort >"$out/$name.defined"
sort "$exports" | comm -23 - "$out/$name.defined" >"$out/$name.missing"
if [ -s "$out/$name.missing" ]; then
	echo "$name: these symbols of $exports are not defined:" >&2
	cat "$out/$name.missing" >&2
	exit 1
fi

rm -f "$out/lib$name.a"
"${AR:-ar}" rcsD "$out/lib$name.a" "$object"

{
	echo '{ global:'
	sed 's/$/;/' "$exports"
	echo 'local: *; };'
} >"$out/$name.map"
"${CC:-cc}" -shared -o "$out/lib$name.so.$version" "$object" -Wl,-soname,"$soname" -Wl,--version-script="$out/$name.map" \
	-Wl,-z,defs -Wl,-z,relro -Wl,-z,now "$@"
ln -sf "lib$name.so.$version" "$out/$soname"
ln -sf "$soname" "$out/lib$name.so"
