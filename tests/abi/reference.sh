#!/usr/bin/env bash
# Compares libscap's headers, functions and types with those of the reference: reference.sh PREFIX REFERENCE, two installed prefixes. Each difference has
# to be a row of reference.tsv, with its reason, and each row has to be a difference. `./dev test` has no reference and does not run this.
#
# The description of the types comes from the headers, as in dump.sh: a library of each side defines the functions that both declare.
. "$(dirname "$0")/../common.sh"
reference=$(cd "$2" && pwd)
for tool in abidiff gcc; do
	command -v $tool >/dev/null || { skip "no $tool, of the packages abigail-tools and gcc"; finish; }
done
system='fcntl.h stdbool.h stddef.h stdint.h stdio.h sched.h sys/mman.h sys/socket.h sys/types.h'

# headers FOLDER: the names of libscap's installed headers.
headers() {
	(cd "$1/include/falcosecurity" && find driver libscap plugin -name '*.h' | sort)
}

# options FOLDER: the compiler's options for the headers of a prefix.
options() {
	echo "-std=gnu11 -w -I$1/include -I$1/include/falcosecurity -I$1/include/falcosecurity/libscap"
}

# compiles FOLDER HEADER: whether C can include it, after the system's headers.
compiles() {
	# shellcheck disable=SC2046
	printf '#include <%s>\n' $system "$2" | gcc $(options "$1") -fsyntax-only -xc - 2>/dev/null
}

# describe FOLDER NAME: writes NAME.c, which includes the shared headers, and NAME.functions, the functions that they declare, by name.
describe() {
	# shellcheck disable=SC2086,SC2046
	printf '#include <%s>\n' $system $(cat "$work/included") >"$work/$2.c"
	[ ! -e "$reference/include/libpman.h" ] || echo '#include <libpman.h>' >>"$work/$2.c"
	# shellcheck disable=SC2046
	gcc $(options "$1") -aux-info "$work/$2.all" -fsyntax-only "$work/$2.c"
	grep -E '^/\* [^*]*/(falcosecurity/|libpman)' "$work/$2.all" | sed -nE 's#^/\*[^*]*\*/ extern (.*)\);$#\1)#p' | sed 's/__va_list_tag \*/va_list/g; s#(/\* ??? \*/)#(void)#' |
		awk 'match($0, /[A-Za-z0-9_]+ \(/) { print substr($0, RSTART, RLENGTH - 2) "\t" $0 }' | sort -u >"$work/$2.functions"
}

# library FOLDER NAME: compiles the functions of both sides with the types of one.
library() {
	awk -F'\t' 'NR == FNR { shared[$1]; next } $1 in shared && !done[$1]++ { print $2 " { __builtin_trap(); }" }' "$work/shared" "$work/$2.functions" >>"$work/$2.c"
	# shellcheck disable=SC2046
	gcc $(options "$1") -g -shared -fPIC -o "$work/$2.so" "$work/$2.c"
}

headers "$prefix" >"$work/ours"
headers "$reference" >"$work/theirs"
comm -13 "$work/ours" "$work/theirs" | sed 's/^/header\t/; s/$/\tabsent/' >"$work/found"
comm -23 "$work/ours" "$work/theirs" | sed 's/^/header\t/; s/$/\tadded/' >>"$work/found"
for header in $(comm -12 "$work/ours" "$work/theirs"); do
	if compiles "$reference" "$header" && compiles "$prefix" "$header"; then
		echo "$header" >>"$work/included"
	elif compiles "$prefix" "$header"; then
		printf 'header\t%s\tcompiles in C\n' "$header" >>"$work/found"
	else
		check "$header compiles" false
	fi
done
describe "$reference" theirs
describe "$prefix" ours
cut -f1 "$work/theirs.functions" | sort -u >"$work/theirs.names"
cut -f1 "$work/ours.functions" | sort -u >"$work/ours.names"
comm -12 "$work/theirs.names" "$work/ours.names" >"$work/shared"
check "most functions are declared on both sides" test "$(wc -l <"$work/shared")" -gt 150
comm -23 "$work/theirs.names" "$work/ours.names" | sed 's/^/function\t/; s/$/\tabsent/' >>"$work/found"
comm -13 "$work/theirs.names" "$work/ours.names" | sed 's/^/function\t/; s/$/\tadded/' >>"$work/found"
check "the functions compile with the reference's types" library "$reference" theirs
check "the functions compile with our types" library "$prefix" ours
abidiff --no-show-locs --leaf-changes-only "$work/theirs.so" "$work/ours.so" >"$work/types"
grep -E "^'.*' (changed|was)|^  \[C\]" "$work/types" | sed -E "s/^'(.*)' changed.*/type\t\1\tchanged/; s/^  \[C\] ?'?(.*)'/function\t\1\tchanged/" >>"$work/found"

# A name of the list may be a pattern, such as `libscap/compat/*`.
awk -F'\t' -v rows="$here/reference.tsv" '
	BEGIN { while((getline line < rows) > 0) if(line !~ /^#/) { split(line, c, "\t"); pattern = c[2]; gsub(/\*/, ".*", pattern); n++; kind[n] = c[1]; name[n] = "^" pattern "$"; how[n] = c[3]; text[n] = line } }
	{ hit = 0; for(i = 1; i <= n; i++) if(kind[i] == $1 && how[i] == $3 && $2 ~ name[i]) { hit = 1; used[i] }
	  if(!hit) print "no row in reference.tsv: " $0 }
	END { for(i = 1; i <= n; i++) if(!(i in used)) print "no difference any more: " text[i] }' "$work/found" >"$work/wrong"
cat "$work/wrong"
check "every difference has its row" test ! -s "$work/wrong"
echo "$(wc -l <"$work/shared") functions on both sides, $(wc -l <"$work/found") differences, $(grep -vc '^#' "$here/reference.tsv") rows"
finish
