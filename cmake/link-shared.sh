#!/bin/sh
# Links the shared library from the object that link-object.sh made.
#
#   link-shared.sh LIBRARY SONAME SYMBOLS OBJECT [LINK_ARGUMENT...]
#
# The folder SYMBOLS has a list RELEASE.txt for each release that added symbols, which get the version FALCOSECURITY_RS_RELEASE.
# LINK_ARGUMENT: the system's libraries. STRIPPED: 1 moves the debug information to
# LIBRARY.debug, which debuggers look for in the folder .debug beside the library. CC and OBJCOPY name the tools.
set -eu
[ $# -ge 4 ] || { sed -n '4p' "$0"; exit 2; }
library=$1 soname=$2 symbols=$3 object=$4
shift 4
mkdir -p "$(dirname "$library")"
export LC_ALL=C
cat "$symbols/${soname##*.}".*.txt | sed '/^#/d' | sort >"$object.listed"
if ! cmp -s "$object.listed" "$object.exports"; then
	echo "the lists in $symbols are not those of the exported symbols (run ./dev headers):" >&2
	diff "$object.listed" "$object.exports" >&2 || exit 1
fi
# Each version is a successor of the one before; the first hides all that is not listed.
hidden=' local: *;' before=
for list in $(cd "$symbols" && ls "${soname##*.}".*.txt | sort -t. -k1,1n -k2,2n); do
	node=FALCOSECURITY_RS_${list%.txt}
	echo "$node { global:"
	sed '/^#/d; s/$/;/' "$symbols/$list"
	echo "$hidden }$before;"
	hidden='' before=" $node"
done >"$object.map"
# Its own calls stay within the library where a process has another library with functions of these names.
"${CC:-cc}" -shared -o "$library" "$object" -Wl,-soname,"$soname" -Wl,--version-script="$object.map" \
	-Wl,-Bsymbolic-functions -Wl,-z,defs -Wl,-z,relro -Wl,-z,now "$@"
rm -f "$library.debug"
if [ "${STRIPPED:-0}" != 0 ]; then
	"${OBJCOPY:-objcopy}" --only-keep-debug "$library" "$library.debug"
	chmod -x "$library.debug"
	"${OBJCOPY:-objcopy}" --strip-unneeded --add-gnu-debuglink="$library.debug" "$library"
fi
