#!/bin/sh
# Links the shared library from the object that link-object.sh made.
#
#   link-shared.sh LIBRARY SONAME VERSION_NODE OBJECT [LINK_ARGUMENT...]
#
# All exports get the symbol version VERSION_NODE. LINK_ARGUMENT: the system's libraries. STRIPPED: 1 moves the debug information to
# LIBRARY.debug, which debuggers look for in the folder .debug beside the library. CC and OBJCOPY name the tools.
set -eu
[ $# -ge 4 ] || { sed -n '4p' "$0"; exit 2; }
library=$1 soname=$2 node=$3 object=$4
shift 4
mkdir -p "$(dirname "$library")"
{
	echo "$node { global:"
	sed 's/$/;/' "$object.exports"
	echo 'local: *; };'
} >"$object.map"
"${CC:-cc}" -shared -o "$library" "$object" -Wl,-soname,"$soname" -Wl,--version-script="$object.map" \
	-Wl,-z,defs -Wl,-z,relro -Wl,-z,now "$@"
rm -f "$library.debug"
if [ "${STRIPPED:-0}" != 0 ]; then
	"${OBJCOPY:-objcopy}" --only-keep-debug "$library" "$library.debug"
	chmod -x "$library.debug"
	"${OBJCOPY:-objcopy}" --strip-unneeded --add-gnu-debuglink="$library.debug" "$library"
fi
