#!/bin/sh
# Links a part of the API from cargo's static library into one object.
#
#   link-object.sh OBJECT ARCHIVE EXPORTS...
#
# ARCHIVE defines, besides our API, all symbols of Rust's standard library as global: two such archives cannot be linked together. So the code that
# the API needs is linked into one object, whose only global symbols are those of the lists EXPORTS. Their union is written to OBJECT.exports.
#
# LD, OBJCOPY and NM name the tools. LD must be GNU ld: only it supports -r with --gc-sections.
set -eu
export LC_ALL=C
[ $# -ge 3 ] || { sed -n '4p' "$0"; exit 2; }
object=$1 archive=$2
shift 2
mkdir -p "$(dirname "$object")"
exports=$object.exports
sort -u "$@" >"$exports"

# -u for each symbol: links the member that defines it and keeps its section.
sed 's/^/-u /' "$exports" >"$object.roots"
# Dissolves section groups; otherwise the final link drops those that a second such library has too.
"${LD:-ld}" -r --gc-sections --force-group-allocation -o "$object" @"$object.roots" "$archive"
# Removes the LLVM bitcode of Rust's library: it is not used, and tools with another LLVM version reject it.
"${OBJCOPY:-objcopy}" --keep-global-symbols="$exports" --remove-section=.llvmbc --remove-section=.llvmcmd "$object"

# The symbol table still has symbols that only dropped sections needed, weak ones as strong: remove them. A stripped copy has the others.
"${OBJCOPY:-objcopy}" --strip-unneeded "$object" "$object.stripped"
"${NM:-nm}" -u "$object.stripped" | sed 's/.* //' | sort -u >"$object.needed"
rm -f "$object.stripped"
"${NM:-nm}" -u "$object" | sed 's/.* //' | sort -u | comm -23 - "$object.needed" >"$object.unneeded"
"${OBJCOPY:-objcopy}" --strip-symbols="$object.unneeded" "$object"

# Fails if the library does not define a listed symbol.
"${NM:-nm}" -g --defined-only "$object" | sed 's/.* //' | sort | comm -23 "$exports" - >"$object.missing"
if [ -s "$object.missing" ]; then
	echo "these symbols of $* are not defined:" >&2
	cat "$object.missing" >&2
	exit 1
fi
