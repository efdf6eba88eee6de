#!/bin/sh
# Makes a man page for each exported function of the C headers from Doxygen's XML.
#
#   man-pages.sh XML_DIR OUTPUT_DIR EXPORTS...
#
# EXPORTS: the lists of exported symbols; inline functions such as strlcpy get no page, which would hide the system's.
# DOXYGEN2MAN: the program (Debian: doxygen2man). SOURCE_DATE_EPOCH: the date of the pages, today's without it.
set -eu
[ $# -ge 3 ] || { sed -n '4p' "$0"; exit 2; }
xml=$1 pages=$2
shift 2
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%d)
rm -rf "$pages" && mkdir -p "$pages"
# doxygen2man does not understand links within code.
sed -i -E '/<computeroutput>/s/<\/?ref[^>]*>//g' "$xml"/*_8h.xml
# It ends with a fault at some structs of parameters (2.0.8, with plugin_api), which the pages leave out.
sed -i -E 's/<ref refid="(struct|union)[^>]*>([^<]*)<\/ref>/\2/g' "$xml"/*_8h.xml
for file in "$xml"/*_8h.xml; do
	# The header's path, as programs include it.
	header=$(sed -n 's/.*<location file="\([^"]*\)"\/>.*/\1/p' "$file" | tail -n 1)
	# The C++ headers have no exported functions.
	case $header in libsinsp/capi.h) ;; libsinsp/*) continue ;; esac
	"${DOXYGEN2MAN:-doxygen2man}" -m -P -o "$pages" -d "$xml" -p falcosecurity-libs -H falcosecurity-libs -D "$date" -I "$header" "$(basename "$file")" >/dev/null
done
# Without the list of all other functions of the header, a copyright of the tool's making, and structs, which the tool misreads if a member is a
# pointer to a function.
for page in "$pages"/*.3; do
	name=$(basename "$page" .3)
	grep -qxF "$name" "$@" || { rm "$page"; continue; }
	awk '/^\.SH SEE ALSO/ { exit } /^\.SH / { dropped = /STRUCTURES/ } !dropped' "$page" >"$page.short" && mv "$page.short" "$page"
done
