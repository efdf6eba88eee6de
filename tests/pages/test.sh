#!/usr/bin/env bash
# The pages of the C API, as installed: test.sh PREFIX. Prints failures and a count.
. "$(dirname "$0")/../common.sh"
man=$prefix/share/man/man3
html=$prefix/share/doc/falcosecurity-libs/html
if [ ! -d "$html" ]; then
	skip "no pages: doxygen or doxygen2man is missing"
	finish
fi
root=$(cd "$here/../.." && pwd)

# A man page for each function, with a line that says what it does.
functions() {
	local name missing=0
	for name in $(nm -D --defined-only "$prefix/lib/libsinsp.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }'); do
		grep -q "^$name .- .." "$man/$name.3" && continue
		echo "$name has no page, or one without a description"
		missing=1
	done
	return $missing
}
check "a man page for each function" functions

# In the HTML pages each table and engine has its declaration and a description.
objects() {
	python3 - "$html" $(nm -D --defined-only "$prefix/lib/libsinsp.so" | awk '$2 ~ /[DRB]/ { sub(/@.*/, "", $3); print $3 }') <<-'PYTHON'
		import glob, html, re, sys

		described = set()
		for page in glob.glob(sys.argv[1] + "/*_8h.html"):
		    text = open(page, encoding="utf-8").read()
		    for item in text.split('<div class="memitem">')[1:]:
		        declared, _, words = item.partition('<div class="memdoc">')
		        name = re.search(r'<td class="memname">(.*?)</td>', declared, re.S)
		        if name and re.sub(r"<[^>]*>", "", words.split("</div>")[0]).strip():
		            described.add(re.sub(r"<[^>]*>", "", html.unescape(name[1])).replace("[]", "").split()[-1])
		missing = [name for name in sys.argv[2:] if name not in described]
		sys.exit(f"without a page: {missing}" if missing or len(sys.argv) < 10 else 0)
	PYTHON
}
check "a description of each table" objects

# Only what the library exports has a man page: one of strlcpy would hide the system's.
no_others() {
	local page
	for page in "$man"/*.3; do
		nm -D --defined-only "$prefix/lib/libsinsp.so" | grep -q " $(basename "$page" .3)@" || { echo "$page"; return 1; }
	done
}
check "no other man page" no_others
readable() {
	local page
	for page in "$man"/sinsp_inspector_next.3 "$man"/scap_next.3 "$man"/plugin_load.3; do
		LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l "$page" >"$work/page" 2>"$work/warnings" && [ ! -s "$work/warnings" ] || { cat "$work/warnings"; return 1; }
		grep -q '#include <.*/.*\.h>' "$work/page" || return 1
	done
}
if command -v man >/dev/null; then
	check "man reads them" readable
fi

# C++ classes have their members with descriptions.
classes() {
	for class in sinsp sinsp__evt sinsp__evt__formatter sinsp__filter__compiler sinsp__dumper sinsp__threadinfo sinsp__fdinfo; do
		grep -q 'class="memdoc"' "$html/class$class.html" || { echo "$class has no page with descriptions"; return 1; }
	done
}
check "pages of the C++ classes" classes
# In the installed documents each link to a file leads to one.
installed_links() {
	local document link
	cd "$prefix/share/doc/falcosecurity-libs" || return 1
	! find . -name '*.md' | while read -r document; do
		grep -oE '\]\([^)#]+' "$document" | sed 's/](//' | grep -v '://' | while read -r link; do [ -e "$(dirname "$document")/$link" ] || echo "$document: $link"; done
	done | grep .
}
check "links of the installed documents" installed_links

# The documents are pages too, and their links lead somewhere.
linked() {
	[ -s "$html/index.html" ] && grep -q 'using_8md\|md_docs_using' "$html/index.html" || return 1
	! grep -hoE 'href="[^"#:]+\.(html|md)' "$html"/*.html | sed 's/href="//' | sort -u | while read -r page; do [ -e "$html/$page" ] || echo "$page"; done | grep .
}
check "links" linked
# The warnings that the build kept: links to files that do not exist, parameters that do not exist.
quiet() {
	[ ! -e "$root/target/cmake/pages/warnings" ] || ! grep -vE "docs/differences.md:.*(ffff|<NA>)" "$root/target/cmake/pages/warnings"
}
check "no warning" quiet
finish
