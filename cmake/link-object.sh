#!/bin/sh
# Makes one object with a part of the API from the static library that cargo makes.
#
#   link-object.sh OBJECT ARCHIVE EXPORTS...
#
# What cargo puts in ARCHIVE has, next to our API, every symbol of Rust's library as a global one: two such archives do not
# link together. So the parts that the API needs are linked into one object whose only global symbols are those of the lists
# EXPORTS. The union of the lists is left beside it, in OBJECT.exports.
#
# LD, OBJCOPY, READELF and NM name the tools; LD has to be GNU ld, which can link partially and drop what is not needed.
set -eu
export LC_ALL=C
[ $# -ge 3 ] || { sed -n '4p' "$0"; exit 2; }
object=$1 archive=$2
shift 2
mkdir -p "$(dirname "$object")"
exports=$object.exports
sort -u "$@" >"$exports"

# An option -u for each symbol brings its object in, and keeps its section.
sed 's/^/-u /' "$exports" >"$object.roots"
# Groups are dissolved, or the final link would drop the copy of whichever library comes second.
"${LD:-ld}" -r --gc-sections --force-group-allocation -o "$object" @"$object.roots" "$archive"
# The bitcode that Rust's own library carries along is of no use here, and tools built with another LLVM stumble over it.
"${OBJCOPY:-objcopy}" --keep-global-symbols="$exports" --remove-section=.llvmbc --remove-section=.llvmcmd "$object"

# What only dropped sections asked for is still in the symbol table, weak references as strong ones: it goes.
"${READELF:-readelf}" -rW "$object" | awk 'NF >= 5 { print $5 }' | sort -u >"$object.needed"
"${NM:-nm}" -u "$object" | sed 's/.* //' | sort -u | comm -23 - "$object.needed" >"$object.unneeded"
"${OBJCOPY:-objcopy}" --strip-symbols="$object.unneeded" "$object"

# A name in the list that the library does not have is a mistake in the list.
"${NM:-nm}" -g --defined-only "$object" | sed 's/.* //' | sort | comm -23 "$exports" - >"$object.missing"
if [ -s "$object.missing" ]; then
	echo "these symbols of $* are not defined:" >&2
	cat "$object.missing" >&2
	exit 1
fi
