#!/usr/bin/env bash
# docs/compatibility.md agrees with the installed library: test.sh PREFIX
. "$(dirname "$0")/../common.sh"
root=$(cd "$here/../.." && pwd)

# The first Python that has libclang's interface: another one than Debian's may come first in PATH.
python=
for each in python3 /usr/bin/python3; do
	if "$each" -c 'import clang.cindex; clang.cindex.Index.create()' 2>/dev/null; then
		python=$each
		break
	fi
done
if [ -z "$python" ]; then
	skip "python3 has no libclang, of the package python3-clang"
else
	fresh() {
		(cd "$root" && "$python" tests/compat/table.py "$prefix") >"$work/compatibility.md" && diff -u "$root/docs/compatibility.md" "$work/compatibility.md" && return
		echo "docs/compatibility.md is stale: tests/compat/table.py target/install >docs/compatibility.md"
		return 1
	}
	later check "the compatibility table" fresh
fi
length() { [ "$(wc -l <"$root/docs/compatibility.md")" -lt 400 ]; }
check "the table stays short" length

# Every export is a function of libscap's or libpman's headers, or listed in own.tsv with its reason.
known() {
	local unknown
	unknown=$(comm -13 <({ cut -f3 "$here/libscap.tsv"; cut -f1 "$here/own.tsv"; } | sort) <(bash "$here/../exported.sh" "$prefix" scap | cut -d' ' -f2 | sort))
	[ -z "$unknown" ] || { echo "exported, of no header of the reference, and not in own.tsv:"; echo "$unknown"; return 1; }
}
check "unknown exports" known
# Everything in own.tsv is exported.
own() { [ -z "$(comm -23 <(grep -v '^#' "$here/own.tsv" | cut -f1 | sort) <(bash "$here/../exported.sh" "$prefix" scap | cut -d' ' -f2 | sort))" ]; }
check "exports of our own" own

# Everything that the table lists as "not supported" throws such an error.
refusals() {
	local name statement
	{
		cat <<-'END'
			#include <libsinsp/sinsp.h>
			#include <cstdio>
			#include <cstring>
			int main() {
				int wrong = 0;
				sinsp inspector;
		END
		while IFS=$'\t' read -r name statement; do
			[[ $name == \#* || $statement == - || $statement == "as there" ]] && continue
			printf '\ttry {\n\t\t%s\n\t\twrong++;\n\t\tstd::puts("%s does not throw");\n' "$statement" "$name"
			printf '\t} catch(const std::exception& e) {\n\t\tif(std::strstr(e.what(), "not supported") == nullptr) {\n\t\t\twrong++;\n'
			printf '\t\t\tstd::printf("%s: %%s\\n", e.what());\n\t\t}\n\t}\n' "$name"
		done <"$here/unsupported.tsv"
		printf '\treturn wrong;\n}\n'
	} >"$work/refusals.cpp"
	# shellcheck disable=SC2046
	"${CXX:-c++}" -std=c++17 -Wall -Wextra -Werror -o "$work/refusals" "$work/refusals.cpp" $(flags libsinsp) && "$work/refusals"
}
later check "what throws" refusals

# Every setting that works has a test that names it.
settings() {
	local name kind state note test bad=0
	while IFS=$'\t' read -r name kind state note test; do
		[[ $name == \#* ]] && continue
		case $state in
		works) grep -qF -- "$name" "$root/$test" || { echo "$name works, but is not in its test ${test:-(none)}"; bad=1; } ;;
		"not needed" | absent) [ -n "$note" ] || { echo "$name is $state: no reason is given"; bad=1; } ;;
		*) echo "$name: $state is no state"; bad=1 ;;
		esac
	done <"$here/settings.tsv"
	return $bad
}
check "settings" settings

later check "addresses" bash "$here/addresses.sh" "$prefix"
collect
finish
