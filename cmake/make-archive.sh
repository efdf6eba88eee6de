#!/bin/sh
# Makes a static library of the object that link-object.sh made.
#
#   make-archive.sh ARCHIVE OBJECT
#
# STRIPPED: 1 removes the debug information. AR and OBJCOPY name the tools.
set -eu
[ $# = 2 ] || { sed -n '4p' "$0"; exit 2; }
archive=$1 object=$2
rm -f "$archive"
"${AR:-ar}" rcsD "$archive" "$object"
[ "${STRIPPED:-0}" = 0 ] || "${OBJCOPY:-objcopy}" --enable-deterministic-archives --strip-debug "$archive"
